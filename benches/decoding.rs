//! Decoding 100 patches with hidden layers of 64 to 512.

use adatom_benches::workload::{BATCH, image_config};
use adatom_vae::ndarray::Array2;
use adatom_vae::{Device, Pose, ShiftVae};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn decoding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decoding");
    group.sample_size(10).throughput(Throughput::Elements(BATCH as u64));
    let content = Array2::from_shape_fn((BATCH, 2), |(patch, latent)| ((patch + 50 * latent) as f32).sin());
    let shift = &content * 2.0;
    for width in [64, 128, 256, 512] {
        let config = image_config().decoder_hidden([width, width]);
        let vae = ShiftVae::init(config, 1, &Device::Cpu).expect("a valid configuration");
        group.bench_function(BenchmarkId::new("hidden", width), |bencher| {
            let pose = Pose::new().shift_pixels(shift.view());
            bencher.iter(|| vae.decode(content.view(), &pose).expect("two content latents"));
        });
    }
    group.finish();
}

criterion_group!(benches, decoding);
criterion_main!(benches);
