//! Shapley values: how much every column contributes to what a forest predicts, row by row.

mod report;

use adatom_core::FeatureTable;
use adatom_forest::ndarray::{Array2, Axis};
use adatom_forest::{Model, most_probable};
use adatom_interpret::{FeatureImportance, ShapValues, TreeShap};

use super::predict::columns_of_model;
use crate::error::Error;
use crate::output::{OutputFolder, write_records};

/// The rows and the class whose predictions are explained.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ExplanationSettings {
    /// The ids of the rows to explain; empty for all rows.
    pub rows: Vec<String>,
    /// The class whose probability is explained; none for the predicted class of each row.
    pub class: Option<String>,
}

impl ExplanationSettings {
    /// The ids of the rows to explain. Default: all.
    #[must_use]
    pub fn rows<S: Into<String>>(mut self, ids: impl IntoIterator<Item = S>) -> Self {
        self.rows = ids.into_iter().map(Into::into).collect();
        self
    }

    /// The class whose probability is explained. Default: the predicted class of each row.
    #[must_use]
    pub fn class(mut self, class: impl Into<String>) -> Self {
        self.class = Some(class.into());
        self
    }
}

/// Shapley values of rows of a table.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Explanation {
    /// The rows that are explained, with the columns that the model uses.
    pub table: FeatureTable,
    /// The contributions to the prediction of every row.
    pub rows: Vec<RowExplanation>,
    /// Mean absolute contribution of every column.
    pub importance: FeatureImportance,
    /// Whether the model calibrates its probabilities; the explained probabilities are those before
    /// calibration.
    pub calibrated: bool,
    target: Option<String>,
    /// Whether the contributions are relative to the rows of a background table.
    background: bool,
    /// Whether the rows were selected by id.
    chosen: bool,
}

/// The prediction for a row as a sum: the base value and what every column contributes.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RowExplanation {
    /// The id of the row.
    pub id: String,
    /// The class whose probability is explained, or the target.
    pub output: String,
    /// The mean prediction over the training or the background rows.
    pub base: f64,
    /// The prediction for the row.
    pub prediction: f64,
    /// The contribution of every column.
    pub contributions: Vec<f64>,
    class: bool,
}

impl RowExplanation {
    /// The explained quantity, in words.
    #[must_use]
    pub fn output_name(&self) -> String {
        if self.class { format!("probability of {}", self.output) } else { self.output.clone() }
    }
}

/// Calculates Shapley values: relative to the rows of `background` (interventional), or to the training rows
/// by the paths of the trees.
///
/// # Errors
///
/// [`Error::Setting`] for an unknown row or class; [`Error::Forest`] where a table lacks columns of the
/// model.
pub fn explain(
    model: &Model,
    table: &FeatureTable,
    background: Option<&FeatureTable>,
    settings: &ExplanationSettings,
) -> Result<Explanation, Error> {
    let table = chosen_rows(columns_of_model(table, model)?, settings)?;
    let features = model.forest().features_of(&table)?;
    let shap = TreeShap::new(model.forest())?;
    let values = match background {
        None => shap.path_dependent(features)?,
        Some(background) => {
            let background = columns_of_model(background, model)?;
            shap.interventional(features, model.forest().features_of(&background)?)?
        }
    };
    let rows = row_explanations(model, &table, &values, settings)?;
    Ok(Explanation {
        importance: importance(&table, &rows)?,
        calibrated: matches!(model, Model::Classifier(model) if model.calibration().is_some()),
        target: model.forest().target().map(str::to_owned),
        background: background.is_some(),
        chosen: !settings.rows.is_empty(),
        table,
        rows,
    })
}

fn chosen_rows(table: FeatureTable, settings: &ExplanationSettings) -> Result<FeatureTable, Error> {
    if settings.rows.is_empty() {
        return Ok(table);
    }
    let row = |id: &String| {
        let missing = || Error::Setting { setting: "rows", problem: format!("the table has no row {id}") };
        table.row_of(id).ok_or_else(missing)
    };
    let rows = settings.rows.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(table.select_rows(&rows)?)
}

