//! The regions that determine the targets by construction, and their importances.

use adatom_core::{FeatureTable, Modality, Score, Split, Target, TargetKind};
use adatom_forest::ndarray::{Array1, Axis};
use adatom_forest::{ClassScore, MaxFeatures, Model, PropertyScore, RandomForest, Rows};
use adatom_interpret::{
    ColumnGroup, FeatureImportance, GroupImportance, PermutationImportance, Region, TreeShap,
};
use adatom_spectra::{EnergyGrid, Resampling, Xanes, tabulate};
use adatom_synthetic::{SyntheticOxide, XanesModel, XanesTerms};
use serde_json::{Value, json};

use super::DemonstrationSettings;
use super::materials::energies;
use crate::error::Error;

/// Fraction of the materials that is held out, and number of permutations.
const TEST: f64 = 0.25;
const PERMUTATIONS: usize = 20;

/// The numerical target.
const LENGTH: &str = "mean_bond_length";

/// A target and the region of an axis that determines it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Question {
    /// The target.
    pub target: &'static str,
    /// The modality of the axis.
    pub modality: Modality,
    /// The name of the region that determines the target.
    pub planted: &'static str,
    /// The mechanism.
    pub reason: &'static str,
    /// A model without that effect, if it can be removed.
    pub(super) control: Option<ControlModel>,
}

/// A model of spectra without the effect that determines a target.
#[derive(Debug, Clone)]
pub(super) struct ControlModel {
    /// The difference.
    pub(super) name: &'static str,
    pub(super) model: XanesModel,
}

/// The importance of each region.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Finding {
    /// The regions.
    pub regions: Vec<Region>,
    /// Permutation importance. Rows: permutations; columns: regions.
    pub permutation: GroupImportance,
    /// Shares of the impurity importance.
    pub impurity: Vec<f64>,
    /// Shares of the Shapley values.
    pub shap: Vec<f64>,
    /// The score on the test rows.
    pub score: f64,
}

/// A test whether importances find the planted region, with a control without the effect.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Experiment {
    /// The question.
    pub question: Question,
    /// The importances.
    pub finding: Finding,
    /// The importances without the effect.
    pub control: Option<Finding>,
}

/// The data of the experiments.
pub(super) struct Data<'a> {
    pub(super) oxides: &'a [SyntheticOxide],
    pub(super) model: &'a XanesModel,
    pub(super) table: &'a FeatureTable,
}

pub(super) fn questions(model: &XanesModel) -> Vec<Question> {
    vec![
        Question {
            target: "coordination_number",
            modality: Modality::Xanes,
            planted: "pre-edge",
            reason: "its area grows with the departure from inversion symmetry: large for tetrahedra, less \
                  for fivefold sites, nearly zero for octahedra",
            control: Some(ControlModel {
                name: "pre-edge of the same area everywhere",
                model: model.clone().dipole(0.0),
            }),
        },
        Question {
            target: "oxidation_state",
            modality: Modality::Xanes,
            planted: "edge",
            reason: "the threshold rises by 2 eV per charge",
            control: Some(ControlModel {
                name: "same threshold for all charges",
                model: model.clone().valence_shift(0.0),
            }),
        },
        Question {
            target: "mean_bond_length",
            modality: Modality::DifferentialPdf,
            planted: "first shell",
            reason: "the first peak is at the bond length",
            control: None,
        },
    ]
}

