//! Products of matrices against their definition, over odd sizes, orders and splits.

use gradiometer_kernels::matrix::{
    Begin, Left, Panels, Right, add_column_sums, multiply, multiply_rectified, panel_width,
};
use gradiometer_kernels::number::Number;
use proptest::prelude::*;

/// Eighths, few enough for sums of products to be exact in both types.
fn numbers<T: Number>(n: usize, salt: usize) -> Vec<T> {
    (0..n).map(|i| T::from_f64(((i * 7 + salt * 13 + i * i % 11) % 17) as f64 / 8.0 - 1.0)).collect()
}

/// `left[r][k]` and `right[k][c]` by closures; with what each place begins.
fn defined<T: Number>(
    [rows, depth, columns]: [usize; 3],
    left: impl Fn(usize, usize) -> T,
    right: impl Fn(usize, usize) -> T,
    begin: impl Fn(usize, usize) -> T,
) -> Vec<T> {
    let at = |row, column| (0..depth).fold(begin(row, column), |sum, k| sum + left(row, k) * right(k, column));
    (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))).map(|(r, c)| at(r, c)).collect()
}

fn is_what_the_definition_says<T: Number>(size: [usize; 3], salt: usize, more: usize) -> Result<(), TestCaseError> {
    let [rows, depth, columns] = size;
    let (stride, out_stride) = (depth + more, columns + more);
    let left = numbers::<T>(rows * stride, salt);
    let turned_left = numbers::<T>(depth * (rows + more), salt + 1);
    let right = numbers::<T>(depth * (columns + more), salt + 2);
    let turned_right = numbers::<T>(columns * stride, salt + 3);
    let out = numbers::<T>(rows * out_stride, salt + 4);
    let biases = numbers::<T>(columns, salt + 5);
    // Rows that lie one over the other, in any order.
    let begins: Vec<usize> = (0..rows).map(|row| (row * 5 + salt) % (more + 3)).collect();
    let columns_at: Vec<usize> = (0..depth).map(|k| (k * 7 + salt) % (depth + 2)).collect();
    let overlapping = numbers::<T>(depth + more + 5, salt + 6);
    let row_begins: Vec<usize> = (0..depth).map(|k| (k * 3 + salt) % (more + 4)).collect();
    let row_values = numbers::<T>(more + 4 + columns + panel_width::<T>(), salt + 7);

    let of_rows = Panels::of_rows(&right, depth, columns, columns + more);
    let of_turned = Panels::of_transposed(&turned_right, depth, columns, stride);
    let mut room = Vec::new();
    let turned = Left::transposed(&turned_left, rows, depth, rows + more);
    let lefts = [
        Left::rows(&left, rows, depth, stride),
        Left::transposed(&turned_left, rows, depth, rows + more),
        turned.along_rows(&mut room),
        Left::at(&overlapping, &begins, &columns_at),
    ];
    let rights = [
        Right::Panels(&of_rows),
        Right::Panels(&of_turned),
        Right::Rows { values: &row_values, begins: &row_begins, columns },
    ];
    for (which_left, left_factor) in lefts.into_iter().enumerate() {
        let left_at = |row: usize, k: usize| match which_left {
            0 => left[row * stride + k],
            1 | 2 => turned_left[k * (rows + more) + row],
            _ => overlapping[begins[row] + columns_at[k]],
        };
        for (which_right, right_factor) in rights.into_iter().enumerate() {
            let right_at = |k: usize, column: usize| match which_right {
                0 => right[k * (columns + more) + column],
                1 => turned_right[column * stride + k],
                _ => row_values[row_begins[k] + column],
            };
            for (which_begin, begin) in [Begin::Zero, Begin::Out, Begin::Columns(&biases)].into_iter().enumerate() {
                let begin_at = |row: usize, column: usize| match which_begin {
                    0 => T::ZERO,
                    1 => out[row * out_stride + column],
                    _ => biases[column],
                };
                let expected = defined(size, left_at, right_at, begin_at);
                for rectified in [false, true] {
                    let mut found = out.clone();
                    match rectified {
                        true => multiply_rectified(left_factor, right_factor, begin, &mut found, out_stride),
                        false => multiply(left_factor, right_factor, begin, &mut found, out_stride),
                    }
                    for (at, (found, before)) in found.iter().zip(&out).enumerate() {
                        let (row, column) = (at / out_stride, at % out_stride);
                        // What lies between the rows stays.
                        let expected = if column < columns { expected[row * columns + column] } else { *before };
                        let floor = if rectified && column < columns { T::ZERO } else { T::from_f64(f64::MIN) };
                        let expected = if expected < floor { floor } else { expected };
                        prop_assert_eq!(*found, expected, "{:?} {} {} {}", size, which_left, which_right, which_begin);
                    }
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn it_is_what_the_definition_says(
        rows in 1_usize..30, depth in 0_usize..40, columns in 1_usize..40, salt in 0_usize..1000, more in 0_usize..3,
    ) {
        is_what_the_definition_says::<f32>([rows, depth, columns], salt, more)?;
        is_what_the_definition_says::<f64>([rows, depth, columns], salt, more)?;
    }

    #[test]
    fn the_bits_do_not_depend_on_how_rows_are_split(rows in 2_usize..120, depth in 200_usize..600, at in 0.0..1.0f64) {
        let columns = 21;
        let values = |n: usize| (0..n).map(|i| (i as f32 * 0.37).sin()).collect::<Vec<f32>>();
        let (left, right) = (values(rows * depth), Panels::of_rows(&values(depth * columns), depth, columns, columns));
        let mut whole = vec![0.0; rows * columns];
        multiply(Left::rows(&left, rows, depth, depth), Right::Panels(&right), Begin::Zero, &mut whole, columns);
        let first = ((rows as f64 * at) as usize).clamp(1, rows - 1);
        let mut parts = vec![0.0; rows * columns];
        let (a, b) = parts.split_at_mut(first * columns);
        multiply(Left::rows(&left, first, depth, depth), Right::Panels(&right), Begin::Zero, a, columns);
        let left = Left::rows(&left[first * depth..], rows - first, depth, depth);
        multiply(left, Right::Panels(&right), Begin::Zero, b, columns);
        prop_assert_eq!(whole, parts);
    }
}

#[test]
fn depths_of_several_parts_are_summed_to_the_end() {
    for depth in [255, 256, 257, 600] {
        is_what_the_definition_says::<f32>([7, depth, 19], 3, 1).unwrap();
        is_what_the_definition_says::<f64>([7, depth, 19], 3, 1).unwrap();
    }
    is_what_the_definition_says::<f32>([200, 5, 33], 4, 0).unwrap();
}

#[test]
fn what_is_not_finite_stays_in_its_row_and_column() {
    let mut left = vec![1.0_f32; 9 * 5];
    left[2 * 5 + 3] = f32::NAN;
    let mut right = vec![1.0_f32; 5 * 20];
    right[4 * 20 + 18] = f32::INFINITY;
    let panels = Panels::of_rows(&right, 5, 20, 20);
    let mut out = vec![0.0; 9 * 20];
    multiply_rectified(Left::rows(&left, 9, 5, 5), Right::Panels(&panels), Begin::Zero, &mut out, 20);
    for (at, value) in out.iter().enumerate() {
        match (at / 20, at % 20) {
            (2, _) => assert!(value.is_nan()),
            (_, 18) => assert_eq!(*value, f32::INFINITY),
            _ => assert_eq!(*value, 5.0),
        }
    }
}

#[test]
fn columns_are_summed_over_more_rows_than_a_block() {
    let data: Vec<f64> = (0..130).flat_map(|i| [f64::from(i), 1.0, 100.0]).collect();
    let mut sums = [0.5, 0.0];
    add_column_sums(&mut sums, &data, 3);
    assert_eq!(sums, [8385.5, 130.0]);
}

#[test]
#[should_panic(expected = "reach")]
fn a_matrix_larger_than_its_slice_is_refused() {
    Left::rows(&[0.0_f32; 5], 2, 3, 3);
}

#[test]
fn places_whose_sum_wraps_around_are_refused() {
    let values = [0.0_f32; 5];
    let refused = |of: fn(&[f32]) -> Left<'_, f32>| std::panic::catch_unwind(|| of(&values).row_count()).is_err();
    assert!(refused(|values| Left::at(values, &[usize::MAX], &[1])));
    assert!(refused(|values| Left::at(values, &[0, 3], &[0, 2])));
    assert!(refused(|values| Left::rows(values, 3, 2, usize::MAX / 2 + 1)));
    assert!(!refused(|values| Left::at(values, &[0, 3], &[0, 1])));
}

#[test]
#[should_panic(expected = "a panel's width")]
fn rows_without_room_behind_them_are_refused() {
    let right = Right::Rows { values: &[0.0_f32; 16], begins: &[1], columns: 10 };
    multiply(Left::rows(&[1.0], 1, 1, 1), right, Begin::Zero, &mut [0.0; 10], 10);
}
