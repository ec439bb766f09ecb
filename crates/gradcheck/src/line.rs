//! The function along a line through the point: at `x ± h·u`, against what the gradient promises there.

use crate::derivative::ROUND_OFF;
use crate::noise::Noise;
use crate::session::Session;
use crate::units::Place;
use crate::{Error, Function, Real, random};
use std::ops::Range;

/// Where the line goes. Its parameter `h` is in units of the entries (see [`Place::unit`]).
#[derive(Clone, Debug)]
pub(crate) enum Direction {
    /// One entry.
    Entry { block: usize, index: usize },
    /// Random signs and sizes over a range of entries, all within one block.
    Range { block: usize, range: Range<usize>, stream: u64 },
    /// Random signs and sizes over everything.
    All { stream: u64 },
}

/// What the line showed of one objective `φ = ⟨cotangent, f⟩` at one step.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Part {
    /// The central difference quotient, by the direction's own unit.
    pub numeric: f64,
    /// What the gradient says it is.
    pub analytic: f64,
    /// Their difference, numeric − analytic, from increments that were subtracted before they were rounded.
    pub residual: f64,
    /// The standard deviation of the round-off in it.
    pub noise: f64,
    /// The difference of the two one-sided derivatives.
    pub bend: f64,
    /// As `bend`, had each output the sign that makes it largest; only outputs whose bend is more than round-off.
    pub hull: f64,
}

/// The line at one step.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub h: f64,
    pub parts: Vec<Part>,
    /// Whether any output changed at all.
    pub changed: bool,
}

/// The point, what is known there, and buffers for the points beside it.
pub(crate) struct Bench<'a, T: Real, F: Function<T> + ?Sized> {
    pub session: &'a Session<'a, T, F>,
    pub places: &'a [Place],
    pub seed: u64,
    pub y: &'a [T],
    pub noise: &'a Noise,
    pub cotangents: &'a [Vec<T>],
    pub gradients: &'a [Vec<T>],
    /// The outputs that have changed along the line so far: a step so short that one of these stays as it is has not
    /// shown that its derivative is zero.
    pub touched: Vec<bool>,
    /// For each gradient the root of `Σ (gⱼ·uⱼ)²` over everything.
    scales: Vec<f64>,
    x: Vec<T>,
    up: Vec<T>,
    down: Vec<T>,
}

/// Increments of the analytic side along a half line.
#[derive(Clone, Copy, Default)]
struct Promise {
    up: f64,
    down: f64,
    sum: f64,
    square: f64,
}

impl<'a, T: Real, F: Function<T> + ?Sized> Bench<'a, T, F> {
    pub fn new(
        session: &'a Session<'a, T, F>,
        places: &'a [Place],
        seed: u64,
        y: &'a [T],
        noise: &'a Noise,
        cotangents: &'a [Vec<T>],
        gradients: &'a [Vec<T>],
    ) -> Self {
        let scale = |gradient: &Vec<T>| {
            let terms = places.iter().flat_map(|place| {
                place.range.clone().map(|j| (gradient[j].to_f64() * place.unit(session.x[j].to_f64())).powi(2))
            });
            terms.sum::<f64>().sqrt()
        };
        let empty = || vec![T::ZERO; y.len()];
        Self {
            session,
            places,
            seed,
            y,
            noise,
            cotangents,
            gradients,
            touched: vec![false; y.len()],
            scales: gradients.iter().map(scale).collect(),
            x: session.x.to_vec(),
            up: empty(),
            down: empty(),
        }
    }

    /// The direction's component, in the unit of `x`, for each of its entries.
    fn components(&self, direction: &Direction, mut each: impl FnMut(usize, f64)) {
        let x = self.session.x;
        match direction {
            Direction::Entry { block, index } => each(*index, self.places[*block].unit(x[*index].to_f64())),
            Direction::Range { block, range, stream } => {
                for j in range.clone() {
                    each(j, self.places[*block].unit(x[j].to_f64()) * random::signed(self.seed, *stream, j));
                }
            }
            Direction::All { stream } => {
                for place in self.places {
                    for j in place.range.clone() {
                        each(j, place.unit(x[j].to_f64()) * random::signed(self.seed, *stream, j));
                    }
                }
            }
        }
    }

    /// One over the length that `h = 1` goes in the unit of the derivative that is reported: an entry's unit, or 1.
    pub fn per(&self, direction: &Direction) -> f64 {
        match direction {
            Direction::Entry { block, index } => 1.0 / self.places[*block].unit(self.session.x[*index].to_f64()),
            _ => 1.0,
        }
    }

