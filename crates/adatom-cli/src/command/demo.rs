//! `adatom demo`: both pipelines, images and spectra, on generated data with known ground truth.

mod image;
mod spectra;

use adatom::pipeline::output::OutputFolder;

use crate::args::{Demo, existing};
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::progress::Terminal;
use crate::terminal::print_line;

/// The subfolder of the spectra.
const SPECTRA: &str = "spectra";

pub(crate) fn run(command: &Demo, as_json: bool) -> Result<(), CliError> {
    let existing = existing(command.force);
    let folder = OutputFolder::prepare(&command.out, existing)?;
    let observer = Terminal::interruptible(&Interrupt::watch());
    let (mut numbers, mut lines) = image::run(command, &folder, &observer)?;
    // What an earlier run left there would be read as materials of this one.
    let path = folder.file(SPECTRA);
    let (of_spectra, more) = spectra::run(command, &OutputFolder::prepare(&path, existing)?, &observer)?;
    numbers[SPECTRA] = of_spectra;
    lines.push(String::new());
    lines.extend(more);
    folder.write_text("metrics.json", &format!("{numbers:#}\n"))?;
    if as_json {
        print_line(format_args!("{numbers}"));
    } else {
        lines.iter().for_each(|line| print_line(format_args!("{line}")));
    }
    Ok(())
}
