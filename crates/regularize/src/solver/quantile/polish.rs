use super::Quantiles;
use super::interior_point::Interior;
use crate::penalty::Coordinate;
use crate::solver::equations::Equations;

impl Interior {
    /// The last digits: with the rows that are met, the signs, the zeros and the bounds that are reached as they are, what is left is a
    /// quadratic problem with equations, solved by the method of multipliers in a few steps. Right if the interior-point method had told
    /// apart what goes to zero; the certificate decides.
    pub fn polished(&self, problem: &Quantiles<'_>, columns: &[usize], penalty: &dyn Fn(usize) -> Coordinate) -> Self {
        let (n, tau, weights) = (problem.rows(), problem.tau, problem.weights);
        let held = |at: usize| {
            let (cost, beta) = (penalty(columns[at]), self.beta[at]);
            beta == 0.0 || beta <= cost.lower || beta >= cost.upper
        };
        let kept: Vec<usize> = (0..columns.len()).filter(|&at| !held(at)).collect();
        let features: Vec<usize> = kept.iter().map(|&at| columns[at]).collect();
        let costs: Vec<Coordinate> = features.iter().map(|&j| penalty(j)).collect();
        let mut beta: Vec<f64> = kept.iter().map(|&at| self.beta[at]).collect();
        let mut intercept = self.intercept;
        let mut response = problem.response.clone();
        let at_bounds = (0..columns.len()).filter(|&at| held(at)).map(|at| (columns[at], -self.beta[at]));
        let (fixed, negative): (Vec<usize>, Vec<f64>) = at_bounds.unzip();
        problem.design.add(&fixed, &negative, &mut response);
        let residual = |intercept: f64, beta: &[f64]| {
            let negative: Vec<f64> = beta.iter().map(|value| -value).collect();
            let mut residual: Vec<f64> = response.iter().map(|y| y - intercept).collect();
            problem.design.add(&features, &negative, &mut residual);
            residual
        };
        let start = residual(intercept, &beta);
        let mut dual: Vec<f64> = (0..n)
            .map(|i| match (self.met[i], start[i] >= 0.0) {
                (true, _) => self.dual[i],
                (false, true) => weights[i] * tau,
                (false, false) => weights[i] * (tau - 1.0),
            })
            .collect();
        // How hard the equations are pressed: far above the curvature of the penalty, far below its rounding. By the residuals of the null
        // model: where the fit is all but perfect its own are nothing.
        let scale = problem.null_loss().max(f64::MIN_POSITIVE);
        let yields: Vec<f64> = (0..n).map(|i| if self.met[i] { 1e5 * weights[i] / scale } else { 0.0 }).collect();
        let diagonal: Vec<f64> = costs.iter().map(|cost| cost.l2).collect();
        let system = Equations::new(problem.design, problem.intercept, &features, &yields, &diagonal);
        for _ in 0..8 {
            let residual = residual(intercept, &beta);
            let pressed: Vec<f64> = (0..n).map(|i| dual[i] + yields[i] * residual[i]).collect();
            let mut forces = vec![0.0; features.len()];
            problem.design.products(&features, &[&pressed], &mut forces);
            for ((force, cost), &beta) in forces.iter_mut().zip(&costs).zip(&beta) {
                *force -= cost.l2 * beta + if cost.l1 > 0.0 { cost.l1 * beta.signum() } else { 0.0 };
            }
            let (shift, moves) = system.solve(pressed.iter().sum(), &forces);
            let mut along = vec![shift; n];
            problem.design.add(&features, &moves, &mut along);
            for i in 0..n {
                dual[i] += yields[i] * (residual[i] - along[i]);
            }
            intercept += shift;
            beta.iter_mut().zip(&moves).for_each(|(beta, step)| *beta += step);
        }
        for i in 0..n {
            dual[i] = dual[i].clamp(weights[i] * (tau - 1.0), weights[i] * tau);
        }
        let mut all = self.beta.clone();
        for ((&at, &value), cost) in kept.iter().zip(&beta).zip(&costs) {
            all[at] = value.clamp(cost.lower, cost.upper);
        }
        Self { intercept, beta: all, dual, met: self.met.clone(), steps: self.steps }
    }
}
