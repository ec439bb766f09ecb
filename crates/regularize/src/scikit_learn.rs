//! Strengths of penalties as scikit-learn writes them.
//!
//! This library minimizes a mean loss plus `λ (α ‖β‖₁ + (1 − α)/2 ‖β‖²)`, as glmnet does, with `α` the L1 ratio. scikit-learn has a convention
//! for each estimator; here is each against `λ`. It standardizes nothing by itself, so that the same numbers give the same model with
//! [`standardize(false)`](crate::Problem::standardize), or on a design that is standardized already. With weights, `n` is their sum.
//!
//! | estimator | its objective | `λ` |
//! |---|---|---|
//! | `Lasso`, `ElasticNet`, `*CV` | `‖r‖²/(2n) + alpha (l1_ratio ‖β‖₁ + (1 − l1_ratio)/2 ‖β‖²)` | `alpha` |
//! | `Ridge` | `‖r‖² + alpha ‖β‖²` | `alpha / n` |
//! | `LogisticRegression`, `LinearSVC`, … | `C Σ loss + l1_ratio ‖β‖₁ + (1 − l1_ratio)/2 ‖β‖²` | `1 / (C n)` |
//! | `PoissonRegressor` | mean half deviance `+ alpha/2 ‖β‖²` | `alpha` |
//! | `QuantileRegressor` | mean check loss `+ alpha ‖β‖₁` | `alpha` |
//! | `SGDClassifier`, `SGDRegressor` | mean loss + `alpha (…)` | `alpha` |

/// `λ` of a `C` with `n` rows: `1 / (C n)`.
pub fn lambda_from_c(c: f64, rows: f64) -> f64 {
    1.0 / (c * rows)
}

/// `C` of a `λ` with `n` rows: `1 / (λ n)`.
pub fn c_from_lambda(lambda: f64, rows: f64) -> f64 {
    1.0 / (lambda * rows)
}

/// `λ` of the `alpha` of `Ridge` with `n` rows: `alpha / n`.
pub fn lambda_from_ridge_alpha(alpha: f64, rows: f64) -> f64 {
    alpha / rows
}

/// The `alpha` of `Ridge` of a `λ` with `n` rows: `λ n`.
pub fn ridge_alpha_from_lambda(lambda: f64, rows: f64) -> f64 {
    lambda * rows
}
