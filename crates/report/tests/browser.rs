//! The page in a headless Chromium: it opens without an error, draws every picture, obeys every control, fits its
//! window and asks the network for nothing. A screenshot of each stays in `target/report-screenshots/`.
//!
//! The browser is `$CHROME`, or `chromium`, `chromium-browser` or `google-chrome` on the PATH. Without one the tests
//! print that they are skipped; with `GRADIOMETER_REQUIRE_BROWSER=1` they fail instead.

#[path = "../examples/sample/cases.rs"]
mod cases;
#[path = "../examples/sample/make.rs"]
mod make;

use gradiometer_report::html;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Far more than a loaded machine needs; a browser that hangs is ended then.
const PATIENCE: Duration = Duration::from_secs(120);

fn browser() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CHROME") {
        return Some(path.into());
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = std::env::split_paths(&folders).flat_map(|f| names.map(|n| f.join(n))).find(|path| path.is_file());
    let required = std::env::var("GRADIOMETER_REQUIRE_BROWSER").is_ok_and(|v| v == "1");
    assert!(found.is_some() || !required, "GRADIOMETER_REQUIRE_BROWSER=1, but there is no Chromium on the PATH");
    if found.is_none() {
        println!("skipped: no Chromium on the PATH and CHROME is not set");
    }
    found
}

/// Runs the browser on a page; its standard output and the console's lines.
fn open(browser: &Path, page: &Path, arguments: &[String]) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let (out, log) = (folder.path().join("out"), folder.path().join("log"));
    let mut child = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"])
        .args(["--hide-scrollbars", "--enable-logging=stderr"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .stdout(Stdio::from(File::create(&out).unwrap()))
        .stderr(Stdio::from(File::create(&log).unwrap()))
        .spawn()
        .unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("the browser did not finish {} within {PATIENCE:?}", page.display());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let log = String::from_utf8_lossy(&std::fs::read(log).unwrap()).into_owned();
    let console = log.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect();
    (String::from_utf8_lossy(&std::fs::read(out).unwrap()).into_owned(), console)
}

/// Uses everything that can be used, and leaves what it saw in attributes of the root element.
const POKE: &str = r#"<script>
(() => {
  const root = document.documentElement;
  const charts = () => [...document.querySelectorAll(".chart")];
  const undrawn = () => charts().filter((c) => c.dataset.drawn !== "true" || !c.firstElementChild).length;
  root.dataset.charts = charts().length;
  root.dataset.undrawn = undrawn();
  root.dataset.findings = document.querySelectorAll(".finding").length;
  root.dataset.pictured = document.querySelectorAll(".finding > figure > .chart[data-drawn=true]").length;
  root.dataset.wider = Math.max(0, root.scrollWidth - root.clientWidth);
  const fire = (node, type, more) => node.dispatchEvent(new Event(type, { bubbles: true, ...more }));
  const point = (node, type, x, y) =>
    node.dispatchEvent(new PointerEvent(type, { bubbles: true, clientX: x, clientY: y }));
  for (const select of document.querySelectorAll("select")) {
    for (const option of select.options) { select.value = option.value; fire(select, "change"); }
  }
  for (const range of document.querySelectorAll("input[type=range]")) {
    for (const value of [range.min, range.max, (Number(range.min) + Number(range.max)) / 2]) {
      range.value = value;
      fire(range, "input");
    }
  }
  for (const box of document.querySelectorAll("input[type=checkbox]")) { box.click(); box.click(); }
  for (const button of document.querySelectorAll("button")) { button.click(); button.click(); }
  let tips = 0;
  for (const svg of document.querySelectorAll(".chart svg")) {
    for (const key of ["ArrowRight", "End", "ArrowLeft", "Home"]) {
      svg.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    }
    const box = svg.getBoundingClientRect();
    for (const [x, y] of [[0.5, 0.5], [0.9, 0.3], [0.01, 0.99], [1.5, 0.5]]) {
      const [at, down] = [box.left + x * box.width, box.top + y * box.height];
      point(svg, "pointermove", at, down);
      tips += document.getElementById("tip").hidden ? 0 : 1;
      point(svg, "click", at, down);
    }
    point(svg, "pointerleave", 0, 0);
  }
  for (const bar of document.querySelectorAll(".bar")) { point(bar, "pointermove", 9, 9); point(bar, "pointerleave", 9, 9); }
  root.dataset.tips = tips;
  root.dataset.undrawnAfter = undrawn();
  const numbers = ["d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "transform", "viewBox"];
  const broken = [...document.querySelectorAll("svg *, svg")].filter((node) =>
    numbers.some((name) => /NaN|Infinity|undefined/.test(node.getAttribute(name) ?? "")));
  root.dataset.broken = broken.map((node) => node.outerHTML.slice(0, 90)).slice(0, 3).join(" ");
  root.dataset.poked = "yes";
})();
</script>
</body>"#;

/// The value of an attribute of the page's root element.
fn attribute(dom: &str, name: &str) -> String {
    let root = &dom[dom.find("<html").expect("a page")..];
    let root = &root[..root.find('>').unwrap()];
    let start = root.find(&format!("{name}=\"")).unwrap_or_else(|| panic!("no {name} in {root}")) + name.len() + 2;
    root[start..start + root[start..].find('"').unwrap()].to_owned()
}

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
