//! Patches → autoencoder → latents → files: what `image` and `demo` share.

use std::path::PathBuf;
use std::time::Instant;

use adatom::interpret::{Figure, HistoryRow, ImageReport, ManifoldFigure, ScatterFigure, TraversalFigure};
use adatom::patch::{Image, LatentMap, Patches, Samples, Scaling};
use adatom::vae::{CircularMean, Likelihood, Pose, Posterior, ShiftVae, Trainer, VaeConfig};
use ndarray::{Array1, Array2, Array3, ArrayView1, Axis};
use serde_json::{Value, json};

use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::observe::Watch;
use crate::results::{history_csv, write_latents};
use crate::say::tell;
use adatom::pipeline::output::OutputFolder;

/// A latent variable whose KL divergence is below this (in nat) is called collapsed.
pub(crate) const ACTIVE_NAT: f64 = 0.01;

/// The file in the folder of results from which an interrupted training goes on.
pub(crate) const TRAINING: &str = "training.safetensors";

/// Tiles along each side of the manifold.
const MANIFOLD: usize = 9;

/// The part of the patches that the range of a manifold leaves out on either side.
const OUTSIDE: f64 = 0.01;

/// Pictures of a traversal, and how many standard deviations it goes to either side.
const TRAVERSAL: (usize, f64) = (9, 2.0);

/// Examples of reconstructions in the report.
const EXAMPLES: usize = 6;

/// What was learnt.
pub(crate) struct Learnt {
    pub(crate) vae: ShiftVae,
    pub(crate) posterior: Posterior,
    /// r² of all pixels of up to 2,000 patches: 1 - Σ(x - x̂)² / Σ(x - x̄)².
    pub(crate) explained: f64,
    pub(crate) seconds: f64,
}

/// How a training is run: the trainer and what watches it.
pub(crate) struct Session<'a> {
    pub(crate) trainer: Trainer,
    pub(crate) epochs: usize,
    pub(crate) patience: Option<usize>,
    /// Epochs before patience begins to count.
    pub(crate) settling: usize,
    pub(crate) folder: &'a OutputFolder,
    /// The command that goes on after Ctrl-C.
    pub(crate) resume_with: String,
}

/// Trains and encodes; the state of the training is kept in the folder.
pub(crate) fn learn(session: Session<'_>, patches: &Patches) -> Result<Learnt, CliError> {
    let started = Instant::now();
    let interrupt = Interrupt::watch();
    let checkpoint = session.folder.file(TRAINING);
    let mut watch = Watch::new(session.epochs, interrupt.clone())
        .checkpoint(&checkpoint)
        .patience(session.patience, session.settling);
    let fitted = session.trainer.fit_observed(patches, &mut watch);
    watch.finish();
    if let Some(problem) = watch.failed {
        tell(format_args!("warning: the state of the training could not be saved: {problem}"));
    }
    let vae = fitted?;
    if interrupt.pressed() {
        let resume = match checkpoint.exists() {
            true => format!("interrupted; go on with: {}", session.resume_with),
            false => "interrupted in the first epoch; nothing is kept".into(),
        };
        return Err(CliError::Interrupted { resume });
    }
    let posterior = vae.encode(patches)?;
    let explained = explained(&vae, patches)?;
    Ok(Learnt { vae, posterior, explained, seconds: started.elapsed().as_secs_f64() })
}

/// Some patches, evenly spread over all.
pub(crate) fn spread(patches: &Patches, count: usize) -> Vec<usize> {
    let count = count.min(patches.len());
    (0..count).map(|index| (2 * index + 1) * patches.len() / (2 * count)).collect()
}

pub(crate) fn stack(patches: &Patches, indices: &[usize]) -> Array3<f32> {
    let window = patches.window();
    let mut rows = Array2::zeros((indices.len(), window.pixels()));
    patches.fill(indices, &mut rows.view_mut());
    rows.into_shape_with_order((indices.len(), window.height(), window.width()))
        .expect("a patch has its window")
}

pub(crate) fn reconstructed(vae: &ShiftVae, originals: &Array3<f32>) -> Result<Array3<f32>, CliError> {
    let decoded = vae.reconstruct(originals)?;
    Ok(decoded.into_dimensionality().expect("patches are decoded to patches"))
}

