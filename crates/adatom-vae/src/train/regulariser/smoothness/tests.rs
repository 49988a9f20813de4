//! Roughness, its gradient, and shared content.

use super::*;

fn lattice() -> Positions {
    let positions = Array2::from_shape_fn((576, 2), |(n, axis)| 2.0 * [n / 24, n % 24][axis] as f64);
    Positions::new(positions.view()).unwrap()
}

fn penalty(smooth: &Smoothness, means: &Array2<f64>) -> (f64, Array2<f64>) {
    let indices: Vec<usize> = (0..means.nrows()).collect();
    let sds = Array2::from_elem(means.raw_dim(), 1e-3);
    let batch = LatentBatch::new(&indices, means.view(), sds.view(), 1..means.ncols());
    let mut gradient = Array2::zeros(means.raw_dim());
    let value = smooth.penalty(&batch, &mut gradient.view_mut());
    (value, gradient)
}

const ALL: [Roughness; 3] = [Roughness::SquaredDifference, Roughness::TotalVariation, Roughness::Spectral];

#[test]
fn gradients_are_those_of_finite_differences() {
    for roughness in ALL {
        let smooth = Smoothness::new(lattice(), 5.0).unwrap().roughness(roughness).weight(2.0);
        let means = Array2::from_shape_fn((40, 3), |(n, k)| ((n * (k + 3)) as f64 * 0.7).sin());
        let (_, gradient) = penalty(&smooth, &means);
        assert!(gradient.column(0).iter().all(|&value| value == 0.0), "the first latent is a pose");
        for at in [[0, 1], [17, 2], [39, 1]] {
            let moved = |by: f64| {
                let mut means = means.clone();
                means[at] += by;
                penalty(&smooth, &means).0
            };
            let difference = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!((gradient[at] - difference).abs() < 1e-5, "{roughness:?}: {} {difference}", gradient[at]);
        }
    }
}

#[test]
fn a_patch_is_decoded_from_its_neighbours_and_not_from_itself() {
    let smooth = Smoothness::new(lattice(), 5.0).unwrap();
    assert!(smooth.sharing(&[0, 1, 2]).is_none());
    let sharing = smooth.content_from_neighbours().latents([1]).sharing(&[0, 1, 2, 575]).unwrap();
    assert_eq!(sharing.get_latents(), Some(&[1][..]));
    // Patches 0, 1 and 2 lie 2 pixels from each other in a row; w = exp(-2 d² / 25). The last has no
    // neighbours.
    let (near, far) = ((-8.0f64 / 25.0).exp(), (-32.0f64 / 25.0).exp());
    let expected = [
        [0.0, near / (near + far), far / (near + far), 0.0],
        [0.5, 0.0, 0.5, 0.0],
        [far / (near + far), near / (near + far), 0.0, 0.0],
        [0.0; 4],
    ];
    for (found, expected) in sharing.weights().iter().zip(expected.concat()) {
        assert!((found - expected).abs() < 1e-12, "{:?}", sharing.weights());
    }
}

#[test]
fn noise_is_rough_waves_are_smooth_and_scales_do_not_count() {
    let wave = |period: f64| {
        Array2::from_shape_fn((576, 2), |(n, _)| {
            (std::f64::consts::TAU * 2.0 * (n % 24) as f64 / period).sin()
        })
    };
    let mut state = 1u64;
    let noise = Array2::from_shape_simple_fn((576, 2), || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The sum of such numbers is nearly normal.
        (0..4).map(|shift| ((state >> (16 * shift)) & 0xffff) as f64 / 65536.0).sum()
    });
    for roughness in ALL {
        let smooth = Smoothness::new(lattice(), 8.0).unwrap().roughness(roughness).weight(1.0);
        let of = |means: &Array2<f64>| penalty(&smooth, means).0 / 576.0;
        let (slow, fast, noise) = (of(&wave(48.0)), of(&wave(8.0)), of(&noise));
        // Noise on a grid of 2 pixels lies at wavelengths from 4 pixels on, most of it below 8.
        assert!((0.45..1.2).contains(&noise), "{roughness:?}: {noise}");
        assert!(slow < 0.35 * noise.min(fast), "{roughness:?}: {slow} {fast} {noise}");
        let large = of(&(wave(48.0) * 7.0 + 3.0));
        assert!((large - slow).abs() < 1e-3 * slow.max(1e-3), "{roughness:?}: {large} {slow}");
    }
    // The filter lets half of the amplitude pass at the length scale: a quarter of the variance.
    let smooth = Smoothness::new(lattice(), 12.0).unwrap().roughness(Roughness::Spectral).weight(1.0);
    let half = penalty(&smooth, &wave(12.0)).0 / 576.0;
    assert!((half - 0.25).abs() < 0.06, "{half}");
}

#[test]
fn patches_without_neighbours_have_no_roughness() {
    let positions = Positions::new(Array2::from_shape_fn((5, 2), |(n, _)| 1000.0 * n as f64).view()).unwrap();
    let means = Array2::from_shape_fn((5, 2), |(n, _)| n as f64);
    for roughness in ALL {
        let smooth = Smoothness::new(positions.clone(), 5.0).unwrap().roughness(roughness);
        let (value, gradient) = penalty(&smooth, &means);
        assert!(value.abs() < 1e-12 && gradient.iter().all(|value| value.abs() < 1e-12), "{roughness:?}");
    }
}
