//! Interrupts a training after an epoch, for tests that go on with it.

use std::path::Path;

use adatom_vae::{Control, EpochEvent, Observer};

/// Saves the state after this epoch into this file, and stops.
pub(crate) struct SaveAt<'a>(pub(crate) usize, pub(crate) &'a Path);

impl Observer for SaveAt<'_> {
    fn epoch(&mut self, event: &EpochEvent<'_>) -> Control {
        if event.record.epoch == self.0 {
            event.save_training(self.1).unwrap();
            return Control::Stop;
        }
        Control::Continue
    }
}
