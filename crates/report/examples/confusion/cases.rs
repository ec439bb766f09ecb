//! Matrices to look at, and those that break pictures.
#![allow(dead_code, reason = "each program uses a part of it")]

use gradiometer_confusion::{Counts, Estimate, Matrix, Reason};
use gradiometer_report::Rows;
use gradiometer_report::confusion::{
    Calibration, CalibrationBin, Comparison, Cost, Difference, Direction, Guard, Input, Order, Origin, PrecisionRecall,
    Roc, Slice, Slices, Test, Verdict,
};

/// A matrix and its name.
pub struct Case {
    /// The name of its files.
    pub file: &'static str,
    /// What is judged.
    pub name: &'static str,
    /// The matrix.
    pub matrix: Matrix,
}

impl Case {
    fn new<S: Into<String>>(
        file: &'static str,
        name: &'static str,
        labels: impl IntoIterator<Item = S>,
        counts: Counts,
    ) -> Self {
        let labels = labels.into_iter().map(Into::into).collect();
        Self { file, name, matrix: Matrix::new(labels, counts).expect("labels are right") }
    }

    /// The matrix with every section that a page can have, where it is the cat detector; else with basic metrics.
    pub fn input(&self) -> Input<'_> {
        let input = Input::with_basic_metrics(self.name, &self.matrix);
        match self.file {
            "cat" => every_section(input),
            "digits" => digits_sections(input),
            "always-no" => Input {
                guard: Some(Guard {
                    verdict: Verdict::Fail,
                    sentence: "An accuracy of 99.9 % says nothing here: always answering \"healthy\" scores the same."
                        .into(),
                    reasons: vec!["The class \"ill\" is never predicted.".into()],
                    look_at: vec!["balanced accuracy".into(), "MCC".into()],
                }),
                ..input
            },
            _ => Input { orders: vec![by_neighbours(&self.matrix)], origin: Some(origin(self.name)), ..input },
        }
    }
}

/// A small generator (xorshift), so that every machine makes the same matrices.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }
}

/// All cases.
pub fn all() -> Vec<Case> {
    vec![cat(), digits(), always_no(), sixty(), thousand(), odd(), empty(), single()]
}

/// 50 cats found, 10 missed, 5 false alarms, 100 rightly passed over.
pub fn cat() -> Case {
    let counts = Counts::from_rows(&[vec![50, 10], vec![5, 100]]).expect("square");
    Case::new("cat", "cat detector", ["cat", "not cat"], counts)
}

/// The 899 digits that a support vector machine saw for the first time, in the example of scikit-learn's documentation
/// ("Recognizing hand-written digits").
pub fn digits() -> Case {
    let counts = Counts::from_rows(&[
        vec![87, 0, 0, 0, 1, 0, 0, 0, 0, 0],
        vec![0, 88, 1, 0, 0, 0, 0, 0, 1, 1],
        vec![0, 0, 85, 1, 0, 0, 0, 0, 0, 0],
        vec![0, 0, 0, 79, 0, 3, 0, 4, 5, 0],
        vec![0, 0, 0, 0, 88, 0, 0, 0, 0, 4],
        vec![0, 0, 0, 0, 0, 88, 1, 0, 0, 2],
        vec![0, 1, 0, 0, 0, 0, 90, 0, 0, 0],
        vec![0, 0, 0, 0, 0, 1, 0, 88, 0, 0],
        vec![0, 0, 0, 0, 0, 0, 0, 0, 88, 0],
        vec![0, 0, 0, 1, 0, 1, 0, 0, 0, 90],
    ]);
    Case::new("digits", "handwritten digits", (0..10).map(|d| d.to_string()), counts.expect("square"))
}

/// A test for a rare disease that always says no.
pub fn always_no() -> Case {
    let counts = Counts::from_rows(&[vec![999, 0], vec![1, 0]]).expect("square");
    Case::new("always-no", "test for a rare disease", ["healthy", "ill"], counts)
}

/// Sixty classes in twelve families whose members are taken for each other; one class never occurs.
pub fn sixty() -> Case {
    let counts = families(60, 5, 30_000, Some(17));
    Case::new("sixty", "sixty species", (0..60).map(|i| format!("species {}", (i * 37) % 60 + 1)), counts)
}

