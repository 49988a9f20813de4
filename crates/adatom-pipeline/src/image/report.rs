//! The report of a run, and its metrics.

mod fields;
mod manifold;
mod metrics;
mod traversal;

pub(super) use manifold::manifold;
pub(super) use metrics::metrics;

use adatom_interpret::{ClusterFigure, HistoryRow, ImageReport, ScatterFigure};
use ndarray::Array2;

use super::encode::{cut_out, evenly_spread, reconstructions};
use super::interpretation::cluster_patches;
use super::model::{invariance_names, likelihood_in_words};
use super::notice::vectors_in_words;
use super::open::source_of;
use super::prepare::scaling_in_words;
use super::{Coordinates, ImageResults, Notice, TrainingOutcome};
use crate::error::Result;

/// A latent with a smaller KL divergence, in nat, is collapsed.
pub(super) const ACTIVE_NAT: f64 = 0.01;

/// Tiles along each side of the manifold.
const TILES: usize = 9;

/// Patches that are shown with their reconstructions.
const EXAMPLES: usize = 6;

/// A larger fraction of clipped pixels gives a warning in the report.
const CLIPPED: f64 = 0.02;

pub(super) fn image_report(results: &ImageResults) -> Result<ImageReport> {
    let (placed, posterior) = (results.placed(), results.posterior());
    let (grid, images) = (placed.patches().patch_grid(), placed.images().images());
    let image = &images[0];
    let history = results.model().history().epochs().iter().map(|record| HistoryRow {
        epoch: record.epoch,
        elbo: record.elbo.total(),
        reconstruction: record.elbo.log_likelihood,
        kl: record.elbo.kl,
        held_out: record.held_out.map(|elbo| elbo.total()),
    });
    let kl = posterior.kl_per_latent();
    let explained = format!("{:.1} %", 100.0 * results.encoded().explained_variance());
    let mut report = ImageReport::new(placed.images().title(), image.pixels(), &image.frame())?
        .patches(grid)
        .history(history)?
        .kl(posterior.names().into_iter().zip(kl.iter().copied()))
        .card("variance explained", explained, "")
        .settings(settings_in_words(results));
    report = with_warnings(report, results);
    for index in (0..images.len()).filter(|&index| !grid.range(index).is_empty()) {
        let suffix = if images.len() == 1 { String::new() } else { format!(" (image {})", index + 1) };
        for named in results.maps(index)? {
            let names: Vec<String> = named.names.iter().map(|name| format!("{name}{suffix}")).collect();
            report = report.latent_map(&named.map, &names)?;
        }
    }
    let content = posterior.content();
    if let Some(figure) = manifold(results.model(), content, TILES)? {
        report = report.manifold(figure);
    }
    report = report.traversals(traversal::traversals(results.model(), posterior)?);
    if content.ncols() > 1 {
        let figure = ScatterFigure::new(content.column(0), content.column(1))?;
        report = report.latent_space(figure.labels("content 1", "content 2"));
    }
    if let Some(shift) = posterior.position_pixels() {
        let (range, centres) = (grid.range(0), grid.centres());
        let shift = shift.mapv(f64::from);
        let rows = |array: &Array2<f64>| {
            Array2::from_shape_fn((range.len(), 2), |(row, axis)| array[[range.start + row, axis]])
        };
        report = report.shifts(rows(&centres).view(), rows(&shift).view())?;
    }
    let originals = cut_out(placed.patches(), &evenly_spread(placed.patches(), EXAMPLES));
    let decoded = reconstructions(results.model(), &originals)?;
    report = report.reconstructions(originals.view(), decoded.view())?;
    with_interpretation(report, results)
}

