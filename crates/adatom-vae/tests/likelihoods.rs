//! Noise models: what is planted in generated data is found, and what they cannot score is refused.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_vae::ndarray::{Array2, Array3, s};
use adatom_vae::{Device, LearningRate, Likelihood, OutputLink, SampleShape, ShiftVae, Trainer, VaeConfig};

/// Uniform numbers in [0, 1): a linear congruential generator, the same on every machine.
struct Draws(u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Box and Muller's transform.
    fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.uniform(), self.uniform());
        (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
    }

    /// Knuth's product of uniform numbers.
    fn poisson(&mut self, rate: f64) -> f64 {
        let (end, mut product, mut count) = ((-rate).exp(), self.uniform(), 0.0);
        while product > end {
            product *= self.uniform();
            count += 1.0;
        }
        count
    }
}

/// `n` peaks on 24 points at positions and heights that differ.
fn peaks(n: usize, draws: &mut Draws) -> Array2<f64> {
    let mut signals = Array2::zeros((n, 24));
    for mut signal in signals.rows_mut() {
        let (position, height) = (11.5 + 2.0 * draws.normal(), 0.5 + 0.4 * draws.uniform());
        for (i, value) in signal.iter_mut().enumerate() {
            *value = height * (-0.5 * ((i as f64 - position) / 2.0).powi(2)).exp();
        }
    }
    signals
}

fn signal_config() -> VaeConfig {
    ShiftVae::signal_config(24).latent_dim(1).hidden([32, 32]).shift_prior(0.2)
}

#[test]
fn the_learnt_sigma_is_that_of_the_noise() {
    let mut draws = Draws(3);
    let mut signals = peaks(1000, &mut draws);
    let planted = 0.08;
    signals.mapv_inplace(|value| value + planted * draws.normal());
    let signals = signals.mapv(|value| value as f32);
    // An encoder too small to read the place to a small part of a pixel would leave more than the noise.
    let config = signal_config().hidden([64, 32]).likelihood(Likelihood::GaussianLearned);
    let config = config.output(OutputLink::Identity);
    let trainer = Trainer::new(config)
        .epochs(120)
        .batch_size(50)
        .learning_rate(LearningRate::Cosine { peak: 6e-3, warm_up: 0.1 })
        .seed(1);
    let vae = trainer.fit(&signals).unwrap();
    let sigma = f64::from(vae.noise_sigma().unwrap().unwrap()[[0]]);
    println!("planted {planted}, found {sigma:.4}");
    assert!((sigma / planted - 1.0).abs() < 0.05, "{sigma}");

    // A fixed width of 0.5, the usual one, leaves 0.5 - 0.08 undescribed and scores far worse.
    let usual = trainer_of(Likelihood::gaussian()).fit(&signals).unwrap();
    let (learnt, fixed) = (vae.elbo(&signals, 1).unwrap().total(), usual.elbo(&signals, 1).unwrap().total());
    println!("ELBO {learnt:.2} with the learnt sigma, {fixed:.2} with 0.5");
    assert!(learnt > fixed + 20.0);
}

fn trainer_of(likelihood: Likelihood) -> Trainer {
    let config = signal_config().likelihood(likelihood);
    let config = if likelihood == Likelihood::Poisson { config } else { config.output(OutputLink::Identity) };
    Trainer::new(config).epochs(30).batch_size(50).learning_rate(4e-3).seed(1)
}

#[test]
fn noise_of_every_pixel_finds_a_noisy_stripe() {
    let mut draws = Draws(5);
    // Spots of differing position and height; columns 2 and 3 of the detector are four times as noisy.
    let planted = |column: usize| if (2..4).contains(&column) { 0.2 } else { 0.05 };
    let mut patches = Array3::<f32>::zeros((800, 10, 10));
    for mut patch in patches.outer_iter_mut() {
        let (row, column) = (4.5 + draws.normal(), 4.5 + draws.normal());
        let height = 0.4 + 0.4 * draws.uniform();
        for ((r, c), value) in patch.indexed_iter_mut() {
            let distance = (r as f64 - row).powi(2) + (c as f64 - column).powi(2);
            *value = (height * (-distance / 8.0).exp() + planted(c) * draws.normal()) as f32;
        }
    }
    let config = ShiftVae::image_config(10, 10).latent_dim(1).hidden([32, 32]).shift_prior(0.2);
    let config = config.likelihood(Likelihood::GaussianPerPixel).output(OutputLink::Identity);
    // Half of the pixels a step: those that are not scored have no gradient.
    let trainer =
        Trainer::new(config).epochs(30).batch_size(40).learning_rate(4e-3).pixel_fraction(0.5).seed(1);
    let vae = trainer.fit(&patches).unwrap();
    let sigma = vae.noise_sigma().unwrap().unwrap();
    assert_eq!(sigma.shape(), [10, 10]);
    let mean = |column: usize| f64::from(sigma.slice(s![.., column]).mean().unwrap());
    let found: Vec<f64> = (0..10).map(mean).collect();
    println!("mean sigma of each column: {found:.3?}");
    for (column, found) in found.iter().enumerate() {
        assert!((found / planted(column) - 1.0).abs() < 0.15, "column {column}: {found}");
    }
    let (mut least, mut most) = (f32::INFINITY, 0f32);
    for (index, &sigma) in sigma.indexed_iter() {
        if (2..4).contains(&index[1]) {
            least = least.min(sigma);
        } else {
            most = most.max(sigma);
        }
    }
    assert!(least > 2.0 * most, "stripe at least {least}, elsewhere at most {most}");
}

