//! The stages of the spectra pipeline, called from Rust.

#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;

use adatom_core::{FeatureTable, Modality};
use adatom_forest::Model;
use adatom_pipeline::output::{Existing, OutputFolder};
use adatom_pipeline::spectra::fit::{Holdout, ReportContext, Samples};
use adatom_pipeline::spectra::{
    Collection, ColumnChoice, ExplanationSettings, FitSettings, RowLevel, Study, TableSettings, explain,
    normalize_files, predict, save_normalized,
};
use adatom_pipeline::{Control, Error, Event};
use adatom_spectra::Normalization;

/// Rock salt CuO of so many Å.
fn rock_salt(edge: f64) -> String {
    let half = edge / 2.0;
    format!(
        "CuO\n1.0\n0 {half} {half}\n{half} 0 {half}\n{half} {half} 0\nCu O\n1 1\ndirect\n0 0 0\n0.5 0.5 0.5\n"
    )
}

/// A step of so much at the copper edge, in the columns of FEFF.
fn xmu(step: f64) -> String {
    let mut text = String::from("# Cu K edge\n#  omega    e    k    mu    mu0     chi     @#\n");
    for point in 0..60 {
        let energy = 8970.0 + f64::from(point);
        let mu = step / (1.0 + (8985.0 - energy).exp());
        writeln!(text, "{energy:.3} {:.3} 0.5 {mu:.6} {mu:.6} 0.0", energy - 8985.0).unwrap();
    }
    text
}

/// A folder of materials `m0`, `m1`, ... with these cell edges.
fn materials(folder: &Path, edges: &[f64]) {
    for (number, &edge) in edges.iter().enumerate() {
        let material = folder.join(format!("m{number}"));
        std::fs::create_dir_all(material.join("0_Cu")).unwrap();
        std::fs::write(material.join("POSCAR"), rock_salt(edge)).unwrap();
        std::fs::write(material.join("0_Cu/xmu.dat"), xmu(edge)).unwrap();
    }
}

/// 48 rows of 16 formulas: `xanes@2` is high for valence 2, everything else is noise.
fn table(folder: &Path) -> FeatureTable {
    let mut text = String::from("id,group:formula,target:valence,target:length,xanes@1,xanes@2,pdf@1\n");
    let mut state = 7u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1u64 << 31) as f64
    };
    for row in 0..48 {
        let (valence, length) = (1 + row % 2, 1.9 + 0.2 * random());
        let xanes = f64::from(valence) + 0.3 * random();
        let noise = [random(), random()];
        writeln!(text, "r{row},F{},{valence},{length},{},{xanes},{}", row / 3, noise[0], noise[1]).unwrap();
    }
    let path = folder.join("table.csv");
    std::fs::write(&path, text).unwrap();
    FeatureTable::load(&path).unwrap()
}

fn small(target: &str) -> FitSettings {
    FitSettings::new(target).trees([10]).repeats(2).folds(2)
}

#[test]
fn a_folder_becomes_a_table() {
    let folder = tempfile::tempdir().unwrap();
    materials(folder.path(), &[4.2, 4.24, 4.3]);
    let settings = TableSettings::new("Cu".parse().unwrap()).points(10).level(RowLevel::Site);
    let notes = Mutex::new(Vec::new());
    let observer = |event: &Event<'_>| {
        if let Event::Note(text) = event {
            notes.lock().unwrap().push((*text).to_owned());
        }
        Control::Continue
    };
    let collection = Collection::gather(folder.path(), &settings, &observer).unwrap();
    assert_eq!(collection.len(), 3);
    let found = collection.tabulate(&observer).unwrap();
    assert_eq!(found.table.ids(), ["m0/0_Cu", "m1/0_Cu", "m2/0_Cu"]);
    assert_eq!(found.table.modalities(), [Modality::Xanes, Modality::Pdf, Modality::DifferentialPdf]);
    assert_eq!(found.table.columns().len(), 30);
    assert_eq!(found.table.numbers("coordination_number").unwrap().to_vec(), [6.0; 3]);
    assert!(notes.lock().unwrap()[0].starts_with("common energy range: 8970 eV"));
}

