//! Importances: impurity over the repeats; permutation, Shapley values and partial dependence on the test
//! rows.

use adatom_core::{FeatureTable, Split, TreeView};
use adatom_forest::Model;
use adatom_forest::ndarray::{Array2, Array3, Axis};
use adatom_interpret::{
    CoalitionScores, Coalitions, ColumnGroup, FeatureImportance, GroupImportance, ImportanceError,
    PartialDependence, PermutationImportance, Region, ShapValues, TreeShap,
};

use super::samples::Samples;
use super::tested::TestedForest;
use super::tuning::main_score;
use crate::error::Error;

/// The largest number of test rows that are explained.
pub(super) const EXPLAINED: usize = 500;

/// Budget of Shapley values, in nodes times rows: a few seconds.
const MOST_NODES: usize = 2_000_000_000;

/// The largest number of modalities whose coalitions are scored.
const MOST_TOGETHER: usize = 6;

/// Number of permutations.
const PERMUTATIONS: usize = 10;

/// The smallest number of peaks; with fewer, an axis is divided into this number of equal parts.
const FEW: usize = 3;
const PARTS: usize = 8;

/// Number of regions with partial dependence, and number of its values.
const EFFECTS: usize = 3;
const POINTS: usize = 20;

/// Smallest prominence of a peak, as a fraction of the range of the mean spectrum.
const PROMINENCE: f64 = 0.05;

/// Importances of the tested forests.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Importances {
    /// Impurity importance, one row per repeat.
    pub impurity: FeatureImportance,
    /// Permutation importance on the test rows; none if the score is not defined, such as for a single class.
    pub permutation: Option<PermutationImportances>,
    /// Mean |Shapley value| over test rows, summed over classes, one row per repeat.
    pub shap: FeatureImportance,
    /// Mean |Shapley value| of modalities as players.
    pub shap_of_modalities: Vec<f64>,
    /// The scores of all coalitions of modalities; none of a single modality.
    pub coalitions: Option<CoalitionScores>,
    /// Shapley values `[rows, columns, outputs]` of the first test rows.
    pub values: Array3<f64>,
    /// Partial dependence on the most important regions, or columns without regions.
    pub effects: Vec<Effect>,
}

/// Permutation importances of one forest.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PermutationImportances {
    /// The name of the score.
    pub score: String,
    /// Importance of every column.
    pub columns: FeatureImportance,
    /// Importance of modalities, whose columns are permuted together.
    pub modalities: GroupImportance,
    /// Importance of regions, whose columns are permuted together.
    pub regions: Option<GroupImportance>,
}

/// The partial dependence on a region or column.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Effect {
    /// The region or column.
    pub name: String,
    /// Predictions at several values.
    pub dependence: PartialDependence,
}

/// Shapley values of the first test rows, by the forests of the repeats.
pub(super) struct ShapleySizes {
    rows: Array2<f64>,
    /// Mean |Shapley value| of each column, summed over classes, one list per repeat.
    sizes: Vec<Vec<f64>>,
    /// `[rows, columns, outputs]`, of the first repeat.
    values: Option<Array3<f64>>,
    /// The remaining budget, in nodes times rows.
    budget: usize,
}

impl ShapleySizes {
    pub(super) fn new(samples: &Samples, split: &Split) -> Self {
        let explained = &split.test[..split.test.len().min(EXPLAINED)];
        let rows = samples.table.features().select(Axis(0), explained);
        Self { rows, sizes: Vec::new(), values: None, budget: MOST_NODES }
    }

    /// Explains the predictions of a forest: always of the first, of others within the budget.
    pub(super) fn add(&mut self, model: &Model) -> Result<(), Error> {
        let forest = model.forest();
        let nodes = forest.as_trees().iter().map(|tree| tree.nodes()).sum::<usize>() * self.rows.nrows();
        if self.values.is_some() && nodes > self.budget {
            return Ok(());
        }
        self.budget = self.budget.saturating_sub(nodes);
        let values = TreeShap::new(forest)?.path_dependent(self.rows.view())?;
        self.sizes.push(sizes(&values).mean_axis(Axis(0)).expect("a row is held out").to_vec());
        self.values.get_or_insert_with(|| values.values().to_owned());
        Ok(())
    }
}

/// Absolute Shapley values `[rows, columns]`, summed over classes.
fn sizes(values: &ShapValues) -> Array2<f64> {
    values.values().mapv(f64::abs).sum_axis(Axis(2))
}

impl Importances {
    pub(super) fn of(
        samples: &Samples,
        split: &Split,
        tested: &TestedForest,
        shapley: ShapleySizes,
        seed: u64,
    ) -> Result<Self, Error> {
        let columns = samples.table.columns();
        let count = columns.len();
        let of_repeats = |values: &[Vec<f64>]| {
            Array2::from_shape_vec((values.len(), count), values.concat())
                .expect("every repeat has its columns")
        };
        let forest = tested.model.forest();
        let groups = ColumnGroup::modalities(columns);
        let owner: Vec<usize> = (0..count)
            .map(|column| {
                groups.iter().position(|group| group.columns.contains(&column)).expect("all have one")
            })
            .collect();
        let of_groups = TreeShap::new(forest)?.path_dependent_of_groups(shapley.rows.view(), &owner)?;
        let permutation = permutation(samples, split, tested, seed)?;
        Ok(Self {
            impurity: FeatureImportance::new(columns.to_vec(), of_repeats(&tested.impurity))?,
            shap: FeatureImportance::new(columns.to_vec(), of_repeats(&shapley.sizes))?,
            effects: effects(samples, split, tested, permutation.as_ref())?,
            coalitions: coalitions(samples, split, tested, &shapley.rows)?,
            permutation,
            values: shapley.values.expect("the first forest was explained"),
            shap_of_modalities: sizes(&of_groups).mean_axis(Axis(0)).expect("a row was explained").to_vec(),
        })
    }
}

