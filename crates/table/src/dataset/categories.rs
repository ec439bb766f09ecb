//! The distinct values of a column and their order.

use std::collections::HashMap;

/// Distinct texts, numbered in the order of their first appearance.
#[derive(Clone, Debug, Default)]
pub(super) struct Categories {
    index: HashMap<String, u32>,
    labels: Vec<String>,
}

impl Categories {
    /// The number of a text, given anew if it was not there.
    pub(super) fn insert(&mut self, text: &str) -> u32 {
        if let Some(&code) = self.index.get(text) {
            return code;
        }
        let code = self.labels.len() as u32;
        self.labels.push(text.to_owned());
        self.index.insert(text.to_owned(), code);
        code
    }

    /// The number of a text, if it is there.
    pub(super) fn get(&self, text: &str) -> Option<u32> {
        self.index.get(text).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(super) fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Puts the texts in order: by value where all are numbers, else by code point. Returns for each old number the new.
    pub(super) fn sort(&mut self) -> Vec<u32> {
        let numbers: Option<Vec<f64>> =
            self.labels.iter().map(|label| label.trim().parse().ok().filter(|v: &f64| !v.is_nan())).collect();
        let mut order: Vec<usize> = (0..self.labels.len()).collect();
        match numbers {
            Some(numbers) => order
                .sort_by(|&a, &b| numbers[a].total_cmp(&numbers[b]).then_with(|| self.labels[a].cmp(&self.labels[b]))),
            None => order.sort_by(|&a, &b| self.labels[a].cmp(&self.labels[b])),
        }
        let mut rank = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, &old)| rank[old] = new as u32);
        self.labels = order.iter().map(|&old| std::mem::take(&mut self.labels[old])).collect();
        self.index.values_mut().for_each(|code| *code = rank[*code as usize]);
        rank
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(texts: &[&str]) -> Vec<String> {
        let mut categories = Categories::default();
        texts.iter().for_each(|text| {
            categories.insert(text);
        });
        categories.sort();
        categories.labels.iter().enumerate().for_each(|(at, l)| assert_eq!(categories.get(l), Some(at as u32)));
        categories.labels
    }

    #[test]
    fn numbers_are_ordered_by_value_and_texts_by_code_point() {
        assert_eq!(sorted(&["10", "9", "-1", "9"]), ["-1", "9", "10"]);
        assert_eq!(sorted(&["b", "10", "a", "9"]), ["10", "9", "a", "b"]);
    }
}
