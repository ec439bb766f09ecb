//! Tables of counters.

/// Bits of an index into the small table, and into the large one.
pub(super) const SMALL: u32 = 14;
pub(super) const LARGE: u32 = 20;

/// Counters of one cell, side by side: of rows that follow each other each has its own.
const REPLICAS: usize = 4;
/// In the large table rows that follow each other hardly ever meet.
const REPLICAS_LARGE: usize = 2;

/// As many cells as an index of 16 bits can name, so that none has to be checked; those beyond 2^SMALL are never touched.
type Small = [[u32; REPLICAS]; 1 << 16];
type Large = [[u32; REPLICAS_LARGE]; 1 << LARGE];

/// Counters of up to 2²⁰ cells, by index; memory is touched only where cells are used.
pub(super) struct Table {
    bits: u32,
    small: Option<Box<Small>>,
    large: Option<Box<Large>>,
    sums: Vec<u64>,
    /// No counter holds more than this.
    most: u64,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { bits: 0, small: None, large: None, sums: Vec::new(), most: 0 }
    }

    /// All zero, for indices below 2^`bits`.
    pub(super) fn reset(&mut self, bits: u32) {
        debug_assert!(bits <= LARGE);
        self.flush();
        self.bits = bits;
        self.sums.clear();
        self.sums.resize(1 << bits, 0);
        if bits <= SMALL {
            self.small.get_or_insert_with(zeros);
        } else {
            self.large.get_or_insert_with(zeros);
        }
    }

    /// Counts one row for each index. All are below 2^bits. Calls `meanwhile` with the first row of each group of them.
    #[inline(always)]
    pub(super) fn count(&mut self, indices: &[u16], meanwhile: impl Fn(usize)) {
        let (groups, rest) = indices.as_chunks::<REPLICAS>();
        self.make_room(groups.len() + rest.len(), u32::MAX.into());
        let Some(table) = &mut self.small else { return };
        for (row, group) in groups.iter().enumerate() {
            meanwhile(REPLICAS * row);
            for (replica, &index) in group.iter().enumerate() {
                let counter = &mut table[usize::from(index)][replica];
                *counter = counter.wrapping_add(1);
            }
        }
        for &index in rest {
            table[usize::from(index)][0] += 1;
        }
    }

    /// The same with wide indices.
    #[inline(always)]
    pub(super) fn count_wide(&mut self, indices: &[u32]) {
        let (groups, rest) = indices.as_chunks::<REPLICAS_LARGE>();
        self.make_room(groups.len() + rest.len(), u32::MAX.into());
        let Some(table) = &mut self.large else { return };
        for group in groups {
            for (replica, &index) in group.iter().enumerate() {
                let counter = &mut table[index as usize & ((1 << LARGE) - 1)][replica];
                *counter = counter.wrapping_add(1);
            }
        }
        for &index in rest {
            table[index as usize & ((1 << LARGE) - 1)][0] += 1;
        }
    }

    /// Counts many rows of one index.
    pub(super) fn add(&mut self, index: usize, rows: u64) {
        self.sums[index] += rows;
    }

    /// Before any counter can grow by `more`, which must not make it larger than `largest`.
    #[inline(always)]
    fn make_room(&mut self, more: usize, largest: u64) {
        if self.most + more as u64 > largest {
            self.flush();
        }
        self.most += more as u64;
    }

    /// Moves what the counters hold to the sums.
    fn flush(&mut self) {
        if self.most == 0 {
            return;
        }
        self.most = 0;
        if self.bits <= SMALL {
            drain(self.small.as_deref_mut().map(|table| &mut table[..]), &mut self.sums);
        } else {
            drain(self.large.as_deref_mut().map(|table| &mut table[..]), &mut self.sums);
        }
    }

    /// The count of each cell.
    pub(super) fn sums(&mut self) -> &[u64] {
        self.flush();
        &self.sums
    }
}

/// Not on the stack, for which they are too large, and zeroed by the allocator, which touches no page for it.
fn zeros<T: Copy + Default, const N: usize>() -> Box<[T; N]> {
    match vec![T::default(); N].into_boxed_slice().try_into() {
        Ok(table) => table,
        Err(_) => unreachable!("the length is that of the type"),
    }
}

fn drain<N: Copy + Default + Into<u64>, const R: usize>(table: Option<&mut [[N; R]]>, sums: &mut [u64]) {
    for (counters, sum) in table.into_iter().flatten().zip(sums) {
        *sum += counters.iter().map(|&n| n.into()).sum::<u64>();
        *counters = [N::default(); R];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_emptied_before_they_are_full() {
        let mut table = Table::new();
        table.reset(SMALL);
        table.small.as_mut().unwrap()[3] = [u32::MAX - 10; REPLICAS];
        table.most = u64::from(u32::MAX) - 10;
        // Rows that do not fill a group all go to the first counter.
        for _ in 0..10 {
            table.count(&[3; REPLICAS + 7], |_| {});
        }
        assert_eq!(table.sums()[3], REPLICAS as u64 * (u64::from(u32::MAX) - 10) + 10 * (REPLICAS as u64 + 7));

        table.reset(LARGE);
        table.large.as_mut().unwrap()[7] = [u32::MAX - 10; REPLICAS_LARGE];
        table.most = u64::from(u32::MAX) - 10;
        for _ in 0..10 {
            table.count_wide(&[7; 9]);
        }
        assert_eq!(table.sums()[7], 2 * (u64::from(u32::MAX) - 10) + 90);
    }
}
