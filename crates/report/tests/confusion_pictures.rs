//! The pictures of a confusion matrix as files and text: nothing wider than the screen, nothing that is not XML, nothing
//! fetched, and what is undefined never shown as 0.

#[path = "../examples/confusion/cases.rs"]
mod cases;

use gradiometer_confusion::{Counts, Matrix};
use gradiometer_report::confusion::terminal::{Depth, picture, summary};
use gradiometer_report::confusion::{
    Axis, ClassOrder, Growth, Input, InputError, Normalization, Order, View, html, svg,
};
use gradiometer_report::terminal::Terminal;
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

/// Text without the escapes of colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.split_once('m').unwrap_or_else(|| panic!("an open escape: {part:?}")).1)
}

fn views() -> Vec<View> {
    let mut views = vec![View { rows: Axis::Predicted, ..View::default() }];
    for normalization in [Normalization::Actual, Normalization::Predicted, Normalization::All, Normalization::Counts] {
        for growth in [Growth::Linear, Growth::SquareRoot, Growth::Logarithm] {
            views.push(View { normalization, growth, colored_diagonal: growth == Growth::Linear, ..View::default() });
        }
    }
    views.push(View { order: ClassOrder::Frequency, ..View::default() });
    views
}

fn check_terminal(input: &Input<'_>, view: &View, terminal: Terminal, depth: Depth) {
    let text = summary(input, view, &terminal, depth).unwrap();
    let seen = plain(&text);
    for line in seen.lines() {
        assert!(line.width() <= terminal.width, "{} is {} wide in {terminal:?}: {line:?}", input.name, line.width());
    }
    assert!(!seen.chars().any(|c| c.is_control() && c != '\n'), "{seen:?}");
    assert!(terminal.color || !text.contains('\x1b'), "{text:?}");
    assert_eq!(text.matches("\x1b[").count(), 2 * text.matches("\x1b[0m").count());
}

#[test]
fn no_line_is_wider_than_the_terminal_and_each_colour_is_closed() {
    for case in cases::all() {
        for view in views() {
            for width in [40, 64, 80, 120, 200] {
                for (color, unicode) in [(false, true), (true, true), (true, false)] {
                    for depth in [Depth::Palette256, Depth::TrueColor] {
                        check_terminal(&case.input(), &view, Terminal { width, color, unicode }, depth);
                    }
                }
            }
        }
    }
}

#[test]
fn a_terminal_without_unicode_gets_ascii() {
    for case in cases::all() {
        let terminal = Terminal { width: 100, color: false, unicode: false };
        let text = picture(&case.input(), &View::default(), &terminal, Depth::default()).unwrap();
        assert!(text.is_ascii(), "{}: {text}", case.file);
    }
}

#[test]
fn the_cat_detector_reads_as_in_the_textbook() {
    let case = cases::cat();
    let text = picture(&case.input(), &View::default(), &Terminal::PLAIN, Depth::default()).unwrap();
    let expected = "\
confusion matrix: rows actual, columns predicted; 2 classes, 165 rows
           predicted →
actual ↓       cat  not cat  total   recall
      cat       50       10     60   83.3 %
            83.3 %   16.7 %
  not cat        5      100    105   95.2 %
             4.8 %   95.2 %
    total       55      110    165
precision   90.9 %   90.9 %          90.9 %

most often confused, with the share of the actual class
  cat     → not cat  10  16.7 %
  not cat → cat       5  4.8 %
";
    assert_eq!(text, expected);
}

#[test]
fn the_other_layout_swaps_axes_totals_and_shares_together() {
    let case = cases::cat();
    let view = View { rows: Axis::Predicted, ..View::default() };
    let text = picture(&case.input(), &view, &Terminal::PLAIN, Depth::default()).unwrap();
    let expected = "\
confusion matrix: rows predicted, columns actual; 2 classes, 165 rows
             actual →
predicted ↓      cat  not cat  total  precision
        cat       50        5     55     90.9 %
              83.3 %    4.8 %
    not cat       10      100    110     90.9 %
              16.7 %   95.2 %
      total       60      105    165
     recall   83.3 %   95.2 %            90.9 %
";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn what_is_undefined_has_its_sign_and_is_never_zero() {
    let case = cases::always_no();
    let text = picture(&case.input(), &View::default(), &Terminal::PLAIN, Depth::default()).unwrap();
    let precision = text.lines().find(|line| line.starts_with("precision")).unwrap();
    assert_eq!(precision.split_whitespace().collect::<Vec<_>>(), ["precision", "99.9", "%", "∅", "99.9", "%"]);
    let empty = cases::empty();
    let picture = svg(&empty.input(), &View::default()).unwrap();
    assert!(!picture.contains("0.0 %") && picture.matches("url(#undefined)").count() == 10, "{picture}");
    assert!(picture.contains("accuracy undefined"));
}

