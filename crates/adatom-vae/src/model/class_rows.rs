//! Which classes of a sample the decoder evaluates: all where its class is not known, that one where it is.

use crate::spec::Known;

/// One evaluation of the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClassRow {
    /// Which sample of the batch.
    pub(crate) sample: usize,
    /// Told this class.
    pub(crate) class: usize,
    /// Whether it is known to be of this class; else it counts with the probability of the class.
    pub(crate) known: bool,
}

/// The rows of a batch of n samples, sample after sample.
pub(crate) fn class_rows(known: &Known, n: usize, classes: usize) -> Vec<ClassRow> {
    let mut rows = Vec::with_capacity(n * classes);
    for sample in 0..n {
        match known.class(sample) {
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
        let known = Known::Classes(vec![None, Some(1)]);
        let rows: Vec<_> =
            class_rows(&known, 2, 2).iter().map(|row| (row.sample, row.class, row.known)).collect();
        assert_eq!(rows, [(0, 0, false), (0, 1, false), (1, 1, true)]);
        assert_eq!(class_rows(&Known::Nothing, 3, 4).len(), 12);
    }
}
