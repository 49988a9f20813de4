//! What is planted where on the axes, and how the importances rank these parts.

use adatom::core::{FeatureTable, Modality, Score, Split, TargetKind, TargetView};
use adatom::forest::ndarray::{Array1, ArrayView2, Axis};
use adatom::forest::{ClassScore, Forest, MaxFeatures, PropertyScore, RandomForest};
use adatom::interpret::{ColumnGroup, FeatureImportance, GroupImportance, Permutation, Region, TreeShap};
use adatom::spectra::{Resampling, Xanes, tabulate};
use adatom::synthetic::{SyntheticOxide, XanesModel, XanesParts};

use super::materials::energies;
use crate::error::CliError;

/// The part of the materials held out, and how often their columns are exchanged.
const TEST: f64 = 0.25;
const EXCHANGES: usize = 20;

/// One question: which part of which modality holds a target.
pub(super) struct Question {
    pub(super) target: &'static str,
    pub(super) modality: Modality,
    /// The name of the region where it is planted.
    pub(super) planted: &'static str,
    pub(super) why: &'static str,
    /// The model without what plants it, where that can be taken out.
    pub(super) without: Option<(&'static str, XanesModel)>,
}

/// What was found.
pub(super) struct Found {
    pub(super) regions: Vec<Region>,
    /// Rows: exchanges; columns: regions.
    pub(super) exchange: GroupImportance,
    /// Shares of the regions.
    pub(super) impurity: Vec<f64>,
    pub(super) shap: Vec<f64>,
    pub(super) score: f64,
}

pub(super) const SCORES: [&str; 2] = ["balanced accuracy", "R²"];

pub(super) fn questions(model: &XanesModel) -> Vec<Question> {
    vec![
        Question {
            target: "coordination_number",
            modality: Modality::Xanes,
            planted: "pre-edge",
            why: "its area grows with the departure from inversion symmetry: large for tetrahedra, less for fivefold \
                  sites, next to nothing for octahedra",
            without: Some(("pre-edge of the same area everywhere", model.clone().dipole(0.0))),
        },
        Question {
            target: "oxidation_state",
            modality: Modality::Xanes,
            planted: "edge",
            why: "the threshold rises by 2 eV with every charge",
            without: Some(("same threshold for all charges", model.clone().valence_shift(0.0))),
        },
        Question {
            target: "mean_bond_length",
            modality: Modality::DifferentialPdf,
            planted: "first shell",
            why: "the first peak stands at the bond length",
            without: None,
        },
    ]
}

/// Parts of an axis, whose ends are halfway between what the model planted there.
pub(super) fn regions(
    oxides: &[SyntheticOxide],
    model: &XanesModel,
    table: &FeatureTable,
    modality: &Modality,
) -> Result<Vec<Region>, CliError> {
    let axis = table.columns_of(modality).into_iter().map(|column| table.columns()[column].axis());
    let (begin, end) = (axis.clone().fold(f64::INFINITY, f64::min), axis.fold(0.0, f64::max));
    let sites = || oxides.iter().flat_map(SyntheticOxide::sites);
    let (names, inner): (&[&str], Vec<f64>) = if *modality == Modality::Xanes {
        let parts: Vec<XanesParts> = sites().map(|site| model.parts(site)).collect::<Result<_, _>>()?;
        let largest =
            |of: &dyn Fn(&XanesParts) -> f64| parts.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let smallest = |of: &dyn Fn(&XanesParts) -> f64| parts.iter().map(of).fold(f64::INFINITY, f64::min);
        let mean = |of: &dyn Fn(&XanesParts) -> f64| parts.iter().map(of).sum::<f64>() / parts.len() as f64;
        let white = |parts: &XanesParts| parts.white_lines[0];
        let pre_edge = 0.5 * (largest(&|parts| parts.pre_edge) + smallest(&|parts| parts.shoulder));
        let edge = 0.5 * (mean(&|parts| parts.edges[0]) + mean(&white));
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
pub(super) fn with_model(
    table: &FeatureTable,
    oxides: &[SyntheticOxide],
    model: &XanesModel,
) -> Result<FeatureTable, CliError> {
    let grid = energies()?;
    let columns = table.columns_of(&Modality::Xanes);
    let axis: Array1<f64> = columns.iter().map(|&column| table.columns()[column].axis()).collect();
    let axis = adatom::spectra::EnergyGrid::new(axis)?;
    let mean = |(oxide, spectra): (&SyntheticOxide, &Vec<Xanes>)| -> Result<Xanes, CliError> {
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

/// A forest of one modality, and how much each region matters to it.
pub(super) fn ask(
    question: &Question,
    table: &FeatureTable,
    regions: &[Region],
    (trees, seed): (usize, u64),
) -> Result<Found, CliError> {
    let table = table.select_modalities(std::slice::from_ref(&question.modality))?;
    let whole = question.target != "mean_bond_length";
    let split = match whole {
        true => Split::stratified(&table.classes(question.target)?, TEST, seed)?,
        false => Split::random(table.len(), TEST, seed)?,
    };
    let (train, test) = (table.select_rows(&split.train)?, table.select_rows(&split.test)?);
    let params = RandomForest::params().trees(trees).seed(seed).max_features(MaxFeatures::Fraction(0.3));
    if whole {
        let labels = table.classes(question.target)?;
        let model = params.fit_classifier(train.features(), &labels.select(&split.train))?;
        let labels = labels.select(&split.test);
        let score = ClassScore::BalancedAccuracy;
        let answers = model.probabilities(test.features())?;
        let asked = (TargetView::Classes(&labels), &score as &dyn Score, answers.view());
        weigh(model.forest(), &test, asked, (regions, seed))
    } else {
        let numbers = train.numbers(question.target)?;
        let model = params.fit_regressor(train.features(), numbers.view())?;
        let truth = test.numbers(question.target)?;
        let answers = model.predict(test.features())?.insert_axis(Axis(1));
        let score = PropertyScore::R2;
        let asked = (TargetView::Numbers(truth.view()), &score as &dyn Score, answers.view());
        weigh(model.forest(), &test, asked, (regions, seed))
    }
}

fn weigh<'a>(
    forest: &Forest,
    test: &'a FeatureTable,
    (truth, score, answers): (TargetView<'a>, &'a dyn Score, ArrayView2<'_, f64>),
    (regions, seed): (&[Region], u64),
) -> Result<Found, CliError> {
    let columns = test.columns();
    let groups = ColumnGroup::regions(columns, regions)?;
    let permutation = Permutation::new(test.features(), truth, score)?.repeats(EXCHANGES).seed(seed);
    let exchange = permutation.of_trees(forest, &groups)?;
    let impurity = FeatureImportance::of_impurity(forest, columns)?;
    let owner: Vec<usize> = (0..columns.len())
        .map(|column| groups.iter().position(|group| group.columns.contains(&column)).expect("regions cover"))
        .collect();
    let shap = TreeShap::new(forest)?.path_dependent_of_groups(test.features(), &owner)?;
    let size = shap.values().mapv(f64::abs).sum_axis(Axis(2)).sum_axis(Axis(0));
    let shares = |values: Vec<f64>| {
        let whole: f64 = values.iter().sum();
        values.into_iter().map(|value| if whole > 0.0 { value / whole } else { 0.0 }).collect()
    };
    Ok(Found {
        regions: regions.to_vec(),
        impurity: shares(impurity.by_region(regions)?.mean().to_vec()),
        shap: shares(size.to_vec()),
        exchange,
        score: score.score(truth, answers).unwrap_or(f64::NAN),
    })
}

impl Found {
    /// The place of a region, from 1, by some measure.
    pub(super) fn rank(&self, name: &str, measure: &[f64]) -> usize {
        let at = self.regions.iter().position(|region| region.name() == name).expect("it is one of them");
        1 + measure.iter().filter(|&&value| value > measure[at]).count()
    }

    pub(super) fn lost(&self) -> Vec<f64> {
        self.exchange.mean().to_vec()
    }
}

/// How many rows each class has; of numbers the smallest and the largest.
pub(super) fn spread(table: &FeatureTable, target: &str) -> Result<String, CliError> {
    Ok(match (table.target(target)?.kind(), target) {
        (TargetKind::Numbers, "mean_bond_length") => {
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
