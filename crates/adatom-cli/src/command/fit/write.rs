//! The files of a fit, and what is printed.

use adatom::core::Target;
use adatom::forest::Model;
use adatom::interpret::CoalitionScores;
use serde_json::{Map, Value, json};

use super::choice::Chosen;
use super::compare::Comparison;
use super::importance::regions;
use super::learning::LEVEL;
use super::pictures::FIGURES;
use super::trial::{Trial, on_all_rows};
use crate::args::Fit;
use crate::error::CliError;
use crate::say::say;
use adatom::pipeline::output::{OutputFolder, write_records};

pub(super) const MODEL: &str = "model.safetensors";
pub(super) const PREDICTIONS: &str = "predictions.csv";
pub(super) const IMPORTANCE: &str = "importance.csv";
pub(super) const REGIONS: &str = "regions.csv";
pub(super) const METRICS: &str = "metrics.json";

pub(super) fn all(
    folder: &OutputFolder,
    chosen: &Chosen,
    (trial, comparison): (&Trial, &Comparison),
    command: &Fit,
) -> Result<(), CliError> {
    let model =
        if command.trial.final_on_all { on_all_rows(chosen, trial, command)? } else { trial.model.clone() };
    model.of_table(&chosen.table, chosen.target()).save(folder.file(MODEL))?;
    write_records(&folder.file(PREDICTIONS), &predictions(chosen, trial)?)?;
    write_records(&folder.file(IMPORTANCE), &importance(chosen, trial))?;
    write_records(&folder.file(REGIONS), &of_regions(chosen, trial)?)?;
    let metrics = serde_json::to_string_pretty(&metrics(chosen, (trial, comparison), command)?)
        .map_err(std::io::Error::from);
    let metrics = metrics.map_err(CliError::file(&folder.file(METRICS)))?;
    Ok(folder.write_text(METRICS, &(metrics + "\n"))?)
}

/// Rows held out, and training rows by the trees that did not draw them.
fn predictions(chosen: &Chosen, trial: &Trial) -> Result<Vec<Vec<String>>, CliError> {
    let ids = chosen.table.ids();
    let features = chosen.table.features();
    let train = features.select(adatom::forest::ndarray::Axis(0), &trial.split.train);
    let left_out = trial.model.forest().out_of_bag(train.view()).ok();
    let mut header: Vec<String> = ["id", "set", "truth", "prediction"].map(String::from).to_vec();
    match &chosen.wanted {
        Target::Classes(labels) => {
            header.extend(labels.names.iter().map(|name| format!("probability:{name}")))
        }
        Target::Numbers(_) => header.extend(["lower", "upper"].map(String::from)),
    }
    let mut records = vec![header];
    let intervals = match &trial.model {
        Model::Regressor(model) => {
            let test = features.select(adatom::forest::ndarray::Axis(0), &trial.split.test);
            Some(model.intervals(test.view(), 0.9)?)
        }
        Model::Classifier(_) => None,
    };
    for (place, &row) in trial.split.test.iter().enumerate() {
        let mut record = vec![ids[row].clone(), "test".into()];
        record.extend(answer(chosen, row, &trial.answers.row(place).to_vec()));
        if let Some(intervals) = &intervals {
            record.extend(intervals.row(place).iter().map(f64::to_string));
        }
        records.push(record);
    }
    if let Some(left_out) = left_out {
        let answers = match &trial.model {
            Model::Classifier(model) => match model.calibration() {
                Some(calibration) => calibration.apply(left_out.answers())?,
                None => left_out.answers().to_owned(),
            },
            Model::Regressor(_) => left_out.answers().to_owned(),
        };
        for place in left_out.covered() {
            let row = trial.split.train[place];
            let mut record = vec![ids[row].clone(), "out-of-bag".into()];
            record.extend(answer(chosen, row, &answers.row(place).to_vec()));
            record.resize(records[0].len(), String::new());
            records.push(record);
        }
    }
    Ok(records)
}

/// Truth, prediction and, of classes, probabilities.
fn answer(chosen: &Chosen, row: usize, answer: &[f64]) -> Vec<String> {
    match &chosen.wanted {
        Target::Numbers(values) => vec![values[row].to_string(), answer[0].to_string()],
        Target::Classes(labels) => {
            let mut best = 0;
            (1..answer.len()).for_each(|class| {
                if answer[class] > answer[best] {
                    best = class;
                }
            });
            let names = [labels.codes[row], best].map(|code| labels.names[code].clone());
            names.into_iter().chain(answer.iter().map(f64::to_string)).collect()
        }
    }
}

