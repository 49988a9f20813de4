//! `adatom explain` on the models of `adatom fit`.

use crate::forest::{rows, sandbox};

#[test]
fn single_rows_are_explained() {
    let sandbox = sandbox();
    sandbox.succeeds("fit t.csv --target valence --out m --trees 30 --repeats 1");
    let ended = sandbox.succeeds("explain m/model.safetensors t.csv --out e --rows r0,r1 --class 2");
    assert!(ended.stdout.contains("r1: probability of 2"), "{}", ended.stdout);
    let values = sandbox.text("e/shap.csv");
    let values = rows(&values);
    assert_eq!(
        (values.len(), &values[0][..5]),
        (3, &["id", "output", "base", "prediction", "xanes@1.000"][..])
    );
    for row in &values[1..] {
        let numbers: Vec<f64> = row[2..].iter().map(|number| number.parse().unwrap()).collect();
        // The base and what all columns add are the answer, and the column that tells the valence adds most.
        assert!((numbers[0] + numbers[2..].iter().sum::<f64>() - numbers[1]).abs() < 1e-9, "{row:?}");
        assert!(numbers[2..].iter().all(|value| value.abs() <= numbers[3].abs()), "{row:?}");
    }
    assert!(values[1][3].parse::<f64>().unwrap() < 0.5 && values[2][3].parse::<f64>().unwrap() > 0.5);
    let importance = sandbox.text("e/importance.csv");
    assert_eq!(rows(&importance)[0], ["column", "modality", "axis", "shap", "shap_std"]);
    assert!(sandbox.text("e/report.html").contains("the contribution of every column"));
    // With the rows themselves as background, the base is their mean answer.
    sandbox.succeeds("explain m/model.safetensors t.csv --out b --background t.csv --class 2");
    let values = sandbox.text("b/shap.csv");
    let column =
        |at: usize| rows(&values)[1..].iter().map(|row| row[at].parse::<f64>().unwrap()).collect::<Vec<_>>();
    let (base, answers) = (column(2)[0], column(3));
    assert!((base - answers.iter().sum::<f64>() / 60.0).abs() < 1e-9);
    for (arguments, reason) in [
        ("--rows r0,r99", "--rows: the table has no row r99"),
        ("--class 7", "the classes of the model are 1, 2, not 7"),
        ("--background none.csv", "cannot read none.csv"),
    ] {
        sandbox.fails(&format!("explain m/model.safetensors t.csv --out f {arguments}"), &[reason]);
    }
}

#[test]
fn what_is_explained_of_a_calibrated_model_is_the_class_that_is_predicted() {
    let sandbox = sandbox();
    sandbox.succeeds("fit t.csv --target site --trees 20 --repeats 1 --calibrate isotonic --out m");
    sandbox.succeeds("predict m/model.safetensors t.csv --out p.csv");
    let ended = sandbox.succeeds("explain m/model.safetensors t.csv --out e");
    assert!(ended.stderr.contains("before calibration"), "{}", ended.stderr);
    let (predicted, explained) = (sandbox.text("p.csv"), sandbox.text("e/shap.csv"));
    for (predicted, explained) in rows(&predicted)[1..].iter().zip(&rows(&explained)[1..]) {
        assert_eq!((predicted[0], predicted[1]), (explained[0], explained[1]));
    }
}