#[test]
fn every_svg_is_xml_names_both_axes_and_refers_to_nothing_outside() {
    for case in cases::all() {
        for view in views() {
            let text = svg(&case.input(), &view).unwrap();
            let document = roxmltree::Document::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", case.file));
            let texts: Vec<_> =
                document.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text()).collect();
            let (down, across) = (format!("{} ↓", view.rows.name()), format!("{} →", view.rows.other().name()));
            assert!(texts.contains(&down.as_str()) && texts.contains(&across.as_str()), "{}: {texts:?}", case.file);
            assert!(!text.contains("href") && !text.contains("<script") && !text.contains("NaN"), "{}", case.file);
            for attribute in document.descendants().flat_map(|n| n.attributes().collect::<Vec<_>>()) {
                assert!(!attribute.value().contains("inf"), "{}: {attribute:?}", case.file);
            }
        }
    }
}

#[test]
fn an_svg_holds_each_label_as_text() {
    let labels = ["<b>&\"'</b>", "猫"];
    let counts = Counts::from_rows(&[vec![1, 2], vec![3, 4]]).unwrap();
    let matrix = Matrix::new(labels.map(String::from).to_vec(), counts).unwrap();
    let text = svg(&Input::new("</svg>", &matrix), &View::default()).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let texts = document.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text());
    let texts: Vec<_> = texts.collect();
    assert!(labels.iter().all(|label| texts.iter().filter(|t| *t == label).count() == 2), "{texts:?}");
    assert!(texts.contains(&"Confusion matrix: </svg>"));
}

/// The JSON island of a page.
fn island(page: &str) -> serde_json::Value {
    let start = page.find("id=\"data\">").unwrap() + "id=\"data\">".len();
    let end = start + page[start..].find("</script>").unwrap();
    serde_json::from_str(&page[start..end]).unwrap()
}

#[test]
fn a_page_refers_to_nothing_outside_itself_and_labels_stay_labels() {
    for case in cases::all() {
        let page = html(&case.input()).unwrap();
        for reference in ["src=\"http", "href=\"http", "src=\"//", "href=\"//", "<link", "@import", "url(http"] {
            assert!(!page.contains(reference), "{}: {reference}", case.file);
        }
        assert_eq!(page.matches("<script").count(), 2, "{}: the island and the script", case.file);
        let labels = island(&page)["confusion"]["labels"].clone();
        assert_eq!(labels, serde_json::to_value(case.matrix.labels()).unwrap());
    }
}

#[test]
fn the_cells_of_a_page_are_those_of_the_matrix() {
    for case in cases::all() {
        if case.file == "single" {
            continue; // More rows than a browser's numbers hold.
        }
        let data = island(&html(&case.input()).unwrap());
        let list =
            |name: &str| data["confusion"]["cells"][name].as_array().unwrap().iter().map(|v| v.as_u64().unwrap());
        let (mut steps, mut mass) = (list("steps"), list("mass"));
        let mut found = Vec::new();
        for (actual, length) in list("lengths").enumerate() {
            let mut next = 0;
            for _ in 0..length {
                next += steps.next().unwrap() as usize;
                found.push((actual, next - 1, mass.next().unwrap()));
            }
        }
        assert_eq!(found, case.matrix.counts().nonzero().collect::<Vec<_>>(), "{}", case.file);
    }
}

#[test]
fn a_thousand_classes_with_every_cell_filled_and_many_metrics_stay_below_five_megabytes() {
    let counts = Counts::from_rows(&vec![vec![7; 1000]; 1000]).unwrap();
    let matrix = Matrix::new((0..1000).map(|i| format!("class {i}")).collect(), counts).unwrap();
    let mut input = Input::with_basic_metrics("full", &matrix);
    let metrics = input.class_metrics.clone();
    input.class_metrics.extend(metrics.iter().cloned().cycle().take(9));
    let bytes = html(&input).unwrap().len();
    assert!(bytes < 5_000_000, "{bytes} bytes");
    assert!(svg(&input, &View::default()).unwrap().len() < 200_000, "equal neighbours are one area");
}

