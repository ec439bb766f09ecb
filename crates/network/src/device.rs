//! Where the network computes.

use burn::prelude::*;

/// A device that was not compiled in, or does not exist.
#[derive(Debug, thiserror::Error)]
#[error("the device `{name}` is not compiled in: this program has {}{mend}", available().join(", "))]
pub struct UnknownDevice {
    /// What was asked for.
    pub name: String,
    mend: &'static str,
}

/// The devices that were compiled in, the default first.
pub fn available() -> Vec<&'static str> {
    let mut names = vec!["flex"];
    if cfg!(feature = "cuda") {
        names.push("cuda");
    }
    if cfg!(feature = "wgpu") {
        names.push("wgpu");
    }
    names
}

/// The device of this name.
///
/// # Errors
/// A name that is not among [`available`].
pub fn named(name: &str) -> Result<Device, UnknownDevice> {
    match name {
        "flex" | "cpu" => Ok(Device::flex()),
        #[cfg(feature = "cuda")]
        "cuda" => Ok(Device::cuda(0)),
        #[cfg(feature = "wgpu")]
        "wgpu" => Ok(Device::wgpu(burn::tensor::DeviceKind::DefaultDevice)),
        _ => {
            let mend = match name {
                "cuda" => "; build it with --features cuda",
                "wgpu" => "; build it with --features wgpu",
                _ => "",
            };
            Err(UnknownDevice { name: name.to_owned(), mend })
        }
    }
}

/// Bytes that a program can still take without swapping, where the system says so.
pub fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
