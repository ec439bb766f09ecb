//! A report as text that is read at a glance.

use crate::{BlockReport, Depth, FamilyReport, Report};
use std::fmt;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verdict, depth, precision, seed, evaluations, .. } = self;
        let (values, vjps) = (evaluations.values, evaluations.vjps);
        writeln!(
            f,
            "{verdict}: {}, {precision}, seed {seed}; {values} values and {vjps} gradients; round-off {:.0e}",
            depth.name(),
            self.noise
        )?;
        let wide = self.blocks.iter().map(|block| label(block).chars().count()).max().unwrap_or(0);
        for block in &self.blocks {
            let name = label(block);
            let pad = wide - name.chars().count();
            let what = if self.depth == Depth::Full { "entries" } else { "directions" };
            write!(f, "  {name}{:pad$}  {:>9} {what:<10}  {:>8.1e} bars", "", block.checked, block.discrepancy)?;
            write!(f, "  {}", block.verdict)?;
            if block.verdict.is_pass() && block.at_kink > 0 {
                write!(f, " ({} at a kink)", block.at_kink)?;
            }
            writeln!(f)?;
            if !block.verdict.is_pass() {
                evidence(f, block)?;
            }
        }
        for behaviour in self.behaviours.iter().filter(|behaviour| !behaviour.verdict.is_pass()) {
            writeln!(f, "  {}: {}: {}", behaviour.name, behaviour.verdict, behaviour.detail)?;
        }
        if let Some(miss) = self.miss {
            writeln!(f, "  a fault of {:.1e} of a block is missed with a chance of {:.0e}", miss.fault, miss.chance)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "  note: {note}"))
    }
}

fn label(block: &BlockReport) -> String {
    let shape: Vec<String> = block.shape.iter().map(usize::to_string).collect();
    if shape.is_empty() { block.name.clone() } else { format!("{} [{}]", block.name, shape.join("×")) }
}

fn evidence(f: &mut fmt::Formatter<'_>, block: &BlockReport) -> fmt::Result {
    if let (Some(numeric), Some(analytic)) = (block.numeric, block.analytic) {
        let at =
            block.worst_index.as_ref().map_or("along a random direction".to_owned(), |index| format!("at {index:?}"));
        write!(f, "    {at}: numeric {numeric:.9e} ± {:.1e}, analytic {analytic:.9e}", block.error_bar)?;
        match block.ratio {
            Some(ratio) => writeln!(f, ", ratio {ratio:.6}")?,
            None => writeln!(f)?,
        }
    }
    match &block.fault {
        Some(fault) => writeln!(f, "    likely {} ({:.0} %): {}", fault.kind, 100.0 * fault.confidence, fault.because),
        None => Ok(()),
    }
}

impl fmt::Display for FamilyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.verdict)?;
        for (name, report) in &self.cases {
            match report {
                Ok(report) => write!(f, "{name}: {report}")?,
                Err(error) => writeln!(f, "{name}: {error}")?,
            }
        }
        Ok(())
    }
}
