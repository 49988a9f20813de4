//! What the arguments of `adatom image` ask for: images, patches, a model and its training.

use std::path::Path;

use adatom::patch::{BraggPeak, Image, PatchPlan, Patches, Samples, ScalingMethod, Stride};
use adatom::vae::{
    Device, KlWeight, LatentGroup, PoseHypotheses, Positions, SampleShape, Smoothness, Trainer, VaeConfig,
};
use ndarray::Array2;

use crate::args::{Cell, ClusterCount, DeviceName, ImageCommand, SmoothLength};
use crate::error::CliError;
use crate::learn::scaling_in_words;
use crate::say::tell;

/// The training that is asked for.
pub(super) fn prepared(
    command: &ImageCommand,
    images: &[Image],
    patches: &Patches,
) -> Result<Trainer, CliError> {
    let config = configuration(command, patches)?;
    if config.get_likelihood().needs_unit_interval()
        && matches!(command.intensity.scaling, ScalingMethod::Standard)
    {
        let text = "--scaling standard gives values outside [0, 1]: it needs --likelihood gaussian";
        return Err(CliError::Argument(text.into()));
    }
    if config.get_likelihood().needs_counts() && command.intensity.scaling != ScalingMethod::None {
        let text = "--likelihood poisson scores counts as they were measured: it needs --scaling none";
        return Err(CliError::Argument(text.into()));
    }
    if config.get_likelihood().needs_counts() && command.intensity.flatten.is_some() {
        let text =
            "--flatten leaves values below 0, which are no counts: --likelihood poisson cannot have it";
        return Err(CliError::Argument(text.into()));
    }
    wished(trainer(command, config, patches)?, command, (images, patches))
}

/// More clusters than patches are refused before the training.
pub(super) fn check_clusters(clusters: Option<ClusterCount>, patches: &Patches) -> Result<(), CliError> {
    match clusters {
        Some(ClusterCount::Given(count)) if count > patches.len() => {
            let text = format!("--clusters {count}: expected no more than the {} patches", patches.len());
            Err(CliError::Argument(text))
        }
        _ => Ok(()),
    }
}

/// All images, with pixels that are not finite replaced where asked for.
pub(super) fn open(command: &ImageCommand) -> Result<Vec<Image>, CliError> {
    let mut images = Vec::new();
    for path in &command.images {
        match &command.intensity.signal {
            Some(signal) => images.push(Image::open_signal(path, signal)?),
            None => images.extend(Image::open_stack(path)?),
        }
    }
    if let Some(fill) = command.intensity.fill {
        for image in &mut images {
            let count = image.non_finite();
            if count > 0 {
                *image = image.fill_non_finite(fill)?;
                tell(format_args!(
                    "{}: {count} pixels that are not finite are filled",
                    image.source().unwrap_or("image")
                ));
            }
        }
    }
    Ok(images)
}

pub(super) fn cut(command: &ImageCommand, images: &[Image]) -> Result<Patches, CliError> {
    let mut plan: PatchPlan = Patches::of(images).window(command.window).scaling(command.intensity.scaling);
    if command.intensity.scale_each {
        plan = plan.scale_each();
    }
    if let Some(sigma) = command.intensity.flatten {
        plan = plan.flatten(sigma);
    }
    if let Some(count) = command.place.random {
        return Ok(plan.random(count, command.training.seed)?);
    }
    if let Some(path) = &command.place.centres {
        let centres = read_centres(path)?;
        let lists = images.iter().map(|_| centres.view());
        let patches = plan.at(lists)?;
        let left_out: usize = (0..images.len()).map(|image| patches.left_out(image).len()).sum();
        if left_out > 0 {
            let given = centres.nrows() * images.len();
            tell(format_args!(
                "{left_out} of {given} centres are left out: their windows reach beyond the image"
            ));
        }
        return Ok(patches);
    }
    if command.place.sites {
        let sites = images.iter().map(Image::lattice_sites).collect::<Result<Vec<_>, _>>()?;
        let patches = plan.at(sites.iter().map(|sites| sites.view()))?;
        let found: usize = sites.iter().map(Array2::nrows).sum();
        tell(format_args!("{found} sites of the lattice, {} with whole windows", patches.len()));
        return Ok(patches);
    }
    let eighth = |side: usize| (side / 8).max(1);
    let [rows, columns] =
        command.place.stride.unwrap_or([eighth(command.window.height()), eighth(command.window.width())]);
    Ok(plan.grid(Stride::new(rows, columns))?)
}

