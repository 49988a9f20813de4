//! `adatom explain`: which columns spoke for what a forest predicts, row by row (Shapley values).

use adatom::core::{FeatureColumn, FeatureTable};
use adatom::forest::ndarray::{Array2, Axis};
use adatom::forest::{Model, most_probable};
use adatom::interpret::{
    BarFigure, ColumnGroup, FeatureImportance, ImportanceFigure, ImportancePanel, Region, Report, Section,
    ShapValues, Table, TreeShap,
};
use serde_json::json;

use super::predict::of_model;
use crate::args::{Explain, existing};
use crate::error::CliError;
use crate::names;
use crate::say::say;
use adatom::pipeline::output::{OutputFolder, place, write_records};

const VALUES: &str = "shap.csv";
const IMPORTANCE: &str = "importance.csv";
const REPORT: &str = "report.html";

/// Rows that the report shows where none are named.
const SHOWN: usize = 3;
/// Columns that are listed for a row.
const LISTED: usize = 8;
/// Parts of an axis whose sums are looked at.
const PARTS: usize = 12;

/// One explanation: the answer for a row, and what every column added to it.
struct Explained {
    id: String,
    /// What is explained: a class, or the target.
    of: String,
    base: f64,
    answer: f64,
    values: Vec<f64>,
    class: bool,
}

impl Explained {
    /// What is explained, in words.
    fn what(&self) -> String {
        if self.class { format!("probability of {}", self.of) } else { self.of.clone() }
    }
}

pub(crate) fn run(command: &Explain, as_json: bool) -> Result<(), CliError> {
    let model = Model::load(&command.model)?;
    let table = of_model(FeatureTable::load(&command.table)?, &model)?;
    let table = chosen_rows(table, command)?;
    let background = match &command.background {
        Some(path) => Some(of_model(FeatureTable::load(path)?, &model)?),
        None => None,
    };
    let features = model.forest().features_of(&table)?;
    let shap = TreeShap::new(model.forest())?;
    let values = match &background {
        None => shap.path_dependent(features)?,
        Some(background) => shap.interventional(features, model.forest().features_of(background)?)?,
    };
    let explained = explanations(&model, &table, &values, command)?;
    let existing = existing(command.force);
    let folder = OutputFolder::prepare(&command.out, existing)?;
    for name in [VALUES, IMPORTANCE, REPORT] {
        let inputs = [Some(&command.model), Some(&command.table), command.background.as_ref()];
        if inputs.into_iter().flatten().any(|input| place(input) == place(&folder.file(name))) {
            return Err(CliError::Argument(format!("{name}: an input would be replaced")));
        }
    }
    save_values(&folder, &table, &explained)?;
    let importance = importance(&table, &explained)?;
    save_importance(&folder, &importance)?;
    report(&model, &table, (&explained, &importance), command)?.save(folder.file(REPORT))?;
    if is_calibrated(&model) && !as_json {
        crate::say::tell(format_args!("note: what is explained is the probability before calibration"));
    }
    tell(&folder, &explained, &importance, as_json);
    Ok(())
}

fn is_calibrated(model: &Model) -> bool {
    matches!(model, Model::Classifier(model) if model.calibration().is_some())
}

fn chosen_rows(table: FeatureTable, command: &Explain) -> Result<FeatureTable, CliError> {
    if command.rows.is_empty() {
        return Ok(table);
    }
    let row = |id: &String| {
        let missing = || CliError::Argument(format!("--rows: {} has no row {id}", command.table.display()));
        table.row_of(id).ok_or_else(missing)
    };
    let rows = command.rows.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(table.select_rows(&rows)?)
}

