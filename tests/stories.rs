//! The stories of `docs/architecture.md` as programs, on generated images and, where they are there, on real
//! ones.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use adatom::interpret::{Figure, MapPanels};
use adatom::patch::{Error, Fill, Image, LatentMap, Patches, PixelSize, Samples, Stride, Window};
use adatom::synthetic::LatticeImage;
use adatom::vae::{Invariance, ShiftVae, Trainer};
use adatom_test_support::shared;

/// Story i. Fifteen lines between an image and its maps are the most that a reader should need.
fn image_to_maps(image: &Image, folder: &Path) -> adatom::Result<(Patches, ShiftVae, LatentMap)> {
    let patches = Patches::grid(image, Window::new(16, 16), Stride::new(4, 4))?;
    let model =
        ShiftVae::image_config(16, 16).latent_dim(2).invariances([Invariance::Shift]).shift_prior(0.25);
    let vae = Trainer::new(model.hidden([32, 32])).epochs(6).seed(7).fit(&patches)?;
    let posterior = vae.encode(&patches)?;
    let map = LatentMap::new(patches.patch_grid(), posterior.content())?;
    map.save_png(folder.join("content.png"))?;
    vae.save(folder.join("lattice.safetensors"))?;
    Ok((patches, vae, map))
}

/// Width and height of a PNG file whose pixels could all be decoded, and how many colours it has.
fn decode_png(path: &Path) -> (u32, u32, usize) {
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    let colours: std::collections::BTreeSet<_> = pixels.chunks(frame.color_type.samples()).collect();
    (frame.width, frame.height, colours.len())
}

fn loss(vae: &ShiftVae, epoch: usize) -> f64 {
    -vae.history().epochs()[epoch].elbo.total()
}

fn an_image_becomes_latent_maps() {
    let folder = tempfile::tempdir().unwrap();
    let lattice = LatticeImage::new(96, 128).cell([12.0, 12.0]).seed(7).generate().unwrap();
    let (patches, vae, map) = image_to_maps(&lattice.image, folder.path()).unwrap();

    // (96 - 16) / 4 + 1 rows and (128 - 16) / 4 + 1 columns.
    assert_eq!(map.values().dim(), (2, 21, 29));
    assert_eq!((map.step(), map.frame()), ([4.0, 4.0], &lattice.image.frame()));
    assert!(map.values().iter().all(|value| value.is_finite()));
    let epochs = vae.history().epochs().len();
    assert!(epochs == 6 && loss(&vae, epochs - 1) < loss(&vae, 0));
    assert_eq!(vae.scaling(), patches.scaling().as_ref());

    let (width, height, colours) = decode_png(&folder.path().join("content.png"));
    assert!(width > 200 && height > 100 && colours > 20, "{width} × {height} with {colours} colours");
}

fn the_error_of_any_step_is_one_type() {
    let folder = tempfile::tempdir().unwrap();
    let lattice = LatticeImage::new(12, 12).generate().unwrap();
    let error = image_to_maps(&lattice.image, folder.path()).unwrap_err();
    assert!(matches!(error, adatom::Error::Patch(_)), "{error:?}");
    assert!(error.to_string().starts_with("the window of 16 x 16 pixels does not fit"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Story iii: nothing but `adatom-vae` and a file.
mod another_tool {
    use adatom_vae::candle_core::{Result as TensorResult, Tensor};
    use adatom_vae::{Device, ShiftVae};

    /// Latents `[n, 4]` and reconstructions `[n, 16, 16]` of patches `[n, 16, 16]`.
    pub(super) fn look(model: &std::path::Path, patches: Vec<f32>) -> adatom_vae::Result<(Tensor, Tensor)> {
        let batch = Tensor::from_vec(patches, ((), 16, 16), &Device::Cpu)?;
        let vae = ShiftVae::load(model, &Device::Cpu)?;
        let latents = vae.encode_tensor(&batch)?.mean;
        let decoded = vae.decode_tensor(&latents)?;
        Ok((latents, decoded))
    }

    pub(super) fn numbers(tensor: &Tensor) -> TensorResult<Vec<f32>> {
        tensor.flatten_all()?.to_vec1()
    }
}

fn a_trained_model_works_inside_another_tool() {
    let folder = tempfile::tempdir().unwrap();
    let lattice = LatticeImage::new(64, 64).cell([12.0, 12.0]).seed(3).generate().unwrap();
    let (patches, vae, _) = image_to_maps(&lattice.image, folder.path()).unwrap();
    let batch: Vec<f32> = (0..5).flat_map(|index| patches.patch(index).into_iter()).collect();
    let (latents, decoded) =
        another_tool::look(&folder.path().join("lattice.safetensors"), batch.clone()).unwrap();
    assert_eq!((latents.dims(), decoded.dims()), ([5, 4].as_slice(), [5, 16, 16].as_slice()));

    // The file gives the same model back, and tensors the same numbers as arrays.
    let posterior = vae.encode(&patches).unwrap();
    let latents = another_tool::numbers(&latents).unwrap();
    let first: Vec<f32> = posterior.mean().iter().copied().take(latents.len()).collect();
    assert_close(&latents, &first);
    let samples = adatom::vae::ndarray::Array3::from_shape_vec((5, 16, 16), batch).unwrap();
    let expected: Vec<f32> = vae.reconstruct(&samples).unwrap().into_iter().collect();
    assert_close(&another_tool::numbers(&decoded).unwrap(), &expected);
}

/// Batches of other sizes, and the decoder that is written for speed, sum in another order.
const ROUNDING: f32 = 1e-5;

#[track_caller]
fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < ROUNDING, "{found}, expected {expected}");
    }
}

