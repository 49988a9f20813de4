//! The numbers of true, predicted and correctly predicted rows of each class.
//!
//! Precision is both / predicted, recall both / true, F1 = 2 · both / (true + predicted) their harmonic mean;
//! each is 0 where nothing is counted, as in scikit-learn.

/// Counts of one class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ClassCounts {
    pub(super) truth: usize,
    pub(super) predicted: usize,
    pub(super) both: usize,
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

impl ClassCounts {
    /// Counts of `classes` classes; all codes are below.
    pub(super) fn of(truth: &[usize], predicted: &[usize], classes: usize) -> Vec<Self> {
        let mut counts = vec![Self::default(); classes];
        for (&truth, &predicted) in truth.iter().zip(predicted) {
            counts[truth].truth += 1;
            counts[predicted].predicted += 1;
            counts[truth].both += usize::from(truth == predicted);
        }
        counts
    }

    /// Whether the class is true or predicted for any row: means over classes ignore others.
    pub(super) fn occurs(&self) -> bool {
        self.truth + self.predicted > 0
    }

    pub(super) fn precision(&self) -> f64 {
        ratio(self.both, self.predicted)
    }

    pub(super) fn recall(&self) -> f64 {
        ratio(self.both, self.truth)
    }

    pub(super) fn f1(&self) -> f64 {
        ratio(2 * self.both, self.truth + self.predicted)
    }
}

/// The fraction of rows with the correct class.
pub(super) fn accuracy(truth: &[usize], predicted: &[usize]) -> f64 {
    truth.iter().zip(predicted).filter(|(truth, predicted)| truth == predicted).count() as f64
        / truth.len() as f64
}

/// Mean over the classes that occur.
pub(super) fn macro_mean(counts: &[ClassCounts], of: impl Fn(&ClassCounts) -> f64) -> f64 {
    let present = || counts.iter().filter(|class| class.occurs());
    present().map(of).sum::<f64>() / present().count() as f64
}

/// Mean over the rows: every class counts as often as it is true.
pub(super) fn weighted_mean(counts: &[ClassCounts], of: impl Fn(&ClassCounts) -> f64) -> f64 {
    let rows: usize = counts.iter().map(|class| class.truth).sum();
    counts.iter().map(|class| class.truth as f64 * of(class)).sum::<f64>() / rows as f64
}
