//! The lines in which two specs differ, table by table.

/// The lines of `before` that are gone (`-`) and those of `after` that are new (`+`), in the order of the texts. Tables stand
/// apart by an empty line; one that is there before and after is shown by its first lines and those that differ.
pub fn of(before: &str, after: &str) -> String {
    let tables = |text: &'_ str| text.trim().split("\n\n").map(str::to_owned).collect::<Vec<_>>();
    let (old, new) = (tables(before), tables(after));
    let mut lines = Vec::new();
    // What lies between tables that stayed: pairs of tables of the same kind, and what has no partner.
    let mut show = |gone: &[String], come: &[String]| {
        let mut come = come;
        for table in gone {
            match come.split_first() {
                Some((other, rest)) if name_of(other) == name_of(table) => {
                    lines.extend(within(table, other));
                    come = rest;
                }
                _ => lines.extend(table.lines().map(|line| format!("- {line}"))),
            }
        }
        lines.extend(folded(come));
    };
    let (mut i, mut j) = (0, 0);
    for (a, b) in common(&old, &new) {
        show(&old[i..a], &new[j..b]);
        (i, j) = (a + 1, b + 1);
    }
    show(&old[i..], &new[j..]);
    lines.join("\n")
}

/// New tables; of pieces that come again and again only the first, and how often.
fn folded(tables: &[String]) -> Vec<String> {
    /// Tables of the longest piece that is looked for: a layer, its normalization, its activation, a dropout.
    const LONGEST: usize = 4;
    let times = |at: usize, length: usize| {
        let piece = &tables[at..at + length];
        tables[at..].chunks_exact(length).take_while(|chunk| *chunk == piece).count()
    };
    let (mut at, mut lines) = (0, Vec::new());
    while at < tables.len() {
        let longest = LONGEST.min(tables.len() - at);
        let length = (1..=longest).find(|&length| times(at, length) > 1).unwrap_or(1);
        let times = times(at, length);
        let piece = &tables[at..at + length];
        lines.extend(piece.iter().flat_map(|table| table.lines()).map(|line| format!("+ {line}")));
        if times > 1 {
            lines.push(format!("  # … {} more of these {length}", times - 1));
        }
        at += length * times;
    }
    lines
}

/// A table's heading, and its kind where it says one.
fn name_of(table: &str) -> (Option<&str>, Option<&str>) {
    (table.lines().next().filter(|line| line.starts_with('[')), table.lines().find(|line| line.starts_with("kind =")))
}

/// Two forms of the same table.
fn within(before: &str, after: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let context = |line: &&str| line.starts_with('[') || line.starts_with("kind =");
    let mut lines: Vec<String> = Vec::new();
    let (mut i, mut j) = (0, 0);
    let same = common(&old, &new);
    for (a, b) in same.into_iter().chain([(old.len(), new.len())]) {
        lines.extend(old[i..a].iter().map(|line| format!("- {line}")));
        lines.extend(new[j..b].iter().map(|line| format!("+ {line}")));
        lines.extend(old.get(a).filter(|line| context(line)).map(|line| format!("  {line}")));
        (i, j) = (a + 1, b + 1);
    }
    lines
}

/// The places of a longest common subsequence, in both.
fn common<T: PartialEq>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    let mut length = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            length[i][j] =
                if old[i] == new[j] { length[i + 1][j + 1] + 1 } else { length[i + 1][j].max(length[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut places) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            places.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length[i + 1][j] >= length[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_changed_line_stands_under_the_heading_and_the_kind_of_its_table() {
        let found =
            super::of("[a]\nx = 1\n\n[b]\nkind = \"k\"\ny = 2\nz = 3", "[a]\nx = 1\n\n[b]\nkind = \"k\"\ny = 5\nz = 3");
        assert_eq!(found, "  [b]\n  kind = \"k\"\n- y = 2\n+ y = 5");
    }

    #[test]
    fn a_table_that_is_new_or_gone_is_shown_whole() {
        assert_eq!(super::of("a = 1", "a = 1\n\n[c]\nd = 2"), "+ [c]\n+ d = 2");
        assert_eq!(super::of("a = 1\nb = 2\n\n[c]\nd = 2", "a = 1"), "- b = 2\n- [c]\n- d = 2");
        assert_eq!(super::of("same", "same"), "");
        assert_eq!(
            super::of("a", "a\n\n[b]\n\n[c]\n\n[b]\n\n[c]\n\n[b]"),
            "+ [b]\n+ [c]\n  # … 1 more of these 2\n+ [b]"
        );
        let (before, after) = ("[[l]]\nkind = 1\n\n[o]", "[[l]]\nkind = 2\n\n[[l]]\nkind = 1\n\n[o]");
        assert_eq!(super::of(before, after), "+ [[l]]\n+ kind = 2");
    }
}
