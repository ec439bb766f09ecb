use super::Design;

/// Some columns of a design, in an order of their own, without a copy.
pub struct Columns<'a> {
    design: &'a dyn Design,
    columns: Vec<usize>,
}

impl std::fmt::Debug for Columns<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Columns").field("columns", &self.columns).finish_non_exhaustive()
    }
}

impl<'a> Columns<'a> {
    /// These columns of it.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn new(design: &'a dyn Design, columns: Vec<usize>) -> Self {
        assert!(columns.iter().all(|&column| column < design.columns()), "columns of the design");
        Self { design, columns }
    }

    fn inside(&self, columns: &[usize]) -> Vec<usize> {
        columns.iter().map(|&column| self.columns[column]).collect()
    }
}

impl Design for Columns<'_> {
    fn rows(&self) -> usize {
        self.design.rows()
    }

    fn columns(&self) -> usize {
        self.columns.len()
    }

    fn dot(&self, column: usize, vector: &[f64]) -> f64 {
        self.design.dot(self.columns[column], vector)
    }

    fn add_scaled(&self, column: usize, factor: f64, vector: &mut [f64]) {
        self.design.add_scaled(self.columns[column], factor, vector);
    }

    fn add_combination(&self, columns: &[usize], factors: &[f64], vector: &mut [f64]) {
        self.design.add_combination(&self.inside(columns), factors, vector);
    }

    fn products(&self, columns: &[usize], vectors: &[&[f64]], out: &mut [f64]) {
        self.design.products(&self.inside(columns), vectors, out);
    }

    fn gram(&self, left: &[usize], right: &[usize], weights: Option<&[f64]>, out: &mut [f64]) {
        self.design.gram(&self.inside(left), &self.inside(right), weights, out);
    }

    fn copy_rows(&self, column: usize, first: usize, out: &mut [f64]) -> bool {
        self.design.copy_rows(self.columns[column], first, out)
    }

    fn cross(&self, columns: &[usize], other: (&dyn Design, &[usize]), weights: Option<&[f64]>, out: &mut [f64]) {
        self.design.cross(&self.inside(columns), other, weights, out);
    }

    fn products_come_together(&self, column: usize) -> bool {
        self.design.products_come_together(self.columns[column])
    }

    fn shares_work(&self) -> bool {
        self.design.shares_work()
    }

    fn add_row_products(&self, columns: &[usize], centers: &[f64], factors: &[f64], out: &mut [f64]) {
        self.design.add_row_products(&self.inside(columns), centers, factors, out);
    }

    fn mean_and_variance(&self, column: usize, weights: Option<&[f64]>) -> (f64, f64) {
        self.design.mean_and_variance(self.columns[column], weights)
    }

    fn gather(&self, column: usize, rows: &[usize], out: &mut [f64]) {
        self.design.gather(self.columns[column], rows, out);
    }

    fn stored(&self, column: usize) -> usize {
        self.design.stored(self.columns[column])
    }

    fn append_nonzeros(&self, column: usize, rows: &mut Vec<u32>, values: &mut Vec<f64>) {
        self.design.append_nonzeros(self.columns[column], rows, values);
    }

    fn first_not_finite(&self) -> Option<(usize, usize)> {
        // The design as a whole was looked at before some of its columns were chosen; here only those count.
        let mut unit = vec![0.0; self.rows()];
        (0..self.columns()).find_map(|column| {
            unit.fill(0.0);
            self.add_scaled(column, 1.0, &mut unit);
            unit.iter().position(|x| !x.is_finite()).map(|row| (row, column))
        })
    }
}
