//! The page of `regularize`: paths, errors, stability, L1 beside L2, and what choosing costs and saves.
//!
//! The fields are what the pictures in `page/regularize/` draw; whoever has a fit fills them in. Strengths of the penalty
//! are given by their decimal logarithms, coefficients per standard deviation of their feature.

use serde::Serialize;

use crate::html::{Heading, document};

/// The scripts of this page, in the order in which they are joined into one.
pub(crate) const SCRIPTS: [&str; 10] = [
    include_str!("page/base.js"),
    include_str!("page/words.js"),
    include_str!("page/scale.js"),
    include_str!("page/frame.js"),
    include_str!("page/controls.js"),
    include_str!("page/lines.js"),
    include_str!("page/regularize/paths.js"),
    include_str!("page/regularize/geometry.js"),
    include_str!("page/regularize/facts.js"),
    include_str!("page/regularize/page.js"),
];

/// All that the page shows.
#[derive(Clone, Debug, Serialize)]
pub struct Page {
    /// The table.
    pub name: String,
    /// The answer in one sentence.
    pub sentence: String,
    /// Whether something needs attention, such as a solution that was not reached.
    pub alarm: bool,
    /// Name and value of the settings, as they are to be read.
    pub settings: Vec<(String, String)>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// The features that stay, the strongest first.
    pub selected: Vec<Selected>,
    /// Features that there were.
    pub features: usize,
    /// How many of them stay.
    pub kept: usize,
    /// `log10 λ` along the path, descending.
    pub lambdas: Vec<f64>,
    /// The place of the chosen `λ`.
    pub chosen: usize,
    /// Coefficients along the path, the strongest first.
    pub paths: Vec<Series>,
    /// Features that the path ever takes, those that are not among `paths` included.
    pub taken: usize,
    /// How well each `λ` predicts.
    pub error: Option<ErrorCurve>,
    /// The share of held-out rows that were put in the right class, and the ends of its 95 % interval.
    pub accuracy: Option<[f64; 3]>,
    /// The share of halves that chose each feature, along the first strengths of the path.
    pub stability: Option<Vec<Series>>,
    /// L1 and L2 on the same data.
    pub beside: Option<Beside>,
    /// The constraint regions of two features.
    pub geometry: Option<Geometry>,
    /// What choosing cost and saves, in seconds.
    pub break_even: Option<BreakEven>,
}

/// One line of a picture.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// The feature.
    pub name: String,
    /// Whether it stays in the chosen model.
    pub kept: bool,
    /// One value for each `λ`.
    pub values: Vec<f64>,
}

/// A feature that stays.
#[derive(Clone, Debug, Serialize)]
pub struct Selected {
    /// The feature.
    pub name: String,
    /// In the units of the data.
    pub coefficient: f64,
    /// Per standard deviation.
    pub standardized: f64,
    /// The share of halves that chose it.
    pub stability: Option<f64>,
}

/// How well each `λ` predicts rows that were held out.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorCurve {
    /// `mean squared error` or `mean deviance`.
    pub measure: String,
    /// For each `λ`, as far as every fold got.
    pub values: Vec<f64>,
    /// The standard error of each.
    pub standard_errors: Vec<f64>,
    /// Features at each `λ`.
    pub nonzero: Vec<usize>,
    /// The place of the least error.
    pub minimum: usize,
    /// The place of the greatest `λ` within one standard error of it.
    pub one_standard_error: usize,
}

/// L1 and L2 on all features.
#[derive(Clone, Debug, Serialize)]
pub struct Beside {
    /// How many coefficients: one a feature, or one a feature and class.
    pub coefficients: usize,
    /// The lasso.
    pub l1: Half,
    /// Ridge.
    pub l2: Half,
}

/// One of the two.
#[derive(Clone, Debug, Serialize)]
pub struct Half {
    /// `log10 λ`, descending.
    pub lambdas: Vec<f64>,
    /// Coefficients along the path; the same features in both.
    pub paths: Vec<Series>,
    /// The place of the `λ` of least error, or the last one without cross-validation.
    pub minimum: usize,
    /// The error there.
    pub error: Option<f64>,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// Coefficients that are exactly zero there.
    pub zeros: usize,
}

/// The loss of two features near its least value, `(b − optimum)' curvature (b − optimum) / 2`, and where it is least within `budget`.
#[derive(Clone, Debug, Serialize)]
pub struct Geometry {
    /// The two features.
    pub names: [String; 2],
    /// The class against all others whose loss it is, where there are several.
    pub class: Option<String>,
    /// Where the loss is least.
    pub optimum: [f64; 2],
    /// Its second derivatives.
    pub curvature: [[f64; 2]; 2],
    /// `|b₁| + |b₂|` in the diamond, `√(b₁² + b₂²)` in the circle.
    pub budget: f64,
    /// The least loss within the diamond.
    pub l1: [f64; 2],
    /// The least loss within the circle.
    pub l2: [f64; 2],
}

/// What choosing cost and saves.
#[derive(Clone, Debug, Serialize)]
pub struct BreakEven {
    /// Seconds of choosing.
    pub choosing: f64,
    /// Seconds of a later fit on all features and on those that stay.
    pub fit: [f64; 2],
    /// After how many it has paid.
    pub fits: Option<u64>,
    /// Seconds of predicting all rows, likewise.
    pub predict: [f64; 2],
    /// After how many it has paid.
    pub predictions: Option<u64>,
    /// Rows.
    pub rows: u64,
}

/// The page as one self-contained HTML file; `plain` is the same as text, for where no script runs.
pub fn html(page: &Page, plain: &str) -> String {
    // The types behind the island have string keys only and no failing Serialize.
    let json = serde_json::to_string(page).expect("the page's data is always JSON");
    let (class, badge) = if page.alarm { ("warning", "Look closely") } else { ("ok", "Answer") };
    document(&Heading { name: &page.name, class, badge, sentence: &page.sentence, plain }, &json, &SCRIPTS)
}
