//! The fused training step beside the plain one, the kernel alone and matrix tiles, in turns within one run,
//! so that all of them meet the same processor.

use adatom_vae::candle_core::{Device, Tensor};
use adatom_vae::ndarray::Array2;
use adatom_vae::{Samples, Trainer, VaeConfig};

use crate::kernel::KernelStep;
use crate::measure::{Steps, median, seconds};
use crate::plain::PlainTraining;
use crate::{tiles, workload};

/// Steps that are not counted: they make buffers.
const WARM_UP: usize = 10;

/// Medians over all turns, in seconds of one step.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    /// A whole step of [`Trainer`]: samples, encoder, decoder, gradients, Adam.
    pub step: f64,
    /// The same out of plain operations.
    pub plain: f64,
    /// The part of the step that the fused decoder takes by itself.
    pub kernel_share: f64,
    /// As many matrix tiles as have the arithmetic of the step.
    pub tiles: f64,
    /// Page faults of a step, when nothing else runs between the steps.
    pub faults: f64,
    /// Floating-point operations of the step.
    pub flop: f64,
}

/// The median of so many training steps by themselves, in seconds.
///
/// # Errors
/// Those of the training.
pub fn step(
    config: &VaeConfig,
    samples: &impl Samples,
    batch: usize,
    turns: usize,
) -> Result<f64, Box<dyn std::error::Error>> {
    let steps_per_epoch = samples.count() / batch;
    let trainer = Trainer::new(config.clone()).batch_size(batch).steps_per_epoch(steps_per_epoch);
    let mut steps = Steps::new(|| ());
    trainer.epochs((WARM_UP + turns).div_ceil(steps_per_epoch)).fit_observed(samples, &mut steps)?;
    Ok(median(&steps.seconds[WARM_UP..]))
}

/// Measures the model `config` on `samples` in so many turns.
///
/// # Errors
/// Those of the training.
pub fn compare(
    config: &VaeConfig,
    samples: &impl Samples,
    batch: usize,
    turns: usize,
) -> Result<Comparison, Box<dyn std::error::Error>> {
    let flop = workload::flop_of_step(config, batch);
    let tile_count = (flop / tiles::FLOP).round() as usize;
    let trainer = |steps: usize| {
        let steps_per_epoch = (samples.count() / batch).min(steps);
        Trainer::new(config.clone())
            .batch_size(batch)
            .steps_per_epoch(steps_per_epoch)
            .epochs(steps.div_ceil(steps_per_epoch))
    };
    let mut alone = Steps::new(|| ());
    trainer(3 * WARM_UP).fit_observed(samples, &mut alone)?;
    let faults: Vec<f64> = alone.faults[WARM_UP..].iter().map(|&faults| faults as f64).collect();

    let mut rows = Array2::zeros((batch, config.sample_shape().len()));
    samples.fill(&(0..batch).collect::<Vec<_>>(), &mut rows.view_mut());
    let x = Tensor::from_vec(
        rows.into_raw_vec_and_offset().0,
        (batch, config.sample_shape().len()),
        &Device::Cpu,
    )?;
    let noise = Tensor::randn(0f32, 1f32, (batch, config.latents()), &Device::Cpu)?;
    let mut plain_training = PlainTraining::new(config.clone())?;
    let mut kernel_step = KernelStep::new(config, batch)?;
    // By themselves: after the large tensors of the plain step, whatever comes first is slower.
    let mut kernel = Vec::new();
    let mut with_kernel =
        Steps::new(|| kernel.push(seconds(|| kernel_step.run().expect("inputs of the kernel's shape"))));
    trainer(WARM_UP + turns).fit_observed(samples, &mut with_kernel)?;
    let beside_kernel = median(&with_kernel.seconds[WARM_UP..]);
    let kernel_share = median(&kernel[WARM_UP..]) / beside_kernel;

    let (mut plain, mut tiled) = (Vec::new(), Vec::new());
    let mut turns_taken = 0;
    let mut steps = Steps::new(|| {
        turns_taken += 1;
        if turns_taken >= WARM_UP {
            plain.push(seconds(|| plain_training.step(&x, &noise).expect("a batch of the model")));
            tiled.push(seconds(|| tiles::multiply(tile_count)));
        }
    });
    trainer(WARM_UP + turns).fit_observed(samples, &mut steps)?;
    Ok(Comparison {
        step: median(&steps.seconds[WARM_UP..]),
        plain: median(&plain),
        kernel_share,
        tiles: median(&tiled),
        faults: median(&faults),
        flop,
    })
}

impl std::fmt::Display for Comparison {
    /// A table of ratios, then times and rates.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rate = |seconds: f64| self.flop / seconds / 1e9;
        let row = |f: &mut std::fmt::Formatter<'_>, name: &str, seconds: f64| {
            let (ratio, ms) = (seconds / self.step, 1e3 * seconds);
            writeln!(f, "{name:<28} {ratio:>8.2} {ms:>10.2} {:>10.1}", rate(seconds))
        };
        writeln!(f, "{:<28} {:>8} {:>10} {:>10}", "", "ratio", "ms", "GFLOP/s")?;
        row(f, "training step", self.step)?;
        row(f, "plain candle operations", self.plain)?;
        row(f, "matrix tiles (ceiling)", self.tiles)?;
        let outside = 100.0 * (1.0 - self.kernel_share);
        writeln!(f, "outside of the decoder: {outside:.1} % of the step")?;
        write!(f, "page faults of a step: {:.0}", self.faults)
    }
}
