//! Adam (Kingma and Ba, arXiv 1412.6980) with moments that can be saved, which candle-nn's optimiser keeps
//! private.
//!
//! m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², w ← w - η m̂ / (√v̂ + ε), with m̂ = m / (1 - β₁ᵗ), v̂ = v /
//! (1 - β₂ᵗ). On the CPU in single precision each update is one pass in place; elsewhere tensor operations
//! are composed.

use std::collections::BTreeMap;

use candle_core::{
    CpuStorage, DType, Error, InplaceOp2, InplaceOp3, Layout, Tensor, Var, backprop::GradStore,
};

use rayon::prelude::*;

use crate::error::Result;
use crate::spec::{LOG_SIGMA, LOG_SIGMA_RATE};

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// Weights that a thread updates at a time.
const CHUNK: usize = 8192;

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

    /// Resets moments and the number of steps: when the loss changes, old second moments would make steps
    /// many times as long as the learning rate.
    pub(crate) fn reset(&mut self) -> Result<()> {
        self.steps = 0;
        for moment in self.first.values_mut().chain(self.second.values_mut()) {
            *moment = moment.zeros_like()?;
        }
        Ok(())
    }

    /// Counts a step and gives its factors.
    pub(crate) fn next(&mut self, learning_rate: f64) -> StepFactors {
        self.steps += 1;
        StepFactors::new(self.steps, learning_rate)
    }

    /// One step of every weight that has a gradient.
    pub(crate) fn step(
        &mut self,
        weights: &BTreeMap<String, Var>,
        gradients: &GradStore,
        learning_rate: f64,
    ) -> Result<()> {
        let factors = self.next(learning_rate);
        for (name, weight) in weights {
            let Some(gradient) = gradients.get(weight.as_tensor()) else { continue };
            let moments = [&self.first[name], &self.second[name]];
            let factors = if name == LOG_SIGMA { factors.times(LOG_SIGMA_RATE) } else { factors };
            if weight.device().is_cpu() && weight.dtype() == DType::F32 {
                factors.in_place(weight, moments, &gradient.contiguous()?)?;
            } else {
                let [first, second] = factors.composed(weight, moments, gradient)?;
                self.first.insert(name.clone(), first);
                self.second.insert(name.clone(), second);
            }
        }
        Ok(())
    }
}

/// The factors of one step: m̂ η = m · rate, v̂ = v · correction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepFactors {
    rate: f64,
    correction: f64,
}

impl StepFactors {
    fn new(steps: u64, learning_rate: f64) -> Self {
        let (correct_1, correct_2) = (1.0 - BETA_1.powf(steps as f64), 1.0 - BETA_2.powf(steps as f64));
        Self { rate: learning_rate / correct_1, correction: 1.0 / correct_2 }
    }

    /// The same step with another learning rate.
    pub(crate) fn times(self, factor: f64) -> Self {
        Self { rate: self.rate * factor, ..self }
    }

    /// One pass over flat vectors: updates weights and moments.
    pub(crate) fn flat(&self, gradient: &[f32], weights: &mut [f32], [first, second]: [&mut [f32]; 2]) {
        let (rate, correction, epsilon) = (self.rate as f32, self.correction as f32, EPSILON as f32);
        let (kept_1, new_1) = (BETA_1 as f32, (1.0 - BETA_1) as f32);
        let (kept_2, new_2) = (BETA_2 as f32, (1.0 - BETA_2) as f32);
        let moments = first.par_chunks_mut(CHUNK).zip(second.par_chunks_mut(CHUNK));
        let chunks = weights.par_chunks_mut(CHUNK).zip(gradient.par_chunks(CHUNK)).zip(moments);
        chunks.for_each(|((weights, gradient), (first, second))| {
            let moments = first.iter_mut().zip(second);
            for ((weight, &gradient), (first, second)) in weights.iter_mut().zip(gradient).zip(moments) {
                *first = *first * kept_1 + gradient * new_1;
                *second = *second * kept_2 + gradient * gradient * new_2;
                *weight -= *first * rate / ((*second * correction).sqrt() + epsilon);
            }
        });
    }

    fn in_place(
        &self,
        weight: &Var,
        [first, second]: [&Tensor; 2],
        gradient: &Tensor,
    ) -> candle_core::Result<()> {
        first.inplace_op2(gradient, &FirstMoment)?;
        second.inplace_op2(gradient, &SecondMoment)?;
        weight.as_detached_tensor().inplace_op3(first, second, self)
    }

