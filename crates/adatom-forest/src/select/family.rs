//! Candidates that differ in the number of trees only share one forest: tree k is the same in all of them.

use std::collections::{BTreeMap, HashMap};

use adatom_core::Split;

use super::run::Job;
use crate::ForestParams;

/// Candidates that consist of the first trees of one forest.
pub(super) struct Family {
    pub(super) params: ForestParams,
    /// Numbers of trees, and the candidates that have so many.
    pub(super) members: BTreeMap<usize, Vec<usize>>,
}

/// Families of candidates that differ in the number of trees only.
pub(super) fn families(candidates: &[ForestParams]) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (index, params) in candidates.iter().enumerate() {
        let key = serde_json::to_string(&params.clone().trees(1)).expect("parameters can be written");
        let family = *known.entry(key).or_insert(families.len());
        if family == families.len() {
            families.push(Family { params: params.clone(), members: BTreeMap::new() });
        }
        let family = &mut families[family];
        family.params.trees = family.params.trees.max(params.trees);
        family.members.entry(params.trees).or_default().push(index);
    }
    families
}

/// A forest for each family and split, family by family.
pub(super) fn jobs<'s>(families: &[Family], splits: &'s [Split]) -> Vec<Job<'s>> {
    let of_family = |family: &Family| {
        let (params, prefixes) = (family.params.clone(), family.members.keys().copied().collect::<Vec<_>>());
        splits.iter().map(move |split| Job { params: params.clone(), prefixes: prefixes.clone(), split })
    };
    families.iter().flat_map(of_family).collect()
}
