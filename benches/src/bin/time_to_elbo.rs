//! `time_to_elbo`: compares training settings by the time in which they reach the final ELBO of the defaults.
//!
//! ```text
//! cargo run --profile dist -p adatom-benches --bin time_to_elbo -- [--epochs N] [--seeds N] [--frequency F]
//!     [--batch N] [--set fraction|rate|batch|frequency|fourier|combined] FOLDER [IMAGE WINDOW STRIDE]
//! ```
//!
//! Without an image: 2,000 patches of 28 × 28 pixels of a generated lattice. The trainings alternate epoch by
//! epoch, so that other load of the machine affects all equally; the time of each is summed. After every
//! epoch the same held-out patches (5 %) are scored on all pixels. FOLDER receives `curves.csv` and a figure
//! for each seed.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "the times are what the program is for")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use adatom_patch::{Image, Patches, Samples, Stride, Window};
use adatom_plot::{CurveFigure, CurvePanel, Figure};
use adatom_synthetic::LatticeImage;
use adatom_vae::{Control, EpochEvent, LearningRate, Observer, Trainer, VaeConfig};

/// Training settings to compare; the defaults are all pixels, batches of 100, Adam with 1e-3.
struct Setting {
    name: String,
    trainer: Trainer,
}

/// Lets the trainings alternate epoch by epoch, so that other load affects all equally: the next epoch is
/// that of the training with the least time so far.
struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// Seconds of each training so far; `None` when it has finished.
    seconds: Vec<Option<f64>>,
    taken: bool,
}

impl Turns {
    fn new(settings: usize) -> Self {
        Self {
            state: Mutex::new(State { seconds: vec![Some(0.0); settings], taken: false }),
            changed: Condvar::new(),
        }
    }

    fn take(&self, setting: usize) {
        let next = |state: &State| {
            let waiting = state
                .seconds
                .iter()
                .enumerate()
                .filter_map(|(setting, seconds)| Some((setting, (*seconds)?)));
            waiting.min_by(|left, right| left.1.total_cmp(&right.1)).map(|(setting, _)| setting)
        };
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self
            .changed
            .wait_while(state, |state| state.taken || next(state) != Some(setting))
            .unwrap_or_else(PoisonError::into_inner);
        state.taken = true;
    }

    fn give(&self, setting: usize, seconds: Option<f64>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.seconds[setting] = seconds;
        state.taken = false;
        self.changed.notify_all();
    }
}

/// Time and held-out ELBO after each epoch of one training.
struct Clock<'a> {
    turns: &'a Turns,
    setting: usize,
    started: Instant,
    /// (seconds, ELBO) after each epoch; only the time of its own epochs counts.
    points: Vec<(f64, f64)>,
    /// Time of the training with the defaults, once it has finished.
    limit: &'a OnceLock<f64>,
}

impl Observer for Clock<'_> {
    fn epoch(&mut self, event: &EpochEvent<'_>) -> Control {
        let before = self.points.last().map_or(0.0, |point| point.0);
        let seconds = before + self.started.elapsed().as_secs_f64();
        let elbo = event.record.held_out.unwrap_or(event.record.elbo);
        self.points.push((seconds, elbo.total()));
        self.turns.give(self.setting, Some(seconds));
        self.turns.take(self.setting);
        self.started = Instant::now();
        if self.limit.get().is_some_and(|limit| seconds > *limit) { Control::Stop } else { Control::Continue }
    }
}

