//! Files of real instruments, where they are present beside the project.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use adatom_patch::{Error, Fill, Image, ImageFile, Patches, Stride, Window};
use adatom_test_support::shared;

fn image(name: &str) -> PathBuf {
    shared("data/images").join(name)
}

fn strontium_titanate_has_its_calibration_and_its_numbers() {
    let path = image("16_STOimage_1.ser");
    let file = ImageFile::probe(&path).unwrap();
    assert_eq!((file.format, file.frames, file.height, file.width), ("TIA SER", 1, 1024, 1024));
    assert_eq!(
        (file.dtype.as_str(), file.pixel_size.unwrap().to_string().as_str()),
        ("uint16", "10.012704 pm")
    );
    let image = Image::open(&path).unwrap();
    // The first number of the file is the lower left pixel.
    assert_eq!(image.pixels()[[1023, 0]], f32::from(0x4b97u16));
    let statistics = image.statistics().unwrap();
    assert!(statistics.min >= 0.0 && statistics.max <= 65535.0 && statistics.finite == 1024 * 1024);
    let patches = Patches::grid(&image, Window::new(32, 32), Stride::new(4, 4)).unwrap();
    assert_eq!(patches.len(), 249 * 249);
}

fn arrays_of_numpy_are_read_or_refused_with_a_reason() {
    for (name, height, width) in [
        ("MoS2_stem_Exp-000-2.npy", 512, 512),
        ("G-GrainBoundary-4nm.npy", 512, 512),
        ("graphene-twist-simulated.npy", 64, 64),
        ("spiral_s_00010_2019.npy", 128, 128),
    ] {
        let path = image(name);
        let image = Image::open(path).unwrap();
        assert_eq!((image.height(), image.width()), (height, width), "{name}");
        let filled = image.fill_non_finite(Fill::Nearest).unwrap();
        assert_eq!(filled.non_finite(), 0, "{name}");
        assert!(Patches::grid(&filled, Window::square(16), Stride::square(4)).is_ok(), "{name}");
    }
    let path = image("bepfm_test_data.npy");
    let error = Image::open(&path).unwrap_err();
    assert!(matches!(error, Error::Stack { frames: 32, .. }), "{error}");
    assert_eq!(Image::open_stack(&path).unwrap()[31].width(), 102);
    let path = image("G-GrainBoundary-4nm-coord.npy");
    let message = Image::open(path).unwrap_err().to_string();
    assert!(message.contains("an array of Python objects"), "{message}");
}

fn tiff_files_have_the_pixel_sizes_that_their_programs_show() {
    for (name, frames, size) in [
        ("test_loading_image_saved_with_DM.tif", 1, Some("168.674693 nm")),
        ("test_loading_image_saved_with_imageJ.tif", 1, Some("168.674711 nm")),
        ("test_loading_image_saved_with_imageJ_no_scale.tif", 1, None),
        ("test_loading_image_saved_with_imageJ_stack_no_scale.tif", 2, None),
        ("olympus_SIS.tif", 1, Some("23.927918 pm")),
    ] {
        let path = image(&format!("formats/{name}"));
        let file = ImageFile::probe(&path).unwrap();
        assert_eq!(file.frames, frames, "{name}");
        assert_eq!(file.pixel_size.map(|size| size.to_string()).as_deref(), size, "{name}");
        let images = Image::open_stack(&path).unwrap();
        assert_eq!(images.len(), frames);
        let statistics = images[0].statistics().unwrap();
        assert!(statistics.min < statistics.max, "{name}");
        if name.contains("imageJ.tif") || name.contains("_DM.tif") {
            // One image, saved by both programs; read out of the bytes by hand.
            assert_eq!((statistics.min, statistics.max), (2866.0, 3774.0), "{name}");
        }
    }
}

fn a_camera_image_of_tia_is_read() {
    let path = image("formats/128x128_TEM_acquire-sum1_1.ser");
    let file = ImageFile::probe(&path).unwrap();
    assert_eq!((file.height, file.width, file.dtype.as_str()), (128, 128, "int32"));
    // 0xffffffc2 = -62 is the first number, at the lower left.
    assert_eq!(Image::open(path).unwrap().pixels()[[127, 0]], -62.0);
}

fn a_scan_of_nanonis_is_read_signal_by_signal() {
    let path = image("Image_166.sxm");
    let file = ImageFile::probe(&path).unwrap();
    // 4 nm on 256 pixels.
    assert_eq!(
        (file.height, file.width, file.pixel_size.unwrap().to_string()),
        (256, 256, "15.625 pm".into())
    );
    assert_eq!(file.signals.len(), 14);
    assert_eq!(file.signals[..3], ["Z forward", "Z backward", "Bias forward"]);
    // Read out of the bytes with numpy.
    let z = Image::open(&path).unwrap();
    assert_eq!((z.pixels()[[0, 0]], z.pixels()[[255, 255]]), (-1.378_906_2e-7, -1.378_131_5e-7));
    let backward = Image::open_signal(&path, "Z backward").unwrap();
    assert_eq!(backward.pixels()[[0, 0]], -1.378_925_1e-7);
    let current = Image::open_signal(&path, "current").unwrap();
    assert_eq!(current.pixels()[[100, 7]], -3.758_423e-12);
}

fn formats_of_others_are_recognised_and_refused() {
    for (name, looks) in [
        ("formats/test-1.dm3", "a DigitalMicrograph file (DM3)"),
        ("formats/test-2.dm4", "a DigitalMicrograph file (DM4)"),
        ("MoS2_stem_Exp-000-2.json", "text, such as a CSV table"),
    ] {
        let path = image(name);
        let message = Image::open(path).unwrap_err().to_string();
        assert!(message.ends_with(&format!("; it looks like {looks}")), "{message}");
        assert!(message.contains("expected one of NPY, TIFF, PNG, TIA SER, Nanonis SXM;"), "{message}");
    }
}

adatom_test_support::data_tests! {
    ["data/images"] => [
        strontium_titanate_has_its_calibration_and_its_numbers,
        arrays_of_numpy_are_read_or_refused_with_a_reason,
        tiff_files_have_the_pixel_sizes_that_their_programs_show,
        a_camera_image_of_tia_is_read,
        a_scan_of_nanonis_is_read_signal_by_signal,
        formats_of_others_are_recognised_and_refused,
    ],
}
