//! The convolutional encoder: the same numbers as written out, dense encoding, files, and what it learns.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;

use adatom_vae::candle_core::Tensor;
use adatom_vae::ndarray::{Array2, Array3, Array4, ArrayView1};
use adatom_vae::{Device, EncoderKind, Likelihood, SampleShape, ShiftVae, Trainer, VaeConfig};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn pseudo(i: usize) -> f32 {
    ((i as f32 * 0.731).sin() * 437.585).fract().abs()
}

/// A weight in double precision.
fn weight(weights: &BTreeMap<String, Tensor>, name: &str) -> Vec<f64> {
    weights[name].flatten_all().unwrap().to_vec1::<f32>().unwrap().into_iter().map(f64::from).collect()
}

/// The means of one sample `[channels, rows, columns]` by loops over pixels, tanh as activation.
fn means(vae: &ShiftVae, sample: &Array3<f64>, layers: usize) -> Vec<f64> {
    let mut h = sample.clone();
    for layer in 0..layers {
        let kernel = &vae.weights()[&format!("encoder.convolution.{layer}.weight")];
        let (outputs, inputs, kh, kw) = kernel.dims4().unwrap();
        let kernel = weight(vae.weights(), &format!("encoder.convolution.{layer}.weight"));
        let bias = weight(vae.weights(), &format!("encoder.convolution.{layer}.bias"));
        let (_, height, width) = h.dim();
        let rows = if kh == 1 { height } else { height.div_ceil(2) };
        h = Array3::from_shape_fn((outputs, rows, width.div_ceil(2)), |(o, r, c)| {
            let mut sum = bias[o];
            for i in 0..inputs {
                for a in 0..kh {
                    for b in 0..kw {
                        // Row 2 r + a - 1, column 2 c + b - 1; beyond the edges zeros.
                        let row = if kh == 1 { Some(r) } else { (2 * r + a).checked_sub(1) };
                        let at = row.zip((2 * c + b).checked_sub(1)).and_then(|(r, c)| h.get([i, r, c]));
                        sum += at.copied().unwrap_or(0.0) * kernel[((o * inputs + i) * kh + a) * kw + b];
                    }
                }
            }
            sum.tanh()
        });
    }
    // The channels of a pixel together.
    let flat: Vec<f64> = h.permuted_axes([1, 2, 0]).iter().copied().collect();
    let (matrix, bias) =
        (weight(vae.weights(), "encoder.mean.weight"), weight(vae.weights(), "encoder.mean.bias"));
    let row = |(row, bias): (&[f64], &f64)| row.iter().zip(&flat).map(|(w, h)| w * h).sum::<f64>() + bias;
    matrix.chunks(flat.len()).zip(&bias).map(row).collect()
}

#[test]
fn means_are_those_of_the_convolutions_written_out() {
    for (channels, height, width) in [(1, 8, 8), (2, 9, 6), (3, 5, 7), (2, 1, 4)] {
        let config = ShiftVae::image_config(height, width)
            .channels(channels)
            .encoder(EncoderKind::convolutional([4, 5]));
        let vae = ShiftVae::init(config, 3, &Device::Cpu).unwrap();
        let shape = (3, channels, height, width);
        let samples = Array4::from_shape_fn(shape, |(n, k, r, c)| pseudo(n * 999 + k * 111 + r * 13 + c));
        let posterior = vae.encode(&samples).unwrap();
        for (sample, found) in samples.outer_iter().zip(posterior.mean().rows()) {
            let expected = means(&vae, &sample.mapv(f64::from), 2);
            for (found, expected) in found.iter().zip(expected) {
                assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} {expected}");
            }
        }
    }
    let config = ShiftVae::signal_config(11).encoder(EncoderKind::convolutional([4, 3]));
    let vae = ShiftVae::init(config, 3, &Device::Cpu).unwrap();
    let signals = Array2::from_shape_fn((3, 11), |(n, i)| pseudo(n * 99 + i));
    let found = vae.encode(&signals).unwrap();
    for (signal, found) in signals.outer_iter().zip(found.mean().rows()) {
        let sample = signal.mapv(f64::from).into_shape_with_order((1, 1, 11)).unwrap();
        for (found, expected) in found.iter().zip(means(&vae, &sample, 2)) {
            assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} {expected}");
        }
    }
}

