//! The file of a model: safetensors with the weights and, as the metadata entry `adatom`, a JSON description.
//!
//! | key | contents |
//! |---|---|
//! | `kind` | `"vae"` |
//! | `version` | version of this format, 2; files of version 1 have no Fourier features |
//! | `config` | sample shape, latents, invariances, priors, layers, likelihood ([`VaeConfig`]) |
//! | `scaling` | change of intensities of the training samples, or null |
//! | `channel_scalings` | that of each channel, where they have their own |
//! | `training` | only in a file to resume from: settings, steps, history |

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::path::Path;

use adatom_core::write_whole;
use candle_core::{DType, Device, Tensor};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};

use crate::error::{Cause, CheckpointProblem, Error, Result};
use crate::model::ShiftVae;
use crate::net::parameters;
use crate::spec::VaeConfig;
use adatom_core::Scaling;

/// Version of the model format that this program writes and the newest it reads.
pub const CHECKPOINT_VERSION: u32 = 2;

const ENTRY: &str = "adatom";
const KIND: &str = "vae";

#[derive(Serialize, Deserialize)]
struct Header {
    kind: String,
    version: u32,
    config: VaeConfig,
    scaling: Option<Scaling>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel_scalings: Option<Vec<Scaling>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    training: Option<serde_json::Value>,
}

/// The contents of a file.
pub(crate) struct Checkpoint {
    pub(crate) config: VaeConfig,
    pub(crate) scaling: Option<Scaling>,
    pub(crate) channel_scalings: Option<Vec<Scaling>>,
    pub(crate) training: Option<serde_json::Value>,
    pub(crate) tensors: BTreeMap<String, Tensor>,
}

pub(crate) fn at_path(path: &Path, problem: CheckpointProblem) -> Error {
    Error::Checkpoint { path: path.to_owned(), problem }
}

impl ShiftVae {
    /// Writes weights, configuration, priors and data scaling into one safetensors file, first under a
    /// temporary name in the same folder.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        Checkpoint::of(self).write(path.as_ref())
    }

    /// Reads a model that [`save`](Self::save) or a training wrote.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] for a file that does not exist, is truncated or of another kind, has a newer
    /// version, or tensors that are missing, of another shape or not finite.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self> {
        Checkpoint::read(path.as_ref(), device)?.into_model(path.as_ref())
    }
}

impl Checkpoint {
    pub(crate) fn of(model: &ShiftVae) -> Self {
        Self {
            config: model.config().clone(),
            scaling: model.scaling().copied(),
            channel_scalings: model.channel_scalings().map(<[Scaling]>::to_vec),
            training: None,
            tensors: model.weights().clone(),
        }
    }

