//! Labels in the order in which people look for them.

use std::cmp::Ordering;

/// The places of the labels in their order.
pub(super) fn sorted(labels: &[String]) -> Vec<usize> {
    let keys: Vec<(bool, f64)> = labels.iter().map(|label| number(label)).collect();
    let mut places: Vec<usize> = (0..labels.len()).collect();
    places.sort_by(|&i, &j| {
        let by_number = keys[i].0.cmp(&keys[j].0).then(keys[i].1.total_cmp(&keys[j].1));
        by_number.then_with(|| by_runs(&labels[i], &labels[j])).then_with(|| labels[i].cmp(&labels[j])).then(i.cmp(&j))
    });
    places
}

/// Whether a label is text, and its value otherwise.
fn number(label: &str) -> (bool, f64) {
    // `inf` and `nan` are words here.
    match label.parse::<f64>() {
        Ok(value) if value.is_finite() => (false, value + 0.0),
        _ => (true, 0.0),
    }
}

/// Character by character, but runs of digits by their value.
fn by_runs(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (x, y) = (digits(a), digits(b));
        if !x.is_empty() && !y.is_empty() {
            // Of numbers without leading zeros the longer is the larger, whatever its length.
            let (m, n) = (x.trim_start_matches('0'), y.trim_start_matches('0'));
            match m.len().cmp(&n.len()).then_with(|| m.cmp(n)) {
                Ordering::Equal => (a, b) = (&a[x.len()..], &b[y.len()..]),
                unequal => return unequal,
            }
            continue;
        }
        let (mut rest_a, mut rest_b) = (a.chars(), b.chars());
        match (rest_a.next(), rest_b.next()) {
            (None, None) => return Ordering::Equal,
            (x, y) if x == y => (a, b) = (rest_a.as_str(), rest_b.as_str()),
            (x, y) => return x.cmp(&y),
        }
    }
}

fn digits(text: &str) -> &str {
    &text[..text.bytes().take_while(u8::is_ascii_digit).count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sort<'a>(labels: &[&'a str]) -> Vec<&'a str> {
        let owned: Vec<String> = labels.iter().map(|&label| label.into()).collect();
        sorted(&owned).into_iter().map(|i| labels[i]).collect()
    }

    #[test]
    fn numbers_come_by_value_and_before_text() {
        assert_eq!(sort(&["10", "nan", "9", "-2", "-10", "1.5", "ä"]), ["-10", "-2", "1.5", "9", "10", "nan", "ä"]);
    }

    #[test]
    fn digits_within_text_count_as_numbers() {
        let huge = "c99999999999999999999999999";
        assert_eq!(
            sort(&[huge, "c10b", "c10a", "c2", "c", "b9", "c02x"]),
            ["b9", "c", "c2", "c02x", "c10a", "c10b", huge]
        );
    }

    #[test]
    fn labels_that_compare_alike_have_one_order() {
        assert_eq!(sort(&["c01", "1.0", "c1", "1"]), sort(&["1", "c1", "1.0", "c01"]));
    }
}