fn the_strontium_titanate_image_is_learnt() {
    let images = shared("data/images");
    let image = Image::open(images.join("16_STOimage_1.ser")).unwrap();
    let size = image.pixel_size().unwrap();
    // As the instrument wrote it: 10.01 pm.
    assert!((size.row - 10.01).abs() < 0.005 && size.is_square() && size.unit == "pm", "{size}");

    let patches = Patches::grid(&image, Window::square(40), Stride::square(16)).unwrap();
    let config = ShiftVae::image_config(40, 40).latent_dim(2).shift_prior(0.25).hidden([32, 32]);
    let trainer = Trainer::new(config).epochs(4).steps_per_epoch(12).batch_size(40).seed(1);
    let vae = trainer.fit(&patches).unwrap();
    assert!(loss(&vae, 3) < loss(&vae, 0), "{} after {}", loss(&vae, 3), loss(&vae, 0));

    let map = patches.put_back(vae.encode(&patches).unwrap().content(), 0).unwrap();
    // (1024 - 40) / 16 + 1 = 62 each way.
    assert_eq!((map.values().dim(), map.step()), ((2, 62, 62), [16.0, 16.0]));
    assert_eq!(map.frame().pixel_size.as_ref(), Some(size));
    let folder = tempfile::tempdir().unwrap();
    map.save_png(folder.path().join("content.png")).unwrap();
    let (_, _, colours) = decode_png(&folder.path().join("content.png"));
    assert!(colours > 20, "{colours} colours");
}

fn every_real_file_is_an_image_or_says_why_not() {
    let images = shared("data/images");
    let mut opened = 0;
    for folder in [images.clone(), images.join("formats")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let ours = path
                .extension()
                .is_some_and(|end| ["npy", "tif", "ser", "sxm"].iter().any(|ours| end == *ours));
            if path.is_dir() {
                continue;
            }
            match Image::open_stack(&path) {
                Ok(frames) => {
                    assert!(ours, "{} was read", path.display());
                    let image = frames[0].fill_non_finite(Fill::Nearest).unwrap();
                    let window = Window::square(8.min(image.height()).min(image.width()));
                    let patches = Patches::grid(&image, window, Stride::square(8)).unwrap();
                    assert!(patches.count() > 0 && patches.patch(0).iter().all(|pixel| pixel.is_finite()));
                    opened += 1;
                }
                Err(error) => {
                    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
                    match error {
                        Error::UnknownFormat { .. } => assert!(!ours, "{error}"),
                        Error::Unsupported { .. } => assert!(ours, "{error}"),
                        _ => panic!("{error}"),
                    }
                }
            }
        }
    }
    assert!(opened >= 10, "{opened} images");
}

fn the_pixel_size_of_an_image_reaches_its_maps_through_patches_at_random() {
    let lattice = LatticeImage::new(60, 48).pixel_size(PixelSize::square(0.2, "nm")).generate().unwrap();
    let patches = Patches::random(&lattice.image, Window::new(9, 12), 40, 3).unwrap();
    let vae = Trainer::new(ShiftVae::image_config(9, 12).hidden([8, 8])).epochs(1).fit(&patches).unwrap();
    let shift = vae.encode(&patches).unwrap().shift_pixels().unwrap();
    let map = patches.put_back(shift.view(), 0).unwrap();
    assert_eq!(map.frame().pixel_size, Some(PixelSize::square(0.2, "nm")));
    let panels: Vec<_> =
        (0..2).map(|axis| adatom::interpret::MapFigure::of_layer(&map, axis).unwrap()).collect();
    assert!(MapPanels::new(panels).unwrap().to_svg().contains("</svg>"));
}

adatom_test_support::data_tests! {
    [] => [
        an_image_becomes_latent_maps,
        the_error_of_any_step_is_one_type,
        a_trained_model_works_inside_another_tool,
        the_pixel_size_of_an_image_reaches_its_maps_through_patches_at_random,
    ],
    ["data/images"] => [the_strontium_titanate_image_is_learnt, every_real_file_is_an_image_or_says_why_not],
}
