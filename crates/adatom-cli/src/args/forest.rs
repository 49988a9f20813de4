//! The arguments of the commands for forests.

use std::path::PathBuf;

use adatom::core::{Modality, TargetKind};
use adatom::forest::{CalibrationMethod, ClassWeight, Criterion, MaxFeatures};
use adatom::interpret::Region;
use adatom::pipeline::spectra::fit::{HeldOut, TreeFamily};
use adatom::pipeline::spectra::{ExplanationSettings, FitSettings};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

/// `classify` or `regress`.
fn target_kind() -> impl TypedValueParser<Value = TargetKind> {
    let names =
        [PossibleValue::new("classify").help("Classes"), PossibleValue::new("regress").help("A number")];
    let kind = |name: String| if name == "classify" { TargetKind::Classes } else { TargetKind::Numbers };
    PossibleValuesParser::new(names).map(kind)
}

/// Which rows are held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitKind {
    /// Any rows, with the same share of every class
    Random,
    /// Whole groups, so that near-duplicates stay on one side
    Group,
}

/// How node impurity is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CriterionName {
    Gini,
    Entropy,
    SquaredError,
    Poisson,
}

impl From<CriterionName> for Criterion {
    fn from(name: CriterionName) -> Self {
        match name {
            CriterionName::Gini => Self::Gini,
            CriterionName::Entropy => Self::Entropy,
            CriterionName::SquaredError => Self::SquaredError,
            CriterionName::Poisson => Self::Poisson,
        }
    }
}

/// How classes are weighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Weighting {
    /// Every row counts the same
    None,
    /// Every class counts the same
    Balanced,
    /// Every class counts the same in the rows that each tree draws
    BalancedSubsample,
}

impl From<Weighting> for ClassWeight {
    fn from(weighting: Weighting) -> Self {
        match weighting {
            Weighting::None => Self::None,
            Weighting::Balanced => Self::Balanced,
            Weighting::BalancedSubsample => Self::BalancedSubsample,
        }
    }
}

/// How probabilities are calibrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CalibrationName {
    Isotonic,
    Sigmoid,
}

impl From<CalibrationName> for CalibrationMethod {
    fn from(name: CalibrationName) -> Self {
        match name {
            CalibrationName::Isotonic => Self::Isotonic,
            CalibrationName::Sigmoid => Self::Sigmoid,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Fit {
    /// A table that `adatom table` wrote, or another with the same headers (CSV, also gzipped)
    #[arg(value_name = "TABLE.csv")]
    pub(crate) table: PathBuf,
    /// Target: NAME of a column `target:NAME` or `class:NAME`
    #[arg(long, value_name = "NAME")]
    pub(crate) target: String,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) rows: RowChoice,
    #[command(flatten)]
    pub(crate) validation: ValidationOptions,
    #[command(flatten)]
    pub(crate) forest: ForestOptions,
    /// Seed of splits and forests
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
    /// Write into a folder that is not empty
    #[arg(long)]
    pub(crate) force: bool,
}

/// Rows, columns and target.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rows and columns")]
pub(crate) struct RowChoice {
    /// Predict classes or a number [default: classes if the target is text or few whole numbers]
    #[arg(long, value_parser = target_kind())]
    pub(crate) task: Option<TargetKind>,
    /// Only columns of these modalities [default: all]
    #[arg(long, value_delimiter = ',', value_parser = parse_modality)]
    pub(crate) modalities: Vec<Modality>,
    /// Only rows of these classes
    #[arg(long, value_delimiter = ',', value_name = "CLASS")]
    pub(crate) classes: Vec<String>,
    /// Leave out classes with fewer rows
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) min_class: u32,
    /// Only rows whose target lies between these numbers: LOW,HIGH
    #[arg(long, value_name = "LOW,HIGH", value_parser = parse_range, allow_hyphen_values = true)]
    pub(crate) range: Option<[f64; 2]>,
}

/// How the forest is validated.
#[derive(Debug, Args)]
#[command(next_help_heading = "Validation")]
pub(crate) struct ValidationOptions {
    /// Hold out random rows or whole groups [default: groups if --group is given]
    #[arg(long, value_enum)]
    pub(crate) split: Option<SplitKind>,
    /// The groups: NAME of a column `group:NAME` [default: the only such column, or the coarsest one, whose
    /// groups contain those of all others]
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Option<String>,
    /// Fraction of the rows that is held out for the test
    #[arg(long, value_name = "FRACTION", default_value_t = 0.25)]
    pub(crate) test: f64,
    /// Hold out exactly the rows whose ids are listed in this file, one per line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["test", "split", "group"])]
    pub(crate) test_rows: Option<PathBuf>,
    /// Number of fits with different seeds, for the standard deviation of scores
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(1..=1000)
    )]
    pub(crate) repeats: u32,
    /// Folds of the cross-validation on the training rows
    #[arg(
        long,
        value_name = "K",
        default_value_t = 5,
        value_parser = clap::value_parser!(u32).range(2..=1000)
    )]
    pub(crate) folds: u32,
    /// Choose hyperparameters by cross-validation on the training rows, among the given lists or, without
    /// lists, among 25 to 300 trees and several values of --max-features
    #[arg(long)]
    pub(crate) tune: bool,
    /// Also fit every combination of modalities, with random rows and with whole groups held out, and
    /// cross-validate the loss of score without each modality
    #[arg(long)]
    pub(crate) compare: bool,
    /// Region of an axis whose importance is calculated, NAME=MODALITY:LOW,HIGH; may be repeated [default:
    /// regions around the peaks of the mean spectrum, or of equal length]
    #[arg(long = "region", value_name = "NAME=MODALITY:LOW,HIGH", value_parser = parse_region)]
    pub(crate) regions: Vec<Region>,
    /// Rounds of a test of every column against shuffled copies (as Boruta), to find the columns that are
    /// more important than chance
    #[arg(long, value_name = "ROUNDS", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) shadows: Option<u32>,
    /// Calibrate probabilities on out-of-bag predictions
    #[arg(long, value_enum)]
    pub(crate) calibrate: Option<CalibrationName>,
    /// Save a model fitted to all rows, including the test rows, instead of the tested model
    #[arg(long)]
    pub(crate) final_on_all: bool,
}

