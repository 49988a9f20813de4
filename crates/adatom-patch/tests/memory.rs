//! Memory grows with the image, not with the number of patches. A binary of its own, because the peak is the
//! whole process's.

use adatom_patch::ndarray::Array2;
use adatom_patch::{Image, Patches, Samples, Stride, Window};

/// The largest resident memory so far, in KiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn every_window_of_a_large_image_takes_no_memory() {
    if peak().is_none() {
        println!("skipped: this system does not report the peak of resident memory");
        return;
    }
    let side = 4096;
    let image = Image::from_array(Array2::from_shape_fn((side, side), |(row, column)| {
        ((row * 31 + column * 17) % 1009) as f32
    }));
    let window = Window::square(28);
    let patches = Patches::grid(&image, window, Stride::square(1)).unwrap();
    assert_eq!(patches.len(), (side - 27) * (side - 27));

    let mut batch = Array2::zeros((256, window.pixels()));
    let mut next = 12345usize;
    for _batch in 0..100 {
        let indices: Vec<usize> = (0..256)
            .map(|_| {
                next = (next * 7_919 + 104_729) % patches.len();
                next
            })
            .collect();
        patches.fill(&indices, &mut batch.view_mut());
        let [row, column] = [indices[255] / (side - 27), indices[255] % (side - 27)];
        assert_eq!(batch[[255, 29]], patches.scaling_of(0).apply(image.pixels()[[row + 1, column + 1]]));
    }
    // The image has 64 MiB; a list of 16.5 million centres would have 253 MiB.
    let peak = peak().expect("it was reported above");
    println!("peak of resident memory: {} MiB", peak / 1024);
    assert!(peak < 300 * 1024, "{peak} KiB");
}
