//! Trees, predictions and importances are those of scikit-learn 1.9.1 (`tests/reference/trees`).

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::Path;

use adatom_core::{ClassLabels, TreeEnsemble, TreeView};
use adatom_forest::{Bootstrap, Criterion, Forest, ForestParams, MaxFeatures, RandomForest, Rows};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde_json::Value;

/// Both sides are sums of a few hundred numbers in double precision.
const PREDICTION: f64 = 1e-12;
const IMPORTANCE: f64 = 1e-10;
/// Improvements closer than this, relative to the impurity of the root, are ties.
const TIE: f64 = 1e-10;

fn read(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/trees").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn matrix(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value
        .as_array()
        .unwrap()
        .iter()
        .map(|row| match row {
            Value::Array(_) => numbers(row),
            number => vec![number.as_f64().unwrap()],
        })
        .collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

struct Data {
    x: Array2<f64>,
    y: Vec<f64>,
    codes: Vec<usize>,
    weight: Vec<f64>,
}

fn data() -> Data {
    let data = read("data.json");
    Data {
        x: matrix(&data["X"]),
        y: numbers(&data["y"]),
        codes: numbers(&data["c"]).into_iter().map(|code| code as usize).collect(),
        weight: numbers(&data["weight"]),
    }
}

/// One tree on all rows and columns, with the parameters of a reference.
fn single(reference: &Value) -> ForestParams {
    let params = &reference["params"];
    let leaf = usize::try_from(params["min_samples_leaf"].as_u64().unwrap()).unwrap();
    let criterion = match params["criterion"].as_str().unwrap() {
        "squared_error" => Criterion::SquaredError,
        "gini" => Criterion::Gini,
        "entropy" => Criterion::Entropy,
        other => panic!("{other}"),
    };
    let params = RandomForest::params().trees(1).bootstrap(Bootstrap::Off).max_features(MaxFeatures::All);
    params.min_samples_leaf(leaf).criterion(criterion)
}

/// Gini, entropy or variance of rows, times their weight.
type Impurity<'a> = &'a dyn Fn(&[usize]) -> f64;

/// Where two trees agree.
#[derive(Default)]
struct Agreement {
    /// Inner nodes compared.
    nodes: usize,
    /// Splits of equal improvement that differ.
    ties: usize,
    /// Rows that reach the same leaf in both.
    rows: Vec<usize>,
}

/// Walks two trees with the same rows until they part.
fn compare(
    x: ArrayView2<'_, f64>,
    rows: Vec<usize>,
    ours: &dyn TreeView,
    theirs: &dyn TreeView,
    impurity: Impurity<'_>,
) -> Agreement {
    let whole = impurity(&rows);
    let mut agreement = Agreement::default();
    let mut waiting = vec![(0, 0, rows)];
    while let Some((our, their, rows)) = waiting.pop() {
        let (Some(left), Some(right)) = (ours.split(our), theirs.split(their)) else {
            assert_eq!(ours.split(our).is_none(), theirs.split(their).is_none(), "one of them is a leaf");
            agreement.rows.extend(rows);
            continue;
        };
        agreement.nodes += 1;
        let part = |split: adatom_core::TreeSplit| -> (Vec<usize>, Vec<usize>) {
            rows.iter().partition(|&&row| x[[row, split.feature]] <= split.threshold)
        };
        let (own, other) = (part(left), part(right));
        if own == other {
            if left.feature == right.feature {
                assert_eq!(left.threshold, right.threshold);
            } else {
                agreement.ties += 1;
            }
            waiting.push((left.left, right.left, own.0));
            waiting.push((left.right, right.right, own.1));
        } else {
            let rest = |(left, right): &(Vec<usize>, Vec<usize>)| impurity(left) + impurity(right);
            let difference = (rest(&own) - rest(&other)).abs();
            assert!(difference < TIE * whole, "{left:?} and {right:?} differ by {difference}");
            agreement.ties += 1;
        }
    }
    agreement
}

fn close(ours: &Array2<f64>, theirs: &Array2<f64>, tolerance: f64) {
    let worst = (ours - theirs).iter().fold(0.0f64, |worst, difference| worst.max(difference.abs()));
    assert!(worst < tolerance, "they differ by {worst}");
}

fn classes(codes: &[usize]) -> ClassLabels {
    ClassLabels::of_names(codes.iter().map(ToString::to_string))
}

fn gini(codes: &[usize], rows: &[usize]) -> f64 {
    let n = rows.len() as f64;
    let counts = (0..3).map(|class| rows.iter().filter(|&&row| codes[row] == class).count() as f64);
    n - counts.map(|count| count * count).sum::<f64>() / n
}

fn entropy(codes: &[usize], rows: &[usize]) -> f64 {
    let n = rows.len() as f64;
    let counts = (0..3).map(|class| rows.iter().filter(|&&row| codes[row] == class).count() as f64);
    counts.filter(|&count| count > 0.0).map(|count| -count * (count / n).log2()).sum()
}

fn scatter(y: &[f64], weight: &[f64], rows: &[usize]) -> f64 {
    let sum: f64 = rows.iter().map(|&row| weight[row]).sum();
    let mean = rows.iter().map(|&row| weight[row] * y[row]).sum::<f64>() / sum;
    rows.iter().map(|&row| weight[row] * (y[row] - mean).powi(2)).sum()
}

#[test]
fn single_trees_are_those_of_scikit_learn() {
    let Data { x, y, codes, weight } = data();
    let labels = classes(&codes);
    let ones = vec![1.0; y.len()];
    let values = Array1::from(y.clone());
    let regression = |reference: &Value, weights: &[f64]| {
        let rows = Rows::from(x.view()).weighted(weights);
        single(reference).fit_regressor(rows, values.view()).unwrap().forest().clone()
    };
    let of_classes = |reference: &Value, _: &[f64]| {
        single(reference).fit_classifier(x.view(), &labels).unwrap().forest().clone()
    };
    let of_y = |rows: &[usize]| scatter(&y, &ones, rows);
    let of_weighted = |rows: &[usize]| scatter(&y, &weight, rows);
    let of_gini = |rows: &[usize]| gini(&codes, rows);
    let of_entropy = |rows: &[usize]| entropy(&codes, rows);
    type Fit<'a> = &'a dyn Fn(&Value, &[f64]) -> Forest;
    let cases: [(&str, Fit<'_>, &[f64], Impurity<'_>); 5] = [
        ("tree-regression", &regression, &ones, &of_y),
        ("tree-regression-leaf5", &regression, &ones, &of_y),
        ("tree-regression-weighted", &regression, &weight, &of_weighted),
        ("tree-gini", &of_classes, &ones, &of_gini),
        ("tree-entropy", &of_classes, &ones, &of_entropy),
    ];
    for (name, fit, weights, impurity) in cases {
        let reference = read(&format!("{name}.json"));
        let ours = fit(&reference, weights);
        let rows: Vec<usize> = (0..y.len()).filter(|&row| weights[row] > 0.0).collect();
        let rows = &rows[..];
        let theirs = Forest::from_scikit_learn(&reference.to_string(), x.ncols()).unwrap();
        let (own, other) = (ours.tree(0), theirs.tree(0));
        let Agreement { nodes, ties, rows: same } = compare(x.view(), rows.to_vec(), own, other, impurity);
        println!(
            "{name}: {nodes} splits of {} compared, {ties} ties of equal improvement",
            (other.nodes() - 1) / 2
        );
        let predicted =
            |forest: &Forest, rows: &[usize]| forest.predict(x.select(Axis(0), rows).view()).unwrap();
        let expected = |rows: &[usize]| matrix(&reference["prediction"]).select(Axis(0), rows);
        close(&predicted(&theirs, rows), &expected(rows), PREDICTION);
        close(&predicted(&ours, &same), &expected(&same), PREDICTION);
        assert!(4 * same.len() >= rows.len(), "only {} rows reach the same leaves", same.len());
        let importance = |forest: &Forest| Array1::from(forest.impurity_importance()).insert_axis(Axis(0));
        let share = Array1::from(numbers(&reference["importance"])).insert_axis(Axis(0));
        close(&importance(&theirs), &share, IMPORTANCE);
        if ties == 0 {
            close(&importance(&ours), &share, IMPORTANCE);
        }
    }
}

#[test]
fn imported_forests_answer_as_in_scikit_learn() {
    let Data { x, .. } = data();
    for name in ["forest-regression", "forest-classification"] {
        let reference = read(&format!("{name}.json"));
        let forest = Forest::from_scikit_learn(&reference.to_string(), x.ncols()).unwrap();
        let expected = ["prediction", "probability"].iter().find_map(|key| reference.get(key)).unwrap();
        close(&forest.predict(x.view()).unwrap(), &matrix(expected), PREDICTION);
        close(&forest.predictions(x.view()), &matrix(expected), PREDICTION);
        let expected = Array1::from(numbers(&reference["importance"])).insert_axis(Axis(0));
        close(&Array1::from(forest.impurity_importance()).insert_axis(Axis(0)), &expected, IMPORTANCE);
    }
}
