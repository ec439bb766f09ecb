//! Makes the pictures of the guide and some to look at:
//! `cargo run --release -p gradiometer-report --example confusion -- DIR`.

#[path = "confusion/cases.rs"]
mod cases;

use gradiometer_report::confusion::terminal::{Depth, summary};
use gradiometer_report::confusion::{View, html, png, svg};
use gradiometer_report::terminal::Terminal;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "confusion-pictures".into()));
    std::fs::create_dir_all(&folder)?;
    for case in cases::all() {
        std::fs::write(folder.join(format!("{}.svg", case.file)), svg(&case.input(), &View::default())?)?;
        std::fs::write(folder.join(format!("{}.html", case.file)), html(&case.input())?)?;
        std::fs::write(folder.join(format!("{}.png", case.file)), png(&case.input(), &View::default(), 2.0)?)?;
        let terminal = Terminal { width: 100, color: std::env::var_os("COLORTERM").is_some(), unicode: true };
        println!("{}", summary(&case.input(), &View::default(), &terminal, Depth::TrueColor)?);
    }
    Ok(())
}