fn explanations(
    model: &Model,
    table: &FeatureTable,
    values: &ShapValues,
    command: &Explain,
) -> Result<Vec<Explained>, CliError> {
    let answers = values.answers();
    let wanted = match (model, &command.class) {
        (Model::Regressor(_), None) => None,
        (Model::Regressor(_), Some(_)) => {
            return Err(CliError::Argument("--class: the model predicts a number, not classes".into()));
        }
        (Model::Classifier(_), None) => None,
        (Model::Classifier(model), Some(class)) => {
            let known = model.classes().iter().position(|name| name == class);
            let missing = || {
                CliError::Argument(format!(
                    "--class: the model knows {}, not {class}",
                    model.classes().join(", ")
                ))
            };
            Some(known.ok_or_else(missing)?)
        }
    };
    // The class that `predict` names, which calibration can change.
    let predicted = most_probable(model.answers_for(table)?.view());
    let one = |row: usize| {
        let output = match model {
            Model::Regressor(_) => 0,
            Model::Classifier(_) => wanted.unwrap_or(predicted[row]),
        };
        let of = match model {
            Model::Classifier(model) => model.classes()[output].clone(),
            Model::Regressor(model) => model.forest().target().unwrap_or("the target").to_owned(),
        };
        Explained {
            id: table.ids()[row].clone(),
            of,
            base: values.base()[output],
            answer: answers[[row, output]],
            values: values.values().index_axis(Axis(0), row).column(output).to_vec(),
            class: matches!(model, Model::Classifier(_)),
        }
    };
    Ok((0..table.len()).map(one).collect())
}

fn importance(table: &FeatureTable, explained: &[Explained]) -> Result<FeatureImportance, CliError> {
    let sizes: Vec<f64> =
        explained.iter().flat_map(|row| row.values.iter().map(|value| value.abs())).collect();
    let shape = (explained.len(), table.columns().len());
    let sizes = Array2::from_shape_vec(shape, sizes).expect("every row has its columns");
    Ok(FeatureImportance::new(table.columns().to_vec(), sizes)?)
}

fn save_values(folder: &OutputFolder, table: &FeatureTable, explained: &[Explained]) -> Result<(), CliError> {
    let mut header: Vec<String> = ["id", "of", "base", "answer"].map(String::from).to_vec();
    header.extend(table.columns().iter().map(ToString::to_string));
    let mut records = vec![header];
    for row in explained {
        let mut record = vec![row.id.clone(), row.of.clone(), row.base.to_string(), row.answer.to_string()];
        record.extend(row.values.iter().map(f64::to_string));
        records.push(record);
    }
    Ok(write_records(&folder.file(VALUES), &records)?)
}

fn save_importance(folder: &OutputFolder, importance: &FeatureImportance) -> Result<(), CliError> {
    let mut records = vec![["column", "modality", "axis", "shap", "shap_std"].map(String::from).to_vec()];
    let (mean, spread) = (importance.mean(), importance.spread());
    for (index, column) in importance.columns().iter().enumerate() {
        records.push(vec![
            column.to_string(),
            column.modality().to_string(),
            column.axis().to_string(),
            mean[index].to_string(),
            spread[index].to_string(),
        ]);
    }
    Ok(write_records(&folder.file(IMPORTANCE), &records)?)
}

fn report(
    model: &Model,
    table: &FeatureTable,
    (explained, importance): (&[Explained], &FeatureImportance),
    command: &Explain,
) -> Result<Report, CliError> {
    let target = model.forest().target().unwrap_or("the target");
    let from = match &command.background {
        Some(path) => format!("the mean over the rows of {}", path.display()),
        None => "the mean over the training rows".to_owned(),
    };
    let mut bars = BarFigure::new("mean |Shapley value|");
    let groups = importance.by_modality();
    let (mean, spread) = (groups.mean(), groups.spread());
    for (index, name) in groups.names().iter().enumerate() {
        bars = bars.bar_with_spread(name.clone(), mean[index], spread[index]);
    }
    let calibrated = match is_calibrated(model) {
        true => " What is explained is the forest's probability before calibration, which predict corrects.",
        false => "",
    };
    let text = format!(
        "The answer of the forest is {from} plus what every column adds (Shapley values).{calibrated} Sums of the sizes of what the columns of a modality \
         add, mean over {}.",
        names::rows(explained.len())
    );
    let mut report = Report::new(format!("What spoke for {target}"))
        .subtitle(format!("{} on {}", command.model.display(), command.table.display()))
        .card("rows", explained.len().to_string(), "")
        .section(Section::new("All rows").paragraph(text).figure(
            &bars,
            "By modality: mean and standard deviation over the rows.",
            "mean size by modality",
        ));
    let shown = if command.rows.is_empty() { explained.len().min(SHOWN) } else { explained.len() };
    for row in &explained[..shown] {
        report = report.section(of_row(table, row)?);
    }
    Ok(report)
}

