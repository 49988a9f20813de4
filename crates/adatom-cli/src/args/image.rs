//! The arguments of `adatom image`.

use std::path::PathBuf;

use adatom::patch::{Fill, ScalingMethod, Window};
use adatom::pipeline::image::{
    ClusterCount, Coordinates, ImageSettings, ModelSettings, Placement, ScalingScope, TrainingSettings,
    UnitCell,
};
use adatom::vae::KlWeight;
use clap::Args;

use super::explore::Explore;
use super::interpretation::{Fields, parse_clusters};
use super::regularisation::RegularisationOptions;
use super::values::{
    DeviceName, InvarianceName, LikelihoodName, parse_fill, parse_pair, parse_scaling, parse_unit_cell,
    parse_window,
};

#[derive(Debug, Clone, Args)]
pub(crate) struct ImageCommand {
    /// One or several images or stacks (NPY, TIFF, PNG, SER); all train one model
    #[arg(required = true, value_name = "IMAGE")]
    pub(crate) images: Vec<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Window of a patch in pixels: N or ROWSxCOLUMNS
    #[arg(long, default_value = "32", value_parser = parse_window)]
    window: Window,
    #[command(flatten)]
    place: PlacementOptions,
    #[command(flatten)]
    intensity: IntensityOptions,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    training: TrainingOptions,
    #[command(flatten)]
    regularisation: RegularisationOptions,
    #[command(flatten)]
    interpretation: InterpretationOptions,
    #[command(flatten)]
    pub(crate) explore: Explore,
    /// Resume an interrupted training in the same folder
    #[arg(long)]
    pub(crate) resume: bool,
    /// Write into a folder that is not empty
    #[arg(long)]
    pub(crate) force: bool,
}

/// Placement of the patches.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Patches")]
#[group(multiple = false)]
struct PlacementOptions {
    /// A regular grid: N or ROWSxCOLUMNS pixels between patches [default: an eighth of the window]
    #[arg(long, value_parser = parse_pair)]
    stride: Option<[usize; 2]>,
    /// N patches at random positions
    #[arg(long, value_name = "N")]
    random: Option<usize>,
    /// Patches around the positions in this file (columns `row,column`, in pixels; fractions are
    /// interpolated)
    #[arg(long, value_name = "FILE.csv")]
    centres: Option<PathBuf>,
    /// Patches around the sites of the lattice: the maxima of the periodic part of the image
    #[arg(long)]
    sites: bool,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Intensities")]
struct IntensityOptions {
    /// minmax, percentile:LOW,HIGH, standard (Gaussian likelihood) or none
    #[arg(long, default_value = "minmax", value_parser = parse_scaling)]
    scaling: ScalingMethod,
    /// Scale each image separately instead of all together
    #[arg(long)]
    scale_each: bool,
    /// Subtract the background: the image smoothed with a Gaussian of this standard deviation in pixels
    #[arg(long, value_name = "SIGMA")]
    flatten: Option<f64>,
    /// Which of several signals of a scan, such as "Current backward" [default: the forward height Z,
    /// or the first one that is not constant]
    #[arg(long, value_name = "NAME")]
    signal: Option<String>,
    /// Replace pixels that are not finite: mean, median, nearest or a number
    #[arg(long, value_parser = parse_fill)]
    fill: Option<Fill>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Model")]
struct ModelOptions {
    /// Transformations that the content is invariant to: shift, rotation, scale, or none
    #[arg(long, value_delimiter = ',', default_value = "shift")]
    invariances: Vec<InvarianceName>,
    /// Number of content latents
    #[arg(long, default_value_t = 2)]
    latent: usize,
    /// Prior standard deviation of the shift; the window spans [-1, 1]
    #[arg(long, alias = "dx-prior", default_value_t = 0.1)]
    shift_prior: f64,
    /// Make the shift periodic on the unit cell of a lattice: `auto`, the smallest cell that repeats in the
    /// first image, or its two vectors in pixels, such as 16,0,0,16 (rows and columns of each)
    #[arg(
        long,
        value_name = "auto|R,C,R,C",
        conflicts_with = "shift_prior",
        value_parser = parse_unit_cell,
        allow_hyphen_values = true
    )]
    unit_cell: Option<UnitCell>,
    /// Spatial frequencies of the untrained decoder: factor on the initial weights of its coordinates
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    frequency: f64,
    /// Fourier features of the coordinates: waves with about PERIODS periods across the window
    #[arg(long, value_name = "PERIODS", conflicts_with = "frequency")]
    fourier: Option<f64>,
    /// Widths of the hidden layers
    #[arg(long, value_delimiter = ',', default_value = "128,128")]
    hidden: Vec<usize>,
    /// Likelihood of a pixel
    #[arg(long, value_enum, default_value_t = LikelihoodName::Bernoulli)]
    likelihood: LikelihoodName,
    /// Standard deviation of the likelihood `gaussian`
    #[arg(long, default_value_t = 0.5)]
    sigma: f64,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Training")]
struct TrainingOptions {
    /// Number of passes over the patches
    #[arg(long, default_value_t = 20)]
    epochs: usize,
    /// Patches per training step (batch size)
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// End an epoch after N steps; every epoch uses another random choice of patches
    #[arg(long, value_name = "N")]
    steps: Option<usize>,
    /// Fraction of the pixels of every patch that a step scores, chosen at random
    #[arg(long, value_name = "FRACTION", default_value_t = 0.25)]
    pixels: f64,
    /// Step size of Adam
    #[arg(long, default_value_t = 1e-3)]
    learning_rate: f64,
    /// Weight of the KL divergence
    #[arg(long, default_value_t = 1.0)]
    beta: f64,
    /// Increase the weight of the KL divergence from 0 to --beta over the first epochs
    #[arg(long, value_name = "EPOCHS")]
    warm_up: Option<usize>,
    /// Fraction of the patches held out from the training for validation
    #[arg(long, default_value_t = 0.0)]
    held_out: f64,
    /// Stop when the loss has not decreased for this number of epochs
    #[arg(long, value_name = "EPOCHS")]
    patience: Option<usize>,
    /// Seed of all random numbers; the same seed gives identical files
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Device on which the model is trained
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
}

/// How the latents are interpreted.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Interpretation")]
struct InterpretationOptions {
    /// Number of clusters of patches with similar content (k-means), or `auto`: the number from 2 to 8 with
    /// the largest mean silhouette
    #[arg(long, value_name = "K|auto", value_parser = parse_clusters)]
    clusters: Option<ClusterCount>,
    #[command(flatten)]
    fields: Fields,
}

impl ImageCommand {
    /// The settings of the pipeline.
    pub(crate) fn settings(&self) -> ImageSettings {
        let mut settings = ImageSettings::new().window(self.window).placement(self.place.placement());
        settings.source.signal.clone_from(&self.intensity.signal);
        settings.source.fill = self.intensity.fill;
        settings.preparation.scaling = self.intensity.scaling;
        if self.intensity.scale_each {
            settings.preparation.scaling_scope = ScalingScope::EachImage;
        }
        settings.preparation.flatten = self.intensity.flatten;
        settings.model = self.model.settings();
        settings.training = self.training.settings();
        settings.training.kl_weight = self.kl_weight();
        settings.regularisation = self.regularisation.settings();
        settings.interpretation = self.interpretation.fields.settings();
        settings.interpretation.clusters = self.interpretation.clusters;
        settings
    }

