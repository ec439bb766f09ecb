//! A ready matrix: counts that somebody else has made, and what is known of their axes.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use gradiometer_confusion::Matrix;

use crate::cli::{Axis, Convention};

/// A square of counts as a file has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ready {
    /// The classes; as many as rows.
    pub labels: Vec<String>,
    /// As the file has them, whatever the rows are.
    pub counts: Vec<Vec<u64>>,
    /// What the rows are, where the file says it.
    pub rows: Option<Axis>,
}

/// What the rows are in a matrix that a tool wrote.
pub(super) fn rows_of(convention: Convention) -> Axis {
    use gradiometer_confusion::{self as confusion, Convention as Known};
    let known = match convention {
        Convention::ScikitLearn => Known::ScikitLearn,
        Convention::Caret => Known::Caret,
        Convention::Yardstick => Known::Yardstick,
        Convention::Pycm => Known::PyCm,
        Convention::Matlab => Known::MatlabConfusionmat,
        Convention::MatlabPlotconfusion => Known::MatlabPlotconfusion,
        Convention::Torchmetrics => Known::TorchMetrics,
        Convention::Spark => Known::Spark,
    };
    match known.rows() {
        confusion::Axis::Actual => Axis::Actual,
        confusion::Axis::Predicted => Axis::Predicted,
    }
}

/// Reads a file of counts: a document of `--format json`, or text with a delimiter.
///
/// # Errors
/// A file that cannot be read, or that is no square of counts; with line and field.
pub(super) fn read(file: &Path) -> anyhow::Result<Ready> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let read = if text.trim_start().starts_with('{') { from_json(&text) } else { from_text(&text) };
    read.with_context(|| format!("{} is no confusion matrix", file.display()))
}

fn from_json(text: &str) -> anyhow::Result<Ready> {
    // A document of this command holds its matrix in the same keys.
    let matrix: Matrix = serde_json::from_str(text)?;
    let counts = matrix.counts();
    let classes = counts.classes();
    ensure!(classes <= 10_000, "it has {classes} classes; give the rows that it was made of instead");
    let mut rows = vec![vec![0; classes]; classes];
    for (actual, predicted, n) in counts.nonzero() {
        rows[actual][predicted] = n;
    }
    Ok(Ready { labels: matrix.labels().to_vec(), counts: rows, rows: Some(Axis::Actual) })
}

/// A line of a file, with its number from 1.
struct Line {
    number: u64,
    fields: Vec<String>,
}

fn from_text(text: &str) -> anyhow::Result<Ready> {
    let mut lines = lines(text)?;
    let Some(first) = lines.first() else { bail!("it is empty") };
    // A heading has a field that is no number: a class, or the names of the axes in the corner.
    let is_heading = first.fields.iter().any(|field| number(field).is_none());
    let heading = if is_heading { Some(lines.remove(0)) } else { None };
    ensure!(!lines.is_empty(), "it has a heading and no counts");
    let width = lines[0].fields.len();
    let named = match &heading {
        // Written by R and pandas: a heading without a corner, or with an empty one.
        Some(heading) if heading.fields.len() + 1 == width => true,
        Some(heading) => is_corner(&heading.fields[0]) || lines.iter().any(|line| number(&line.fields[0]).is_none()),
        None => lines.iter().any(|line| number(&line.fields[0]).is_none()),
    };
    let rows = heading.as_ref().and_then(|heading| axes(&heading.fields[0]));
    // What names its axes was written with care; elsewhere blanks are there to line columns up.
    let label = |field: &String| if rows.is_some() { field.clone() } else { field.trim().to_owned() };
    let mut columns: Option<Vec<String>> = heading.as_ref().map(|heading| {
        let skip = usize::from(named && heading.fields.len() == width);
        heading.fields[skip..].iter().map(label).collect()
    });
    let mut names: Option<Vec<String>> = named.then(|| lines.iter().map(|line| label(&line.fields[0])).collect());
    let mut counts = Vec::with_capacity(lines.len());
    for line in &lines {
        let mut row = Vec::with_capacity(width);
        for (at, field) in line.fields.iter().enumerate().skip(usize::from(named)) {
            row.push(count(field).with_context(|| format!("line {}, field {}: {field:?}", line.number, at + 1))?);
        }
        counts.push(row);
    }
    drop_totals(&mut columns, &mut names, &mut counts)?;
    let classes = counts.len();
    for (row, line) in counts.iter().zip(&lines) {
        let length = row.len();
        ensure!(
            length == classes,
            "line {} has {length} counts and there are {classes} rows: a confusion matrix has a row and a column for each class",
            line.number
        );
    }
    let labels = match (columns, names) {
        (Some(columns), Some(names)) => {
            ensure!(
                columns == names,
                "its columns are {} and its rows {}: they have to be the same classes in the same order",
                columns.join(", "),
                names.join(", ")
            );
            columns
        }
        (Some(labels), None) | (None, Some(labels)) => labels,
        (None, None) => (0..classes).map(|class| class.to_string()).collect(),
    };
    ensure!(labels.len() == classes, "its heading has {} classes and there are {classes} rows", labels.len());
    Ok(Ready { labels, counts, rows })
}

