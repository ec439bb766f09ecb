//! The nearest of the names that exist, for the person who mistyped one.

/// The candidate nearest to `wanted`, if one is near enough to be meant.
///
/// Nearness is the Damerau-Levenshtein distance without regard to case, at most a third of the longer name's length
/// (a name that differs in case or surrounding blanks alone is always near enough).
pub(crate) fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.trim().to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let lower = candidate.trim().to_lowercase();
            let longest = lower.chars().count().max(wanted.chars().count());
            (strsim::damerau_levenshtein(&wanted, &lower), longest, candidate)
        })
        .filter(|(distance, longest, _)| *distance == 0 || distance * 3 <= *longest)
        .min_by_key(|(distance, ..)| *distance)
        .map(|(.., candidate)| candidate)
}

/// All candidates, the nearest to `wanted` first (Damerau-Levenshtein distance without regard to case), equally near ones in their order.
pub fn nearest_first<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.trim().to_lowercase();
    let mut all: Vec<&str> = candidates.into_iter().collect();
    all.sort_by_cached_key(|candidate| strsim::damerau_levenshtein(&wanted, &candidate.trim().to_lowercase()));
    all
}

/// How many names a message lists before it only counts the others.
const LISTED: usize = 20;

/// `a, b, c`, shortened to the first names and the number of the others where they are many.
pub(crate) fn list<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let total = names.len();
    let mut text = names.take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if total > LISTED {
        text += &format!(", … ({} more; {total} columns in all)", total - LISTED);
    }
    text
}

/// A value shortened to what fits on a line of a terminal, with control characters made visible.
pub(crate) fn shorten(value: &str) -> String {
    const LONGEST: usize = 60;
    let mut text: String = value.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if value.chars().nth(LONGEST).is_some() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_mistake_finds_its_name_and_a_different_word_finds_none() {
        let names = ["label", "gene_00001", "Age"];
        assert_eq!(nearest("lable", names), Some("label"));
        assert_eq!(nearest(" age", names), Some("Age"));
        assert_eq!(nearest("temperature", names), None);
    }

    #[test]
    fn the_nearest_name_comes_first() {
        assert_eq!(
            nearest_first("true_*", ["guess_cat", "TRUE_cat", "x", "true_c"]),
            ["true_c", "TRUE_cat", "x", "guess_cat"]
        );
    }

    #[test]
    fn thousands_of_names_are_shortened_and_counted() {
        let names: Vec<String> = (0..7129).map(|i| format!("g{i}")).collect();
        let text = list(names.iter().map(String::as_str));
        assert!(text.starts_with("`g0`, `g1`") && text.ends_with("(7109 more; 7129 columns in all)"), "{text}");
    }

    #[test]
    fn a_long_value_is_cut_and_its_control_characters_shown() {
        assert_eq!(shorten("a\tb"), "a\\tb");
        assert!(shorten(&"x".repeat(100)).ends_with("x…"));
    }
}
