//! Times the steps of a training as they are, through an observer.

use std::time::Instant;

use adatom_vae::{Control, Observer, StepEvent};

/// Seconds and page faults of every step of a training, from the choice of its samples to the changed
/// weights.
pub struct Steps<F> {
    /// Seconds of each step; the first includes the preparation of the training.
    pub seconds: Vec<f64>,
    /// Minor page faults of each step, where the system tells them.
    pub faults: Vec<u64>,
    between: F,
    started: Instant,
    faults_before: u64,
}

impl<F: FnMut()> Steps<F> {
    /// An observer that calls `between` after every step, outside of the measured time.
    pub fn new(between: F) -> Self {
        let (seconds, faults) = (Vec::with_capacity(1 << 16), Vec::with_capacity(1 << 16));
        Self { seconds, faults, between, started: Instant::now(), faults_before: page_faults() }
    }
}

impl<F: FnMut()> Observer for Steps<F> {
    fn step(&mut self, _: &StepEvent) -> Control {
        self.seconds.push(self.started.elapsed().as_secs_f64());
        self.faults.push(page_faults() - self.faults_before);
        (self.between)();
        self.faults_before = page_faults();
        self.started = Instant::now();
        Control::Continue
    }
}

/// Minor page faults of this process so far; 0 where the system does not tell.
pub fn page_faults() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in parentheses, may have blanks; minor faults are the eighth field after it.
    let fields = text.rsplit(')').next().unwrap_or_default();
    fields.split_whitespace().nth(7).and_then(|field| field.parse().ok()).unwrap_or(0)
}

/// The middle one of some numbers.
///
/// # Panics
/// When there are none.
pub fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Seconds that `work` takes.
pub fn seconds(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}