#[test]
fn every_window_is_encoded_as_its_patch() {
    let config = ShiftVae::image_config(6, 5).channels(2).encoder(EncoderKind::convolutional([4, 4]));
    let vae = ShiftVae::init(config, 3, &Device::Cpu).unwrap();
    let image = Array3::from_shape_fn((2, 23, 31), |(k, r, c)| pseudo(k * 997 + r * 37 + c));
    let dense = vae.sliding_encoder().unwrap().encode(image.view(), [1, 2]).unwrap();
    let (rows, columns) = (18, 14);
    let patches = Array4::from_shape_fn((rows * columns, 2, 6, 5), |(n, k, i, j)| {
        image[[k, n / columns + i, n % columns * 2 + j]]
    });
    let each = vae.encode(&patches).unwrap();
    assert_eq!(dense.len(), rows * columns);
    assert!((&dense.mean() - &each.mean()).iter().all(|difference| difference.abs() < 1e-6));
    assert!((&dense.sd() - &each.sd()).iter().all(|difference| difference.abs() < 1e-6));
    let last = vae.sliding_encoder().unwrap().encode_rows(image.view(), [1, 2], rows - 1..rows).unwrap();
    assert_eq!(last.len(), columns);
    assert!((last.mean()[[3, 1]] - dense.mean()[[(rows - 1) * columns + 3, 1]]).abs() < 1e-6);
}

#[test]
fn what_cannot_be_is_refused() {
    let message = |channels: Vec<usize>| {
        let config = VaeConfig::new(SampleShape::Image { height: 8, width: 8 });
        config.encoder(EncoderKind::convolutional(channels)).check().unwrap_err().to_string()
    };
    let text = "the convolutional encoder must be 1 to 16 layers with 1 to 65536 channels, found ";
    assert_eq!(message(vec![]), format!("{text}[]"));
    assert_eq!(message(vec![8, 0]), format!("{text}[8, 0]"));
}

/// Spots far from the middle, round or drawn out along the rows: form (from 0 to 1), row and column of each.
fn spots(n: usize, seed: u64) -> (Array3<f32>, Vec<[f32; 3]>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = || random.random::<f32>();
    let truth: Vec<[f32; 3]> =
        (0..n).map(|_| [uniform(), 7.5 + 6.0 * (uniform() - 0.5), 7.5 + 6.0 * (uniform() - 0.5)]).collect();
    let patches = Array3::from_shape_fn((n, 16, 16), |(i, r, c)| {
        let [form, row, column] = truth[i];
        let (long, short) = (1.5 + 1.5 * form, 1.5);
        (-0.5 * (((r as f32 - row) / long).powi(2) + ((c as f32 - column) / short).powi(2))).exp()
    });
    (patches, truth)
}

fn correlation(a: ArrayView1<'_, f32>, b: impl Iterator<Item = f32>) -> f64 {
    let pairs: Vec<(f64, f64)> = a.iter().zip(b).map(|(&a, b)| (f64::from(a), f64::from(b))).collect();
    let n = pairs.len() as f64;
    let (a, b) = pairs.iter().fold((0.0, 0.0), |(a, b), pair| (a + pair.0 / n, b + pair.1 / n));
    let sums = pairs.iter().fold([0.0; 3], |[ab, aa, bb], (x, y)| {
        [ab + (x - a) * (y - b), aa + (x - a).powi(2), bb + (y - b).powi(2)]
    });
    sums[0] / (sums[1] * sums[2]).sqrt()
}

#[test]
fn it_learns_form_and_place_and_repeats_itself() {
    let (patches, truth) = spots(500, 1);
    let config = ShiftVae::image_config(16, 16).latent_dim(1).decoder_hidden([32, 32]).shift_prior(0.3);
    let config =
        config.encoder(EncoderKind::convolutional([8, 16])).likelihood(Likelihood::Gaussian { sigma: 0.1 });
    let trainer =
        Trainer::new(config).epochs(40).batch_size(40).learning_rate(3e-3).pixel_fraction(0.5).seed(1);
    let fit = |epochs: usize, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| trainer.clone().epochs(epochs).fit(&patches).unwrap())
    };
    let vae = fit(40, 2);
    let posterior = vae.encode(&patches).unwrap();
    let shifts = posterior.shift_pixels().unwrap();
    let found = [
        correlation(posterior.content().column(0), truth.iter().map(|t| t[0])),
        correlation(shifts.column(0), truth.iter().map(|t| t[1])),
        correlation(shifts.column(1), truth.iter().map(|t| t[2])),
    ];
    println!("correlations of form, row and column: {found:.3?}");
    assert!(found[0].abs() > 0.9 && found[1] > 0.98 && found[2] > 0.98, "{found:?}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    vae.save(&path).unwrap();
    let loaded = ShiftVae::load(&path, &Device::Cpu).unwrap();
    assert_eq!(loaded.config(), vae.config());
    assert_eq!(loaded.encode(&patches).unwrap().mean(), posterior.mean());

    let means = |threads| fit(1, threads).encode(&patches).unwrap().mean().to_owned();
    assert_eq!(means(1), means(4), "the same bytes for every number of threads");
}
