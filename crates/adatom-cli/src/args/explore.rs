//! The arguments of `adatom image --explore`.

use adatom::patch::Window;
use adatom::pipeline::image::ExploreSettings;
use clap::Args;

use super::regularisation::parse_weight;
use super::values::{InvarianceName, parse_window};

/// Several invariances of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvarianceSet(pub(super) Vec<InvarianceName>);

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Comparison of settings")]
pub(crate) struct Explore {
    /// Train a small grid of settings, each briefly, and compare the results, to choose one of them
    #[arg(long, conflicts_with_all = ["resume", "clusters", "files", "held_out", "patience"])]
    pub(crate) explore: bool,
    /// Windows to try [default: three quarters of --window, --window, and half as much again]
    #[arg(
        long,
        value_name = "WINDOW,...",
        value_delimiter = ',',
        value_parser = parse_window,
        requires = "explore"
    )]
    pub(crate) explore_windows: Vec<Window>,
    /// Numbers of content latents to try [default: 1, 2 and 4; with other lists: --latent]
    #[arg(long, value_name = "N,...", value_delimiter = ',', requires = "explore")]
    pub(crate) explore_latent: Vec<usize>,
    /// Sets of invariances to try, such as none,shift,shift+rotation [default: shift and shift+rotation; with
    /// other lists: --invariances]
    #[arg(
        long,
        value_name = "SET,...",
        value_delimiter = ',',
        value_parser = parse_set,
        requires = "explore"
    )]
    pub(crate) explore_invariances: Vec<InvarianceSet>,
    /// Weights of the smoothness penalty to try, with --smooth
    #[arg(
        long,
        value_name = "NAT,...",
        value_delimiter = ',',
        requires_all = ["explore", "smooth"],
        value_parser = parse_weight
    )]
    pub(crate) explore_smooth_weight: Vec<f64>,
    /// Number of seeds to try, starting with --seed
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        requires = "explore",
        value_parser = clap::value_parser!(u64).range(1..=1000)
    )]
    pub(crate) explore_seeds: u64,
    /// Steps of each training
    #[arg(
        long,
        value_name = "N",
        default_value_t = 300,
        requires = "explore",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub(crate) explore_steps: u32,
}

impl Explore {
    pub(crate) fn settings(&self) -> ExploreSettings {
        let set = |set: &InvarianceSet| set.0.iter().filter_map(|name| name.invariance()).collect();
        let mut settings = ExploreSettings::default();
        settings.windows.clone_from(&self.explore_windows);
        settings.latent_dims.clone_from(&self.explore_latent);
        settings.invariances = self.explore_invariances.iter().map(set).collect();
        settings.smoothness_weights.clone_from(&self.explore_smooth_weight);
        settings.seeds = self.explore_seeds;
        settings.steps = self.explore_steps as usize;
        settings
    }
}

fn parse_set(text: &str) -> Result<InvarianceSet, String> {
    use clap::ValueEnum;
    let names = text.split('+').map(|name| InvarianceName::from_str(name.trim(), true));
    let names = names.collect::<Result<Vec<_>, _>>().map_err(|_| {
        format!("`{text}` is not one of shift, rotation, scale and none, or several joined by +")
    })?;
    if names.len() > 1 && names.contains(&InvarianceName::None) {
        return Err(format!("`{text}`: none cannot be combined with others"));
    }
    Ok(InvarianceSet(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_invariances_are_read() {
        use InvarianceName::{None, Rotation, Shift};
        assert_eq!(parse_set("shift+rotation"), Ok(InvarianceSet(vec![Shift, Rotation])));
        assert_eq!(parse_set("none"), Ok(InvarianceSet(vec![None])));
        assert!(parse_set("shift,rotation").is_err() && parse_set("").is_err());
        assert!(parse_set("none+shift").is_err());
    }
}
