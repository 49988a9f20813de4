//! The program `adatom`: arguments, progress bars, files, reports. The pipelines are in `adatom-pipeline`.

#![forbid(unsafe_code)]
// A program prints.
#![allow(clippy::print_stdout)]

mod args;
mod command;
mod command_line;
mod error;
mod interrupt;
mod progress;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use error::CliError;
use terminal::note;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(threads) = arguments.threads
        && let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global()
    {
        note(format_args!("error: {error}"));
        return ExitCode::FAILURE;
    }
    let done = match &arguments.command {
        Command::Demo(demo) => command::demo::run(demo, arguments.json),
        Command::Inspect(inspect) => command::inspect::run(inspect, arguments.json),
        Command::Image(image) => command::image::run(image, arguments.json),
        Command::Encode(encode) => command::encode::run(encode, arguments.json),
        Command::Normalize(normalize) => command::normalize::run(normalize, arguments.json),
        Command::Pdf(pdf) => command::pdf::run(pdf, arguments.json),
        Command::Table(table) => command::table::run(table, arguments.json),
        Command::Fit(fit) => command::fit::run(fit, arguments.json),
        Command::Predict(predict) => command::predict::run(predict, arguments.json),
        Command::Explain(explain) => command::explain::run(explain, arguments.json),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(CliError::Interrupted { resume }) => {
            note(format_args!("{resume}"));
            ExitCode::from(130)
        }
        Err(CliError::Pipeline(error)) if matches!(*error, adatom::pipeline::Error::Cancelled) => {
            note(format_args!("interrupted"));
            ExitCode::from(130)
        }
        Err(CliError::Reported) => ExitCode::FAILURE,
        Err(error) => {
            note(format_args!("error: {}", error.message()));
            ExitCode::FAILURE
        }
    }
}
