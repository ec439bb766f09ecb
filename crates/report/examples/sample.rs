//! Writes reports of runs that never were, to look at: `cargo run --release -p gradiometer-report --example sample -- DIR`.
//!
//! Three networks as they really behave (twenty sigmoid layers whose gradient vanishes, a healthy classifier, a
//! recurrent network that forgets) and the inputs that break pages: one step, 200 layers, 100 classes, NaN.

#[path = "sample/cases.rs"]
mod cases;
#[path = "sample/levels.rs"]
mod levels;
#[path = "sample/make.rs"]
mod make;

use gradiometer_report::{html, terminal};
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "sample-reports".into()));
    std::fs::create_dir_all(&folder)?;
    for sample in cases::all() {
        let start = std::time::Instant::now();
        let page = html(&sample.input());
        let took = start.elapsed().as_millis();
        let path = folder.join(format!("{}.html", sample.file));
        std::fs::write(&path, &page)?;
        println!("{}: {} kB in {took} ms\n", path.display(), page.len() / 1000);
        if sample.file != "extremes" {
            println!("{}", terminal::summary(&sample.input(), &terminal::Terminal::PLAIN));
        }
    }
    Ok(())
}
