//! What is seen and kept of a training while it runs: a progress bar on terminals, a checkpoint after every epoch.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use adatom::vae::{Control, EarlyStopping, EpochEvent, Observer, StepEvent};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::interrupt::Interrupt;

/// Shows progress, saves the state of the training, and stops on Ctrl-C or when nothing improves.
pub(crate) struct Watch {
    bar: ProgressBar,
    epochs: usize,
    interrupt: Interrupt,
    checkpoint: Option<PathBuf>,
    early: Option<EarlyStopping>,
    /// A checkpoint that could not be written; the training goes on without.
    pub(crate) failed: Option<String>,
}

impl Watch {
    pub(crate) fn new(epochs: usize, interrupt: Interrupt) -> Self {
        let bar = ProgressBar::with_draw_target(
            Some(1),
            if std::io::stderr().is_terminal() {
                ProgressDrawTarget::stderr()
            } else {
                ProgressDrawTarget::hidden()
            },
        );
        let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}  {eta_precise} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, epochs, interrupt, checkpoint: None, early: None, failed: None }
    }

    /// Saves the state after every epoch.
    pub(crate) fn checkpoint(mut self, path: &Path) -> Self {
        self.checkpoint = Some(path.to_owned());
        self
    }

    /// Stops after so many epochs without a better loss.
    pub(crate) fn patience(mut self, epochs: Option<usize>, after: usize) -> Self {
        self.early = epochs.map(|epochs| EarlyStopping::new(epochs).after(after));
        self
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Watch {
    fn step(&mut self, event: &StepEvent) -> Control {
        self.bar.set_length((event.steps * self.epochs) as u64);
        self.bar.set_position(((event.epoch - 1) * event.steps + event.step) as u64);
        let loss = -event.elbo.total();
        self.bar.set_message(format!("epoch {}/{}  -ELBO {loss:.2}", event.epoch, self.epochs));
        if self.interrupt.pressed() { Control::Stop } else { Control::Continue }
    }

    fn epoch(&mut self, event: &EpochEvent<'_>) -> Control {
        if self.interrupt.pressed() {
            // The epoch is not complete: the checkpoint of the one before is where to go on from.
            return Control::Stop;
        }
        if let Some(path) = &self.checkpoint
            && let Err(error) = event.save_training(path)
        {
            self.failed = Some(error.to_string());
        }
        self.early.as_mut().map_or(Control::Continue, |early| early.epoch(event))
    }
}
