//! What a pipeline reports while it runs, and how it is stopped.

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
    /// Called for every event; [`Control::Stop`] ends the pipeline with [`Error::Cancelled`](crate::Error::Cancelled) as
    /// soon as it can end.
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
#[derive(Debug, Clone, Copy, PartialEq)]
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
    /// Part of the input cannot be used; the pipeline goes on without it.
    Problem(&'a str),
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
