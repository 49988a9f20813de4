//! What an interrupted training needs to go on: moments of Adam, settings and history, beside the model.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::adam::Adam;
use super::trainer::Settings;
use crate::error::{CheckpointProblem, Result};
use crate::model::{Checkpoint, History, ShiftVae, at_path};
use crate::net::parameters;
use crate::spec::VaeConfig;

/// Borrowed state of a training.
pub(crate) struct TrainingState<'a> {
    pub(crate) adam: &'a Adam,
    pub(crate) settings: &'a Settings,
    pub(crate) history: &'a History,
}

#[derive(Serialize, Deserialize)]
struct Description {
    settings: Settings,
    steps: u64,
    history: History,
}

const FIRST: &str = "optimiser.first.";
const SECOND: &str = "optimiser.second.";

impl TrainingState<'_> {
    pub(crate) fn save(&self, model: &ShiftVae, path: &Path) -> Result<()> {
        let description = Description {
            settings: self.settings.clone(),
            steps: self.adam.steps,
            history: self.history.clone(),
        };
        let mut checkpoint = Checkpoint::of(model);
        checkpoint.training = Some(
            serde_json::to_value(description)
                .map_err(|error| at_path(path, CheckpointProblem::Description(error.to_string())))?,
        );
        for (prefix, moments) in [(FIRST, &self.adam.first), (SECOND, &self.adam.second)] {
            let named = moments.iter().map(|(name, tensor)| (format!("{prefix}{name}"), tensor.clone()));
            checkpoint.tensors.extend(named);
        }
        checkpoint.write(path)
    }
}

pub(crate) fn load_training(
    path: &Path,
    config: &VaeConfig,
    settings: &Settings,
    epochs: usize,
    device: &Device,
) -> Result<(ShiftVae, Adam, History)> {
    let mut checkpoint = Checkpoint::read(path, device)?;
    let problem = |problem| at_path(path, problem);
    let description = checkpoint.training.take().ok_or_else(|| problem(CheckpointProblem::NotResumable))?;
    let description: Description = serde_json::from_value(description)
        .map_err(|error| problem(CheckpointProblem::Description(error.to_string())))?;
    if checkpoint.config != *config {
        return Err(problem(CheckpointProblem::OtherTraining(difference(&checkpoint.config, config))));
    }
    if description.settings != *settings {
        return Err(problem(CheckpointProblem::OtherTraining(difference(&description.settings, settings))));
    }
    if description.history.epochs.len() > epochs {
        let text = format!("{} epochs are done, {epochs} are asked for", description.history.epochs.len());
        return Err(problem(CheckpointProblem::OtherTraining(text)));
    }
    let mut moments = |prefix: &str| -> Result<BTreeMap<String, Tensor>> {
        parameters(config)
            .into_iter()
            .map(|parameter| {
                let name = format!("{prefix}{}", parameter.name);
                let tensor = checkpoint.take(path, &name, &parameter.shape)?;
                Ok((parameter.name, tensor))
            })
            .collect()
    };
    let adam = Adam { steps: description.steps, first: moments(FIRST)?, second: moments(SECOND)? };
    Ok((checkpoint.into_model(path)?, adam, description.history))
}

/// The fields that differ, with both values.
fn difference(there: &impl Serialize, here: &impl Serialize) -> String {
    let fields = |value: serde_json::Value| value.as_object().cloned().unwrap_or_default();
    let (Ok(there), Ok(here)) = (serde_json::to_value(there), serde_json::to_value(here)) else {
        return "they cannot be compared".into();
    };
    let (there, here) = (fields(there), fields(here));
    // What is as usual need not be written.
    let text =
        |value: Option<&serde_json::Value>| value.map_or_else(|| "as usual".into(), ToString::to_string);
    let names = there.keys().chain(here.keys().filter(|name| !there.contains_key(*name)));
    let differing = names.filter(|name| here.get(*name) != there.get(*name));
    let text: Vec<String> = differing
        .map(|name| {
            format!("{} was {}, is {}", name.replace('_', " "), text(there.get(name)), text(here.get(name)))
        })
        .collect();
    text.join("; ")
}
