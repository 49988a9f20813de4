//! The rows of the decoder for samples with classes: one row for each class of a sample whose class is not
//! known, a single row where it is known.

use crate::spec::Labels;

/// One evaluation of the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClassRow {
    /// Index of the sample in the batch.
    pub(crate) sample: usize,
    /// The class that the decoder takes.
    pub(crate) class: usize,
    /// Whether this is the known class of the sample; otherwise the row is weighted by the probability of the
    /// class.
    pub(crate) known: bool,
}

/// The rows of a batch of n samples, sample after sample.
pub(crate) fn class_rows(labels: &Labels, n: usize, classes: usize) -> Vec<ClassRow> {
    let mut rows = Vec::with_capacity(n * classes);
    for sample in 0..n {
        match labels.class(sample) {
            Some(class) => rows.push(ClassRow { sample, class, known: true }),
            None => rows.extend((0..classes).map(|class| ClassRow { sample, class, known: false })),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_classes_take_one_row() {
        let labels = Labels::Classes(vec![None, Some(1)]);
        let rows: Vec<_> =
            class_rows(&labels, 2, 2).iter().map(|row| (row.sample, row.class, row.known)).collect();
        assert_eq!(rows, [(0, 0, false), (0, 1, false), (1, 1, true)]);
        assert_eq!(class_rows(&Labels::None, 3, 4).len(), 12);
    }
}
