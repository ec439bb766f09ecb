//! The page of rows with any number of labels in a headless Chromium: it opens without an error, obeys every control and fits its
//! window. See `browser.rs` for which browser, and what happens without one.

mod chromium;

use chromium::{POKE, attribute, browser, open};
use gradiometer_confusion::{Averaging, Confidence, Level, MultiLabelCounts};
use gradiometer_report::Rows;
use gradiometer_report::multilabel::{Label, Page, html};

/// So many labels of which every seventh is never given, and the last neither occurs nor is given.
fn page(labels: usize) -> Page {
    let mut counts = MultiLabelCounts::new(labels);
    for row in 0..400usize {
        let actual: Vec<usize> =
            (0..labels.saturating_sub(1)).filter(|label| (row * 31 + label * 17) % 9 < 2).collect();
        let given: Vec<usize> = actual.iter().copied().filter(|label| label % 7 > 0 && (row + label) % 5 > 0).collect();
        counts.update_sets(&actual, &given).unwrap();
    }
    let names: Vec<String> = (0..labels)
        .map(|label| match label {
            1 => "</script><b>bold</b>".to_owned(),
            2 => "ein langer Name ohne Ende ".repeat(6),
            3 => "日本語\u{202e}x".to_owned(),
            _ => format!("label {label}"),
        })
        .collect();
    let guard = counts.guard(&names).unwrap();
    Page {
        name: "tagged.csv".to_owned(),
        verdict: guard.verdict,
        sentence: guard.sentence,
        reasons: guard.sentences,
        look_at: guard.look_at.into_iter().map(str::to_owned).collect(),
        labels: names
            .into_iter()
            .enumerate()
            .map(|(at, name)| Label {
                name,
                true_positive: counts.label(at).get(1, 1),
                false_positive: counts.label(at).get(0, 1),
                false_negative: counts.label(at).get(1, 0),
                scores: counts.scores(at, Confidence::default()),
            })
            .collect(),
        averages: Averaging::ALL.map(|of| (of, counts.average(of, Level::default()))).to_vec(),
        subset_accuracy: counts.subset_accuracy(Level::default()),
        hamming_loss: counts.hamming_loss(Level::default()),
        labels_per_row: Some(counts.label_totals().map(|sum| sum as f64 / 400.0)),
        rows: Rows { read: 402, parts: vec![("counted".into(), 400)], excluded: vec![("actual is missing".into(), 2)] },
        level: 0.95,
        notes: vec!["which label is taken for which is not defined".to_owned()],
    }
}

#[test]
fn every_page_opens_without_an_error_obeys_every_control_and_fits_its_window() {
    let Some(browser) = browser() else { return };
    for labels in [0, 1, 9, 200] {
        let page = html(&page(labels), "the same as text");
        assert!(!page.contains("<b>bold"), "a label is markup");
        let count = r#"<script>document.documentElement.dataset.rows = document.querySelectorAll(".labels tbody tr").length;</script>"#;
        let page = page.replace("</body>", &format!("{count}{POKE}"));
        for width in [500, 1300] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("page.html");
            std::fs::write(&file, &page).unwrap();
            let (dom, console) = open(&browser, &file, &["--dump-dom".into(), format!("--window-size={width},1200")]);
            let name = format!("{labels} labels at {width} pixels");
            assert_eq!(console, Vec::<String>::new(), "{name}: the console is not empty");
            assert_eq!(attribute(&dom, "data-errors"), "", "{name}");
            assert_eq!(attribute(&dom, "data-poked"), "yes", "{name}");
            assert_eq!(attribute(&dom, "data-rows"), labels.min(50).to_string(), "{name}: rows of labels");
            assert_eq!(attribute(&dom, "data-wider"), "0", "{name}: pixels that the page is wider than its window");
        }
    }
}
