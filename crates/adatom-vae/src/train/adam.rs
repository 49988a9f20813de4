//! Adam (Kingma and Ba, arXiv 1412.6980) with moments that can be saved, which candle-nn's optimiser keeps private.

use std::collections::BTreeMap;

use candle_core::{Tensor, Var, backprop::GradStore};

use crate::Result;

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// First and second moments of the gradient of every weight, and the number of steps taken.
#[derive(Debug, Clone)]
pub(crate) struct Adam {
    pub(crate) steps: u64,
    pub(crate) first: BTreeMap<String, Tensor>,
    pub(crate) second: BTreeMap<String, Tensor>,
}

impl Adam {
    pub(crate) fn new(weights: &BTreeMap<String, Var>) -> Result<Self> {
        let zeros =
            || weights.iter().map(|(name, var)| Ok((name.clone(), var.zeros_like()?))).collect::<Result<_>>();
        Ok(Self { steps: 0, first: zeros()?, second: zeros()? })
    }

    /// One step of every weight that has a gradient.
    pub(crate) fn step(
        &mut self,
        weights: &BTreeMap<String, Var>,
        gradients: &GradStore,
        learning_rate: f64,
    ) -> Result<()> {
        self.steps += 1;
        let (correct_1, correct_2) =
            (1.0 - BETA_1.powf(self.steps as f64), 1.0 - BETA_2.powf(self.steps as f64));
        for (name, weight) in weights {
            let Some(gradient) = gradients.get(weight.as_tensor()) else { continue };
            let first = ((&self.first[name] * BETA_1)? + (gradient * (1.0 - BETA_1))?)?;
            let second = ((&self.second[name] * BETA_2)? + (gradient.sqr()? * (1.0 - BETA_2))?)?;
            let denominator = ((&second * (1.0 / correct_2))?.sqrt()? + EPSILON)?;
            let step = ((&first * (learning_rate / correct_1))? / denominator)?;
            weight.set(&(weight.as_tensor() - step)?.detach())?;
            self.first.insert(name.clone(), first.detach());
            self.second.insert(name.clone(), second.detach());
        }
        Ok(())
    }
}