/// Columns `row` and `column` of a CSV file.
fn read_centres(path: &Path) -> Result<Array2<f64>, CliError> {
    let problem = |problem: String| CliError::Centres { path: path.to_owned(), problem };
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_path(path)
        .map_err(|error| problem(error.to_string()))?;
    let headers = reader.headers().map_err(|error| problem(error.to_string()))?.clone();
    let find = |name: &str| {
        let at = headers.iter().position(|header| header.eq_ignore_ascii_case(name));
        at.ok_or_else(|| problem(format!("expected the columns `row` and `column`, `{name}` is missing")))
    };
    let columns = [find("row")?, find("column")?];
    let mut values = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| problem(error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        for column in columns {
            let text = record.get(column).unwrap_or_default();
            let value = text
                .parse::<f64>()
                .map_err(|_| problem(format!("line {line}: expected a number, found `{text}`")))?;
            values.push(value);
        }
    }
    if values.is_empty() {
        return Err(problem("there are no centres in it".into()));
    }
    Array2::from_shape_vec((values.len() / 2, 2), values).map_err(|error| problem(error.to_string()))
}

/// The vectors of the cell of the shift, where it lives on one.
fn cell(command: &ImageCommand, patches: &Patches) -> Result<Option<[[f64; 2]; 2]>, CliError> {
    match command.model.cell {
        None => Ok(None),
        Some(Cell::Vectors(vectors)) => Ok(Some(vectors)),
        Some(Cell::Auto) => {
            let Some(vectors) = patches.images()[0].lattice_vectors()? else {
                let text = "--cell auto: nothing repeats along two directions of the image; give two vectors in pixels";
                return Err(CliError::Argument(text.into()));
            };
            tell(format_args!("the cell of the lattice: {}", in_words(vectors)));
            let longest = vectors.iter().map(|vector| vector[0].hypot(vector[1])).fold(0.0, f64::max);
            if longest > 2.0 * command.window.height().max(command.window.width()) as f64 {
                tell(format_args!(
                    "warning: the cell is much larger than the window: is it the background? --flatten takes it away, --cell \
                     16,0,0,16 gives the vectors"
                ));
            }
            Ok(Some(vectors))
        }
    }
}

fn in_words([a, b]: [[f64; 2]; 2]) -> String {
    format!("({:.2}, {:.2}) and ({:.2}, {:.2}) pixels (rows, columns)", a[0], a[1], b[0], b[1])
}

fn configuration(command: &ImageCommand, patches: &Patches) -> Result<VaeConfig, CliError> {
    let (window, model) = (command.window, &command.model);
    let mut config = VaeConfig::new(SampleShape::Image { height: window.height(), width: window.width() })
        .latent_dim(model.latent)
        .invariances(model.invariances.iter().filter_map(|name| name.invariance()))
        .hidden(model.hidden.clone())
        .likelihood(model.likelihood.likelihood(model.sigma));
    config = match cell(command, patches)? {
        Some(vectors) => config.shift_lattice(vectors),
        None => config.shift_prior(model.dx_prior),
    };
    Ok(match model.fourier {
        Some(periods) => config.fourier_features(periods),
        None => config.coordinate_frequency(model.frequency),
    })
}

/// Places in the cell that are tried along each vector in the first epochs: without them half of the patches can end up on
/// another kind of column.
const PLACES: usize = 7;

