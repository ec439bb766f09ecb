//! A headless Chromium that opens a page, uses all that can be used and tells what it saw. For the tests of this crate
//! and of the program.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Far more than a loaded machine needs; a browser that hangs is ended then.
const PATIENCE: Duration = Duration::from_secs(120);

/// The browser, if there is one.
pub fn browser() -> Option<PathBuf> {
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
pub fn open(browser: &Path, page: &Path, arguments: &[String]) -> (String, Vec<String>) {
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
pub const POKE: &str = r#"<script>
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
pub fn attribute(dom: &str, name: &str) -> String {
    let root = &dom[dom.find("<html").expect("a page")..];
    let root = &root[..root.find('>').unwrap()];
    let start = root.find(&format!("{name}=\"")).unwrap_or_else(|| panic!("no {name} in {root}")) + name.len() + 2;
    root[start..start + root[start..].find('"').unwrap()].to_owned()
}
