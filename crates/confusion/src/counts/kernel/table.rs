//! Tables of counters.

/// Bits of an index of 16 bits that is in use, and of the largest index.
pub(super) const SMALL: u32 = 14;
pub(super) const LARGE: u32 = 22;

/// Rows that are counted between two calls of `meanwhile`: eight integers of eight bytes are a line of the cache.
const GROUP: usize = 8;

/// Rows from one that is counted to the one whose counter is fetched, where counters do not stay in the caches.
const DISTANCE: usize = 32;

/// Bytes after which the processor takes two addresses for one, until it has looked closer: reading an index then waits for a counter
/// that is being written elsewhere. Small tables begin at such a boundary, and indices in the second half.
const PAGE: usize = 4096;

/// Indices of the cells of a block.
#[repr(C, align(4096))]
pub(super) struct Indices<const ROWS: usize> {
    first_half: [u8; PAGE / 2],
    pub(super) rows: [u16; ROWS],
}

impl<const ROWS: usize> Indices<ROWS> {
    pub(super) fn new() -> Self {
        Self { first_half: [0; PAGE / 2], rows: [0; ROWS] }
    }
}

/// Counters of one cell, side by side: of rows that follow each other each has its own. More would only take up the first cache:
/// with two, a column that is one class alone is counted as fast as memory is read.
fn replicas(bits: u32) -> usize {
    match bits {
        // Few cells, on which rows that follow each other often meet.
        0..=4 => 4,
        5..=SMALL => 2,
        _ => 1,
    }
}

/// Counters of up to 2²² cells, by index.
pub(super) struct Table {
    bits: u32,
    /// [`replicas`] for each cell.
    counters: Counters,
    /// What no longer fits in the counters; empty until that happens.
    sums: Vec<u64>,
    /// No counter holds more than this.
    most: u64,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { bits: 0, counters: Counters::default(), sums: Vec::new(), most: 0 }
    }

    /// All zero, for indices below 2^`bits`.
    pub(super) fn reset(&mut self, bits: u32) {
        debug_assert!(bits <= LARGE);
        self.counters.reset(replicas(bits) << bits);
        (self.bits, self.most) = (bits, 0);
        self.sums.clear();
    }

    /// Counts one row for each index. All are below 2^bits. Calls `meanwhile` with the first row of each group of them.
    #[inline(always)]
    pub(super) fn count(&mut self, indices: &[u16], meanwhile: impl Fn(usize)) {
        match replicas(self.bits) {
            4 => self.count_in::<4>(indices, meanwhile),
            2 => self.count_in::<2>(indices, meanwhile),
            _ => self.count_in::<1>(indices, meanwhile),
        }
    }

    #[inline(always)]
    fn count_in<const REPLICAS: usize>(&mut self, indices: &[u16], meanwhile: impl Fn(usize)) {
        let (groups, rest) = indices.as_chunks::<GROUP>();
        self.make_room(groups.len() * (GROUP / REPLICAS) + rest.len());
        let cells = self.counters.get_mut().as_chunks_mut::<REPLICAS>().0;
        for (number, group) in groups.iter().enumerate() {
            meanwhile(GROUP * number);
            for (row, &index) in group.iter().enumerate() {
                let counter = &mut cells[usize::from(index)][row % REPLICAS];
                *counter = counter.wrapping_add(1);
            }
        }
        for &index in rest {
            cells[usize::from(index)][0] += 1;
        }
    }

    /// The same with wide indices, of more than [`SMALL`] bits.
    #[inline(always)]
    pub(super) fn count_wide(&mut self, indices: &[u32], meanwhile: impl Fn(usize)) {
        self.make_room(indices.len());
        let counters = self.counters.get_mut();
        let (groups, rest) = indices.as_chunks::<GROUP>();
        for (number, group) in groups.iter().enumerate() {
            meanwhile(GROUP * number);
            for &later in indices.iter().skip(GROUP * number + DISTANCE).take(GROUP) {
                fetch(counters.as_ptr().wrapping_add(later as usize));
            }
            for &index in group {
                let counter = &mut counters[index as usize];
                *counter = counter.wrapping_add(1);
            }
        }
        for &index in rest {
            counters[index as usize] += 1;
        }
    }

    /// Counts the rows of which both indices are the same. All are below 2^bits.
    #[inline(always)]
    pub(super) fn count_equal(&mut self, actual: &[u32], predicted: &[u32]) {
        self.make_room(actual.len());
        let (replicas, counters) = (replicas(self.bits), self.counters.get_mut());
        for (&actual, &predicted) in actual.iter().zip(predicted) {
            // Not by a branch, which would be mistaken at each wrong row.
            let counter = &mut counters[replicas * actual as usize];
            *counter = counter.wrapping_add(u32::from(actual == predicted));
        }
    }

    /// Counts many rows of one index.
    pub(super) fn add(&mut self, index: usize, rows: u64) {
        match u32::try_from(rows) {
            Ok(few) => {
                self.make_room(few as usize);
                self.counters.get_mut()[replicas(self.bits) * index] += few;
            }
            Err(_) => {
                self.sums.resize(1 << self.bits, 0);
                self.sums[index] += rows;
            }
        }
    }

    /// Before any counter can grow by `more`.
    #[inline(always)]
    fn make_room(&mut self, more: usize) {
        if self.most + more as u64 > u32::MAX.into() {
            self.flush();
        }
        self.most += more as u64;
    }

    /// Moves what the counters hold to the sums.
    #[cold]
    fn flush(&mut self) {
        self.most = 0;
        self.sums.resize(1 << self.bits, 0);
        for (counters, sum) in self.counters.get_mut().chunks_mut(replicas(self.bits)).zip(&mut self.sums) {
            *sum += counters.iter().map(|&n| u64::from(n)).sum::<u64>();
            counters.fill(0);
        }
    }

    /// Index and count of each cell that is not zero, in the order of indices.
    pub(super) fn cells(&self) -> Vec<(usize, u64)> {
        self.map_cells(|index, rows| (index, rows))
    }

    /// The same as something else.
    pub(super) fn map_cells<C>(&self, cell: impl Fn(usize, u64) -> C) -> Vec<C> {
        match replicas(self.bits) {
            4 => self.map_cells_in::<4, C>(cell),
            2 => self.map_cells_in::<2, C>(cell),
            _ => self.map_cells_in::<1, C>(cell),
        }
    }

    fn map_cells_in<const REPLICAS: usize, C>(&self, cell: impl Fn(usize, u64) -> C) -> Vec<C> {
        let counters = self.counters.get().as_chunks::<REPLICAS>().0;
        let rows_of = |counters: &[u32; REPLICAS]| counters.iter().map(|&n| u64::from(n)).sum::<u64>();
        if !self.sums.is_empty() {
            let rows = counters.iter().map(rows_of).zip(&self.sums).map(|(rows, sum)| rows + sum).enumerate();
            return rows.filter(|(_, rows)| *rows > 0).map(|(index, rows)| cell(index, rows)).collect();
        }
        // Growing would move the cells again and again.
        let filled = counters.iter().map(|counters| usize::from(*counters != [0; REPLICAS])).sum();
        let mut cells = Vec::with_capacity(filled);
        for (group, counters) in counters.chunks(GROUP).enumerate() {
            // Of most tables most cells are empty: eight at a time are passed over.
            if counters.as_flattened().iter().fold(0, |any, n| any | n) == 0 {
                continue;
            }
            for (place, counters) in counters.iter().enumerate() {
                let rows = rows_of(counters);
                if rows > 0 {
                    cells.push(cell(GROUP * group + place, rows));
                }
            }
        }
        cells
    }
}

