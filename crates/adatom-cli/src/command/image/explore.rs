//! `adatom image --explore`: a small grid of settings, each trained briefly, side by side.

mod page;

use std::time::Instant;

use adatom::patch::{Image, Patches, Window};
use adatom::vae::{Positions, ShiftVae, Smoothness};
use ndarray::{Array2, Array3};

use super::setup::{cut, names, open, prepared};
use crate::args::{ImageCommand, InvarianceName, InvarianceSet, SmoothLength, existing};
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::learn::{ACTIVE_NAT, explained, reconstructed, spread, stack};
use crate::observe::Watch;
use crate::say::{say, tell};
use adatom::pipeline::output::OutputFolder;

/// More than this is no small grid.
const MOST_TRIALS: usize = 200;

/// Part of the patches on which trials are compared.
const HELD_OUT: f64 = 0.1;

/// Steps after which the patches that are held out are scored.
const STEPS_OF_EPOCH: usize = 50;

/// Patches that are shown with their reconstructions.
const EXAMPLES: usize = 3;

/// One point of the grid.
#[derive(Debug, Clone)]
struct Settings {
    window: Window,
    invariances: InvarianceSet,
    latent: usize,
    smooth_weight: Option<f64>,
    seed: u64,
}

impl Settings {
    fn describe(&self, seeds: u64) -> String {
        let latents = if self.latent == 1 { "latent" } else { "latents" };
        let mut text = format!("{} px, {}, {} {latents}", self.window, self.invariance_names(), self.latent);
        if let Some(weight) = self.smooth_weight {
            text.push_str(&format!(", smooth {weight}"));
        }
        if seeds > 1 {
            text.push_str(&format!(", seed {}", self.seed));
        }
        text
    }

    fn invariance_names(&self) -> String {
        let names: Vec<String> =
            self.invariances.0.iter().map(|name| format!("{name:?}").to_lowercase()).collect();
        names.join("+")
    }

    /// The command that this point stands for.
    fn command(&self, of: &ImageCommand) -> ImageCommand {
        let mut command = of.clone();
        command.window = self.window;
        command.model.invariances.clone_from(&self.invariances.0);
        command.model.latent = self.latent;
        command.training.seed = self.seed;
        command.training.held_out = HELD_OUT;
        if !self.invariances.0.contains(&InvarianceName::Shift) {
            command.model.cell = None;
        }
        if let Some(weight) = self.smooth_weight {
            command.wishes.smooth_weight = weight;
        }
        command
    }
}

/// What became of it.
struct Trial {
    settings: Settings,
    vae: ShiftVae,
    patches: Patches,
    /// Content `[n, k]`.
    content: Array2<f32>,
    /// Of patches that were held out, nat per pixel.
    elbo: f64,
    explained: f64,
    /// Active latents of the pose and of the content.
    active: [usize; 2],
    /// Mean roughness of the active content latents.
    roughness: Option<f64>,
    originals: Array3<f32>,
    reconstructions: Array3<f32>,
    seconds: f64,
}

pub(super) fn run(command: &ImageCommand, as_json: bool) -> Result<(), CliError> {
    let images = open(command)?;
    let grid = grid(command, &images)?;
    let (length, whence) = length(command, &images[0]);
    // Every window must fit and every model must be possible before the first hour is spent.
    for settings in &grid {
        let own = settings.command(command);
        prepared(&own, &images, &cut(&own, &images)?)?.check()?;
    }
    let existing = existing(command.force);
    let folder = OutputFolder::prepare(&command.out, existing)?;
    tell(format_args!(
        "{} trainings of {} steps; roughness is that over {length:.1} pixels, {whence}",
        grid.len(),
        command.explore.explore_steps
    ));
    let interrupt = Interrupt::watch();
    let mut trials = Vec::new();
    let mut failed = None;
    for (number, settings) in grid.into_iter().enumerate() {
        let name = settings.describe(command.explore.explore_seeds);
        let trial = match try_one(command, &images, (settings, length), &interrupt) {
            Ok(trial) => trial,
            Err(error) => {
                tell(format_args!("warning: {name} is left out: {error}"));
                failed = Some(error);
                continue;
            }
        };
        if interrupt.pressed() {
            break;
        }
        let text = format!(
            "{:>3} {}: ELBO {:.5} nat per pixel, {:.1} % explained, {} of {} content latents active{}, {:.1} s",
            number + 1,
            name,
            trial.elbo,
            100.0 * trial.explained,
            trial.active[1],
            trial.settings.latent,
            trial.roughness.map_or(String::new(), |value| format!(", roughness {value:.3}")),
            trial.seconds
        );
        if as_json {
            tell(format_args!("{text}"))
        } else {
            say(format_args!("{text}"))
        }
        trials.push(trial);
    }
    if let (true, Some(error)) = (trials.is_empty(), failed) {
        return Err(error);
    }
    if trials.is_empty() {
        return Err(CliError::Interrupted {
            resume: "interrupted in the first training; nothing is kept".into(),
        });
    }
    page::write(&folder, command, (&names(&images), length), &trials, as_json)?;
    if interrupt.pressed() {
        let resume = "interrupted; the report shows the trainings that were complete".into();
        return Err(CliError::Interrupted { resume });
    }
    Ok(())
}

