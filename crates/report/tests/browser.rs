//! The page in a headless Chromium: it opens without an error, draws every picture, obeys every control, fits its
//! window and asks the network for nothing. A screenshot of each stays in `target/report-screenshots/`.
//!
//! The browser is `$CHROME`, or `chromium`, `chromium-browser` or `google-chrome` on the PATH. Without one the tests
//! print that they are skipped; with `GRADIOMETER_REQUIRE_BROWSER=1` they fail instead.

#[path = "../examples/sample/cases.rs"]
mod cases;
mod chromium;
#[path = "../examples/sample/levels.rs"]
mod levels;
#[path = "../examples/sample/make.rs"]
mod make;

use chromium::{POKE, attribute, browser, open};
use gradiometer_report::html;
use std::path::Path;

fn check(sample: &make::Sample, browser: &Path, width: usize) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    std::fs::write(&file, html(&sample.input()).replace("</body>", POKE)).unwrap();
    let (dom, console) = open(browser, &file, &["--dump-dom".into(), format!("--window-size={width},1200")]);
    let name = format!("{} at {width} pixels", sample.file);
    assert_eq!(console, Vec::<String>::new(), "{name}: the console is not empty");
    assert_eq!(attribute(&dom, "data-errors"), "", "{name}");
    assert_eq!(attribute(&dom, "data-poked"), "yes", "{name}");
    assert!(attribute(&dom, "data-charts").parse::<usize>().unwrap() >= 3, "{name}: too few pictures");
    assert_eq!(attribute(&dom, "data-undrawn"), "0", "{name}: pictures that were not drawn");
    assert_eq!(attribute(&dom, "data-findings"), sample.findings.len().to_string(), "{name}: findings");
    assert_eq!(attribute(&dom, "data-pictured"), sample.findings.len().to_string(), "{name}: findings with a picture");
    assert_eq!(attribute(&dom, "data-undrawn-after"), "0", "{name}: pictures lost by a control");
    assert_eq!(attribute(&dom, "data-broken"), "", "{name}: numbers that are none in a picture");
    assert_eq!(attribute(&dom, "data-wider"), "0", "{name}: pixels that the page is wider than its window");
    assert!(attribute(&dom, "data-tips").parse::<usize>().unwrap() >= 1, "{name}: no value under the pointer");
}

#[test]
fn every_page_opens_without_an_error_draws_every_picture_and_obeys_every_control() {
    let Some(browser) = browser() else { return };
    for sample in cases::all() {
        check(&sample, &browser, 1300);
    }
}

#[test]
fn a_page_fits_a_narrow_window() {
    let Some(browser) = browser() else { return };
    for sample in [cases::vanishing(), cases::extremes()] {
        check(&sample, &browser, 400);
    }
}

#[test]
fn a_screenshot_of_each_page_is_kept() {
    let Some(browser) = browser() else { return };
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("report-screenshots");
    std::fs::create_dir_all(&shots).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for sample in cases::all() {
        let file = folder.path().join("page.html");
        std::fs::write(&file, html(&sample.input())).unwrap();
        let shot = shots.join(format!("{}.png", sample.file));
        let _ = std::fs::remove_file(&shot);
        let arguments = [format!("--screenshot={}", shot.display()), "--window-size=1300,4200".into()];
        open(&browser, &file, &arguments);
        let picture = std::fs::read(&shot).unwrap_or_else(|e| panic!("{}: {e}", shot.display()));
        assert!(picture.starts_with(b"\x89PNG") && picture.len() > 20_000, "{}: {} bytes", sample.file, picture.len());
    }
    println!("screenshots are in {}", shots.display());
}
