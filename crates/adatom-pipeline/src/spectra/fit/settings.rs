//! Settings of the fit: samples, split, forest, validation, importances.

use std::path::PathBuf;

use adatom_core::{Modality, TargetKind};
use adatom_forest::{
    CalibrationMethod, ClassWeight, Criterion, ExtraTrees, ForestParams, MaxFeatures, ParamsGrid,
    RandomForest,
};
use adatom_interpret::Region;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Rows and columns that a forest is fitted to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SampleSettings {
    /// The name of the target.
    pub target: String,
    /// Classes or numbers; by default classes if the target is text or integers with few distinct values.
    pub kind: Option<TargetKind>,
    /// Use only columns of these modalities; empty for all.
    pub modalities: Vec<Modality>,
    /// Use only rows of these classes; empty for all.
    pub classes: Vec<String>,
    /// Classes with fewer rows are left out.
    pub min_class_rows: usize,
    /// Use only rows whose target is in this range.
    pub range: Option<[f64; 2]>,
}

/// The test rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldOut {
    /// A random fraction, stratified by class.
    #[default]
    Random,
    /// Whole groups, so that near-duplicates stay on one side.
    Groups,
    /// The rows whose ids are listed in this file, one per line.
    Listed(PathBuf),
}

/// The split into training and test rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SplitSettings {
    /// The test rows.
    pub held_out: HeldOut,
    /// The name of the groups; by default the only ones, or the coarsest.
    pub group: Option<String>,
    /// The fraction of test rows.
    pub test_fraction: f64,
    /// Folds of the cross-validation on the training rows.
    pub folds: usize,
}

/// How trees are grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TreeFamily {
    /// Random forests: the best threshold of random columns, bootstrap samples of the rows.
    #[default]
    RandomForest,
    /// Extremely randomised trees: random thresholds, no bootstrap.
    ExtraTrees,
}

/// The hyperparameters of the forest; among several values the best are chosen by cross-validation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ForestSettings {
    /// Numbers of trees; 300 if empty.
    pub trees: Vec<usize>,
    /// Columns considered at each split; if empty, the square root of all for classes, 0.3 for numbers.
    pub max_features: Vec<MaxFeatures>,
    /// Smallest number of rows in a leaf; 1 if empty.
    pub min_samples_leaf: Vec<usize>,
    /// Largest depth of a tree.
    pub max_depth: Option<usize>,
    /// The split criterion; by default Gini impurity or squared error.
    pub criterion: Option<Criterion>,
    /// How classes are weighted.
    pub class_weight: ClassWeight,
    /// How trees are grown.
    pub family: TreeFamily,
    /// Whether hyperparameters are chosen by cross-validation: among the lists or, without lists, among 25 to
    /// 300 trees and several numbers of columns.
    pub tuned: bool,
}

/// The settings of the stages that fit, test and interpret a forest.
///
/// ```
/// use adatom_pipeline::spectra::FitSettings;
/// let settings =
///     FitSettings::new("coordination_number").grouped_by("formula").trees([100]).repeats(2).seed(7);
/// let text = serde_json::to_string(&settings)?;
/// assert_eq!(serde_json::from_str::<FitSettings>(&text)?, settings);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FitSettings {
    /// Rows and columns.
    pub samples: SampleSettings,
    /// The split into training and test rows.
    pub split: SplitSettings,
    /// The forest.
    pub forest: ForestSettings,
    /// Number of forests with different seeds that are tested.
    pub repeats: usize,
    /// How probabilities are calibrated on out-of-bag predictions; none for uncalibrated probabilities.
    pub calibration: Option<CalibrationMethod>,
    /// Whether every combination of modalities and the loss without each modality are evaluated.
    pub compared: bool,
    /// Regions whose importance is calculated; if empty, regions around the peaks of the mean spectra.
    #[serde(serialize_with = "write_regions", deserialize_with = "read_regions")]
    pub regions: Vec<Region>,
    /// Rounds of the test of columns against their shuffled copies; none for no test.
    pub shadow_rounds: Option<usize>,
    /// Whether the saved model is fitted to all rows instead of the training rows.
    pub final_on_all: bool,
    /// Seed of splits and forests.
    pub seed: u64,
}

impl FitSettings {
    /// The defaults: a random quarter of test rows, five-fold cross-validation on the others, ten forests of
    /// 300 trees, seed 7.
    #[must_use]
    pub fn new(target: impl Into<String>) -> Self {
        Self {
            samples: SampleSettings {
                target: target.into(),
                kind: None,
                modalities: Vec::new(),
                classes: Vec::new(),
                min_class_rows: 2,
                range: None,
            },
            split: SplitSettings { held_out: HeldOut::Random, group: None, test_fraction: 0.25, folds: 5 },
            forest: ForestSettings {
                trees: Vec::new(),
                max_features: Vec::new(),
                min_samples_leaf: Vec::new(),
                max_depth: None,
                criterion: None,
                class_weight: ClassWeight::None,
                family: TreeFamily::RandomForest,
                tuned: false,
            },
            repeats: 10,
            calibration: None,
            compared: false,
            regions: Vec::new(),
            shadow_rounds: None,
            final_on_all: false,
            seed: 7,
        }
    }

    /// Uses only columns of these modalities. Default: all.
    #[must_use]
    pub fn modalities(mut self, modalities: impl IntoIterator<Item = Modality>) -> Self {
        self.samples.modalities = modalities.into_iter().collect();
        self
    }

    /// Holds out whole groups of this name. Default: random rows.
    #[must_use]
    pub fn grouped_by(mut self, group: impl Into<String>) -> Self {
        self.split.held_out = HeldOut::Groups;
        self.split.group = Some(group.into());
        self
    }

