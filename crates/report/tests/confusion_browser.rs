//! The page of a confusion matrix in a headless Chromium: it opens without an error, obeys every control, fits its window,
//! and a chosen cell says how its rows are found. See `browser.rs` for which browser, and what happens without one.

#[path = "../examples/confusion/cases.rs"]
mod cases;
mod chromium;

use chromium::{POKE, attribute, browser, open};
use gradiometer_report::confusion::html;
use std::path::Path;

fn dom(page: &str, browser: &Path, width: usize) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    std::fs::write(&file, page).unwrap();
    let (dom, console) = open(browser, &file, &["--dump-dom".into(), format!("--window-size={width},1200")]);
    assert_eq!(console, Vec::<String>::new(), "the console is not empty");
    assert_eq!(attribute(&dom, "data-errors"), "");
    dom
}

#[test]
fn every_page_opens_without_an_error_obeys_every_control_and_fits_its_window() {
    let Some(browser) = browser() else { return };
    for case in cases::all() {
        let page = html(&case.input()).unwrap().replace("</body>", POKE);
        for width in [500, 1300] {
            let dom = dom(&page, &browser, width);
            let name = format!("{} at {width} pixels", case.file);
            assert_eq!(attribute(&dom, "data-poked"), "yes", "{name}");
            assert_eq!(attribute(&dom, "data-undrawn"), "0", "{name}: pictures that were not drawn");
            assert_eq!(attribute(&dom, "data-undrawn-after"), "0", "{name}: pictures lost by a control");
            assert_eq!(attribute(&dom, "data-broken"), "", "{name}: numbers that are none in a picture");
            assert_eq!(attribute(&dom, "data-wider"), "0", "{name}: pixels that the page is wider than its window");
            assert!(attribute(&dom, "data-tips").parse::<usize>().unwrap() >= 1, "{name}: no value under the pointer");
        }
    }
}

/// Ends the page with a script that leaves what it finds in attributes of the root element.
fn with(page: &str, script: &str) -> String {
    let script =
        format!("<script>(() => {{ const found = document.documentElement.dataset; {script} }})();</script>\n</body>");
    page.replace("</body>", &script)
}

#[test]
fn a_cell_chosen_by_keyboard_says_how_its_rows_are_found_with_names_quoted() {
    let Some(browser) = browser() else { return };
    let mut case = cases::odd();
    // Nothing is chosen at first where there is no mistake.
    case.matrix = gradiometer_confusion::Matrix::new(
        vec!["it's".into(), "a \"dog\"".into()],
        gradiometer_confusion::Counts::from_rows(&[vec![3, 0], vec![0, 4]]).unwrap(),
    )
    .unwrap();
    let mut input = case.input();
    input.orders.clear();
    let page = with(
        &html(&input).unwrap(),
        r#"
        const picture = document.querySelector(".heatmap");
        found.before = document.querySelectorAll(".copyline code").length;
        for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"]) {
          picture.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        }
        const [filter, command] = [...document.querySelectorAll(".copyline code")].map((c) => c.textContent);
        found.filter = encodeURIComponent(filter);
        found.command = encodeURIComponent(command);
        found.heading = document.querySelector(".chosen-cell strong").textContent;
        "#,
    );
    let dom = dom(&page, &browser, 1000);
    assert_eq!(attribute(&dom, "data-before"), "0");
    assert_eq!(
        attribute(&dom, "data-filter"),
        "animal%20%3D%20'a%20%22dog%22'%20and%20%22model%20a%22%20%3D%20'it''s'"
    );
    // 'model a=it'\''s' in the shell's quotes.
    let command = attribute(&dom, "data-command");
    assert!(command.ends_with("--where%20'animal%3Da%20%22dog%22'%20--where%20'model%20a%3Dit'%5C''s'"), "{command}");
    assert_eq!(attribute(&dom, "data-heading"), "actual a &quot;dog&quot;, predicted it's");
}

#[test]
fn the_numbers_of_the_picture_are_those_of_the_matrix_in_both_layouts() {
    let Some(browser) = browser() else { return };
    let page = with(
        &html(&cases::cat().input()).unwrap(),
        r#"
        const numbers = () => [...document.querySelectorAll(".heatmap .count")].map((t) => t.textContent).join(" ");
        const axes = () => [...document.querySelectorAll(".heatmap .axisname")].map((t) => t.textContent).join(" ");
        found.actual = `${numbers()} ${axes()}`;
        const rows = document.querySelector(".controls select");
        rows.value = "predicted";
        rows.dispatchEvent(new Event("change"));
        found.predicted = `${numbers()} ${axes()}`;
        "#,
    );
    let dom = dom(&page, &browser, 1000);
    assert_eq!(attribute(&dom, "data-actual"), "50 10 5 100 actual ↓ predicted →");
    assert_eq!(attribute(&dom, "data-predicted"), "50 5 10 100 predicted ↓ actual →");
}

#[test]
fn the_interval_of_a_cell_is_wilsons_as_the_library_has_it() {
    let Some(browser) = browser() else { return };
    let page = with(
        &html(&cases::cat().input()).unwrap(),
        "found.lines = [...document.querySelectorAll('.chosen-cell li')].map((li) => li.textContent).join('; ');",
    );
    let dom = dom(&page, &browser, 1000);
    // The worst mistake is chosen at first: 10 of 60 cats.
    let interval =
        gradiometer_confusion::Estimate::proportion(10, 60, gradiometer_confusion::Reason::NoRows).interval();
    let gradiometer_confusion::Interval { low, high } = interval.unwrap();
    let expected = format!("10 rows; 16.7 % of actual cat (95 %: {:.1} % to {:.1} %);", low * 100.0, high * 100.0);
    assert!(attribute(&dom, "data-lines").starts_with(&expected), "{}", attribute(&dom, "data-lines"));
}

#[test]
fn a_screenshot_of_each_page_is_kept() {
    let Some(browser) = browser() else { return };
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("report-screenshots");
    std::fs::create_dir_all(&shots).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for case in cases::all() {
        let file = folder.path().join("page.html");
        std::fs::write(&file, html(&case.input()).unwrap()).unwrap();
        let shot = shots.join(format!("confusion-{}.png", case.file));
        let _ = std::fs::remove_file(&shot);
        open(&browser, &file, &[format!("--screenshot={}", shot.display()), "--window-size=1300,2400".into()]);
        let picture = std::fs::read(&shot).unwrap_or_else(|e| panic!("{}: {e}", shot.display()));
        assert!(picture.starts_with(b"\x89PNG") && picture.len() > 20_000, "{}: {} bytes", case.file, picture.len());
    }
    println!("screenshots are in {}", shots.display());
}