    /// Updates `weight` and gives the new moments.
    fn composed(
        &self,
        weight: &Var,
        [first, second]: [&Tensor; 2],
        gradient: &Tensor,
    ) -> candle_core::Result<[Tensor; 2]> {
        let first = ((first * BETA_1)? + (gradient * (1.0 - BETA_1))?)?.detach();
        let second = ((second * BETA_2)? + (gradient.sqr()? * (1.0 - BETA_2))?)?.detach();
        let denominator = ((&second * self.correction)?.sqrt()? + EPSILON)?;
        let step = ((&first * self.rate)? / denominator)?;
        weight.set(&(weight.as_tensor() - step)?.detach())?;
        Ok([first, second])
    }
}

struct FirstMoment;

impl InplaceOp2 for FirstMoment {
    fn name(&self) -> &'static str {
        "first moment of Adam"
    }

    fn cpu_fwd(
        &self,
        moment: &mut CpuStorage,
        layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> candle_core::Result<()> {
        let (old, new) = (BETA_1 as f32, (1.0 - BETA_1) as f32);
        let gradient = values(gradient, gradient_layout)?;
        for (moment, &gradient) in values_mut(moment, layout)?.iter_mut().zip(gradient) {
            *moment = *moment * old + gradient * new;
        }
        Ok(())
    }
}

struct SecondMoment;

impl InplaceOp2 for SecondMoment {
    fn name(&self) -> &'static str {
        "second moment of Adam"
    }

    fn cpu_fwd(
        &self,
        moment: &mut CpuStorage,
        layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> candle_core::Result<()> {
        let (old, new) = (BETA_2 as f32, (1.0 - BETA_2) as f32);
        let gradient = values(gradient, gradient_layout)?;
        for (moment, &gradient) in values_mut(moment, layout)?.iter_mut().zip(gradient) {
            *moment = *moment * old + gradient * gradient * new;
        }
        Ok(())
    }
}

impl InplaceOp3 for StepFactors {
    fn name(&self) -> &'static str {
        "step of Adam"
    }

    fn cpu_fwd(
        &self,
        weight: &mut CpuStorage,
        layout: &Layout,
        first: &CpuStorage,
        first_layout: &Layout,
        second: &CpuStorage,
        second_layout: &Layout,
    ) -> candle_core::Result<()> {
        let (rate, correction, epsilon) = (self.rate as f32, self.correction as f32, EPSILON as f32);
        let moments = values(first, first_layout)?.iter().zip(values(second, second_layout)?);
        for (weight, (&first, &second)) in values_mut(weight, layout)?.iter_mut().zip(moments) {
            *weight -= first * rate / ((second * correction).sqrt() + epsilon);
        }
        Ok(())
    }
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> candle_core::Result<&'a [f32]> {
    let (start, end) = contiguous(layout)?;
    Ok(&storage.as_slice::<f32>()?[start..end])
}

fn values_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> candle_core::Result<&'a mut [f32]> {
    let (start, end) = contiguous(layout)?;
    match storage {
        CpuStorage::F32(values) => Ok(&mut values[start..end]),
        _ => Err(Error::msg("moments and weights must be of single precision")),
    }
}

fn contiguous(layout: &Layout) -> candle_core::Result<(usize, usize)> {
    layout.contiguous_offsets().ok_or_else(|| Error::msg("moments, weights and gradients must be contiguous"))
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::random::{Purpose, normals, stream};

    #[test]
    fn flat_in_place_and_composed_steps_give_the_same_bytes() {
        let mut random = stream(5, Purpose::Noise(0));
        let mut tensor = || Tensor::from_vec(normals(&mut random, 35), (5, 7), &Device::Cpu).unwrap();
        let (start, gradients) = (tensor(), [tensor(), tensor(), tensor()]);
        let zeros = || start.zeros_like().unwrap();
        let variable = || Var::from_tensor(&start).unwrap();
        let (one, other) = (variable(), variable());
        let (kept, mut given) = ([zeros(), zeros()], [zeros(), zeros()]);
        let numbers = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let (mut weights, mut first, mut second) = (numbers(&start), vec![0.0; 35], vec![0.0; 35]);
        for (step, gradient) in gradients.iter().enumerate() {
            let factors = StepFactors::new(1 + step as u64, 1e-2);
            factors.in_place(&one, [&kept[0], &kept[1]], gradient).unwrap();
            given = factors.composed(&other, [&given[0], &given[1]], gradient).unwrap();
            factors.flat(&numbers(gradient), &mut weights, [&mut first, &mut second]);
        }
        let bits = |values: Vec<f32>| -> Vec<u32> { values.into_iter().map(f32::to_bits).collect() };
        assert_ne!(bits(numbers(&one)), bits(numbers(&start)));
        for (one, other, flat) in [
            (one.as_tensor(), other.as_tensor(), weights),
            (&kept[0], &given[0], first),
            (&kept[1], &given[1], second),
        ] {
            assert_eq!(bits(numbers(one)), bits(numbers(other)));
            assert_eq!(bits(numbers(one)), bits(flat));
        }
    }
}
