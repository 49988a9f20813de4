//! Values of options for images: windows, scalings, invariances, likelihoods, devices.

use std::str::FromStr;

use adatom::patch::{Fill, ScalingMethod, Window};
use adatom::pipeline::image::{ComputeDevice, UnitCell};
use adatom::vae::{Invariance, Likelihood};
use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum InvarianceName {
    Shift,
    Rotation,
    Scale,
    None,
}

impl InvarianceName {
    pub(super) fn invariance(self) -> Option<Invariance> {
        match self {
            Self::Shift => Some(Invariance::Shift),
            Self::Rotation => Some(Invariance::Rotation),
            Self::Scale => Some(Invariance::Scale),
            Self::None => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LikelihoodName {
    Bernoulli,
    ContinuousBernoulli,
    /// Normal noise of a fixed standard deviation, --sigma
    Gaussian,
    /// Normal noise whose standard deviation is learned
    GaussianLearned,
    /// Normal noise with a learned standard deviation for every pixel of the window
    GaussianPerPixel,
    /// Counts as they were measured, with --scaling none
    Poisson,
}

impl LikelihoodName {
    pub(super) fn likelihood(self, sigma: f64) -> Likelihood {
        match self {
            Self::Bernoulli => Likelihood::Bernoulli,
            Self::ContinuousBernoulli => Likelihood::ContinuousBernoulli,
            Self::Gaussian => Likelihood::Gaussian { sigma },
            Self::GaussianLearned => Likelihood::GaussianLearned,
            Self::GaussianPerPixel => Likelihood::GaussianPerPixel,
            Self::Poisson => Likelihood::Poisson,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DeviceName {
    Cpu,
    Cuda,
    Metal,
}

impl From<DeviceName> for ComputeDevice {
    fn from(name: DeviceName) -> Self {
        match name {
            DeviceName::Cpu => Self::Cpu,
            DeviceName::Cuda => Self::Cuda,
            DeviceName::Metal => Self::Metal,
        }
    }
}

pub(super) fn parse_pair(text: &str) -> Result<[usize; 2], String> {
    let side = |part: &str| match usize::from_str(part.trim()) {
        Ok(0) | Err(_) => Err(format!("`{part}` is not a positive whole number")),
        Ok(side) => Ok(side),
    };
    match text.split_once(['x', 'X']) {
        Some((rows, columns)) => Ok([side(rows)?, side(columns)?]),
        None => side(text).map(|both| [both, both]),
    }
}

pub(super) fn parse_window(text: &str) -> Result<Window, String> {
    parse_pair(text).map(|[height, width]| Window::new(height, width))
}

pub(super) fn parse_scaling(text: &str) -> Result<ScalingMethod, String> {
    let number = |part: &str| part.trim().parse::<f64>().map_err(|_| format!("`{part}` is not a number"));
    match text.split_once(':') {
        None => match text {
            "minmax" => Ok(ScalingMethod::MinMax),
            "standard" => Ok(ScalingMethod::Standard),
            "none" => Ok(ScalingMethod::None),
            "percentile" => Ok(ScalingMethod::Percentile { low: 0.1, high: 99.9 }),
            _ => Err("expected minmax, percentile:LOW,HIGH, standard or none".into()),
        },
        Some(("percentile", bounds)) => {
            let (low, high) = bounds.split_once(',').ok_or("expected percentile:LOW,HIGH")?;
            Ok(ScalingMethod::Percentile { low: number(low)?, high: number(high)? })
        }
        Some(_) => Err("expected minmax, percentile:LOW,HIGH, standard or none".into()),
    }
}

pub(super) fn parse_fill(text: &str) -> Result<Fill, String> {
    match text {
        "mean" => Ok(Fill::Mean),
        "median" => Ok(Fill::Median),
        "nearest" => Ok(Fill::Nearest),
        number => match number.parse::<f32>() {
            Ok(value) if value.is_finite() => Ok(Fill::Value(value)),
            _ => Err("expected mean, median, nearest or a number".into()),
        },
    }
}

pub(super) fn parse_unit_cell(text: &str) -> Result<UnitCell, String> {
    if text == "auto" {
        return Ok(UnitCell::Auto);
    }
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    match numbers.as_deref() {
        Ok(&[a, b, c, d]) => Ok(UnitCell::Vectors([[a, b], [c, d]])),
        _ => Err(format!(
            "`{text}` is neither `auto` nor four numbers such as `16,0,0,16` (rows and columns of two \
             vectors)"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_and_scalings_are_read() {
        assert_eq!(parse_window("32x24"), Ok(Window::new(32, 24)));
        assert!(parse_window("0").is_err());
        assert_eq!(parse_scaling("percentile:1,99"), Ok(ScalingMethod::Percentile { low: 1.0, high: 99.0 }));
        assert!(parse_fill("nan").is_err());
        assert_eq!(parse_unit_cell("16,0, 0,-9"), Ok(UnitCell::Vectors([[16.0, 0.0], [0.0, -9.0]])));
        assert!(parse_unit_cell("16,0,0").is_err());
    }
}
