//! `pose_speed`: the time of a training step with rotation and scale, relative to that with shift alone: 100
//! patches of 28 × 28 pixels, in turns within one run.
//!
//! ```text
//! cargo run --profile dist -p adatom-benches --bin pose_speed -- [TURNS]
//! ```
//!
//! Every training has a thread of its own; they alternate step by step, so that other load affects all
//! equally. Medians are printed.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "the times are what the program is for")]

use std::error::Error;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

use adatom_vae::ndarray::Array3;
use adatom_vae::{
    Control,
    Invariance::{Rotation, Scale, Shift},
    Observer, PoseHypotheses, ShiftVae, StepEvent, Trainer,
};

/// First steps of each training, not counted: they allocate buffers.
const WARM_UP: usize = 5;

/// Whose turn it is.
struct Turns {
    next: Mutex<usize>,
    changed: Condvar,
    trainings: usize,
}

impl Turns {
    fn wait(&self, training: usize) {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = self.changed.wait_while(next, |next| *next != training);
        drop(wait.unwrap_or_else(PoisonError::into_inner));
    }

    fn pass(&self) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = (*next + 1) % self.trainings;
        self.changed.notify_all();
    }
}

struct Clock<'a> {
    turns: &'a Turns,
    training: usize,
    started: Instant,
    seconds: Vec<f64>,
}

impl Observer for Clock<'_> {
    fn step(&mut self, _event: &StepEvent) -> Control {
        self.seconds.push(self.started.elapsed().as_secs_f64());
        self.turns.pass();
        self.turns.wait(self.training);
        self.started = Instant::now();
        Control::Continue
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn main() -> Result<(), Box<dyn Error>> {
    let turns = std::env::args().nth(1).map_or(Ok(40), |text| text.parse::<usize>())?.max(1);
    let steps = WARM_UP + turns;
    let patches = Array3::from_shape_fn((400, 28, 28), |(n, r, c)| {
        let (sine, cosine) = (0.1 * n as f32).sin_cos();
        let (r, c) = (r as f32 - 13.5 - (n % 5) as f32, c as f32 - 13.5 + (n % 7) as f32);
        0.5 + 0.5 * (0.8 * (r * cosine + c * sine)).sin() * (0.6 * (c * cosine - r * sine)).sin()
    });
    let config = |invariances: &[_]| ShiftVae::image_config(28, 28).invariances(invariances.iter().copied());
    let plain = |config| Trainer::new(config).batch_size(100).epochs(steps.div_ceil(4));
    let all = || config(&[Rotation, Shift, Scale]);
    let trainings = [
        ("shift", plain(config(&[Shift]))),
        ("shift, rotation", plain(config(&[Rotation, Shift]))),
        ("shift, scale", plain(config(&[Shift, Scale]))),
        ("all three", plain(all())),
        ("all three, angle on the circle", plain(all().rotation_circle())),
        (
            "the same with 8 pose hypotheses",
            plain(all().rotation_circle()).pose_hypotheses(PoseHypotheses::rotations(8).epochs(steps)),
        ),
    ];
    let turn = Turns { next: Mutex::new(0), changed: Condvar::new(), trainings: trainings.len() };
    let found: Vec<Vec<f64>> = std::thread::scope(|scope| {
        let runs: Vec<_> = trainings
            .iter()
            .enumerate()
            .map(|(training, (_, trainer))| {
                let (turns, patches) = (&turn, &patches);
                scope.spawn(move || {
                    turns.wait(training);
                    let mut clock = Clock { turns, training, started: Instant::now(), seconds: Vec::new() };
                    let done = trainer.fit_observed(patches, &mut clock);
                    turns.pass();
                    done.map(|_| clock.seconds)
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().expect("a training does not panic")).collect::<Result<_, _>>()
    })?;
    let medians: Vec<f64> = found.iter().map(|seconds| median(&seconds[WARM_UP..])).collect();
    println!("100 patches of 28 x 28, {turns} turns, medians of a step");
    println!("{:<32} {:>8} {:>8}", "", "ms", "ratio");
    for ((name, _), seconds) in trainings.iter().zip(&medians) {
        println!("{name:<32} {:>8.2} {:>8.3}", 1e3 * seconds, seconds / medians[0]);
    }
    Ok(())
}
