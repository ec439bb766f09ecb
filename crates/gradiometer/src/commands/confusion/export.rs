//! The counts as CSV, with the names of the axes in the corner and with totals.

use gradiometer_confusion::Matrix;

use crate::cli::Axis;

/// `actual \ predicted, cat, dog, total`, a row for each class, and the totals. `--matrix` reads it again without being told the axes.
pub(super) fn csv(matrix: &Matrix, rows: Axis) -> anyhow::Result<Vec<u8>> {
    let counts = matrix.counts();
    let classes = counts.classes();
    let mut table = vec![vec![0u64; classes]; classes];
    for (actual, predicted, n) in counts.nonzero() {
        match rows {
            Axis::Actual => table[actual][predicted] = n,
            Axis::Predicted => table[predicted][actual] = n,
        }
    }
    let (corner, down, across) = match rows {
        Axis::Actual => ("actual \\ predicted", counts.actual_totals(), counts.predicted_totals()),
        Axis::Predicted => ("predicted \\ actual", counts.predicted_totals(), counts.actual_totals()),
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let labels = matrix.labels().iter().map(String::as_str);
    writer.write_record([corner].into_iter().chain(labels).chain(["total"]))?;
    for ((label, row), total) in matrix.labels().iter().zip(&table).zip(&down) {
        let fields = row.iter().chain([total]).map(u64::to_string);
        writer.write_record([label.clone()].into_iter().chain(fields))?;
    }
    let last = across.iter().chain([&counts.total()]).map(u64::to_string).collect::<Vec<_>>();
    writer.write_record(["total".to_owned()].into_iter().chain(last))?;
    Ok(writer.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradiometer_confusion::Counts;

    #[test]
    fn what_is_written_names_its_axes_and_adds_up() {
        let counts = Counts::from_rows(&[vec![5, 2], vec![1, 9]]).unwrap();
        let matrix = Matrix::new(vec!["a, b".into(), "total".into()], counts).unwrap();
        let text = |rows| String::from_utf8(csv(&matrix, rows).unwrap()).unwrap();
        assert_eq!(
            text(Axis::Actual),
            "actual \\ predicted,\"a, b\",total,total\n\"a, b\",5,2,7\ntotal,1,9,10\ntotal,6,11,17\n"
        );
        assert!(text(Axis::Predicted).starts_with("predicted \\ actual,\"a, b\",total,total\n\"a, b\",5,1,6\n"));
    }
}
