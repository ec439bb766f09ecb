//! Where the network computes.

pub use burn::prelude::Device;

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

/// The device of this name, computing in `f64` where nothing else is said. It has to be asked for before the program makes
/// its first tensor on it.
///
/// # Errors
/// As [`named`]; a device that does not compute in `f64`, or has computed already, says so in Burn's words.
pub fn named_f64(name: &str) -> Result<Device, NoDouble> {
    let mut device = named(name)?;
    device
        .configure(burn::tensor::FloatDType::F64)
        .map_err(|error| NoDouble::Device { name: name.to_owned(), message: error.to_string() })?;
    Ok(device)
}

/// A device on which nothing can be computed in `f64`.
#[derive(Debug, thiserror::Error)]
pub enum NoDouble {
    /// There is no such device.
    #[error(transparent)]
    Unknown(#[from] UnknownDevice),
    /// There is one.
    #[error("the device `{name}` does not compute in f64: {message}; take --precision f32, or --device flex")]
    Device {
        /// Which.
        name: String,
        /// Burn's words.
        message: String,
    },
}

/// Bytes that a program can still take without swapping, where the system says so.
pub fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
