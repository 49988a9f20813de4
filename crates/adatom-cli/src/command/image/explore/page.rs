//! What the trainings of `--explore` look like side by side.

use adatom::core::LatentMap;
use adatom::interpret::{Figure, ManifoldFigure, MapFigure, MapPanels, PairsFigure, Report, Section, Table};
use serde_json::json;

use super::Trial;
use crate::args::ImageCommand;
use crate::command::image::command_line;
use crate::error::CliError;
use crate::learn::range;
use crate::say::say;
use adatom::pipeline::output::{OutputFolder, write_records};

/// Maps of a trial that are shown.
const MOST_MAPS: usize = 3;

/// Models that explain less of the variance have hardly begun to learn.
const LEARNT: f64 = 0.1;

/// Tiles along each side of the decoded content.
const TILES: usize = 5;

pub(super) fn write(
    folder: &OutputFolder,
    command: &ImageCommand,
    (title, length): (&str, f64),
    trials: &[Trial],
    as_json: bool,
) -> Result<(), CliError> {
    let seeds = command.explore.explore_seeds;
    let by_elbo = ranks(trials.iter().map(|trial| Some(-trial.elbo)));
    let by_smoothness = ranks(trials.iter().map(|trial| trial.roughness));
    let columns = [
        "trial",
        "settings",
        "patches",
        "ELBO (nat/px)",
        "rank",
        "explained (%)",
        "active (pose, content)",
        "roughness",
        "rank",
        "seconds",
    ];
    let rank = |rank: Option<usize>| rank.map_or("–".into(), |rank| rank.to_string());
    let rows: Vec<[String; 10]> = trials
        .iter()
        .enumerate()
        .map(|(index, trial)| {
            [
                (index + 1).to_string(),
                trial.settings.describe(seeds),
                trial.patches.len().to_string(),
                format!("{:.5}", trial.elbo),
                rank(by_elbo[index]),
                format!("{:.1}", 100.0 * trial.explained),
                format!("{}, {}", trial.active[0], trial.active[1]),
                trial.roughness.map_or("–".into(), |value| format!("{value:.3}")),
                rank(by_smoothness[index]),
                format!("{:.1}", trial.seconds),
            ]
        })
        .collect();
    let mut table = Table::new(columns);
    for row in &rows {
        table = table.row(row.clone());
    }
    let compared = Section::new("Compared")
        .paragraph(format!(
            "Each model was trained for about {} steps, so briefly that only the order counts. ELBO: of a tenth of the patches that \
             was not trained on (they overlap with others), per pixel, so that windows can be compared; larger is better. \
             Roughness: squared difference of the active content latents between neighbouring patches over {length:.1} pixels \
             in parts of their variance; 0 does not change on that scale, 1 is noise. Both ranks need not agree: which latents \
             are physical is seen in the maps.",
            command.explore.explore_steps
        ))
        .table(table);
    let mut pairs = Section::new("Patches and reconstructions");
    let mut decoded = Section::new("What the content means");
    folder.subfolder("maps")?;
    folder.remove_pictures("maps")?;
    let mut all_maps = Vec::new();
    for (index, trial) in trials.iter().enumerate() {
        let name = format!("Trial {}: {}", index + 1, trial.settings.describe(seeds));
        let maps = maps_of(trial, index)?;
        if !maps.is_empty() {
            let panels = MapPanels::new(maps.clone())?.title(&name);
            panels.drawing().save_png(folder.file(&format!("maps/trial-{:02}.png", index + 1)))?;
        }
        all_maps.extend(maps);
        let figure = PairsFigure::new(trial.originals.view(), trial.reconstructions.view())?;
        pairs = pairs.figure(&figure, &name, "patches, their reconstructions and residuals");
        if let Some(figure) = manifold(trial)? {
            decoded = decoded.figure(&figure, &name, "decoded patches over the range of the content");
        }
    }
    let mut maps = Section::new("Content as maps");
    if !all_maps.is_empty() {
        let text = "The first content latents of every trial, by the numbers of the table.";
        maps = maps.figure(&MapPanels::new(all_maps)?, text, "maps of the content latents of all trials");
    }
    let mut commands = Section::new("To train one of them in full");
    for (index, trial) in trials.iter().enumerate() {
        commands = commands.code(format!("Trial {}:", index + 1), full_command(trial));
    }
    let mut report = Report::new(format!("{title}: settings to choose from"));
    if trials.iter().all(|trial| trial.explained < LEARNT) {
        report = report.warning(
            "None of these models explains a tenth of the variance: the ranks say little. Train for longer with --explore-steps.",
        );
    }
    report
        .subtitle("a brief training with each of a small grid of settings")
        .card("trainings", trials.len().to_string(), "")
        .card("steps each", command.explore.explore_steps.to_string(), "")
        .card("length scale", format!("{length:.1}"), "px")
        .section(compared)
        .section(maps)
        .section(pairs)
        .section(decoded)
        .section(commands.code("This comparison:", command_line()))
        .save(folder.file("report.html"))?;
    write_table(folder, trials, [&by_elbo, &by_smoothness])?;
    if as_json {
        for (index, trial) in trials.iter().enumerate() {
            say(format_args!("{}", numbers(trial, index, [by_elbo[index], by_smoothness[index]])));
        }
    } else {
        say(format_args!("report: {}", folder.file("report.html").display()));
    }
    Ok(())
}

