//! The state of an interrupted training: moments of Adam, settings and history, stored beside the model.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::adam::Adam;
use super::settings::Settings;
use crate::error::{CheckpointProblem, Difference, Result};
use crate::model::{Checkpoint, History, ShiftVae, at_path};
use crate::net::parameters;
use crate::spec::VaeConfig;

/// The state of a training after an epoch.
pub(crate) struct TrainingState<'a> {
    pub(crate) adam: &'a Adam,
    pub(crate) settings: &'a Settings,
    pub(crate) history: &'a History,
}

/// A training that was read from a file.
pub(super) struct ResumedTraining {
    pub(super) model: ShiftVae,
    pub(super) adam: Adam,
    pub(super) history: History,
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
                .map_err(|error| at_path(path, CheckpointProblem::Description(error.into())))?,
        );
        for (prefix, moments) in [(FIRST, &self.adam.first), (SECOND, &self.adam.second)] {
            let named = moments.iter().map(|(name, tensor)| (format!("{prefix}{name}"), tensor.clone()));
            checkpoint.tensors.extend(named);
        }
        checkpoint.write(path)
    }
}

impl ResumedTraining {
    /// Reads a training of the model `config` with `settings` up to `epochs` epochs.
    ///
    /// # Errors
    /// [`Error::Checkpoint`](crate::Error::Checkpoint) when the file cannot be read or its training had
    /// another model, other settings or other samples.
    pub(super) fn load(
        path: &Path,
        config: &VaeConfig,
        settings: &Settings,
        epochs: usize,
        device: &Device,
    ) -> Result<Self> {
        let mut checkpoint = Checkpoint::read(path, device)?;
        let problem = |problem| at_path(path, problem);
        let description =
            checkpoint.training.take().ok_or_else(|| problem(CheckpointProblem::NotResumable))?;
        let description: Description = serde_json::from_value(description)
            .map_err(|error| problem(CheckpointProblem::Description(error.into())))?;
        let mut differences = differences(&checkpoint.config, config);
        differences.extend(self::differences(&description.settings, settings));
        if description.history.epochs().len() > epochs {
            let done = format!("{} done", description.history.epochs().len());
            differences.push(difference("epochs", done, format!("{epochs} requested")));
        }
        if !differences.is_empty() {
            return Err(problem(CheckpointProblem::OtherTraining { differences }));
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
        Ok(Self { model: checkpoint.into_model(path)?, adam, history: description.history })
    }
}

fn difference(what: impl Into<String>, then: impl Into<String>, now: impl Into<String>) -> Difference {
    Difference { what: what.into(), then: then.into(), now: now.into() }
}

/// The fields of configurations or settings that differ.
pub(super) fn differences(then: &impl Serialize, now: &impl Serialize) -> Vec<Difference> {
    let fields = |value: Value| value.as_object().cloned().unwrap_or_default();
    let (Ok(then), Ok(now)) = (serde_json::to_value(then), serde_json::to_value(now)) else {
        return vec![difference("the settings", "not comparable", "not comparable")];
    };
    let (then, now) = (fields(then), fields(now));
    let names = then.keys().chain(now.keys().filter(|name| !then.contains_key(*name)));
    let differing = names.filter(|name| now.get(*name) != then.get(*name));
    differing.map(|name| field_difference(name, then.get(name), now.get(name))).collect()
}

/// The difference of one field, in words.
fn field_difference(name: &str, then: Option<&Value>, now: Option<&Value>) -> Difference {
    if let ("samples" | "known" | "initial", Some(Value::String(then)), Some(Value::String(now))) =
        (name, then, now)
    {
        return fingerprint_difference(name, then, now);
    }
    // Fields with their default value are not written.
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => "the default".into(),
        Some(Value::Array(values)) if values.iter().all(Value::is_string) => {
            let texts: Vec<String> =
                values.iter().filter_map(Value::as_str).map(regulariser_in_words).collect();
            if texts.is_empty() { "none".into() } else { texts.join("; ") }
        }
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    difference(words(name), text(then), text(now))
}

/// The description of a regulariser as files have it, without the names of the code: files of interrupted
/// trainings are compared by that text, so that it stays as it is.
fn regulariser_in_words(text: &str) -> String {
    text.replace("SquaredDifference", "squared differences of neighbours")
        .replace("TotalVariation", "total variation")
        .replace("Spectral", "spectral roughness")
        .replace("latents None", "all latents")
        .replace("latents Some([", "latents ")
        .replace("])", "")
}

/// The difference of two fingerprints `count and kind, checksum hexadecimal number`.
fn fingerprint_difference(name: &str, then: &str, now: &str) -> Difference {
    let parts = |text: &str| match text.split_once(", checksum ") {
        Some((kind, sum)) => (kind.to_owned(), sum.to_owned()),
        None => (text.to_owned(), String::new()),
    };
    let ((then_kind, then_sum), (now_kind, now_sum)) = (parts(then), parts(now));
    if then_kind != now_kind {
        return difference(words(name), then_kind, now_kind);
    }
    let what = match name {
        "samples" => {
            format!("the values of the {then_kind} samples (another image, scaling or choice of patches)")
        }
        _ => format!("the values of the {}", words(name)),
    };
    difference(what, format!("checksum {then_sum}"), format!("checksum {now_sum}"))
}

/// The name of a field in words.
fn words(name: &str) -> String {
    match name {
        "dx_prior" => "prior of the shift",
        "sc_prior" => "prior of the scale",
        "rotation" => "posterior of the rotation",
        "first_frequency" => "frequency of the coordinates",
        "latent_dim" => "content latents",
        "side" => "conditioning",
        "kl_weight" => "weight of the KL divergence",
        "kl_control" => "control of the KL divergence",
        "conditions" => "regularisers",
        "pose_starts" => "pose hypotheses",
        "held_out" => "held-out fraction",
        "known" => "conditions or labels of the samples",
        "initial" => "initial weights",
        other => return other.replace('_', " "),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, then: &str, now: &str) -> String {
        let value = |text: &str| Value::String(text.into());
        field_difference(name, Some(&value(then)), Some(&value(now))).to_string()
    }

    #[test]
    fn other_samples_are_named_in_words() {
        let then = "400 of 24 x 24, checksum 00ff";
        assert_eq!(
            text("samples", then, "350 of 24 x 24, checksum 00aa"),
            "samples: 400 of 24 x 24 then, 350 of 24 x 24 now"
        );
        assert_eq!(
            text("samples", then, "400 of 24 x 24, checksum 00aa"),
            "the values of the 400 of 24 x 24 samples (another image, scaling or choice of patches): \
             checksum 00ff then, checksum 00aa now"
        );
        let batch = field_difference("batch_size", Some(&Value::from(100)), Some(&Value::from(50)));
        assert_eq!(batch.to_string(), "batch size: 100 then, 50 now");
        let regularisers = field_difference(
            "conditions",
            Some(&Value::from(vec![
                "SquaredDifference over 12 pixels, weight 1, 2 blocks, latents None",
                "TotalVariation over 3 pixels, weight 1, 2 blocks, latents Some([0, 1]), from neighbours",
            ])),
            Some(&Value::Array(Vec::new())),
        );
        assert_eq!(
            regularisers.to_string(),
            "regularisers: squared differences of neighbours over 12 pixels, weight 1, \
             2 blocks, all latents; total variation over 3 pixels, weight 1, 2 blocks, \
             latents 0, 1, from neighbours then, none now"
        );
        let hypotheses = field_difference("pose_starts", None, Some(&Value::from(1)));
        assert_eq!(hypotheses.to_string(), "pose hypotheses: the default then, 1 now");
    }
}
