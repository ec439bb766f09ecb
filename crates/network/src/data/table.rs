//! A table's rows as samples: what the spec asks for, said to the table's reader, and what that returns, split and made
//! whole. Reading, typing, encoding and counting are the business of `gradiometer-table`.

use gradiometer_table as table;

use super::part::Known;
use super::samples::Samples;
use super::{Data, DataError, Rows, finish, split};
use crate::spec::{ColumnType, DataSpec, Encode, Missing, Table, TableTask};

/// Reads and splits a table. Missing values are put in after the split, from the training rows alone.
pub(super) fn load(spec: &Table, data: &DataSpec, seed: u64) -> Result<Data, DataError> {
    let path = spec.path.as_deref().ok_or(DataError::NoPath { example: "rows.csv" })?;
    let source = table::Source::open(path, &options(spec))?;
    if spec.targets().is_empty() {
        let columns = source.schema().fields().iter().map(|field| field.name().clone()).collect();
        return Err(DataError::NoTarget { table: path.to_owned(), columns });
    }
    let mut dataset = table::read_dataset(&source, &dataset_options(spec))?;
    let (targets, target_names) = match std::mem::replace(&mut dataset.target, table::Target::None) {
        table::Target::Classes { labels, indices, .. } => {
            (Known::Classes(indices.into_iter().map(|class| class as i32).collect()), labels)
        }
        table::Target::Numbers { names, values } => {
            let width = names.len();
            (Known::Numbers { values, width }, names)
        }
        // The reader gives a target for every non-empty list of them.
        table::Target::None => return Err(DataError::NoTarget { table: path.to_owned(), columns: Vec::new() }),
    };
    let mut samples =
        Samples { features: Vec::new(), feature_names: dataset.feature_names.clone(), targets, target_names };
    let split = split(&samples, data, seed)?;
    let mut notes = std::mem::take(&mut dataset.notes);
    for imputed in dataset.impute(&split.train)? {
        let table::Imputed { feature, value, cells } = imputed;
        notes.push(format!("{cells} missing values of \"{feature}\" were replaced by {value}"));
    }
    let table::Rows { read, used, excluded } = dataset.rows;
    samples.features = dataset.features;
    finish(samples, split, data, Rows { read, used, excluded }, notes)
}

fn options(spec: &Table) -> table::Options {
    let mut options = table::Options {
        delimiter: spec.delimiter.map(|delimiter| delimiter as u8),
        header: spec.header,
        types: spec.types.iter().map(|(column, kind)| (column.clone(), column_type(*kind))).collect(),
        ..table::Options::default()
    };
    if let Some(markers) = &spec.missing_markers {
        options.missing_markers.clone_from(markers);
    }
    options
}

fn dataset_options(spec: &Table) -> table::DatasetOptions {
    table::DatasetOptions {
        targets: spec.targets().to_vec(),
        include: spec.columns.clone(),
        exclude: spec.exclude.clone(),
        encode: match spec.encode {
            Encode::OneHot => table::Encode::OneHot,
            Encode::Label => table::Encode::Label,
        },
        missing: match spec.missing {
            Missing::Refuse => table::Missing::Refuse,
            Missing::Drop => table::Missing::Drop,
            Missing::Mean => table::Missing::Mean,
            Missing::Median => table::Missing::Median,
            Missing::Zero => table::Missing::Constant(0.0),
        },
        task: spec.task.map(|task| match task {
            TableTask::Classification => table::Task::Classification,
            TableTask::Regression => table::Task::Regression,
        }),
        max_categories: spec.max_categories,
        ..table::DatasetOptions::default()
    }
}