/// 1 for the smallest; nothing for what has no value.
fn ranks(values: impl Iterator<Item = Option<f64>>) -> Vec<Option<usize>> {
    let values: Vec<Option<f64>> = values.map(|value| value.filter(|value| value.is_finite())).collect();
    let rank = |own: f64| 1 + values.iter().flatten().filter(|&&other| other < own).count();
    values.iter().map(|value| value.map(rank)).collect()
}

fn maps_of(trial: &Trial, index: usize) -> Result<Vec<MapFigure>, CliError> {
    let k = trial.content.ncols();
    if k == 0 {
        return Ok(Vec::new());
    }
    let map = LatentMap::of_image(trial.patches.patch_grid(), trial.content.view(), 0)?;
    let figure = |layer: usize| {
        Ok(MapFigure::of_layer(&map, layer)?.title(format!("{}: content {}", index + 1, layer + 1)))
    };
    (0..k.min(MOST_MAPS)).map(figure).collect()
}

fn manifold(trial: &Trial) -> Result<Option<ManifoldFigure>, CliError> {
    let k = trial.content.ncols();
    if k == 0 {
        return Ok(None);
    }
    let columns = range(trial.content.column(0), TILES);
    if k == 1 {
        let tiles = trial.vae.manifold(&columns, &[0.0])?;
        return Ok(Some(ManifoldFigure::new(tiles.view())?.columns("content 1", &columns)?));
    }
    let mut rows = range(trial.content.column(1), TILES);
    rows.reverse();
    let tiles = trial.vae.manifold(&columns, &rows)?;
    let figure = ManifoldFigure::new(tiles.view())?.columns("content 1", &columns)?;
    Ok(Some(figure.rows("content 2", &rows)?))
}

fn write_table(
    folder: &OutputFolder,
    trials: &[Trial],
    [by_elbo, by_smoothness]: [&[Option<usize>]; 2],
) -> Result<(), CliError> {
    let header = [
        "trial",
        "window_rows",
        "window_columns",
        "invariances",
        "content_latents",
        "smooth_weight",
        "seed",
        "patches",
        "elbo_per_pixel",
        "elbo_rank",
        "explained_variance",
        "active_pose",
        "active_content",
        "roughness",
        "roughness_rank",
        "seconds",
    ];
    let mut records = vec![header.map(str::to_owned).to_vec()];
    let text = |rank: Option<usize>| rank.map_or(String::new(), |rank| rank.to_string());
    for (index, trial) in trials.iter().enumerate() {
        let settings = &trial.settings;
        records.push(vec![
            (index + 1).to_string(),
            settings.window.height().to_string(),
            settings.window.width().to_string(),
            settings.invariance_names(),
            settings.latent.to_string(),
            settings.smooth_weight.map_or(String::new(), |weight| weight.to_string()),
            settings.seed.to_string(),
            trial.patches.len().to_string(),
            trial.elbo.to_string(),
            text(by_elbo[index]),
            trial.explained.to_string(),
            trial.active[0].to_string(),
            trial.active[1].to_string(),
            trial.roughness.map_or(String::new(), |value| value.to_string()),
            text(by_smoothness[index]),
            format!("{:.2}", trial.seconds),
        ]);
    }
    Ok(write_records(&folder.file("trials.csv"), &records)?)
}

fn numbers(trial: &Trial, index: usize, ranks: [Option<usize>; 2]) -> serde_json::Value {
    let settings = &trial.settings;
    json!({
        "trial": index + 1,
        "window": [settings.window.height(), settings.window.width()],
        "invariances": settings.invariance_names(),
        "content_latents": settings.latent,
        "smooth_weight": settings.smooth_weight,
        "seed": settings.seed,
        "patches": trial.patches.len(),
        "elbo_per_pixel": trial.elbo,
        "elbo_rank": ranks[0],
        "explained_variance": trial.explained,
        "active_pose": trial.active[0],
        "active_content": trial.active[1],
        "roughness": trial.roughness,
        "roughness_rank": ranks[1],
        "seconds": trial.seconds,
    })
}

/// The command as it was given, with the settings of a trial in place of what was explored.
fn full_command(trial: &Trial) -> String {
    let settings = &trial.settings;
    let replaced = ["--window", "--latent", "--invariances", "--seed", "--smooth-weight", "--out"];
    let mut words = Vec::new();
    let mut arguments = std::env::args().skip(1).peekable();
    while let Some(argument) = arguments.next() {
        let name = argument.split('=').next().unwrap_or_default().to_owned();
        if name == "--explore" || name == "--force" {
            continue;
        }
        if name.starts_with("--explore-") || replaced.contains(&name.as_str()) {
            if !argument.contains('=') {
                arguments.next();
            }
            continue;
        }
        words.push(argument);
    }
    let mut line = crate::command::image::as_shell_words(words);
    line.push_str(&format!(
        " --window {} --latent {} --invariances {} --seed {}",
        settings.window.to_string().replace(' ', ""),
        settings.latent,
        settings.invariance_names().replace('+', ","),
        settings.seed
    ));
    if let Some(weight) = settings.smooth_weight {
        line.push_str(&format!(" --smooth-weight {weight}"));
    }
    line + " --out RESULTS"
}
