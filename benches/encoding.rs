//! Encoding 1,000 to 100,000 patches: the time is to grow as their number.

use adatom_benches::workload::{image, image_config, patches};
use adatom_vae::{Device, ShiftVae};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn encoding(criterion: &mut Criterion) {
    let image = image();
    let vae = ShiftVae::init(image_config(), 1, &Device::Cpu).expect("a valid configuration");
    let mut group = criterion.benchmark_group("encoding");
    group.sample_size(10);
    for count in [1_000, 10_000, 100_000] {
        let patches = patches(&image, count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| vae.encode(&patches).expect("finite patches"));
        });
    }
    group.finish();
}

criterion_group!(benches, encoding);
criterion_main!(benches);