/// Hyperparameters of the forest. Lists need --tune.
#[derive(Debug, Args)]
#[command(next_help_heading = "Forest")]
pub(crate) struct ForestOptions {
    /// Number of trees [default: 300]; lists of N need --tune
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = parse_trees)]
    pub(crate) trees: Vec<usize>,
    /// Columns considered at each split: a number, a fraction such as 0.3, sqrt, log2 or all [default: sqrt
    /// for classes, 0.3 for numbers]
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = parse_max_features)]
    pub(crate) max_features: Vec<MaxFeatures>,
    /// Minimum number of rows in a leaf [default: 1]
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub(crate) min_samples_leaf: Vec<usize>,
    /// Maximum depth of a tree [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) max_depth: Option<usize>,
    /// Split criterion [default: gini for classes, squared-error for numbers]
    #[arg(long, value_enum)]
    pub(crate) criterion: Option<CriterionName>,
    /// How classes are weighted
    #[arg(long, value_enum, default_value_t = Weighting::None)]
    pub(crate) class_weight: Weighting,
    /// Extremely randomised trees: random thresholds, no bootstrap
    #[arg(long)]
    pub(crate) extra_trees: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Predict {
    /// A model that `adatom fit` wrote
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,
    /// A table with the columns of the model
    #[arg(value_name = "TABLE.csv")]
    pub(crate) table: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) out: PathBuf,
    /// Nominal coverage of the prediction intervals of numbers
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.9)]
    pub(crate) coverage: f64,
    /// Replace FILE.csv where it exists
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A model that `adatom fit` wrote
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,
    /// A table with the columns of the model
    #[arg(value_name = "TABLE.csv")]
    pub(crate) table: PathBuf,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Only these rows, by their ids [default: all; the report shows the first three]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) rows: Vec<String>,
    /// Explain the probability of this class [default: the predicted class of each row]
    #[arg(long, value_name = "CLASS")]
    pub(crate) class: Option<String>,
    /// Interventional Shapley values relative to the rows of this table [default: path-dependent, relative to
    /// the training rows]
    #[arg(long, value_name = "TABLE.csv")]
    pub(crate) background: Option<PathBuf>,
    /// Write into a folder that is not empty
    #[arg(long)]
    pub(crate) force: bool,
}

