//! The elementwise part of one time step, forward and backward, for every cell.
//!
//! Each kernel works on the rows of one chunk at one step. Gates are stored side by side in a row, `[gate][unit]`; what
//! comes in as a pre-activation goes out as the activated gate, and in the backward pass the activated gate goes out as
//! the gradient with respect to the pre-activation, in place.

use super::Activation;
use crate::fused::value::Value;
use gradiometer_kernels::curves::{sigmoid, tanh};
use gradiometer_kernels::level::Kernel;

/// `h = f(a)`.
pub(super) struct RnnForward<'a, T> {
    pub activation: Activation,
    pub gates: &'a [T],
    pub hidden: &'a mut [T],
}

impl<T: Value> Kernel for RnnForward<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let pairs = self.hidden.iter_mut().zip(self.gates);
        match self.activation {
            Activation::Tanh => pairs.for_each(|(h, a)| *h = tanh::<T, FMA>(*a)),
            Activation::Sigmoid => pairs.for_each(|(h, a)| *h = sigmoid::<T, FMA>(*a)),
            // Compared this way round, NaN goes through.
            Activation::Relu => pairs.for_each(|(h, a)| *h = if *a < T::ZERO { T::ZERO } else { *a }),
            Activation::Linear => pairs.for_each(|(h, a)| *h = *a),
        }
    }
}

/// `da = dh·f′(a)`, with f′ in terms of `h = f(a)`.
pub(super) struct RnnBackward<'a, T> {
    pub activation: Activation,
    pub gates: &'a mut [T],
    pub hidden: &'a [T],
    pub gradient: &'a [T],
}

impl<T: Value> Kernel for RnnBackward<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let triples = self.gates.iter_mut().zip(self.hidden).zip(self.gradient);
        match self.activation {
            Activation::Tanh => triples.for_each(|((a, h), g)| *a = *g * (T::ONE - *h * *h)),
            Activation::Sigmoid => triples.for_each(|((a, h), g)| *a = *g * (*h * (T::ONE - *h))),
            Activation::Relu => triples.for_each(|((a, h), g)| *a = if *h <= T::ZERO { T::ZERO } else { *g }),
            Activation::Linear => triples.for_each(|((a, _), g)| *a = *g),
        }
    }
}

/// The four gates of a row, each as long as there are units.
#[inline(always)]
fn quarters<T>(row: &mut [T], units: usize) -> (&mut [T], &mut [T], &mut [T], &mut [T]) {
    let (a, rest) = row.split_at_mut(units);
    let (b, rest) = rest.split_at_mut(units);
    let (c, d) = rest.split_at_mut(units);
    (a, b, c, &mut d[..units])
}

/// `i, f, o = σ(·)`, `g = tanh(·)`, `c = f·c₋ + i·g`, `h = o·tanh(c)`.
pub(super) struct LstmForward<'a, T> {
    pub units: usize,
    pub gates: &'a mut [T],
    pub previous_cell: &'a [T],
    pub cell: &'a mut [T],
    pub squashed: &'a mut [T],
    pub hidden: &'a mut [T],
}

impl<T: Value> Kernel for LstmForward<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let units = self.units;
        let states = self.cell.chunks_exact_mut(units).zip(self.squashed.chunks_exact_mut(units));
        let rows = self.gates.chunks_exact_mut(4 * units).zip(self.previous_cell.chunks_exact(units)).zip(states);
        for (((gates, before), (cell, squashed)), hidden) in rows.zip(self.hidden.chunks_exact_mut(units)) {
            let (i, f, g, o) = quarters(gates, units);
            lstm_forward_row::<T, FMA>(i, f, g, o, before, cell, squashed, hidden);
        }
    }
}

// The slices come as parameters, one by one, because that is how the compiler knows that they do not overlap, without
// which it would not vectorize.
#[allow(clippy::too_many_arguments)]
#[inline(always)]
fn lstm_forward_row<T: Value, const FMA: bool>(
    i: &mut [T],
    f: &mut [T],
    g: &mut [T],
    o: &mut [T],
    before: &[T],
    cell: &mut [T],
    squashed: &mut [T],
    hidden: &mut [T],
) {
    let n = hidden.len();
    let (i, f, g, o) = (&mut i[..n], &mut f[..n], &mut g[..n], &mut o[..n]);
    let (before, cell, squashed) = (&before[..n], &mut cell[..n], &mut squashed[..n]);
    for j in 0..n {
        i[j] = sigmoid::<T, FMA>(i[j]);
        f[j] = sigmoid::<T, FMA>(f[j]);
        g[j] = tanh::<T, FMA>(g[j]);
        o[j] = sigmoid::<T, FMA>(o[j]);
        cell[j] = f[j].multiply_add::<FMA>(before[j], i[j] * g[j]);
        squashed[j] = tanh::<T, FMA>(cell[j]);
        hidden[j] = o[j] * squashed[j];
    }
}

/// The gradients of the pre-activations of i, f, g, o, from that of `h` and, through `cell_gradient`, that of `c`; the
/// latter goes out as the gradient of the cell state one step before.
pub(super) struct LstmBackward<'a, T> {
    pub units: usize,
    pub gates: &'a mut [T],
    pub previous_cell: &'a [T],
    pub squashed: &'a [T],
    pub gradient: &'a [T],
    pub cell_gradient: &'a mut [T],
}

impl<T: Value> Kernel for LstmBackward<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let units = self.units;
        let states = self.previous_cell.chunks_exact(units).zip(self.squashed.chunks_exact(units));
        let gradients = self.gradient.chunks_exact(units).zip(self.cell_gradient.chunks_exact_mut(units));
        for ((gates, (before, squashed)), (dh, dc)) in self.gates.chunks_exact_mut(4 * units).zip(states).zip(gradients)
        {
            let (i, f, g, o) = quarters(gates, units);
            lstm_backward_row(i, f, g, o, before, squashed, dh, dc);
        }
    }
}

