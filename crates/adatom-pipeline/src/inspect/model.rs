//! Autoencoders and forests.

use std::path::Path;

use adatom_forest::Model as Forest;
use adatom_vae::{CheckpointProblem, Device, Error as VaeError, ShiftVae};
use serde_json::{Value, json};

use crate::error::with_sources;

/// A model; `None` for other files.
pub(super) fn describe(path: &Path) -> Option<Result<Value, String>> {
    let error = match ShiftVae::load(path, &Device::Cpu) {
        Ok(vae) => return Some(Ok(autoencoder(path, &vae))),
        Err(VaeError::Checkpoint {
            problem: CheckpointProblem::NotSafetensors(_) | CheckpointProblem::Io(_),
            ..
        }) => return None,
        Err(error) => error,
    };
    Some(match Forest::load(path) {
        Ok(model) => Ok(forest(path, &model)),
        // For a damaged forest, the error of the forest is the informative one.
        Err(other) if error.to_string().contains("adatom-forest") => Err(with_sources(&other)),
        Err(_) => Err(with_sources(&error)),
    })
}

fn autoencoder(path: &Path, vae: &ShiftVae) -> Value {
    let config = vae.config();
    json!({
        "path": path.display().to_string(),
        "kind": "model",
        "format": "adatom autoencoder (safetensors)",
        "shape": config.sample_shape().extents(),
        "latents": config.latent_names(),
        "invariances": config.get_invariances(),
        "shift_prior": config.get_shift_lattice().is_none().then(|| config.get_shift_prior()),
        "shift_lattice": config.get_shift_lattice(),
        "scale_prior": config.get_scale_prior(),
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
