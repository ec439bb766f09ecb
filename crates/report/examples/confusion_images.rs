//! Makes the guide's pictures of confusion matrices again, from the repository's root:
//! `cargo run --release -p gradiometer-report --example confusion_images -- docs/images`.

#[path = "confusion/cases.rs"]
mod cases;

use gradiometer_report::confusion::{View, png, svg};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).ok_or("which folder? docs/images, for the guide")?);
    let (cat, digits) = (cases::cat(), cases::digits());
    std::fs::write(folder.join("confusion-cat.svg"), svg(&cat.input(), &View::default())?)?;
    std::fs::write(folder.join("confusion-digits.png"), png(&digits.input(), &View::default(), 2.0)?)?;
    Ok(())
}
