//! The report of a fit: one page that can be sent to a colleague.

mod decided;
mod predictions;

use adatom::core::Target;
use adatom::interpret::{Report, Section, Table};

use super::choice::Chosen;
use super::compare::Comparison;
use super::pictures::Pictures;
use super::trial::Trial;
use crate::args::Fit;
use crate::error::CliError;
use adatom::pipeline::output::OutputFolder;

pub(super) const REPORT: &str = "report.html";

pub(super) fn save(
    folder: &OutputFolder,
    chosen: &Chosen,
    (trial, comparison): (&Trial, &Comparison),
    command: &Fit,
) -> Result<(), CliError> {
    let kind = if matches!(chosen.wanted, Target::Classes(_)) { "classes" } else { "numbers" };
    let mut report = Report::new(format!("{} from {}", chosen.target(), names(chosen).join(" and ")))
        .subtitle(format!("{}: a forest that predicts {kind}", command.table.display()))
        .card("rows", chosen.table.len().to_string(), "")
        .card("held out", trial.split.test.len().to_string(), "");
    for scored in trial.scores.iter().take(3) {
        report = report.card(
            scored.name.replace('_', " "),
            format!("{:.3}", scored.mean().unwrap_or(f64::NAN)),
            "",
        );
    }
    if chosen.listed.is_none() && chosen.groups.is_none() && chosen.table.groups().next().is_some() {
        report = report.warning(
            "The rows held out were drawn at random, although the table knows groups. Near-duplicates may stand on both \
             sides; --split group holds out whole groups.",
        );
    }
    if command.trial.final_on_all {
        report = report.warning("The model that was saved is fitted to all rows; the scores are those of forests that had not seen the rows held out.");
    }
    report = report.section(data(chosen, trial)).section(scores(trial, command));
    let pictures = Pictures::new(folder)?;
    if let Some(section) = held_out_otherwise(chosen, comparison) {
        report = report.section(section);
    }
    for section in predictions::sections(chosen, (trial, command), &pictures)? {
        report = report.section(section);
    }
    for section in decided::sections(chosen, (trial, comparison), &pictures)? {
        report = report.section(section);
    }
    report = report.section(predictions::worst(chosen, trial)?).section(again(trial, command));
    report.save(folder.file(REPORT))?;
    Ok(())
}

fn names(chosen: &Chosen) -> Vec<String> {
    chosen.table.modalities().iter().map(ToString::to_string).collect()
}

fn data(chosen: &Chosen, trial: &Trial) -> Section {
    let mut section = Section::new("Data");
    let split = match (&chosen.listed, &chosen.groups) {
        (Some(_), _) => "as listed".to_owned(),
        (None, Some((name, _))) => format!("whole groups: no {name} stands on both sides"),
        (None, None) => "at random".to_owned(),
    };
    let (train, test) = (trial.split.train.len(), trial.split.test.len());
    section = section.paragraph(format!("{train} rows to learn from, {test} held out, {split}."));
    let mut table = Table::new(["modality", "columns", "axis"]);
    for modality in chosen.table.modalities() {
        let columns = chosen.table.columns_of(&modality);
        let axis = |at: usize| chosen.table.columns()[columns[at]].axis();
        let unit = modality.unit().unwrap_or("");
        let range = format!("{:.3} to {:.3} {unit}", axis(0), axis(columns.len() - 1));
        table = table.row([modality.to_string(), columns.len().to_string(), range]);
    }
    section = section.table(table);
    if let Target::Classes(labels) = &chosen.wanted {
        let (train, test) = (labels.select(&trial.split.train), labels.select(&trial.split.test));
        let mut table = Table::new(["class", "rows", "to learn from", "held out"]);
        for (index, name) in labels.names.iter().enumerate() {
            let counts = [labels.counts[index], train.counts[index], test.counts[index]]
                .map(|count| count.to_string());
            table = table.row([name.clone()].into_iter().chain(counts));
        }
        section = section.table(table);
    }
    for (rows, reason) in &chosen.left_out {
        section = section.paragraph(format!("{rows} rows were left out: {reason}."));
    }
    section
}

fn scores(trial: &Trial, command: &Fit) -> Section {
    let repeats = trial.scores.first().map_or(0, |scored| scored.values.len());
    let mut table =
        Table::new(["score", "rows held out", "over seeds", "folds of training rows", "without looking"]);
    for scored in &trial.scores {
        let or_blank = |number: Option<f64>| number.map_or_else(String::new, |number| format!("{number:.4}"));
        let folds = trial.validation.score(&scored.name).and_then(|scores| scores.mean());
        table = table.row([
            scored.name.replace('_', " "),
            format!("{:.4}", scored.mean().unwrap_or(f64::NAN)),
            scored.standard_deviation().map_or_else(String::new, |deviation| format!("± {deviation:.4}")),
            or_blank(folds),
            or_blank(scored.baseline),
        ]);
    }
    let mut section = Section::new("Scores")
        .paragraph(format!(
            "Mean and standard deviation of {repeats} forests that differ in their seed alone; \"without looking\" is the \
             answer that knows the training rows' shares of classes, or their mean, and nothing else.{}",
            match command.trial.calibrate {
                Some(_) => " Forests of the folds are not calibrated.",
                None => "",
            }
        ))
        .table(table);
    if let Some((_, report)) = &trial.confusion {
        let mut table = Table::new(["class", "precision", "recall", "F1", "rows held out"]);
        for class in &report.classes {
            let numbers = [class.precision, class.recall, class.f1].map(|number| format!("{number:.3}"));
            table =
                table.row([class.name.clone()].into_iter().chain(numbers).chain([class.rows.to_string()]));
        }
        section = section.table(table);
    }
    if let Some(search) = &trial.search {
        let score = &search.best().validation.scores[0].name;
        section = section.paragraph(format!(
            "Parameters are the best of {} by {} in the folds of the training rows.",
            search.candidates.len(),
            score.replace('_', " ")
        ));
    }
    section
}

/// Scores with other rows held out, and of fewer modalities.
fn held_out_otherwise(chosen: &Chosen, comparison: &Comparison) -> Option<Section> {
    let (header, rows) = comparison.table("±")?;
    let mut table = Table::new(header);
    for row in rows {
        table = table.row(row);
    }
    let (heading, text) = match chosen.table.modalities().len() {
        count if count > 1 && comparison.without.is_some() => {
            ("Modalities alone and together", "Every combination of modalities with the same parameters.")
        }
        _ => ("Random rows and whole groups held out", "The same parameters, tested on other rows."),
    };
    let groups =
        "Where rows of a group resemble each other, whole groups are the honest way to hold out rows.";
    Some(Section::new(heading).paragraph(format!("{text} {groups}")).table(table))
}

fn again(trial: &Trial, command: &Fit) -> Section {
    let params = serde_json::to_string(&trial.params).unwrap_or_default();
    let mut words = vec!["adatom".to_owned()];
    words.extend(
        std::env::args().skip(1).map(|word| if word.contains(' ') { format!("\"{word}\"") } else { word }),
    );
    Section::new("To do it again")
        .code("The command; the same seed gives the same files.", words.join(" "))
        .code("Parameters of the forest.", params)
        .paragraph(format!("Seed {}, adatom {}.", command.seed, env!("CARGO_PKG_VERSION")))
}
