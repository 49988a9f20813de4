//! Files that are not those of a model, and trees that are not trees, are refused with a message.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::{Seek, SeekFrom, Write};

use adatom_core::{ClassLabels, FeatureColumn, FeatureTable, Modality, Target};
use adatom_forest::{Error, Forest, Model, RandomForest};
use ndarray::{Array2, s};

fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().to_string()
}

fn saved(model: Model) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    model.save(file.path()).unwrap();
    std::fs::read(file.path()).unwrap()
}

fn models() -> [Model; 2] {
    let features = Array2::from_shape_fn((8, 3), |(row, column)| (row * (column + 1) % 8) as f64);
    let columns = [8979.0, 8985.0].map(|energy| FeatureColumn::new(Modality::Xanes, energy).unwrap());
    let ids = (0..8).map(|row| format!("mp-{row}"));
    let table = FeatureTable::new(ids, columns.to_vec(), features.slice(s![.., ..2]).to_owned())
        .unwrap()
        .with_target("length", Target::numbers((0..8).map(f64::from).collect::<Vec<_>>()))
        .unwrap();
    let params = RandomForest::params().trees(2);
    let regressor = params.fit_table(&table, "length").unwrap();
    let classes = ClassLabels::of_names((0..8).map(|row| if row < 4 { "Cu1+" } else { "Cu2+" }));
    let classifier = params.fit_classifier(features.view(), &classes).unwrap();
    [regressor, classifier.into()]
}

/// Whatever can be read is a model that can be asked.
fn ask(model: &Model) {
    let columns = adatom_core::FittedModel::features(model);
    if columns < 100 {
        let features = Array2::zeros((8, columns));
        let _ = model.forest().predict(features.view());
        let _ = model.forest().out_of_bag(features.view());
        match model {
            Model::Regressor(model) => drop(model.quantiles(features.view(), &[0.5])),
            Model::Classifier(model) => drop(model.probabilities(features.view())),
        }
    }
}

#[test]
fn files_cut_short() {
    for model in models() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let whole = saved(model);
        std::fs::write(file.path(), &whole).unwrap();
        for length in (0..whole.len()).rev() {
            file.as_file().set_len(length as u64).unwrap();
            let error = Model::load(file.path()).unwrap_err();
            assert!(matches!(error, Error::Malformed { .. }), "{length} bytes: {error}");
            assert!(error.to_string().starts_with(&file.path().display().to_string()));
        }
    }
}

#[test]
fn files_with_a_wrong_byte() {
    for model in models() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let whole = saved(model);
        let header = 8 + u64::from_le_bytes(*whole.first_chunk().unwrap()) as usize;
        std::fs::write(file.path(), &whole).unwrap();
        let path = file.path().to_owned();
        let mut write = |position: usize, byte: u8| {
            file.seek(SeekFrom::Start(position as u64)).unwrap();
            file.write_all(&[byte]).unwrap();
        };
        // Every byte of the header; of the numbers behind it one in five, which meets every byte of a number.
        let positions = (0..header).chain((header..whole.len()).step_by(5));
        let (mut refused, mut changed) = (0, 0);
        for (position, flip) in
            positions.flat_map(|position| [0x01, 0x10, 0x80, 0xff].map(|flip| (position, flip)))
        {
            write(position, whole[position] ^ flip);
            changed += 1;
            match Model::load(&path) {
                Ok(model) => ask(&model),
                Err(error) => {
                    assert!(matches!(error, Error::Malformed { .. }), "byte {position}: {error:?}");
                    refused += 1;
                }
            }
            write(position, whole[position]);
        }
        println!("{refused} of {changed} changed files were refused");
        assert!(2 * refused > changed);
    }
}

#[test]
fn files_of_another_kind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    assert_eq!(message(Model::load(&path)), format!("cannot read {}", path.display()));
    assert_eq!(message(Model::load(folder.path())), format!("cannot read {}", folder.path().display()));
    std::fs::write(&path, "id,xanes@8979\n").unwrap();
    let expected = format!("{}: expected safetensors, found no JSON header", path.display());
    assert_eq!(message(Model::load(&path)), expected);
    // A newer version, and hostile numbers of the same width.
    let whole = saved(models()[1].clone());
    for (from, to) in [
        ("\\\"version\\\":1", "\\\"version\\\":9"),
        ("\\\"outputs\\\":2", "\\\"outputs\\\":9"),
        ("\\\"rows\\\":8", "\\\"rows\\\":0"),
    ] {
        let text = String::from_utf8_lossy(&whole).find(from).unwrap();
        let mut bytes = whole.clone();
        bytes[text..text + to.len()].copy_from_slice(to.as_bytes());
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(Model::load(&path), Err(Error::Malformed { .. })), "{to}");
    }
}

#[test]
fn trees_from_elsewhere_that_are_none() {
    let json = |changed: &str, to: &str| {
        r#"{"trees": [{"feature": [0, -2, -2], "threshold": [0.5, -2, -2], "left": [1, -1, -1],
        "right": [2, -1, -1], "cover": [2, 1, 1], "impurity": [1, 0, 0], "value": [[2], [1], [3]]}]}"#
            .replace(changed, to)
    };
    assert!(Forest::from_scikit_learn(&json("", ""), 1).is_ok());
    for (from, to) in [
        ("[2, -1, -1]", "[1, -1, -1]"),
        ("[2, -1, -1]", "[0, -1, -1]"),
        ("[2, -1, -1]", "[3, -1, -1]"),
        ("[1, -1, -1]", "[-1, -1, -1]"),
        ("[0, -2, -2]", "[1, -2, -2]"),
        ("[0, -2, -2]", "[4294967295, -2, -2]"),
        ("[0, -2, -2]", "[-2, -2, -2]"),
        ("[0.5, -2, -2]", "[1e999, -2, -2]"),
        ("[0.5, -2, -2]", "[0.5, -2]"),
        ("[[2], [1], [3]]", "[[2], [1, 2], [3]]"),
        ("[[2], [1], [3]]", "[[], [], []]"),
        ("\"cover\"", "\"covers\""),
    ] {
        let error = Forest::from_scikit_learn(&json(from, to), 1);
        let Err(error) = error else { panic!("{to} makes a tree") };
        assert!(matches!(error, Error::Malformed { .. }), "{to}: {error}");
    }
    assert_eq!(message(Forest::from_scikit_learn("{\"trees\": []}", 1)), "expected at least 1 tree, found 0");
}
