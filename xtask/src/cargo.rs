//! How the chores start cargo, and where the workspace lies.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// The root of the workspace, whatever directory the chore was called from.
pub fn workspace_root() -> PathBuf {
    // The variable that cargo sets for a running program is right even where the binary came from a cache and the
    // clone it was built in is gone.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| OsString::from(env!("CARGO_MANIFEST_DIR")));
    let package = PathBuf::from(package);
    package.parent().map_or_else(|| package.clone(), |root| root.to_path_buf())
}

/// Where `--release` artefacts go: beside this very program, which cargo has just put there.
pub fn release_directory() -> std::io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().map_or_else(PathBuf::new, |directory| directory.to_path_buf()))
}

/// Cargo itself, in the root of the workspace, in an environment as if a person had called it.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.args(arguments).current_dir(workspace_root());
    // `cargo run` describes this package to its child. Handed down, the description would reach build scripts
    // that watch such variables, and they would build again under each of two callers.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(describes_this_package) {
            command.env_remove(name);
        }
    }
    command
}

fn describes_this_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_PACKAGE"]
        .iter()
        .any(|prefix| variable.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::{describes_this_package, workspace_root};

    #[test]
    fn the_workspace_root_holds_the_workspace_manifest() {
        let manifest = std::fs::read_to_string(workspace_root().join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[workspace]"));
    }

    #[test]
    fn only_variables_about_this_package_are_kept_from_the_child() {
        assert!(describes_this_package("CARGO_PKG_NAME"));
        assert!(describes_this_package("CARGO_MANIFEST_DIR"));
        for kept in ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_TERM_COLOR", "CARGO_NET_OFFLINE", "PATH"] {
            assert!(!describes_this_package(kept), "{kept}");
        }
    }
}
