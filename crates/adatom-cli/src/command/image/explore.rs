//! `adatom image --explore`: a small grid of settings, each trained briefly, side by side.

use adatom::interpret::Section;
use adatom::pipeline::Error;
use adatom::pipeline::image::{Exploration, ImageSettings, Trial};
use adatom::pipeline::output::OutputFolder;

use crate::args::{ImageCommand, existing};
use crate::command_line;
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::progress::{Terminal, note_all};
use crate::terminal::{note, print_line};

/// Options whose values are those of a trial, or that do not belong to a full training.
const REPLACED: [&str; 6] = ["--window", "--latent", "--invariances", "--seed", "--smooth-weight", "--out"];

pub(super) fn run(command: &ImageCommand, settings: ImageSettings, as_json: bool) -> Result<(), CliError> {
    let images = settings.source.open(&command.images)?;
    note_all(images.notices());
    let exploration = Exploration::new(settings, command.explore.settings(), images)?;
    let folder = OutputFolder::prepare(&command.out, existing(command.force))?;
    note(format_args!(
        "{} trainings of {} steps; roughness at a length of {:.1} pixels ({})",
        exploration.trials().len(),
        command.explore.explore_steps,
        exploration.length().pixels,
        exploration.length().origin
    ));
    let interrupt = Interrupt::watch();
    let (mut trials, mut failed) = (Vec::new(), None);
    for (index, settings) in exploration.trials().iter().enumerate() {
        let name = exploration.describe(settings);
        let observer = Terminal::interruptible(&interrupt);
        let trial = exploration.train(settings, &observer);
        match trial {
            Ok(trial) => {
                let line = line(index + 1, &name, &trial);
                if as_json {
                    note(format_args!("{line}"))
                } else {
                    print_line(format_args!("{line}"))
                }
                trials.push(trial);
            }
            Err(Error::Cancelled) => break,
            Err(error) => {
                note(format_args!("warning: {name} is left out: {error}"));
                failed = Some(error);
            }
        }
    }
    if trials.is_empty() {
        let resume = "interrupted in the first training; nothing was saved".into();
        return Err(failed.map_or(CliError::Interrupted { resume }, CliError::from));
    }
    let results = exploration.results(trials);
    results.save(&folder, Some(commands(results.trials())))?;
    if as_json {
        results.metrics().iter().for_each(|trial| print_line(format_args!("{trial}")));
    } else {
        print_line(format_args!("report: {}", folder.file("report.html").display()));
    }
    if interrupt.pressed() {
        let resume = "interrupted; the report contains the completed trainings".into();
        return Err(CliError::Interrupted { resume });
    }
    Ok(())
}

fn line(number: usize, name: &str, trial: &Trial) -> String {
    format!(
        "{number:>3} {name}: ELBO {:.5} nat per pixel, {:.1} % explained, {} of {} content latents active{}, \
         {:.1} s",
        trial.elbo,
        100.0 * trial.explained_variance,
        trial.active_content,
        trial.settings.latent_dim,
        trial.roughness.map_or(String::new(), |value| format!(", roughness {value:.3}")),
        trial.seconds
    )
}

/// The commands that train each trial in full, and the one of the comparison.
fn commands(trials: &[Trial]) -> Section {
    let mut section = Section::new("Commands of full trainings");
    for (index, trial) in trials.iter().enumerate() {
        section = section.code(format!("Trial {}:", index + 1), full_command(trial));
    }
    section.code("This comparison:", command_line::given())
}

/// The given command with the settings of a trial instead of the explored lists.
fn full_command(trial: &Trial) -> String {
    let settings = &trial.settings;
    let mut words = Vec::new();
    let mut arguments = std::env::args().skip(1).peekable();
    while let Some(argument) = arguments.next() {
        let name = argument.split('=').next().unwrap_or_default().to_owned();
        if name == "--explore" || name == "--force" {
            continue;
        }
        if name.starts_with("--explore-") || REPLACED.contains(&name.as_str()) {
            if !argument.contains('=') {
                arguments.next();
            }
            continue;
        }
        words.push(argument);
    }
    let mut line = command_line::shell_words(words);
    line.push_str(&format!(
        " --window {} --latent {} --invariances {} --seed {}",
        settings.window.to_string().replace(' ', ""),
        settings.latent_dim,
        settings.invariance_names().replace('+', ","),
        settings.seed
    ));
    if let Some(weight) = settings.smoothness_weight {
        line.push_str(&format!(" --smooth-weight {weight}"));
    }
    line + " --out RESULTS"
}
