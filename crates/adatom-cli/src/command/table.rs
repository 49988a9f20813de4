//! `adatom table`: a folder of structures and spectra becomes one table of features and targets.

use std::collections::BTreeMap;

use adatom::core::FeatureTable;
use adatom::pipeline::output::{canonical, check_output};
use adatom::pipeline::spectra::{Collection, Omissions, figures};
use adatom::pipeline::{Error, OutputProblem};
use serde_json::json;

use crate::args::{Table, existing};
use crate::error::CliError;
use crate::progress::Terminal;
use crate::terminal::print_line;

pub(crate) fn run(command: &Table, as_json: bool) -> Result<(), CliError> {
    check_outputs(command)?;
    let terminal = Terminal::new();
    let collection = Collection::gather(&command.folder, &command.settings(), &terminal)?;
    let found = collection.tabulate(&terminal)?;
    drop(terminal);
    found.table.save(&command.out)?;
    if let Some(plot) = &command.plot {
        figures::save(&figures::table(&found.table)?, plot)?;
    }
    print(&found.table, &found.omissions, command, as_json);
    match found.omissions.unusable.is_empty() || command.skip_bad {
        true => Ok(()),
        false => Err(CliError::Reported),
    }
}

fn check_outputs(command: &Table) -> Result<(), CliError> {
    let choice = &command.materials;
    let inputs = || command.labels.iter().chain(&choice.materials).chain(&choice.exclude_formulas_of);
    check_output(&command.out, inputs(), existing(command.force))?;
    if let Some(plot) = &command.plot {
        check_output(plot, inputs().chain([&command.out]), existing(command.force))?;
    }
    for out in command.plot.iter().chain([&command.out]) {
        let (output, folder) = (canonical(out), canonical(&command.folder));
        if output.strip_prefix(&folder).is_ok_and(|inside| inside.components().count() > 1) {
            return Err(Error::Output { path: out.clone(), problem: OutputProblem::InDataSet }.into());
        }
    }
    Ok(())
}

fn print(table: &FeatureTable, omissions: &Omissions, command: &Table, as_json: bool) {
    let Omissions { unusable, without_element, same_formula, .. } = omissions;
    let known = table.targets().map(|(name, target)| (name, target.len() - target.missing()));
    if as_json {
        let columns = |modality: &adatom::core::Modality| table.columns_of(modality).len();
        let modalities = table.modalities();
        let columns: BTreeMap<_, _> =
            modalities.iter().map(|modality| (modality.name().to_owned(), columns(modality))).collect();
        let line = json!({
            "path": command.out.display().to_string(),
            "rows": table.len(),
            "columns": columns,
            "targets": known.collect::<BTreeMap<_, _>>(),
            "bad": unusable.len(),
            "without_element": without_element,
            "same_formula": same_formula,
        });
        return print_line(format_args!("{line}"));
    }
    print_line(format_args!("{}: {} rows", command.out.display(), table.len()));
    for modality in table.modalities() {
        let columns = table.columns_of(&modality);
        let axis = |at: usize| table.columns()[columns[at]].axis();
        let (first, last, unit) = (axis(0), axis(columns.len() - 1), modality.unit().unwrap_or(""));
        let (name, count) = (modality.name(), columns.len());
        print_line(format_args!("  {name:<8} {count} columns, {first:.3} to {last:.3} {unit}"));
    }
    for (name, count) in known {
        print_line(format_args!("  {name:<24} {count} known values"));
    }
    for (count, reason) in [
        (*without_element, format!("no site of {}", command.element)),
        (*same_formula, "excluded formula".to_owned()),
        (unusable.len(), "unusable".to_owned()),
    ] {
        if count > 0 {
            print_line(format_args!("  {count} materials left out: {reason}"));
        }
    }
}