/// Regions of an axis, with boundaries halfway between the terms of the model.
fn regions(data: &Data<'_>, modality: &Modality) -> Result<Vec<Region>, Error> {
    let Data { oxides, model, table } = *data;
    let axis = table.columns_of(modality).into_iter().map(|column| table.columns()[column].axis());
    let (begin, end) = (axis.clone().fold(f64::INFINITY, f64::min), axis.fold(0.0, f64::max));
    let sites = || oxides.iter().flat_map(SyntheticOxide::sites);
    let (names, inner): (&[&str], Vec<f64>) = if *modality == Modality::Xanes {
        let terms: Vec<XanesTerms> = sites().map(|site| model.terms(site)).collect::<Result<_, _>>()?;
        let largest =
            |of: &dyn Fn(&XanesTerms) -> f64| terms.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let smallest = |of: &dyn Fn(&XanesTerms) -> f64| terms.iter().map(of).fold(f64::INFINITY, f64::min);
        let mean = |of: &dyn Fn(&XanesTerms) -> f64| terms.iter().map(of).sum::<f64>() / terms.len() as f64;
        let white = |terms: &XanesTerms| terms.white_lines[0];
        let pre_edge = 0.5 * (largest(&|terms| terms.pre_edge) + smallest(&|terms| terms.shoulder));
        let edge = 0.5 * (mean(&|terms| terms.edges[0]) + mean(&white));
        (&["pre-edge", "edge", "white line", "oscillations"], vec![pre_edge, edge, largest(&white) + 4.0])
    } else {
        let length = |from: f64, pick: fn(f64, f64) -> f64| {
            sites().flat_map(|site| site.bonds()).map(|bond| bond.distance).fold(from, pick)
        };
        let (first, last) = (length(f64::INFINITY, f64::min) - 0.3, length(0.0, f64::max) + 0.3);
        (&["below the first shell", "first shell", "2nd and 3rd shell", "farther"], vec![first, last, 4.5])
    };
    let first = |at: usize| if at == 0 { begin } else { inner[at - 1] };
    let last = |at: usize| inner.get(at).map_or(end, |end| end.next_down());
    let region = |(at, name): (usize, &&str)| Region::new(*name, modality.clone(), first(at), last(at));
    Ok(names.iter().enumerate().map(region).collect::<Result<_, _>>()?)
}

/// The spectra of another model with the targets of a table, row by row.
fn with_model(data: &Data<'_>, model: &XanesModel) -> Result<FeatureTable, Error> {
    let Data { oxides, table, .. } = *data;
    let grid = energies()?;
    let columns = table.columns_of(&Modality::Xanes);
    let axis: Array1<f64> = columns.iter().map(|&column| table.columns()[column].axis()).collect();
    let axis = EnergyGrid::new(axis)?;
    let mean = |(oxide, spectra): (&SyntheticOxide, &Vec<Xanes>)| -> Result<Xanes, Error> {
        let mut sum = Array1::zeros(axis.len());
        for xanes in spectra {
            sum += &Resampling::linear().resample(xanes, &axis)?.mu();
        }
        Ok(Xanes::new(axis.clone(), sum / spectra.len() as f64)?.with_name(oxide.name()))
    };
    let spectra = model.spectra(oxides, &grid)?;
    let rows: Vec<Xanes> = oxides.iter().zip(&spectra).map(mean).collect::<Result<_, _>>()?;
    let mut changed = tabulate(&rows, &axis)?;
    for (name, target) in table.targets() {
        changed = changed.with_target(name, target.clone())?;
    }
    Ok(changed)
}

impl Experiment {
    pub(super) fn run(
        question: Question,
        data: &Data<'_>,
        settings: &DemonstrationSettings,
    ) -> Result<Self, Error> {
        let regions = regions(data, &question.modality)?;
        let finding = Finding::of(&question, data.table, &regions, settings)?;
        let control = match &question.control {
            None => None,
            Some(control) => {
                let table = with_model(data, &control.model)?;
                Some(Finding::of(&question, &table, &regions, settings)?)
            }
        };
        Ok(Self { question, finding, control })
    }

    /// The name of the score: of classes the balanced accuracy, of numbers R².
    #[must_use]
    pub fn score_name(&self) -> &'static str {
        if self.question.target == LENGTH { "R²" } else { "balanced accuracy" }
    }

    /// The permutation importance of the region that determines the target.
    #[must_use]
    pub fn planted_importance(&self) -> f64 {
        let finding = &self.finding;
        let at = finding.regions.iter().position(|region| region.name() == self.question.planted);
        at.map_or(f64::NAN, |at| finding.permutation.mean()[at])
    }

    /// The rank of that region by permutation importance, from 1.
    #[must_use]
    pub fn planted_rank(&self) -> usize {
        self.rank(&self.finding.permutation_mean())
    }

    /// The rank of the region that determines the target by some measure, from 1.
    pub(super) fn rank(&self, measure: &[f64]) -> usize {
        let is_planted = |region: &Region| region.name() == self.question.planted;
        let at = self.finding.regions.iter().position(is_planted).expect("it is one of the regions");
        1 + measure.iter().filter(|&&value| value > measure[at]).count()
    }

    pub(super) fn metrics(&self) -> Value {
        let Self { question, finding, control } = self;
        let lost = finding.permutation_mean();
        let regions: Vec<Value> = (finding.regions.iter().enumerate())
            .map(|(at, region)| {
                let (low, high) = region.range();
                json!({
                    "name": region.name(),
                    "from": low,
                    "to": high,
                    "permutation": lost[at],
                    "impurity": finding.impurity[at],
                    "shap": finding.shap[at],
                    "permutation_without_effect":
                        control.as_ref().map(|control| control.permutation_mean()[at]),
                })
            })
            .collect();
        json!({
            "modality": question.modality.to_string(),
            "score_name": self.score_name(),
            "score": finding.score,
            "score_without_effect": control.as_ref().map(|control| control.score),
            "planted": question.planted,
            "rank": {
                "permutation": self.rank(&lost),
                "impurity": self.rank(&finding.impurity),
                "shap": self.rank(&finding.shap),
            },
            "regions": regions,
        })
    }
}

