//! `adatom fit`: a forest is tuned, tested and explained on a table.

use adatom::core::FeatureTable;
use adatom::pipeline::output::OutputFolder;
use adatom::pipeline::spectra::Study;
use adatom::pipeline::spectra::fit::{Holdout, ReportContext, Samples};
use serde_json::json;

use crate::args::{Fit, existing};
use crate::command_line;
use crate::error::CliError;
use crate::progress::Terminal;
use crate::terminal::{note, print_line};

pub(crate) fn run(command: &Fit, as_json: bool) -> Result<(), CliError> {
    let settings = command.settings();
    let table = FeatureTable::load(&command.table)?;
    let terminal = Terminal::new();
    let samples = Samples::select(&table, &settings, &terminal)?;
    let folder = OutputFolder::prepare(&command.out, existing(command.force))?;
    Study::check_folder(&folder, &command.table)?;
    if !as_json {
        print_samples(&samples);
    }
    let study = Study::of(samples, &settings, &terminal)?;
    drop(terminal);
    let context = ReportContext::new(command.table.display().to_string()).command(command_line::given());
    study.save(&folder, &context)?;
    if as_json {
        print_json(&study, &folder);
    } else {
        print_study(&study, &folder);
    }
    Ok(())
}

/// On standard error, as everything that is printed before the results.
fn print_samples(samples: &Samples) {
    for left_out in &samples.left_out {
        let rows = if left_out.rows == 1 { "1 row".to_owned() } else { format!("{} rows", left_out.rows) };
        note(format_args!("{rows} left out: {}", left_out.reason));
    }
    note(format_args!("{} rows, columns: {}", samples.table.len(), samples.column_counts()));
    if let Some(classes) = samples.class_counts() {
        note(format_args!("classes of {}: {classes}", samples.target_name));
    }
}

fn print_json(study: &Study, folder: &OutputFolder) {
    let line = json!({
        "path": folder.file(Study::METRICS).display().to_string(),
        "target": study.samples.target_name,
        "n_train": study.tuning.split.train.len(),
        "n_test": study.tuning.split.test.len(),
        "params": study.tuning.params,
        "scores": study.scores_json(),
    });
    print_line(format_args!("{line}"));
}

fn print_study(study: &Study, folder: &OutputFolder) {
    let groups = match &study.samples.holdout {
        Holdout::Listed(_) => " (as listed)".to_owned(),
        Holdout::Groups(groups) => format!(" (whole groups of {})", groups.name),
        Holdout::Random => String::new(),
    };
    let (train, test) = (study.tuning.split.train.len(), study.tuning.split.test.len());
    print_line(format_args!("{train} training rows, {test} test rows{groups}"));
    let params = &study.tuning.params;
    let columns = params.get_max_features().map_or_else(String::new, |columns| {
        format!(", {} columns per split", columns.of(study.samples.table.columns().len()))
    });
    let tuned = if study.tuning.search.is_some() { ", chosen by cross-validation" } else { "" };
    print_line(format_args!("{} trees{columns}{tuned}", params.get_trees()));
    if study.settings.final_on_all {
        print_line(format_args!(
            "the saved model is fitted to all rows; the scores below are those of the tested forests"
        ));
    }
    print_scores(study);
    print_importance(study);
    print_comparison(study);
    let report = folder.file(Study::REPORT);
    let files = [Study::MODEL, Study::PREDICTIONS, Study::IMPORTANCE, Study::REGIONS, Study::METRICS];
    print_line(format_args!("\nreport: {}; with {}, {}", report.display(), files.join(", "), Study::FIGURES));
}

fn print_scores(study: &Study) {
    print_line(format_args!("\n{:<20} {:>9} {:>9} {:>9} {:>10}", "", "test", "+-", "cross-val.", "baseline"));
    let or_blank = |number: Option<f64>| number.map_or_else(String::new, |number| format!("{number:.4}"));
    for score in &study.tested.scores {
        let folds = study.tuning.validation.score(&score.name).and_then(|scores| scores.mean());
        print_line(format_args!(
            "{:<20} {:>9.4} {:>9} {:>9} {:>10}",
            score.name,
            score.mean().unwrap_or(f64::NAN),
            or_blank(score.standard_deviation()),
            or_blank(folds),
            or_blank(score.baseline),
        ));
    }
    if let Some(classes) = &study.tested.classes {
        print_line(format_args!("\n{}", classes.report));
    }
}

fn print_importance(study: &Study) {
    let importance = &study.importance;
    let score = importance.permutation.as_ref().map_or("score", |found| &found.score);
    let permutation = format!("permutation ({score})");
    print_line(format_args!(
        "{:<12} {:>22} {permutation:>28} {:>14}",
        "", "impurity importance", "Shapley share"
    ));
    for found in importance.by_modality() {
        let lost = found.permutation.map_or_else(String::new, |permutation| {
            format!("{:.4} +- {:.4}", permutation.mean, permutation.spread)
        });
        let [mean, spread] = [found.impurity.mean, found.impurity.spread].map(|part| 100.0 * part);
        let impurity = match importance.impurity.values().nrows() {
            1 => format!("{mean:.1} %"),
            _ => format!("{mean:.1} % +- {spread:.1}"),
        };
        print_line(format_args!(
            "{:<12} {impurity:>22} {lost:>28} {:>12.1} %",
            found.modality,
            100.0 * found.shap
        ));
    }
}

fn print_comparison(study: &Study) {
    let Some(rows) = study.comparison.table("+-") else { return };
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    print_line(format_args!(""));
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
        print_line(format_args!("{}", cells.collect::<Vec<_>>().join("  ").trim_end()));
    }
}