    pub(crate) fn write(self, path: &Path) -> Result<()> {
        let header = Header {
            kind: KIND.into(),
            version: CHECKPOINT_VERSION,
            config: self.config,
            scaling: self.scaling,
            channel_scalings: self.channel_scalings,
            training: self.training,
        };
        let description = serde_json::to_string(&header)
            .map_err(|error| at_path(path, std::io::Error::from(error).into()))?;
        let bytes = self
            .tensors
            .into_iter()
            .map(|(name, tensor)| {
                let values = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?;
                let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                Ok((name, tensor.dims().to_vec(), bytes))
            })
            .collect::<Result<Vec<_>>>()?;
        let views = bytes.iter().map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
            (name.as_str(), view.expect("four bytes for every element"))
        });
        // One entry only: the order of several would differ from run to run.
        let metadata = HashMap::from([(ENTRY.to_owned(), description)]);
        let file = safetensors::serialize(views, Some(metadata))
            .map_err(|error| at_path(path, std::io::Error::other(error.to_string()).into()))?;
        write_whole(path, |to| to.write_all(&file)).map_err(|error| at_path(path, error.into()))
    }

    pub(crate) fn read(path: &Path, device: &Device) -> Result<Self> {
        let problem = |problem| at_path(path, problem);
        let bytes = read_safetensors(path).map_err(problem)?;
        let broken =
            |error: safetensors::SafeTensorError| problem(CheckpointProblem::NotSafetensors(error.into()));
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(broken)?;
        let file = SafeTensors::deserialize(&bytes).map_err(broken)?;
        let entry = metadata.metadata().as_ref().and_then(|entries| entries.get(ENTRY));
        let entry = entry.ok_or_else(|| problem(CheckpointProblem::NotAdatom))?;
        let invalid = |cause: Cause| problem(CheckpointProblem::Description(cause));
        // Kind and version first: a newer description may have another form.
        let value: serde_json::Value = serde_json::from_str(entry).map_err(|error| invalid(error.into()))?;
        if value["kind"] != KIND {
            return Err(invalid(format!("its kind is {}, not \"{KIND}\"", value["kind"]).into()));
        }
        let version = value["version"].as_u64().ok_or_else(|| invalid("there is no version".into()))?;
        if version > u64::from(CHECKPOINT_VERSION) {
            let found = u32::try_from(version).unwrap_or(u32::MAX);
            return Err(problem(CheckpointProblem::NewerVersion { found, supported: CHECKPOINT_VERSION }));
        }
        let header: Header = serde_json::from_value(value).map_err(|error| invalid(error.into()))?;
        header.config.check().map_err(|error| invalid(error.into()))?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            let tensor = tensor_of(&name, &view, device).map_err(problem)?;
            tensors.insert(name, tensor);
        }
        let Header { config, scaling, channel_scalings, training, .. } = header;
        Ok(Self { config, scaling, channel_scalings, training, tensors })
    }

    /// Removes the tensor `name`, which must have `shape`.
    pub(crate) fn take(&mut self, path: &Path, name: &str, shape: &[usize]) -> Result<Tensor> {
        let tensor = self
            .tensors
            .remove(name)
            .ok_or_else(|| at_path(path, CheckpointProblem::MissingTensor { name: name.to_owned() }))?;
        if tensor.dims() != shape {
            let (expected, found) = (format!("{shape:?}"), format!("{:?}", tensor.dims()));
            let problem = CheckpointProblem::TensorShape { name: name.to_owned(), expected, found };
            return Err(at_path(path, problem));
        }
        Ok(tensor)
    }

    pub(crate) fn into_model(mut self, path: &Path) -> Result<ShiftVae> {
        let weights = parameters(&self.config)
            .into_iter()
            .map(|parameter| {
                let tensor = self.take(path, &parameter.name, &parameter.shape)?;
                Ok((parameter.name, tensor))
            })
            .collect::<Result<_>>()?;
        Ok(ShiftVae::from_weights(self.config, weights)?
            .with_scaling(self.scaling)
            .with_channel_scalings(self.channel_scalings))
    }
}

/// The bytes of a file that starts like safetensors: a length of 8 bytes, then JSON. Other files are not read
/// to the end.
pub(crate) fn read_safetensors(path: &Path) -> Result<Vec<u8>, CheckpointProblem> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("not a regular file").into());
    }
    let mut file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(9).read_to_end(&mut bytes)?;
    if bytes.len() == 9 && bytes[8] != b'{' {
        return Err(CheckpointProblem::NotSafetensors("there is no JSON header".into()));
    }
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// # Errors
/// [`CheckpointProblem::TensorShape`] for another type than f32, [`CheckpointProblem::NotFinite`].
pub(crate) fn tensor_of(
    name: &str,
    view: &TensorView<'_>,
    device: &Device,
) -> Result<Tensor, CheckpointProblem> {
    let shape_problem = |found: String| CheckpointProblem::TensorShape {
        name: name.to_owned(),
        expected: "of type F32".into(),
        found,
    };
    if view.dtype() != Dtype::F32 {
        return Err(shape_problem(format!("{:?}", view.dtype())));
    }
    let four = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let values: Vec<f32> = view.data().chunks_exact(4).map(four).collect();
    let count = values.iter().filter(|value| !value.is_finite()).count();
    if count > 0 {
        return Err(CheckpointProblem::NotFinite { name: name.to_owned(), count });
    }
    Tensor::from_vec(values, view.shape(), device).map_err(|error| shape_problem(error.to_string()))
}
