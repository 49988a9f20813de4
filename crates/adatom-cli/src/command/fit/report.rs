//! The report of a fit: one page that can be sent to a colleague.

use adatom::forest::Model;
use adatom::forest::ndarray::{ArrayView1, Axis};
use adatom::interpret::{AgreementFigure, BarFigure, CurveFigure, CurvePanel, Report, Section, Table};

use super::choice::{Chosen, Wanted};
use super::compare::Comparison;
use super::importance::EXPLAINED;
use super::trial::Trial;
use super::write::shares;
use crate::args::Fit;
use crate::command::explain::axis;
use crate::error::CliError;
use crate::folder::OutputFolder;

pub(super) const REPORT: &str = "report.html";

/// Samples that are shown as the worst.
const WORST: usize = 10;

pub(super) fn save(
    folder: &OutputFolder,
    chosen: &Chosen,
    (trial, comparison): (&Trial, &Comparison),
    command: &Fit,
) -> Result<(), CliError> {
    let kind = if matches!(chosen.wanted, Wanted::Classes(_)) { "classes" } else { "numbers" };
    let mut report = Report::new(format!("{} from {}", chosen.target(), names(chosen).join(" and ")))
        .subtitle(format!("{}: a forest that predicts {kind}", command.table.display()))
        .card("rows", chosen.table.len().to_string(), "")
        .card("held out", trial.split.test.len().to_string(), "");
    for scored in trial.scores.iter().take(3) {
        report = report.card(scored.name.replace('_', " "), format!("{:.3}", scored.mean()), "");
    }
    if chosen.groups.is_none() && chosen.table.groups().next().is_some() {
        report = report.warning(
            "The rows held out were drawn at random, although the table knows groups. Near-duplicates may stand on both \
             sides; --split group holds out whole groups.",
        );
    }
    if command.trial.final_on_all {
        report = report.warning("The model that was saved is fitted to all rows; the scores are those of forests that had not seen the rows held out.");
    }
    report = report.section(data(chosen, trial)).section(scores(trial));
    if let Some((header, rows)) = comparison.table() {
        let mut table = Table::new(header);
        for row in rows {
            table = table.row(row);
        }
        let text = "Every combination of modalities with the same parameters, and both ways to hold out rows: whole groups \
                    are the honest one where rows of a group resemble each other.";
        report = report.section(Section::new("Modalities alone and together").paragraph(text).table(table));
    }
    report = report.section(predictions(chosen, trial)?).section(modalities(trial));
    report = report.section(along_axes(chosen, trial)?);
    if let Some(section) = regions(trial) {
        report = report.section(section);
    }
    report = report.section(worst(chosen, trial)?).section(again(trial, command));
    report.save(folder.file(REPORT))?;
    Ok(())
}

fn names(chosen: &Chosen) -> Vec<String> {
    chosen.table.modalities().iter().map(ToString::to_string).collect()
}