pub(crate) fn explained(vae: &ShiftVae, patches: &Patches) -> Result<f64, CliError> {
    let originals = stack(patches, &spread(patches, 2000));
    let decoded = reconstructed(vae, &originals)?;
    let mean = originals.iter().map(|&x| f64::from(x)).sum::<f64>() / originals.len() as f64;
    let squares = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>();
    let residual = squares(&mut originals.iter().zip(&decoded).map(|(&x, &y)| f64::from(x - y)));
    let total = squares(&mut originals.iter().map(|&x| f64::from(x) - mean));
    // Nothing of what does not vary can be explained.
    Ok(if total > 0.0 { 1.0 - residual / total } else { 0.0 })
}

/// Writes `model.safetensors`, `latents.npz` and `history.csv`.
pub(crate) fn write_numbers(
    folder: &OutputFolder,
    learnt: &Learnt,
    patches: &Patches,
    clusters: Option<&[usize]>,
) -> Result<(), CliError> {
    learnt.vae.save(folder.file("model.safetensors"))?;
    write_latents(&folder.file("latents.npz"), patches.patch_grid(), &learnt.posterior, clusters)?;
    Ok(folder.write_text("history.csv", &history_csv(learnt.vae.history()))?)
}

/// The learnt standard deviations of the noise, in scaled intensities: one number, or one for every pixel of the window.
pub(crate) fn sigma(vae: &ShiftVae) -> Option<Vec<f32>> {
    let fixed = matches!(vae.config().get_likelihood(), Likelihood::Gaussian { .. });
    vae.noise_sigma().ok().flatten().filter(|_| !fixed).map(|sigma| sigma.iter().copied().collect())
}

/// The content of `metrics.json`.
pub(crate) fn metrics(learnt: &Learnt, patches: &Patches) -> Value {
    let names = learnt.posterior.names();
    let kl = learnt.posterior.kl_per_latent();
    let per_latent: serde_json::Map<String, Value> =
        names.iter().zip(&kl).map(|(name, kl)| (name.clone(), json!(kl))).collect();
    let last = learnt.vae.history().last();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "patches": patches.len(),
        "window": [patches.window().height(), patches.window().width()],
        "images": patches.patch_grid().frames(),
        "epochs": learnt.vae.history().epochs().len(),
        "elbo": last.map(|record| record.elbo.total()),
        "reconstruction": last.map(|record| record.elbo.log_likelihood),
        "kl": last.map(|record| record.elbo.kl),
        "held_out_elbo": last.and_then(|record| record.held_out).map(|elbo| elbo.total()),
        "explained_variance": learnt.explained,
        "kl_per_latent": per_latent,
        "active": names.iter().zip(&kl).filter(|(_, kl)| **kl >= ACTIVE_NAT).map(|(name, _)| name).collect::<Vec<_>>(),
        "noise_sigma": sigma(&learnt.vae),
        "scaling": patches.scaling(),
        "config": learnt.vae.config(),
        "seconds": learnt.seconds,
    })
}

/// The part of the report that every run has.
///
/// `image` is the first one as it was read; that of the patches may have been flattened.
pub(crate) fn report(
    title: &str,
    image: &Image,
    learnt: &Learnt,
    patches: &Patches,
) -> Result<ImageReport, CliError> {
    let (grid, posterior) = (patches.patch_grid(), &learnt.posterior);
    let history = learnt.vae.history().epochs().iter().map(|record| HistoryRow {
        epoch: record.epoch,
        elbo: record.elbo.total(),
        reconstruction: record.elbo.log_likelihood,
        kl: record.elbo.kl,
        held_out: record.held_out.map(|elbo| elbo.total()),
    });
    let kl = posterior.kl_per_latent();
    let mut report = ImageReport::new(title, image.pixels(), &image.frame())?
        .patches(grid)
        .history(history)?
        .kl(posterior.names().into_iter().zip(kl.iter().copied()))
        .card("variance explained", format!("{:.1} %", 100.0 * learnt.explained), "");
    if learnt.explained < 0.0 {
        report = report.warning(
            "The reconstructions are worse than a constant image: this model has learnt nothing that could be \
             interpreted. Train for longer, with a smaller learning rate, or with other settings.",
        );
    }
    for index in 0..grid.frames().len() {
        let suffix = if grid.frames().len() == 1 { String::new() } else { format!(" (image {})", index + 1) };
        if grid.range(index).is_empty() {
            continue;
        }
        report = maps(report, learnt, patches, (index, &suffix))?;
    }
    let k = posterior.content().ncols();
    if k > 0 {
        report = report.manifold(manifold(learnt)?);
    }
    report = report.traversals(traversals(learnt)?);
    if k > 1 {
        let (x, y) = (posterior.content().column(0).to_owned(), posterior.content().column(1).to_owned());
        report =
            report.latent_space(ScatterFigure::new(x.view(), y.view())?.labels("content 1", "content 2"));
    }
    if let Some(shift) = posterior.position_pixels() {
        let range = grid.range(0);
        let centres = grid.centres();
        let shift = shift.mapv(f64::from);
        let rows = |array: &Array2<f64>| {
            Array2::from_shape_fn((range.len(), 2), |(row, axis)| array[[range.start + row, axis]])
        };
        report = report.shifts(rows(&centres).view(), rows(&shift).view())?;
    }
    let originals = stack(patches, &spread(patches, EXAMPLES));
    let decoded = reconstructed(&learnt.vae, &originals)?;
    Ok(report.reconstructions(originals.view(), decoded.view())?)
}

