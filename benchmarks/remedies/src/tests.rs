//! The pages are those of the program.

use std::collections::BTreeSet;

use super::*;
use gradiometer_network::remedy::Remedy;

/// From the root of the workspace, as the program.
fn at_the_root() {
    std::env::set_current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
}

fn page_of(name: &str) -> String {
    std::fs::read_to_string(page::path(name)).unwrap_or_else(|error| panic!("{name} has no page: {error}"))
}

#[test]
fn every_remedy_of_the_catalogue_has_a_case_and_a_page_and_there_are_no_others() {
    at_the_root();
    let spec = Spec::load("examples/lstm-adding.toml").unwrap();
    let catalogue: BTreeSet<String> = Remedy::catalogue(&spec).iter().map(Remedy::name).collect();
    let cases: Vec<String> = cases::all().iter().map(|case| case.remedy.name()).collect();
    assert_eq!(cases.iter().cloned().collect::<BTreeSet<_>>(), catalogue);
    assert_eq!(cases.len(), catalogue.len(), "one a name");
    let pages: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "README")
        .collect();
    assert_eq!(pages, catalogue);
}

#[test]
fn a_page_says_of_its_remedy_what_the_program_says_and_shows_the_lines_that_it_changes_today() {
    at_the_root();
    for case in cases::all() {
        let name = case.remedy.name();
        let text = page_of(&name);
        assert!(text.starts_with(&format!("# {name}\n")), "{name}");
        assert_eq!(page::content(&text, "facts"), Ok(&*page::facts(&case)), "{name}: run remedies-bench --pages");
        let lines = page::changed_lines(&case, &spec(&case).unwrap()).unwrap();
        assert!(!lines.is_empty(), "{name}");
        let example = page::content(&text, "example").unwrap();
        assert!(example.contains(&lines), "{name}: run remedies-bench --pages; it should have\n{lines}");
        for heading in ["## Formula", "## When to use it", "## When it cannot apply", "## Tried"] {
            assert!(text.contains(&format!("\n{heading}\n")), "{name} lacks {heading}");
        }
        let picture = std::fs::read_to_string(folder().join(format!("images/{name}.svg"))).unwrap();
        assert!(picture.len() < 15_000 && example.contains(&format!("images/{name}.svg")), "{name}: {}", picture.len());
    }
}

#[test]
fn a_case_is_for_a_rule_that_its_remedy_answers_and_its_result_is_in_the_table() {
    at_the_root();
    let results = read_results().unwrap();
    let index = std::fs::read_to_string(folder().join("README.md")).unwrap();
    for case in cases::all() {
        let name = case.remedy.name();
        assert!(case.remedy.answers().contains(&case.rule), "{name}");
        let measured = results.get(&name).unwrap_or_else(|| panic!("{name} was not measured"));
        assert_eq!(measured.after.scores.len(), training::SEEDS.len());
        let row = index.lines().find(|line| line.starts_with(&format!("| [{name}]({name}.md)"))).expect(&name);
        assert!(row.contains(&measured::score(measured.after.score())), "{row}");
    }
}

/// Not timed, and small: the numbers of the pages come of the same functions.
#[test]
fn a_training_keeps_what_a_page_shows() {
    let text = "loss = \"cross_entropy\"\ndata = { source = \"blobs\", rows = 200 }\n\
                layers = [{ kind = \"dense\", units = 4, activation = \"tanh\" }, { kind = \"dense\", units = \"classes\" }]\n\
                training = { steps = 6, batch_size = 16, validate_every = 3 }";
    let trained = training::train(&Spec::from_toml_str(text, "small.toml").unwrap()).unwrap();
    assert_eq!((trained.runs.len(), trained.parameters), (5, 2 * 4 + 4 + 4 * 3 + 3));
    for run in &trained.runs {
        assert_eq!((run.losses.len(), run.validation.len(), run.mistakes.len()), (6, 2, 2));
        assert_eq!(run.gradients.by_layer.len(), 2, "a matrix a layer");
        assert!(run.gradients.by_lag.is_empty() && run.score.value.is_finite());
    }
}