/// All points in the order in which they are shown.
fn grid(command: &ImageCommand, images: &[Image]) -> Result<Vec<Settings>, CliError> {
    let asked = &command.explore;
    let nothing = asked.explore_windows.is_empty()
        && asked.explore_latent.is_empty()
        && asked.explore_invariances.is_empty()
        && asked.explore_smooth_weight.is_empty()
        && asked.explore_seeds == 1;
    let list = |given: &Vec<Window>| match (given.is_empty(), nothing) {
        (false, _) => given.clone(),
        (true, false) => vec![command.window],
        (true, true) => {
            let [height, width] = [command.window.height(), command.window.width()];
            let part = |four: usize| Window::new((height * four / 4).max(2), (width * four / 4).max(2));
            let fits = |window: &Window| {
                images
                    .iter()
                    .all(|image| image.height() >= window.height() && image.width() >= window.width())
            };
            let [less, more] = [part(3), part(6)];
            [Some(less), Some(command.window), Some(more).filter(fits)].into_iter().flatten().collect()
        }
    };
    let windows = distinct(list(&asked.explore_windows));
    let latents = match (asked.explore_latent.is_empty(), nothing) {
        (false, _) => asked.explore_latent.clone(),
        (true, false) => vec![command.model.latent],
        (true, true) => vec![1, 2, 4],
    };
    let invariances = match (asked.explore_invariances.is_empty(), nothing) {
        (false, _) => asked.explore_invariances.clone(),
        (true, false) => vec![InvarianceSet(command.model.invariances.clone())],
        (true, true) => {
            use crate::args::InvarianceName::{Rotation, Shift};
            vec![InvarianceSet(vec![Shift]), InvarianceSet(vec![Shift, Rotation])]
        }
    };
    let (latents, invariances) = (distinct(latents), distinct(invariances));
    let weights: Vec<Option<f64>> = match asked.explore_smooth_weight.is_empty() {
        true => vec![command.wishes.smooth.map(|_| command.wishes.smooth_weight)],
        false => asked.explore_smooth_weight.iter().copied().map(Some).collect(),
    };
    let factors = [windows.len(), latents.len(), invariances.len(), weights.len()];
    let seeds = usize::try_from(asked.explore_seeds).unwrap_or(usize::MAX);
    let count = factors.into_iter().fold(seeds, usize::saturating_mul);
    if count > MOST_TRIALS {
        let text = format!("--explore: {count} trainings; expected no more than {MOST_TRIALS}");
        return Err(CliError::Argument(text));
    }
    let mut all = Vec::new();
    for &window in &windows {
        for invariances in &invariances {
            for &latent in &latents {
                for &smooth_weight in &weights {
                    for seed in 0..asked.explore_seeds {
                        let seed = command.training.seed.wrapping_add(seed);
                        let invariances = invariances.clone();
                        all.push(Settings { window, invariances, latent, smooth_weight, seed });
                    }
                }
            }
        }
    }
    Ok(all)
}

/// Without those that were there before.
fn distinct<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut kept = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

/// Over how many pixels maps should be smooth, and what that is: as asked for, else the spacing of the lattice, else half a window.
fn length(command: &ImageCommand, image: &Image) -> (f64, &'static str) {
    if let Some(SmoothLength::Pixels(pixels)) = command.wishes.smooth {
        return (pixels, "as asked for");
    }
    // Images too small for a lattice to be seen have none.
    match image.bragg_peaks(1).unwrap_or_default().first() {
        Some(wave) => (wave.spacing(), "the spacing of the lattice"),
        None => {
            let half = command.window.height().max(command.window.width()) as f64 / 2.0;
            (half, "half a window, as no lattice was found")
        }
    }
}

fn try_one(
    command: &ImageCommand,
    images: &[Image],
    (settings, length): (Settings, f64),
    interrupt: &Interrupt,
) -> Result<Trial, CliError> {
    let begun = Instant::now();
    let own = settings.command(command);
    let patches = cut(&own, images)?;
    let steps = command.explore.explore_steps as usize;
    let learnt_on = ((patches.len() as f64 * (1.0 - HELD_OUT)) as usize).max(1);
    let per_epoch = learnt_on.div_ceil(own.training.batch.max(1)).clamp(1, STEPS_OF_EPOCH.min(steps));
    let epochs = steps.div_ceil(per_epoch);
    let mut brief = own.clone();
    brief.training.steps = Some(per_epoch);
    let trainer = prepared(&brief, images, &patches)?.epochs(epochs).steps_per_epoch(per_epoch);
    let mut watch = Watch::new(epochs, interrupt.clone());
    let vae = trainer.fit_observed(&patches, &mut watch)?;
    watch.finish();
    let posterior = vae.encode(&patches)?;
    let content = posterior.content().to_owned();
    let kl = posterior.kl_per_latent().to_vec();
    let pose = kl.len() - content.ncols();
    let active = |kl: &[f64]| kl.iter().filter(|&&kl| kl >= ACTIVE_NAT).count();
    let smooth = Smoothness::new(Positions::of_patches(patches.patch_grid()), length)?;
    let mut rough = Vec::new();
    for (column, _) in content.columns().into_iter().zip(&kl[pose..]).filter(|(_, kl)| **kl >= ACTIVE_NAT) {
        rough.extend(smooth.roughness_of(column.mapv(f64::from).view())?);
    }
    let last = vae.history().last();
    let scored = last.map(|record| record.held_out.unwrap_or(record.elbo).total());
    let originals = stack(&patches, &spread(&patches, EXAMPLES));
    Ok(Trial {
        elbo: scored.unwrap_or(f64::NAN) / patches.window().pixels() as f64,
        explained: explained(&vae, &patches)?,
        active: [active(&kl[..pose]), active(&kl[pose..])],
        roughness: (!rough.is_empty()).then(|| rough.iter().sum::<f64>() / rough.len() as f64),
        reconstructions: reconstructed(&vae, &originals)?,
        originals,
        settings,
        vae,
        content,
        patches,
        seconds: begun.elapsed().as_secs_f64(),
    })
}
