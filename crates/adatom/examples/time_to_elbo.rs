//! Compares settings of the training by the time to reach the final ELBO of the default.
//!
//! ```text
//! cargo run --release -p adatom --example time_to_elbo -- [--epochs N] [--seeds N] [--frequency F] [--batch N]
//!     [--set fraction|rate|batch|frequency|fourier|combined] FOLDER [IMAGE WINDOW STRIDE]
//! ```
//!
//! Without an image: 2,000 patches of 28 × 28 pixels of a generated lattice. The trainings alternate epoch by
//! epoch, so that other load of the machine affects all equally; the time of each is summed. After every
//! epoch the same held-out patches (5 %) are scored on all pixels. FOLDER receives `curves.csv` and a figure
//! for each seed.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use adatom::interpret::{CurveFigure, CurvePanel, Figure};
use adatom::patch::{Image, Patches, Samples, Stride, Window};
use adatom::synthetic::LatticeImage;
use adatom::vae::{Control, EpochEvent, LearningRate, Observer, Trainer, VaeConfig};

/// One way of training, beside the default: all pixels, batches of 100, Adam with 1e-3.
struct Way {
    name: String,
    trainer: Trainer,
}

/// Lets the ways take turns, an epoch each, so that all of them meet the same machine: the next turn belongs
/// to the one that has had the least time so far.
struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// Seconds that each way has had; `None` when it has finished.
    seconds: Vec<Option<f64>>,
    taken: bool,
}

impl Turns {
    fn new(ways: usize) -> Self {
        Self {
            state: Mutex::new(State { seconds: vec![Some(0.0); ways], taken: false }),
            changed: Condvar::new(),
        }
    }

    fn take(&self, way: usize) {
        let next = |state: &State| {
            let waiting =
                state.seconds.iter().enumerate().filter_map(|(way, seconds)| Some((way, (*seconds)?)));
            waiting.min_by(|left, right| left.1.total_cmp(&right.1)).map(|(way, _)| way)
        };
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self
            .changed
            .wait_while(state, |state| state.taken || next(state) != Some(way))
            .unwrap_or_else(PoisonError::into_inner);
        state.taken = true;
    }

    fn give(&self, way: usize, seconds: Option<f64>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.seconds[way] = seconds;
        state.taken = false;
        self.changed.notify_all();
    }
}

/// Time and held-out ELBO after each epoch of one way.
struct Clock<'a> {
    turns: &'a Turns,
    way: usize,
    started: Instant,
    /// (seconds, ELBO) after each epoch; only the way's own turns count.
    points: Vec<(f64, f64)>,
    /// Time of the default way, once it has finished.
    limit: &'a OnceLock<f64>,
}

impl Observer for Clock<'_> {
    fn epoch(&mut self, event: &EpochEvent<'_>) -> Control {
        let before = self.points.last().map_or(0.0, |point| point.0);
        let seconds = before + self.started.elapsed().as_secs_f64();
        let elbo = event.record.held_out.unwrap_or(event.record.elbo);
        self.points.push((seconds, elbo.total()));
        self.turns.give(self.way, Some(seconds));
        self.turns.take(self.way);
        self.started = Instant::now();
        if self.limit.get().is_some_and(|limit| seconds > *limit) { Control::Stop } else { Control::Continue }
    }
}

