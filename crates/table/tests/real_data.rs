//! Three gene-expression tables, where they are at hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gradiometer_table::{DatasetOptions, Options, Source, Target, read_dataset};

/// The folder of the data: `GRADIOMETER_DATA`, or `shared/data` beside the workspace.
fn data(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("GRADIOMETER_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = folder.join(name);
    if !path.exists() {
        println!("skipped: {name} is not in {}", folder.display());
        return None;
    }
    Some(path)
}

#[test]
fn the_gene_tables_have_the_published_shapes_and_class_counts() {
    for (name, rows, genes, expected) in [
        ("golub.parquet", 72, 7129, &[("ALL", 47), ("AML", 25)][..]),
        ("khan.parquet", 63, 2308, &[("BL", 8), ("EWS", 23), ("NB", 12), ("RMS", 20)]),
        ("alon.parquet", 62, 2000, &[("n", 22), ("t", 40)]),
    ] {
        let Some(path) = data(name) else { continue };
        let source = Source::open(path.to_str().unwrap(), &Options::default()).unwrap();
        let options = DatasetOptions { targets: vec!["label".into()], ..Default::default() };
        let dataset = read_dataset(&source, &options).unwrap();
        assert_eq!((dataset.len(), dataset.width()), (rows, genes), "{name}");
        assert_eq!(dataset.features.len(), rows * genes);
        let Target::Classes { labels, indices, .. } = &dataset.target else { panic!("{name}: classes") };
        let mut counts = BTreeMap::new();
        indices.iter().for_each(|&index| *counts.entry(labels[index as usize].as_str()).or_insert(0) += 1);
        assert_eq!(counts, expected.iter().copied().collect(), "{name}");
        assert_eq!((dataset.rows.read, dataset.rows.used), (rows as u64, rows as u64));
    }
}

/// Sums as PyArrow 26 reads the file, added exactly (`math.fsum`).
#[test]
fn columns_of_the_leukemia_table_have_the_sums_that_another_reader_finds() {
    let Some(path) = data("golub.parquet") else { return };
    let source = Source::open(path.to_str().unwrap(), &Options::default()).unwrap();
    let options = DatasetOptions { targets: vec!["label".into()], ..Default::default() };
    let dataset = read_dataset(&source, &options).unwrap();
    for (name, first, last, sum) in [
        ("gene_00001", -342.0, -135.0, -8250.0),
        ("gene_00100", -74.0, -15.0, -1141.0),
        ("gene_07129", -70.0, -10.0, -2201.0),
    ] {
        let at = dataset.feature_names.iter().position(|feature| feature == name).unwrap();
        let column: Vec<f32> = (0..dataset.len()).map(|row| dataset.row(row)[at]).collect();
        assert_eq!((column[0], column[71]), (first, last), "{name}");
        assert_eq!(column.iter().map(|v| f64::from(*v)).sum::<f64>(), sum, "{name}");
    }
}

#[test]
fn a_mistyped_target_among_thousands_of_columns_is_answered_briefly() {
    let Some(path) = data("golub.parquet") else { return };
    let source = Source::open(path.to_str().unwrap(), &Options::default()).unwrap();
    let options = DatasetOptions { targets: vec!["lable".into()], ..Default::default() };
    let text = read_dataset(&source, &options).unwrap_err().to_string();
    assert!(text.contains("did you mean `label`?") && text.contains("7130 columns in all"), "{text}");
    assert!(text.len() < 700, "{text}");
}
