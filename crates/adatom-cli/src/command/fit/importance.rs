//! What mattered: impurity over the repeats; permutation, Shapley values and effects on the rows held out.

use adatom::core::{FeatureTable, Split, TreeView};
use adatom::forest::Model;
use adatom::forest::ndarray::{Array2, Array3, Axis};
use adatom::interpret::{
    CoalitionScores, Coalitions, ColumnGroup, FeatureImportance, GroupImportance, ImportanceError,
    PartialDependence, Permutation, Region, ShapValues, TreeShap,
};

use super::choice::Chosen;
use super::trial::{Tested, scores};
use crate::error::CliError;

/// Rows held out that are explained, at most.
pub(super) const EXPLAINED: usize = 500;

/// Nodes times rows: about so many can be explained within some seconds.
const MOST_NODES: usize = 2_000_000_000;

/// Modalities whose coalitions are all asked.
const MOST_TOGETHER: usize = 6;

/// How often columns are exchanged.
const EXCHANGES: usize = 10;

/// With fewer peaks than this an axis is cut into so many parts of equal length.
const FEW: usize = 3;
const PARTS: usize = 8;

/// Regions whose effect is shown, and values at which it is asked for.
const EFFECTS: usize = 3;
const POINTS: usize = 20;

/// A peak stands out by this part of the range of the mean spectrum.
const PROMINENCE: f64 = 0.05;

pub(super) struct Importances {
    /// Share of the decrease of impurity, one row a repeat.
    pub(super) impurity: FeatureImportance,
    /// Loss of the first score by exchange on the rows held out; none where that is not defined, such as of one class.
    pub(super) permutation: Option<Permuted>,
    /// Mean of |Shapley value| over rows held out, summed over classes, one row a repeat.
    pub(super) shap: FeatureImportance,
    /// The same of modalities as wholes, the players of the exact game of groups.
    pub(super) shap_of_modalities: Vec<f64>,
    /// What modalities know alone, and together.
    pub(super) together: Option<CoalitionScores>,
    /// Shapley values `[rows, columns, outputs]` of the first rows held out.
    pub(super) values: Array3<f64>,
    /// How answers follow the regions that matter most, or columns where there are no regions.
    pub(super) effects: Vec<(String, PartialDependence)>,
}

pub(super) struct Permuted {
    pub(super) score: String,
    pub(super) columns: FeatureImportance,
    pub(super) modalities: GroupImportance,
    pub(super) regions: Option<GroupImportance>,
}

/// Shapley values of the first rows held out, by the forests of the repeats.
pub(super) struct Explained {
    rows: Array2<f64>,
    /// Mean size for each column, summed over classes, one list a repeat.
    sizes: Vec<Vec<f64>>,
    /// `[rows, columns, outputs]`, of the first repeat.
    values: Option<Array3<f64>>,
    /// Nodes that rows may still be asked about.
    left: usize,
}

impl Explained {
    pub(super) fn new(chosen: &Chosen, split: &Split) -> Self {
        let explained = &split.test[..split.test.len().min(EXPLAINED)];
        let rows = chosen.table.features().select(Axis(0), explained);
        Self { rows, sizes: Vec::new(), values: None, left: MOST_NODES }
    }

    /// Explains the answers of a forest: of the first always, of others while that is quickly done.
    pub(super) fn see(&mut self, model: &Model) -> Result<(), CliError> {
        let forest = model.forest();
        let nodes = forest.as_trees().iter().map(|tree| tree.nodes()).sum::<usize>() * self.rows.nrows();
        if self.values.is_some() && nodes > self.left {
            return Ok(());
        }
        self.left = self.left.saturating_sub(nodes);
        let values = TreeShap::new(forest)?.path_dependent(self.rows.view())?;
        self.sizes.push(size(&values).mean_axis(Axis(0)).expect("a row is held out").to_vec());
        self.values.get_or_insert_with(|| values.values().to_owned());
        Ok(())
    }
}

/// Sizes of Shapley values `[rows, columns]`, summed over classes.
fn size(values: &ShapValues) -> Array2<f64> {
    values.values().mapv(f64::abs).sum_axis(Axis(2))
}