/// What stands between fields.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// Lines of fields, without those that are blank. The delimiter is the one after a corner
/// that names the axes, else the one that the first line has most of.
fn lines(text: &str) -> anyhow::Result<Vec<Line>> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let most = DELIMITERS.into_iter().max_by_key(|&d| first.bytes().filter(|&byte| byte == d).count());
    let delimiter = after_corner(first).or(most.filter(|d| first.as_bytes().contains(d)));
    let Some(delimiter) = delimiter else {
        // Numbers between blanks, perhaps in brackets, as numpy prints them.
        let fields = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let bare = |line: &str| line.replace(['[', ']', ','], " ");
        let numbered = (1..).zip(text.lines()).map(|(number, line)| Line { number, fields: fields(&bare(line)) });
        return Ok(numbered.filter(|line| !line.fields.is_empty()).collect());
    };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record?;
        let number = record.position().map_or(0, csv::Position::line);
        let fields: Vec<String> = record.iter().map(str::to_owned).collect();
        if fields.iter().any(|field| !field.trim().is_empty()) {
            lines.push(Line { number, fields });
        }
    }
    Ok(lines)
}

/// The delimiter after a corner that names the axes: classes there may have more of another one in them.
fn after_corner(line: &str) -> Option<u8> {
    let rest = ["actual \\ predicted", "predicted \\ actual"].iter().find_map(|corner| line.strip_prefix(corner))?;
    rest.bytes().next().filter(|byte| DELIMITERS.contains(byte))
}

