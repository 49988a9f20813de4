//! What a pipeline reports while it runs, and how it is stopped.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::error::Error;

/// Receives the events of a pipeline, perhaps from several threads, and may stop it.
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
    /// [`Error::Cancelled`](crate::Error::Cancelled) as soon as it can end.
    fn event(&self, event: &Event<'_>) -> Control;
}

/// Whether a pipeline goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// It goes on.
    Continue,
    /// It stops as soon as it can.
    Stop,
}

/// Something that happened in a pipeline.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// How far one activity has got.
    Progress(Progress<'a>),
    /// An epoch of the training of an autoencoder is complete.
    #[cfg(feature = "image")]
    Epoch(&'a adatom_vae::EpochRecord),
    /// A fact about the data or the settings that a user should know.
    Note(&'a str),
    /// Something that may make results wrong or useless.
    Warning(&'a str),
    /// Rows cannot be split with the same share of every class on each side, for this reason, and are split
    /// without.
    NotStratified(&'a str),
    /// Part of the input cannot be used; the pipeline goes on without it.
    Problem(&'a Error),
}

/// How far one activity has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// The activity, such as "cross-validation".
    pub activity: &'a str,
    /// Units done.
    pub done: usize,
    /// All units.
    pub total: usize,
    /// What is counted, such as "trees".
    pub unit: &'a str,
    /// The state of the activity in words, such as "epoch 3/20, ELBO -103.52"; may be empty.
    pub detail: &'a str,
}

impl<'a> Progress<'a> {
    /// Nothing is done yet of `total` units.
    pub fn start(activity: &'a str, total: usize, unit: &'a str) -> Self {
        Self { activity, done: 0, total, unit, detail: "" }
    }

    /// The same activity with `done` units done.
    pub fn at(self, done: usize) -> Self {
        Self { done, ..self }
    }

    /// The same activity with a few words on its state.
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

/// Counts one activity for an observer, from any thread, and keeps whether the observer has stopped it.
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

    /// So many more units are done.
    pub(crate) fn advance(&self, units: usize) {
        let done = self.done.fetch_add(units, Ordering::Relaxed) + units;
        self.report(self.start.at(done));
    }

    /// So many units of a total that is known by now.
    pub(crate) fn at(&self, done: usize, total: usize) {
        self.report(Progress { done, total, ..self.start });
    }

    fn report(&self, progress: Progress<'_>) {
        if self.observer.event(&Event::Progress(progress)) == Control::Stop {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the observer lets it go on.
    pub(crate) fn continues(&self) -> bool {
        !self.stopped.load(Ordering::Relaxed)
    }

    /// # Errors
    ///
    /// [`Error::Cancelled`] when the observer has stopped the activity.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.continues() { Ok(()) } else { Err(Error::Cancelled) }
    }
}