/// Decoded patches over the range of content that the patches of the image have.
fn manifold(learnt: &Learnt) -> Result<ManifoldFigure, CliError> {
    let content = learnt.posterior.content();
    let columns = range(content.column(0), MANIFOLD);
    let Some(mut rows) = (content.ncols() > 1).then(|| range(content.column(1), MANIFOLD)) else {
        return Ok(ManifoldFigure::new(learnt.vae.manifold(&columns, &[0.0])?.view())?
            .columns("content 1", &columns)?);
    };
    // The second latent grows upwards.
    rows.reverse();
    let tiles = learnt.vae.manifold(&columns, &rows)?;
    Ok(ManifoldFigure::new(tiles.view())?.columns("content 1", &columns)?.rows("content 2", &rows)?)
}

/// A strip for each variable that the decoder has, the others held at their medians over all patches.
fn traversals(learnt: &Learnt) -> Result<TraversalFigure, CliError> {
    let posterior = &learnt.posterior;
    let shift = posterior.shift_pixels().unwrap_or_else(|| Array2::zeros((posterior.len(), 0)));
    let mut variables: Vec<(String, Array1<f32>)> = Vec::new();
    let numbered = |number: usize| format!("content {}", number + 1);
    for (number, column) in posterior.content().columns().into_iter().enumerate() {
        variables.push((numbered(number), column.to_owned()));
    }
    let k = variables.len();
    for (column, name) in shift.columns().into_iter().zip(["shift rows (px)", "shift columns (px)"]) {
        variables.push((name.into(), column.to_owned()));
    }
    variables.extend(posterior.rotation().map(|angle| ("rotation (rad)".to_owned(), angle.to_owned())));
    variables.extend(posterior.scale().map(|scale| ("scale".to_owned(), scale)));

    let mut medians: Vec<f32> = variables.iter().map(|(_, values)| median(values)).collect();
    if let Some(middle) = middle_of_phases(posterior, learnt.vae.config()) {
        medians[k..k + 2].copy_from_slice(&middle);
    }
    let (steps, reach) = TRAVERSAL;
    let mut figure = TraversalFigure::new();
    for (moved, (name, values)) in variables.iter().enumerate() {
        // Beyond half a cell a lattice repeats.
        let half = |[a, b]: [[f64; 2]; 2], axis: usize| 0.5 * (a[axis].abs() + b[axis].abs());
        let cell = learnt.vae.config().get_shift_lattice().filter(|_| (k..k + 2).contains(&moved));
        let furthest = cell.map_or(f64::INFINITY, |vectors| half(vectors, moved - k));
        let far = (reach * f64::from(values.std(0.0))).min(furthest);
        let at = |step: usize| far * (2.0 * step as f64 / (steps - 1) as f64 - 1.0);
        let along: Vec<f64> = (0..steps).map(|step| f64::from(medians[moved]) + at(step)).collect();
        let variable =
            |index: usize, step: usize| if index == moved { along[step] as f32 } else { medians[index] };
        let column = |index: usize| Array1::from_shape_fn(steps, |step| variable(index, step));
        let content = Array2::from_shape_fn((steps, k), |(step, index)| variable(index, step));
        let mut pose = Pose::new();
        for (index, (name, _)) in variables.iter().enumerate().skip(k) {
            pose = match name.as_str() {
                "rotation (rad)" => pose.rotation(column(index).view()),
                "scale" => pose.scale(column(index).view()),
                "shift rows (px)" => {
                    let both = |(step, axis): (usize, usize)| variable(index + axis, step);
                    pose.shift_pixels(Array2::from_shape_fn((steps, 2), both).view())
                }
                _ => pose,
            };
        }
        let decoded = learnt.vae.decode(content.view(), &pose)?;
        let strip: Array3<f32> = decoded.into_dimensionality().expect("patches are decoded to patches");
        figure = figure.strip(name, &along, strip.view())?;
    }
    Ok(figure)
}