impl Importances {
    pub(super) fn of(
        chosen: &Chosen,
        split: &Split,
        (tested, explained): (&Tested, Explained),
        seed: u64,
    ) -> Result<Self, CliError> {
        let columns = chosen.table.columns();
        let count = columns.len();
        let of_repeats = |values: &[Vec<f64>]| {
            Array2::from_shape_vec((values.len(), count), values.concat())
                .expect("every repeat has its columns")
        };
        let rows = chosen.table.features().select(Axis(0), &split.test);
        let forest = tested.model.forest();
        let groups = ColumnGroup::modalities(columns);
        let owner: Vec<usize> = (0..count)
            .map(|column| {
                groups.iter().position(|group| group.columns.contains(&column)).expect("all have one")
            })
            .collect();
        let of_groups = TreeShap::new(forest)?.path_dependent_of_groups(explained.rows.view(), &owner)?;
        let permutation = permuted(chosen, split, tested, seed)?;
        Ok(Self {
            impurity: FeatureImportance::new(columns.to_vec(), of_repeats(&tested.impurity))?,
            shap: FeatureImportance::new(columns.to_vec(), of_repeats(&explained.sizes))?,
            effects: effects(chosen, &rows, tested, permutation.as_ref())?,
            together: together(chosen, split, (tested, &explained), &groups)?,
            permutation,
            values: explained.values.expect("the first forest was explained"),
            shap_of_modalities: size(&of_groups).mean_axis(Axis(0)).expect("a row was explained").to_vec(),
        })
    }
}

/// How well every coalition of modalities answers for the rows explained; none for one modality, or where the score is not
/// defined.
fn together(
    chosen: &Chosen,
    split: &Split,
    (tested, explained): (&Tested, &Explained),
    groups: &[ColumnGroup],
) -> Result<Option<CoalitionScores>, CliError> {
    if !(2..=MOST_TOGETHER).contains(&groups.len()) {
        return Ok(None);
    }
    let coalitions = Coalitions::of_trees(tested.model.forest(), explained.rows.view(), groups)?;
    let truth = chosen.wanted.select(&split.test[..explained.rows.nrows()]);
    // One row, or one truth for all of them, tells nothing.
    Ok(coalitions.scores(truth.view(), scores(&truth)[0]).ok())
}

fn permuted(
    chosen: &Chosen,
    split: &Split,
    tested: &Tested,
    seed: u64,
) -> Result<Option<Permuted>, CliError> {
    let rows = chosen.table.features().select(Axis(0), &split.test);
    let test = chosen.wanted.select(&split.test);
    let score = scores(&test)[0];
    // One row, or one truth for all of them, cannot be exchanged for another.
    let Ok(permutation) = Permutation::new(rows.view(), test.view(), score) else { return Ok(None) };
    let permutation = permutation.repeats(EXCHANGES).seed(seed);
    let forest = tested.model.forest();
    let columns = chosen.table.columns();
    let regions = regions(&chosen.table, &chosen.regions);
    let regions = if regions.is_empty() {
        None
    } else {
        Some(permutation.of_trees(forest, &ColumnGroup::regions(columns, &regions)?)?)
    };
    Ok(Some(Permuted {
        score: score.name().to_owned(),
        columns: permutation.of_columns(forest, columns)?,
        modalities: permutation.of_trees(forest, &ColumnGroup::modalities(columns))?,
        regions,
    }))
}

/// Partial dependence on the regions, or else columns, whose exchange costs most.
fn effects(
    chosen: &Chosen,
    rows: &Array2<f64>,
    tested: &Tested,
    permuted: Option<&Permuted>,
) -> Result<Vec<(String, PartialDependence)>, CliError> {
    let Some(found) = permuted else { return Ok(Vec::new()) };
    let columns = chosen.table.columns();
    let (groups, lost) = match &found.regions {
        Some(lost) => (ColumnGroup::regions(columns, &regions(&chosen.table, &chosen.regions))?, lost.mean()),
        None => (ColumnGroup::each(columns), found.columns.mean()),
    };
    let mut order: Vec<usize> = (0..groups.len()).filter(|&group| lost[group] > 0.0).collect();
    order.sort_by(|&left, &right| lost[right].total_cmp(&lost[left]));
    let mut effects = Vec::new();
    for group in order.into_iter().take(EFFECTS).map(|group| &groups[group]) {
        match PartialDependence::of(&tested.model, rows.view(), group, POINTS) {
            Ok(effect) => effects.push((group.name.clone(), effect)),
            Err(ImportanceError::Constant { .. } | ImportanceError::TooFew { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(effects)
}

/// The parts of the spectra that were asked for; else those around the peaks of their means, or parts of equal length where
/// there are few peaks.
pub(super) fn regions(table: &FeatureTable, wanted: &[Region]) -> Vec<Region> {
    if !wanted.is_empty() {
        return wanted.to_vec();
    }
    let of = |modality| {
        let peaks = Region::of_peaks(table, &modality, PROMINENCE).unwrap_or_default();
        let even = || Region::even(table.columns(), &modality, PARTS).unwrap_or_default();
        // One column cannot be divided, and is a column for itself anyway.
        let columns = table.columns_of(&modality).len();
        if peaks.len() < FEW && columns > PARTS { even() } else { peaks }
    };
    table.modalities().into_iter().flat_map(of).collect()
}
