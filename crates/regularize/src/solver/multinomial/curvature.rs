use std::collections::HashMap;

use super::classes::Classes;
use crate::solver::cholesky::Cholesky;
use crate::solver::working_set::WorkingSet;

/// The parabola that stands for the loss near some probabilities: of each row `w (diag(p) − p p')`, over all classes at once.
///
/// The intercepts are eliminated from it. A number that is added to those of all classes changes nothing; the last class's stays.
pub(super) struct Curvature {
    probabilities: Vec<Vec<f64>>,
    intercepts: Cholesky,
    /// `x̃_j'a_kl` of the coefficients of a working set, by place, and of all classes `l`.
    sums: Vec<f64>,
    /// How the intercepts follow a coefficient, likewise: the sums, solved for them.
    follows: Vec<f64>,
    /// The least `p (1 − p)`: where a class is certain everywhere the parabola of a step must bend all the same.
    least: f64,
}

impl Curvature {
    pub fn new(problem: &Classes<'_>, probabilities: Vec<Vec<f64>>, least: f64) -> Self {
        let (sums, follows) = (Vec::new(), Vec::new());
        let mut new = Self { probabilities, intercepts: Cholesky::default(), sums, follows, least };
        if problem.intercept {
            for k in 0..problem.classes - 1 {
                let total = |l: usize| new.rows(problem, k, l).iter().sum();
                let with: Vec<f64> = (0..=k).map(total).collect();
                new.intercepts.append(k, |l| with[l], with[k]);
            }
        }
        new
    }

    /// `a_kl` of each row: how the derivative by class `k`'s predictor follows class `l`'s.
    fn rows(&self, problem: &Classes<'_>, k: usize, l: usize) -> Vec<f64> {
        let (left, right) = (&self.probabilities[k], &self.probabilities[l]);
        let pairs = left.iter().zip(right).zip(problem.weights);
        if k == l {
            pairs.map(|((p, _), w)| w * (p * (1.0 - p)).max(self.least)).collect()
        } else {
            pairs.map(|((p, q), w)| -w * p * q).collect()
        }
    }

    /// `A d`: what the derivatives of the rows change by, along a direction of the predictors.
    pub fn bend(&self, problem: &Classes<'_>, direction: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut mean = vec![0.0; problem.rows()];
        for (p, d) in self.probabilities.iter().zip(direction) {
            mean.iter_mut().zip(p).zip(d).for_each(|((mean, p), d)| *mean += p * d);
        }
        let class = |(p, d): (&Vec<f64>, &Vec<f64>)| {
            p.iter().zip(d).zip(&mean).zip(problem.weights).map(|(((p, d), mean), w)| w * p * (d - mean)).collect()
        };
        self.probabilities.iter().zip(direction).map(class).collect()
    }

    /// Takes coefficients, by their numbers, into a working set.
    pub fn grow(&mut self, problem: &Classes<'_>, set: &mut WorkingSet, new: &[usize]) {
        if new.is_empty() {
            return;
        }
        let classes = problem.classes;
        // By class, so that what is asked of the design in one call is large.
        let mut new = new.to_vec();
        new.sort_unstable_by_key(|&number| (number % classes, number / classes));
        for part in new.chunk_by(|a, b| a % classes == b % classes) {
            let k = part[0] % classes;
            let features: Vec<usize> = part.iter().map(|number| number / classes).collect();
            let rows: Vec<Vec<f64>> = (0..classes).map(|l| self.rows(problem, k, l)).collect();
            let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
            let mut sums = vec![0.0; features.len() * classes];
            problem.design.products(&features, &rows, &mut sums);
            for at in 0..features.len() {
                let own: Vec<f64> = (0..classes).map(|l| sums[at + l * features.len()]).collect();
                self.follows.extend(self.follow(&own));
                self.sums.extend(own);
            }
        }
        let place_of: HashMap<usize, usize> =
            set.columns().iter().chain(&new).enumerate().map(|(place, &number)| (number, place)).collect();
        let this = &*self;
        let part = problem.design.gram_features();
        set.grow(&new, part, |_| 0.0, |left, right, out| this.products(problem, &place_of, left, right, out));
    }