fn importance(chosen: &Chosen, trial: &Trial) -> Vec<Vec<String>> {
    let header = [
        "column",
        "modality",
        "axis",
        "impurity",
        "permutation",
        "shap",
        "impurity_std",
        "permutation_std",
        "shap_std",
    ];
    let mut header = header.map(String::from).to_vec();
    let shadows = trial.shadows.as_ref().map(|report| (report.corrected().mean(), report.p_values()));
    if shadows.is_some() {
        header.extend(["impurity_less_chance", "chance"].map(String::from));
    }
    let mut records = vec![header];
    let importance = &trial.importance;
    let (impurity, impurity_std) = (importance.impurity.mean(), importance.impurity.spread());
    let permutation =
        importance.permutation.as_ref().map(|found| (found.columns.mean(), found.columns.spread()));
    let (shap, shap_std) = (importance.shap.mean(), importance.shap.spread());
    for (index, column) in chosen.table.columns().iter().enumerate() {
        let (exchange, exchange_std) = match &permutation {
            Some((mean, spread)) => (mean[index].to_string(), spread[index].to_string()),
            None => Default::default(),
        };
        let mut record = vec![
            column.to_string(),
            column.modality().to_string(),
            column.axis().to_string(),
            impurity[index].to_string(),
            exchange,
            shap[index].to_string(),
            impurity_std[index].to_string(),
            exchange_std,
            shap_std[index].to_string(),
        ];
        if let Some((corrected, chance)) = &shadows {
            record.extend([corrected[index].to_string(), chance[index].to_string()]);
        }
        records.push(record);
    }
    records
}

/// The importances of parts of the axes.
fn of_regions(chosen: &Chosen, trial: &Trial) -> Result<Vec<Vec<String>>, CliError> {
    let header = [
        "region",
        "modality",
        "low",
        "high",
        "impurity",
        "impurity_std",
        "permutation",
        "permutation_std",
        "shap",
        "shap_std",
    ];
    let mut records = vec![header.map(String::from).to_vec()];
    let regions = regions(&chosen.table, &chosen.regions);
    if regions.is_empty() {
        return Ok(records);
    }
    let importance = &trial.importance;
    let (impurity, shap) = (importance.impurity.by_region(&regions)?, importance.shap.by_region(&regions)?);
    let (mean, spread) = (impurity.mean(), impurity.spread());
    let (shap, shap_std) = (shap.mean(), shap.spread());
    let exchange = importance.permutation.as_ref().and_then(|found| found.regions.as_ref());
    let exchange = exchange.map(|found| (found.mean(), found.spread()));
    for (index, region) in regions.iter().enumerate() {
        let (low, high) = region.range();
        let lost = match &exchange {
            Some((mean, spread)) => [mean[index], spread[index]].map(|number| number.to_string()),
            None => Default::default(),
        };
        let place =
            [region.name().to_owned(), region.modality().to_string(), low.to_string(), high.to_string()];
        let impurity = [mean[index], spread[index]].map(|number| number.to_string());
        records.push(
            place
                .into_iter()
                .chain(impurity)
                .chain(lost)
                .chain([shap[index], shap_std[index]].map(|number| number.to_string()))
                .collect(),
        );
    }
    Ok(records)
}

/// What every modality mattered, by three measures.
pub(super) struct Share {
    pub(super) modality: String,
    /// Share of the impurity importance, mean and deviation over repeats.
    pub(super) impurity: [f64; 2],
    /// Loss of the score by exchange of all its columns at once, mean and deviation over exchanges.
    pub(super) permutation: Option<[f64; 2]>,
    /// Mean |Shapley value| of the modality as a whole, as a share of the sum over modalities.
    pub(super) shap: f64,
}

