//! `gradiometer check`: are the gradients right?

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};
use gradiometer_gradcheck::Depth;
use gradiometer_network::check::{Checked, Options, check, checks};
use gradiometer_network::session::Session;
use gradiometer_network::{data, device};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{self_test, spec, threads};
use crate::cli::{Check, CheckDepth, Global, Precision};
use crate::document::check::{BlockDocument, CheckDocument, PointDocument};
use crate::output::Output;

pub(super) fn run(options: &Check, global: &Global, output: Output) -> anyhow::Result<ExitCode> {
    threads(global)?;
    let Some(config) = &options.config else {
        if options.self_test {
            return self_test::run(options, output);
        }
        bail!("name a CONFIG, or say --self-test");
    };
    let started = Instant::now();
    let whole = spec(config, &options.set, global)?;
    // What has no gradient is not checked, and its proximal step needs f32.
    let spec = whole.smooth();
    if spec != whole {
        output.note("note: the penalties `l1` and `group_l1` have no gradient: the network is checked without them");
    }
    let device = match options.precision {
        Precision::F64 => device::named_f64(&options.device)?,
        Precision::F32 => device::named(&options.device)?,
    };
    let (name, seed) = (spec.name.clone(), spec.seed);
    let data = data::load(&spec.data, seed)?;
    let mut session = Session::new(spec, data, &device)?;
    let depth = match options.depth {
        CheckDepth::Probe => Depth::Probe,
        CheckDepth::Locate => Depth::Locate,
        CheckDepth::Full => Depth::Full,
    };
    let how = Options { depth, seed, burn_in: options.burn_in };
    let bar = bar(output, checks(&session, how.burn_in) as u64);
    let mut last_line = Instant::now();
    let seen = |checked: &Checked| {
        let name = match &checked.subject {
            gradiometer_network::check::Subject::Block(name) => name.to_string(),
            gradiometer_network::check::Subject::Model => "the whole network".to_owned(),
        };
        match &bar {
            Some(bar) => {
                bar.set_message(name);
                bar.inc(1);
            }
            None if last_line.elapsed().as_secs() >= 5 => {
                output.note(&format!("{name} after {} steps: {}", checked.point.step, checked.report.verdict));
                last_line = Instant::now();
            }
            None => {}
        }
    };
    let checked = match options.precision {
        Precision::F64 => check::<f64>(&mut session, how, seen),
        Precision::F32 => check::<f32>(&mut session, how, seen),
    };
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let checked = checked.with_context(|| format!("{}: the check broke off", config.display()))?;
    let precision = options.precision.name();
    let document = CheckDocument::new(&name, depth, precision, seed, &checked, started.elapsed().as_secs_f64());
    output.result(|| text(&document), &document)?;
    Ok(ExitCode::from(u8::from(document.verdict == "fail")))
}

fn bar(output: Output, total: u64) -> Option<ProgressBar> {
    (output.tells_progress() && std::io::stderr().is_terminal()).then(|| {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
        let style = ProgressStyle::with_template("{bar:28} {pos}/{len}  {eta:>4}  {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        bar
    })
}

/// The column heads; the first and the last are as wide as what stands below them.
const HEADS: [&str; 4] = ["elements", "checked", "worst/bar", "verdict"];

fn text(document: &CheckDocument) -> String {
    let mut text = format!(
        "{}: gradients against numeric derivatives in {}, {}, {}\n",
        document.name,
        document.precision,
        match document.depth {
            "full" => "every entry",
            "locate" => "random directions, and down to the entry where they disagree",
            _ => "random directions",
        },
        document.points.iter().map(place).collect::<Vec<_>>().join(" and "),
    );
    let width = document.blocks.iter().map(|block| title(block).chars().count()).max().unwrap_or(0).max(5);
    for (scope, heading) in [("layer", "each layer by itself"), ("model", "the loss of the whole network")] {
        let _ = writeln!(
            text,
            "\n{heading}\n  {:width$}  {:>9}  {:>8}  {:>9}  {}",
            "block", HEADS[0], HEADS[1], HEADS[2], HEADS[3]
        );
        for block in document.blocks.iter().filter(|block| block.scope == scope) {
            line(&mut text, block, width);
        }
    }
    if let Some(step) = document.broke_at {
        let _ = writeln!(
            text,
            "\nLoss or gradients are not finite at step {step}: there is no second point. `gradiometer train` says why."
        );
    }
    for behaviour in &document.behaviours {
        let layer = behaviour.layer.as_deref().unwrap_or("the whole network");
        let _ = writeln!(text, "\n{layer}, {}: {} ({})", behaviour.name, behaviour.detail, place(&behaviour.point));
    }
    let count = |verdict: &str| document.blocks.iter().filter(|block| block.verdict == verdict).count();
    let (pass, fail, unsure) = (count("pass"), count("fail"), count("inconclusive"));
    let _ = writeln!(
        text,
        "\n{}: {pass} of {} blocks passed{}{}; {} evaluations, {} gradients, {:.1} s",
        document.verdict,
        document.blocks.len(),
        if fail > 0 { format!(", {fail} failed") } else { String::new() },
        if unsure > 0 { format!(", {unsure} could not be told") } else { String::new() },
        document.evaluations,
        document.gradients,
        document.seconds,
    );
    text
}

fn line(text: &mut String, block: &BlockDocument, width: usize) {
    let verdict = match block.reason {
        Some(reason) => format!("{}: {}", block.verdict, reason.replace('_', " ")),
        None if !block.unseen_at.is_empty() => {
            let places: Vec<String> = block.unseen_at.iter().map(place).collect();
            format!("{} (nothing depends on it {})", block.verdict, places.join(", "))
        }
        None if block.at_kink > 0 => format!("{} ({} at a kink)", block.verdict, block.at_kink),
        None => block.verdict.to_owned(),
    };
    let bars = match block.discrepancy.0 {
        x if x.is_nan() => "–".to_owned(),
        x if x < 1e4 => format!("{x:.2}"),
        x => format!("{x:.1e}"),
    };
    let _ =
        writeln!(text, "  {:width$}  {:>9}  {:>8}  {bars:>9}  {verdict}", title(block), block.elements, block.checked);
    if block.verdict != "fail" {
        return;
    }
    let index = block.worst_index.as_ref().map_or_else(|| "along a direction".to_owned(), |i| format!("at {i:?}"));
    if let (Some(numeric), Some(analytic)) = (block.numeric, block.analytic) {
        let _ = writeln!(
            text,
            "      {index}, {}: numeric {:.6e} ± {:.0e}, analytic {:.6e}",
            place(&block.point),
            numeric.0,
            block.error_bar.0,
            analytic.0
        );
    }
    if let Some(fault) = &block.fault {
        let sure = 100.0 * fault.confidence;
        let _ = writeln!(text, "      likely {} ({sure:.0} %): {}", fault.kind.replace('_', " "), fault.because);
    }
}

fn title(block: &BlockDocument) -> String {
    match &block.layer {
        Some(layer) if block.role == "input" => format!("{layer} {}", block.name),
        _ => block.name.clone(),
    }
}

fn place(point: &PointDocument) -> String {
    match point.step {
        0 => format!("at the first weights ({} rows)", point.rows),
        step => format!("after {step} steps ({} rows)", point.rows),
    }
}