fn number(field: &str) -> Option<f64> {
    field.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

/// A count, also where a table of floating-point numbers was written.
fn count(field: &str) -> anyhow::Result<u64> {
    if let Ok(count) = field.trim().parse() {
        return Ok(count);
    }
    match number(field) {
        None => bail!("a count is a whole number"),
        Some(value) if value < 0.0 => bail!("a count is not negative"),
        Some(value) if value.fract() != 0.0 => {
            bail!("a count is a whole number; give counts, not shares, since a share does not say of how many")
        }
        Some(value) if value > 9_007_199_254_740_992.0 => bail!("it is too large to be exact; write it in digits"),
        Some(value) => Ok(value as u64),
    }
}

/// Whether a heading's first field is a corner and no class.
fn is_corner(field: &str) -> bool {
    let field = field.trim();
    field.is_empty() || axes(field).is_some() || field.contains(['\\', '↓', '→'])
}

/// What the corner says of the rows: `actual \ predicted` has them actual.
fn axes(corner: &str) -> Option<Axis> {
    let corner = corner.to_lowercase();
    match (corner.find("actual"), corner.find("predicted")) {
        (Some(actual), Some(predicted)) if actual < predicted => Some(Axis::Actual),
        (Some(_), Some(_)) => Some(Axis::Predicted),
        _ => None,
    }
}

/// Takes away a last row and column that are called `total` or `all`, once they are the sums that they say they are.
fn drop_totals(
    columns: &mut Option<Vec<String>>,
    names: &mut Option<Vec<String>>,
    counts: &mut Vec<Vec<u64>>,
) -> anyhow::Result<()> {
    let is_total = |names: &Option<Vec<String>>| {
        names
            .as_ref()
            .and_then(|names| names.last())
            .is_some_and(|name| ["total", "all", "sum"].contains(&name.to_lowercase().as_str()))
    };
    // A class may be called so: totals have to add up.
    let sum = |numbers: &[u64]| numbers.iter().map(|&n| u128::from(n)).sum::<u128>();
    if is_total(columns) {
        let adds_up =
            counts.iter().all(|row| row.split_last().is_some_and(|(&last, row)| sum(row) == u128::from(last)));
        if adds_up {
            counts.iter_mut().for_each(|row| {
                row.pop();
            });
            columns.as_mut().map(Vec::pop);
        }
    }
    if is_total(names) {
        let Some((last, rows)) = counts.split_last() else { return Ok(()) };
        let adds_up = last.iter().enumerate().all(|(at, &total)| {
            rows.iter().map(|row| u128::from(row.get(at).copied().unwrap_or(0))).sum::<u128>() == u128::from(total)
        });
        if adds_up {
            counts.pop();
            names.as_mut().map(Vec::pop);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradiometer_confusion::Counts;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_was_written_is_read_again(
            labels in prop::collection::hash_set("[ a-c1-3.,;|\"'\\\\\t\né😀<-]{0,6}|total|all|actual|predicted|actual \\\\ predicted", 1..6),
            cells in prop::collection::vec(prop_oneof![0..3u64, 0..1u64 << 56], 25),
            predicted in any::<bool>(),
        ) {
            let labels: Vec<String> = labels.into_iter().collect();
            let n = labels.len();
            let rows: Vec<Vec<u64>> = cells.chunks(n).take(n).map(<[u64]>::to_vec).collect();
            let matrix = Matrix::new(labels.clone(), Counts::from_rows(&rows).unwrap()).unwrap();
            let axis = if predicted { Axis::Predicted } else { Axis::Actual };
            let written = String::from_utf8(crate::commands::confusion::export::csv(&matrix, axis).unwrap()).unwrap();
            let ready = from_text(&written).unwrap();
            prop_assert_eq!((&ready.labels, ready.rows), (&labels, Some(axis)), "{}", written);
            for (i, row) in rows.iter().enumerate() {
                for (j, &count) in row.iter().enumerate() {
                    prop_assert_eq!(if predicted { ready.counts[j][i] } else { ready.counts[i][j] }, count);
                }
            }
            let document = serde_json::to_string(&matrix).unwrap();
            let ready = from_json(&document).unwrap();
            prop_assert_eq!((&ready.labels, &ready.counts, ready.rows), (&labels, &rows, Some(Axis::Actual)));
        }

        #[test]
        fn no_text_is_read_by_halves(text in "[0-9.,;|\t\n \"a-b\\[\\]{}:eE+-]{0,60}|\\PC{0,40}") {
            for ready in [from_text(&text), from_json(&text)].into_iter().flatten() {
                let n = ready.labels.len();
                prop_assert!(n > 0 && ready.counts.len() == n && ready.counts.iter().all(|row| row.len() == n), "{ready:?}");
            }
        }
    }

    fn labels(ready: &Ready) -> Vec<&str> {
        ready.labels.iter().map(String::as_str).collect()
    }

    #[test]
    fn a_bare_square_has_numbers_for_classes_and_no_axes() {
        for text in ["5,2\n1,9\n", "5 2\n1 9\n", "[[5 2]\n [1 9]]\n", "5\t2\n\n1\t9", "5.0;2.0\n1.0;9.0\n"] {
            let ready = from_text(text).unwrap();
            assert_eq!(
                (labels(&ready), &ready.counts, ready.rows),
                (vec!["0", "1"], &vec![vec![5, 2], vec![1, 9]], None)
            );
        }
    }

    #[test]
    fn labels_axes_and_totals_are_taken_from_the_file() {
        let ready = from_text("predicted \\ actual,cat,dog,total\ncat,5,2,7\ndog,1,9,10\ntotal,6,11,17\n").unwrap();
        assert_eq!((labels(&ready), ready.rows), (vec!["cat", "dog"], Some(Axis::Predicted)));
        assert_eq!(ready.counts, [[5, 2], [1, 9]]);
        // R writes no corner; pandas an empty one; classes may be numbers.
        for text in ["cat,dog\ncat,5,2\ndog,1,9\n", ",cat,dog\ncat,5,2\ndog,1,9\n"] {
            assert_eq!(labels(&from_text(text).unwrap()), ["cat", "dog"]);
        }
        assert_eq!(labels(&from_text(",3,4\n3,5,2\n4,1,9\n").unwrap()), ["3", "4"]);
        // A class of that name whose row is no sum.
        assert_eq!(labels(&from_text(",no,all\nno,5,2\nall,1,9\n").unwrap()), ["no", "all"]);
    }

    #[test]
    fn what_is_no_square_of_counts_is_refused_with_its_place() {
        for (text, says) in [
            ("", "empty"),
            ("a,b\n", "no counts"),
            ("1,2\n3\n", "line 2 has 1 counts and there are 2 rows"),
            ("1,2,3\n4,5,6\n", "line 1 has 3 counts and there are 2 rows"),
            ("1,2\n3,-4\n", "line 2, field 2: \"-4\""),
            ("0.5,0.5\n0.1,0.9\n", "not shares"),
            ("1,2\nx,3\n", "line 1 has 1 counts and there are 2 rows"),
            (",a,b\nb,1,2\na,3,4\n", "same classes in the same order"),
            ("1,99999999999999999999\n2,3\n", "too large to be exact"),
        ] {
            let error = format!("{:#}", from_text(text).unwrap_err());
            assert!(error.contains(says), "{text:?}: {error}");
        }
    }
}
