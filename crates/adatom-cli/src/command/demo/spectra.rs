//! The half of the spectra: generated oxides of iron whose labels are known, and whose spectra say where these stand.

use adatom::core::{FeatureTable, Modality};
use adatom::interpret::Region;
use adatom::synthetic::{SyntheticOxide, XanesModel};
use clap::Parser;
use serde_json::{Map, Value, json};

use super::materials;
use super::page;
use super::planted::{Found, Question, SCORES, ask, questions, regions, spread, with_model};
use crate::args::{Arguments, Command, Demo};
use crate::command::fit;
use crate::error::CliError;
use crate::say::tell;
use adatom::pipeline::output::OutputFolder;

/// What differs between the quick and the full demonstration.
struct Size {
    materials: usize,
    trees: usize,
    repeats: usize,
    folds: usize,
}

const FULL: Size = Size { materials: 1000, trees: 200, repeats: 5, folds: 5 };
const QUICK: Size = Size { materials: 240, trees: 60, repeats: 2, folds: 2 };

/// The target of the fit, and the folder of its results.
const TARGET: &str = "coordination_number";

/// An answered question: with the model as it is, and without what plants the target.
pub(super) struct Answer {
    pub(super) question: Question,
    pub(super) found: Found,
    pub(super) without: Option<(&'static str, Found)>,
}

/// All that the page shows.
pub(super) struct Half {
    pub(super) oxides: Vec<SyntheticOxide>,
    pub(super) table: FeatureTable,
    pub(super) answers: Vec<Answer>,
    /// `metrics.json` of the fit.
    pub(super) fit: Value,
    /// The commands that make the table and the fit again.
    pub(super) commands: [String; 2],
}

/// Writes everything, and returns numbers for `metrics.json` with the lines to print.
pub(super) fn run(command: &Demo, folder: &OutputFolder) -> Result<(Value, Vec<String>), CliError> {
    let size = if command.quick { QUICK } else { FULL };
    let model = XanesModel::default();
    let oxides = materials::generate(size.materials, command.seed)?;
    tell(format_args!("{} oxides of {}", oxides.len(), materials::ELEMENT));
    materials::write(folder, &oxides, &model)?;
    let table = materials::table(folder)?;
    let words = fit_words(folder, &size, command.seed);
    match Arguments::try_parse_from(&words).expect("these are arguments of fit").command {
        Command::Fit(fit) => fit::quietly(&fit)?,
        _ => unreachable!("fit is what was asked for"),
    }
    let metrics = folder.file(&format!("{TARGET}/metrics.json"));
    let text = std::fs::read_to_string(&metrics).map_err(CliError::file(&metrics))?;
    let fit = serde_json::from_str(&text).expect("the fit has just written it");
    let mut answers = Vec::new();
    for question in questions(&model) {
        answers.push(answer(question, (&oxides, &model, &table), (size.trees, command.seed))?);
    }
    let commands = [materials::table_words(folder), words].map(|words| words.join(" "));
    let half = Half { oxides, table, answers, fit, commands };
    page::save(folder, &half)?;
    Ok((half.numbers()?, half.lines(folder)))
}

fn fit_words(folder: &OutputFolder, size: &Size, seed: u64) -> Vec<String> {
    let file = |name: &str| folder.file(name).display().to_string();
    let mut words = vec!["adatom".into(), "fit".into(), file(materials::TABLE)];
    for (option, value) in [
        ("--target", TARGET.to_owned()),
        ("--out", file(TARGET)),
        ("--group", "formula".into()),
        ("--trees", size.trees.to_string()),
        ("--repeats", size.repeats.to_string()),
        ("--folds", size.folds.to_string()),
        ("--seed", seed.to_string()),
    ] {
        words.extend([option.to_owned(), value]);
    }
    words.extend(["--compare", "--force"].map(String::from));
    words
}

fn answer(
    question: Question,
    (oxides, model, table): (&[SyntheticOxide], &XanesModel, &FeatureTable),
    how: (usize, u64),
) -> Result<Answer, CliError> {
    let regions = regions(oxides, model, table, &question.modality)?;
    let found = ask(&question, table, &regions, how)?;
    let without = match &question.without {
        None => None,
        Some((what, model)) => {
            let changed = with_model(table, oxides, model)?;
            Some((*what, ask(&question, &changed, &regions, how)?))
        }
    };
    Ok(Answer { question, found, without })
}

impl Answer {
    /// The score is a balanced accuracy of classes and R² of numbers.
    pub(super) fn score(&self) -> &'static str {
        SCORES[usize::from(self.question.modality != Modality::Xanes)]
    }

    fn numbers(&self) -> Value {
        let Self { question, found, without } = self;
        let lost = found.lost();
        let rank = |measure: &[f64]| found.rank(question.planted, measure);
        let regions: Vec<Value> = (found.regions.iter().enumerate())
            .map(|(at, region)| {
                json!({
                    "name": region.name(),
                    "from": region.range().0,
                    "to": region.range().1,
                    "lost_by_exchange": lost[at],
                    "impurity": found.impurity[at],
                    "shap": found.shap[at],
                    "lost_without_effect": without.as_ref().map(|(_, found)| found.lost()[at]),
                })
            })
            .collect();
        json!({
            "modality": question.modality.to_string(),
            "score_name": self.score(),
            "score": found.score,
            "score_without_effect": without.as_ref().map(|(_, found)| found.score),
            "planted": question.planted,
            "rank": { "exchange": rank(&lost), "impurity": rank(&found.impurity), "shap": rank(&found.shap) },
            "regions": regions,
        })
    }
}

impl Half {
    fn numbers(&self) -> Result<Value, CliError> {
        let planted: Map<_, _> = (self.answers.iter())
            .map(|answer| (answer.question.target.to_owned(), answer.numbers()))
            .collect();
        Ok(json!({
            "element": materials::ELEMENT,
            "materials": self.oxides.len(),
            "coordination_numbers": spread(&self.table, TARGET)?,
            "fit": { "target": TARGET, "scores": self.fit["scores"], "comparison": self.fit["comparison"] },
            "planted": planted,
        }))
    }

    fn lines(&self, folder: &OutputFolder) -> Vec<String> {
        let mut lines = vec![format!(
            "{:<20} {:<6} {:>24}  {:<12} {:>18} {:>5}",
            "planted and found", "from", "score", "planted in", "lost by exchange", "rank"
        )];
        for answer in &self.answers {
            let Answer { question, found, .. } = answer;
            let lost = found.lost();
            let at = found.regions.iter().position(|region: &Region| region.name() == question.planted);
            lines.push(format!(
                "{:<20} {:<6} {:>24}  {:<12} {:>18.3} {:>5}",
                question.target.replace('_', " "),
                question.modality.to_string(),
                format!("{} {:.3}", answer.score(), found.score),
                question.planted,
                at.map_or(f64::NAN, |at| lost[at]),
                found.rank(question.planted, &lost),
            ));
        }
        lines.push(format!("report: {}", folder.file(page::REPORT).display()));
        lines
    }
}
