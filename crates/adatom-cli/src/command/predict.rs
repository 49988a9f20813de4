//! `adatom predict`: what a fitted forest says of the rows of a table.

use adatom::core::{ClassLabels, FeatureTable, Modality, Score, TargetKind, TargetView};
use adatom::forest::ndarray::Array2;
use adatom::forest::{Average, ClassScore, Model, PropertyScore, most_probable};
use serde_json::{Map, json};

use crate::args::{Predict, existing};
use crate::error::CliError;
use crate::say::say;
use adatom::pipeline::output::{check_output, write_records};

pub(crate) fn run(command: &Predict, as_json: bool) -> Result<(), CliError> {
    if !(command.coverage > 0.0 && command.coverage < 1.0) {
        return Err(CliError::Argument("--coverage: must lie between 0 and 1, both excluded".into()));
    }
    check_output(&command.out, [&command.model, &command.table], existing(command.force))?;
    let model = Model::load(&command.model)?;
    let table = of_model(FeatureTable::load(&command.table)?, &model)?;
    let answers = model.answers_for(&table)?;
    let records = records(&model, &table, &answers, command)?;
    write_records(&command.out, &records)?;
    let scores = scores(&model, &table, &answers);
    if as_json {
        let scores: Option<Map<_, _>> =
            scores.map(|scores| scores.into_iter().map(|(name, score)| (name, json!(score))).collect());
        let (path, target) = (command.out.display().to_string(), model.forest().target());
        say(format_args!(
            "{}",
            json!({ "path": path, "rows": table.len(), "target": target, "scores": scores })
        ));
        return Ok(());
    }
    let target = model.forest().target().unwrap_or("the target");
    say(format_args!("{}: {target} of {} rows", command.out.display(), table.len()));
    if let Some(scores) = scores {
        for (name, score) in scores {
            say(format_args!("  {name:<20} {score:.4}"));
        }
        say(format_args!(
            "  (of all rows of the table; they flatter where the model has learned from some of them)"
        ));
    }
    Ok(())
}

/// The table without modalities that the model does not look at.
pub(super) fn of_model(table: FeatureTable, model: &Model) -> Result<FeatureTable, CliError> {
    let Some(columns) = model.forest().columns() else { return Ok(table) };
    let known = |modality: &Modality| columns.iter().any(|column| column.modality() == modality);
    let wanted: Vec<Modality> = table.modalities().into_iter().filter(known).collect();
    if wanted.is_empty() || wanted.len() == table.modalities().len() {
        return Ok(table);
    }
    Ok(table.select_modalities(&wanted)?)
}

fn records(
    model: &Model,
    table: &FeatureTable,
    answers: &Array2<f64>,
    command: &Predict,
) -> Result<Vec<Vec<String>>, CliError> {
    let mut header: Vec<String> = ["id", "prediction"].map(String::from).to_vec();
    let mut rows: Vec<Vec<String>> = table.ids().iter().map(|id| vec![id.clone()]).collect();
    match model {
        Model::Classifier(model) => {
            header.extend(model.classes().iter().map(|name| format!("probability:{name}")));
            for ((row, best), answer) in
                rows.iter_mut().zip(most_probable(answers.view())).zip(answers.rows())
            {
                row.push(model.classes()[best].clone());
                row.extend(answer.iter().map(f64::to_string));
            }
        }
        Model::Regressor(model) => {
            header.extend(["lower", "upper"].map(String::from));
            let intervals = model.intervals(table.features(), command.coverage)?;
            for ((row, answer), ends) in rows.iter_mut().zip(answers.rows()).zip(intervals.rows()) {
                row.extend(answer.iter().chain(ends).map(f64::to_string));
            }
        }
    }
    rows.insert(0, header);
    Ok(rows)
}

/// Scores, where the table knows the truth of every row.
fn scores(model: &Model, table: &FeatureTable, answers: &Array2<f64>) -> Option<Vec<(String, f64)>> {
    let name = model.forest().target()?;
    let target = table.target(name).ok().filter(|target| target.missing() == 0)?;
    let of = |scores: &[&dyn Score], truth: TargetView<'_>| {
        let one = |score: &&dyn Score| Some((score.name().to_owned(), score.score(truth, answers.view())?));
        scores.iter().filter_map(one).collect()
    };
    match (model, target.kind()) {
        (Model::Regressor(_), TargetKind::Numbers) => {
            let values = table.numbers(name).ok()?;
            let scores: [&dyn Score; 3] =
                [&PropertyScore::RootMeanSquareError, &PropertyScore::MeanAbsoluteError, &PropertyScore::R2];
            Some(of(&scores, (&values).into()))
        }
        (Model::Classifier(model), _) => {
            let labels = table.classes(name).ok()?;
            let code = |code: &usize| model.classes().iter().position(|class| *class == labels.names[*code]);
            let codes: Vec<usize> = labels.codes.iter().map(code).collect::<Option<_>>()?;
            let truth = ClassLabels::new(model.classes(), codes).ok()?;
            let scores: [&dyn Score; 3] =
                [&ClassScore::F1(Average::Weighted), &ClassScore::Accuracy, &ClassScore::LogLoss];
            Some(of(&scores, (&truth).into()))
        }
        (Model::Regressor(_), TargetKind::Classes) => None,
    }
}
