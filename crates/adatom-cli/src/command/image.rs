//! `adatom image`: images → patches → autoencoder → maps and report.

mod explore;
mod setup;

use std::path::Path;

use adatom::interpret::LatentClusters;

use crate::args::{ImageCommand, existing};
use crate::error::CliError;
use crate::latents::{Meaning, pose, read_fields, table, variables, with_shift};
use crate::learn::{Session, TRAINING, learn, metrics, report, sigma, write_numbers, write_pictures};
use crate::say::{say, tell};
use adatom::pipeline::output::OutputFolder;
use setup::{check_clusters, cut, names, open, prepared, settings, start_epochs};

pub(crate) fn run(command: &ImageCommand, as_json: bool) -> Result<(), CliError> {
    if command.explore.explore {
        return explore::run(command, as_json);
    }
    let images = open(command)?;
    let patches = cut(command, &images)?;
    let mut trainer = prepared(command, &images, &patches)?;
    trainer.check()?;
    let asked = &command.interpretation;
    let fields = read_fields(&asked.fields, patches.patch_grid(), None)?;
    check_clusters(asked.clusters, &patches)?;
    let existing = existing(command.force || command.resume);
    let folder = OutputFolder::prepare(&command.out, existing)?;
    if command.resume {
        trainer = trainer.resume(folder.file(TRAINING));
    } else {
        folder.remove(TRAINING)?;
    }
    tell(format_args!(
        "{} patches of {} pixels, {} epochs of up to {} steps",
        patches.len(),
        patches.window(),
        command.training.epochs,
        patches.len().div_ceil(command.training.batch)
    ));
    let places = start_epochs(command, &patches);
    if 2 * places > command.training.epochs {
        tell(format_args!(
            "warning: places in the cell are tried in {places} of the {} epochs: give more --epochs",
            command.training.epochs.max(places)
        ));
    }
    let session = Session {
        trainer,
        epochs: command.training.epochs,
        patience: command.training.patience,
        settling: if places > 0 { places + 2 } else { 0 },
        folder: &folder,
        resume_with: "the same command with --resume".into(),
    };
    let learnt = learn(session, &patches)?;

    let (grid, content) = (patches.patch_grid(), learnt.posterior.content().to_owned());
    let features = variables(grid, &content, &pose(&learnt.posterior))?;
    let latents = features.as_ref().map(|features| with_shift(features, &learnt.posterior)).transpose()?;
    let meaning = match &latents {
        Some(latents) => Meaning::of(latents, &fields, (asked.clusters, command.training.seed)),
        None => {
            if asked.clusters.is_some() || !fields.is_empty() {
                tell(format_args!(
                    "warning: no content latent varies: there are no clusters and no correlations"
                ));
            }
            Ok(Meaning::default())
        }
    };
    let labels =
        meaning.as_ref().ok().and_then(|meaning| meaning.clusters.as_ref()).map(LatentClusters::labels);
    // What was learnt is kept, whatever became of the rest.
    write_numbers(&folder, &learnt, &patches, labels)?;
    let meaning = meaning?;
    ["clusters.csv", "latents.csv"].iter().try_for_each(|name| folder.remove(name))?;
    if let Some(latents) = &latents {
        meaning.write_clusters(&folder.file("clusters.csv"), latents, grid)?;
    }
    if let Some(features) = features.filter(|_| !fields.is_empty()) {
        table(&features, &fields, (grid, asked.fields.block))?.save(folder.file("latents.csv"))?;
    }
    let title = names(&images);
    let mut page = report(&title, &images[0], &learnt, &patches)?
        .settings(settings(command, &patches, learnt.vae.config()))
        .reproduce("The same command gives the same result again.", command_line())
        .reproduce("A trained model encodes other images:", encode_line(&command.out));
    for (index, image) in images.iter().enumerate() {
        let clipped = patches.clipped_fraction(index);
        if clipped > 0.02 {
            let source = image.source().unwrap_or("the image");
            page = page.warning(format!("{:.1} % of the pixels of {source} are clipped.", 100.0 * clipped));
        }
    }
    page = meaning.report(page, (&images, &patches, &learnt), &fields)?;
    write_pictures(&folder, &page)?;
    let mut numbers = metrics(&learnt, &patches);
    meaning.add_to(&mut numbers);
    numbers["command"] = command_line().into();
    numbers["seed"] = command.training.seed.into();
    folder.write_text("metrics.json", &format!("{numbers:#}\n"))?;
    if as_json {
        say(format_args!("{numbers}"));
    } else {
        let kl = learnt.posterior.kl_per_latent();
        say(format_args!("{:<16} KL (nat)", "latent"));
        for (name, kl) in learnt.posterior.names().iter().zip(&kl) {
            say(format_args!("{name:<16} {kl:.3}"));
        }
        let elbo = learnt.vae.history().last().map_or(f64::NAN, |record| record.elbo.total());
        say(format_args!(
            "ELBO {elbo:.3} nat per patch, {:.1} % of variance explained",
            100.0 * learnt.explained
        ));
        if let Some(sigma) = sigma(&learnt.vae) {
            let (low, high) =
                sigma.iter().fold((f32::MAX, f32::MIN), |(low, high), &s| (low.min(s), high.max(s)));
            match sigma.len() {
                1 => say(format_args!("learnt noise: σ = {low:.4} of the scaled intensities")),
                _ => {
                    say(format_args!("learnt noise: σ from {low:.4} to {high:.4} of the scaled intensities"))
                }
            }
        }
        meaning.tell();
        say(format_args!("report: {}", folder.file("report.html").display()));
    }
    Ok(())
}

/// The command as it was given, in a form that a shell reads again.
pub(crate) fn command_line() -> String {
    as_shell_words(std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()))
}

/// The program with these arguments.
pub(crate) fn as_shell_words(arguments: impl IntoIterator<Item = String>) -> String {
    let quoted = |argument: String| {
        let plain = |c: char| c.is_alphanumeric() || "-_./,:=+%@".contains(c);
        if !argument.is_empty() && argument.chars().all(plain) {
            argument
        } else {
            format!("'{}'", argument.replace('\'', r"'\''"))
        }
    };
    let words = arguments.into_iter().map(quoted);
    std::iter::once("adatom".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

pub(crate) fn encode_line(out: &Path) -> String {
    format!(
        "adatom encode {} OTHER_IMAGE --stride 1 --out latents.npz",
        out.join("model.safetensors").display()
    )
}
