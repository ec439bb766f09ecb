//! Named, shaped parts of the flat vector that a function takes.

use std::fmt;

/// What a block is to the function. It changes no verdict; a report says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Data that flows in.
    Input,
    /// Something that training changes.
    Parameter,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Input => "input",
            Self::Parameter => "parameter",
        })
    }
}

/// A named tensor within the flat vector `x`: its elements lie together, in row-major order (the last axis fastest).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its name in reports, such as `encoder.weight`.
    pub name: String,
    /// Its shape; empty for a scalar. A zero in it makes the block empty, which a report says.
    pub shape: Vec<usize>,
    /// Input or parameter.
    pub role: Role,
}

impl Block {
    /// A block of input values.
    pub fn input(name: impl Into<String>, shape: &[usize]) -> Self {
        Self { name: name.into(), shape: shape.to_vec(), role: Role::Input }
    }

    /// A block of parameters.
    pub fn parameter(name: impl Into<String>, shape: &[usize]) -> Self {
        Self { name: name.into(), shape: shape.to_vec(), role: Role::Parameter }
    }

    /// The product of the shape; 1 for a scalar.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// The multi-index of the `flat`-th element, row-major.
    pub fn multi_index(&self, flat: usize) -> Vec<usize> {
        let mut rest = flat;
        let mut index = vec![0; self.shape.len()];
        for (place, &extent) in index.iter_mut().zip(&self.shape).rev() {
            *place = rest % extent.max(1);
            rest /= extent.max(1);
        }
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_axis_runs_fastest() {
        let block = Block::input("x", &[2, 3, 4]);
        assert_eq!(block.elements(), 24);
        assert_eq!(block.multi_index(0), [0, 0, 0]);
        assert_eq!(block.multi_index(5), [0, 1, 1]);
        assert_eq!(block.multi_index(23), [1, 2, 3]);
        assert_eq!(Block::input("s", &[]).elements(), 1);
    }
}
