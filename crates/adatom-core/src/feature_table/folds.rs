//! Folds for cross-validation: every row is a test row in one of k splits and a training row in the others.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::balance::{groups, place};
use super::split::{check, check_codes, members_of_groups};
use super::{FeatureTable, Split, SplitTable};
use crate::random::drawn;
use crate::{ClassLabels, SplitFault, TableError};

/// Splits of k folds hold k · rows indices; this many fill a gibibyte.
const MOST_INDICES: usize = 1 << 27;

fn check_folds(rows: usize, folds: usize) -> Result<(), TableError> {
    let refuse = |reason| Err(TableError::Split { rows, reason });
    if rows < 2 {
        return refuse(SplitFault::TooFew);
    }
    let most = rows.min((MOST_INDICES / rows).max(2));
    if !(2..=most).contains(&folds) {
        return refuse(SplitFault::Folds { found: folds, most });
    }
    Ok(())
}

fn check_labels(classes: &ClassLabels, labels: &[String]) -> Result<(), TableError> {
    check_codes(classes)?;
    let (expected, found) = (classes.codes.len(), labels.len());
    if expected == found {
        Ok(())
    } else {
        Err(TableError::Length { what: "labels of groups", expected, found })
    }
}

/// Refuses classes all of whose rows are in one group.
fn check_spread(classes: &ClassLabels, labels: &[String]) -> Result<(), TableError> {
    if let Some(group) = labels.first().filter(|first| labels.iter().all(|label| label == *first)) {
        let reason = SplitFault::OneGroup { group: group.clone() };
        return Err(TableError::Split { rows: labels.len(), reason });
    }
    let mut first: Vec<Option<&String>> = vec![None; classes.names.len()];
    let mut spread = vec![false; classes.names.len()];
    for (&code, label) in classes.codes.iter().zip(labels) {
        spread[code] |= first[code].get_or_insert(label) != &label;
    }
    for (class, (group, spread)) in first.into_iter().zip(spread).enumerate() {
        if let (Some(group), false) = (group, spread) {
            let reason =
                SplitFault::ClassInOneGroup { class: classes.names[class].clone(), group: group.clone() };
            return Err(TableError::Split { rows: labels.len(), reason });
        }
    }
    Ok(())
}