impl Finding {
    /// Fits a forest to one modality and calculates how much each region matters to it.
    fn of(
        question: &Question,
        table: &FeatureTable,
        regions: &[Region],
        settings: &DemonstrationSettings,
    ) -> Result<Self, Error> {
        let seed = settings.seed;
        let table = table.select_modalities(std::slice::from_ref(&question.modality))?;
        let (target, split) = match question.target {
            LENGTH => (Target::Numbers(table.numbers(LENGTH)?), Split::random(table.len(), TEST, seed)?),
            name => {
                let labels = table.classes(name)?;
                let split = Split::stratified(&labels, TEST, seed)?;
                (Target::Classes(labels), split)
            }
        };
        let (train, test) = (table.select_rows(&split.train)?, table.select_rows(&split.test)?);
        let truth = target.select(&split.test);
        let params = RandomForest::params();
        let params = params.trees(settings.trees).seed(seed).max_features(MaxFeatures::Fraction(0.3));
        let model = params.fit(Rows::from(&train), &target.select(&split.train))?;
        let (predictions, score): (_, &dyn Score) = match &model {
            Model::Classifier(model) => {
                (model.probabilities(test.features())?, &ClassScore::BalancedAccuracy)
            }
            Model::Regressor(model) => {
                (model.predict(test.features())?.insert_axis(Axis(1)), &PropertyScore::R2)
            }
        };
        let (forest, columns) = (model.forest(), test.columns());
        let groups = ColumnGroup::regions(columns, regions)?;
        let permutation = PermutationImportance::new(test.features(), truth.view(), score)?;
        let permutation = permutation.repeats(PERMUTATIONS).seed(seed).of_trees(forest, &groups)?;
        let impurity = FeatureImportance::of_impurity(forest, columns)?;
        let owner: Vec<usize> = (0..columns.len())
            .map(|column| {
                groups.iter().position(|group| group.columns.contains(&column)).expect("regions cover")
            })
            .collect();
        let shap = TreeShap::new(forest)?.path_dependent_of_groups(test.features(), &owner)?;
        let sizes = shap.values().mapv(f64::abs).sum_axis(Axis(2)).sum_axis(Axis(0));
        Ok(Self {
            regions: regions.to_vec(),
            impurity: shares(impurity.by_region(regions)?.mean().to_vec()),
            shap: shares(sizes.to_vec()),
            permutation,
            score: score.score(truth.view(), predictions.view()).unwrap_or(f64::NAN),
        })
    }

    /// The mean permutation importance of every region.
    pub(super) fn permutation_mean(&self) -> Vec<f64> {
        self.permutation.mean().to_vec()
    }
}

fn shares(values: Vec<f64>) -> Vec<f64> {
    let whole: f64 = values.iter().sum();
    values.into_iter().map(|value| if whole > 0.0 { value / whole } else { 0.0 }).collect()
}

/// How many rows each class has; of numbers the smallest and the largest.
pub(super) fn spread(table: &FeatureTable, target: &str) -> Result<String, Error> {
    Ok(match (table.target(target)?.kind(), target) {
        (TargetKind::Numbers, LENGTH) => {
            let numbers = table.numbers(target)?;
            let of = |from, pick: fn(f64, f64) -> f64| numbers.iter().copied().fold(from, pick);
            format!("{:.3} to {:.3} Å", of(f64::INFINITY, f64::min), of(0.0, f64::max))
        }
        _ => {
            let labels = table.classes(target)?;
            let one = |(name, count): (&String, &usize)| format!("{name} ({count})");
            labels.names.iter().zip(&labels.counts).map(one).collect::<Vec<_>>().join(", ")
        }
    })
}
