//! `adatom fit`: a table becomes a forest that was tuned, tested and can be asked.

mod choice;
mod compare;
mod held_out;
mod importance;
mod learning;
mod pictures;
mod report;
mod trial;
mod write;

use std::io::IsTerminal;

use adatom::core::FeatureTable;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::{Fit, existing};
use crate::error::CliError;
use adatom::pipeline::output::{OutputFolder, place};
use choice::Chosen;
use compare::Comparison;
use trial::Trial;

pub(crate) fn run(command: &Fit, as_json: bool) -> Result<(), CliError> {
    let (folder, chosen, trial, comparison) = fit(command, as_json)?;
    write::say_scores(&folder, &chosen, (&trial, &comparison), [as_json, command.trial.final_on_all]);
    Ok(())
}

/// Fits, tests and writes all files, without a word of it.
pub(crate) fn quietly(command: &Fit) -> Result<(), CliError> {
    fit(command, true).map(|_| ())
}

fn fit(command: &Fit, quiet: bool) -> Result<(OutputFolder, Chosen, Trial, Comparison), CliError> {
    if !(command.trial.test > 0.0 && command.trial.test < 1.0) {
        return Err(CliError::Argument("--test: must lie between 0 and 1, both excluded".into()));
    }
    let table = FeatureTable::load(&command.table)?;
    let chosen = Chosen::of(&table, command)?;
    let existing = existing(command.force);
    let folder = OutputFolder::prepare(&command.out, existing)?;
    for name in
        [write::MODEL, write::PREDICTIONS, write::IMPORTANCE, write::REGIONS, write::METRICS, report::REPORT]
    {
        if place(&folder.file(name)) == place(&command.table) {
            let text = format!("{}: the table itself would be replaced", command.table.display());
            return Err(CliError::Argument(text));
        }
    }
    if !quiet {
        chosen.tell();
    }
    let bar = bar();
    let done = Trial::run(&chosen, command, &bar)
        .and_then(|trial| Ok((Comparison::run(&chosen, &trial, command, &bar)?, trial)));
    bar.finish_and_clear();
    let (comparison, trial) = done?;
    write::all(&folder, &chosen, (&trial, &comparison), command)?;
    report::save(&folder, &chosen, (&trial, &comparison), command)?;
    Ok((folder, chosen, trial, comparison))
}

/// A bar on terminals only.
fn bar() -> ProgressBar {
    let bar = if std::io::stderr().is_terminal() { ProgressBar::new(1) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("{msg}  {bar:30} {pos}/{len} trees  {eta_precise} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
