//! The message of an error with its causes.

use std::error::Error;

/// The messages of an error and of its sources, joined by colons.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let sources = std::iter::successors(Some(error), |&error| error.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
