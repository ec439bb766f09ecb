//! The report of a real run in a headless Chromium: no console error, every picture drawn. A screenshot of each stays in
//! `target/report-screenshots/`. Skipped without a browser, as in the tests of the report.

#[path = "../../report/tests/chromium/mod.rs"]
mod chromium;
mod program;

use std::fs;
use std::path::Path;

use chromium::{POKE, attribute, browser, open};
use program::{document, example};

/// Trains an example and opens its report.
fn check(name: &str, more: &[&str]) {
    let Some(browser) = browser() else { return };
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run").display().to_string();
    let config = example(&format!("{name}.toml"));
    let document = document(&[&["train", &config, "--out", &run, "-q"][..], more].concat());
    let report = fs::read_to_string(document["report"].as_str().unwrap()).unwrap();
    for source in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!report.contains(source), "{name}: the page asks the network: {source}");
    }
    let page = dir.path().join("page.html");
    fs::write(&page, report.replace("</body>", POKE)).unwrap();
    let (dom, console) = open(&browser, &page, &["--dump-dom".into(), "--window-size=1300,1200".into()]);
    assert_eq!(console, Vec::<String>::new(), "{name}: the console is not empty");
    assert_eq!(attribute(&dom, "data-errors"), "", "{name}");
    assert_eq!(attribute(&dom, "data-poked"), "yes", "{name}");
    assert_eq!(attribute(&dom, "data-undrawn"), "0", "{name}: pictures that were not drawn");
    assert_eq!(attribute(&dom, "data-undrawn-after"), "0", "{name}: pictures lost by a control");
    assert_eq!(attribute(&dom, "data-broken"), "", "{name}: numbers that are none in a picture");
    let findings = document["findings"].as_array().unwrap().len().to_string();
    assert_eq!(attribute(&dom, "data-findings"), findings, "{name}: findings");
    assert_eq!(attribute(&dom, "data-pictured"), findings, "{name}: findings with a picture");

    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("report-screenshots");
    fs::create_dir_all(&pictures).unwrap();
    let picture = pictures.join(format!("run-{name}.png"));
    let arguments = [format!("--screenshot={}", picture.display()), "--window-size=1300,6000".into()];
    open(&browser, Path::new(document["report"].as_str().unwrap()), &arguments);
    assert!(fs::metadata(&picture).unwrap().len() > 10_000, "{name}: the screenshot is empty");
}

#[test]
fn the_report_of_a_network_that_does_not_learn_opens_and_draws() {
    check("vanishing", &[]);
}

#[test]
fn the_report_of_a_network_that_learns_opens_and_draws() {
    check("relu", &["--set", "training.epochs=10"]);
}

#[test]
fn the_report_of_a_recurrent_network_opens_and_draws() {
    check("rnn-adding", &["--set", "training.steps=100"]);
}

#[test]
fn the_report_of_a_run_that_broke_opens_and_draws() {
    check("exploding", &[]);
}

/// Fits a table and opens its page.
fn check_regularized(name: &str, table: &str, target: &str, more: &[&str], charts: &str) {
    let Some(browser) = browser() else { return };
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("page.html");
    let file = page.display().to_string();
    let fitted = document(&[&["regularize", table, "--target", target, "--html", &file, "-q"], more].concat());
    assert_eq!(fitted["report"], file);
    let report = fs::read_to_string(&page).unwrap();
    for source in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!report.contains(source), "{name}: the page asks the network: {source}");
    }
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("report-screenshots");
    fs::create_dir_all(&pictures).unwrap();
    let picture = pictures.join(format!("regularize-{name}.png"));
    open(&browser, &page, &[format!("--screenshot={}", picture.display()), "--window-size=1300,4300".into()]);
    fs::write(&page, report.replace("</body>", POKE)).unwrap();
    for width in [1300, 420] {
        let (dom, console) = open(&browser, &page, &["--dump-dom".into(), format!("--window-size={width},1200")]);
        assert_eq!(console, Vec::<String>::new(), "{name}: the console is not empty");
        assert_eq!(attribute(&dom, "data-errors"), "", "{name}");
        assert_eq!(attribute(&dom, "data-poked"), "yes", "{name}");
        assert_eq!(attribute(&dom, "data-charts"), charts, "{name}: pictures");
        assert_eq!(attribute(&dom, "data-undrawn"), "0", "{name}: pictures that were not drawn");
        assert_eq!(attribute(&dom, "data-broken"), "", "{name}: numbers that are none in a picture");
        assert_eq!(attribute(&dom, "data-wider"), "0", "{name}: wider than a window of {width}");
    }
}

#[test]
fn the_page_of_a_path_opens_and_draws() {
    // Path, error, stability, L1 and L2, diamond and circle.
    check_regularized("sparse", &example("sparse.csv"), "outcome", &[], "7");
}

#[test]
fn the_page_of_a_streamed_table_and_of_a_shaped_penalty_opens_and_draws() {
    // Path and error: all else needs the rows.
    let shaped = ["--nonnegative", "--penalty-factor", "x03=0"];
    check_regularized("streamed", &example("sparse.csv"), "outcome", &[&["--stream"], &shaped[..]].concat(), "2");
    check_regularized("grouped", &example("sparse.csv"), "outcome", &["--group", "x03,x04", "--group", "x1*"], "7");
}

#[test]
fn the_page_of_a_path_with_one_feature_and_separated_classes_opens_and_draws() {
    let dir = tempfile::tempdir().unwrap();
    let table = dir.path().join("rows.csv");
    let rows: String = (0..40).map(|i| format!("{},{}\n", i + 30 * (i / 20), ["</script>", "b"][i / 20])).collect();
    fs::write(&table, format!("<b>a</b>,kind\n{rows}")).unwrap();
    check_regularized("separated", table.to_str().unwrap(), "kind", &[], "5");
}

/// Repairs an example and opens its page.
fn check_repaired(name: &str, charts: &str) {
    let Some(browser) = browser() else { return };
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("repair").display().to_string();
    let config = example(&format!("{name}.toml"));
    let mended = document(&["repair", &config, "--out", &out, "--seeds", "2", "-q"]);
    let page = Path::new(mended["report"].as_str().unwrap());
    let report = fs::read_to_string(page).unwrap();
    for source in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!report.contains(source), "{name}: the page asks the network: {source}");
    }
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("report-screenshots");
    fs::create_dir_all(&pictures).unwrap();
    let picture = pictures.join(format!("repair-{name}.png"));
    open(&browser, page, &[format!("--screenshot={}", picture.display()), "--window-size=1300,5200".into()]);
    let poked = dir.path().join("page.html");
    fs::write(&poked, report.replace("</body>", POKE)).unwrap();
    for width in [1300, 420] {
        let (dom, console) = open(&browser, &poked, &["--dump-dom".into(), format!("--window-size={width},1200")]);
        assert_eq!(console, Vec::<String>::new(), "{name}: the console is not empty");
        assert_eq!(attribute(&dom, "data-errors"), "", "{name}");
        assert_eq!(attribute(&dom, "data-charts"), charts, "{name}: pictures");
        assert_eq!(attribute(&dom, "data-undrawn"), "0", "{name}: pictures that were not drawn");
        assert_eq!(attribute(&dom, "data-broken"), "", "{name}: numbers that are none in a picture");
        assert_eq!(attribute(&dom, "data-wider"), "0", "{name}: wider than a window of {width}");
    }
}

#[test]
fn the_page_of_a_repair_opens_and_draws() {
    // Proof, gradients before and after, loss and accuracy, race.
    check_repaired("dead-relu", "6");
    // Gradients of the one training there is.
    check_repaired("converged", "1");
}