pub(super) fn shares(trial: &Trial) -> Vec<Share> {
    let importance = &trial.importance;
    let impurity = importance.impurity.by_modality();
    let (mean, spread) = (impurity.mean(), impurity.spread());
    let whole: f64 = importance.shap_of_modalities.iter().sum();
    (impurity.names().iter().enumerate())
        .map(|(index, name)| Share {
            modality: name.clone(),
            impurity: [mean[index], spread[index]],
            permutation: importance
                .permutation
                .as_ref()
                .map(|found| [found.modalities.mean()[index], found.modalities.spread()[index]]),
            shap: if whole > 0.0 { importance.shap_of_modalities[index] / whole } else { 0.0 },
        })
        .collect()
}

/// What coalitions of modalities know, for programs.
fn together(scores: &CoalitionScores) -> Value {
    let names = scores.names();
    let modality = |(at, name): (usize, &String)| {
        (
            name.clone(),
            json!({ "alone": scores.alone(at), "only": scores.last(at), "share": scores.shapley()[at] }),
        )
    };
    let modalities: Map<_, _> = names.iter().enumerate().map(modality).collect();
    let pairs = (0..names.len()).flat_map(|one| (one + 1..names.len()).map(move |other| (one, other)));
    let shared: Map<_, _> = pairs
        .map(|(one, other)| (format!("{}+{}", names[one], names[other]), json!(scores.shared(one, other))))
        .collect();
    let all = scores.scores();
    json!({ "none": all[0], "all": all[all.len() - 1], "modalities": modalities, "shared": shared })
}

fn metrics(
    chosen: &Chosen,
    (trial, comparison): (&Trial, &Comparison),
    command: &Fit,
) -> Result<Value, CliError> {
    let (cover, calibration_error) = (trial.cover(chosen)?, trial.calibration_error(chosen)?);
    let classes = match &chosen.wanted {
        Target::Classes(labels) => Some(
            labels
                .names
                .iter()
                .zip(&labels.counts)
                .map(|(name, count)| (name.clone(), json!(count)))
                .collect::<Map<_, _>>(),
        ),
        Target::Numbers(_) => None,
    };
    let scores: Map<_, _> = (trial.scores.iter())
        .map(|scored| {
            (scored.name.clone(), json!({ "mean": scored.mean(), "std": scored.standard_deviation() }))
        })
        .collect();
    let baseline: Map<_, _> =
        trial.scores.iter().map(|scored| (scored.name.clone(), json!(scored.baseline))).collect();
    let validation: Map<_, _> = (trial.validation.scores.iter())
        .map(|scores| {
            let values = json!({ "mean": scores.mean(), "std": scores.standard_deviation() });
            (scores.name.clone(), values)
        })
        .collect();
    let importance: Map<_, _> = shares(trial)
        .into_iter()
        .map(|share| {
            let values = json!({
                "impurity": share.impurity[0],
                "impurity_std": share.impurity[1],
                "permutation": share.permutation.map(|[mean, _]| mean),
                "permutation_std": share.permutation.map(|[_, spread]| spread),
                "shap": share.shap,
            });
            (share.modality, values)
        })
        .collect();
    let tuning = trial.search.as_ref().map(|search| {
        (search.candidates.iter())
            .map(|candidate| {
                let score = &candidate.validation.scores[0];
                json!({ "params": candidate.params, score.name.clone(): score.mean() })
            })
            .collect::<Vec<_>>()
    });
    Ok(json!({
        "adatom": env!("CARGO_PKG_VERSION"),
        "table": command.table.display().to_string(),
        "task": if classes.is_some() { "classify" } else { "regress" },
        "target": chosen.target(),
        "n": chosen.table.len(),
        "n_train": trial.split.train.len(),
        "n_test": trial.split.test.len(),
        "left_out": chosen.left_out.iter().map(|(rows, why)| json!({ "rows": rows, "why": why })).collect::<Vec<_>>(),
        "classes": classes,
        "split": match (&chosen.listed, &chosen.groups) {
            (Some(_), _) => "listed".to_owned(),
            (None, Some((name, _))) => format!("group:{name}"),
            (None, None) => "random".to_owned(),
        },
        "seed": command.seed,
        "repeats": command.trial.repeats,
        "params": trial.params,
        "model_fitted_on": if command.trial.final_on_all { "all" } else { "train" },
        "scores": scores,
        "baseline": baseline,
        "cross_validation": validation,
        "tuning": tuning,
        "confusion": trial.confusion.as_ref().map(|(confusion, _)| {
            // Rows are the true class, columns the predicted one, in the order of `classes`.
            confusion.counts.rows().into_iter().map(|row| row.to_vec()).collect::<Vec<_>>()
        }),
        "by_class": trial.confusion.as_ref().map(|(_, report)| report),
        "importance_by_modality": importance,
        "modalities_together": trial.importance.together.as_ref().map(together),
        "permutation_score": trial.importance.permutation.as_ref().map(|found| &found.score),
        "interval_cover": cover,
        "calibration_error": calibration_error,
        "learning_curve": trial.learning,
        "beat_chance": trial.shadows.as_ref().map(|report| {
            let columns = chosen.table.columns();
            report.beats_chance(LEVEL).into_iter().map(|column| columns[column].to_string()).collect::<Vec<_>>()
        }),
        "comparison": comparison.json(),
        "without_modality": comparison.without_json(),
    }))
}

