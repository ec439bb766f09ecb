//! Holds the workspace to its promise that nothing is compiled twice.
//!
//! Cargo compiles a dependency again where the features asked of it differ. The program (`cargo run`) and the
//! documentation are built without the tests' own dependencies, the gate with them; if one of those switches on a
//! feature deep down, all of Burn stands on two builds, and a fresh machine waits twice.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

#[test]
fn the_program_and_the_documentation_share_every_dependency_with_the_tests() {
    let tests = dependencies(&["--workspace", "--edges", "normal,build,dev"]);
    for (what, arguments) in [
        ("the program", ["--package=gradiometer", "--edges", "normal,build"]),
        ("the documentation", ["--workspace", "--edges", "normal,build"]),
    ] {
        let own = dependencies(&arguments);
        assert!(own.len() > 1, "{what} has no dependencies: {own:?}");
        let twice: Vec<_> = own.difference(&tests).collect();
        assert!(
            twice.is_empty(),
            "{what} and the tests ask other features of these: {twice:?}. Ask for the tests' features in \
             [workspace.dependencies] too, as it is done for fastrand"
        );
    }
}

/// Every package in the tree with its version and its features, one string each.
fn dependencies(arguments: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--prefix", "none", "--format", "{p} {f}"])
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    // A package that was listed before comes with a mark.
    text.lines().map(|line| line.trim_end_matches(" (*)").trim().to_owned()).collect()
}
