//! The two workloads: patches of 28 × 28 pixels from a generated 1024² image, and 1-D Gaussians.

use adatom_patch::{Image, Patches, Window};
use adatom_synthetic::LatticeImage;
use adatom_vae::ndarray::Array2;
use adatom_vae::{ShiftVae, VaeConfig};

/// Edge of a patch in pixels.
pub const WINDOW: usize = 28;
/// Patches of a training step.
pub const BATCH: usize = 100;
/// Signals of the 1-D benchmark, their points, and the signals of a step.
pub const SIGNALS: [usize; 3] = [5000, 100, 64];

/// A generated image of 1024 × 1024 pixels.
pub fn image() -> Image {
    LatticeImage::new(1024, 1024).noise(0.1).seed(1).generate().expect("valid settings").image
}

/// So many patches at random places of `image`.
pub fn patches(image: &Image, count: usize) -> Patches {
    Patches::random(image, Window::square(WINDOW), count, 1).expect("fewer patches than positions")
}

/// The default model of patches: shift, two content latents, hidden layers of 128.
pub fn image_config() -> VaeConfig {
    ShiftVae::image_config(WINDOW, WINDOW)
}

/// The model of the 1-D benchmark.
pub fn signal_config() -> VaeConfig {
    ShiftVae::signal_config(SIGNALS[1]).shift_prior(0.3)
}

/// Noisy Gaussians of changing position and width, in [0, 1].
pub fn signals() -> Array2<f32> {
    let mut state = 1u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    let shapes: Vec<[f32; 2]> =
        (0..SIGNALS[0]).map(|_| [6.0 * uniform() - 3.0, 0.5 + 1.5 * uniform()]).collect();
    Array2::from_shape_fn((SIGNALS[0], SIGNALS[1]), |(signal, point)| {
        let [position, width] = shapes[signal];
        let x = 24.0 * point as f32 / (SIGNALS[1] - 1) as f32 - 12.0 - position;
        ((-0.5 * x * x / (width * width)).exp() * 0.9 + 0.1 * uniform()).clamp(0.0, 1.0)
    })
}

/// Floating-point operations in the square layers of the decoder, forward and backward without recomputation,
/// for one step of `samples`: 15.4e9 for 100 patches of 28 × 28 and the default layers.
pub fn flop_of_step(config: &VaeConfig, samples: usize) -> f64 {
    let widths = config.get_decoder_hidden();
    let weights: usize = widths.iter().enumerate().map(|(k, &to)| widths[k.saturating_sub(1)] * to).sum();
    6.0 * (samples * config.sample_shape().len() * weights) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_step_is_15_gflop() {
        // 100 · 784 pixels, two layers of 128 · 128, two operations each for output, input slope and weight
        // slope.
        assert_eq!(flop_of_step(&image_config(), BATCH), 15_414_067_200.0);
    }
}
