//! A matrix as plain text, for logs and for looking at it while programming; `gradiometer-report` has pictures.

use crate::Matrix;
use std::fmt;

/// More classes than this are not written out.
const MOST_CLASSES: usize = 32;

/// Rows actual, columns predicted, with totals; of more than 32 classes the most frequent mistakes. Control characters of labels are shown as `�`.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts();
        let clean =
            |label: &String| label.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect::<String>();
        let labels: Vec<String> = self.labels().iter().map(clean).collect();
        if labels.len() > MOST_CLASSES {
            writeln!(
                f,
                "{} classes, {} rows, {} right; most often confused:",
                labels.len(),
                counts.total(),
                counts.correct()
            )?;
            for pair in self.most_confused(10) {
                writeln!(f, "actual {}, predicted {}: {}", labels[pair.actual], labels[pair.predicted], pair.count)?;
            }
            return Ok(());
        }
        let heading = labels.iter().cloned().chain(["total".to_owned()]);
        let totals = counts.predicted_totals().into_iter().chain([counts.total()]).map(|n| n.to_string());
        let columns: Vec<(String, String)> = heading.zip(totals).collect();
        let widths: Vec<usize> = columns.iter().map(|(a, b)| a.chars().count().max(b.len())).collect();
        let corner = "actual \\ predicted";
        let first = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0).max(corner.len());
        let line = |f: &mut fmt::Formatter<'_>, name: &str, cells: &mut dyn Iterator<Item = String>| {
            write!(f, "{name:>first$}")?;
            for (cell, width) in cells.zip(&widths) {
                write!(f, "  {cell:>width$}")?;
            }
            writeln!(f)
        };
        line(f, corner, &mut columns.iter().map(|(label, _)| label.clone()))?;
        for ((class, label), total) in labels.iter().enumerate().zip(counts.actual_totals()) {
            let row = (0..labels.len()).map(|predicted| counts.get(class, predicted));
            line(f, label, &mut row.chain([total]).map(|n| n.to_string()))?;
        }
        line(f, "total", &mut columns.iter().map(|(_, total)| total.clone()))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Counts, Matrix};

    #[test]
    fn many_classes_are_told_by_their_mistakes_and_control_characters_are_harmless() {
        let mut counts = Counts::new(40);
        counts.update_many(3, 7, 5).unwrap();
        counts.update_many(2, 2, 9).unwrap();
        let labels = (0..40).map(|class| format!("c{class}\u{1b}")).collect();
        let text = Matrix::new(labels, counts).unwrap().to_string();
        assert_eq!(
            text,
            "40 classes, 14 rows, 9 right; most often confused:\nactual c3\u{fffd}, predicted c7\u{fffd}: 5\n"
        );
        assert_eq!(
            Matrix::new(Vec::new(), Counts::new(0)).unwrap().to_string(),
            "actual \\ predicted  total\n             total      0\n"
        );
    }
}