/// A thousand classes.
pub fn thousand() -> Case {
    let counts = families(1000, 8, 400_000, None);
    Case::new(
        "thousand",
        "a thousand classes",
        (0..1000).map(|i| format!("n{:08}", 1_440_764 + i * 7919 % 1000)),
        counts,
    )
}

/// Labels that break pictures.
pub fn odd() -> Case {
    let labels = [
        "</script><script>throw 1</script>",
        "<img src=x onerror=alert(1)>",
        "line\nbreak \x1b[31mred\x07",
        "猫とくじら、そして象",
        "👩‍👩‍👧 family & 🐈",
        "\u{202e}turned",
        "a very long label that goes on and on and on, well beyond every room",
        "it's \"quoted\"",
        "",
        "हिन्दी عربى עברית",
        "never occurs",
    ];
    let mut counts = Counts::new(labels.len());
    let mut random = Random(7);
    for _ in 0..4000 {
        let actual = random.below(labels.len() - 1);
        let predicted = if random.below(10) < 7 { actual } else { random.below(labels.len()) };
        counts.update(actual, predicted).expect("in range");
    }
    Case::new("odd", "odd <labels> & \"names\"", labels, counts)
}

/// Classes without rows.
pub fn empty() -> Case {
    Case::new("empty", "no rows", ["yes", "no", "perhaps"], Counts::new(3))
}

/// One class, all right, with more rows than a float has digits for.
pub fn single() -> Case {
    Case::new("single", "one class", ["only"], Counts::from_rows(&[vec![u64::MAX]]).expect("square"))
}

/// Classes `i` and `j` of one family have the same `i % families`, so that the given order scatters them.
fn families(classes: usize, size: usize, rows: usize, never: Option<usize>) -> Counts {
    let mut counts = Counts::new(classes);
    let mut random = Random(42);
    let groups = classes / size;
    for _ in 0..rows {
        // The least of two is more often a small number: some classes are rarer than others.
        let actual = random.below(classes).min(random.below(classes));
        if Some(actual) == never {
            continue;
        }
        let predicted = match random.below(100) {
            0..82 => actual,
            82..96 => actual % groups + groups * random.below(size),
            _ => random.below(classes),
        };
        counts.update(actual, predicted).expect("in range");
    }
    counts
}

/// An order that puts families together, as a program that knows similarity would.
fn by_neighbours(matrix: &Matrix) -> Order {
    let classes = matrix.labels().len();
    let groups = if classes == 60 {
        12
    } else if classes == 1000 {
        125
    } else {
        1
    };
    let mut permutation: Vec<usize> = (0..classes).collect();
    permutation.sort_by_key(|class| (class % groups, *class));
    Order { name: "similarity".into(), permutation }
}

fn origin(name: &str) -> Origin {
    let command = ["gradiometer", "confusion", &format!("{name}.csv"), "--actual", "animal", "--predicted", "model a"];
    Origin {
        command: command.map(String::from).to_vec(),
        actual: "animal".into(),
        predicted: "model a".into(),
        text: true,
    }
}

