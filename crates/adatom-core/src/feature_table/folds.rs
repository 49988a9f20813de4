//! Folds for cross-validation: every row is a test row in one of k splits and a training row in the others.

mod check;
#[cfg(test)]
mod tests;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use self::check::{check_folds, check_labels, check_members, check_spread};
use super::balance::{groups, place};
use super::split::{check, check_codes, members_of_groups};
use super::{FeatureTable, Split, SplitTable};
use crate::random::drawn;
use crate::{ClassLabels, SplitFault, TableError};

/// Row `dealt[i]` is tested in fold i mod k.
fn deal(dealt: &[usize], folds: usize) -> Vec<Split> {
    let test = |fold| dealt.iter().copied().skip(fold).step_by(folds).collect();
    (0..folds).map(|fold| Split::of_test(dealt.len(), test(fold))).collect()
}

fn group_folds(
    members: &[Vec<usize>],
    codes: Option<&[usize]>,
    folds: usize,
    seed: u64,
) -> Result<Vec<Split>, TableError> {
    let rows = members.iter().map(Vec::len).sum();
    if members.len() < folds {
        return Err(TableError::Split {
            rows,
            reason: SplitFault::FewGroups { groups: members.len(), folds },
        });
    }
    let mut tests = vec![Vec::new(); folds];
    let wanted = vec![1.0 / folds as f64; folds];
    let parts = place(&groups(members, codes), &wanted, &mut ChaCha8Rng::seed_from_u64(seed));
    parts.iter().zip(members).for_each(|(&part, members)| tests[part].extend(members));
    Ok(tests.into_iter().map(|test| Split::of_test(rows, test)).collect())
}

impl Split {
    /// k folds of random rows, whose sizes differ by one row at most.
    ///
    /// # Errors
    /// [`TableError::Split`] when there are fewer than 2 rows, or `folds` is less than 2 or more than the
    /// rows (or more than 2²⁷ / rows: the lists would fill the memory).
    ///
    /// ```
    /// use adatom_core::Split;
    /// let splits = Split::folds(10, 3, 7)?;
    /// assert_eq!(splits.iter().map(|split| split.test.len()).collect::<Vec<_>>(), [4, 3, 3]);
    ///
    /// let error = Split::folds(10, 11, 7).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "cannot split 10 rows: the number of folds must lie between 2 and 10, found 11"
    /// );
    /// # Ok::<(), adatom_core::TableError>(())
    /// ```
    pub fn folds(rows: usize, folds: usize, seed: u64) -> Result<Vec<Self>, TableError> {
        check_folds(rows, folds)?;
        Ok(deal(&drawn(rows, &mut ChaCha8Rng::seed_from_u64(seed)), folds))
    }

    /// k stratified folds: between two folds, neither the numbers of members of a class nor those of all rows
    /// differ by more than one.
    ///
    /// # Errors
    /// [`TableError::Split`] as for [`folds`](Self::folds), and when a class has fewer members than there are
    /// folds; [`TableError::TooFew`] when a class has no name.
    ///
    /// ```
    /// use adatom_core::{ClassLabels, Split};
    /// let classes = ClassLabels::of_names(["a", "a", "a", "b", "b", "b"]);
    /// for split in Split::stratified_folds(&classes, 3, 7)? {
    ///     assert_eq!(split.test.iter().map(|&row| classes.codes[row]).collect::<Vec<_>>(), [0, 1]);
    /// }
    /// let error = Split::stratified_folds(&classes, 4, 7).unwrap_err().to_string();
    /// assert!(error.starts_with("cannot split 6 rows: class a has 3 members for 4 folds"));
    /// # Ok::<(), adatom_core::TableError>(())
    /// ```
    pub fn stratified_folds(classes: &ClassLabels, folds: usize, seed: u64) -> Result<Vec<Self>, TableError> {
        check_codes(classes)?;
        check_folds(classes.codes.len(), folds)?;
        check_members(classes, folds)?;
        let mut dealt = drawn(classes.codes.len(), &mut ChaCha8Rng::seed_from_u64(seed));
        // The sort is stable: members of a class stay in random order.
        dealt.sort_by_key(|&row| classes.codes[row]);
        Ok(deal(&dealt, folds))
    }

    /// k folds of whole groups, about equally large: no group has both training and test rows.
    ///
    /// No fold is larger than another by more rows than its smallest group has.
    ///
    /// # Errors
    /// [`TableError::Split`] as for [`folds`](Self::folds), and when there are fewer groups than folds.
    ///
    /// ```
    /// use adatom_core::Split;
    /// let labels = ["CuO", "CuO", "Cu2O", "Cu2O", "CuAlO2", "CuFeO2"].map(String::from);
    /// let splits = Split::group_folds(&labels, 3, 7)?;
    /// assert!(splits.iter().all(|split| split.test.len() == 2));
    ///
    /// let error = Split::group_folds(&labels, 5, 7).unwrap_err();
    /// assert_eq!(error.to_string(), "cannot split 6 rows: there are 4 groups for 5 folds");
    /// # Ok::<(), adatom_core::TableError>(())
    /// ```
    pub fn group_folds(labels: &[String], folds: usize, seed: u64) -> Result<Vec<Self>, TableError> {
        check_folds(labels.len(), folds)?;
        group_folds(&members_of_groups(labels), None, folds, seed)
    }

