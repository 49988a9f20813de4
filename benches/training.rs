//! One training step of 100 patches with hidden layers of 64 to 512, the same out of plain candle operations,
//! and as many matrix tiles as have the arithmetic of the step.

use std::time::Duration;

use adatom_benches::measure::{Steps, seconds};
use adatom_benches::plain::PlainTraining;
use adatom_benches::tiles;
use adatom_benches::workload::{BATCH, flop_of_step, image, image_config, patches};
use adatom_patch::{Patches, Samples};
use adatom_vae::candle_core::{Device, Tensor};
use adatom_vae::ndarray::Array2;
use adatom_vae::{Trainer, VaeConfig};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn training(criterion: &mut Criterion) {
    let patches = patches(&image(), 4000);
    let mut group = criterion.benchmark_group("training step");
    group.sample_size(10);
    for width in [64, 128, 256, 512] {
        let config = image_config().decoder_hidden([width, width]);
        group.throughput(Throughput::Elements(BATCH as u64));
        group.bench_function(BenchmarkId::new("hidden", width), |bencher| {
            bencher.iter_custom(|count| steps(&config, &patches, count as usize));
        });
    }
    let config = image_config();
    let mut rows = Array2::zeros((BATCH, config.sample_shape().len()));
    patches.fill(&(0..BATCH).collect::<Vec<_>>(), &mut rows.view_mut());
    let (dims, rows) = (rows.dim(), rows.into_raw_vec_and_offset().0);
    let x = Tensor::from_vec(rows, dims, &Device::Cpu).expect("as many numbers as the shape has");
    let noise = Tensor::randn(0f32, 1f32, (BATCH, config.latents()), &Device::Cpu).expect("a CPU tensor");
    let mut plain = PlainTraining::new(config.clone()).expect("a valid configuration");
    group.bench_function("plain candle operations", |bencher| {
        bencher.iter(|| plain.step(&x, &noise).expect("a batch of the model"));
    });
    group.finish();

    // Elements are floating-point operations here: criterion prints Gelem/s for GFLOP/s.
    let flop = flop_of_step(&config, BATCH);
    let mut group = criterion.benchmark_group("arithmetic of a step");
    group.sample_size(10).throughput(Throughput::Elements(flop as u64));
    group.bench_function("training step", |bencher| {
        bencher.iter_custom(|count| steps(&config, &patches, count as usize));
    });
    group.bench_function("matrix tiles", |bencher| {
        let count = (flop / tiles::FLOP).round() as usize;
        bencher.iter_custom(|rounds| {
            Duration::from_secs_f64((0..rounds).map(|_| seconds(|| tiles::multiply(count))).sum())
        });
    });
    group.finish();
}

/// The time of `count` steps of a training, after two that make its buffers.
fn steps(config: &VaeConfig, patches: &Patches, count: usize) -> Duration {
    const WARM_UP: usize = 2;
    let per_epoch = (patches.len() / BATCH).min(WARM_UP + count);
    let epochs = (WARM_UP + count).div_ceil(per_epoch);
    let trainer = Trainer::new(config.clone()).steps_per_epoch(per_epoch).epochs(epochs);
    let mut steps = Steps::new(|| ());
    trainer.fit_observed(patches, &mut steps).expect("finite patches");
    Duration::from_secs_f64(steps.seconds[WARM_UP..WARM_UP + count].iter().sum())
}

criterion_group!(benches, training);
criterion_main!(benches);
