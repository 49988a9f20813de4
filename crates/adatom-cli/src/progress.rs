//! The events of a pipeline on standard error: a progress bar on terminals only, notes and warnings always.

use std::fmt::Display;
use std::io::IsTerminal;

use adatom::pipeline::image::Notice;
use adatom::pipeline::{Control, Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

use crate::error::pipeline_message;
use crate::interrupt::Interrupt;
use crate::terminal::note;

/// Shows the events of a pipeline, and stops it on Ctrl-C if it can be resumed.
pub(crate) struct Terminal {
    bar: ProgressBar,
    interrupt: Option<Interrupt>,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new(1) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{msg}  {bar:30} {pos}/{len} {prefix}  {eta_precise} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, interrupt: None }
    }

    /// Ctrl-C stops the pipeline after the current step; without, it ends the program at once.
    pub(crate) fn interruptible(interrupt: &Interrupt) -> Self {
        let mut terminal = Self::new();
        terminal.interrupt = Some(interrupt.clone());
        terminal
    }

    fn print(&self, line: impl Display) {
        self.bar.suspend(|| note(format_args!("{line}")));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Terminal {
    fn event(&self, event: &Event<'_>) -> Control {
        match event {
            Event::Progress(progress) => {
                let state = if progress.detail.is_empty() { progress.activity } else { progress.detail };
                self.bar.set_message(state.to_owned());
                self.bar.set_prefix(progress.unit.to_owned());
                self.bar.set_length(progress.total as u64);
                self.bar.set_position(progress.done as u64);
            }
            Event::Note(text) => self.print(text),
            Event::Warning(text) => self.print(format_args!("warning: {text}")),
            Event::Problem(error) => self.print(format_args!("error: {}", pipeline_message(error))),
            Event::NotStratified(reason) => self.print(format_args!(
                "note: {reason}; rows are split without stratification (--min-class leaves out rare classes)"
            )),
            _ => {}
        }
        match &self.interrupt {
            Some(interrupt) if interrupt.pressed() => Control::Stop,
            _ => Control::Continue,
        }
    }
}

/// Writes what a stage of the image pipeline found to standard error, with the option that helps where there
/// is one.
pub(crate) fn note_all(notices: &[Notice]) {
    for notice in notices {
        let hint = match notice {
            Notice::LargeUnitCell => {
                "; --flatten subtracts the background, --unit-cell 16,0,0,16 gives the vectors"
            }
            Notice::FewEpochs { .. } => "; give more --epochs",
            Notice::OtherIntensities { .. } => "; --rescale scales this image by its own",
            _ => "",
        };
        let severity = if notice.is_warning() { "warning: " } else { "" };
        note(format_args!("{severity}{notice}{hint}"));
    }
}
