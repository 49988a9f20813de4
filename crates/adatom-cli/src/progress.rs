//! The events of a pipeline on standard error: a progress bar on terminals only, notes and warnings always.

use std::fmt::Display;
use std::io::IsTerminal;

use adatom::pipeline::{Control, Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

use crate::error::pipeline_message;
use crate::say::tell;

/// Shows the events of a pipeline.
pub(crate) struct Terminal {
    bar: ProgressBar,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new(1) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{msg}  {bar:30} {pos}/{len} {prefix}  {eta_precise} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar }
    }

    fn print(&self, line: impl Display) {
        self.bar.suspend(|| tell(format_args!("{line}")));
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
                self.bar.set_message(progress.activity.to_owned());
                self.bar.set_prefix(progress.unit.to_owned());
                self.bar.set_length(progress.total as u64);
                self.bar.set_position(progress.done as u64);
            }
            Event::Note(text) => self.print(text),
            Event::Warning(text) => self.print(format_args!("warning: {text}")),
            Event::Problem(error) => self.print(format_args!("error: {}", pipeline_message(error))),
            Event::NotStratified(reason) => self.print(format_args!(
                "note: {reason}; rows are split without regard to classes (--min-class leaves rare ones out)"
            )),
            _ => {}
        }
        Control::Continue
    }
}
