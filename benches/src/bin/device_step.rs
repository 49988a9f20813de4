//! `device_step`: the time of a training step on the CPU and on a GPU, in turns within one run.
//!
//! ```text
//! cargo run --profile dist -p adatom-benches --features cuda --bin device_step
//! ```
//!
//! Patches of 28 × 28 with the defaults and a batch of 100, then with a batch of 1,000.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "the times are what the program is for")]

use std::error::Error;
use std::time::Instant;

use adatom_vae::ndarray::Array3;
use adatom_vae::{Device, ShiftVae, Trainer};

const ROUNDS: usize = 5;
const STEPS: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let accelerator = if cfg!(feature = "metal") { Device::new_metal(0) } else { Device::new_cuda(0) }?;
    for batch in [100, 1000] {
        let samples = Array3::from_shape_fn((batch * STEPS, 28, 28), |(n, row, column)| {
            let centre = (12.0 + (n % 7) as f32 * 0.6, 12.0 + (n % 5) as f32 * 0.9);
            let (r, c) = (row as f32 - centre.0, column as f32 - centre.1);
            (-(r * r + c * c) / 20.0).exp()
        });
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..=ROUNDS {
            for (device, times) in [Device::Cpu, accelerator.clone()].into_iter().zip(&mut times) {
                let trainer =
                    Trainer::new(ShiftVae::image_config(28, 28)).epochs(1).batch_size(batch).device(device);
                let begun = Instant::now();
                trainer.fit(&samples)?;
                // The first round allocates buffers and loads kernels.
                if round > 0 {
                    times.push(begun.elapsed().as_secs_f64() / STEPS as f64);
                }
            }
        }
        let [cpu, device] = times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        });
        println!(
            "batch {batch:>4}: {:.1} ms a step on the CPU, {:.1} ms on the device, ratio {:.2}",
            cpu * 1e3,
            device * 1e3,
            cpu / device
        );
    }
    Ok(())
}
