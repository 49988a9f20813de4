//! `adatom demo`: what is known of the generated lattice and of the generated oxides is found again.

use crate::sandbox::Sandbox;

/// Pearson's correlation of recovered with true values.
const SHIFT_R: f64 = 0.9;
const DISPLACEMENT_R: f64 = 0.8;

/// What a forest of 60 trees reaches with 180 of 240 oxides; chance is 0.33, 0.33 and 0.
const SPECTRA_SCORES: [(&str, f64); 3] =
    [("coordination_number", 0.75), ("oxidation_state", 0.75), ("mean_bond_length", 0.9)];

#[test]
fn the_truth_of_the_generated_data_is_found() {
    let sandbox = Sandbox::new();
    let ended = sandbox.succeeds("demo --quick --out demo");
    let metrics = sandbox.json("demo/metrics.json");
    for (name, least) in [
        ("shift along rows", SHIFT_R),
        ("shift along columns", SHIFT_R),
        ("displacement along rows", DISPLACEMENT_R),
        ("displacement along columns", DISPLACEMENT_R),
    ] {
        let r = metrics["truth"][name]["r"].as_f64().unwrap();
        assert!(r > least, "{name}: r = {r}");
        let line = ended.stdout.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line.contains(&format!("{r:.4}")), "{line}");
    }
    let files = sandbox.files("demo");
    for file in
        ["report.html", "image.npy", "model.safetensors", "latents.npz", "history.csv", "manifold.png"]
    {
        assert!(files.contains(&file.to_owned()), "{file} is missing among {files:?}");
    }
    assert!(sandbox.text("demo/report.html").contains("displacement along rows"));
    spectra(&sandbox, &metrics["spectra"], &files);
    sandbox.fails("demo --quick --out demo", &["demo is not empty"]);
}

/// The planted region of every target ranks first by permutation importance, and no longer matters as much
/// when the model does not plant it.
#[track_caller]
fn spectra(sandbox: &Sandbox, metrics: &serde_json::Value, files: &[String]) {
    for (target, least) in SPECTRA_SCORES {
        let planted = &metrics["planted"][target];
        let score = planted["score"].as_f64().unwrap();
        assert!(score > least, "{target}: {score}");
        assert_eq!(planted["rank"]["permutation"], 1, "{target}: {planted:#}");
        let regions = planted["regions"].as_array().unwrap();
        let region = regions.iter().find(|region| region["name"] == planted["planted"]).unwrap();
        if let Some(without) = region["permutation_without_effect"].as_f64() {
            let lost = region["permutation"].as_f64().unwrap();
            assert!(without < 0.6 * lost, "{target}: {without} of {lost}");
        }
    }
    for file in ["spectra/report.html", "spectra/labels.csv", "spectra/coordination_number/report.html"] {
        assert!(files.contains(&file.to_owned()), "{file} is missing among {files:?}");
    }
    assert!(sandbox.text("demo/spectra/report.html").contains("does not replace FEFF"));
    // The labels of the crate, from the crystals alone, are the planted ones.
    sandbox.succeeds("table demo/spectra/materials --element Fe --out again.csv");
    let (planted, found) = (sandbox.text("demo/spectra/table.csv"), sandbox.text("again.csv"));
    let rows = |text: &str| -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().clone();
        let at = |name: &str| header.iter().position(|label| label == name).unwrap();
        let places = ["id", "target:coordination_number", "target:mean_bond_length"].map(at);
        reader
            .records()
            .map(|row| places.map(|place| row.as_ref().unwrap()[place].to_owned()).to_vec())
            .collect()
    };
    let (planted, found) = (rows(&planted), rows(&found));
    assert_eq!(planted.len(), 240);
    for (planted, found) in planted.iter().zip(&found) {
        assert_eq!(planted[..2], found[..2]);
        let length = |row: &Vec<String>| row[2].parse::<f64>().unwrap();
        // A POSCAR has sixteen decimals.
        assert!((length(planted) - length(found)).abs() < 1e-9, "{planted:?} {found:?}");
    }
}