fn digits_sections(input: Input<'_>) -> Input<'_> {
    Input {
        guard: Some(Guard {
            verdict: Verdict::Pass,
            sentence: "Accuracy means something here: 96.9 %, where always answering \"4\" scores 10.2 %.".into(),
            reasons: Vec::new(),
            look_at: Vec::new(),
        }),
        rows: Some(Rows { read: 899, parts: vec![("counted".into(), 899)], excluded: Vec::new() }),
        origin: Some(Origin { text: false, ..origin("digits") }),
        ..input
    }
}

fn every_section(input: Input<'_>) -> Input<'_> {
    let share = |hits, trials| Estimate::proportion(hits, trials, Reason::NoRows);
    // Scores of the two classes on a curve of known form: TPR = FPR^(1/8).
    let falling: Vec<f64> = (0..=100).map(|i| f64::from(i) / 100.0).collect();
    let rates: Vec<f64> = falling.iter().map(|x| x.powf(0.125)).collect();
    let thresholds: Vec<f64> = falling.iter().map(|x| 1.0 - x).collect();
    let precision = |i: usize| if i == 0 { 1.0 } else { 60.0 * rates[i] / (60.0 * rates[i] + 105.0 * falling[i]) };
    let bins: Vec<CalibrationBin> = (0..10u32)
        .map(|i| {
            let (low, rows) = (f64::from(i) / 10.0, [61, 20, 9, 6, 5, 5, 7, 10, 18, 24][i as usize]);
            let hits = [1, 1, 1, 2, 2, 3, 4, 8, 15, 23][i as usize];
            CalibrationBin { low, high: low + 0.1, rows: rows as f64, mean_score: low + 0.05, share: share(hits, rows) }
        })
        .collect();
    let slice = |value: &str, hits, rows, adjusted_p, differs| Slice {
        value: value.into(),
        rows,
        estimates: vec![share(hits, rows), share(hits / 3, rows / 3)],
        adjusted_p,
        differs,
    };
    Input {
        guard: Some(Guard {
            verdict: Verdict::Pass,
            sentence: "Accuracy means something here: 90.9 %, where always answering \"not cat\" scores 63.6 %.".into(),
            reasons: Vec::new(),
            look_at: Vec::new(),
        }),
        rows: Some(Rows {
            read: 168,
            parts: vec![("counted".into(), 165)],
            excluded: vec![("no actual label".into(), 2), ("no prediction".into(), 1)],
        }),
        origin: Some(origin("cats & dogs")),
        roc: vec![Roc {
            class: "cat".into(),
            thresholds: thresholds.clone(),
            false_positive_rate: falling.clone(),
            true_positive_rate: rates.clone(),
            area: share(147, 165),
            bin_error: 0.0,
        }],
        precision_recall: vec![PrecisionRecall {
            class: "cat".into(),
            thresholds: thresholds.clone(),
            recall: rates.clone(),
            precision: (0..=100).map(precision).collect(),
            average_precision: share(140, 165),
            prevalence: 60.0 / 165.0,
            bin_error: 0.0002,
        }],
        calibration: vec![Calibration { class: "cat".into(), bins, expected_error: share(6, 165), brier: share(12, 165) }],
        cost: Some(Cost {
            class: "cat".into(),
            costs: [[0.0, 10.0], [1.0, 0.0]],
            mean_cost: (0..=100)
                .rev()
                .map(|i| (600.0 * (1.0 - rates[i]) + 105.0 * falling[i]) / 165.0)
                .collect(),
            thresholds: thresholds.iter().rev().copied().collect(),
            least: 62,
        }),
        slices: vec![Slices {
            column: "light".into(),
            metrics: vec!["accuracy".into(), "recall of cat".into()],
            slices: vec![
                slice("day", 96, 99, Some(0.21), false),
                slice("dusk", 40, 42, Some(0.8), false),
                slice("night", 14, 24, Some(0.0004), true),
                slice("<b>fog</b>", 0, 0, None, false),
            ],
            method: "Each slice against the other rows by Fisher's exact test; p-values adjusted after Benjamini and Hochberg.".into(),
        }],
        comparison: Some(Comparison {
            names: ["model a".into(), "model b".into()],
            sentence: "model a has more rows right than model b: 150 against 139 of 165 (McNemar, mid-p: 0.013).".into(),
            both_right: 134,
            first_right: 16,
            second_right: 5,
            neither_right: 10,
            tests: vec![
                Test {
                    name: "McNemar, mid-p".into(),
                    hypothesis: "each model is right alone equally often".into(),
                    p_value: Estimate::exact(0.013),
                },
                Test {
                    name: "Stuart-Maxwell".into(),
                    hypothesis: "both predict each class equally often".into(),
                    p_value: Estimate::Undefined { reason: Reason::OnePredictedClass },
                },
            ],
            differences: vec![Difference {
                metric: "accuracy".into(),
                direction: Direction::Higher,
                first: share(150, 165),
                second: share(139, 165),
                difference: Estimate::Known {
                    value: 11.0 / 165.0,
                    interval: Some(gradiometer_confusion::Interval { low: 0.012, high: 0.121 }),
                },
            }],
        }),
        notes: vec!["Scores are exact; no bin error.".into()],
        ..input
    }
}