#[test]
fn more_classes_than_pixels_share_places_and_the_pictures_say_so() {
    let classes = 5000;
    let mut counts = Counts::new(classes);
    for class in 0..classes {
        counts.update(class, class).unwrap();
    }
    counts.update(17, 4000).unwrap();
    let matrix = Matrix::new((0..classes).map(|i| i.to_string()).collect(), counts).unwrap();
    let input = Input::new("many", &matrix);
    let picture = svg(&input, &View::default()).unwrap();
    assert!(picture.contains("Each place stands for up to 5 × 5 cells"), "it says so");
    // The only mistake is still there, in the colour of the worst.
    assert!(picture.contains("M") && picture.matches("<path d=\"M").count() >= 3);
    let text =
        gradiometer_report::confusion::terminal::picture(&input, &View::default(), &Terminal::PLAIN, Depth::default());
    let text = text.unwrap();
    assert!(text.contains("each place up to") && text.contains("17 → 4000  1  50.0 %"), "{text}");
    assert_eq!(
        text.lines().flat_map(str::chars).filter(|c| *c == '█').count(),
        3,
        "one in the map, two in the legend\n{text}"
    );
}

#[test]
fn an_input_that_does_not_fit_is_refused_with_its_place() {
    let case = cases::cat();
    let order = |permutation| vec![Order { name: "mine".into(), permutation }];
    let refused = |input: Input<'_>, message: &str| {
        let error = html(&input).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(svg(&input, &View::default()), Err(error));
    };
    refused(
        Input { orders: order(vec![0, 0]), ..case.input() },
        "the order \"mine\" names class 0 twice, or there is no such class",
    );
    refused(Input { orders: order(vec![1]), ..case.input() }, "order \"mine\" has 1 entries where 2 are needed");
    let mut input = case.input();
    input.class_metrics[1].estimates.pop();
    refused(input, "class metric \"recall\" has 1 entries where 2 are needed");
    let mut input = case.input();
    input.roc[0].true_positive_rate.pop();
    refused(input, "true_positive_rate of the ROC of \"cat\" has 100 entries where 101 are needed");
    let view = View { order: ClassOrder::Named("beauty".into()), ..View::default() };
    let error = svg(&case.input(), &view).unwrap_err();
    assert!(matches!(&error, InputError::NoSuchOrder { .. }), "{error}");
    assert_eq!(error.to_string(), "there is no order \"beauty\"; there are: given, name, frequency");
}

proptest! {
    #[test]
    fn any_labels_and_counts_make_pictures(
        labels in proptest::collection::hash_set("\\PC{0,20}|[\\x00-\\x{ffff}]{0,8}", 1..16),
        cells in proptest::collection::vec(0u64..1_000_000, 256),
        width in 40usize..160,
    ) {
        let labels: Vec<String> = labels.into_iter().collect();
        let k = labels.len();
        let rows: Vec<Vec<u64>> = (0..k).map(|i| cells[i * k..(i + 1) * k].iter().map(|n| n * (n % 3)).collect()).collect();
        let matrix = Matrix::new(labels, Counts::from_rows(&rows).unwrap()).unwrap();
        let input = Input::with_basic_metrics("any", &matrix);
        for unicode in [true, false] {
            check_terminal(&input, &View::default(), Terminal { width, color: true, unicode }, Depth::TrueColor);
        }
        let text = svg(&input, &View::default()).unwrap();
        prop_assert!(roxmltree::Document::parse(&text).is_ok());
    }
}

#[cfg(feature = "png")]
mod pixels {
    use super::*;
    use gradiometer_report::confusion::{PngError, png};

    #[test]
    fn a_png_decodes_with_the_size_of_the_svg_times_the_scale() {
        for case in [cases::cat(), cases::odd(), cases::sixty(), cases::empty()] {
            let text = svg(&case.input(), &View::default()).unwrap();
            let document = roxmltree::Document::parse(&text).unwrap();
            let side = |name| document.root_element().attribute(name).unwrap().parse::<u32>().unwrap();
            let file = png(&case.input(), &View::default(), 2.0).unwrap();
            let mut reader = ::png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size()];
            let frame = reader.next_frame(&mut pixels).unwrap();
            assert_eq!((frame.width, frame.height), (2 * side("width"), 2 * side("height")), "{}", case.file);
            // It is white at its corner, and something is on it.
            assert_eq!(pixels[..3], [255, 255, 255]);
            assert!(pixels.chunks(4).filter(|p| p[..3] != [255, 255, 255]).count() > 1000, "{}", case.file);
        }
    }

    #[test]
    fn a_scale_that_gives_no_picture_is_refused() {
        let case = cases::cat();
        for scale in [0.0, -1.0, f64::NAN, 1e9, f64::INFINITY] {
            let error = png(&case.input(), &View::default(), scale).unwrap_err();
            assert!(matches!(error, PngError::Size { .. }), "{scale}: {error}");
        }
    }
}