/// A mean bond length of exactly 2 Å is averaged with one of 2.5 Å: both are lengths, whatever their digits.
#[test]
fn whole_lengths_of_sites_are_averaged() {
    let folder = tempfile::tempdir().unwrap();
    materials(folder.path(), &[4.0]);
    // The same crystal with two copper sites along one axis.
    let doubled =
        "Cu2O2\n1.0\n4 0 4\n2 0 -2\n0 2 2\nCu O\n2 2\ndirect\n0 0 0\n0.5 0 0\n0.25 0.5 0.5\n0.75 0.5 0.5\n";
    std::fs::write(folder.path().join("m0/POSCAR"), doubled).unwrap();
    std::fs::create_dir_all(folder.path().join("m0/1_Cu")).unwrap();
    std::fs::write(folder.path().join("m0/1_Cu/xmu.dat"), xmu(1.0)).unwrap();
    let labels = folder.path().join("labels.txt");
    std::fs::write(&labels, "material,site,length,count\nm0,0,2.0,3\nm0,1,2.5,4\n").unwrap();
    let settings =
        TableSettings::new("Cu".parse().unwrap()).modalities([Modality::Xanes]).points(5).labels(labels);
    let table = Collection::gather(folder.path(), &settings, &()).unwrap().tabulate(&()).unwrap().table;
    assert_eq!(table.numbers("length").unwrap().to_vec(), [2.25]);
    assert_eq!(table.target("count").unwrap().missing(), 1);
}

#[test]
fn a_material_that_cannot_be_used_is_left_out_and_named() {
    let folder = tempfile::tempdir().unwrap();
    materials(folder.path(), &[4.2, 4.24]);
    std::fs::write(folder.path().join("m1/0_Cu/xmu.dat"), "# omega e k mu mu0 chi\n1 2 3\n").unwrap();
    let settings = TableSettings::new("Cu".parse().unwrap());
    let collection = Collection::gather(folder.path(), &settings, &()).unwrap();
    let [unusable] = &collection.omissions().unusable[..] else { panic!("{:?}", collection.omissions()) };
    assert!(unusable.folder.ends_with("m1"));
    assert!(adatom_pipeline::with_sources(&unusable.error).contains("m1/0_Cu/xmu.dat"), "{unusable:?}");
    let iron = TableSettings::new("Fe".parse().unwrap());
    let error = Collection::gather(folder.path(), &iron, &()).unwrap_err();
    assert!(error.to_string().ends_with("no usable material has a site of Fe"), "{error}");
}

#[test]
fn a_table_becomes_a_tested_forest_with_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path());
    let settings = small("valence").grouped_by("formula").compared();
    let study = Study::run(&table, &settings, &()).unwrap();
    assert!(matches!(&study.samples.holdout, Holdout::Groups(groups) if groups.name == "formula"));
    assert_eq!((study.tuning.split.train.len(), study.tuning.split.test.len()), (36, 12));
    assert_eq!(study.tested.scores[0].mean(), Some(1.0));
    let importance = study.importance.by_modality();
    assert!(importance[0].modality == "xanes" && importance[0].impurity.mean > 0.7, "{importance:?}");
    assert_eq!(study.comparison.entries.len(), 6);

    let results = OutputFolder::prepare(&folder.path().join("results"), Existing::Refuse).unwrap();
    study.save(&results, &ReportContext::new("table.csv").command("make fit")).unwrap();
    for name in [Study::PREDICTIONS, Study::IMPORTANCE, Study::REGIONS, Study::METRICS] {
        assert!(results.file(name).is_file(), "{name}");
    }
    let report = std::fs::read_to_string(results.file(Study::REPORT)).unwrap();
    assert!(report.contains("Shared information of modalities") && report.contains("make fit"));
    let error = Study::check_folder(&results, &results.file(Study::METRICS)).unwrap_err();
    assert!(matches!(error, Error::Output { .. }), "{error}");

    // The saved model predicts what the study has predicted.
    let model = Model::load(results.file(Study::MODEL)).unwrap();
    let predictions = predict(&model, &table, 0.9).unwrap();
    let row = study.tuning.split.test[0];
    assert_eq!(predictions.values.row(row), study.tested.predictions.row(0));
    assert_eq!(predictions.records()[0], ["id", "prediction", "probability:1", "probability:2"]);
    assert!(predictions.scores.unwrap()[0].value > 0.9);

    let explanation = explain(&model, &table, None, &ExplanationSettings::default().rows(["r0"])).unwrap();
    let row = &explanation.rows[0];
    let sum: f64 = row.base + row.contributions.iter().sum::<f64>();
    assert!((sum - row.prediction).abs() < 1e-9, "{row:?}");
    assert_eq!(row.output_name(), "probability of 1");
    let error = explain(&model, &table, None, &ExplanationSettings::default().class("3")).unwrap_err();
    assert_eq!(error.to_string(), "class: the classes of the model are 1, 2, not 3");
}