#[test]
fn poisson_beats_a_gaussian_on_low_counts() {
    let mut draws = Draws(7);
    let mut of = |n: usize| {
        let rates = peaks(n, &mut draws).mapv(|value| 0.2 + 4.0 * value);
        let counts = rates.mapv(|rate| draws.poisson(rate) as f32);
        (rates, counts)
    };
    let ((_, training), (rates, held_out)) = (of(1000), of(500));
    let fit = |likelihood| trainer_of(likelihood).fit(&training).unwrap();
    let (poisson, gaussian) = (fit(Likelihood::Poisson), fit(Likelihood::GaussianLearned));
    // ln of masses and ln of densities times the width 1 of a count.
    let elbo = |vae: &ShiftVae| vae.elbo(&held_out, 1).unwrap().total();
    let (mine, other) = (elbo(&poisson), elbo(&gaussian));
    let decoded = poisson.reconstruct(&held_out).unwrap();
    assert!(decoded.iter().all(|&rate| rate > 0.0));
    let root = |found: &dyn Fn(usize, usize) -> f64| {
        let squares = rates.indexed_iter().map(|((n, i), rate)| (found(n, i) - rate).powi(2));
        (squares.sum::<f64>() / rates.len() as f64).sqrt()
    };
    let (model, counts) =
        (root(&|n, i| f64::from(decoded[[n, i]])), root(&|n, i| f64::from(held_out[[n, i]])));
    println!("held-out ELBO per signal: Poisson {mine:.2}, Gaussian with a learnt sigma {other:.2}");
    println!("error of the rate: {model:.3} decoded, {counts:.3} of the counts themselves");
    assert!(mine > other + 3.0, "{mine} against {other}");
    assert!(model < 0.5 * counts);
}

#[test]
fn trained_noise_is_saved_and_the_same_for_every_number_of_threads() {
    let mut draws = Draws(11);
    let signals = peaks(120, &mut draws).mapv(|value| value as f32);
    for likelihood in [Likelihood::GaussianLearned, Likelihood::GaussianPerPixel] {
        let fit = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| trainer_of(likelihood).epochs(2).pixel_fraction(0.7).fit(&signals).unwrap())
        };
        let vae = fit(1);
        let sigma = vae.noise_sigma().unwrap();
        assert!(sigma.as_ref().unwrap().iter().all(|sigma| (sigma - 0.5).abs() > 1e-3), "it was trained");
        assert_eq!(sigma, fit(4).noise_sigma().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        vae.save(&path).unwrap();
        let loaded = ShiftVae::load(&path, &Device::Cpu).unwrap();
        assert_eq!((loaded.noise_sigma().unwrap(), loaded.config()), (sigma, vae.config()));
    }
}

#[test]
fn what_a_likelihood_cannot_score_is_refused() {
    let mut signals = Array2::<f32>::ones((5, 24));
    signals[[3, 7]] = -1.0;
    let message = |likelihood| trainer_of(likelihood).fit(&signals).unwrap_err().to_string();
    assert_eq!(
        message(Likelihood::Poisson),
        "value -1 at position 7 of sample 3 is not a count, finite and not negative, as this likelihood needs"
    );
    assert!(trainer_of(Likelihood::GaussianPerPixel).epochs(1).fit(&signals).is_ok());
    let config = VaeConfig::new(SampleShape::Signal { points: 8 });
    let message = |config: VaeConfig| config.check().unwrap_err().to_string();
    assert_eq!(
        message(config.clone().likelihood(Likelihood::Poisson).output(OutputLink::Sigmoid)),
        "the output must be exponential for a Poisson likelihood, found sigmoid"
    );
    assert_eq!(
        message(config.clone().output(OutputLink::Exponential)),
        "the output must be sigmoid or identity for another likelihood than Poisson, found exponential"
    );
    // The output of counts does not stay when another likelihood is chosen after it.
    assert!(config.likelihood(Likelihood::Poisson).likelihood(Likelihood::GaussianLearned).check().is_ok());
}