    /// The standard deviation of the round-off in the difference of an objective that comes from the outputs that the
    /// line has not moved so far.
    pub fn still(&self, objective: usize) -> f64 {
        let terms = self.cotangents[objective].iter().zip(&self.noise.deviation).zip(&self.touched);
        terms
            .filter(|(_, touched)| !**touched)
            .map(|((v, deviation), _)| 2.0 * (v.to_f64() * deviation).powi(2))
            .sum::<f64>()
            .sqrt()
    }

    /// The size of one gradient as a whole, in the direction's unit.
    pub fn scale(&self, direction: &Direction, objective: usize) -> f64 {
        self.scales[objective] * self.per(direction)
    }

    /// The longest step that is short beside the block as a whole, whatever the entry.
    pub fn reach(&self, direction: &Direction) -> f64 {
        match direction {
            Direction::Entry { block, index } => {
                let unit = self.places[*block].unit(self.session.x[*index].to_f64());
                0.125 * (self.places[*block].common / unit).max(1.0)
            }
            _ => 0.125,
        }
    }

    /// The root of `Σ (gₖⱼ·uⱼ)²` and the sum `Σ gₖⱼ·uⱼ` for a gradient.
    pub fn along(&self, direction: &Direction, gradient: &[T]) -> (f64, f64) {
        let (mut square, mut sum) = (0.0, 0.0);
        self.components(direction, |j, u| {
            let term = gradient[j].to_f64() * u;
            square += term * term;
            sum += term;
        });
        (square.sqrt(), sum)
    }

    /// The line at `h`; none where the function leaves its domain or where `h` is too short to move anything.
    pub fn sample(&mut self, direction: &Direction, h: f64) -> Result<Option<Sample>, Error> {
        let base = self.session.x;
        let mut x = std::mem::take(&mut self.x);
        let mut promises = vec![Promise::default(); self.gradients.len()];
        let (mut moved, mut uneven, mut ragged) = (false, 0.0f64, 0.0f64);
        self.components(direction, |j, u| {
            let value = base[j].to_f64();
            let above = T::from_f64(value + h * u);
            let below = T::from_f64(value - h * u).to_f64();
            x[j] = above;
            let (up, down) = (above.to_f64() - value, value - below);
            moved |= up != 0.0 && down != 0.0;
            uneven = uneven.max(((up - down) / (h * u)).abs());
            ragged = ragged.max(((up + down) / (2.0 * h * u) - 1.0).abs());
            for (promise, gradient) in promises.iter_mut().zip(self.gradients) {
                let g = gradient[j].to_f64();
                promise.up += g * up;
                promise.down += g * down;
                promise.sum += g * u;
                // An entry below the normal numbers is rounded to the same places as the smallest of these.
                promise.square += (g.abs().max(T::SMALLEST / T::EPSILON) * u).powi(2);
            }
        });
        let mut up = std::mem::take(&mut self.up);
        let mut down = std::mem::take(&mut self.down);
        let place = |sign: &str| format!("at {sign}{h:e} units along {direction:?}");
        let outcome = if moved {
            self.session.value(&x, &mut up, &|| place("+")).and_then(|()| {
                self.components(direction, |j, u| x[j] = T::from_f64(base[j].to_f64() - h * u));
                self.session.value(&x, &mut down, &|| place("−"))
            })
        } else {
            Ok(())
        };
        self.components(direction, |j, _| x[j] = base[j]);
        let sample = outcome.map(|()| {
            if !moved {
                return None;
            }
            self.compare(direction, h, &up, &down, &promises, (uneven, ragged))
        });
        (self.x, self.up, self.down) = (x, up, down);
        sample
    }

    /// The derivatives of all outputs by one entry of the point, from one central difference; zeros where the function
    /// leaves its domain.
    pub fn column(&mut self, block: usize, index: usize, h: f64) -> Result<Vec<f64>, Error> {
        let direction = Direction::Entry { block, index };
        let mut derivatives = vec![0.0; self.y.len()];
        if self.sample(&direction, h)?.is_some() {
            // The values of the last sample are still there.
            let per = self.per(&direction) / (2.0 * h);
            for (derivative, (up, down)) in derivatives.iter_mut().zip(self.up.iter().zip(&self.down)) {
                *derivative = (up.to_f64() - down.to_f64()) * per;
            }
        }
        Ok(derivatives)
    }