/// Where most objects lie on the cell of a lattice, pixels: numbers on both sides of its edge have no median.
fn middle_of_phases(posterior: &Posterior, config: &VaeConfig) -> Option<[f32; 2]> {
    let (vectors, phases) = (config.get_shift_lattice()?, posterior.lattice_phases()?);
    let turn = |phase: ArrayView1<'_, f32>| {
        CircularMean::of(phase.iter().map(|&phase| f64::from(phase))).angle / std::f64::consts::TAU
    };
    let turns: Vec<f64> = phases.columns().into_iter().map(turn).collect();
    Some(
        [0, 1].map(|axis| {
            turns.iter().zip(vectors).map(|(turn, vector)| turn * vector[axis]).sum::<f64>() as f32
        }),
    )
}

/// The middle of the sorted values.
fn median(values: &Array1<f32>) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted[sorted.len() / 2]
}

/// So many equally spaced values over all but the outermost percent of `values` on either side.
pub(crate) fn range(values: ArrayView1<'_, f32>, tiles: usize) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let at = |part: f64| f64::from(sorted[(part * (sorted.len() - 1) as f64).round() as usize]);
    let (low, high) = (at(OUTSIDE), at(1.0 - OUTSIDE));
    (0..tiles).map(|tile| low + (high - low) * tile as f64 / (tiles - 1) as f64).collect()
}

/// Content, rotation, scale and shift as maps of one image of the grid.
fn maps(
    mut report: ImageReport,
    learnt: &Learnt,
    patches: &Patches,
    (image, suffix): (usize, &str),
) -> Result<ImageReport, CliError> {
    let posterior = &learnt.posterior;
    let column = |values: Array1<f32>| values.insert_axis(Axis(1));
    let named = |name: &str| vec![name.to_owned()];
    let content = (1..=posterior.content().ncols()).map(|number| format!("content {number}")).collect();
    let layers: [(Option<Array2<f32>>, Vec<String>); 4] = [
        (Some(posterior.content().to_owned()), content),
        (posterior.rotation().map(|angle| column(angle.to_owned())), named("rotation (rad)")),
        (posterior.scale().map(column), named("scale")),
        (posterior.shift_pixels(), vec!["shift rows (px)".into(), "shift columns (px)".into()]),
    ];
    for (values, names) in layers {
        if let Some(values) = values.filter(|values| values.ncols() > 0) {
            let map = LatentMap::of_image(patches.patch_grid(), values.view(), image)?;
            let names: Vec<String> = names.iter().map(|name| format!("{name}{suffix}")).collect();
            report = report.latent_map(&map, &names)?;
        }
    }
    Ok(report)
}

/// Figures of the report that become files of their own, beside the maps.
const PICTURES: [&str; 7] =
    ["image", "manifold", "shifts", "traversals", "cluster-patches", "clusters-tried", "fields"];

/// Writes `maps/*.png`, [`PICTURES`] and `report.html`.
pub(crate) fn write_pictures(folder: &OutputFolder, report: &ImageReport) -> Result<Vec<PathBuf>, CliError> {
    folder.subfolder("maps")?;
    // Those of an earlier run may have been more.
    folder.remove_pictures("maps")?;
    for name in PICTURES {
        folder.remove(&format!("{name}.png"))?;
    }
    let mut written = Vec::new();
    for (name, drawing) in report.figures() {
        if name.starts_with("maps/") || PICTURES.contains(&name.as_str()) {
            let path = folder.file(&format!("{name}.png"));
            drawing.save_png(&path)?;
            written.push(path);
        }
    }
    report.save(folder.file("report.html"))?;
    Ok(written)
}

/// A scaling in words.
pub(crate) fn scaling_in_words(scaling: Option<Scaling>) -> String {
    match scaling {
        None => "every image by itself".into(),
        Some(scaling) => {
            let method = match scaling.method {
                adatom::patch::ScalingMethod::MinMax => "smallest pixel to 0, largest to 1".to_owned(),
                adatom::patch::ScalingMethod::Percentile { low, high } => {
                    format!("percentiles {low} and {high} to 0 and 1")
                }
                adatom::patch::ScalingMethod::Standard => "mean 0, standard deviation 1".to_owned(),
                _ => "none".to_owned(),
            };
            match scaling.flatten {
                Some(sigma) => format!("{method}, background of σ = {sigma} px subtracted"),
                None => method,
            }
        }
    }
}
