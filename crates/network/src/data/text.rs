//! A text as tokens, one a character, for models that predict the next one. The text is stored once; a sample is a
//! window into it. The split is contiguous (the beginning trains, the end tests), for neighbouring windows of a text
//! are too much alike to be told apart by chance.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use gradiometer_run::Task;

use super::guess::entropy;
use super::part::{Part, Store};
use super::{Data, DataError, Rows};
use crate::spec::{DataSpec, Text};

/// Reads, splits and windows a text.
pub(super) fn load(text: &Text, spec: &DataSpec) -> Result<Data, DataError> {
    let path = PathBuf::from(text.path.as_deref().ok_or(DataError::NoPath { example: "book.txt" })?);
    let bytes = std::fs::read(&path).map_err(|source| DataError::Unreadable { path: path.clone(), source })?;
    let characters = decode(&bytes, &path)?;
    if let Some(shape) = spec.shape.as_ref().filter(|shape| **shape != [text.length]) {
        let what = "the characters of a window".to_owned();
        return Err(DataError::Shape { shape: shape.clone(), features: text.length, what });
    }
    let (vocabulary, tokens) = tokenize(characters);
    if let [character] = vocabulary[..] {
        return Err(DataError::OneCharacter { path, character });
    }

    let total = tokens.len();
    let test_from = total - (spec.test * total as f64).round() as usize;
    let validation_from = test_from - ((spec.validation * total as f64).round() as usize).min(test_from);
    let bounds = [
        ("training", 1.0, 0..validation_from),
        ("validation", spec.validation, validation_from..test_from),
        ("test", spec.test, test_from..total),
    ];
    let needed = text.length.saturating_add(1);
    let mut rows = Rows { read: total as u64, ..Rows::default() };
    let mut windows = Vec::new();
    for (part, share, range) in bounds {
        let characters = range.len();
        if share > 0.0 && characters < needed {
            return Err(DataError::TextTooShort { path, part, characters, needed });
        }
        let starts: Vec<usize> = match range.end.checked_sub(needed) {
            Some(last) if characters > 0 => (range.start..=last).step_by(text.stride()).collect(),
            _ => Vec::new(),
        };
        account(&mut rows, range.end, &starts, characters, text);
        windows.push(starts);
    }
    let mut counts = vec![0; vocabulary.len()];
    tokens[..validation_from].iter().for_each(|token| counts[*token as usize] += 1);

    let store = Arc::new(Store::Text { tokens, length: text.length });
    let mut parts = windows.into_iter().map(|starts| Part::new(Arc::clone(&store), starts));
    let mut part = || parts.next().unwrap_or_else(|| Part::new(Arc::clone(&store), Vec::new()));
    Ok(Data {
        train: part(),
        validation: part(),
        test: part(),
        task: Task::NextToken { vocabulary: vocabulary.len(), guess_loss: entropy(&counts) },
        sample_shape: vec![text.length],
        feature_names: Vec::new(),
        rows,
        standardization: None,
        vocabulary: Some(vocabulary),
        notes: Vec::new(),
    })
}

/// Adds up which characters of a part are in a window, and why the others are not.
fn account(rows: &mut Rows, end: usize, starts: &[usize], characters: usize, text: &Text) {
    let needed = text.length + 1;
    let Some(last) = starts.last() else {
        exclude(rows, "in a part too short for a window", characters);
        return;
    };
    let between = text.stride().saturating_sub(needed) * (starts.len() - 1);
    let behind = end - (last + needed);
    exclude(rows, "between two windows", between);
    exclude(rows, "behind the last whole window of a part", behind);
    rows.used += (characters - between - behind) as u64;
}

fn exclude(rows: &mut Rows, reason: &str, characters: usize) {
    if characters > 0 {
        *rows.excluded.entry(reason.to_owned()).or_default() += characters as u64;
    }
}

fn decode<'a>(bytes: &'a [u8], path: &std::path::Path) -> Result<&'a str, DataError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        DataError::NotUtf8 {
            path: path.to_owned(),
            offset,
            byte: bytes[offset],
            line: 1 + bytes[..offset].iter().filter(|byte| **byte == b'\n').count(),
        }
    })
}

