//! Labels of 1,594 copper oxides against those of pymatgen.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;

use adatom_crystal::{BondRule, Crystal, EnvironmentFinder, OxidationSearch};
use adatom_test_support::shared;
use rayon::prelude::*;

/// Below `shared`.
const FOLDER: &str = "data/cu-oxides";

/// The table gives six decimals.
const LENGTH_TOLERANCE: f64 = 1e-3;

struct Label {
    site: usize,
    number: usize,
    length: Option<f64>,
    state: Option<i32>,
}

fn labels(text: &str) -> BTreeMap<&str, Vec<Label>> {
    let mut labels: BTreeMap<&str, Vec<Label>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        labels.entry(columns[0]).or_default().push(Label {
            site: columns[1].parse().unwrap(),
            number: columns[4].parse().unwrap(),
            length: columns[5].parse().ok(),
            state: columns[6].parse().ok(),
        });
    }
    labels
}

#[derive(Default)]
struct Counts {
    sites: usize,
    numbers: usize,
    lengths: usize,
    states: usize,
    states_equal: usize,
    states_beyond: usize,
    differences: Vec<String>,
}

fn compare(name: &str, labels: &[Label]) -> Counts {
    let crystal = Crystal::open(shared(FOLDER).join(name).join("POSCAR")).unwrap();
    let finder = EnvironmentFinder::new(&crystal, BondRule::default()).unwrap();
    let states = OxidationSearch::new().assign(&crystal).ok();
    let mut counts = Counts::default();
    for label in labels {
        counts.sites += 1;
        let environment = finder.of(label.site).unwrap();
        let number = environment.coordination_number();
        let at = format!("{name} site {}", label.site);
        if number == label.number {
            counts.numbers += 1;
            let near = match (environment.mean_bond_length(), label.length) {
                (Some(left), Some(right)) => (left - right).abs() < LENGTH_TOLERANCE,
                (left, right) => left == right,
            };
            counts.lengths += usize::from(near);
        } else {
            let likelihoods = environment.likelihoods();
            counts
                .differences
                .push(format!("{at}: coordination {number}, not {} {likelihoods:?}", label.number));
        }
        let state = states.as_ref().and_then(|states| states.of_site(label.site));
        match label.state {
            Some(expected) => {
                counts.states += 1;
                counts.states_equal += usize::from(state == Some(expected));
                if state != Some(expected) {
                    counts.differences.push(format!("{at}: oxidation state {state:?}, not {expected}"));
                }
            }
            None if state.is_some() => {
                counts.states_beyond += 1;
                counts.differences.push(format!("{at}: oxidation state {state:?}, not empty"));
            }
            None => {}
        }
    }
    counts
}

fn copper_oxides() {
    let text = std::fs::read_to_string(shared(FOLDER).join("labels.csv")).unwrap();
    let materials: Vec<(&str, Vec<Label>)> = labels(&text).into_iter().collect();
    let all: Vec<Counts> = materials.par_iter().map(|(name, labels)| compare(name, labels)).collect();
    let sum = |of: fn(&Counts) -> usize| all.iter().map(of).sum::<usize>();
    all.iter().flat_map(|counts| &counts.differences).for_each(|difference| println!("{difference}"));
    let (sites, numbers) = (sum(|counts| counts.sites), sum(|counts| counts.numbers));
    let (lengths, states) = (sum(|counts| counts.lengths), sum(|counts| counts.states));
    let (equal, beyond) = (sum(|counts| counts.states_equal), sum(|counts| counts.states_beyond));
    let percent = |part: usize, of: usize| 100.0 * part as f64 / of as f64;
    println!("coordination number: {numbers} of {sites}, {:.2} %", percent(numbers, sites));
    println!("bond length where it is equal: {lengths} of {numbers}, {:.2} %", percent(lengths, numbers));
    println!("oxidation state: {equal} of {states}, {:.2} %; {beyond} beyond", percent(equal, states));
    assert!(sites > 3000 && states > 2500);
    assert!(percent(numbers, sites) >= 99.0);
    assert_eq!(lengths, numbers);
    assert!(percent(equal, states) >= 95.0);
}

adatom_test_support::data_tests! {
    ["data/cu-oxides"] => [copper_oxides],
}