/// Runs all trainings in turns; the first has the defaults, and no other gets more time.
fn race(
    settings: &[Setting],
    patches: &Patches,
    seed: u64,
) -> Result<Vec<Vec<(f64, f64)>>, adatom_vae::TrainError> {
    let (turns, limit) = (Turns::new(settings.len()), OnceLock::new());
    std::thread::scope(|scope| {
        let runs: Vec<_> = settings
            .iter()
            .enumerate()
            .map(|(setting, Setting { trainer, .. })| {
                let (turns, limit) = (&turns, &limit);
                scope.spawn(move || {
                    turns.take(setting);
                    let mut clock =
                        Clock { turns, setting, started: Instant::now(), points: Vec::new(), limit };
                    let done = trainer.clone().seed(seed).fit_observed(patches, &mut clock);
                    if setting == 0 {
                        limit.get_or_init(|| clock.points.last().map_or(0.0, |point| point.0));
                    }
                    turns.give(setting, None);
                    done.map(|_| clock.points)
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().expect("a training does not panic")).collect()
    })
}

fn settings(config: &VaeConfig, epochs: usize, set: &str) -> Vec<Setting> {
    let with = |config: &VaeConfig| Trainer::new(config.clone()).epochs(epochs).held_out(0.05);
    let base = || with(config);
    // Enough epochs for cheaper settings to fill the time; they are stopped at the time limit.
    let longer = |factor: f64| base().epochs((epochs as f64 * factor).ceil() as usize);
    let setting = |name: &str, trainer: Trainer| Setting { name: name.to_owned(), trainer };
    let mut settings = vec![setting("default", base())];
    // A schedule must end where the comparison ends: a third of the epochs.
    let third = epochs.div_ceil(3);
    let cosine = |peak: f64| LearningRate::Cosine { peak, warm_up: 0.1 };
    match set {
        "fraction" => {
            for fraction in [0.5, 0.25, 0.1] {
                let trainer = longer(1.5 / fraction).pixel_fraction(fraction);
                settings.push(setting(&format!("{:.0} % of pixels", 100.0 * fraction), trainer));
            }
        }
        "rate" => {
            settings.push(setting("rate 2e-3", base().learning_rate(2e-3)));
            settings.push(setting("rate 4e-3", base().learning_rate(4e-3)));
            for peak in [2e-3, 4e-3] {
                let trainer = base().epochs(third).learning_rate(cosine(peak));
                settings.push(setting(&format!("cosine {peak:.0e}, a third"), trainer));
            }
        }
        "batch" => {
            for batch in [25, 50, 200] {
                settings.push(setting(&format!("batch {batch}"), longer(1.5).batch_size(batch)));
            }
        }
        "frequency" => {
            for factor in [2.0, 4.0, 8.0] {
                let config = config.clone().coordinate_frequency(factor);
                settings.push(setting(&format!("frequency × {factor}"), with(&config)));
            }
        }
        "fourier" => {
            for periods in [1.0, 2.0, 4.0] {
                let config = config.clone().fourier_features(periods);
                settings.push(setting(&format!("Fourier features, {periods} periods"), with(&config)));
            }
        }
        _ => {
            for (frequency, batch, peak) in
                [(4.0, 50, 2e-3), (8.0, 50, 2e-3), (8.0, 25, 2e-3), (8.0, 25, 1e-3)]
            {
                let config = config.clone().coordinate_frequency(frequency);
                let trainer = with(&config).epochs(third).batch_size(batch).learning_rate(cosine(peak));
                settings.push(setting(
                    &format!("frequency × {frequency}, batch {batch}, cosine {peak:.0e}, a third"),
                    trainer,
                ));
            }
        }
    }
    settings
}

/// The time after which a curve first reaches `goal`.
fn reaches(points: &[(f64, f64)], goal: f64) -> Option<f64> {
    points.iter().find(|point| point.1 >= goal).map(|point| point.0)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut epochs, mut set, mut seeds, mut frequency) = (60, "fraction".to_owned(), 1, 1.0);
    let (mut batch, mut rest) = (100, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--epochs" => epochs = value()?.parse()?,
            "--set" => set = value()?,
            "--seeds" => seeds = value()?.parse()?,
            "--frequency" => frequency = value()?.parse()?,
            "--batch" => batch = value()?.parse()?,
            _ => rest.push(argument),
        }
    }
    let folder = PathBuf::from(rest.first().ok_or("a folder for the results is needed")?);
    std::fs::create_dir_all(&folder)?;
    let patches = match rest.get(1..4) {
        Some([image, window, stride]) => {
            let (window, stride) = (Window::square(window.parse()?), Stride::square(stride.parse()?));
            Patches::grid(&Image::open(image)?, window, stride)?
        }
        _ => {
            let lattice = LatticeImage::new(512, 512).cell([20.0, 20.0]).seed(1).generate()?;
            Patches::random(&lattice.image, Window::square(28), 2000, 1)?
        }
    };
    println!(
        "{} patches of {} pixels, {epochs} epochs, batches of {batch}, frequency {frequency}, {seeds} seeds",
        patches.count(),
        patches.window()
    );
    let config = VaeConfig::new(Samples::shape(&patches)).shift_prior(0.3).coordinate_frequency(frequency);
    let mut settings = settings(&config, epochs, &set);
    // The batch size of sets that do not compare batch sizes.
    if set != "batch" && set != "combined" {
        settings = settings
            .into_iter()
            .map(|setting| Setting { trainer: setting.trainer.batch_size(batch), ..setting })
            .collect();
    }

    let mut table = String::from("seed,setting,seconds,elbo\n");
    let mut found = vec![Vec::new(); settings.len()];
    println!(
        "{:<52} {:>4} {:>8} {:>11} {:>16}",
        "setting", "seed", "seconds", "final ELBO", "default's after"
    );
    for seed in 1..=seeds {
        let curves = race(&settings, &patches, seed)?;
        let full = curves[0][curves[0].len() - 1];
        let mut panel = CurvePanel::new("held-out ELBO (nat)");
        for ((setting, points), found) in settings.iter().zip(&curves).zip(&mut found) {
            let last = points[points.len() - 1];
            let ratio = reaches(points, full.1).map(|seconds| seconds / full.0);
            let reached = ratio.map_or("never".to_owned(), |ratio| format!("{ratio:.2} of its time"));
            println!("{:<52} {seed:>4} {:>8.1} {:>11.2} {reached:>16}", setting.name, last.0, last.1);
            found.push((ratio.unwrap_or(f64::INFINITY), last.1));
            for (seconds, elbo) in points {
                table += &format!("{seed},{},{seconds:.3},{elbo:.4}\n", setting.name);
            }
            let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
            panel = panel.series(&setting.name, &x, &y)?;
        }
        let figure = CurveFigure::new(vec![panel])?.x_label("seconds");
        figure.save_png(folder.join(format!("curves-{seed}.png")))?;
        figure.save_svg(folder.join(format!("curves-{seed}.svg")))?;
    }
    if seeds > 1 {
        println!("\nmedians over {seeds} seeds");
        for (setting, found) in settings.iter().zip(&mut found) {
            found.sort_by(|left, right| left.0.total_cmp(&right.0));
            let ratio = found[found.len() / 2].0;
            found.sort_by(|left, right| left.1.total_cmp(&right.1));
            println!("{:<52} {:>11.2} {ratio:>16.2}", setting.name, found[found.len() / 2].1);
        }
    }
    std::fs::write(folder.join("curves.csv"), table)?;
    Ok(())
}