/// The spectra of one row beside what their columns add.
fn of_row(table: &FeatureTable, row: &Explained) -> Result<Section, CliError> {
    let spectrum = table.features().row(table.row_of(&row.id).expect("it was explained")).to_vec();
    let mut section = Section::new(row.id.clone()).paragraph(format!(
        "{}: {:.4} without looking, {:.4} in the end.",
        row.what(),
        row.base,
        row.answer
    ));
    let mut order: Vec<usize> = (0..row.values.len()).collect();
    order.sort_by(|&left, &right| row.values[right].abs().total_cmp(&row.values[left].abs()));
    let mut strongest = Table::new(["column", "value", "adds"]);
    for &column in order.iter().take(LISTED).filter(|&&column| row.values[column] != 0.0) {
        let name = names::column(&table.columns()[column]);
        strongest =
            strongest.row([name, format!("{:.4}", spectrum[column]), format!("{:+.4}", row.values[column])]);
    }
    section = section.table(strongest).table(parts(table, row)?);
    let mut panels = Vec::new();
    for modality in table.modalities() {
        let columns = names::along_axis(table, &modality);
        if columns.len() < 2 {
            continue;
        }
        let of = |values: &[f64]| columns.iter().map(|&column| values[column]).collect::<Vec<f64>>();
        let x: Vec<f64> =
            columns.iter().map(|&column| FeatureColumn::axis(&table.columns()[column])).collect();
        let (seen, adds) = (of(&spectrum), of(&row.values));
        let none = vec![f64::NAN; x.len()];
        let panel = ImportancePanel::new(modality.to_string(), names::axis(&modality), &x)
            .importance_label(format!("adds to {}", row.what()))
            .spectrum(row.id.clone(), &seen)?
            .importance("Shapley value", &adds, &none)?;
        panels.push(panel);
    }
    if !panels.is_empty() {
        let figure = ImportanceFigure::new(panels)?;
        let caption = format!("The spectra of {}, and what every column adds.", row.id);
        section = section.figure(&figure, caption, "spectra and what their columns add");
    }
    Ok(section)
}

/// What every modality adds, and which parts of its axis add most.
fn parts(table: &FeatureTable, row: &Explained) -> Result<Table, CliError> {
    let columns = table.columns();
    let sum = |of: &[usize]| of.iter().map(|&column| row.values[column]).sum::<f64>();
    let mut listed = Table::new(["part", "adds"]);
    for group in ColumnGroup::modalities(columns) {
        listed = listed.row([format!("all {}", group.name), format!("{:+.4}", sum(&group.columns))]);
    }
    let mut regions = Vec::new();
    for modality in table.modalities() {
        if names::along_axis(table, &modality).len() > PARTS {
            regions.extend(Region::even(columns, &modality, PARTS)?);
        }
    }
    let mut found: Vec<(String, f64)> = (ColumnGroup::regions(columns, &regions)?.into_iter())
        .map(|group| (group.name, sum(&group.columns)))
        .collect();
    found.sort_by(|left, right| right.1.abs().total_cmp(&left.1.abs()));
    for (name, sum) in found.into_iter().take(LISTED) {
        listed = listed.row([name, format!("{sum:+.4}")]);
    }
    Ok(listed)
}

fn tell(folder: &OutputFolder, explained: &[Explained], importance: &FeatureImportance, as_json: bool) {
    let groups = importance.by_modality();
    if as_json {
        let sizes: serde_json::Map<_, _> = groups
            .names()
            .iter()
            .zip(groups.mean())
            .map(|(name, mean)| (name.clone(), json!(mean)))
            .collect();
        let path = folder.file(REPORT).display().to_string();
        return say(format_args!("{}", json!({ "path": path, "rows": explained.len(), "shap": sizes })));
    }
    for row in explained.iter().take(SHOWN) {
        say(format_args!("{}: {} {:.4}, on average {:.4}", row.id, row.what(), row.answer, row.base));
    }
    for (name, mean) in groups.names().iter().zip(groups.mean()) {
        say(format_args!("  {name:<12} moves the answer by {mean:.4} (sum of sizes, mean over rows)"));
    }
    say(format_args!("{}: open it; with {VALUES}, {IMPORTANCE}", folder.file(REPORT).display()));
}
