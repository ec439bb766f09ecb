//! Each signature, on a linear function with one Jacobian for its values and another for its gradient.

use crate::{Checker, Closures, Diagnosis, Fault};

/// An arbitrary number for each place, none of them small.
fn any(row: usize, column: usize) -> f64 {
    let x = (row * 31 + column * 17 + 1) as f64;
    (x * 0.73).sin() + 1.5 * (x * 0.29).cos().signum()
}

fn told(
    outputs: &[usize],
    block: &[usize],
    right: impl Fn(usize, usize) -> f64 + Copy,
    wrong: impl Fn(usize, usize) -> f64 + Copy,
) -> Diagnosis {
    let (rows, columns) = (outputs.iter().product::<usize>(), block.iter().product::<usize>());
    let function = Closures::<f64>::builder()
        .input("x", block)
        .outputs(outputs)
        .value(move |x, y| (0..rows).for_each(|i| y[i] = (0..columns).map(|j| right(i, j) * x[j]).sum()))
        .vjp(move |_, v, g| (0..columns).for_each(|j| g[j] = (0..rows).map(|i| wrong(i, j) * v[i]).sum()))
        .build()
        .unwrap();
    let x: Vec<f64> = (0..columns).map(|j| 0.5 + 0.1 * any(3, j)).collect();
    let report = Checker::full().check(&function, &x).unwrap();
    report.blocks[0].fault.clone().unwrap_or_else(|| panic!("no fault in {report}"))
}

#[track_caller]
fn assert_kind(found: &Diagnosis, kind: Fault) {
    assert_eq!(found.kind, kind, "{found:?}");
    assert!((0.5..=1.0).contains(&found.confidence) && !found.because.is_empty(), "{found:?}");
}

/// A matrix product with a weight of 3×4, for a batch of 2: the weight's Jacobian.
fn dense(row: usize, column: usize) -> f64 {
    if row % 3 == column / 4 { any(row / 3, column % 4) } else { 0.0 }
}

#[test]
fn a_rounded_constant_is_a_scale_and_not_a_ratio_of_counts() {
    assert_kind(&told(&[2, 3], &[4], any, |i, j| 1.0003 * any(i, j)), Fault::Scale);
}

#[test]
fn a_wrong_sign_of_some_derivatives_is_a_sign() {
    let found = told(&[3], &[4], any, |i, j| if j > 1 { -any(i, j) } else { any(i, j) });
    assert_kind(&found, Fault::Sign);
}

#[test]
fn means_over_padded_lengths_are_counts_row_by_row() {
    // Rows of 6, of which 2, 3 and 5 are data.
    let length = |row: usize| [2, 3, 5][row];
    let mean = move |by: usize, row: usize, column: usize| {
        if column / 6 == row && column % 6 < length(row) { 1.0 / by as f64 } else { 0.0 }
    };
    let found = told(&[3], &[3, 6], move |i, j| mean(length(i), i, j), move |i, j| mean(6, i, j));
    assert_kind(&found, Fault::Reduction);
}

#[test]
fn a_factor_for_each_output_is_a_term() {
    assert_kind(&told(&[5], &[7], any, |i, j| any(i, j) * (1.3 + 0.37 * i as f64)), Fault::Term);
}

#[test]
fn an_inverted_mask_is_a_mask_though_nothing_is_right() {
    let kept = |j: usize| [true, false, true, true, false, false, true][j];
    let found =
        told(&[7], &[7], |i, j| f64::from(u8::from(i == j && kept(j))), |i, j| f64::from(u8::from(i == j && !kept(j))));
    assert_kind(&found, Fault::Mask);
}

#[test]
fn of_a_batch_that_shares_a_weight_the_first_alone_is_a_broadcast_and_the_last_alone_was_overwritten() {
    let only = |sample: usize| move |i: usize, j: usize| if i / 3 == sample { dense(i, j) } else { 0.0 };
    assert_kind(&told(&[4, 3], &[3, 4], dense, only(0)), Fault::Broadcast);
    assert_kind(&told(&[4, 3], &[3, 4], dense, only(3)), Fault::NotAccumulated);
}

#[test]
fn all_but_one_end_of_what_is_summed_is_a_time_step() {
    let without_first = |i: usize, j: usize| if i / 3 > 0 { dense(i, j) } else { 0.0 };
    assert_kind(&told(&[4, 3], &[3, 4], dense, without_first), Fault::TimeStep);
}

#[test]
fn a_weight_read_the_other_way_round_is_transposed() {
    // y = W·x with W of 3×5; the gradient by x reads the buffer as 5×3.
    let found = told(&[3], &[5], |i, j| any(0, i * 5 + j), |i, j| any(0, j * 3 + i));
    assert_kind(&found, Fault::Transposed);
}

#[test]
fn the_jacobian_in_the_place_of_its_transpose_is_transposed() {
    assert_kind(&told(&[5], &[5], any, |i, j| any(j, i)), Fault::Transposed);
}

#[test]
fn a_kernel_read_one_place_off_is_shifted() {
    let tap = |i: usize, j: usize| if (i..i + 3).contains(&j) { any(7, j - i) } else { 0.0 };
    let found = told(&[6], &[9], tap, move |i, j| if j > 0 { tap(i, j - 1) } else { 0.0 });
    assert_kind(&found, Fault::Geometry);
}

#[test]
fn the_upstream_gradient_of_one_row_for_all_rows_is_a_broadcast() {
    let own = |i: usize, j: usize| if i / 3 == j / 3 { any(i, j) } else { 0.0 };
    let first = |i: usize, j: usize| if i < 3 { any(i + j / 3 * 3, j) } else { 0.0 };
    assert_kind(&told(&[4, 3], &[4, 3], own, first), Fault::Broadcast);
}

#[test]
fn a_softmax_without_its_cross_terms_is_a_coupling_and_a_running_sum_is_none() {
    let group = |i: usize, j: usize| if i / 3 == j / 3 { any(i.min(j), i.max(j)) } else { 0.0 };
    let alone = |i: usize, j: usize| if i == j { group(i, j) } else { 0.0 };
    assert_kind(&told(&[2, 3], &[2, 3], group, alone), Fault::Coupling);
    let running = |i: usize, j: usize| if j <= i { any(i, j) } else { 0.0 };
    let found = told(&[6], &[6], running, |i, j| if j <= i { any(i, j).powi(2) } else { 0.0 });
    assert_ne!(found.kind, Fault::Coupling, "{found:?}");
}

#[test]
fn two_parts_of_a_block_in_each_others_place_are_gates() {
    let found = told(&[5], &[4, 3], any, |i, j| any(i, [3, 4, 5, 0, 1, 2, 6, 7, 8, 9, 10, 11][j]));
    assert_kind(&found, Fault::Gates);
}

#[test]
fn what_has_no_pattern_is_a_term_and_said_so_without_certainty() {
    let found = told(&[4], &[5], any, |i, j| any(i, j).powi(3) + 0.1 * any(j, i));
    assert_kind(&found, Fault::Term);
    assert!(found.confidence <= 0.6, "{found:?}");
}