    /// The fraction of test rows. Default: 0.25.
    #[must_use]
    pub fn test_fraction(mut self, fraction: f64) -> Self {
        self.split.test_fraction = fraction;
        self
    }

    /// Folds of the cross-validation on the training rows. Default: 5.
    #[must_use]
    pub fn folds(mut self, folds: usize) -> Self {
        self.split.folds = folds;
        self
    }

    /// Numbers of trees; several are tried with [`tuned`](Self::tuned). Default: 300.
    #[must_use]
    pub fn trees(mut self, trees: impl IntoIterator<Item = usize>) -> Self {
        self.forest.trees = trees.into_iter().collect();
        self
    }

    /// Chooses parameters by cross-validation on the training rows. Default: the first values are used.
    #[must_use]
    pub fn tuned(mut self) -> Self {
        self.forest.tuned = true;
        self
    }

    /// Number of forests with different seeds that are tested. Default: 10.
    #[must_use]
    pub fn repeats(mut self, repeats: usize) -> Self {
        self.repeats = repeats;
        self
    }

    /// Calibrates probabilities on out-of-bag predictions. Default: no.
    #[must_use]
    pub fn calibration(mut self, method: CalibrationMethod) -> Self {
        self.calibration = Some(method);
        self
    }

    /// Fits every combination of modalities as well. Default: no.
    #[must_use]
    pub fn compared(mut self) -> Self {
        self.compared = true;
        self
    }

    /// Regions whose importance is calculated. Default: regions around the peaks of the mean spectra.
    #[must_use]
    pub fn regions(mut self, regions: impl IntoIterator<Item = Region>) -> Self {
        self.regions = regions.into_iter().collect();
        self
    }

    /// Seed of splits and forests. Default: 7.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let wrong = |setting, problem: &str| Err(Error::Setting { setting, problem: problem.to_owned() });
        let fraction = self.split.test_fraction;
        if !(fraction > 0.0 && fraction < 1.0) {
            return wrong("test fraction", "must be greater than 0 and less than 1");
        }
        if self.repeats == 0 {
            return wrong("repeats", "must be at least 1, found 0");
        }
        let name = |at: usize| self.regions[at].name();
        let repeated = |at: usize| (0..at).any(|earlier| name(earlier) == name(at));
        if let Some(at) = (0..self.regions.len()).find(|&at| repeated(at)) {
            return wrong("region", &format!("{} is given more than once", name(at)));
        }
        let forest = &self.forest;
        if forest.lists() && !forest.tuned {
            return wrong("forest", "lists of hyperparameters need tuning");
        }
        Ok(())
    }
}

impl ForestSettings {
    /// Whether there are several values to choose from.
    fn lists(&self) -> bool {
        [self.trees.len(), self.max_features.len(), self.min_samples_leaf.len()]
            .iter()
            .any(|&length| length > 1)
    }

    /// The parameters that are tried, of forests for a target with so many columns.
    pub(super) fn candidates(
        &self,
        kind: TargetKind,
        columns: usize,
        seed: u64,
    ) -> Result<Vec<ForestParams>, Error> {
        let mut base = match self.family {
            TreeFamily::RandomForest => RandomForest::params(),
            TreeFamily::ExtraTrees => ExtraTrees::params(),
        };
        base = base.seed(seed).class_weight(self.class_weight.clone());
        if let Some(depth) = self.max_depth {
            base = base.max_depth(depth);
        }
        if let Some(criterion) = self.criterion {
            base = base.criterion(criterion);
        }
        let usual = match kind {
            TargetKind::Classes => MaxFeatures::Sqrt,
            TargetKind::Numbers => MaxFeatures::Fraction(0.3),
        };
        let or =
            |given: &[usize], usual: &[usize]| if given.is_empty() { usual.to_vec() } else { given.to_vec() };
        let search = self.tuned && !self.lists();
        let trees = or(&self.trees, if search { &[25, 50, 100, 200, 300] } else { &[300] });
        let leaf = or(&self.min_samples_leaf, &[1]);
        let max_features = match (&self.max_features[..], search) {
            ([], true) => widths(columns),
            ([], false) => vec![usual],
            (given, _) => given.to_vec(),
        };
        let grid = ParamsGrid::around(base).trees(trees).max_features(max_features).min_samples_leaf(leaf);
        Ok(grid.all()?)
    }
}

/// Numbers of columns to try: 10 to 35 as in arXiv 2410.17467, and a third of all.
fn widths(columns: usize) -> Vec<MaxFeatures> {
    let mut widths: Vec<usize> =
        [10, 15, 20, 25, 30, 35, columns.div_ceil(3)].map(|width| width.min(columns)).to_vec();
    widths.sort_unstable();
    widths.dedup();
    widths.into_iter().map(MaxFeatures::Count).collect()
}

/// A [`Region`] in a file of settings.
#[derive(Serialize, Deserialize)]
struct RegionFields {
    name: String,
    modality: Modality,
    low: f64,
    high: f64,
}

fn write_regions<S: serde::Serializer>(regions: &[Region], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(regions.iter().map(|region| {
        let (low, high) = region.range();
        RegionFields { name: region.name().to_owned(), modality: region.modality().clone(), low, high }
    }))
}

fn read_regions<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Region>, D::Error> {
    let fields = Vec::<RegionFields>::deserialize(deserializer)?;
    let region = |fields: RegionFields| Region::new(fields.name, fields.modality, fields.low, fields.high);
    fields.into_iter().map(|fields| region(fields).map_err(serde::de::Error::custom)).collect()
}