#[allow(clippy::too_many_arguments)]
#[inline(always)]
fn lstm_backward_row<T: Value>(
    i: &mut [T],
    f: &mut [T],
    g: &mut [T],
    o: &mut [T],
    before: &[T],
    squashed: &[T],
    dh: &[T],
    dc: &mut [T],
) {
    let n = dc.len();
    let (i, f, g, o) = (&mut i[..n], &mut f[..n], &mut g[..n], &mut o[..n]);
    let (before, squashed, dh) = (&before[..n], &squashed[..n], &dh[..n]);
    for j in 0..n {
        let (iv, fv, gv, ov, s) = (i[j], f[j], g[j], o[j], squashed[j]);
        let cell = dc[j] + dh[j] * ov * (T::ONE - s * s);
        i[j] = cell * gv * (iv * (T::ONE - iv));
        f[j] = cell * before[j] * (fv * (T::ONE - fv));
        g[j] = cell * iv * (T::ONE - gv * gv);
        o[j] = dh[j] * s * (ov * (T::ONE - ov));
        dc[j] = cell * fv;
    }
}

/// `r, z = σ(a + q)`, `n = tanh(a + r·q)`, `h = n + z·(h₋ − n)`, with `a` the input's part, in `gates`, and `q` the
/// recurrent part; the new gate's `q` goes out in `candidate`.
pub(super) struct GruForward<'a, T> {
    pub units: usize,
    pub gates: &'a mut [T],
    pub recurrent: &'a [T],
    pub candidate: &'a mut [T],
    pub previous: &'a [T],
    pub hidden: &'a mut [T],
}

impl<T: Value> Kernel for GruForward<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let units = self.units;
        let states = self.previous.chunks_exact(units).zip(self.hidden.chunks_exact_mut(units));
        let parts = self.recurrent.chunks_exact(3 * units).zip(self.candidate.chunks_exact_mut(units));
        for ((gates, (q, candidate)), (before, hidden)) in self.gates.chunks_exact_mut(3 * units).zip(parts).zip(states)
        {
            let (r, rest) = gates.split_at_mut(units);
            let (z, n) = rest.split_at_mut(units);
            gru_forward_row::<T, FMA>(r, z, n, q, candidate, before, hidden);
        }
    }
}

#[inline(always)]
fn gru_forward_row<T: Value, const FMA: bool>(
    r: &mut [T],
    z: &mut [T],
    new: &mut [T],
    q: &[T],
    candidate: &mut [T],
    before: &[T],
    hidden: &mut [T],
) {
    let n = hidden.len();
    let (r, z, new, candidate, before) = (&mut r[..n], &mut z[..n], &mut new[..n], &mut candidate[..n], &before[..n]);
    let (qr, rest) = q.split_at(n);
    let (qz, qn) = rest.split_at(n);
    let qn = &qn[..n];
    for j in 0..n {
        r[j] = sigmoid::<T, FMA>(r[j] + qr[j]);
        z[j] = sigmoid::<T, FMA>(z[j] + qz[j]);
        candidate[j] = qn[j];
        new[j] = tanh::<T, FMA>(r[j].multiply_add::<FMA>(qn[j], new[j]));
        hidden[j] = z[j].multiply_add::<FMA>(before[j] - new[j], new[j]);
    }
}

/// The gradients of the pre-activations of r, z, n; of the new gate's recurrent part, in `candidate`; and, in `carry`, of
/// the hidden state one step before as far as it comes through `z·h₋`.
pub(super) struct GruBackward<'a, T> {
    pub units: usize,
    pub gates: &'a mut [T],
    pub candidate: &'a mut [T],
    pub previous: &'a [T],
    pub gradient: &'a [T],
    pub carry: &'a mut [T],
}

impl<T: Value> Kernel for GruBackward<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let units = self.units;
        let states = self.candidate.chunks_exact_mut(units).zip(self.previous.chunks_exact(units));
        let gradients = self.gradient.chunks_exact(units).zip(self.carry.chunks_exact_mut(units));
        for ((gates, (candidate, before)), (dh, carry)) in
            self.gates.chunks_exact_mut(3 * units).zip(states).zip(gradients)
        {
            let (r, rest) = gates.split_at_mut(units);
            let (z, n) = rest.split_at_mut(units);
            gru_backward_row(r, z, n, candidate, before, dh, carry);
        }
    }
}

#[inline(always)]
fn gru_backward_row<T: Value>(
    r: &mut [T],
    z: &mut [T],
    new: &mut [T],
    candidate: &mut [T],
    before: &[T],
    dh: &[T],
    carry: &mut [T],
) {
    let n = carry.len();
    let (r, z, new, candidate) = (&mut r[..n], &mut z[..n], &mut new[..n], &mut candidate[..n]);
    let (before, dh) = (&before[..n], &dh[..n]);
    for j in 0..n {
        let (rv, zv, nv) = (r[j], z[j], new[j]);
        let inner = dh[j] * (T::ONE - zv) * (T::ONE - nv * nv);
        r[j] = inner * candidate[j] * (rv * (T::ONE - rv));
        z[j] = dh[j] * (before[j] - nv) * (zv * (T::ONE - zv));
        new[j] = inner;
        candidate[j] = inner * rv;
        carry[j] = dh[j] * zv;
    }
}

/// `sum += value`, elementwise.
pub(super) struct Accumulate<'a, T> {
    pub sum: &'a mut [T],
    pub value: &'a [T],
}

impl<T: Value> Kernel for Accumulate<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (sum, value) in self.sum.iter_mut().zip(self.value) {
            *sum = *sum + *value;
        }
    }
}
