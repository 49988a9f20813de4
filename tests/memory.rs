//! Training on every 28 × 28 window of a 4096 × 4096 image, 16.5 million patches, stays below 500 MB.

use adatom::patch::{Image, Patches, Stride, Window};
use adatom::vae::{ShiftVae, Trainer};
use adatom_vae::ndarray::Array2;

/// Largest resident memory of this process so far, in bytes; `None` where the system does not tell it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[test]
fn every_window_of_a_large_image() {
    let image = Image::from_array(Array2::from_shape_fn((4096, 4096), |(row, column)| {
        ((row as f32 * 0.3).sin() + (column as f32 * 0.29).cos()) * 100.0
    }));
    let patches = Patches::grid(&image, Window::square(28), Stride::new(1, 1)).unwrap();
    assert_eq!(patches.len(), 4069 * 4069);
    let trainer = Trainer::new(ShiftVae::image_config(28, 28).hidden([32, 32])).epochs(2).steps_per_epoch(3);
    let vae = trainer.held_out(1e-5).seed(1).fit(&patches).unwrap();
    assert_eq!(vae.history().epochs().len(), 2);
    match peak_memory() {
        Some(peak) => assert!(peak < 500_000_000, "{peak} bytes"),
        None => println!("skipped: this system does not tell the memory of a process"),
    }
}
