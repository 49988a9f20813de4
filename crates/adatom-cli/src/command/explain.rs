//! `adatom explain`: the contributions of columns to predictions, row by row (Shapley values).

use adatom::core::FeatureTable;
use adatom::forest::Model;
use adatom::pipeline::output::{OutputFolder, canonical};
use adatom::pipeline::spectra::{Explanation, explain};
use adatom::pipeline::{Error, OutputProblem};
use serde_json::{Map, json};

use crate::args::{Explain, existing};
use crate::error::CliError;
use crate::terminal::{note, print_line};

/// Rows that are printed.
const PRINTED: usize = 3;

pub(crate) fn run(command: &Explain, as_json: bool) -> Result<(), CliError> {
    let model = Model::load(&command.model)?;
    let table = FeatureTable::load(&command.table)?;
    let background = command.background.as_ref().map(FeatureTable::load).transpose()?;
    let explanation = explain(&model, &table, background.as_ref(), &command.settings())?;
    let folder = OutputFolder::prepare(&command.out, existing(command.force))?;
    check_inputs(&folder, command)?;
    let source = format!("{} on {}", command.model.display(), command.table.display());
    explanation.save(&folder, &source)?;
    if explanation.calibrated && !as_json {
        note(format_args!("note: Shapley values refer to the probabilities before calibration"));
    }
    print(&folder, &explanation, as_json);
    Ok(())
}

fn check_inputs(folder: &OutputFolder, command: &Explain) -> Result<(), CliError> {
    let outputs = [Explanation::VALUES, Explanation::IMPORTANCE, Explanation::REPORT];
    for input in [&command.model, &command.table].into_iter().chain(&command.background) {
        if outputs.iter().any(|name| canonical(&folder.file(name)) == canonical(input)) {
            return Err(Error::Output { path: input.clone(), problem: OutputProblem::InUse }.into());
        }
    }
    Ok(())
}

fn print(folder: &OutputFolder, explanation: &Explanation, as_json: bool) {
    let groups = explanation.importance.by_modality();
    let mean = groups.mean();
    let modalities = groups.names().iter().zip(&mean);
    let report = folder.file(Explanation::REPORT);
    let report = report.display();
    if as_json {
        let shap: Map<_, _> = modalities.map(|(name, mean)| (name.clone(), json!(mean))).collect();
        let rows = explanation.rows.len();
        return print_line(format_args!(
            "{}",
            json!({ "path": report.to_string(), "rows": rows, "shap": shap })
        ));
    }
    for row in explanation.rows.iter().take(PRINTED) {
        let (id, output) = (&row.id, row.output_name());
        print_line(format_args!("{id}: {output} {:.4}, mean {:.4}", row.prediction, row.base));
    }
    for (name, mean) in modalities {
        print_line(format_args!("  {name:<12} sum of |Shapley values| {mean:.4} (mean over rows)"));
    }
    print_line(format_args!("report: {report}; with {}, {}", Explanation::VALUES, Explanation::IMPORTANCE));
}
