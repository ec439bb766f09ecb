//! The file itself: what it holds, what it must not hold, and how large it becomes.

#[path = "../examples/sample/cases.rs"]
mod cases;
#[path = "../examples/sample/levels.rs"]
mod levels;
#[path = "../examples/sample/make.rs"]
mod make;

use gradiometer_report::html;

fn page(file: &str) -> String {
    let sample = match file {
        "vanishing" => cases::vanishing(),
        "healthy" => cases::healthy(),
        "recurrent" => cases::recurrent(),
        "exploding" => cases::exploding(),
        "extremes" => cases::extremes(),
        other => panic!("no sample {other}"),
    };
    html(&sample.input())
}

/// The JSON island of a page.
fn island(page: &str) -> serde_json::Value {
    let start = page.find("id=\"data\">").unwrap() + "id=\"data\">".len();
    let end = start + page[start..].find("</script>").unwrap();
    serde_json::from_str(&page[start..end]).unwrap()
}

#[test]
fn a_page_refers_to_nothing_outside_itself() {
    for sample in cases::all() {
        let page = html(&sample.input());
        for reference in ["src=\"http", "href=\"http", "src=\"//", "href=\"//", "<link", "@import", "url(http"] {
            assert!(!page.contains(reference), "{}: {reference}", sample.file);
        }
        assert!(page.contains("default-src 'none'"), "the browser itself is told to fetch nothing");
    }
}

#[test]
fn labels_with_html_stay_labels() {
    let page = page("extremes");
    assert!(!page.contains("<script>alert(1)") && !page.contains("<script>throw") && !page.contains("<img src=x"));
    assert_eq!(page.matches("<script").count(), 2, "the island and the script");
    assert_eq!(page.matches("</script").count(), 2);
    let data = island(&page);
    assert_eq!(data["confusion"]["labels"][0], "</script><script>throw 1</script>");
    assert_eq!(data["confusion"]["labels"][2], "naïve 日本語 \u{2028} 🙂");
    assert_eq!(data["findings"][0]["message"], "<b>Bold</b> & \"quoted\": </script> is only text.");
}

#[test]
fn a_long_run_of_a_deep_network_stays_a_small_file() {
    for (file, most) in [("vanishing", 1_000_000), ("healthy", 1_000_000), ("extremes", 1_500_000)] {
        let bytes = page(file).len();
        assert!(bytes < most, "{file}: {bytes} bytes");
    }
    let data = island(&page("healthy"));
    for curve in data["curves"].as_array().unwrap() {
        let kept = curve["steps"].as_array().unwrap().len();
        assert!(kept <= 410 && kept == curve["values"].as_array().unwrap().len(), "{kept} points");
    }
    assert_eq!(data["curves"][0]["recorded"], 6000);
}

#[test]
fn a_spike_of_one_step_in_thousands_is_in_the_page() {
    let data = island(&page("healthy"));
    let norm = data["curves"].as_array().unwrap().iter().find(|c| c["name"] == "gradient_norm").unwrap();
    assert!(norm["steps"].as_array().unwrap().iter().any(|step| step == 3100));
    let gradients = &data["grids"][0];
    assert_eq!(gradients[0], "activation_gradient");
    assert!(gradients[1]["steps"].as_array().unwrap().iter().any(|step| step == 3100));
}

#[test]
fn what_is_not_finite_is_marked_with_its_counts() {
    let data = island(&page("exploding"));
    let loss = &data["curves"][0];
    assert_eq!((&loss["name"], &loss["values"][36]), (&"loss".into(), &"NaN".into()));
    let gradients = &data["grids"][0][1];
    assert_eq!(gradients["cells"][7][36], "NaN");
    assert!(gradients["cells"][0][36].is_number(), "the other layers keep their size");
    assert_eq!(gradients["not_finite"].as_array().unwrap()[0], serde_json::json!([0, 43, 40, 0, 160]));
    assert_eq!(data["held_out"][0], serde_json::json!(["loss", "NaN"]));
}

#[test]
fn tensors_stand_in_the_order_of_the_forward_pass() {
    let data = island(&page("healthy"));
    let order: Vec<_> = data["network"]["blocks"].as_array().unwrap().iter().map(|b| b["name"].clone()).collect();
    assert_eq!(data["grids"][0][1]["tensors"].as_array().unwrap(), &order);
}

#[test]
fn rows_that_are_lost_are_said_to_be_lost() {
    assert_eq!(island(&page("vanishing"))["rows"]["unaccounted"], 0);
    assert_eq!(island(&page("recurrent"))["rows"]["unaccounted"], 3);
}

#[test]
fn a_run_without_signals_still_has_a_page() {
    let mut sample = cases::vanishing();
    sample.records.clear();
    let data = island(&html(&sample.input()));
    assert!(data["grids"].as_array().unwrap().is_empty() && data["units"].is_null() && data["ratios"].is_null());
    assert_eq!(data["steps"], 0);
}

#[test]
fn a_training_in_levels_shows_how_far_each_gradient_went() {
    let mut sample = levels::levels();
    let data = island(&html(&sample.input()));
    let all = data["levels"].as_array().unwrap();
    let names: Vec<&str> = all.iter().map(|level| level["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["level 1", "level 2", "level 3", "together"]);
    let blocks: Vec<usize> = all.iter().map(|level| level["profile"].as_array().unwrap().len()).collect();
    assert_eq!(blocks, [3, 3, 3, 7], "the blocks of each level, and the head of the first two");
    // Two factors of 0.3 over three blocks, six over seven.
    for (level, decades) in all.iter().zip([2.0, 2.0, 2.0, 6.0]) {
        let expected = decades * 0.3f64.log10();
        assert!((level["ratio"].as_f64().unwrap() - expected).abs() < 0.1, "{level}");
        assert_eq!(level["crossed"], serde_json::json!([]), "{level}");
    }
    assert_eq!(all[3]["last_step"], 209, "it was ended early");
    // What went further than its level is told, and not what ought to be.
    let gradient = sample.records[0].signals[1].clone();
    assert_eq!(gradient.tensor.as_ref(), "00.dense");
    sample.records[60].signals.push(gradient);
    assert_eq!(island(&html(&sample.input()))["levels"][1]["crossed"], serde_json::json!(["00.dense"]));
    // A phase that was never reached has no gradient.
    sample.records.truncate(100);
    let data = island(&html(&sample.input()));
    assert_eq!(
        (&data["levels"][2]["last_step"], &data["levels"][2]["ratio"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
}