/// Scores of the predictions of every coalition of modalities for the explained rows; none for a single
/// modality, or if the score is not defined.
fn coalitions(
    samples: &Samples,
    split: &Split,
    tested: &TestedForest,
    rows: &Array2<f64>,
) -> Result<Option<CoalitionScores>, Error> {
    let groups = ColumnGroup::modalities(samples.table.columns());
    if !(2..=MOST_TOGETHER).contains(&groups.len()) {
        return Ok(None);
    }
    let coalitions = Coalitions::of_trees(tested.model.forest(), rows.view(), &groups)?;
    let target = samples.target.select(&split.test[..rows.nrows()]);
    // For one row, or one true value for all of them, there is no score.
    Ok(coalitions.scores(target.view(), main_score(&target)).ok())
}

fn permutation(
    samples: &Samples,
    split: &Split,
    tested: &TestedForest,
    seed: u64,
) -> Result<Option<PermutationImportances>, Error> {
    let rows = samples.table.features().select(Axis(0), &split.test);
    let test = samples.target.select(&split.test);
    let score = main_score(&test);
    // One row, or one true value for all of them, cannot be permuted.
    let Ok(permutation) = PermutationImportance::new(rows.view(), test.view(), score) else {
        return Ok(None);
    };
    let permutation = permutation.repeats(PERMUTATIONS).seed(seed);
    let forest = tested.model.forest();
    let columns = samples.table.columns();
    let regions = samples.regions();
    let regions = if regions.is_empty() {
        None
    } else {
        Some(permutation.of_trees(forest, &ColumnGroup::regions(columns, &regions)?)?)
    };
    Ok(Some(PermutationImportances {
        score: score.name().to_owned(),
        columns: permutation.of_columns(forest, columns)?,
        modalities: permutation.of_trees(forest, &ColumnGroup::modalities(columns))?,
        regions,
    }))
}

/// Partial dependence on the regions, or else columns, of the largest permutation importance.
fn effects(
    samples: &Samples,
    split: &Split,
    tested: &TestedForest,
    permutation: Option<&PermutationImportances>,
) -> Result<Vec<Effect>, Error> {
    let Some(found) = permutation else { return Ok(Vec::new()) };
    let columns = samples.table.columns();
    let (groups, lost) = match &found.regions {
        Some(lost) => (ColumnGroup::regions(columns, &samples.regions())?, lost.mean()),
        None => (ColumnGroup::each(columns), found.columns.mean()),
    };
    let mut order: Vec<usize> = (0..groups.len()).filter(|&group| lost[group] > 0.0).collect();
    order.sort_by(|&left, &right| lost[right].total_cmp(&lost[left]));
    let rows = samples.table.features().select(Axis(0), &split.test);
    let mut effects = Vec::new();
    for group in order.into_iter().take(EFFECTS).map(|group| &groups[group]) {
        match PartialDependence::of(&tested.model, rows.view(), group, POINTS) {
            Ok(dependence) => effects.push(Effect { name: group.name.clone(), dependence }),
            Err(ImportanceError::Constant { .. } | ImportanceError::TooFew { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(effects)
}

impl Samples {
    /// The regions of the settings; else those around the peaks of the mean spectra, or parts of equal length
    /// where there are few peaks.
    pub(super) fn regions(&self) -> Vec<Region> {
        if !self.regions.is_empty() {
            return self.regions.clone();
        }
        self.table
            .modalities()
            .into_iter()
            .flat_map(|modality| found_regions(&self.table, &modality))
            .collect()
    }
}

fn found_regions(table: &FeatureTable, modality: &adatom_core::Modality) -> Vec<Region> {
    let peaks = Region::of_peaks(table, modality, PROMINENCE).unwrap_or_default();
    // A single column has no regions.
    if peaks.len() < FEW && table.columns_of(modality).len() > PARTS {
        return Region::even(table.columns(), modality, PARTS).unwrap_or_default();
    }
    peaks
}

/// Three measures of the importance of a modality.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ModalityImportance {
    /// The modality.
    pub modality: String,
    /// Impurity importance, over the repeats.
    pub impurity: MeanAndSpread,
    /// Permutation importance of all its columns at once, over the permutations.
    pub permutation: Option<MeanAndSpread>,
    /// Mean |Shapley value| of the modality as a whole, as a share of the sum over modalities.
    pub shap: f64,
}

/// A mean and a standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct MeanAndSpread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub spread: f64,
}

impl Importances {
    /// The importances of the modalities.
    #[must_use]
    pub fn by_modality(&self) -> Vec<ModalityImportance> {
        let impurity = self.impurity.by_modality();
        let (mean, spread) = (impurity.mean(), impurity.spread());
        let whole: f64 = self.shap_of_modalities.iter().sum();
        (impurity.names().iter().enumerate())
            .map(|(index, name)| ModalityImportance {
                modality: name.clone(),
                impurity: MeanAndSpread { mean: mean[index], spread: spread[index] },
                permutation: self.permutation.as_ref().map(|found| MeanAndSpread {
                    mean: found.modalities.mean()[index],
                    spread: found.modalities.spread()[index],
                }),
                shap: if whole > 0.0 { self.shap_of_modalities[index] / whole } else { 0.0 },
            })
            .collect()
    }
}