fn row_explanations(
    model: &Model,
    table: &FeatureTable,
    values: &ShapValues,
    settings: &ExplanationSettings,
) -> Result<Vec<RowExplanation>, Error> {
    let predictions = values.predictions();
    let chosen = chosen_class(model, settings)?;
    // The class that `predict` returns, which calibration can change.
    let predicted = most_probable(model.predict_table(table)?.view());
    let one = |row: usize| {
        let (output, name) = match model {
            Model::Regressor(model) => (0, model.forest().target().unwrap_or("the target").to_owned()),
            Model::Classifier(model) => {
                let class = chosen.unwrap_or(predicted[row]);
                (class, model.classes()[class].clone())
            }
        };
        RowExplanation {
            id: table.ids()[row].clone(),
            output: name,
            base: values.base()[output],
            prediction: predictions[[row, output]],
            contributions: values.values().index_axis(Axis(0), row).column(output).to_vec(),
            class: matches!(model, Model::Classifier(_)),
        }
    };
    Ok((0..table.len()).map(one).collect())
}

fn chosen_class(model: &Model, settings: &ExplanationSettings) -> Result<Option<usize>, Error> {
    let wrong = |problem| Error::Setting { setting: "class", problem };
    let Some(class) = &settings.class else { return Ok(None) };
    match model {
        Model::Regressor(_) => Err(wrong("the model is a regressor, which has no classes".to_owned())),
        Model::Classifier(model) => {
            let known = model.classes().iter().position(|name| name == class);
            let missing =
                || wrong(format!("the classes of the model are {}, not {class}", model.classes().join(", ")));
            known.ok_or_else(missing).map(Some)
        }
    }
}

fn importance(table: &FeatureTable, rows: &[RowExplanation]) -> Result<FeatureImportance, Error> {
    let sizes: Vec<f64> =
        rows.iter().flat_map(|row| row.contributions.iter().map(|value| value.abs())).collect();
    let shape = (rows.len(), table.columns().len());
    let sizes = Array2::from_shape_vec(shape, sizes).expect("every row has its columns");
    Ok(FeatureImportance::new(table.columns().to_vec(), sizes)?)
}

impl Explanation {
    /// The file of the contributions of every row.
    pub const VALUES: &str = "shap.csv";
    /// The file of the mean contributions of every column.
    pub const IMPORTANCE: &str = "importance.csv";
    /// The report.
    pub const REPORT: &str = "report.html";

    /// Writes `shap.csv`, `importance.csv` and `report.html`; `source` names the model and the table in the
    /// report.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where a file cannot be written.
    pub fn save(&self, folder: &OutputFolder, source: &str) -> Result<(), Error> {
        write_records(&folder.file(Self::VALUES), &self.value_records())?;
        write_records(&folder.file(Self::IMPORTANCE), &self.importance_records())?;
        self.report(source)?.save(folder.file(Self::REPORT))?;
        Ok(())
    }

    fn value_records(&self) -> Vec<Vec<String>> {
        let mut header: Vec<String> = ["id", "output", "base", "prediction"].map(String::from).to_vec();
        header.extend(self.table.columns().iter().map(ToString::to_string));
        let record = |row: &RowExplanation| {
            let start =
                [row.id.clone(), row.output.clone(), row.base.to_string(), row.prediction.to_string()];
            start.into_iter().chain(row.contributions.iter().map(f64::to_string)).collect()
        };
        std::iter::once(header).chain(self.rows.iter().map(record)).collect()
    }

    fn importance_records(&self) -> Vec<Vec<String>> {
        let (mean, spread) = (self.importance.mean(), self.importance.spread());
        let header = ["column", "modality", "axis", "shap", "shap_std"].map(String::from).to_vec();
        let columns = self.importance.columns().iter().enumerate().map(|(index, column)| {
            vec![
                column.to_string(),
                column.modality().to_string(),
                column.axis().to_string(),
                mean[index].to_string(),
                spread[index].to_string(),
            ]
        });
        std::iter::once(header).chain(columns).collect()
    }
}