#[test]
fn numbers_have_intervals() {
    let folder = tempfile::tempdir().unwrap();
    let study = Study::run(&table(folder.path()), &small("length"), &()).unwrap();
    let metrics = study.metrics("table.csv").unwrap();
    assert_eq!((&metrics["task"], &metrics["n_test"]), (&"regress".into(), &12.into()));
    assert!(metrics["interval_cover"].as_f64().is_some_and(|cover| cover > 0.3), "{metrics}");
}

#[test]
fn the_observer_sees_every_activity_and_can_stop() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path());
    let seen = Mutex::new(Vec::new());
    let observer = |event: &Event<'_>| {
        if let Event::Progress(progress) = event {
            let mut seen = seen.lock().unwrap();
            if seen.last().is_none_or(|last| last != progress.activity) {
                seen.push(progress.activity.to_owned());
            }
        }
        Control::Continue
    };
    Study::run(&table, &small("valence"), &observer).unwrap();
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen[..4], ["cross-validation", "test", "importances", "learning curve"], "{seen:?}");
    for activity in ["cross-validation", "test", "importances", "learning curve"] {
        let stop = |event: &Event<'_>| match event {
            Event::Progress(progress) if progress.activity == activity => Control::Stop,
            _ => Control::Continue,
        };
        let error = Study::run(&table, &small("valence"), &stop).unwrap_err();
        assert!(matches!(error, Error::Cancelled), "{activity}: {error}");
    }
}

#[test]
fn settings_that_contradict_the_table_are_refused_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path());
    for (settings, message) in [
        (small("valence").test_fraction(1.0), "test fraction: must be greater than 0 and less than 1"),
        (small("valence").repeats(0), "repeats: must be at least 1, found 0"),
        (small("valence").trees([1, 2]), "forest: lists of hyperparameters need tuning"),
        (small("colour"), "there is no target \"colour\"; known: valence, length"),
    ] {
        let error = Samples::select(&table, &settings, &()).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn spectra_of_files_are_normalised() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("# energy mu\n");
    for point in 0..300 {
        let energy = 8880.0 + f64::from(point);
        writeln!(text, "{energy} {}", 3.0 - 1e-4 * energy + 0.8 / (1.0 + (8980.0 - energy).exp())).unwrap();
    }
    let files = ["good.dat", "bad.dat"].map(|name| folder.path().join(name));
    std::fs::write(&files[0], text).unwrap();
    std::fs::write(&files[1], "# energy mu\n8970 0.1\n8971 nan\n").unwrap();
    let found = normalize_files(&files, &ColumnChoice::default(), &Normalization::default());
    let edge = found[0].spectra[0].spectrum.edge().unwrap();
    assert!((edge.edge_step - 0.8).abs() < 1e-6, "{}", edge.edge_step);
    assert!(found[1].spectra.is_empty() && found[1].problems[0].to_string().contains("bad.dat"));
    save_normalized(&folder.path().join("norm.csv"), &found[0].spectra).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("norm.csv")).unwrap().lines().count(), 301);
}