/// Refuses classes with members, but fewer than folds.
fn check_members(classes: &ClassLabels, folds: usize) -> Result<(), TableError> {
    let mut members = vec![0; classes.names.len()];
    classes.codes.iter().for_each(|&code| members[code] += 1);
    match members.iter().position(|&members| (1..folds).contains(&members)) {
        Some(class) => {
            let reason = SplitFault::FewMembers {
                class: classes.names[class].clone(),
                members: members[class],
                folds,
            };
            Err(TableError::Split { rows: classes.codes.len(), reason })
        }
        None => Ok(()),
    }
}

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
    /// Any rows: k folds whose sizes differ by one row at most.
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

    /// Of every class the same share in each fold: neither the members of a class nor all rows of two folds
    /// differ in number by more than one.
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

    /// Whole groups: no group is on both sides, and the folds are about equally large.
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

    /// Whole groups, with the shares of the classes about the same in every fold, as far as the groups allow.
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

    /// Whole groups into training and test rows, of every class about the same fraction, as far as the groups
    /// allow.
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
    /// [`TableError::Split`]; [`TableError::Unknown`] when the table has no such target or group;
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(rows: &[usize], codes: &[usize], class: usize) -> usize {
        rows.iter().filter(|&&row| codes[row] == class).count()
    }

    fn spread(sizes: impl Iterator<Item = usize> + Clone) -> usize {
        sizes.clone().max().unwrap() - sizes.min().unwrap()
    }

    fn fault<T: std::fmt::Debug>(result: Result<T, TableError>) -> SplitFault {
        match result.unwrap_err() {
            TableError::Split { reason, .. } => reason,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_seed_gives_these_folds_on_every_machine() {
        // What seed 7 gave when this was written: a change would give other folds to old seeds.
        let tests = |splits: Vec<Split>| splits.into_iter().map(|split| split.test).collect::<Vec<_>>();
        let labels: Vec<String> = "aabbbcdddeef".chars().map(String::from).collect();
        assert_eq!(tests(Split::folds(7, 3, 7).unwrap()), [vec![1, 3, 5], vec![0, 4], vec![2, 6]]);
        assert_eq!(
            tests(Split::group_folds(&labels, 3, 7).unwrap()),
            [[2, 3, 4, 11], [5, 6, 7, 8], [0, 1, 9, 10]]
        );
    }

    #[test]
    fn invalid_folds_are_refused() {
        assert_eq!(fault(Split::folds(1, 2, 0)), SplitFault::TooFew);
        for found in [0, 1, 10, usize::MAX] {
            assert_eq!(fault(Split::folds(9, found, 0)), SplitFault::Folds { found, most: 9 });
        }
        // The splits of a million rows that are left out one by one would need 8 terabytes.
        assert_eq!(
            fault(Split::folds(1_000_000, 1_000_000, 0)),
            SplitFault::Folds { found: 1_000_000, most: 134 }
        );
        let classes = ClassLabels::of_names(["a", "a", "b", "b"]);
        let labels = ["x", "x", "x", "y"].map(String::from);
        assert_eq!(
            fault(Split::stratified_folds(&classes, 3, 0)),
            SplitFault::FewMembers { class: "a".into(), members: 2, folds: 3 }
        );
        assert_eq!(fault(Split::group_folds(&labels, 3, 0)), SplitFault::FewGroups { groups: 2, folds: 3 });
        let one_group = SplitFault::ClassInOneGroup { class: "a".into(), group: "x".into() };
        assert_eq!(fault(Split::stratified_group_folds(&classes, &labels, 2, 0)), one_group);
        assert_eq!(fault(Split::stratified_by_group(&classes, &labels, 0.5, 0)), one_group);
        assert!(matches!(
            fault(Split::stratified_by_group(&classes, &labels, f64::NAN, 0)),
            SplitFault::Fraction { .. }
        ));
        let nameless = ClassLabels { names: vec!["a".into()], codes: vec![0, 0, 7, 7], counts: vec![2] };
        for result in [
            Split::stratified_folds(&nameless, 2, 0).map(drop),
            Split::stratified_group_folds(&nameless, &labels, 2, 0).map(drop),
            Split::stratified(&nameless, 0.5, 0).map(drop),
            Split::stratified_by_group(&nameless, &labels, 0.5, 0).map(drop),
        ] {
            assert_eq!(result.unwrap_err().to_string(), "expected at least 8 names of classes, found 1");
        }
    }

    #[test]
    fn seeds_give_different_folds_of_groups_of_different_sizes() {
        // 12 groups of 1 to 12 rows: 26 rows a fold are possible.
        let labels: Vec<String> = (1..=12).flat_map(|size| vec![format!("g{size}"); size]).collect();
        let folds: std::collections::HashSet<Vec<usize>> =
            (0..20).map(|seed| Split::group_folds(&labels, 3, seed).unwrap().remove(0).test).collect();
        assert!(folds.len() > 10, "{}", folds.len());
    }

    proptest! {
        #[test]
        fn every_row_is_tested_once_and_no_group_on_both_sides(
            rows in prop::collection::vec((0usize..4, 0u8..12), 2..80),
            folds in 2usize..7,
            seed: u64,
        ) {
            let n = rows.len();
            let codes: Vec<usize> = rows.iter().map(|row| row.0).collect();
            let classes = ClassLabels::of_names(codes.iter().map(usize::to_string));
            let codes = &classes.codes;
            let labels: Vec<String> = rows.iter().map(|row| row.1.to_string()).collect();
            let every = [
                Split::folds(n, folds, seed),
                Split::stratified_folds(&classes, folds, seed),
                Split::group_folds(&labels, folds, seed),
                Split::stratified_group_folds(&classes, &labels, folds, seed),
            ];
            for splits in every.iter().flatten() {
                prop_assert_eq!(splits.len(), folds);
                let mut tested: Vec<usize> = splits.iter().flat_map(|split| split.test.clone()).collect();
                tested.sort_unstable();
                prop_assert_eq!(tested, (0..n).collect::<Vec<_>>());
                for split in splits {
                    prop_assert!(!split.test.is_empty() && !split.train.is_empty());
                    let mut all = [split.train.clone(), split.test.clone()].concat();
                    all.sort_unstable();
                    prop_assert_eq!(all, (0..n).collect::<Vec<_>>());
                }
            }
            let groups = members_of_groups(&labels).len();
            let enough = classes.counts.iter().all(|&count| count >= folds);
            prop_assert_eq!(every[0].is_ok(), folds <= n);
            prop_assert_eq!(every[1].is_ok(), folds <= n && enough);
            prop_assert_eq!(every[2].is_ok(), folds <= groups);
            for splits in every[..2].iter().flatten() {
                prop_assert!(spread(splits.iter().map(|split| split.test.len())) <= 1);
            }
            for splits in every[1].iter() {
                for class in 0..classes.names.len() {
                    prop_assert!(spread(splits.iter().map(|split| counts(&split.test, codes, class))) <= 1);
                }
            }
            for splits in every[2..].iter().flatten() {
                for split in splits {
                    prop_assert!(!split.train.iter().any(|&row| split.test.iter().any(|&test| labels[test] == labels[row])));
                }
            }
            for splits in every[2].iter() {
                let least = splits.iter().map(|split| split.test.len()).min().unwrap();
                for split in splits {
                    let own: Vec<String> = split.test.iter().map(|&row| labels[row].clone()).collect();
                    let smallest = members_of_groups(&own).iter().map(Vec::len).min().unwrap();
                    prop_assert!(split.test.len() - least <= smallest);
                }
            }
        }

        #[test]
        fn a_stratified_split_of_groups_is_no_worse_than_any_single_move(
            rows in prop::collection::vec((0usize..3, 0u8..12), 4..60),
            fraction in 0.1f64..0.9,
            seed: u64,
        ) {
            let classes = ClassLabels::of_names(rows.iter().map(|row| row.0.to_string()));
            let labels: Vec<String> = rows.iter().map(|row| row.1.to_string()).collect();
            if let Ok(split) = Split::stratified_by_group(&classes, &labels, fraction, seed) {
                let deviation = |test: &[usize]| {
                    let share = |class: usize| counts(test, &classes.codes, class) as f64 / classes.counts[class] as f64;
                    let all = test.len() as f64 / rows.len() as f64;
                    (0..classes.names.len()).map(share).chain([all]).map(|share| (share - fraction).powi(2)).sum::<f64>()
                };
                prop_assert!(!split.test.is_empty() && !split.train.is_empty());
                for group in members_of_groups(&labels) {
                    let mut moved: Vec<usize> = split.test.iter().copied().filter(|row| !group.contains(row)).collect();
                    if moved.len() == split.test.len() {
                        moved.extend(&group);
                    }
                    if !moved.is_empty() && moved.len() < rows.len() {
                        prop_assert!(deviation(&split.test) <= deviation(&moved) + 1e-9);
                    }
                }
            }
        }
    }
}
