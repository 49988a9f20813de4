//! The program on real data.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

// The tests of `program` use the rest of it.
#[allow(dead_code)]
#[path = "program/sandbox.rs"]
mod sandbox;

use adatom_test_support::shared;
use sandbox::Sandbox;

/// scikit-learn reaches a weighted F1 of 0.80 with these features, 300 trees and one random split; the
/// deviation over splits is about 0.02.
fn coordination_of_copper_is_learned_from_real_spectra() {
    let folder = shared("data/cu-oxides");
    let folder = folder.display();
    let sandbox = Sandbox::new();
    sandbox.succeeds(&format!(
        "table {folder} --element Cu --modalities xanes --labels {folder}/labels.csv --energies 8989,9039.7 \
         --out cu.csv"
    ));
    sandbox
        .succeeds("fit cu.csv --target coordination_number --classes 4,5,6 --trees 100 --repeats 2 --out cn");
    let metrics = sandbox.json("cn/metrics.json");
    let of = |name: &str| metrics["scores"][name]["mean"].as_f64().unwrap();
    assert!((0.74..0.9).contains(&of("weighted_f1")), "{}", of("weighted_f1"));
    assert!(of("log_loss") < 0.6, "{}", of("log_loss"));
    assert_eq!(sandbox.text("cn/importance.csv").lines().count(), 101);
}

adatom_test_support::data_tests! {
    ["data/cu-oxides"] => [coordination_of_copper_is_learned_from_real_spectra],
}