pub(super) fn say_scores(
    folder: &OutputFolder,
    chosen: &Chosen,
    (trial, comparison): (&Trial, &Comparison),
    [as_json, saved_on_all]: [bool; 2],
) {
    if as_json {
        let scores: Map<_, _> = (trial.scores.iter())
            .map(|scored| {
                (scored.name.clone(), json!({ "mean": scored.mean(), "std": scored.standard_deviation() }))
            })
            .collect();
        let line = json!({
            "path": folder.file(METRICS).display().to_string(),
            "target": chosen.target(),
            "n_train": trial.split.train.len(),
            "n_test": trial.split.test.len(),
            "params": trial.params,
            "scores": scores,
        });
        return say(format_args!("{line}"));
    }
    let groups = match (&chosen.listed, &chosen.groups) {
        (Some(_), _) => " as listed".to_owned(),
        (None, Some((name, _))) => format!(", no {name} on both sides"),
        (None, None) => String::new(),
    };
    let (train, test) = (trial.split.train.len(), trial.split.test.len());
    say(format_args!("{train} rows to learn from, {test} held out{groups}"));
    let params = &trial.params;
    let columns = params.get_max_features().map_or_else(String::new, |columns| {
        format!(", {} columns a split", columns.of(chosen.table.columns().len()))
    });
    say(format_args!(
        "{} trees{columns}{}",
        params.get_trees(),
        if trial.search.is_some() { ", the best of those tried" } else { "" }
    ));
    if saved_on_all {
        say(format_args!("the model that is saved is fitted to all rows; no score below is its own"));
    }
    say(format_args!("\n{:<20} {:>9} {:>9} {:>9} {:>10}", "", "test", "+-", "folds", "baseline"));
    for scored in &trial.scores {
        let validation = trial.validation.score(&scored.name).and_then(|scores| scores.mean());
        let or_blank = |number: Option<f64>| number.map_or_else(String::new, |number| format!("{number:.4}"));
        say(format_args!(
            "{:<20} {:>9.4} {:>9} {:>9} {:>10}",
            scored.name,
            scored.mean().unwrap_or(f64::NAN),
            or_blank(scored.standard_deviation()),
            or_blank(validation),
            or_blank(scored.baseline),
        ));
    }
    if let Some((_, report)) = &trial.confusion {
        say(format_args!("\n{report}"));
    }
    let score = trial.importance.permutation.as_ref().map_or("score", |found| &found.score);
    say(format_args!(
        "{:<12} {:>22} {:>28} {:>14}",
        "",
        "impurity importance",
        format!("{score} worse by exchange"),
        "Shapley share"
    ));
    for share in shares(trial) {
        let [mean, spread] = share.impurity;
        let lost =
            share.permutation.map_or_else(String::new, |[mean, spread]| format!("{mean:.4} +- {spread:.4}"));
        let impurity = match trial.importance.impurity.values().nrows() {
            1 => format!("{:.1} %", 100.0 * mean),
            _ => format!("{:.1} % +- {:.1}", 100.0 * mean, 100.0 * spread),
        };
        say(format_args!("{:<12} {impurity:>22} {lost:>28} {:>12.1} %", share.modality, 100.0 * share.shap));
    }
    for line in comparison.lines() {
        say(format_args!("{line}"));
    }
    say(format_args!(
        "\n{}: open it; with {MODEL}, {PREDICTIONS}, {IMPORTANCE}, {REGIONS}, {METRICS}, {FIGURES}",
        folder.file(super::report::REPORT).display()
    ));
}
