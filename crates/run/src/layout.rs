//! The names of what lies in a run directory; `docs/run-directory.md` describes each for other programs.

pub const MANIFEST: &str = "manifest.json";
pub const SIGNALS: &str = "signals.arrows";
pub const SCALARS: &str = "scalars.arrows";
pub const JOURNAL: &str = "journal";
pub const FINDINGS: &str = "findings.jsonl";
pub const CHECKPOINTS: &str = "checkpoints";
pub const LOCK: &str = "lock";
pub const BALLAST: &str = "ballast";

/// Every name that [`crate::Recorder`] keeps for itself, so that a document cannot take it.
pub const RESERVED: [&str; 8] = [MANIFEST, SIGNALS, SCALARS, JOURNAL, FINDINGS, CHECKPOINTS, LOCK, BALLAST];

/// The version of the layout that this code writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// Whether `name` can name a file of its own in a folder: one plain component, not hidden.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_describes_every_file_and_every_column() {
        let guide = include_str!("../../../docs/run-directory.md");
        for name in RESERVED {
            assert!(guide.contains(&format!("| `{name}")), "{name}");
        }
        for field in crate::signals::SCHEMA.fields().iter().chain(crate::scalars::SCHEMA.fields()) {
            assert!(guide.contains(&format!("| `{}` |", field.name())), "{}", field.name());
        }
    }
}
