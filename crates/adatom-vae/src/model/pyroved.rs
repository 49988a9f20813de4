//! Weights of pyroVED 0.3 (`iVAE`), saved as safetensors under the names of its state dict.
//!
//! | pyroVED | adatom |
//! |---|---|
//! | `encoder_z.fc_layers.{2i}` | `encoder.hidden.{i}` |
//! | `encoder_z.fc11`, `encoder_z.fc12` | `encoder.mean`, `encoder.sd` |
//! | `decoder.coord_latent.fc_coord`, `.fc_latent` | `decoder.coordinates`, `decoder.content` |
//! | `decoder.fc_layers.{2i}` | `decoder.hidden.{i}` |
//! | `decoder.out` | `decoder.output` |

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::Device;
use safetensors::SafeTensors;

use super::checkpoint::{at_path, read_safetensors, tensor_of};
use crate::error::{CheckpointProblem, Result};
use crate::model::ShiftVae;
use crate::net::parameters;
use crate::spec::VaeConfig;

impl ShiftVae {
    /// Reads weights of pyroVED, saved as safetensors under its names; tensors of other names are ignored.
    ///
    /// Such a file contains neither priors nor invariances nor activation, so `config` must be that of its
    /// training: with another prior of the shift the shifts would be wrong without an error.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) for an invalid configuration,
    /// [`Error::Checkpoint`](crate::Error::Checkpoint) when the file cannot be read or a tensor is missing or
    /// does not fit the configuration.
    pub fn load_pyroved(path: impl AsRef<Path>, config: VaeConfig, device: &Device) -> Result<Self> {
        config.check()?;
        let path = path.as_ref();
        let problem = |problem| at_path(path, problem);
        let bytes = read_safetensors(path).map_err(problem)?;
        let file = SafeTensors::deserialize(&bytes)
            .map_err(|error| problem(CheckpointProblem::NotSafetensors(error.into())))?;
        let weights = parameters(&config)
            .into_iter()
            .map(|parameter| {
                let name = pyroved_name(&parameter.name);
                let view = file
                    .tensor(&name)
                    .map_err(|_| problem(CheckpointProblem::MissingTensor { name: name.clone() }))?;
                if view.shape() != parameter.shape {
                    let (expected, found) = (format!("{:?}", parameter.shape), format!("{:?}", view.shape()));
                    return Err(problem(CheckpointProblem::TensorShape { name, expected, found }));
                }
                Ok((parameter.name, tensor_of(&name, &view, device).map_err(problem)?))
            })
            .collect::<Result<BTreeMap<_, _>>>()?;
        Self::from_weights(config, weights)
    }
}

fn pyroved_name(name: &str) -> String {
    let fixed = [
        ("encoder.mean.", "encoder_z.fc11."),
        ("encoder.sd.", "encoder_z.fc12."),
        ("decoder.coordinates.", "decoder.coord_latent.fc_coord."),
        ("decoder.content.", "decoder.coord_latent.fc_latent."),
        ("decoder.output.", "decoder.out."),
    ];
    for (here, there) in fixed {
        if let Some(rest) = name.strip_prefix(here) {
            return format!("{there}{rest}");
        }
    }
    for (here, there) in
        [("encoder.hidden.", "encoder_z.fc_layers."), ("decoder.hidden.", "decoder.fc_layers.")]
    {
        if let Some((layer, rest)) = name.strip_prefix(here).and_then(|rest| rest.split_once('.'))
            && let Ok(layer) = layer.parse::<usize>()
        {
            // There, activations take every second number.
            return format!("{there}{}.{rest}", 2 * layer);
        }
    }
    name.to_owned()
}
