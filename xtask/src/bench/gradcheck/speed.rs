//! The time of a check of three layers, ours and PyTorch's in turns.

use std::collections::BTreeMap;

use super::{Programs, theirs};
use crate::bench::json_line::Line;
use crate::bench::options::Options;
use crate::bench::statistics::Spread;
use crate::bench::step_time::json_lines;
use crate::bench::training::cell;
use crate::failure::Failure;

const LAYERS: [(&str, &str); 3] = [
    ("lstm", "LSTM 8→16, 12 steps, batch 4"),
    ("conv", "conv 3→8, 3×3, of 12×12, batch 2"),
    ("dense", "dense 16-32-32-4, tanh, batch 8"),
];

/// The columns: ours, PyTorch's, and where a ratio of the two is due.
const COLUMNS: [(&str, &str); 4] =
    [("full", "torch slow"), ("probe", "torch fast"), ("full", "torch slow here"), ("probe", "torch fast here")];

#[derive(Default)]
struct Times(BTreeMap<(String, String), Vec<f64>>);

impl Times {
    fn add(&mut self, lines: &[Line]) -> Result<(), String> {
        for line in lines {
            let key = (line.text("case")?.to_owned(), line.text("variant")?.to_owned());
            self.0.entry(key).or_default().push(line.number("ms")?);
        }
        Ok(())
    }

    fn of(&self, layer: &str, variant: &str) -> &[f64] {
        self.0.get(&(layer.to_owned(), variant.to_owned())).map_or(&[], Vec::as_slice)
    }

    fn spread(&self, layer: &str, variant: &str) -> Option<Spread> {
        Spread::of(self.of(layer, variant).iter().copied())
    }

    /// Turn by turn.
    fn ratio(&self, layer: &str, ours: &str, theirs: &str) -> Option<Spread> {
        let pairs = self.of(layer, ours).iter().zip(self.of(layer, theirs));
        Spread::of(pairs.map(|(ours, theirs)| ours / theirs))
    }
}

pub fn measure(programs: &Programs, options: &Options) -> Result<String, Failure> {
    let mut times = Times::default();
    let seconds = options.seconds.to_string();
    let library = programs.library().to_string_lossy().into_owned();
    for (layer, _) in LAYERS {
        for turn in 1..=options.pairs {
            eprintln!("speed, {layer}: turn {turn} of {}", options.pairs);
            let mut lines = Vec::new();
            if !options.peers {
                lines = json_lines(&mut programs.ours(&["speed", layer, &seconds]))?;
            }
            lines.extend(json_lines(&mut theirs("speed.py", &[layer, &seconds, &library])?)?);
            times.add(&lines).map_err(Failure::failed)?;
        }
    }
    Ok(table(&times))
}

fn table(times: &Times) -> String {
    let mut text = String::from(
        "Milliseconds of a check of inputs and parameters in f64, one thread each, median (least – greatest) over the turns; a ratio below 1 is \
         Gradiometer ahead. PyTorch on its own layers, then on the very functions that our side checks.\n\n\
         | | ours | PyTorch | ratio |\n|---|---|---|---|\n",
    );
    for (ours, theirs) in COLUMNS {
        let place = if theirs.ends_with("here") { "our functions" } else { "its own layers" };
        for (layer, description) in LAYERS {
            let cells = [times.spread(layer, ours), times.spread(layer, theirs), times.ratio(layer, ours, theirs)];
            let theirs = theirs.trim_end_matches(" here");
            let cells: Vec<String> = cells.into_iter().map(cell).collect();
            text.push_str(&format!("| {description}: `{ours}`, {theirs} on {place} | {} |\n", cells.join(" | ")));
        }
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Line, Times};

    #[test]
    fn a_ratio_is_taken_turn_by_turn() {
        let mut times = Times::default();
        for (ours, theirs) in [(1.0, 10.0), (3.0, 30.0)] {
            let line = |variant: &str, ms: f64| {
                Line::parse(&format!(r#"{{"case": "conv", "variant": "{variant}", "ms": {ms}}}"#)).unwrap()
            };
            times.add(&[line("full", ours), line("torch slow", theirs)]).unwrap();
        }
        let ratio = times.ratio("conv", "full", "torch slow").unwrap();
        assert_eq!((ratio.least, ratio.greatest), (0.1, 0.1));
        assert_eq!(times.ratio("lstm", "full", "torch slow"), None);
    }
}
