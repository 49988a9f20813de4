//! What is wanted of the latents of an autoencoder.

use adatom::vae::{Capacity, Roughness};
use clap::{Args, ValueEnum};

/// Over which distance latent maps are wanted smooth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum SmoothLength {
    Pixels(f64),
    /// The spacing of the lattice, from the power spectrum.
    Lattice,
}

/// How roughness is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoughnessName {
    /// Squared differences of neighbours
    Difference,
    /// Sizes of differences of neighbours, which allows sharp boundaries
    Variation,
    /// The part of the variance at wavelengths below the length
    Spectral,
}

impl From<RoughnessName> for Roughness {
    fn from(name: RoughnessName) -> Self {
        match name {
            RoughnessName::Difference => Self::SquaredDifference,
            RoughnessName::Variation => Self::TotalVariation,
            RoughnessName::Spectral => Self::Spectral,
        }
    }
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Latents")]
pub(crate) struct LatentWishes {
    /// Want the content to vary slowly over so many pixels, or over the spacing of the image's `lattice`
    #[arg(long, value_name = "PIXELS|lattice", value_parser = parse_length)]
    pub(crate) smooth: Option<SmoothLength>,
    /// What a map without any smoothness costs, nat per patch and latent; 0 with --smooth-neighbours unless it is given
    #[arg(long, value_name = "NAT", default_value_t = 10.0, default_value_if("smooth_neighbours", "true", "0"), requires = "smooth", value_parser = parse_weight)]
    pub(crate) smooth_weight: f64,
    /// How roughness is measured
    #[arg(long, value_enum, default_value_t = RoughnessName::Difference, requires = "smooth")]
    pub(crate) roughness: RoughnessName,
    /// Decode every patch with the mean content of neighbours at about that distance in place of its own: for patches
    /// anywhere on a lattice (--random)
    #[arg(long, requires = "smooth")]
    pub(crate) smooth_neighbours: bool,
    /// Factor of --beta for rotation, shift and scale
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub(crate) pose_kl: f64,
    /// Factor of --beta for the content
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub(crate) content_kl: f64,
    /// What each latent may carry before its KL divergence counts, nat: keeps latents from collapsing
    #[arg(long, value_name = "NAT", default_value_t = 0.0)]
    pub(crate) free_bits: f64,
    /// Aim at a KL divergence that grows to NAT over EPOCHS, with the weight GAMMA, in place of --beta
    #[arg(long, value_name = "NAT,EPOCHS,GAMMA", value_parser = parse_capacity)]
    pub(crate) capacity: Option<Capacity>,
    /// Raise the weight of the KL divergence from 0 to --beta again and again, every EPOCHS epochs
    #[arg(long, value_name = "EPOCHS", conflicts_with = "warm_up", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) cycle: Option<u32>,
}

pub(super) fn parse_weight(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(weight) if weight >= 0.0 && weight.is_finite() => Ok(weight),
        _ => Err(format!("`{text}` is not a number from 0 on")),
    }
}

fn parse_length(text: &str) -> Result<SmoothLength, String> {
    match (text, text.parse::<f64>()) {
        ("lattice", _) => Ok(SmoothLength::Lattice),
        (_, Ok(pixels)) if pixels > 0.0 && pixels.is_finite() => Ok(SmoothLength::Pixels(pixels)),
        _ => Err(format!("`{text}` is neither a positive number of pixels nor `lattice`")),
    }
}

fn parse_capacity(text: &str) -> Result<Capacity, String> {
    let unlike = || format!("`{text}` is not like `20,10,30`: nat, epochs, gamma");
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let [nats, epochs, gamma] = parts[..] else { return Err(unlike()) };
    match (nats.parse(), epochs.parse(), gamma.parse()) {
        (Ok(nats), Ok(epochs), Ok(gamma)) => Ok(Capacity::new(nats, epochs).gamma(gamma)),
        _ => Err(unlike()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_capacities_are_understood() {
        assert_eq!(parse_length("lattice"), Ok(SmoothLength::Lattice));
        assert_eq!(parse_length("12.5"), Ok(SmoothLength::Pixels(12.5)));
        assert!(["0", "-1", "inf", "NaN", "cell"].iter().all(|text| parse_length(text).is_err()));
        assert_eq!(parse_capacity("20, 10, 30"), Ok(Capacity::new(20.0, 10).gamma(30.0)));
        assert!(parse_capacity("20,10").is_err() && parse_capacity("20,1.5,3").is_err());
    }
}
