//! The spectra pipeline on generated oxides.

use adatom::pipeline::output::OutputFolder;
use adatom::pipeline::spectra::demonstration::{
    self, Commands, Demonstration, DemonstrationSettings, Experiment,
};
use serde_json::Value;

use crate::args::Demo;
use crate::command_line::shell_words;
use crate::error::CliError;
use crate::progress::Terminal;

/// Writes everything, and returns numbers for `metrics.json` with the lines to print.
pub(super) fn run(
    command: &Demo,
    folder: &OutputFolder,
    observer: &Terminal,
) -> Result<(Value, Vec<String>), CliError> {
    let seed = command.seed;
    let settings =
        if command.quick { DemonstrationSettings::quick(seed) } else { DemonstrationSettings::full(seed) };
    let demonstration = Demonstration::run(folder, &settings, &commands(folder, &settings), observer)?;
    Ok((demonstration.metrics()?, lines(&demonstration.experiments, folder)))
}

/// The commands that make the table and the fit again.
fn commands(folder: &OutputFolder, settings: &DemonstrationSettings) -> Commands {
    let file = |name: &str| folder.file(name).display().to_string();
    let [trees, repeats, folds] = [settings.trees, settings.repeats, settings.folds].map(|n| n.to_string());
    let (materials, labels, path) =
        (file(demonstration::MATERIALS), file(demonstration::LABELS), file(demonstration::TABLE));
    let (element, target, seed) = (demonstration::ELEMENT, demonstration::TARGET, settings.seed.to_string());
    let out = file(target);
    let words = |words: &[&str]| shell_words(words.iter().map(|&word| word.to_owned()));
    let table = ["table", &materials, "--element", element, "--labels", &labels, "--out", &path, "--force"];
    let fit = [
        &["fit", &path, "--target", target, "--out", &out, "--group", "formula"][..],
        &["--trees", &trees, "--repeats", &repeats, "--folds", &folds, "--seed", &seed],
        &["--compare", "--force"],
    ];
    Commands::new(words(&table), words(&fit.concat()))
}

fn lines(experiments: &[Experiment], folder: &OutputFolder) -> Vec<String> {
    let mut lines = vec![format!(
        "{:<20} {:<6} {:>24}  {:<12} {:>22} {:>5}",
        "target", "from", "score", "planted in", "permutation importance", "rank"
    )];
    for experiment in experiments {
        let Experiment { question, finding, .. } = experiment;
        lines.push(format!(
            "{:<20} {:<6} {:>24}  {:<12} {:>22.3} {:>5}",
            question.target.replace('_', " "),
            question.modality.to_string(),
            format!("{} {:.3}", experiment.score_name(), finding.score),
            question.planted,
            experiment.planted_importance(),
            experiment.planted_rank(),
        ));
    }
    lines.push(format!("report: {}", folder.file(demonstration::REPORT).display()));
    lines
}
