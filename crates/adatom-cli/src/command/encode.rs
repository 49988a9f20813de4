//! `adatom encode`: a trained model on another image.

use adatom::patch::{Image, Patches, Stride, Window};
use adatom::vae::{Device, SampleShape, ShiftVae};
use serde_json::json;

use crate::args::{Edge, Encode, existing};
use crate::error::CliError;
use crate::latents::{Features, read_fields};
use crate::npz::Npz;
use crate::results::append_latents;
use crate::say::{say, tell};
use adatom::pipeline::output::check_output;

/// Windows that are encoded at a time; bounds the memory, not the result.
const BLOCK: usize = 1 << 17;

/// A larger part of clipped pixels means that the image is on another scale than that of the training.
const CLIPPED: f64 = 0.05;

pub(crate) fn run(command: &Encode, as_json: bool) -> Result<(), CliError> {
    if command.out.exists() && !command.force {
        let text = format!("{} exists; choose another name, or --force to replace it", command.out.display());
        return Err(CliError::Argument(text));
    }
    if let Some(table) = &command.table {
        let inputs = command.fields.files.iter().map(|field| &field.path);
        let others = [&command.model, &command.image, &command.out];
        check_output(table, inputs.chain(others), existing(command.force))?;
    } else if !command.fields.files.is_empty() {
        return Err(CliError::Argument("--field belongs to --table, which writes it as a target".into()));
    }
    let same = |input: &std::path::Path| match (input.canonicalize(), command.out.canonicalize()) {
        (Ok(input), Ok(out)) => input == out,
        _ => false,
    };
    if same(&command.model) || same(&command.image) || (command.out.exists() && !command.out.is_file()) {
        let text = format!("{}: not a file that can be replaced by the latents", command.out.display());
        return Err(CliError::Argument(text));
    }
    let vae = ShiftVae::load(&command.model, &Device::Cpu)?;
    let SampleShape::Image { height, width } = vae.config().sample_shape() else {
        let shape = vae.config().sample_shape();
        let what = if shape.dimensions() == 1 { "1-D signals" } else { "several channels" };
        let text = format!("{}: the model is one of {what}, not of single images", command.model.display());
        return Err(CliError::Argument(text));
    };
    let mut image = match &command.signal {
        Some(signal) => Image::open_signal(&command.image, signal)?,
        None => Image::open(&command.image)?,
    };
    if let Some(fill) = command.fill {
        image = image.fill_non_finite(fill)?;
    }
    let window = Window::new(height, width);
    let mut before = [0.0, 0.0];
    if command.edge == Edge::Reflect {
        image = image.reflected(window)?;
        before = [(height / 2) as f64, (width / 2) as f64];
    }
    let plan = Patches::of([&image]).window(window);
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
        tell(format_args!(
            "warning: {:.0} % of the pixels lie outside the intensities of the training image; --rescale scales \
             this image by its own",
            100.0 * clipped
        ));
    }
    let scaling = patches.scaling_of(0);
    let scaled = patches.images()[0].pixels().mapv(|pixel| scaling.apply(pixel));
    let mirrored = (command.edge == Edge::Reflect).then_some(window);
    let fields = read_fields(&command.fields, patches.patch_grid(), mirrored)?;
    let mut npz = Npz::new(&command.out);
    let layout = patches.patch_grid().layout(0).expect("the patches lie on a grid");
    let [grid_rows, grid_columns] = layout.counts;
    let centres = (0..patches.len()).flat_map(|index| {
        let centre = patches.patch_grid().centre(index);
        [centre.row - before[0], centre.column - before[1]]
    });
    npz.append("centres", Some(2), centres)?;
    let rows = (BLOCK / grid_columns).max(1);
    let encoder = vae.sliding_encoder()?;
    let scaled = scaled.insert_axis(ndarray::Axis(0));
    let mut kept = Features::default();
    for first in (0..grid_rows).step_by(rows) {
        let block = first..grid_rows.min(first + rows);
        let posterior = encoder.encode_rows(scaled.view(), command.stride, block)?;
        append_latents(&mut npz, &posterior)?;
        if command.table.is_some() {
            kept.append(&posterior);
        }
    }
    npz.finish()?;
    if let Some(path) = &command.table {
        kept.save(path, &fields, (patches.patch_grid(), command.fields.block, before))?;
    }
    if as_json {
        say(format_args!(
            "{}",
            json!({
                "out": command.out,
                "patches": patches.len(),
                "grid": layout.counts,
                "latents": vae.config().latent_names(),
                "clipped": clipped,
            })
        ));
    } else {
        say(format_args!("{} patches encoded into {}", patches.len(), command.out.display()));
    }
    Ok(())
}