    /// The intercepts at which their own derivatives are these.
    pub fn follow(&self, derivatives: &[f64]) -> Vec<f64> {
        let mut moves: Vec<f64> = self.intercepts.order().iter().map(|&k| derivatives[k]).collect();
        self.intercepts.solve(&mut moves);
        let mut all = vec![0.0; derivatives.len()];
        self.intercepts.order().iter().zip(moves).for_each(|(&k, value)| all[k] = value);
        all
    }

    /// `x̃_j'a_kl` of the coefficient at a place, by class `l`.
    pub fn sums(&self, place: usize) -> &[f64] {
        let classes = self.probabilities.len();
        &self.sums[place * classes..][..classes]
    }

    fn follows(&self, place: usize) -> &[f64] {
        let classes = self.probabilities.len();
        &self.follows[place * classes..][..classes]
    }

    /// The products of coefficients with each other, less what the intercepts take up.
    fn products(
        &self,
        problem: &Classes<'_>,
        place_of: &HashMap<usize, usize>,
        left: &[usize],
        right: &[usize],
        out: &mut [f64],
    ) {
        let classes = problem.classes;
        let (lefts, rights) = (by_class(left, classes), by_class(right, classes));
        for (l, rights) in rights.iter().enumerate().filter(|(_, rights)| !rights.is_empty()) {
            for (k, lefts) in lefts.iter().enumerate().filter(|(_, lefts)| !lefts.is_empty()) {
                let rows = self.rows(problem, k, l);
                let total = rows.iter().sum();
                // Raw sums by feature: a_kl is a_lk, so that either side knows them.
                let mut sums = HashMap::new();
                for (numbers, other) in [(lefts, l), (rights, k)] {
                    for &(_, number) in numbers {
                        let j = number / classes;
                        let sum = self.sums(place_of[&number])[other];
                        sums.insert(j, sum * problem.design.scale[j] + problem.design.center[j] * total);
                    }
                }
                let features = |numbers: &[(usize, usize)]| -> Vec<usize> {
                    numbers.iter().map(|(_, number)| number / classes).collect()
                };
                let mut block = vec![0.0; lefts.len() * rights.len()];
                problem.design.gram(&features(lefts), &features(rights), Some(&rows), &|j| sums[&j], total, &mut block);
                for (block, &(r, _)) in block.chunks(lefts.len()).zip(rights) {
                    for (value, &(at, _)) in block.iter().zip(lefts) {
                        out[at + r * left.len()] = *value;
                    }
                }
            }
        }
        if problem.intercept {
            for (out, r) in out.chunks_mut(left.len().max(1)).zip(right) {
                let follows = self.follows(place_of[r]);
                for (out, l) in out.iter_mut().zip(left) {
                    *out -= self.sums(place_of[l]).iter().zip(follows).map(|(sum, follow)| sum * follow).sum::<f64>();
                }
            }
        }
    }

    /// How the intercepts move, given their pull and how coefficients move, by place.
    pub fn shift(&self, problem: &Classes<'_>, pull: &[f64], steps: &[(usize, f64)]) -> Vec<f64> {
        if !problem.intercept {
            return vec![0.0; problem.classes];
        }
        let mut shift = self.follow(pull);
        for &(place, step) in steps {
            shift.iter_mut().zip(self.follows(place)).for_each(|(shift, follows)| *shift -= step * follows);
        }
        shift
    }
}

/// Places and numbers, by class.
fn by_class(numbers: &[usize], classes: usize) -> Vec<Vec<(usize, usize)>> {
    let mut parts = vec![Vec::new(); classes];
    numbers.iter().enumerate().for_each(|(place, &number)| parts[number % classes].push((place, number)));
    parts
}
