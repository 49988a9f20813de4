//! `adatom encode`: a trained model on another image.

use adatom::patch::{Image, Patches, Stride, Window};
use adatom::vae::{Device, SampleShape, ShiftVae};
use serde_json::json;

use crate::args::Encode;
use crate::error::CliError;
use crate::results::write_latents;

/// A larger part of clipped pixels means that the image is on another scale than that of the training.
const CLIPPED: f64 = 0.05;

pub(crate) fn run(command: &Encode, as_json: bool) -> Result<(), CliError> {
    if command.out.exists() && !command.force {
        let text = format!("{} exists; choose another name, or --force to replace it", command.out.display());
        return Err(CliError::Argument(text));
    }
    let vae = ShiftVae::load(&command.model, &Device::Cpu)?;
    let SampleShape::Image { height, width } = vae.configuration().sample_shape() else {
        let text = format!("{}: the model is one of 1-D signals, not of images", command.model.display());
        return Err(CliError::Argument(text));
    };
    let mut image = Image::open(&command.image)?;
    if let Some(fill) = command.fill {
        image = image.fill_non_finite(fill)?;
    }
    let plan = Patches::of([&image]).window(Window::new(height, width));
    let plan = match vae.scaling() {
        Some(scaling) if command.rescale => {
            let plan = plan.scaling(scaling.method);
            match scaling.flatten {
                Some(sigma) => plan.flatten(sigma),
                None => plan,
            }
        }
        Some(scaling) => plan.scaling_fixed(*scaling),
        None => plan,
    };
    let [rows, columns] = command.stride;
    let patches = plan.grid(Stride::new(rows, columns))?;
    let clipped = patches.clipped_fraction(0);
    if clipped > CLIPPED {
        eprintln!(
            "warning: {:.0} % of the pixels lie outside the intensities of the training image; --rescale scales \
             this image by its own",
            100.0 * clipped
        );
    }
    let posterior = vae.encode(&patches)?;
    write_latents(&command.out, patches.patch_grid(), &posterior)?;
    if as_json {
        println!(
            "{}",
            json!({
                "out": command.out,
                "patches": patches.len(),
                "grid": patches.patch_grid().layout(0).map(|layout| layout.counts),
                "latents": posterior.names(),
                "clipped": clipped,
            })
        );
    } else {
        println!("{} patches encoded into {}", patches.len(), command.out.display());
    }
    Ok(())
}