/// In so many steps.
const STEPS_WITH_PLACES: usize = 200;

/// In how many of the first epochs they are tried; none without a cell. It does not depend on the number of epochs, so that a
/// training can be resumed with more.
pub(super) fn start_epochs(command: &ImageCommand, patches: &Patches) -> usize {
    if command.model.cell.is_none() {
        return 0;
    }
    let all = patches.len().div_ceil(command.training.batch.max(1));
    STEPS_WITH_PLACES.div_ceil(command.training.steps.map_or(all, |steps| steps.min(all)).max(1))
}

/// Of the pixels, on which they are tried.
const PIXELS_OF_PLACES: f64 = 0.125;

/// The content learns beside them: the encoder has to be drawn strongly to be heard.
const PULL: f64 = 300.0;

fn trainer(command: &ImageCommand, config: VaeConfig, patches: &Patches) -> Result<Trainer, CliError> {
    let training = &command.training;
    config.check()?;
    let weight = match training.warm_up {
        Some(epochs) => KlWeight::Linear { from: 0.0, to: training.beta, epochs },
        None => match command.wishes.cycle {
            Some(epochs) => {
                KlWeight::Cyclic { from: 0.0, to: training.beta, epochs: epochs as usize, rising: 0.5 }
            }
            None => KlWeight::Constant(training.beta),
        },
    };
    let mut trainer = Trainer::new(config)
        .epochs(training.epochs)
        .batch_size(training.batch)
        .learning_rate(training.learning_rate)
        .kl_weight(weight)
        .pixel_fraction(training.pixels)
        .held_out(training.held_out)
        .seed(training.seed)
        .device(device(training.device)?);
    if let Some(steps) = training.steps {
        trainer = trainer.steps_per_epoch(steps);
    }
    let starts = start_epochs(command, patches);
    if starts > 0 {
        let starts = PoseHypotheses::shifts(PLACES, 1.0).epochs(starts);
        trainer = trainer.pose_hypotheses(starts.pixel_fraction(PIXELS_OF_PLACES).encoder_weight(PULL));
    }
    Ok(trainer)
}

/// The training with what is wanted of the latents.
fn wished(
    trainer: Trainer,
    command: &ImageCommand,
    (images, patches): (&[Image], &Patches),
) -> Result<Trainer, CliError> {
    let wishes = &command.wishes;
    let mut trainer = trainer
        .group_kl_weight(LatentGroup::POSE, wishes.pose_kl)
        .group_kl_weight([LatentGroup::Content], wishes.content_kl)
        .free_bits(wishes.free_bits);
    if let Some(capacity) = wishes.capacity {
        trainer = trainer.capacity(capacity);
    }
    let length = match wishes.smooth {
        None => return Ok(trainer),
        Some(SmoothLength::Pixels(pixels)) => pixels,
        Some(SmoothLength::Lattice) => lattice_length(&images[0], wishes.smooth_neighbours)?,
    };
    if wishes.smooth == Some(SmoothLength::Lattice) {
        let what = if wishes.smooth_neighbours { "a cell of" } else { "a spacing of" };
        tell(format_args!("the lattice has {what} {length:.2} pixels"));
    }
    let mut smooth = Smoothness::new(Positions::of_patches(patches.patch_grid()), length)?
        .weight(wishes.smooth_weight)
        .roughness(wishes.roughness.into());
    if wishes.smooth_neighbours {
        smooth = smooth.content_from_neighbours();
    }
    let around = wishes.smooth_neighbours.then(|| smooth.mean_neighbours());
    if let Some(around) = around.filter(|&around| around < FEWEST_NEIGHBOURS) {
        return Err(CliError::Argument(format!(
            "--smooth-neighbours: a patch has {around:.1} others within {length:.2} pixels in the mean; expected at least \
             {FEWEST_NEIGHBOURS}: take more patches, or a larger length"
        )));
    }
    Ok(trainer.regulariser(smooth))
}

