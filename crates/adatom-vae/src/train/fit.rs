//! The loop over epochs, and the checks before it.

use adatom_core::Samples;
use candle_core::DType;
use ndarray::Array2;

use super::observer::{Control, EpochEvent, Observer};
use super::resume::{TrainingState, differences};
use super::run::Run;
use super::schedule::LearningRate;
use super::{TrainError, Trainer};
use crate::error::{Error, Result};
use crate::model::{ShiftVae, TrainingEnd};
use crate::spec::checksum;

impl Trainer {
    /// Trains on `samples`.
    ///
    /// # Errors
    /// [`TrainError::Diverged`] when the loss is no longer finite; [`TrainError::Model`] with
    /// [`Error::Setting`] for invalid settings, [`Error::NoSamples`], [`Error::Shape`] when samples and model
    /// differ, [`Error::Value`] for a value that the likelihood cannot score, [`Error::Checkpoint`] when the
    /// training cannot be resumed from its file.
    pub fn fit(&self, samples: &(impl Samples + ?Sized)) -> Result<ShiftVae, TrainError> {
        self.fit_observed(samples, &mut ())
    }

    /// Trains on `samples`, with an `observer` of every step and epoch.
    ///
    /// # Errors
    /// Those of [`fit`](Self::fit).
    pub fn fit_observed(
        &self,
        samples: &(impl Samples + ?Sized),
        observer: &mut dyn Observer,
    ) -> Result<ShiftVae, TrainError> {
        self.check()?;
        let mut settings = self.settings.clone();
        settings.samples = fingerprint(samples);
        settings.sample_labels = self.sample_labels(samples.count())?.fingerprint();
        settings.initial = self.initial.as_ref().map(weights_fingerprint).transpose()?;
        if !matches!(settings.learning_rate, LearningRate::Constant(_)) {
            settings.epochs = Some(self.epochs);
        }
        let mut run = Run::new(self, &settings, samples)?;
        let mut last_good = run.model.snapshot()?;
        let mut end = TrainingEnd::Completed;
        for epoch in run.history.epochs().len() + 1..=self.epochs {
            let outcome = run.epoch(epoch, samples, observer, &last_good)?;
            run.history.push(outcome.record);
            run.model = run.model.with_history(run.history.clone());
            last_good = run.model.snapshot()?;
            if let Some(step) = outcome.stopped_at {
                end = TrainingEnd::StoppedInEpoch { epoch, step };
                break;
            }
            let state = TrainingState { adam: &run.adam, settings: &settings, history: &run.history };
            let event = EpochEvent { record: outcome.record, epochs: self.epochs, model: &run.model, state };
            if observer.epoch(&event) == Control::Stop && epoch < self.epochs {
                end = TrainingEnd::StoppedAfterEpoch { epoch };
                break;
            }
        }
        Ok(run.model.with_history(run.history.ended(end)).snapshot()?)
    }

    /// Checks the settings, as `fit` does.
    ///
    /// # Errors
    /// [`Error::Setting`] names the first invalid setting.
    pub fn check(&self) -> Result<()> {
        self.model.check()?;
        let settings = &self.settings;
        for (setting, number) in [
            ("the number of epochs", Some(self.epochs)),
            ("the batch size", Some(settings.batch_size)),
            ("the number of steps of an epoch", settings.steps_per_epoch),
        ] {
            if number == Some(0) {
                return Err(Error::setting(setting, "at least 1", 0));
            }
        }
        if !settings.learning_rate.is_valid() {
            let expected = "finite and positive, with a warm-up below 1";
            return Err(Error::setting("the learning rate", expected, settings.learning_rate));
        }
        if !settings.kl_weight.is_valid() {
            let setting = "the weight of the KL divergence";
            return Err(Error::setting(setting, "finite and not negative", settings.kl_weight));
        }
        settings.kl_control.check()?;
        if let Some(hypotheses) = &settings.pose_hypotheses {
            hypotheses.check(&self.model)?;
        }
        if !(settings.pixel_fraction > 0.0 && settings.pixel_fraction <= 1.0) {
            let setting = "the fraction of scored pixels";
            return Err(Error::setting(setting, "above 0 and at most 1", settings.pixel_fraction));
        }
        settings.label_weights.check()?;
        if !(0.0..1.0).contains(&settings.held_out) {
            let setting = "the fraction of held-out samples";
            return Err(Error::setting(setting, "at least 0 and below 1", settings.held_out));
        }
        self.check_initial()
    }

    fn check_initial(&self) -> Result<()> {
        let Some(initial) = &self.initial else { return Ok(()) };
        let differences = differences(initial.config(), &self.model);
        let Some(first) = differences.first() else { return Ok(()) };
        let found = format!("a difference in {first}");
        Err(Error::setting("the model to start from", "of the same configuration", found))
    }
}

/// Checksum of the weights of a model.
fn weights_fingerprint(model: &ShiftVae) -> Result<String> {
    let mut values = Vec::with_capacity(model.parameter_count());
    for tensor in model.weights().values() {
        values.extend(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(format!("{} weights, checksum {:016x}", values.len(), checksum(values.into_iter())))
}

/// Number and shape of the samples and a checksum of up to 32 of them.
fn fingerprint(samples: &(impl Samples + ?Sized)) -> String {
    let n = samples.count();
    let indices: Vec<usize> = (0..n.min(32)).map(|index| index * n / n.min(32)).collect();
    let mut batch = Array2::zeros((indices.len(), samples.shape().len()));
    samples.fill(&indices, &mut batch.view_mut());
    format!("{n} of {}, checksum {:016x}", samples.shape(), checksum(batch.iter().copied()))
}
