//! Checks of folds, classes and groups before rows are divided.

use super::super::split::check_codes;
use crate::{ClassLabels, SplitFault, TableError};

/// k folds contain k · rows indices; this number fills a gibibyte.
const MOST_INDICES: usize = 1 << 27;

pub(super) fn check_folds(rows: usize, folds: usize) -> Result<(), TableError> {
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

pub(super) fn check_labels(classes: &ClassLabels, labels: &[String]) -> Result<(), TableError> {
    check_codes(classes)?;
    let (expected, found) = (classes.codes.len(), labels.len());
    if expected == found {
        Ok(())
    } else {
        Err(TableError::Length { what: "labels of groups", expected, found })
    }
}

/// Refuses a class with all of its rows in one group.
pub(super) fn check_spread(classes: &ClassLabels, labels: &[String]) -> Result<(), TableError> {
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

/// Refuses a class with fewer members than folds, unless it has none.
pub(super) fn check_members(classes: &ClassLabels, folds: usize) -> Result<(), TableError> {
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