    /// The outputs that bend at the point along a direction, by more than round-off and curvature would.
    pub fn bent(&mut self, direction: &Direction, h: f64) -> Result<Vec<usize>, Error> {
        let mut bends = [Vec::new(), Vec::new()];
        for (h, bends) in [h, 0.125 * h].into_iter().zip(&mut bends) {
            if self.sample(direction, h)?.is_none() {
                return Ok(Vec::new());
            }
            *bends = (0..self.y.len())
                .map(|i| {
                    let (high, middle, low) = (self.up[i].to_f64(), self.y[i].to_f64(), self.down[i].to_f64());
                    let bend = ((high - middle) - (middle - low)).abs();
                    if bend > 15.0 * self.noise.deviation[i] { bend / h } else { 0.0 }
                })
                .collect();
        }
        let [long, short] = bends;
        Ok((0..self.y.len()).filter(|&i| short[i] > 0.0 && short[i] >= 0.5 * long[i]).collect())
    }

    /// Another point, moved by `h` along a direction.
    pub fn step(&self, direction: &Direction, from: &[T], h: f64) -> Vec<T> {
        let mut moved = from.to_vec();
        self.components(direction, |j, u| moved[j] = T::from_f64(from[j].to_f64() + h * u));
        moved
    }

    /// A point about `far` units away in every entry, in the `k`-th random direction.
    pub fn around(&self, far: f64, k: u64) -> Vec<T> {
        let mut moved = self.session.x.to_vec();
        for place in self.places {
            for j in place.range.clone() {
                let value = moved[j].to_f64();
                moved[j] = T::from_f64(value + far * place.unit(value) * random::signed(self.seed, 0x71e + k, j));
            }
        }
        moved
    }

    fn compare(
        &mut self,
        direction: &Direction,
        h: f64,
        up: &[T],
        down: &[T],
        promises: &[Promise],
        (uneven, ragged): (f64, f64),
    ) -> Option<Sample> {
        #[derive(Clone, Copy, Default)]
        struct Sums {
            up: f64,
            down: f64,
            variance: f64,
            hull: f64,
        }
        let mut sums = vec![Sums::default(); self.cotangents.len()];
        let mut changed = false;
        for i in 0..self.y.len() {
            if up[i] == self.y[i] && down[i] == self.y[i] {
                if !self.touched[i] {
                    continue;
                }
            } else {
                changed = true;
            }
            let (high, middle, low) = (up[i].to_f64(), self.y[i].to_f64(), down[i].to_f64());
            if !high.is_finite() || !low.is_finite() {
                return None;
            }
            self.touched[i] = true;
            let size = high.abs().max(low.abs());
            let deviation = self.noise.deviation[i].max(self.noise.factor * ROUND_OFF * T::EPSILON * size);
            let (rise, fall) = (high - middle, middle - low);
            let bend = (rise - fall).abs();
            // √6: a second difference takes the middle twice.
            let bend = if bend > 6.0 * 2.45 * deviation { bend } else { 0.0 };
            for (sum, cotangent) in sums.iter_mut().zip(self.cotangents) {
                let v = cotangent[i].to_f64();
                sum.up += v * rise;
                sum.down += v * fall;
                sum.variance += (v * deviation).powi(2);
                sum.hull += v.abs() * bend;
            }
        }
        let per = self.per(direction);
        let parts = sums
            .iter()
            .zip(promises)
            .map(|(sum, promise)| {
                let (above, below) = (sum.up - promise.up, sum.down - promise.down);
                // The gradient is itself rounded once at least, and the point's entries to what can be represented.
                let rounding = T::EPSILON * promise.square.sqrt();
                // Not the increments over 2h: the realised steps differ from it, and the residual alone knows them.
                let residual = (above + below) / (2.0 * h);
                let bend = (above - below) / h;
                let noise = ((2.0 * sum.variance).sqrt() / (2.0 * h)).hypot(rounding).hypot(0.1 * uneven * bend);
                let noise = noise.hypot(0.5 * ragged * residual);
                Part {
                    numeric: per * (promise.sum + residual),
                    analytic: per * promise.sum,
                    residual: per * residual,
                    noise: per * noise,
                    bend: per * bend,
                    hull: per * sum.hull / h,
                }
            })
            .collect();
        Some(Sample { h, parts, changed })
    }
}
