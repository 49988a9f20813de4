//! The standard deviations of a model's Gaussian likelihood, fixed or trained.

use candle_core::{DType, Tensor};
use ndarray::{Array2, ArrayD, IxDyn};

use crate::error::Result;
use crate::model::ShiftVae;
use crate::spec::{LOG_SIGMA, Likelihood, TrainedNoise};

impl ShiftVae {
    /// The standard deviation of the noise in units of the samples, `None` for a likelihood without one: one
    /// number where it is fixed, one for each channel where it is trained for all pixels, the shape of a
    /// sample where it is trained for every pixel.
    ///
    /// ```
    /// use adatom_vae::{Device, Likelihood, ShiftVae};
    /// let vae = |likelihood| {
    ///     ShiftVae::init(ShiftVae::image_config(9, 7).likelihood(likelihood), 1, &Device::Cpu)
    /// };
    /// let sigma = vae(Likelihood::GaussianPerPixel)?.noise_sigma()?.expect("a Gaussian");
    /// assert_eq!(sigma.shape(), [9, 7]);
    /// assert!((sigma[[3, 2]] - 0.5).abs() < 1e-6, "the initial value");
    /// assert!(vae(Likelihood::Bernoulli)?.noise_sigma()?.is_none());
    /// # Ok::<(), adatom_vae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Tensor`](crate::Error::Tensor) when the weights cannot be read from their device.
    pub fn noise_sigma(&self) -> Result<Option<ArrayD<f32>>> {
        let likelihood = self.config().get_likelihood();
        if let Likelihood::Gaussian { sigma } = likelihood {
            return Ok(Some(ArrayD::from_elem(IxDyn(&[1]), sigma as f32)));
        }
        let Some(noise) = likelihood.trained_noise() else { return Ok(None) };
        let values =
            self.weights()[LOG_SIGMA].to_dtype(DType::F32)?.exp()?.flatten_all()?.to_vec1::<f32>()?;
        let shape = match noise {
            TrainedNoise::Channel => [values.len()],
            TrainedNoise::Pixel => {
                let shape = self.config().sample_shape();
                let by_point = Array2::from_shape_vec((shape.points(), shape.channels()), values)
                    .expect("as many numbers as are trained");
                let by_channel: Vec<f32> = by_point.t().iter().copied().collect();
                let array = ArrayD::from_shape_vec(IxDyn(&shape.array_shape()), by_channel);
                return Ok(Some(array.expect("as many numbers as a sample")));
            }
        };
        Ok(Some(ArrayD::from_shape_vec(IxDyn(&shape), values).expect("as many numbers as are trained")))
    }

    /// ln σ of every value of a sample, `[points · channels]`, where it is trained.
    pub(crate) fn log_sigma(&self) -> Result<Option<Tensor>> {
        let Some(noise) = self.config().get_likelihood().trained_noise() else { return Ok(None) };
        let weight = &self.weights()[LOG_SIGMA];
        Ok(Some(match noise {
            TrainedNoise::Pixel => weight.flatten_all()?,
            TrainedNoise::Channel => {
                let points = self.config().sample_shape().len() / weight.dim(0)?;
                weight.unsqueeze(0)?.broadcast_as((points, weight.dim(0)?))?.flatten_all()?
            }
        }))
    }
}