fn column_type(kind: ColumnType) -> table::ColumnType {
    match kind {
        ColumnType::Number => table::ColumnType::Number,
        ColumnType::Integer => table::ColumnType::Integer,
        ColumnType::String => table::ColumnType::String,
        ColumnType::Boolean => table::ColumnType::Boolean,
        ColumnType::Date => table::ColumnType::Date,
        ColumnType::Timestamp => table::ColumnType::Timestamp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::load;
    use crate::spec::{Source, Spec};
    use gradiometer_run::Task;

    /// The data of a spec of a table with these rows and keys.
    fn read(rows: &str, keys: &str) -> Result<Data, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        std::fs::write(&path, rows).unwrap();
        let text = format!(
            "loss = \"mse\"\nlayers = [{{ kind = \"flatten\" }}]\ntraining = {{ epochs = 1 }}\n\
             [data]\nsource = \"table\"\npath = {:?}\n{keys}",
            path.display().to_string()
        );
        let spec = Spec::from_toml_str(&text, "table.toml").unwrap();
        load(&spec.data, 1).map_err(|e| e.to_string().replace(&folder.path().display().to_string(), "FOLDER"))
    }

    fn flowers(n: usize) -> String {
        let row = |i: usize| format!("{},{},{}\n", i, ["red", "blue"][i % 2], ["rose", "iris"][i % 2]);
        std::iter::once("size,color,kind\n".to_owned()).chain((0..n).map(row)).collect()
    }

    #[test]
    fn a_table_of_classes_is_encoded_split_and_standardized() {
        let data = read(&flowers(40), "target = \"kind\"").unwrap();
        assert_eq!(data.feature_names, ["size", "color=blue", "color=red"]);
        assert_eq!((data.rows.read, data.rows.used), (40, 40));
        let Task::Classification { classes, shares } = &data.task else { panic!("classes") };
        assert_eq!(classes, &["iris", "rose"]);
        assert_eq!(shares, &[0.5, 0.5]);
        assert_eq!(data.sample_shape, [3]);
        assert_eq!((data.train.len(), data.validation.len(), data.test.len()), (28, 6, 6));
        assert!(data.standardization.is_some());
    }

    #[test]
    fn missing_values_are_put_in_from_the_training_rows_alone() {
        let mut rows = "a,b\n".to_owned();
        (0..20).for_each(|i| rows += &if i % 5 == 4 { format!(",{i}.5\n") } else { format!("{}.5,{i}.5\n", 1000 * i) });
        let data = read(&rows, "target = \"b\"\nmissing = \"mean\"\nstandardize = false").unwrap();
        let present: Vec<usize> = data.train.rows().iter().copied().filter(|i| i % 5 != 4).collect();
        let mean = present.iter().map(|i| 1000.0 * *i as f64 + 0.5).sum::<f64>() / present.len() as f64;
        let all: Vec<usize> = (0..data.test.len()).collect();
        for part in [&data.train, &data.validation, &data.test] {
            for (index, row) in part.rows().iter().enumerate().filter(|(_, row)| *row % 5 == 4) {
                let crate::data::Inputs::Numbers(x) = part.gather(&[index]).inputs else { panic!("numbers") };
                assert_eq!(x[0], mean as f32, "row {row}");
            }
        }
        assert!(!all.is_empty());
        assert_eq!(data.notes, [format!("4 missing values of \"a\" were replaced by {}", mean as f32)]);
    }

    #[test]
    fn a_target_that_is_not_named_is_asked_for_with_the_columns() {
        assert_eq!(
            read(&flowers(10), "").unwrap_err(),
            "data.target is missing: name the column to predict, as in `target = \"kind\"`; FOLDER/rows.csv has the \
             columns size, color, kind"
        );
    }

    #[test]
    fn a_target_that_is_not_there_is_refused_with_the_nearest() {
        let message = read(&flowers(10), "target = \"kimd\"").unwrap_err();
        assert!(message.contains("did you mean `kind`"), "{message}");
    }

    #[test]
    fn one_class_only_is_refused() {
        assert_eq!(
            read("a,b\n1,x\n2,x\n", "target = \"b\"").unwrap_err(),
            "all 2 rows are of one class, \"x\": a classifier needs at least two; check data.target and the file"
        );
    }

    #[test]
    fn a_target_that_never_changes_is_refused() {
        let rows: String = std::iter::once("a,b\n".to_owned()).chain((0..20).map(|i| format!("{i},2.5\n"))).collect();
        assert_eq!(
            read(&rows, "target = \"b\"").unwrap_err(),
            "the target \"b\" is 2.5 in all 14 training rows: there is nothing to predict"
        );
    }

    #[test]
    fn a_table_without_a_path_is_refused_with_the_way_to_name_one() {
        let source = Source::Table(Table::default());
        let spec = DataSpec { source, shape: None, validation: 0.1, test: 0.1, stratified: true, standardize: true };
        assert_eq!(
            load(&spec, 0).unwrap_err().to_string(),
            "data.path is missing: name the file in [data], as in `path = \"rows.csv\"`, or with `--set data.path=FILE`"
        );
    }

    #[test]
    fn a_wide_real_table_is_read_whole() {
        let Some(path) = crate::data::tests::real("golub.parquet") else { return };
        let table = Table { path: Some(path), target: Some("label".to_owned()), ..Table::default() };
        let source = Source::Table(table);
        let spec = DataSpec { source, shape: None, validation: 0.15, test: 0.15, stratified: true, standardize: true };
        let data = load(&spec, 7).unwrap();
        assert_eq!((data.rows.read, data.feature_names.len()), (72, 7129));
        let Task::Classification { classes, .. } = &data.task else { panic!("classes") };
        assert_eq!(classes, &["ALL", "AML"]);
    }
}