impl Fit {
    pub(crate) fn settings(&self) -> FitSettings {
        let (rows, validation, forest) = (&self.rows, &self.validation, &self.forest);
        let mut settings = FitSettings::new(&self.target)
            .modalities(rows.modalities.iter().cloned())
            .test_fraction(validation.test)
            .folds(validation.folds as usize)
            .trees(forest.trees.iter().copied())
            .repeats(validation.repeats as usize)
            .regions(validation.regions.iter().cloned())
            .seed(self.seed);
        settings.samples.kind = rows.task;
        settings.samples.classes.clone_from(&rows.classes);
        settings.samples.min_class_rows = rows.min_class as usize;
        settings.samples.range = rows.range;
        settings.split.held_out = match (&validation.test_rows, validation.split, &validation.group) {
            (Some(file), _, _) => HeldOut::Listed(file.clone()),
            (None, Some(SplitKind::Group), _) | (None, None, Some(_)) => HeldOut::Groups,
            (None, Some(SplitKind::Random), _) | (None, None, None) => HeldOut::Random,
        };
        settings.split.group.clone_from(&validation.group);
        settings.forest.max_features.clone_from(&forest.max_features);
        settings.forest.min_samples_leaf.clone_from(&forest.min_samples_leaf);
        settings.forest.max_depth = forest.max_depth;
        settings.forest.criterion = forest.criterion.map(Into::into);
        settings.forest.class_weight = forest.class_weight.into();
        if forest.extra_trees {
            settings.forest.family = TreeFamily::ExtraTrees;
        }
        settings.forest.tuned = validation.tune;
        settings.calibration = validation.calibrate.map(Into::into);
        settings.compared = validation.compare;
        settings.shadow_rounds = validation.shadows.map(|rounds| rounds as usize);
        settings.final_on_all = validation.final_on_all;
        settings
    }
}

impl Explain {
    pub(crate) fn settings(&self) -> ExplanationSettings {
        let settings = ExplanationSettings::default().rows(self.rows.iter().cloned());
        match &self.class {
            Some(class) => settings.class(class),
            None => settings,
        }
    }
}

fn parse_modality(text: &str) -> Result<Modality, String> {
    text.trim().parse().map_err(|_| format!("`{text}` is not a modality"))
}

fn parse_max_features(text: &str) -> Result<MaxFeatures, String> {
    match text.trim() {
        "all" => Ok(MaxFeatures::All),
        "sqrt" => Ok(MaxFeatures::Sqrt),
        "log2" => Ok(MaxFeatures::Log2),
        text => match (text.parse::<usize>(), text.parse::<f64>()) {
            (Ok(count), _) if count > 0 => Ok(MaxFeatures::Count(count)),
            (Err(_), Ok(part)) if part > 0.0 && part <= 1.0 => Ok(MaxFeatures::Fraction(part)),
            _ => Err(format!("`{text}` is not a number of columns, a fraction, sqrt, log2 or all")),
        },
    }
}

fn parse_region(text: &str) -> Result<Region, String> {
    let unlike = || format!("`{text}` does not have the form `edge=xanes:8988,8996`");
    let (name, rest) = text.split_once('=').ok_or_else(unlike)?;
    let (modality, range) = rest.split_once(':').ok_or_else(unlike)?;
    let [low, high] = parse_range(range)?;
    if name.trim().is_empty() {
        return Err(unlike());
    }
    Region::new(name.trim(), parse_modality(modality)?, low, high).map_err(|error| error.to_string())
}

/// More trees than this are taken for a typing error.
const MOST_TREES: usize = 100_000;

fn parse_trees(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(trees) if (1..=MOST_TREES).contains(&trees) => Ok(trees),
        _ => Err(format!("`{text}` is not a number of trees from 1 to {MOST_TREES}")),
    }
}

fn parse_range(text: &str) -> Result<[f64; 2], String> {
    let parts: Vec<f64> = text.split(',').map_while(|part| part.trim().parse().ok()).collect();
    match parts[..] {
        [low, high] if low < high => Ok([low, high]),
        _ => Err(format!("`{text}` must be two numbers LOW,HIGH with LOW < HIGH")),
    }
}
