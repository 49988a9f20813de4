//! Rules for splitting rows, which can be applied with other seeds and to subsets of the rows.

use adatom_core::{ClassLabels, Split};

use crate::{Error, Result};

/// A rule by which rows are split; strata and groups can be combined.
///
/// ```
/// use adatom_forest::ClassLabels;
/// use adatom_forest::SplitRule;
/// let classes = ClassLabels::of_names(["a", "b", "a", "b", "a", "b"]);
/// let rule = SplitRule::folds(6, 3).stratified(&classes);
/// assert!(rule.splits(7)?.iter().all(|split| split.test.len() == 2));
///
/// let error = SplitRule::folds(6, 4).stratified(&classes).splits(7).unwrap_err().to_string();
/// assert!(error.starts_with("cannot split 6 rows: class a has 3 members for 4 folds"));
/// # Ok::<(), adatom_forest::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SplitRule<'a> {
    rows: usize,
    kind: Kind,
    classes: Option<&'a ClassLabels>,
    groups: Option<&'a [String]>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Folds(usize),
    Fraction(f64),
}

impl<'a> SplitRule<'a> {
    /// k folds of `rows` rows: k splits, in which every row is tested once.
    #[must_use]
    pub fn folds(rows: usize, folds: usize) -> Self {
        Self { rows, kind: Kind::Folds(folds), classes: None, groups: None }
    }

    /// One split of `rows` rows with this fraction of test rows.
    #[must_use]
    pub fn test_fraction(rows: usize, fraction: f64) -> Self {
        Self { rows, kind: Kind::Fraction(fraction), classes: None, groups: None }
    }

    /// Every class has the same fraction on each side (default: not stratified).
    #[must_use]
    pub fn stratified(mut self, classes: &'a ClassLabels) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Rows with the same label stay together (default: no groups).
    #[must_use]
    pub fn by_group(mut self, labels: &'a [String]) -> Self {
        self.groups = Some(labels);
        self
    }

    /// Splits of all rows.
    ///
    /// # Errors
    /// [`Error::Length`] when there are not as many classes or labels as rows; [`Error::Table`] when the rows
    /// cannot be split by this rule.
    pub fn splits(&self, seed: u64) -> Result<Vec<Split>> {
        let classes = self.classes.map_or(self.rows, |classes| classes.codes.len());
        let labels = self.groups.map_or(self.rows, <[String]>::len);
        for (what, found) in [("classes of rows", classes), ("labels of groups", labels)] {
            if found != self.rows {
                return Err(Error::Length { what, expected: self.rows, found });
            }
        }
        let splits = match (self.kind, self.classes, self.groups) {
            (Kind::Folds(k), None, None) => Split::folds(self.rows, k, seed),
            (Kind::Folds(k), Some(classes), None) => Split::stratified_folds(classes, k, seed),
            (Kind::Folds(k), None, Some(labels)) => Split::group_folds(labels, k, seed),
            (Kind::Folds(k), Some(classes), Some(labels)) => {
                Split::stratified_group_folds(classes, labels, k, seed)
            }
            (Kind::Fraction(part), None, None) => {
                Split::random(self.rows, part, seed).map(|split| vec![split])
            }
            (Kind::Fraction(part), Some(classes), None) => {
                Split::stratified(classes, part, seed).map(|split| vec![split])
            }
            (Kind::Fraction(part), None, Some(labels)) => {
                Split::by_group(labels, part, seed).map(|split| vec![split])
            }
            (Kind::Fraction(part), Some(classes), Some(labels)) => {
                Split::stratified_by_group(classes, labels, part, seed).map(|split| vec![split])
            }
        };
        Ok(splits?)
    }

    /// Splits of some of the rows, such as the training rows of another split; the indices are those of all
    /// rows.
    ///
    /// # Errors
    /// As [`splits`](Self::splits), for the rows given; [`Error::Parameter`] for a row that does not exist.
    pub fn splits_of(&self, rows: &[usize], seed: u64) -> Result<Vec<Split>> {
        let known = self.classes.map_or(self.rows, |classes| classes.codes.len());
        let known = known.min(self.groups.map_or(known, <[String]>::len)).min(self.rows);
        if let Some(&row) = rows.iter().find(|&&row| row >= known) {
            let (parameter, expected) = ("a row to split", "below the number of rows");
            return Err(Error::Parameter { parameter, expected, found: row.to_string() });
        }
        let classes = self.classes.map(|classes| classes.select(rows));
        let groups: Option<Vec<String>> =
            self.groups.map(|labels| rows.iter().map(|&row| labels[row].clone()).collect());
        let part = SplitRule {
            rows: rows.len(),
            kind: self.kind,
            classes: classes.as_ref(),
            groups: groups.as_deref(),
        };
        let among_all = |places: Vec<usize>| places.into_iter().map(|place| rows[place]).collect();
        let split = |split: Split| Split { train: among_all(split.train), test: among_all(split.test) };
        Ok(part.splits(seed)?.into_iter().map(split).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_the_rows_are_split_by_the_same_rule() {
        let codes: Vec<String> = (0..24).map(|row| (row % 2).to_string()).collect();
        let classes = ClassLabels::of_names(&codes);
        let labels: Vec<String> = (0..24).map(|row| (row / 2).to_string()).collect();
        let rows: Vec<usize> = (6..22).rev().collect();
        for rule in [SplitRule::folds(24, 4), SplitRule::test_fraction(24, 0.25)] {
            for rule in [
                rule,
                rule.stratified(&classes),
                rule.by_group(&labels),
                rule.stratified(&classes).by_group(&labels),
            ] {
                for split in rule.splits_of(&rows, 3).unwrap() {
                    assert_eq!((split.train.len(), split.test.len()), (12, 4));
                    let mut all = [split.train.clone(), split.test.clone()].concat();
                    all.sort_unstable();
                    assert_eq!(all, (6..22).collect::<Vec<_>>());
                    if rule.classes.is_some() {
                        assert_eq!(split.test.iter().filter(|&&row| classes.codes[row] == 0).count(), 2);
                    }
                    if rule.groups.is_some() {
                        assert!(split.test.iter().all(|row| split.test.contains(&(row ^ 1))));
                    }
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let classes = ClassLabels::of_names(["a", "b", "a", "b"]);
        let message = |result: Result<Vec<Split>>| result.unwrap_err().to_string();
        let rule = SplitRule::folds(5, 2).stratified(&classes);
        assert_eq!(message(rule.splits(1)), "expected 5 classes of rows, found 4");
        assert_eq!(
            message(rule.splits_of(&[0, 4], 1)),
            "a row to split must be below the number of rows, found 4"
        );
    }
}
