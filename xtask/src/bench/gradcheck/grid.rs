//! [`Grid`]: the cells that the programs print, gathered into tables.

use crate::bench::json_line::Line;
use crate::failure::Failure;

/// All cells, in the order in which they came.
#[derive(Debug, Default)]
pub struct Grid {
    cells: Vec<[String; 4]>,
    versions: Vec<String>,
}

impl Grid {
    /// Adds lines with `table`, `row`, `column` and `cell`, and perhaps the peers' `versions`.
    pub fn add(&mut self, lines: &[Line]) -> Result<(), Failure> {
        for line in lines {
            let text = |key| line.text(key).map(str::to_owned).map_err(Failure::failed);
            self.cells.push([text("table")?, text("row")?, text("column")?, text("cell")?]);
            for version in line.text("versions").unwrap_or_default().split(", ").filter(|version| !version.is_empty()) {
                if !self.versions.iter().any(|known| known == version) {
                    self.versions.push(version.to_owned());
                }
            }
        }
        Ok(())
    }

    /// The peers' versions.
    pub fn versions(&self) -> Vec<String> {
        self.versions.clone()
    }

    /// A table in markdown: rows in the order in which they came first, a dash where no cell came.
    pub fn table(&self, table: &str, columns: &[&str]) -> String {
        let own = || self.cells.iter().filter(|cell| cell[0] == table);
        let mut rows: Vec<&str> = Vec::new();
        for [_, row, ..] in own() {
            if !rows.contains(&row.as_str()) {
                rows.push(row);
            }
        }
        let mut text = format!("| | {} |\n|---|{}\n", columns.join(" | "), "---|".repeat(columns.len()));
        for row in rows {
            let cell = |column: &&str| own().find(|cell| cell[1] == row && cell[2] == **column);
            let cells: Vec<String> =
                columns.iter().map(|c| cell(c).map_or("–".to_owned(), |c| readable(&c[3]))).collect();
            text.push_str(&format!("| {row} | {} |\n", cells.join(" | ")));
        }
        text.trim_end().to_owned()
    }
}

/// Numbers in the programs' notation as a reader wants them: `5.034e12`, `1.724e1`, `inf`.
fn readable(cell: &str) -> String {
    if cell == "inf" {
        return "∞".to_owned();
    }
    match cell.parse::<f64>() {
        Ok(number) if cell.contains('.') && cell.contains('e') => {
            if (0.001..10_000.0).contains(&number) {
                super::super::statistics::three_digits(number)
            } else {
                format!("{number:.1e}")
            }
        }
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Grid, Line, readable};

    #[test]
    fn rows_keep_their_order_and_a_cell_that_did_not_come_is_a_dash() {
        let cell = |row: &str, column: &str, text: &str| {
            let line = format!(
                r#"{{"table": "a", "row": "{row}", "column": "{column}", "cell": "{text}", "versions": "torch 2, jax 1"}}"#
            );
            Line::parse(&line).unwrap()
        };
        let mut grid = Grid::default();
        grid.add(&[cell("z", "left", "1"), cell("b", "right", "2"), cell("z", "right", "inf")]).unwrap();
        assert_eq!(
            grid.table("a", &["left", "right"]),
            "| | left | right |\n|---|---|---|\n| z | 1 | ∞ |\n| b | – | 2 |"
        );
        assert_eq!(grid.versions(), ["torch 2", "jax 1"]);
    }

    #[test]
    fn numbers_are_rounded_and_words_are_left_alone() {
        assert_eq!(readable("1.724e1"), "17.2");
        assert_eq!(readable("5.034e12"), "5.0e12");
        assert_eq!(readable("3e-9"), "3e-9");
        assert_eq!(readable("99.8 % of 563"), "99.8 % of 563");
    }
}