/// Trains all ways in turns; the first is the default, and no other gets more time than it.
fn race(ways: &[Way], patches: &Patches, seed: u64) -> Result<Vec<Vec<(f64, f64)>>, adatom::vae::TrainError> {
    let (turns, limit) = (Turns::new(ways.len()), OnceLock::new());
    std::thread::scope(|scope| {
        let runs: Vec<_> = ways
            .iter()
            .enumerate()
            .map(|(way, Way { trainer, .. })| {
                let (turns, limit) = (&turns, &limit);
                scope.spawn(move || {
                    turns.take(way);
                    let mut clock = Clock { turns, way, started: Instant::now(), points: Vec::new(), limit };
                    let done = trainer.clone().seed(seed).fit_observed(patches, &mut clock);
                    if way == 0 {
                        limit.get_or_init(|| clock.points.last().map_or(0.0, |point| point.0));
                    }
                    turns.give(way, None);
                    done.map(|_| clock.points)
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().expect("a training does not panic")).collect()
    })
}

fn ways(config: &VaeConfig, epochs: usize, set: &str) -> Vec<Way> {
    let with = |config: &VaeConfig| Trainer::new(config.clone()).epochs(epochs).held_out(0.05);
    let base = || with(config);
    // Enough epochs for cheaper ways to fill the time; the clock stops them.
    let longer = |factor: f64| base().epochs((epochs as f64 * factor).ceil() as usize);
    let way = |name: &str, trainer: Trainer| Way { name: name.to_owned(), trainer };
    let mut ways = vec![way("default", base())];
    // A schedule must end where the comparison ends: a third of the epochs.
    let third = epochs.div_ceil(3);
    let cosine = |peak: f64| LearningRate::Cosine { peak, warm_up: 0.1 };
    match set {
        "fraction" => {
            for fraction in [0.5, 0.25, 0.1] {
                let trainer = longer(1.5 / fraction).pixel_fraction(fraction);
                ways.push(way(&format!("{:.0} % of pixels", 100.0 * fraction), trainer));
            }
        }
        "rate" => {
            ways.push(way("rate 2e-3", base().learning_rate(2e-3)));
            ways.push(way("rate 4e-3", base().learning_rate(4e-3)));
            for peak in [2e-3, 4e-3] {
                let trainer = base().epochs(third).learning_rate(cosine(peak));
                ways.push(way(&format!("cosine {peak:.0e}, a third"), trainer));
            }
        }
        "batch" => {
            for batch in [25, 50, 200] {
                ways.push(way(&format!("batch {batch}"), longer(1.5).batch_size(batch)));
            }
        }
        "frequency" => {
            for factor in [2.0, 4.0, 8.0] {
                let config = config.clone().coordinate_frequency(factor);
                ways.push(way(&format!("frequency × {factor}"), with(&config)));
            }
        }
        "fourier" => {
            for periods in [1.0, 2.0, 4.0] {
                let config = config.clone().fourier_features(periods);
                ways.push(way(&format!("Fourier features, {periods} periods"), with(&config)));
            }
        }
        _ => {
            for (frequency, batch, peak) in
                [(4.0, 50, 2e-3), (8.0, 50, 2e-3), (8.0, 25, 2e-3), (8.0, 25, 1e-3)]
            {
                let config = config.clone().coordinate_frequency(frequency);
                let trainer = with(&config).epochs(third).batch_size(batch).learning_rate(cosine(peak));
                ways.push(way(
                    &format!("frequency × {frequency}, batch {batch}, cosine {peak:.0e}, a third"),
                    trainer,
                ));
            }
        }
    }
    ways
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
    let mut ways = ways(&config, epochs, &set);
    // What a set does not choose itself.
    if set != "batch" && set != "combined" {
        ways = ways.into_iter().map(|way| Way { trainer: way.trainer.batch_size(batch), ..way }).collect();
    }

    let mut table = String::from("seed,way,seconds,elbo\n");
    let mut found = vec![Vec::new(); ways.len()];
    println!("{:<52} {:>4} {:>8} {:>11} {:>16}", "way", "seed", "seconds", "final ELBO", "default's after");
    for seed in 1..=seeds {
        let curves = race(&ways, &patches, seed)?;
        let full = curves[0][curves[0].len() - 1];
        let mut panel = CurvePanel::new("held-out ELBO (nat)");
        for ((way, points), found) in ways.iter().zip(&curves).zip(&mut found) {
            let last = points[points.len() - 1];
            let ratio = reaches(points, full.1).map(|seconds| seconds / full.0);
            let reached = ratio.map_or("never".to_owned(), |ratio| format!("{ratio:.2} of its time"));
            println!("{:<52} {seed:>4} {:>8.1} {:>11.2} {reached:>16}", way.name, last.0, last.1);
            found.push((ratio.unwrap_or(f64::INFINITY), last.1));
            for (seconds, elbo) in points {
                table += &format!("{seed},{},{seconds:.3},{elbo:.4}\n", way.name);
            }
            let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
            panel = panel.series(&way.name, &x, &y)?;
        }
        let figure = CurveFigure::new(vec![panel])?.x_label("seconds");
        figure.save_png(folder.join(format!("curves-{seed}.png")))?;
        figure.save_svg(folder.join(format!("curves-{seed}.svg")))?;
    }
    if seeds > 1 {
        println!("\nmedians over {seeds} seeds");
        for (way, found) in ways.iter().zip(&mut found) {
            found.sort_by(|left, right| left.0.total_cmp(&right.0));
            let ratio = found[found.len() / 2].0;
            found.sort_by(|left, right| left.1.total_cmp(&right.1));
            println!("{:<52} {:>11.2} {ratio:>16.2}", way.name, found[found.len() / 2].1);
        }
    }
    std::fs::write(folder.join("curves.csv"), table)?;
    Ok(())
}