fn with_warnings(mut report: ImageReport, results: &ImageResults) -> ImageReport {
    if results.encoded().explained_variance() < 0.0 {
        report = report.warning(
            "The reconstructions are worse than the mean patch: the latents of this model cannot be \
             interpreted. Train for longer, with a smaller learning rate, or with other settings.",
        );
    }
    if results.training().outcome() == TrainingOutcome::Stopped {
        report = report.warning("The training was stopped before its last epoch.");
    }
    let placed = results.placed();
    for (index, image) in placed.images().images().iter().enumerate() {
        let fraction = placed.patches().clipped_fraction(index);
        if fraction > CLIPPED {
            report =
                report.warning(format!("{}.", Notice::ClippedPixels { image: source_of(image), fraction }));
        }
    }
    report
}

/// Clusters and fields.
fn with_interpretation(mut report: ImageReport, results: &ImageResults) -> Result<ImageReport> {
    let (found, placed) = (results.interpretation(), results.placed());
    let (grid, images) = (placed.patches().patch_grid(), placed.images().images());
    let suffix =
        |image: usize| if images.len() == 1 { String::new() } else { format!("image {}", image + 1) };
    let with_patches = || (0..images.len()).filter(|&image| !grid.range(image).is_empty());
    if let Some(clusters) = found.clusters() {
        let figure = cluster_patches(clusters, placed.patches(), results.model(), results.posterior())?;
        report = report.clusters(clusters, figure);
        report = report.cluster_trials(&found.tried);
        for image in with_patches() {
            let figure = ClusterFigure::new(images[image].pixels(), grid, clusters, image)?;
            report = report.cluster_map(suffix(image), figure);
        }
    }
    report = report.fields(found.correlations())?;
    for correlation in found.correlations() {
        let fields = found.fields().iter();
        let Some(field) = fields.clone().find(|field| field.name() == correlation.field()) else { continue };
        for image in with_patches() {
            let name = format!("{} {}", field.name(), suffix(image)).trim().to_owned();
            let maps = fields::field_maps(grid, image, field, &correlation.fit().fitted)?;
            let fitted = maps.fitted.title("linear function of content");
            report = report.field_map(name.clone(), maps.given.title(name), fitted);
        }
    }
    Ok(report)
}

/// Names and values of the settings, in the order of the stages.
fn settings_in_words(results: &ImageResults) -> Vec<(String, String)> {
    let (settings, patches) = (results.settings(), results.placed().patches());
    let (model, training) = (&settings.model, &settings.training);
    let list = |values: &[usize]| values.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let kl_weight = match training.kl_weight {
        adatom_vae::KlWeight::Constant(weight) => weight.to_string(),
        adatom_vae::KlWeight::Linear { from, to, epochs } => format!("{from} to {to} over {epochs} epochs"),
        adatom_vae::KlWeight::Cyclic { from, to, epochs, .. } => {
            format!("{from} to {to} in cycles of {epochs} epochs")
        }
        other => format!("{other:?}"),
    };
    let shift = match results.model().config().get_shift_lattice() {
        None => ("shift prior", model.shift_prior.to_string()),
        Some(vectors) => ("unit cell of the shift", vectors_in_words(vectors)),
    };
    let coordinates = match model.coordinates {
        Coordinates::Fourier(periods) => ("Fourier features", format!("{periods} periods across the window")),
        Coordinates::Frequency(factor) => ("coordinate frequency", factor.to_string()),
    };
    use adatom_patch::Samples;
    [
        ("window", format!("{} pixels", patches.window())),
        ("patches", settings.placement.in_words(patches)),
        ("intensities", scaling_in_words(patches.scaling())),
        ("invariances", invariance_names(&model.invariances, ", ")),
        ("content latents", model.latent_dim.to_string()),
        shift,
        coordinates,
        ("hidden layers", list(&model.hidden)),
        ("likelihood", likelihood_in_words(model.likelihood)),
        ("smooth content", settings.regularisation.smoothness_in_words()),
        ("epochs", training.epochs.to_string()),
        ("batch size", training.batch_size.to_string()),
        ("pixel fraction per step", training.pixel_fraction.to_string()),
        ("learning rate", training.learning_rate.to_string()),
        ("KL weight", kl_weight),
        ("held-out fraction", training.held_out.to_string()),
        ("seed", training.seed.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
