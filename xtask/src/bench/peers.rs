//! The peers' side: their virtual environment, made on first use, and the programs that run in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::workspace_root;
use crate::failure::Failure;

/// The folder of the benchmarks' programs and records.
pub fn directory() -> PathBuf {
    workspace_root().join("benchmarks")
}

/// A Python program of `benchmarks/` in the peers' environment, which is made first where it is not there.
pub fn program(script: &str) -> Result<Command, Failure> {
    let python = environment()?;
    let mut command = Command::new(python);
    command.arg(directory().join(script));
    Ok(command)
}

/// The interpreter of `benchmarks/.venv`, with exactly what requirements.txt pins.
fn environment() -> Result<PathBuf, Failure> {
    let directory = directory();
    let environment = directory.join(".venv");
    let interpreter = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let requirements = directory.join("requirements.txt");
    let wanted = read(&requirements)?;
    // A copy of the pins lies in a finished environment. It is absent from one whose making was broken off, and differs
    // where the pins have moved on: both are made again.
    let installed = environment.join("installed-requirements.txt");
    if interpreter.exists() && std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(interpreter);
    }
    eprintln!("installing the peers into {}", environment.display());
    remove_link(&environment)
        .map_err(|error| Failure::failed(format!("cannot remove the link {}: {error}", environment.display())))?;
    let mut create = Command::new("python3");
    create.args(["-m", "venv", "--clear"]).arg(&environment);
    succeed(&mut create, "Python 3 with its venv module is needed (on Debian: apt-get install python3-venv)")?;
    let mut install = Command::new(&interpreter);
    install.args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&requirements);
    succeed(&mut install, "the peers of benchmarks/requirements.txt could not be installed")?;
    std::fs::write(&installed, wanted)
        .map_err(|error| Failure::failed(format!("cannot write {}: {error}", installed.display())))?;
    Ok(interpreter)
}

/// Removes a symbolic link and leaves alone what it leads to, which `venv --clear` would empty: an environment that others may
/// use. What is not a link stays.
fn remove_link(path: &Path) -> std::io::Result<()> {
    match path.symlink_metadata() {
        // A link to a directory is itself one to Windows.
        Ok(metadata) if metadata.is_symlink() => std::fs::remove_file(path).or_else(|_| std::fs::remove_dir(path)),
        _ => Ok(()),
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::failed(format!("cannot read {}: {error}", path.display())))
}

fn succeed(command: &mut Command, otherwise: &str) -> Result<(), Failure> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::failed(format!("{otherwise}; `{command:?}` ended with {status}"))),
        Err(error) => Err(Failure::failed(format!("{otherwise}; `{command:?}` did not start: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    #[test]
    fn a_linked_environment_loses_its_link_and_keeps_its_files() {
        use super::remove_link;

        let directory = std::env::temp_dir().join(format!("gradiometer-xtask-link-{}", std::process::id()));
        let (shared, link) = (directory.join("shared"), directory.join(".venv"));
        std::fs::create_dir_all(&shared).unwrap();
        std::fs::write(shared.join("installed-requirements.txt"), "torch").unwrap();
        std::os::unix::fs::symlink(&shared, &link).unwrap();
        remove_link(&link).unwrap();
        assert!(link.symlink_metadata().is_err());
        // Neither a directory nor what is not there is touched.
        remove_link(&shared).unwrap();
        remove_link(&link).unwrap();
        assert_eq!(std::fs::read_to_string(shared.join("installed-requirements.txt")).unwrap(), "torch");
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