    fn kl_weight(&self) -> KlWeight {
        let to = self.training.beta;
        match (self.training.warm_up, self.regularisation.cycle) {
            (Some(epochs), _) => KlWeight::Linear { from: 0.0, to, epochs },
            (None, Some(epochs)) => KlWeight::Cyclic { from: 0.0, to, epochs: epochs as usize, rising: 0.5 },
            (None, None) => KlWeight::Constant(to),
        }
    }
}

impl PlacementOptions {
    fn placement(&self) -> Placement {
        match (self.random, &self.centres, self.sites) {
            (Some(count), ..) => Placement::Random { count },
            (_, Some(path), _) => Placement::CentresFile(path.clone()),
            (_, _, true) => Placement::LatticeSites,
            _ => Placement::Grid { stride: self.stride },
        }
    }
}

impl ModelOptions {
    fn settings(&self) -> ModelSettings {
        let mut settings = ModelSettings::default();
        settings.invariances = self.invariances.iter().filter_map(|name| name.invariance()).collect();
        settings.latent_dim = self.latent;
        settings.shift_prior = self.shift_prior;
        settings.unit_cell = self.unit_cell;
        settings.coordinates = match self.fourier {
            Some(periods) => Coordinates::Fourier(periods),
            None => Coordinates::Frequency(self.frequency),
        };
        settings.hidden.clone_from(&self.hidden);
        settings.likelihood = self.likelihood.likelihood(self.sigma);
        settings
    }
}

impl TrainingOptions {
    fn settings(&self) -> TrainingSettings {
        let mut settings = TrainingSettings::default();
        settings.epochs = self.epochs;
        settings.batch_size = self.batch;
        settings.steps_per_epoch = self.steps;
        settings.pixel_fraction = self.pixels;
        settings.learning_rate = self.learning_rate;
        settings.held_out = self.held_out;
        settings.patience = self.patience;
        settings.seed = self.seed;
        settings.device = self.device.into();
        settings
    }
}
