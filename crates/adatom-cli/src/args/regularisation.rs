//! The arguments that regularise the latents of an autoencoder.

use adatom::pipeline::image::{DecodedContent, RegularisationSettings, SmoothnessLength, SmoothnessSettings};
use adatom::vae::{Capacity, Roughness};
use clap::{Args, ValueEnum};

/// How roughness is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RoughnessName {
    /// Squared differences of neighbours
    Difference,
    /// Absolute differences of neighbours (total variation), which allows sharp boundaries
    Variation,
    /// Fraction of the variance at wavelengths below the distance of --smooth
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
#[command(next_help_heading = "Regularisation")]
pub(super) struct RegularisationOptions {
    /// Penalise variation of the content within this distance in pixels, or within the spacing of the
    /// `lattice` of the image
    #[arg(long, value_name = "PIXELS|lattice", value_parser = parse_length)]
    pub(super) smooth: Option<SmoothnessLength>,
    /// Weight of the smoothness penalty: its value for spatially uncorrelated content, nat per patch and
    /// latent [default with --content-from-neighbours: 0]
    #[arg(
        long,
        value_name = "NAT",
        default_value_t = 10.0,
        default_value_if("content_from_neighbours", "true", "0"),
        requires = "smooth",
        value_parser = parse_weight
    )]
    pub(super) smooth_weight: f64,
    /// How roughness is measured
    #[arg(long, value_enum, default_value_t = RoughnessName::Difference, requires = "smooth")]
    pub(super) roughness: RoughnessName,
    /// Decode every patch from the mean content of its neighbours within the distance of --smooth instead of
    /// its own content; for patches at random positions on a lattice (--random)
    #[arg(long, requires = "smooth")]
    content_from_neighbours: bool,
    /// Factor on --beta for rotation, shift and scale
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub(super) pose_kl: f64,
    /// Factor on --beta for the content
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub(super) content_kl: f64,
    /// Free bits: KL divergence per latent that is not penalised, nat; prevents the collapse of latents
    #[arg(long, value_name = "NAT", default_value_t = 0.0)]
    pub(super) free_bits: f64,
    /// Controlled capacity: a target of the KL divergence that grows to NAT over EPOCHS, enforced with the
    /// weight GAMMA, instead of --beta
    #[arg(long, value_name = "NAT,EPOCHS,GAMMA", value_parser = parse_capacity)]
    pub(super) capacity: Option<Capacity>,
    /// Cyclical annealing: increase the weight of the KL divergence from 0 to --beta in cycles of EPOCHS
    /// epochs
    #[arg(
        long,
        value_name = "EPOCHS",
        conflicts_with = "warm_up",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub(super) cycle: Option<u32>,
}

impl RegularisationOptions {
    pub(super) fn settings(&self) -> RegularisationSettings {
        let mut settings = RegularisationSettings::default();
        settings.smoothness = self.smooth.map(|length| {
            let mut smoothness = SmoothnessSettings::new(length);
            smoothness.weight = self.smooth_weight;
            smoothness.roughness = self.roughness.into();
            if self.content_from_neighbours {
                smoothness.decoded_content = DecodedContent::Neighbours;
            }
            smoothness
        });
        settings.pose_kl = self.pose_kl;
        settings.content_kl = self.content_kl;
        settings.free_bits = self.free_bits;
        settings.capacity = self.capacity;
        settings
    }
}

pub(super) fn parse_weight(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(weight) if weight >= 0.0 && weight.is_finite() => Ok(weight),
        _ => Err(format!("`{text}` is not a non-negative number")),
    }
}

fn parse_length(text: &str) -> Result<SmoothnessLength, String> {
    match (text, text.parse::<f64>()) {
        ("lattice", _) => Ok(SmoothnessLength::Lattice),
        (_, Ok(pixels)) if pixels > 0.0 && pixels.is_finite() => Ok(SmoothnessLength::Pixels(pixels)),
        _ => Err(format!("`{text}` is neither a positive number of pixels nor `lattice`")),
    }
}

fn parse_capacity(text: &str) -> Result<Capacity, String> {
    let unlike = || format!("`{text}` does not have the form NAT,EPOCHS,GAMMA, such as `20,10,30`");
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
        assert_eq!(parse_length("lattice"), Ok(SmoothnessLength::Lattice));
        assert_eq!(parse_length("12.5"), Ok(SmoothnessLength::Pixels(12.5)));
        assert!(["0", "-1", "inf", "NaN", "cell"].iter().all(|text| parse_length(text).is_err()));
        assert_eq!(parse_capacity("20, 10, 30"), Ok(Capacity::new(20.0, 10).gamma(30.0)));
        assert!(parse_capacity("20,10").is_err() && parse_capacity("20,1.5,3").is_err());
    }
}
