//! Which way of training reaches the final ELBO of the default one soonest?
//!
//! ```text
//! cargo run --release -p adatom --example time_to_elbo -- [--epochs N] [--set fraction|rate|batch|frequency] FOLDER [IMAGE WINDOW STRIDE]
//! ```
//!
//! Without an image: 2,000 patches of 28 × 28 pixels of a generated lattice. Every way trains with the same seed; after
//! each epoch the same held-out patches (5 %) are scored on all their pixels, and the clock counts everything. The
//! default way runs first; the others get its time and no more. FOLDER receives `curves.csv` and `curves.png`.

// A program prints.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use adatom::interpret::{CurveFigure, CurvePanel, Figure};
use adatom::patch::{Image, Patches, Samples, Stride, Window, synthetic::Lattice};
use adatom::vae::{Control, EpochEvent, LearningRate, Observer, Trainer, VaeConfig};

/// One way of training, beside the default: all pixels, batches of 100, Adam with 1e-3.
struct Way {
    name: String,
    trainer: Trainer,
}

/// Time and held-out ELBO after each epoch.
struct Clock {
    started: Instant,
    points: Vec<(f64, f64)>,
    limit: f64,
}

impl Observer for Clock {
    fn epoch(&mut self, event: &EpochEvent<'_>) -> Control {
        let seconds = self.started.elapsed().as_secs_f64();
        let elbo = event.record.held_out.unwrap_or(event.record.elbo);
        self.points.push((seconds, elbo.total()));
        if seconds > self.limit { Control::Stop } else { Control::Continue }
    }
}

fn ways(config: &VaeConfig, epochs: usize, set: &str) -> Vec<Way> {
    let with = |config: &VaeConfig| Trainer::new(config.clone()).epochs(epochs).held_out(0.05).seed(1);
    let base = || with(config);
    // Enough epochs for cheaper ways to fill the time; the clock stops them.
    let longer = |factor: f64| base().epochs((epochs as f64 * factor).ceil() as usize);
    let way = |name: &str, trainer: Trainer| Way { name: name.to_owned(), trainer };
    let mut ways = vec![way("default", base())];
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
            // A schedule must end where the comparison ends: a third of the epochs.
            let third = || base().epochs(epochs.div_ceil(3));
            for peak in [2e-3, 4e-3] {
                let rate = LearningRate::Cosine { peak, warm_up: 0.1 };
                ways.push(way(&format!("cosine {peak:.0e}, a third"), third().learning_rate(rate)));
            }
        }
        "batch" => {
            for batch in [25, 50, 200] {
                ways.push(way(&format!("batch {batch}"), longer(1.5).batch_size(batch)));
            }
        }
        _ => {
            for factor in [2.0, 4.0, 8.0] {
                let config = config.clone().first_frequency(factor);
                ways.push(way(&format!("frequency × {factor}"), with(&config)));
            }
            let config = config.clone().first_frequency(4.0);
            let rate = LearningRate::Cosine { peak: 4e-3, warm_up: 0.1 };
            let both = with(&config).epochs(epochs.div_ceil(3)).learning_rate(rate);
            ways.push(way("frequency × 4, cosine 4e-3, a third", both));
            let quick = with(&config).epochs(epochs.div_ceil(3)).learning_rate(rate).pixel_fraction(0.5);
            ways.push(way("the same, 50 % of pixels", quick));
        }
    }
    ways
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut epochs, mut set, mut rest) = (60, "fraction".to_owned(), Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--epochs" => epochs = arguments.next().ok_or("--epochs needs a number")?.parse()?,
            "--set" => set = arguments.next().ok_or("--set needs a name")?,
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
            let lattice = Lattice::new(512, 512).cell([20.0, 20.0]).seed(1).generate()?;
            Patches::random(&lattice.image, Window::square(28), 2000, 1)?
        }
    };
    println!("{} patches of {} pixels, {epochs} epochs", patches.count(), patches.window());
    let config = VaeConfig::new(Samples::shape(&patches)).dx_prior(0.3);

    let mut panel = CurvePanel::new("held-out ELBO (nat)");
    let (mut table, mut limit, mut target) = (String::from("way,seconds,elbo\n"), f64::INFINITY, None);
    println!("{:<36} {:>9} {:>12} {:>22}", "way", "seconds", "final ELBO", "reaches the default's");
    for Way { name, trainer } in ways(&config, epochs, &set) {
        let mut clock = Clock { started: Instant::now(), points: Vec::new(), limit };
        trainer.fit_observed(&patches, &mut clock)?;
        let points = clock.points;
        let last = points[points.len() - 1];
        if target.is_none() {
            (limit, target) = (last.0, Some(last));
        }
        let (full, goal) = target.unwrap_or(last);
        let reached = points.iter().find(|point| point.1 >= goal).map_or_else(
            || "never".to_owned(),
            |point| format!("{:.1} s ({:.2} of it)", point.0, point.0 / full),
        );
        println!("{name:<36} {:>9.1} {:>12.2} {reached:>22}", last.0, last.1);
        for (seconds, elbo) in &points {
            table += &format!("{name},{seconds:.3},{elbo:.4}\n");
        }
        let (x, y): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        panel = panel.series(&name, &x, &y)?;
    }
    std::fs::write(folder.join("curves.csv"), table)?;
    CurveFigure::new(vec![panel])?.x_label("seconds").save_png(folder.join("curves.png"))?;
    Ok(())
}
