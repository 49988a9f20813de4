//! Predictions of a fitted forest for the rows of a table.

use adatom_core::{ClassLabels, FeatureTable, Modality, Score, Target, TargetKind};
use adatom_forest::ndarray::Array2;
use adatom_forest::{Average, ClassScore, Model, PropertyScore, most_probable};

use crate::error::Error;

/// Predictions of a forest for the rows of a table.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Predictions {
    /// The ids of the rows.
    pub ids: Vec<String>,
    /// The target, if the model states it.
    pub target: Option<String>,
    /// Probabilities `[rows, classes]`, or numbers `[rows, 1]`.
    pub values: Array2<f64>,
    /// The names of the classes; none for numbers.
    pub classes: Option<Vec<String>>,
    /// Lower and upper ends `[rows, 2]` of prediction intervals; none for classes.
    pub intervals: Option<Array2<f64>>,
    /// Scores, if the table has the target of every row; too optimistic if the model was fitted to some of
    /// these rows.
    pub scores: Option<Vec<NamedScore>>,
}

/// A score.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct NamedScore {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// Predicts the target of every row; `coverage` is the nominal coverage of the prediction intervals of
/// numbers.
///
/// Modalities that the model does not use may be missing or present.
///
/// # Errors
///
/// [`Error::Setting`] for a coverage that is not between 0 and 1; [`Error::Forest`] where the table lacks
/// columns of the model.
pub fn predict(model: &Model, table: &FeatureTable, coverage: f64) -> Result<Predictions, Error> {
    if !(coverage > 0.0 && coverage < 1.0) {
        let problem = "must be greater than 0 and less than 1".to_owned();
        return Err(Error::Setting { setting: "coverage", problem });
    }
    let table = columns_of_model(table, model)?;
    let values = model.predict_table(&table)?;
    let intervals = match model {
        Model::Classifier(_) => None,
        Model::Regressor(model) => Some(model.intervals(table.features(), coverage)?),
    };
    Ok(Predictions {
        ids: table.ids().to_vec(),
        target: model.forest().target().map(str::to_owned),
        classes: match model {
            Model::Classifier(model) => Some(model.classes().to_vec()),
            Model::Regressor(_) => None,
        },
        scores: scores(model, &table, &values),
        values,
        intervals,
    })
}

/// The table without modalities that the model does not use.
pub(super) fn columns_of_model(table: &FeatureTable, model: &Model) -> Result<FeatureTable, Error> {
    let Some(columns) = model.forest().columns() else { return Ok(table.clone()) };
    let used = |modality: &Modality| columns.iter().any(|column| column.modality() == modality);
    let wanted: Vec<Modality> = table.modalities().into_iter().filter(used).collect();
    if wanted.is_empty() || wanted.len() == table.modalities().len() {
        return Ok(table.clone());
    }
    Ok(table.select_modalities(&wanted)?)
}

impl Predictions {
    /// The records of `predictions.csv`: id, prediction, and probabilities or the ends of an interval.
    #[must_use]
    pub fn records(&self) -> Vec<Vec<String>> {
        let mut header: Vec<String> = ["id", "prediction"].map(String::from).to_vec();
        let mut rows: Vec<Vec<String>> = self.ids.iter().map(|id| vec![id.clone()]).collect();
        if let Some(classes) = &self.classes {
            header.extend(classes.iter().map(|name| format!("probability:{name}")));
            let predicted = most_probable(self.values.view());
            for ((row, class), probabilities) in rows.iter_mut().zip(predicted).zip(self.values.rows()) {
                row.push(classes[class].clone());
                row.extend(probabilities.iter().map(f64::to_string));
            }
        } else if let Some(intervals) = &self.intervals {
            header.extend(["lower", "upper"].map(String::from));
            for ((row, value), ends) in rows.iter_mut().zip(self.values.rows()).zip(intervals.rows()) {
                row.extend(value.iter().chain(ends).map(f64::to_string));
            }
        }
        rows.insert(0, header);
        rows
    }
}

/// Scores, where the table has the target of every row.
fn scores(model: &Model, table: &FeatureTable, values: &Array2<f64>) -> Option<Vec<NamedScore>> {
    let name = model.forest().target()?;
    let column = table.target(name).ok().filter(|column| column.missing() == 0)?;
    let of = |scores: [&dyn Score; 3], target: Target| {
        let one = |score: &dyn Score| {
            let value = score.score(target.view(), values.view())?;
            Some(NamedScore { name: score.name().to_owned(), value })
        };
        scores.into_iter().filter_map(one).collect()
    };
    match (model, column.kind()) {
        (Model::Regressor(_), TargetKind::Numbers) => Some(of(
            [&PropertyScore::RootMeanSquareError, &PropertyScore::MeanAbsoluteError, &PropertyScore::R2],
            Target::Numbers(table.numbers(name).ok()?),
        )),
        (Model::Classifier(model), _) => {
            let labels = table.classes(name).ok()?;
            let code = |code: &usize| model.classes().iter().position(|class| *class == labels.names[*code]);
            let codes: Vec<usize> = labels.codes.iter().map(code).collect::<Option<_>>()?;
            let target = ClassLabels::new(model.classes().iter().cloned(), codes).ok()?;
            Some(of(
                [&ClassScore::F1(Average::Weighted), &ClassScore::Accuracy, &ClassScore::LogLoss],
                Target::Classes(target),
            ))
        }
        (Model::Regressor(_), TargetKind::Classes) => None,
    }
}
