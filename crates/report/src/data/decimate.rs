//! Which of many points a picture keeps.
//!
//! A picture of 400 points must still show the one step at which the loss jumped. So a bucket of neighbouring points
//! is replaced by real ones of its own: what is typical of it and what stands out, at their true steps. Averages are
//! never made, and the first value of a bucket that is not finite always stays.

use std::collections::BTreeSet;

/// Most steps in one picture.
pub(crate) const MOST_STEPS: usize = 400;

/// Indices of the points to keep of a curve, ascending, at most about `most`: the first and the last, and of each
/// bucket the smallest, the largest, the median and the first that is not finite.
pub(crate) fn curve(values: &[f64], most: usize) -> Vec<usize> {
    if values.len() <= most {
        return (0..values.len()).collect();
    }
    let mut kept = BTreeSet::from([0, values.len() - 1]);
    for bucket in buckets(values.len(), most.div_ceil(3)) {
        let mut order: Vec<usize> = bucket.clone().filter(|&i| values[i].is_finite()).collect();
        order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        if let (Some(&low), Some(&high)) = (order.first(), order.last()) {
            kept.extend([low, order[order.len() / 2], high]);
        }
        kept.extend(bucket.clone().find(|&i| !values[i].is_finite()));
    }
    kept.into_iter().collect()
}

/// Indices of the columns to keep of a table of rows of equal length, ascending, at most about `most`: the first, the
/// last and the first that holds a value that is not finite, and of each bucket the column nearest to the bucket's
/// medians and the one furthest from them. `None` is a value that was not measured.
pub(crate) fn columns(rows: &[Vec<Option<f64>>], most: usize) -> Vec<usize> {
    let length = rows.first().map_or(0, Vec::len);
    if length <= most {
        return (0..length).collect();
    }
    let mut kept = BTreeSet::from([0, length - 1]);
    let odd = |i: usize| rows.iter().filter(|row| row[i].is_some_and(|v| !v.is_finite())).count();
    let mut before = odd(0);
    let mut changes = 0;
    for i in 1..length {
        let now = odd(i);
        // Where values cease to be finite is kept to the step; a tensor that flickers must not keep every step.
        if now > before && changes < most / 8 {
            kept.insert(i);
            changes += 1;
        }
        before = now;
    }
    for bucket in buckets(length, most.div_ceil(2)) {
        let distances = distances(rows, bucket.clone());
        let nearest = distances.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1));
        let furthest = distances.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        kept.extend(nearest.into_iter().chain(furthest).map(|(i, _)| bucket.start + i));
    }
    kept.into_iter().collect()
}

/// For each column of a bucket the sum over the rows of |value − the row's median in the bucket|.
fn distances(rows: &[Vec<Option<f64>>], bucket: std::ops::Range<usize>) -> Vec<f64> {
    let mut sums = vec![0.0; bucket.len()];
    for row in rows {
        let cells = &row[bucket.clone()];
        let mut finite: Vec<f64> = cells.iter().flatten().copied().filter(|v| v.is_finite()).collect();
        if finite.is_empty() {
            continue;
        }
        finite.sort_by(f64::total_cmp);
        let median = finite[finite.len() / 2];
        let spread = finite[finite.len() - 1] - finite[0];
        for (sum, cell) in sums.iter_mut().zip(cells) {
            *sum += match cell {
                Some(v) if v.is_finite() => (v - median).abs(),
                Some(_) => spread + 1.0,
                None => 0.0,
            };
        }
    }
    sums
}

/// `parts` neighbouring ranges of nearly equal length that cover `0..length`.
fn buckets(length: usize, parts: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let parts = parts.clamp(1, length.max(1));
    (0..parts).map(move |i| i * length / parts..(i + 1) * length / parts).filter(|bucket| !bucket.is_empty())
}

/// About `most` of `0..length`, evenly spread, with the first and the last.
pub(crate) fn spread(length: usize, most: usize) -> Vec<usize> {
    if length <= most || most < 2 {
        return (0..length.min(most.max(length.min(1)))).collect();
    }
    let mut kept: Vec<usize> = (0..most).map(|i| i * (length - 1) / (most - 1)).collect();
    kept.dedup();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_curve_is_kept_whole() {
        assert_eq!(curve(&[3.0, f64::NAN, 1.0], 400), [0, 1, 2]);
    }

    #[test]
    fn a_single_spike_and_a_single_nan_survive() {
        let mut values: Vec<f64> = (0..100_000).map(|i| (f64::from(i) * 0.37).sin()).collect();
        values[31_234] = 99.0;
        values[77_777] = f64::NAN;
        let kept = curve(&values, 400);
        assert!(kept.len() <= 410, "{}", kept.len());
        assert!(kept.contains(&31_234) && kept.contains(&77_777));
        assert_eq!((kept[0], kept[kept.len() - 1]), (0, 99_999));
        assert!(kept.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn a_curve_that_turns_nan_keeps_the_first_nan() {
        let values: Vec<f64> = (0..5000).map(|i| if i < 2345 { 1.0 } else { f64::NAN }).collect();
        let kept = curve(&values, 300);
        assert_eq!(kept.iter().find(|&&i| values[i].is_nan()), Some(&2345));
    }

    #[test]
    fn a_spike_in_one_row_keeps_its_column() {
        let mut rows = vec![vec![Some(-2.0); 9000]; 5];
        rows[3][4321] = Some(4.0);
        rows[1][8000] = Some(f64::NAN);
        rows[2][17] = None;
        let kept = columns(&rows, 200);
        assert!(kept.len() <= 230, "{}", kept.len());
        assert!(kept.contains(&4321) && kept.contains(&8000) && kept.contains(&0) && kept.contains(&8999));
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert!(curve(&[], 400).is_empty() && columns(&[], 400).is_empty() && spread(0, 12).is_empty());
        assert_eq!(spread(1, 12), [0]);
        assert_eq!(spread(100, 2), [0, 99]);
        assert_eq!(spread(100, 1), [0]);
    }
}
