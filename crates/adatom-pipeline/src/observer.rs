//! Progress, notices and cancellation of a running pipeline.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::error::Error;

/// Receives the events of a pipeline, possibly from several threads, and may stop it.
///
/// A closure is an observer; `()` ignores everything.
///
/// ```
/// use adatom_pipeline::{Control, Event, Observer};
///
/// let observer = |event: &Event<'_>| {
///     if let Event::Note(text) = event {
///         println!("{text}");
///     }
///     Control::Continue
/// };
/// assert_eq!(observer.event(&Event::Note("no classes were left out")), Control::Continue);
/// ```
pub trait Observer: Sync {
    /// Called for every event; [`Control::Stop`] ends the pipeline with
    /// [`Error::Cancelled`](crate::Error::Cancelled) as soon as possible.
    fn event(&self, event: &Event<'_>) -> Control;
}

/// Whether a pipeline continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// The pipeline continues.
    Continue,
    /// The pipeline stops as soon as possible.
    Stop,
}

/// An event of a pipeline.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The progress of an activity.
    Progress(Progress<'a>),
    /// An epoch of the training of an autoencoder is complete.
    #[cfg(feature = "image")]
    Epoch(&'a adatom_vae::EpochRecord),
    /// A fact about the data or the settings that a user should know.
    Note(&'a str),
    /// A warning: results may be wrong or not meaningful.
    Warning(&'a str),
    /// Rows could not be split with stratification by class, for this reason, and are split without it.
    NotStratified(&'a str),
    /// Part of the input cannot be used; the pipeline continues without it.
    Problem(&'a Error),
}

/// The progress of an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// The activity, such as "cross-validation".
    pub activity: &'a str,
    /// The number of completed units.
    pub done: usize,
    /// The total number of units.
    pub total: usize,
    /// The name of the units, such as "trees".
    pub unit: &'a str,
    /// The state of the activity in words, such as "epoch 3/20, ELBO -103.52"; may be empty.
    pub detail: &'a str,
}

impl<'a> Progress<'a> {
    /// An activity of `total` units at its start.
    pub fn start(activity: &'a str, total: usize, unit: &'a str) -> Self {
        Self { activity, done: 0, total, unit, detail: "" }
    }

    /// The same activity with `done` units done.
    pub fn at(self, done: usize) -> Self {
        Self { done, ..self }
    }

    /// The same activity with a description of its state.
    pub fn detail(self, detail: &'a str) -> Self {
        Self { detail, ..self }
    }
}

impl Observer for () {
    fn event(&self, _event: &Event<'_>) -> Control {
        Control::Continue
    }
}

impl<F: Fn(&Event<'_>) -> Control + Sync> Observer for F {
    fn event(&self, event: &Event<'_>) -> Control {
        self(event)
    }
}

/// Thread-safe progress of an activity; remembers whether the observer has stopped it.
pub(crate) struct Activity<'a> {
    observer: &'a dyn Observer,
    start: Progress<'a>,
    done: AtomicUsize,
    stopped: AtomicBool,
}

impl<'a> Activity<'a> {
    pub(crate) fn start(observer: &'a dyn Observer, activity: &'a str, total: usize, unit: &'a str) -> Self {
        let start = Progress::start(activity, total, unit);
        let activity = Self { observer, start, done: AtomicUsize::new(0), stopped: AtomicBool::new(false) };
        activity.report(start);
        activity
    }

    /// Adds completed units.
    pub(crate) fn advance(&self, units: usize) {
        let done = self.done.fetch_add(units, Ordering::Relaxed) + units;
        self.report(self.start.at(done));
    }

    /// Sets the completed units and the total.
    pub(crate) fn at(&self, done: usize, total: usize) {
        self.report(Progress { done, total, ..self.start });
    }

    fn report(&self, progress: Progress<'_>) {
        if self.observer.event(&Event::Progress(progress)) == Control::Stop {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the observer has not stopped the activity.
    pub(crate) fn continues(&self) -> bool {
        !self.stopped.load(Ordering::Relaxed)
    }

    /// # Errors
    ///
    /// [`Error::Cancelled`] if the observer has stopped the activity.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.continues() { Ok(()) } else { Err(Error::Cancelled) }
    }
}
