//! The image pipeline on a generated lattice with known ground truth.

use adatom::pipeline::image::{DemoSize, ImageDemo, TRAINING_STATE, save_report};
use adatom::pipeline::output::OutputFolder;
use serde_json::Value;

use crate::args::Demo;
use crate::command_line;
use crate::error::CliError;
use crate::progress::Terminal;
use crate::terminal::note;

/// Trains, writes everything but `metrics.json`, and returns its content with the lines to print.
pub(super) fn run(
    command: &Demo,
    folder: &OutputFolder,
    observer: &Terminal,
) -> Result<(Value, Vec<String>), CliError> {
    let size = if command.quick { DemoSize::Quick } else { DemoSize::Full };
    let demo = ImageDemo::new(size, command.seed)?;
    let (window, epochs) = (demo.settings().preparation.window, demo.settings().training.epochs);
    note(format_args!("a generated lattice; patches of {window} pixels, {epochs} epochs"));
    folder.remove(TRAINING_STATE)?;
    let found = demo.run(observer)?;
    found.save_numbers(folder)?;
    let report = found
        .report()?
        .reproduce("The same command gives the same result again.", command_line::given())
        .reproduce("The trained model encodes other images:", command_line::encode(&command.out))
        .reproduce("The spectra of the demonstration:", "spectra/report.html");
    let path = save_report(folder, &report)?;
    let mut lines = vec![format!("{:<32} {:>7} {:>11}", "recovered vs. true", "r", "rmse (px)")];
    lines.extend(found.quantities().iter().map(|quantity| {
        format!("{:<32} {:>7.4} {:>11.3}", quantity.name, quantity.correlation(), quantity.rmse())
    }));
    lines.push(format!("report: {}", path.display()));
    Ok((found.metrics(), lines))
}