    /// k folds of whole groups, with class fractions as similar in all folds as the groups allow.
    ///
    /// # Errors
    /// [`TableError::Split`] as for [`folds`](Self::folds); when there are fewer groups than folds, a class
    /// has fewer members than there are folds, or all members of a class are in one group.
    /// [`TableError::Length`] when there are not as many labels as rows; [`TableError::TooFew`] when a class
    /// has no name.
    ///
    /// ```
    /// use adatom_core::{ClassLabels, Split};
    /// let classes = ClassLabels::of_names(["2", "2", "4", "4", "2", "2", "4", "4"]);
    /// let labels = ["a", "a", "b", "b", "c", "c", "d", "d"].map(String::from);
    /// for split in Split::stratified_group_folds(&classes, &labels, 2, 7)? {
    ///     assert_eq!(split.test.iter().filter(|&&row| classes.codes[row] == 0).count(), 2);
    /// }
    /// let error = Split::stratified_group_folds(&classes, &labels[..5], 2, 7).unwrap_err();
    /// assert_eq!(error.to_string(), "expected 8 labels of groups, found 5");
    /// # Ok::<(), adatom_core::TableError>(())
    /// ```
    pub fn stratified_group_folds(
        classes: &ClassLabels,
        labels: &[String],
        folds: usize,
        seed: u64,
    ) -> Result<Vec<Self>, TableError> {
        check_labels(classes, labels)?;
        check_folds(labels.len(), folds)?;
        check_members(classes, folds)?;
        check_spread(classes, labels)?;
        group_folds(&members_of_groups(labels), Some(&classes.codes), folds, seed)
    }

    /// A split of whole groups, with class fractions as similar on both sides as the groups allow.
    ///
    /// # Errors
    /// [`TableError::Split`] when the fraction is not between 0 and 1, there are fewer than 2 rows, or all
    /// members of a class are in one group; [`TableError::Length`] when there are not as many labels as rows;
    /// [`TableError::TooFew`] when a class has no name.
    ///
    /// ```
    /// use adatom_core::{ClassLabels, Split};
    /// let classes = ClassLabels::of_names(["2", "2", "4", "4", "2", "2", "4", "4"]);
    /// let labels = ["a", "a", "b", "b", "c", "c", "d", "d"].map(String::from);
    /// let split = Split::stratified_by_group(&classes, &labels, 0.5, 7)?;
    /// assert_eq!(split.test.iter().filter(|&&row| classes.codes[row] == 0).count(), 2);
    ///
    /// let labels = ["a", "a", "b", "b", "a", "a", "d", "d"].map(String::from);
    /// let error = Split::stratified_by_group(&classes, &labels, 0.5, 7).unwrap_err().to_string();
    /// assert!(error.contains("all members of class 2 belong to the group \"a\""));
    /// # Ok::<(), adatom_core::TableError>(())
    /// ```
    pub fn stratified_by_group(
        classes: &ClassLabels,
        labels: &[String],
        fraction: f64,
        seed: u64,
    ) -> Result<Self, TableError> {
        check_labels(classes, labels)?;
        check(labels.len(), fraction)?;
        check_spread(classes, labels)?;
        let members = members_of_groups(labels);
        let random = &mut ChaCha8Rng::seed_from_u64(seed);
        let parts = place(&groups(&members, Some(&classes.codes)), &[fraction, 1.0 - fraction], random);
        let tested = members.iter().zip(parts).filter(|&(_, part)| part == 0);
        Ok(Self::of_test(labels.len(), tested.flat_map(|(members, _)| members.iter().copied()).collect()))
    }
}

impl FeatureTable {
    /// Training and test table that share no group and have about the same shares of the classes of a target;
    /// see [`Split::stratified_by_group`].
    ///
    /// # Errors
    /// [`TableError::Split`]; [`TableError::Unknown`] for a target or group that the table does not have;
    /// [`TableError::Target`] as in [`classes`](Self::classes).
    pub fn split_stratified_by_group(
        &self,
        fraction: f64,
        target: &str,
        group: &str,
        seed: u64,
    ) -> Result<SplitTable, TableError> {
        self.apart(&Split::stratified_by_group(&self.classes(target)?, self.group(group)?, fraction, seed)?)
    }
}
