//! The lines in which two texts differ.

/// The lines of `before` that are gone (`-`) and those of `after` that are new (`+`), each piece under the nearest heading
/// above it, in the order of the texts.
pub fn of(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    // Length of the longest common subsequence of what is left from each place on.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] =
                if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    let mut heading = None;
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            if old[i].starts_with('[') {
                heading = Some(format!("  {}", old[i]));
            }
            (i, j) = (i + 1, j + 1);
            continue;
        }
        lines.extend(heading.take());
        if j < new.len() && (i == old.len() || common[i][j + 1] > common[i + 1][j]) {
            lines.push(format!("+ {}", new[j]));
            j += 1;
        } else {
            lines.push(format!("- {}", old[i]));
            i += 1;
        }
    }
    // An empty line that came or went says nothing.
    lines.retain(|line| line.len() > 2);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_changed_line_stands_under_its_heading() {
        let found = super::of("[a]\nx = 1\n\n[b]\ny = 2\nz = 3", "[a]\nx = 1\n\n[b]\ny = 5\nz = 3");
        assert_eq!(found, "  [b]\n- y = 2\n+ y = 5");
    }

    #[test]
    fn what_is_new_or_gone_altogether_is_shown() {
        assert_eq!(super::of("a = 1", "a = 1\n\n[c]\nd = 2"), "+ [c]\n+ d = 2");
        assert_eq!(super::of("a = 1\nb = 2", "a = 1"), "- b = 2");
        assert_eq!(super::of("same", "same"), "");
    }
}
