//! What a figure was measured on: the processor, the threads, the versions, the day.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// One line to stand above a table; `versions` are those of the peers that took part.
pub fn facts(threads: usize, versions: &[String]) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut facts = vec![
        today(),
        processor().unwrap_or_else(|| "unknown processor".to_owned()),
        format!("{cores} cores"),
        format!("{threads} threads"),
    ];
    facts.extend(rustc_version());
    facts.extend(versions.iter().cloned());
    format!("Measured {}.", facts.join(", "))
}

fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn rustc_version() -> Option<String> {
    let output = Command::new("rustc").arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    // `rustc 1.95.0 (f2d3ce0bd 2026-03-21)`: the commit says no more than the number.
    Some(text.split(" (").next()?.trim().to_owned())
}

fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    date(seconds / 86_400)
}

/// The Gregorian date of a day counted from 1970-01-01, as `2026-01-31`.
///
/// Counts in years that begin in March, so that a leap day is a year's last and the months before it have a regular
/// rhythm of 153 days to five months (Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013).
fn date(days_since_1970: u64) -> String {
    // 1970-01-01 is the 719,468th day after 0000-03-01, and 400 years are always 146,097 days.
    let days = days_since_1970 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = 400 * era + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_become_dates_over_leap_years_and_centuries() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(11_017), "2000-03-01");
        assert_eq!(date(20_453), "2025-12-31");
        assert_eq!(date(20_454), "2026-01-01");
        assert_eq!(date(47_540), "2100-02-28");
        assert_eq!(date(47_541), "2100-03-01");
    }
}
