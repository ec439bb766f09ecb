//! Options of `repair`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use gradiometer_repair::Budget;

use super::Set;

/// Options of `repair`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gradiometer repair examples/vanishing.toml\n  \
    gradiometer repair examples/table.toml --set data.path=rows.csv --set data.target=label --budget 20min\n  \
    gradiometer repair --resume runs/vanishing-repair\n\n\
    Leaves a folder with the repaired spec, the report, the log of every try and the recorded training before and after.\n\
    Where nothing is wrong it says so and changes nothing.")]
pub struct Repair {
    /// The network, its data and its training, as TOML; docs/spec.md has every key.
    #[arg(required_unless_present = "resume", value_name = "CONFIG")]
    pub config: Option<PathBuf>,
    /// Overrides of the spec.
    #[command(flatten)]
    pub set: Set,
    /// What everything together may take, such as 20min, 90s, 1h or 50000steps (of the original training); default: what the
    /// diagnosis and the proof need, and for the tries twice the work of one training.
    #[arg(long, value_name = "TIME|STEPS", value_parser = budget)]
    pub budget: Option<Budget>,
    /// Fresh seeds on which the winner and the original are trained and compared; 2 or more.
    #[arg(long, value_name = "NUMBER", default_value_t = 5, conflicts_with = "resume")]
    pub seeds: usize,
    /// The folder to make; default: runs/NAME-repair, or runs/NAME-repair-2, … where that exists.
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub out: Option<PathBuf>,
    /// Go on with a repair that was interrupted, or whose budget was too small; what was tried is not tried again.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "set", "seed", "device"])]
    pub resume: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, default_value = "flex")]
    pub device: String,
}

fn budget(text: &str) -> Result<Budget, String> {
    let wrong = || "write it as a time or as steps, such as 20min, 90s, 1h or 50000steps".to_owned();
    let text = text.trim();
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit.trim() {
        "s" | "seconds" => 1.0,
        "m" | "min" | "minutes" => 60.0,
        "h" | "hours" => 3600.0,
        "steps" => return number.parse().ok().filter(|&steps| steps > 0).map(Budget::Steps).ok_or_else(wrong),
        _ => return Err(wrong()),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(number * seconds)
        .ok()
        .filter(|time| !time.is_zero())
        .map(Budget::Time)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_a_time_or_steps() {
        assert_eq!(budget("5000steps"), Ok(Budget::Steps(5000)));
        assert_eq!(budget("1.5 h"), Ok(Budget::Time(Duration::from_secs(5400))));
        assert_eq!(budget("20min"), Ok(Budget::Time(Duration::from_secs(1200))));
        for wrong in ["", "20", "min", "-3s", "0s", "0steps", "1.5steps", "1e9h", "many steps", "99999999999999999999h"]
        {
            assert!(budget(wrong).is_err(), "{wrong}");
        }
    }
}
