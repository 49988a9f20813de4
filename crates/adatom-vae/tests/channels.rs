//! Samples of several channels: shapes at every door, files, dense encoding, and what they are good for.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use adatom_vae::candle_core::{DType, Tensor};
use adatom_vae::ndarray::{Array2, Array3, Array4, ArrayView1, Axis, s};
use adatom_vae::{
    ChannelSignals, Device, Invariance, Likelihood, Pose, SampleShape, Samples, Scaling, ShiftVae, Trainer,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn pseudo(i: usize) -> f32 {
    ((i as f32 * 0.731).sin() * 437.585).fract().abs()
}

/// Numbers of order one in an array of any channels.
fn numbers(n: usize, channels: usize) -> Array4<f32> {
    Array4::from_shape_fn((n, channels, 7, 6), |(n, c, r, column)| {
        pseudo(n * 1000 + c * 211 + r * 17 + column)
    })
}

#[test]
fn every_door_has_the_axis_of_channels() {
    let config = ShiftVae::image_config(7, 6).channels(3).hidden([12, 8]);
    assert_eq!(config.sample_shape(), SampleShape::ChannelImage { channels: 3, height: 7, width: 6 });
    let vae = ShiftVae::init(config.clone(), 4, &Device::Cpu).unwrap();
    let samples = numbers(5, 3);
    let posterior = vae.encode(&samples).unwrap();
    assert_eq!(posterior.mean().dim(), (5, 4));
    assert_eq!(posterior.shift_pixels().unwrap().dim(), (5, 2));
    let reconstructed = vae.reconstruct(&samples).unwrap();
    assert_eq!(reconstructed.shape(), [5, 3, 7, 6]);
    let content = posterior.content().to_owned();
    assert_eq!(vae.decode(content.view(), &Pose::new()).unwrap().shape(), [5, 3, 7, 6]);
    for finer in [SampleShape::Image { height: 9, width: 8 }, config.sample_shape().with_channels(3)] {
        let decoded = vae.decode_at(content.view(), &Pose::new(), finer).unwrap();
        assert_eq!(decoded.shape()[..2], [5, 3]);
        assert_eq!(decoded.shape()[2..], finer.extents());
    }
    let two = SampleShape::Image { height: 9, width: 8 }.with_channels(2);
    assert!(vae.decode_at(content.view(), &Pose::new(), two).is_err());
    assert_eq!(vae.manifold(&[-1.0, 1.0], &[0.0]).unwrap().dim(), (1, 2, 21, 6));

    // Arrays and rows are the same samples to the tensors.
    let array = Tensor::from_vec(samples.iter().copied().collect(), (5, 3, 7, 6), &Device::Cpu).unwrap();
    let mut rows = Array2::zeros((5, 126));
    samples.fill(&[0, 1, 2, 3, 4], &mut rows.view_mut());
    let flat = Tensor::from_vec(rows.iter().copied().collect(), (5, 126), &Device::Cpu).unwrap();
    let mean = |batch: &Tensor| vae.encode_tensor(batch).unwrap().mean.to_vec2::<f32>().unwrap();
    assert_eq!(mean(&array), mean(&flat));
    assert_eq!(mean(&array)[2], posterior.mean().row(2).to_vec());
    let error = vae.encode_tensor(&array.transpose(2, 3).unwrap()).unwrap_err().to_string();
    assert_eq!(
        error,
        "the batch must have the shape [samples, 3 channels, 7 rows, 6 columns], found [5, 3, 6, 7]"
    );

    // A sample of the wrong kind is refused, whichever way round.
    let message = |vae: &ShiftVae, samples: &dyn Samples| vae.encode(samples).unwrap_err().to_string();
    assert_eq!(
        message(&vae, &numbers(2, 2)),
        "a sample must have the shape [3 channels, 7 rows, 6 columns], found [2 channels, 7 rows, 6 columns]"
    );
    let single = ShiftVae::init(ShiftVae::image_config(7, 6), 1, &Device::Cpu).unwrap();
    assert_eq!(
        message(&single, &samples),
        "a sample must have the shape [7 rows, 6 columns], found [3 channels, 7 rows, 6 columns]"
    );
    let error = ShiftVae::image_config(7, 6).channels(0).check().unwrap_err().to_string();
    assert_eq!(error, "the sample shape must be at least one channel, found 0 channels of 7 x 6");
}

#[test]
fn decoded_channels_are_the_outputs_at_every_coordinate() {
    // A model of one channel whose output layer is row k of that of three decodes the channel k.
    let config = ShiftVae::image_config(7, 6).hidden([12, 8]);
    for invariances in [vec![], vec![Invariance::Rotation, Invariance::Shift]] {
        let config = config.clone().invariances(invariances.clone());
        let three = ShiftVae::init(config.clone().channels(3), 4, &Device::Cpu).unwrap();
        let content = Array2::from_shape_fn((4, 2), |(n, k)| pseudo(n * 7 + k) - 0.5);
        let all = three.decode(content.view(), &Pose::new()).unwrap();
        for channel in 0..3 {
            let mut weights = std::collections::HashMap::new();
            for (name, tensor) in three.weights() {
                let tensor = match name.as_str() {
                    // Points by channels: every third row of a plain decoder.
                    "decoder.output.weight" | "decoder.output.bias" => {
                        let rows: Vec<u32> = (channel..tensor.dim(0).unwrap() as u32).step_by(3).collect();
                        tensor.index_select(&Tensor::new(rows, &Device::Cpu).unwrap(), 0).unwrap()
                    }
                    "encoder.hidden.0.weight" => tensor.narrow(1, 0, 42).unwrap().contiguous().unwrap(),
                    _ => tensor.clone(),
                };
                weights.insert(name.clone(), tensor);
            }
            let vb = adatom_vae::candle_nn::VarBuilder::from_tensors(weights, DType::F32, &Device::Cpu);
            let one = ShiftVae::from_var_builder(config.clone(), vb).unwrap();
            let alone = one.decode(content.view(), &Pose::new()).unwrap();
            let together = all.index_axis(Axis(1), channel as usize);
            assert!(alone.iter().zip(&together).all(|(a, b)| (a - b).abs() < 1e-6), "{invariances:?}");
        }
    }
}

#[test]
fn every_window_of_several_channels_is_encoded_as_its_patch() {
    let vae =
        ShiftVae::init(ShiftVae::image_config(5, 4).channels(3).hidden([11, 9]), 4, &Device::Cpu).unwrap();
    let image = Array3::from_shape_fn((3, 13, 17), |(c, r, column)| pseudo(c * 301 + r * 19 + column));
    let dense = vae.sliding_encoder().unwrap().encode(image.view(), [2, 1]).unwrap();
    let (rows, columns) = (5, 14);
    let patches = Array4::from_shape_fn((rows * columns, 3, 5, 4), |(n, c, i, j)| {
        image[[c, n / columns * 2 + i, n % columns + j]]
    });
    let each = vae.encode(&patches).unwrap();
    assert!((&dense.mean() - &each.mean()).iter().all(|difference| difference.abs() < 1e-5));
    assert!((&dense.sd() - &each.sd()).iter().all(|difference| difference.abs() < 1e-5));
    let error = vae.encode_sliding(image.index_axis(Axis(0), 0), [1, 1]).unwrap_err().to_string();
    assert_eq!(error, "the image must have the shape [3 channels, rows, columns], found [1, 13, 17]");
}

#[test]
fn files_hold_channels_and_their_scalings() {
    struct Scaled(Array4<f32>);
    impl Samples for Scaled {
        fn count(&self) -> usize {
            self.0.count()
        }
        fn shape(&self) -> SampleShape {
            Samples::shape(&self.0)
        }
        fn fill(&self, indices: &[usize], batch: &mut adatom_vae::ndarray::ArrayViewMut2<'_, f32>) {
            self.0.fill(indices, batch);
        }
        fn channel_scalings(&self) -> Option<Vec<Scaling>> {
            Some((0..2).map(|c| Scaling { offset: c as f32, ..Scaling::identity() }).collect())
        }
    }
    let samples = Scaled(numbers(30, 2));
    let config =
        ShiftVae::image_config(7, 6).channels(2).hidden([8]).likelihood(Likelihood::GaussianPerPixel);
    let vae = Trainer::new(config).epochs(2).pixel_fraction(0.5).fit(&samples).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    vae.save(&path).unwrap();
    let loaded = ShiftVae::load(&path, &Device::Cpu).unwrap();
    assert_eq!(loaded.config(), vae.config());
    assert_eq!(loaded.channel_scalings(), samples.channel_scalings().as_deref());
    assert_eq!(loaded.encode(&samples).unwrap().mean(), vae.encode(&samples).unwrap().mean());
    assert_eq!(loaded.noise_sigma().unwrap().unwrap().shape(), [2, 7, 6]);
    let learnt = ShiftVae::image_config(7, 6).channels(2).hidden([8]).likelihood(Likelihood::GaussianLearned);
    let vae = Trainer::new(learnt).epochs(1).fit(&samples).unwrap();
    assert_eq!(vae.noise_sigma().unwrap().unwrap().shape(), [2], "one for each channel");
}

#[test]
fn signals_of_several_channels_are_learnt() {
    // Two channels with a peak at the same place, whose share is the content.
    let (n, mut random) = (300, ChaCha8Rng::seed_from_u64(5));
    let mut uniform = || random.random::<f32>();
    let shares: Vec<f32> = (0..n).map(|_| uniform()).collect();
    let positions: Vec<f32> = (0..n).map(|_| 9.5 + 5.0 * (uniform() - 0.5)).collect();
    let signals = Array3::from_shape_fn((n, 2, 20), |(n, channel, i)| {
        let height = if channel == 0 { shares[n] } else { 1.0 - shares[n] };
        height * (-0.5 * ((i as f32 - positions[n]) / 1.5).powi(2)).exp()
    });
    let config = ShiftVae::signal_config(20).channels(2).latent_dim(1).hidden([32, 32]).shift_prior(0.3);
    let config = config.likelihood(Likelihood::Gaussian { sigma: 0.1 });
    let trainer = Trainer::new(config).epochs(60).batch_size(30).learning_rate(3e-3).seed(2);
    let samples = ChannelSignals(signals.view());
    let vae = trainer.fit(&samples).unwrap();
    let posterior = vae.encode(&samples).unwrap();
    let share = correlation(posterior.content().column(0), &shares);
    let place = correlation(posterior.shift_pixels().unwrap().column(0), &positions);
    println!("correlations of the share of two channels {share:.3}, of the place {place:.3}");
    assert!(share.abs() > 0.95 && place > 0.95, "{share} {place}");
    assert_eq!(vae.reconstruct(&samples).unwrap().shape(), [n, 2, 20]);
}

fn correlation(a: ArrayView1<'_, f32>, b: &[f32]) -> f64 {
    let mean = |values: &mut dyn Iterator<Item = f32>| values.map(f64::from).sum::<f64>() / b.len() as f64;
    let (mean_a, mean_b) = (mean(&mut a.iter().copied()), mean(&mut b.iter().copied()));
    let (mut covariance, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
    for (&a, &b) in a.iter().zip(b) {
        let (a, b) = (f64::from(a) - mean_a, f64::from(b) - mean_b);
        (covariance, square_a, square_b) = (covariance + a * b, square_a + a * a, square_b + b * b);
    }
    covariance / (square_a * square_b).sqrt()
}

#[test]
fn two_detectors_tell_what_neither_tells_alone() {
    // A spot in both detectors at the same place. Its total is random, how it is divided is the state. Each
    // detector alone sees brightness = total times share, from which the share cannot be told; both together
    // give it.
    let (n, mut random) = (600, ChaCha8Rng::seed_from_u64(3));
    let mut uniform = || random.random::<f32>();
    let shares: Vec<f32> = (0..n).map(|_| 0.1 + 0.8 * uniform()).collect();
    let spots: Vec<[f32; 3]> = (0..n)
        .map(|_| [4.5 + 3.0 * (uniform() - 0.5), 4.5 + 3.0 * (uniform() - 0.5), 0.25 + 0.75 * uniform()])
        .collect();
    let patches = Array4::from_shape_fn((n, 2, 10, 10), |(n, channel, r, c)| {
        let [row, column, total] = spots[n];
        let distance = (r as f32 - row).powi(2) + (c as f32 - column).powi(2);
        total * if channel == 0 { shares[n] } else { 1.0 - shares[n] } * (-distance / 9.7).exp()
    });
    let config = ShiftVae::image_config(10, 10).latent_dim(2).hidden([32, 32]).shift_prior(0.2);
    let config = config.likelihood(Likelihood::Gaussian { sigma: 0.05 });
    let trainer = |config| Trainer::new(config).epochs(40).batch_size(40).learning_rate(3e-3).seed(3);
    // The share is a function of both latents: R² of the regression on a quadratic of them.
    let both = trainer(config.clone().channels(2)).fit(&patches).unwrap();
    let posterior = both.encode(&patches).unwrap();
    let both = regression(&posterior.content().to_owned(), &shares);
    let shifts = posterior.shift_pixels().unwrap();
    let positions = [0, 1].map(|axis| {
        let truth: Vec<f32> = spots.iter().map(|spot| spot[axis]).collect();
        correlation(shifts.column(axis), &truth)
    });
    let alone = [0, 1].map(|channel| {
        let one = patches.slice(s![.., channel, .., ..]).to_owned();
        let vae = trainer(config.clone()).fit(&one).unwrap();
        regression(&vae.encode(&one).unwrap().content().to_owned(), &shares)
    });
    println!(
        "R² of the share: both detectors {both:.3}, each alone {alone:.3?}; r of the positions {positions:.3?}"
    );
    assert!(both > 0.85 && alone.iter().all(|&alone| alone < 0.75), "{both} {alone:?}");
    assert!(positions.iter().all(|&place| place > 0.95), "{positions:?}");
}

/// R² of the least-squares fit of `target` by 1, a, b, a², ab, b².
fn regression(content: &Array2<f32>, target: &[f32]) -> f64 {
    let features = |row: ArrayView1<'_, f32>| {
        let (a, b) = (f64::from(row[0]), f64::from(row[1]));
        [1.0, a, b, a * a, a * b, b * b]
    };
    let (mut normal, mut right) = ([[0.0; 6]; 6], [0.0; 6]);
    for (row, &y) in content.rows().into_iter().zip(target) {
        let f = features(row);
        for i in 0..6 {
            right[i] += f[i] * f64::from(y);
            (0..6).for_each(|j| normal[i][j] += f[i] * f[j]);
        }
    }
    (0..6).for_each(|i| normal[i][i] += 1e-9 * normal[i][i] + 1e-12);
    // Gauss and Jordan; the matrix is positive definite.
    for pivot in 0..6 {
        let divisor = normal[pivot][pivot];
        normal[pivot].iter_mut().for_each(|value| *value /= divisor);
        right[pivot] /= divisor;
        for row in (0..6).filter(|&row| row != pivot) {
            let factor = normal[row][pivot];
            let above = normal[pivot];
            normal[row].iter_mut().zip(above).for_each(|(value, above)| *value -= factor * above);
            right[row] -= factor * right[pivot];
        }
    }
    let mean = target.iter().map(|&y| f64::from(y)).sum::<f64>() / target.len() as f64;
    let (mut rest, mut all) = (0.0, 0.0);
    for (row, &y) in content.rows().into_iter().zip(target) {
        let fitted: f64 = features(row).iter().zip(right).map(|(f, c)| f * c).sum();
        rest += (f64::from(y) - fitted).powi(2);
        all += (f64::from(y) - mean).powi(2);
    }
    1.0 - rest / all
}
