//! `adatom inspect`: says what each file is.

mod sample;

use std::path::Path;

use adatom::forest::Model as Forest;
use adatom::patch::{Error as PatchError, Image, ImageFile};
use adatom::vae::{CheckpointProblem, Device, Error as VaeError, ShiftVae};
use serde_json::{Value, json};

use crate::args::Inspect;
use crate::error::{CliError, with_sources};
use crate::say::{say, tell};

pub(crate) fn run(inspect: &Inspect, as_json: bool) -> Result<(), CliError> {
    let mut failed = false;
    for path in &inspect.files {
        let found = look(path);
        failed |= found.is_err();
        if as_json {
            say(format_args!(
                "{}",
                found.unwrap_or_else(|error| json!({ "path": path.display().to_string(), "error": error }))
            ));
        } else {
            match found {
                Ok(found) => say(format_args!("{}", table(&found))),
                Err(error) => tell(format_args!("error: {error}")),
            }
        }
    }
    if failed { Err(CliError::Reported) } else { Ok(()) }
}

/// Everything is told by its content: formats with a signature first, columns of numbers last.
fn look(path: &Path) -> Result<Value, String> {
    match ShiftVae::load(path, &Device::Cpu) {
        Ok(vae) => return Ok(model(path, &vae)),
        Err(VaeError::Checkpoint {
            problem: CheckpointProblem::NotSafetensors(_) | CheckpointProblem::Io(_),
            ..
        }) => {}
        Err(error) => {
            return match Forest::load(path) {
                Ok(forest) => Ok(self::forest(path, &forest)),
                // Of a forest that is broken, what is wrong with it is worth telling.
                Err(other) if error.to_string().contains("adatom-forest") => Err(with_sources(&other)),
                Err(_) => Err(with_sources(&error)),
            };
        }
    }
    if let Some(found) = sample::table(path) {
        return found;
    }
    match image(path) {
        Err(PatchError::UnknownFormat { looks_like, .. }) => sample::look(path, looks_like),
        found => found.map_err(|error| with_sources(&error)),
    }
}

fn model(path: &Path, vae: &ShiftVae) -> Value {
    let config = vae.config();
    json!({
        "path": path.display().to_string(),
        "kind": "model",
        "format": "adatom autoencoder (safetensors)",
        "shape": config.sample_shape().extents(),
        "latents": config.latent_names(),
        "invariances": config.get_invariances(),
        "dx_prior": config.get_shift_lattice().is_none().then(|| config.get_shift_prior()),
        "shift_lattice": config.get_shift_lattice(),
        "sc_prior": config.get_scale_prior(),
        "encoder": config.get_encoder_hidden(),
        "decoder": config.get_decoder_hidden(),
        "activation": config.get_activation(),
        "likelihood": config.get_likelihood(),
        "parameters": vae.parameter_count(),
        "scaling": vae.scaling(),
    })
}

fn forest(path: &Path, model: &Forest) -> Value {
    let forest = model.forest();
    let (task, classes) = match model {
        Forest::Classifier(model) => ("classify", Some(model.classes())),
        Forest::Regressor(_) => ("regress", None),
    };
    let columns = forest.columns().unwrap_or_default();
    let mut modalities = serde_json::Map::new();
    for column in columns {
        let count = modalities.entry(column.modality().to_string()).or_insert(json!(0));
        *count = json!(count.as_u64().unwrap_or(0) + 1);
    }
    json!({
        "path": path.display().to_string(),
        "kind": "model",
        "format": "adatom forest (safetensors)",
        "task": task,
        "target": forest.target(),
        "classes": classes,
        "columns": modalities,
        "trees": forest.as_trees().len(),
        "params": forest.params(),
    })
}

fn image(path: &Path) -> Result<Value, adatom::patch::Error> {
    let file = ImageFile::probe(path)?;
    let frames = Image::open_stack(path)?;
    let statistics: Vec<_> = frames.iter().filter_map(Image::statistics).collect();
    let finite: usize = statistics.iter().map(|frame| frame.finite).sum();
    let mean = statistics.iter().map(|frame| frame.mean * frame.finite as f64).sum::<f64>() / finite as f64;
    let not_finite: usize = frames.iter().map(Image::non_finite).sum();
    let size = file.pixel_size.as_ref().map(|size| {
        let mut value = json!({ "value": size.column, "unit": size.unit });
        if !size.is_square() {
            value["value_rows"] = json!(size.row);
        }
        value
    });
    Ok(json!({
        "path": path.display().to_string(),
        "kind": "image",
        "format": file.format,
        "shape": [file.height, file.width],
        "frames": file.frames,
        "channels": file.channels,
        "dtype": file.dtype,
        "pixel_size": size,
        "signals": (!file.signals.is_empty()).then_some(file.signals),
        "min": statistics.iter().map(|frame| frame.min).reduce(f32::min),
        "max": statistics.iter().map(|frame| frame.max).reduce(f32::max),
        "mean": (finite > 0).then_some(mean),
        "not_finite": not_finite,
    }))
}

/// One line a fact, without those that are null.
fn table(found: &Value) -> String {
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    let facts = found
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, value)| !["path", "records"].contains(&key.as_str()) && !value.is_null());
    let lines: Vec<String> = facts.map(|(key, value)| format!("  {key:<12} {}", plain(value))).collect();
    format!("{}\n{}", plain(&found["path"]), lines.join("\n"))
}