/// The distinct characters in the order of their code points, and the text as indices into them.
fn tokenize(text: &str) -> (Vec<char>, Vec<i32>) {
    let mut index: BTreeMap<char, i32> = text.chars().map(|character| (character, 0)).collect();
    index.values_mut().zip(0..).for_each(|(token, number)| *token = number);
    let tokens = text.chars().map(|character| index[&character]).collect();
    (index.into_keys().collect(), tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Inputs, Targets, load};
    use crate::spec::Source;

    fn spec(text: &[u8], length: usize, stride: Option<usize>) -> (tempfile::TempDir, DataSpec) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text.txt");
        std::fs::write(&path, text).unwrap();
        let source = Source::Text(Text { path: Some(path.display().to_string()), length, stride });
        let spec = DataSpec { source, shape: None, validation: 0.2, test: 0.2, stratified: true, standardize: false };
        (folder, spec)
    }

    fn refusal(text: &[u8], length: usize) -> String {
        let (folder, spec) = spec(text, length, None);
        let message = load(&spec, 0).expect_err("a refusal").to_string();
        message.replace(&folder.path().display().to_string(), "FOLDER")
    }

    #[test]
    fn a_text_becomes_windows_of_tokens_and_their_successors() {
        let (_folder, spec) = spec("abcdefghijklmnopqrst".as_bytes(), 3, None);
        let data = load(&spec, 0).unwrap();
        assert_eq!(data.vocabulary.as_ref().unwrap().len(), 20);
        assert_eq!(data.sample_shape, [3]);
        assert_eq!(
            (data.train.rows(), data.validation.rows(), data.test.rows()),
            (&[0, 3, 6][..], &[12][..], &[16][..])
        );
        let batch = data.train.gather(&[1]);
        assert_eq!(batch.inputs, Inputs::Tokens(vec![3, 4, 5]));
        assert_eq!(batch.targets, Targets::Tokens(vec![4, 5, 6]));
    }

    #[test]
    fn every_character_is_accounted_for() {
        for (length, stride) in [(3, None), (3, Some(1)), (2, Some(7)), (4, Some(5)), (1, Some(2))] {
            let text: String = ('a'..='z').cycle().take(101).collect();
            let (_folder, spec) = spec(text.as_bytes(), length, stride);
            let data = load(&spec, 0).unwrap();
            let mut covered = [false; 101];
            for part in [&data.train, &data.validation, &data.test] {
                part.rows().iter().for_each(|start| covered[*start..start + length + 1].fill(true));
            }
            assert_eq!(data.rows.read, 101);
            assert_eq!(data.rows.used, covered.iter().filter(|c| **c).count() as u64, "{length} {stride:?}");
            assert_eq!(data.rows.read, data.rows.used + data.rows.excluded.values().sum::<u64>());
        }
    }

    #[test]
    fn the_vocabulary_is_of_characters_and_not_of_bytes() {
        let (vocabulary, tokens) = tokenize("größe→g");
        assert_eq!(vocabulary, ['e', 'g', 'r', 'ß', 'ö', '→']);
        assert_eq!(tokens, [1, 2, 4, 3, 0, 5, 1]);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(
            refusal(b"ab\ncd\xff", 2),
            "FOLDER/text.txt is not a UTF-8 text: the byte 0xff at offset 5 (line 2) does not belong to a character; \
             convert it, as with `iconv -t UTF-8`"
        );
        assert_eq!(
            refusal(b"", 2),
            "FOLDER/text.txt: the training part has 0 characters, but a window needs 3 (data.length and one more to \
             predict): use a longer text or a smaller data.length"
        );
        assert_eq!(
            refusal(b"abcdefghij", 3),
            "FOLDER/text.txt: the validation part has 2 characters, but a window needs 4 (data.length and one more to \
             predict): use a longer text or a smaller data.length, or a larger share"
        );
        assert_eq!(
            refusal(b"aaaaaaaaaaaaaaaaaaaaaaaaa", 2),
            "FOLDER/text.txt: the text has only one distinct character, 'a': there is nothing to predict"
        );
    }

    #[test]
    fn a_text_without_a_path_is_refused_with_the_way_to_name_one() {
        let source = Source::Text(Text { path: None, length: 2, stride: None });
        let spec = DataSpec { source, shape: None, validation: 0.0, test: 0.0, stratified: true, standardize: false };
        assert_eq!(
            load(&spec, 0).unwrap_err().to_string(),
            "data.path is missing: name the file in [data], as in `path = \"book.txt\"`, or with `--set data.path=FILE`"
        );
    }
}
