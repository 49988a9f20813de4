//! Accuracy of every activation against f64, on every instruction set of this machine.

use adatom_kernel::{Activation, Instructions};

mod naive;

/// The bound promised by `Activation::apply`.
const TOLERANCE: f64 = 1e-6;

/// Floats of both signs up to 100: every 997th bit pattern, so all magnitudes, and a uniform comb.
fn arguments() -> Vec<f32> {
    let patterns = (0..=100f32.to_bits()).step_by(997).map(f32::from_bits);
    let comb = (0..=1_000_000u32).map(|i| i as f32 * 1e-4);
    patterns.chain(comb).flat_map(|x| [x, -x]).collect()
}

#[test]
fn activations_are_within_1e_6_of_f64() {
    let arguments = arguments();
    assert!(arguments.len() > 4_000_000);
    for activation in Activation::ALL {
        let expected: Vec<f64> = arguments.iter().map(|&x| naive::value(activation, f64::from(x))).collect();
        for instructions in Instructions::available() {
            let mut values = arguments.clone();
            activation.apply(instructions, &mut values);
            let mut worst = (0.0, 0.0);
            for ((&x, &value), &expected) in arguments.iter().zip(&values).zip(&expected) {
                let error = (f64::from(value) - expected).abs();
                assert!(error <= TOLERANCE, "{activation:?}({x}) = {value}, not {expected}");
                worst = if error > worst.0 { (error, x) } else { worst };
            }
            println!("{activation:?} on {}: {:.2e} at {}", instructions.name(), worst.0, worst.1);
        }
    }
}

#[test]
fn special_values_saturate_and_nan_passes_through() {
    let limits = |activation| match activation {
        Activation::Tanh => (-1.0, 1.0),
        Activation::Sigmoid => (0.0, 1.0),
        // sin 10⁵, the bound of its arguments.
        Activation::Sine => (-0.035_748_8, 0.035_748_8),
        Activation::LeakyRelu => (f32::NEG_INFINITY, f32::INFINITY),
        _ => (0.0, f32::INFINITY),
    };
    for instructions in Instructions::available() {
        for activation in Activation::ALL {
            // Long enough that both the vectorised loop and its remainder see each value.
            for length in [1, 7, 64] {
                let apply = |x: f32| {
                    let mut values = vec![x; length];
                    activation.apply(instructions, &mut values);
                    values
                };
                let name = (instructions.name(), activation);
                assert!(apply(f32::NAN).iter().all(|y| y.is_nan()), "{name:?}");
                let (below, above) = limits(activation);
                for (x, limit) in [(f32::NEG_INFINITY, below), (f32::INFINITY, above)] {
                    assert!(apply(x).iter().all(|&y| y == limit || (y - limit).abs() < 1e-6), "{name:?} {x}");
                }
                assert!(apply(f32::MAX).iter().all(|y| !y.is_nan()), "{name:?}");
                assert!(apply(-f32::MAX).iter().all(|y| !y.is_nan()), "{name:?}");
            }
        }
    }
}