/// The spacing of the strongest wave of the lattice; where patches are decoded from their neighbours, which must be of every
/// phase, the longer side of its cell.
fn lattice_length(image: &Image, whole_cell: bool) -> Result<f64, CliError> {
    let cell = if whole_cell { image.lattice_vectors()? } else { None };
    let length = match cell {
        Some(cell) => cell.into_iter().map(|[rows, columns]| rows.hypot(columns)).reduce(f64::max),
        None => image.bragg_peaks(1)?.first().map(BraggPeak::spacing),
    };
    length.ok_or_else(|| {
        let text = "--smooth lattice: nothing repeats in the image; give a length in pixels";
        CliError::Argument(text.into())
    })
}

/// Patches within the length of smoothness of a patch, for it to be decoded from them.
const FEWEST_NEIGHBOURS: f64 = 2.0;

fn device(name: DeviceName) -> Result<Device, CliError> {
    let found = match name {
        DeviceName::Cpu => Ok(Device::Cpu),
        DeviceName::Cuda => Device::new_cuda(0),
        DeviceName::Metal => Device::new_metal(0),
    };
    found.map_err(|error| {
        let feature = if name == DeviceName::Cuda { "cuda" } else { "metal" };
        CliError::Argument(format!(
            "--device {feature}: {error}; the program must be built with `--features {feature}` on a machine that has one"
        ))
    })
}

pub(super) fn names(images: &[Image]) -> String {
    let name = |image: &Image| {
        let source = image.source().unwrap_or("image");
        Path::new(source).file_name().map_or(source.to_owned(), |name| name.to_string_lossy().into_owned())
    };
    match images {
        [image] => name(image),
        [first, rest @ ..] => format!("{} and {} more", name(first), rest.len()),
        [] => String::new(),
    }
}

pub(super) fn settings(
    command: &ImageCommand,
    patches: &Patches,
    config: &VaeConfig,
) -> Vec<(String, String)> {
    let (model, training) = (&command.model, &command.training);
    let placed = match (&command.place.random, &command.place.centres) {
        (Some(count), _) => format!("{count} at random"),
        (_, Some(path)) => format!("around the positions in {}", path.display()),
        _ if command.place.sites => format!("around {} sites of the lattice", patches.len()),
        _ => patches.patch_grid().layout(0).map_or_else(String::new, |layout| {
            format!("every {} rows and {} columns", layout.step[0], layout.step[1])
        }),
    };
    let list = |values: &[usize]| values.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let names: Vec<String> =
        model.invariances.iter().map(|name| format!("{name:?}").to_lowercase()).collect();
    [
        ("window", format!("{} pixels", command.window)),
        ("patches", placed),
        ("intensities", scaling_in_words(patches.scaling())),
        ("invariances", names.join(", ")),
        ("content latents", model.latent.to_string()),
        match config.get_shift_lattice() {
            None => ("dx_prior", model.dx_prior.to_string()),
            Some(vectors) => ("cell of the shift", in_words(vectors)),
        },
        match model.fourier {
            Some(periods) => ("Fourier features", format!("{periods} periods across the window")),
            None => ("first frequency", model.frequency.to_string()),
        },
        ("hidden layers", list(&model.hidden)),
        ("likelihood", format!("{:?}", model.likelihood.likelihood(model.sigma)).to_lowercase()),
        (
            "smooth content",
            match command.wishes.smooth {
                None => "not asked for".into(),
                Some(SmoothLength::Lattice) => "over the spacing of the lattice".into(),
                Some(SmoothLength::Pixels(pixels)) => format!("over {pixels} pixels"),
            },
        ),
        ("epochs", training.epochs.to_string()),
        ("batch", training.batch.to_string()),
        ("pixels of a step", training.pixels.to_string()),
        ("learning rate", training.learning_rate.to_string()),
        ("KL weight", training.beta.to_string()),
        ("held out", training.held_out.to_string()),
        ("seed", training.seed.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