fn data(chosen: &Chosen, trial: &Trial) -> Section {
    let mut section = Section::new("Data");
    let split = match &chosen.groups {
        Some((name, _)) => format!("whole groups: no {name} stands on both sides"),
        None => "at random".to_owned(),
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
    if let Wanted::Classes(labels) = &chosen.wanted {
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

fn scores(trial: &Trial) -> Section {
    let repeats = trial.scores.first().map_or(0, |scored| scored.values.len());
    let mut table =
        Table::new(["score", "rows held out", "over seeds", "folds of training rows", "without looking"]);
    for scored in &trial.scores {
        let or_blank = |number: Option<f64>| number.map_or_else(String::new, |number| format!("{number:.4}"));
        let folds = trial.validation.score(&scored.name).and_then(|scores| scores.mean());
        table = table.row([
            scored.name.replace('_', " "),
            format!("{:.4}", scored.mean()),
            scored.deviation().map_or_else(String::new, |deviation| format!("+- {deviation:.4}")),
            or_blank(folds),
            or_blank(scored.baseline),
        ]);
    }
    let mut section = Section::new("Scores")
        .paragraph(format!(
            "Mean and standard deviation of {repeats} forests that differ in their seed alone; \"without looking\" is the \
             answer that knows the training rows' shares of classes, or their mean, and nothing else."
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

fn predictions(chosen: &Chosen, trial: &Trial) -> Result<Section, CliError> {
    let section = Section::new("Predictions of the rows held out");
    if let Some((confusion, _)) = &trial.confusion {
        let header = ["true, predicted".to_owned()].into_iter().chain(confusion.names.iter().cloned());
        let mut table = Table::new(header);
        for (name, row) in confusion.names.iter().zip(confusion.counts.rows()) {
            table = table.row([name.clone()].into_iter().chain(row.iter().map(usize::to_string)));
        }
        return Ok(section.table(table));
    }
    let Wanted::Numbers(values) = &chosen.wanted else { return Ok(section) };
    let truth = values.select(Axis(0), &trial.split.test).to_vec();
    let predicted = trial.answers.column(0).to_vec();
    let figure = AgreementFigure::new(&truth, &predicted)?.labels("true", "predicted");
    let mut section =
        section.figure(&figure, "Predicted against true values.", "predicted against true values");
    if let Model::Regressor(model) = &trial.model {
        let rows = chosen.table.features().select(Axis(0), &trial.split.test);
        let ends = model.intervals(rows.view(), 0.9)?;
        let inside = |(truth, ends): (&f64, ArrayView1<'_, f64>)| (ends[0]..=ends[1]).contains(truth);
        let held = truth.iter().zip(ends.rows()).filter(|(truth, ends)| inside((truth, *ends))).count();
        let part = 100.0 * held as f64 / truth.len() as f64;
        section = section
            .paragraph(format!("Intervals that should hold 90 % of the true values hold {part:.0} %."));
    }
    Ok(section)
}

fn modalities(trial: &Trial) -> Section {
    let mut figure = BarFigure::new("share of the impurity importance (%)");
    let lost = trial.importance.permutation.as_ref().map_or("score", |found| &found.score).replace('_', " ");
    let mut table = Table::new([
        "modality".to_owned(),
        "impurity".to_owned(),
        format!("{lost} worse by exchange"),
        "Shapley share".to_owned(),
    ]);
    for share in shares(trial) {
        let [mean, spread] = share.impurity.map(|part| 100.0 * part);
        figure = figure.bar(share.modality.clone(), mean, format!("+- {spread:.1}"));
        let exchange =
            share.permutation.map_or_else(String::new, |[mean, spread]| format!("{mean:.4} +- {spread:.4}"));
        table = table.row([
            share.modality,
            format!("{mean:.1} % +- {spread:.1}"),
            exchange,
            format!("{:.1} %", 100.0 * share.shap),
        ]);
    }
    let caption = "Bars: share of the decrease of impurity, mean over the seeds.";
    Section::new("Which modality decided")
        .paragraph(
            "Impurity importance is counted on the training rows and favours columns with many distinct values; exchange \
             of all columns of a modality among the rows held out shows what cannot be had from the others; the Shapley \
             share divides the answer's distance from the mean among modalities as wholes.",
        )
        .figure(&figure, caption, "share of each modality")
        .table(table)
}

/// The mean spectra of every class, or of the lower and upper half, beside the importances on the same axis.
fn along_axes(chosen: &Chosen, trial: &Trial) -> Result<Section, CliError> {
    let mut section = Section::new("Which part of it").paragraph(format!(
        "Mean spectra beside the importance of every column, on the axis of the measurement: share of the decrease of \
         impurity, and mean |Shapley value| of {} rows held out, scaled to the same sum.",
        trial.split.test.len().min(EXPLAINED)
    ));
    let sets = sets(chosen, trial);
    let (impurity, shap) = (trial.importance.impurity.mean(), trial.importance.shap.mean());
    let scale = if shap.sum() > 0.0 { 1.0 / shap.sum() } else { 0.0 };
    for modality in chosen.table.modalities() {
        let plain: Vec<usize> = (chosen.table.columns_of(&modality).into_iter())
            .filter(|&column| chosen.table.columns()[column].quantity().is_none())
            .collect();
        if plain.len() < 2 {
            continue;
        }
        let x: Vec<f64> = plain.iter().map(|&column| chosen.table.columns()[column].axis()).collect();
        let mut spectra = CurvePanel::new(format!("mean {modality}")).x_label(axis(&modality)).all_values();
        for (name, rows) in sets.iter().take(6).filter(|(_, rows)| !rows.is_empty()) {
            let part = chosen.table.features().select(Axis(0), rows);
            let mean = part.mean_axis(Axis(0)).expect("there are rows");
            let y: Vec<f64> = plain.iter().map(|&column| mean[column]).collect();
            spectra = spectra.series(name, &x, &y)?;
        }
        let of =
            |values: &dyn Fn(usize) -> f64| plain.iter().map(|&column| values(column)).collect::<Vec<f64>>();
        let importance = CurvePanel::new("importance")
            .x_label(axis(&modality))
            .all_values()
            .series("impurity", &x, &of(&|column| impurity[column]))?
            .series("Shapley", &x, &of(&|column| scale * shap[column]))?;
        let figure = CurveFigure::new(vec![spectra, importance])?;
        section = section.figure(
            &figure,
            format!("{modality}: mean spectra and importance."),
            "mean spectra and importance",
        );
    }
    Ok(section)
}

/// Rows of every class, or of the lower and the upper half.
fn sets(chosen: &Chosen, _: &Trial) -> Vec<(String, Vec<usize>)> {
    let rows = 0..chosen.table.len();
    match &chosen.wanted {
        Wanted::Classes(labels) => (labels.names.iter().enumerate())
            .map(|(code, name)| {
                (name.clone(), rows.clone().filter(|&row| labels.codes[row] == code).collect())
            })
            .collect(),
        Wanted::Numbers(values) => {
            let mut sorted = values.to_vec();
            sorted.sort_by(f64::total_cmp);
            let middle = sorted[sorted.len() / 2];
            let (low, high) = rows.partition(|&row| values[row] < middle);
            vec![(format!("below {middle:.3}"), low), (format!("{middle:.3} and above"), high)]
        }
    }
}

fn regions(trial: &Trial) -> Option<Section> {
    let found = trial.importance.permutation.as_ref()?;
    let regions = found.regions.as_ref()?;
    let mut order: Vec<usize> = (0..regions.names().len()).collect();
    let (mean, spread) = (regions.mean(), regions.spread());
    order.sort_by(|&left, &right| mean[right].total_cmp(&mean[left]));
    let mut figure = BarFigure::new(format!("{} worse by exchange", found.score.replace('_', " ")));
    for &region in order.iter().take(12) {
        figure =
            figure.bar(regions.names()[region].clone(), mean[region], format!("+- {:.4}", spread[region]));
    }
    let text = "All columns around a peak of the mean spectrum are exchanged among the rows held out at once, so that \
                neighbours that say the same cannot hide each other. Regions are named by the place of their peak.";
    let caption = "Regions whose exchange costs most.";
    Some(Section::new("Regions").paragraph(text).figure(&figure, caption, "loss by region"))
}

/// The samples on which the forest was most wrong.
fn worst(chosen: &Chosen, trial: &Trial) -> Result<Section, CliError> {
    let test = &trial.split.test;
    let mut wrong: Vec<(usize, f64, [String; 2])> = (test.iter().enumerate())
        .filter_map(|(place, &row)| {
            let answer = trial.answers.row(place);
            match &chosen.wanted {
                Wanted::Numbers(values) => {
                    let texts = [format!("{:.4}", values[row]), format!("{:.4}", answer[0])];
                    Some((row, (values[row] - answer[0]).abs(), texts))
                }
                Wanted::Classes(labels) => {
                    let best = adatom::forest::most_probable(answer.insert_axis(Axis(0)))[0];
                    let texts = [labels.codes[row], best].map(|code| labels.names[code].clone());
                    (best != labels.codes[row]).then(|| (row, 1.0 - answer[labels.codes[row]], texts))
                }
            }
        })
        .collect();
    wrong.sort_by(|left, right| right.1.total_cmp(&left.1));
    let classes = matches!(chosen.wanted, Wanted::Classes(_));
    let mut table = Table::new([
        "sample",
        "true",
        "predicted",
        if classes { "1 - probability of the truth" } else { "error" },
    ]);
    for (row, size, [truth, predicted]) in wrong.iter().take(WORST) {
        table = table.row([
            chosen.table.ids()[*row].clone(),
            truth.clone(),
            predicted.clone(),
            format!("{size:.3}"),
        ]);
    }
    let mut section = Section::new("Most wrong")
        .paragraph("Of the rows held out; look at their spectra and labels.")
        .table(table);
    for modality in chosen.table.modalities() {
        let columns = chosen.table.columns_of(&modality);
        if columns.len() < 2 || wrong.is_empty() {
            continue;
        }
        let x: Vec<f64> = columns.iter().map(|&column| chosen.table.columns()[column].axis()).collect();
        let mut panel = CurvePanel::new(modality.to_string()).x_label(axis(&modality)).all_values();
        for (row, ..) in wrong.iter().take(3) {
            let y: Vec<f64> = columns.iter().map(|&column| chosen.table.features()[[*row, column]]).collect();
            panel = panel.series(chosen.table.ids()[*row].clone(), &x, &y)?;
        }
        let caption = format!("{modality} of the most wrong.");
        section = section.figure(&CurveFigure::new(vec![panel])?, caption, "spectra of the most wrong");
    }
    Ok(section)
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
