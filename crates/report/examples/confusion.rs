//! Makes pictures of confusion matrices to look at, easy ones and those that break pictures:
//! `cargo run --release -p gradiometer-report --example confusion -- DIR`.

#[path = "confusion/cases.rs"]
mod cases;

use gradiometer_report::confusion::terminal::{Depth, summary};
use gradiometer_report::confusion::{View, html, png, svg};
use gradiometer_report::terminal::Terminal;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "confusion-pictures".into()));
    std::fs::create_dir_all(&folder)?;
    let colorterm = std::env::var("COLORTERM").ok();
    let terminal = Terminal { width: 100, color: colorterm.is_some(), unicode: true };
    let view = View::default();
    for case in cases::all() {
        let input = case.input();
        let file = |ending: &str| folder.join(format!("{}.{ending}", case.file));
        std::fs::write(file("svg"), svg(&input, &view)?)?;
        std::fs::write(file("png"), png(&input, &view, 2.0)?)?;
        std::fs::write(file("html"), html(&input)?)?;
        println!("{}", summary(&input, &view, &terminal, Depth::of(colorterm.as_deref()))?);
    }
    Ok(())
}