/// Memory that begins at a multiple of [`PAGE`].
#[derive(Default)]
struct Counters {
    memory: Vec<u32>,
    start: usize,
    length: usize,
}

impl Counters {
    /// All zero.
    fn reset(&mut self, length: usize) {
        // Memory that is asked for zeroed is touched only where cells are used.
        if self.length < length || self.length > 4 * length {
            self.memory = vec![0; length + PAGE / size_of::<u32>()];
            self.start = self.memory.as_ptr().align_offset(PAGE).min(PAGE / size_of::<u32>());
        } else {
            self.get_mut().fill(0);
        }
        self.length = length;
    }

    #[inline(always)]
    fn get(&self) -> &[u32] {
        &self.memory[self.start..self.start + self.length]
    }

    #[inline(always)]
    fn get_mut(&mut self) -> &mut [u32] {
        &mut self.memory[self.start..self.start + self.length]
    }
}

/// Fetches a counter that will be written.
#[inline(always)]
fn fetch(counter: *const u32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing that the program sees, and faults nowhere.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(counter.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = counter;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_emptied_before_they_are_full() {
        for bits in [2, 9, SMALL] {
            let mut table = Table::new();
            table.reset(bits);
            let replicas = replicas(bits);
            table.counters.get_mut()[3 * replicas..4 * replicas].fill(u32::MAX - 10);
            table.most = u64::from(u32::MAX) - 10;
            // Rows that do not fill a group all go to the first counter.
            for _ in 0..10 {
                table.count(&[3; GROUP + 7], |_| {});
            }
            let before = replicas as u64 * (u64::from(u32::MAX) - 10);
            assert_eq!(table.cells(), [(3, before + 10 * (GROUP as u64 + 7))]);
        }

        let mut table = Table::new();
        table.reset(SMALL + 1);
        table.counters.get_mut()[7] = u32::MAX - 10;
        table.most = u64::from(u32::MAX) - 10;
        for _ in 0..10 {
            table.count_wide(&[7; 9], |_| {});
            table.count_equal(&[7; 3], &[7, 8, 7]);
        }
        assert_eq!(table.cells(), [(7, u64::from(u32::MAX) - 10 + 90 + 20)]);
    }

    #[test]
    fn a_table_that_was_larger_or_smaller_begins_at_zero() {
        let mut table = Table::new();
        for bits in [14, 2, 20, 15, 3, 3, 21] {
            table.reset(bits);
            assert_eq!(table.cells(), [], "{bits}");
            let last = (1 << bits) - 1;
            table.add(last, 1 << 40);
            if bits <= SMALL {
                table.count(&[0, last as u16, 0], |_| {});
            } else {
                table.count_wide(&[0, last as u32, 0], |_| {});
            }
            assert_eq!(table.cells(), [(0, 2), (last, (1 << 40) + 1)], "{bits}");
        }
    }
}
