//! `adatom predict`: what a fitted forest predicts for the rows of a table.

use adatom::core::FeatureTable;
use adatom::forest::Model;
use adatom::pipeline::output::{check_output, write_records};
use adatom::pipeline::spectra::{Predictions, predict};
use serde_json::{Map, json};

use crate::args::{Predict, existing};
use crate::error::CliError;
use crate::terminal::print_line;

pub(crate) fn run(command: &Predict, as_json: bool) -> Result<(), CliError> {
    check_output(&command.out, [&command.model, &command.table], existing(command.force))?;
    let model = Model::load(&command.model)?;
    let table = FeatureTable::load(&command.table)?;
    let predictions = predict(&model, &table, command.coverage)?;
    write_records(&command.out, &predictions.records())?;
    print(&predictions, command, as_json);
    Ok(())
}

fn print(Predictions { ids, target, scores, .. }: &Predictions, command: &Predict, as_json: bool) {
    let (path, rows) = (command.out.display(), ids.len());
    if as_json {
        let scores: Option<Map<_, _>> = scores
            .as_ref()
            .map(|scores| scores.iter().map(|score| (score.name.clone(), json!(score.value))).collect());
        let line = json!({ "path": path.to_string(), "rows": rows, "target": target, "scores": scores });
        return print_line(format_args!("{line}"));
    }
    print_line(format_args!(
        "{path}: predicted {} of {rows} rows",
        target.as_deref().unwrap_or("the target")
    ));
    for score in scores.iter().flatten() {
        print_line(format_args!("  {:<20} {:.4}", score.name, score.value));
    }
    if scores.is_some() {
        print_line(format_args!(
            "  (over all rows of the table; too optimistic if the model was fitted to some of them)"
        ));
    }
}
