//! What latents mean: their relation to given fields, their clusters, and their table.

use std::collections::HashSet;
use std::path::Path;

use adatom::core::{FeatureTable, PatchGrid, TargetColumn};
use adatom::interpret::{
    ClusterFigure, ClusterParams, ClusterPatchesFigure, ClusterTrial, FieldCorrelation, ImageReport,
    LatentClusters, Latents, MapFigure,
};
use adatom::patch::{Image, LatentMap, Patches, Samples, Window};
use adatom::vae::{Pose, Posterior};
use ndarray::{Array1, Array2, Array3, ArrayView1, Axis};
use serde_json::{Map, Value, json};

use crate::args::{ClusterCount, Fields};
use crate::error::CliError;
use crate::learn::Learnt;
use crate::say::{say, tell};
use adatom::pipeline::output::write_records;

/// A field at the patches.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// `[n]`; NaN where it is not known.
    pub(crate) values: Array1<f64>,
}

/// Reads the fields that were asked for; on a grid of a mirrored image, mirrored around `window` as well.
pub(crate) fn read_fields(
    asked: &Fields,
    grid: &PatchGrid,
    mirrored: Option<Window>,
) -> Result<Vec<Field>, CliError> {
    let mut names = HashSet::new();
    let mut fields = Vec::new();
    for file in &asked.files {
        if !names.insert(file.name.as_str()) {
            return Err(CliError::Argument(format!("--field {}: the name is given twice", file.name)));
        }
        let problem = |problem: String| CliError::DataSet { path: file.path.clone(), problem };
        let mut images = Image::open_stack(&file.path)?;
        if images.len() != grid.frames().len() {
            let (expected, found) = (grid.frames().len(), images.len());
            return Err(problem(format!("expected one field for each of {expected} images, found {found}")));
        }
        if let Some(window) = mirrored {
            let original = |image: &Image| image.reflected(window);
            images = images.iter().map(original).collect::<Result<_, _>>()?;
        }
        let pixels: Vec<_> = images.iter().map(Image::pixels).collect();
        let sampled = adatom::interpret::FieldSampling::from(asked.field_at).of(grid, &pixels);
        let values = sampled.map_err(|error| problem(error.to_string()))?;
        let known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        if known.iter().all(|&value| value == known[0]) {
            return Err(problem(format!("the field is {} at every patch: it tells nothing", known[0])));
        }
        if known.len() < 4 {
            return Err(problem(format!(
                "the field is known at {} patches, expected at least 4",
                known.len()
            )));
        }
        fields.push(Field { name: file.name.clone(), values });
    }
    Ok(fields)
}

/// Content `[n, k]` and what else is known of the object in each window.
///
/// A latent that is the same for every patch is left out with a warning; `None` when no content is left.
pub(crate) fn variables(
    grid: &PatchGrid,
    content: &Array2<f32>,
    pose: &[(&str, Array1<f32>)],
) -> Result<Option<Latents>, CliError> {
    let (kept, dead): (Vec<usize>, Vec<usize>) =
        (0..content.ncols()).partition(|&column| varies(content.column(column)));
    for column in dead {
        tell(format_args!("warning: content {} is the same for every patch and is left out", column + 1));
    }
    if kept.is_empty() {
        return Ok(None);
    }
    let names = kept.iter().map(|column| format!("content {}", column + 1));
    let mut latents = Latents::named(grid, names, content.select(Axis(1), &kept).view())?;
    for (name, values) in pose.iter().filter(|(_, values)| varies(values.view())) {
        latents = match *name {
            "rotation" => latents.with_angle(name, values.view())?,
            name => latents.with(name, values.view())?,
        };
    }
    Ok(Some(latents))
}

/// Names and values of what a posterior says of the object besides its content and its shift.
pub(crate) fn pose(posterior: &Posterior) -> Vec<(&'static str, Array1<f32>)> {
    let mut parts = Vec::new();
    if let Some(angle) = posterior.rotation() {
        parts.push(("rotation", angle.to_owned()));
    }
    if let Some(scale) = posterior.scale() {
        parts.push(("scale", scale));
    }
    parts
}

/// The shift as well: it says where the window was put as much as what is in it, and is no feature for a forest.
pub(crate) fn with_shift(latents: &Latents, posterior: &Posterior) -> Result<Latents, CliError> {
    let mut latents = latents.clone();
    if let Some(phases) = posterior.lattice_phases() {
        for (number, phase) in phases.columns().into_iter().enumerate() {
            latents = latents.with_angle(&format!("lattice phase {}", number + 1), phase)?;
        }
    } else if let Some(pixels) = posterior.shift_pixels() {
        for (name, column) in ["shift rows (px)", "shift columns (px)"].into_iter().zip(pixels.columns()) {
            if varies(column) {
                latents = latents.with(name, column)?;
            }
        }
    }
    Ok(latents)
}

fn varies(values: ArrayView1<'_, f32>) -> bool {
    values.iter().any(|&value| value != values[0])
}

/// Latents as features and fields as targets.
pub(crate) fn table(
    latents: &Latents,
    fields: &[Field],
    (grid, block): (&PatchGrid, Option<f64>),
) -> Result<FeatureTable, CliError> {
    let window = grid.window();
    let eighth = |frame: &adatom::core::ImageFrame| frame.height.max(frame.width) as f64 / 8.0;
    let largest = grid.frames().iter().map(eighth).fold(0.0, f64::max);
    let side =
        block.unwrap_or_else(|| (2.0 * window.height().max(window.width()) as f64).max(largest).round());
    let mut table = latents.table(side)?;
    for field in fields {
        let known = |&value: &f64| value.is_finite().then_some(value);
        table = table.with_target(&field.name, TargetColumn::of_numbers(field.values.iter().map(known)))?;
    }
    Ok(table)
}

/// What a table needs of latents that are encoded in parts.
#[derive(Debug, Default)]
pub(crate) struct Features {
    content: Vec<f32>,
    pose: Vec<(&'static str, Vec<f32>)>,
}

impl Features {
    pub(crate) fn append(&mut self, part: &Posterior) {
        self.content.extend(part.content());
        for (index, (name, values)) in pose(part).into_iter().enumerate() {
            match self.pose.get_mut(index) {
                Some((_, all)) => all.extend(values),
                None => self.pose.push((name, values.to_vec())),
            }
        }
    }

    /// Writes the table.
    pub(crate) fn save(
        self,
        path: &Path,
        fields: &[Field],
        (grid, block, before): (&PatchGrid, Option<f64>, [f64; 2]),
    ) -> Result<(), CliError> {
        let k = self.content.len() / grid.len().max(1);
        let content =
            Array2::from_shape_vec((grid.len(), k), self.content).expect("k numbers for each patch");
        let pose: Vec<_> = self.pose.into_iter().map(|(name, all)| (name, Array1::from(all))).collect();
        let Some(latents) = variables(grid, &content, &pose)? else {
            let problem = "the latents are the same for every patch: there is nothing for a table".into();
            return Err(CliError::DataSet { path: path.to_owned(), problem });
        };
        // Where the windows are on the image itself, not on the mirrored one.
        let latents = latents.displaced(before.map(|pixels| -pixels));
        Ok(table(&latents, fields, (grid, block))?.save(path)?)
    }
}

/// What was found about the latents of a training.
#[derive(Debug, Default)]
pub(crate) struct Meaning {
    pub(crate) correlations: Vec<FieldCorrelation>,
    pub(crate) clusters: Option<LatentClusters>,
    /// Numbers of clusters with their silhouettes, where several were tried.
    tried: Vec<ClusterTrial>,
}

impl Meaning {
    /// Compares with the fields and puts patches into clusters, as asked for.
    pub(crate) fn of(
        latents: &Latents,
        fields: &[Field],
        (clusters, seed): (Option<ClusterCount>, u64),
    ) -> Result<Self, CliError> {
        let mut correlations = Vec::new();
        for field in fields {
            match FieldCorrelation::of(latents, &field.name, field.values.view()) {
                Ok(found) => correlations.push(found),
                // The field was looked at before: it is a latent that does not vary where the field is known.
                Err(error) => tell(format_args!("warning: field {} is left out: {error}", field.name)),
            }
        }
        let params = |count: usize| ClusterParams::new(count).seed(seed);
        let (clusters, tried) = match clusters {
            None => (None, Vec::new()),
            Some(ClusterCount::Given(count)) => (Some(params(count).fit(latents)?), Vec::new()),
            Some(ClusterCount::Best) => {
                let found = params(2).fit_best(2..=latents.len().min(8), latents)?;
                (Some(found.clusters), found.tried)
            }
        };
        Ok(Self { correlations, clusters, tried })
    }

    /// Adds figures and tables to the report.
    pub(crate) fn report(
        &self,
        mut report: ImageReport,
        (images, patches, learnt): (&[Image], &Patches, &Learnt),
        fields: &[Field],
    ) -> Result<ImageReport, CliError> {
        let grid = patches.patch_grid();
        let suffix = |image: usize| {
            if images.len() == 1 { String::new() } else { format!("image {}", image + 1) }
        };
        let with_patches = || (0..images.len()).filter(|&image| !grid.range(image).is_empty());
        if let Some(clusters) = &self.clusters {
            report = report.clusters(clusters, cluster_patches(clusters, patches, learnt)?);
            report = report.cluster_trials(&self.tried);
            for image in with_patches() {
                let figure = ClusterFigure::new(images[image].pixels(), grid, clusters, image)?;
                report = report.cluster_map(suffix(image), figure);
            }
        }
        report = report.fields(&self.correlations)?;
        for found in &self.correlations {
            let Some(field) = fields.iter().find(|field| field.name == found.field()) else { continue };
            for image in with_patches() {
                let name = format!("{} {}", field.name, suffix(image));
                let [given, fitted] = maps(grid, image, [&field.values, &found.fit().fitted])?;
                let name = name.trim().to_owned();
                let given = given.title(name.clone());
                report = report.field_map(name, given, fitted.title("linear function of content"));
            }
        }
        Ok(report)
    }

    /// Adds the numbers to `metrics.json`.
    pub(crate) fn add_to(&self, metrics: &mut Value) {
        if let Some(clusters) = &self.clusters {
            let tried: Map<String, Value> = self
                .tried
                .iter()
                .map(|trial| (trial.clusters.to_string(), json!(trial.silhouette)))
                .collect();
            metrics["clusters"] = json!({
                "number": clusters.sizes().len(),
                "sizes": clusters.sizes(),
                "silhouette": clusters.silhouette(),
                "silhouette_of": clusters.silhouettes(),
                "tried": tried,
            });
        }
        let of = |found: &FieldCorrelation| {
            let latents: Map<String, Value> = found
                .latents()
                .iter()
                .map(|latent| {
                    let both = [latent.pearson, latent.spearman].map(|found| {
                        json!({ "r": found.r, "interval": found.interval, "worth": found.effective, "p": found.p })
                    });
                    let [pearson, spearman] = both;
                    (latent.latent.clone(), json!({ "pearson": pearson, "spearman": spearman }))
                })
                .collect();
            let fit = found.fit();
            json!({
                "patches": found.patches(),
                "r_squared": fit.r_squared,
                "r_squared_held_out": fit.held_out,
                "worth": fit.effective,
                "p": fit.p,
                "latents": latents,
            })
        };
        if !self.correlations.is_empty() {
            let fields: Map<String, Value> =
                self.correlations.iter().map(|found| (found.field().to_owned(), of(found))).collect();
            metrics["fields"] = fields.into();
        }
    }

    /// A line or two for who runs the program.
    pub(crate) fn tell(&self) {
        for found in &self.correlations {
            let fit = found.fit();
            let unseen = fit.held_out.map_or(String::new(), |value| format!(", {value:.3} on unseen parts"));
            say(format_args!(
                "{}: R² of content {:.3}{unseen}; p = {:.2e}; patches are worth {:.0} independent ones",
                found.field(),
                fit.r_squared,
                fit.p,
                fit.effective
            ));
        }
        if let Some(clusters) = &self.clusters {
            let sizes: Vec<String> = clusters.sizes().iter().map(usize::to_string).collect();
            say(format_args!(
                "{} clusters of {} patches, mean silhouette {:.3}",
                sizes.len(),
                sizes.join(", "),
                clusters.silhouette()
            ));
        }
    }

    /// Writes `clusters.csv` where there are clusters.
    pub(crate) fn write_clusters(
        &self,
        path: &Path,
        latents: &Latents,
        grid: &PatchGrid,
    ) -> Result<(), CliError> {
        let Some(clusters) = &self.clusters else { return Ok(()) };
        let fixed =
            ["cluster", "patches", "share", "silhouette", "typical_image", "typical_row", "typical_column"];
        let mut header: Vec<String> = fixed.map(str::to_owned).to_vec();
        for name in latents.content_names() {
            let name = name.replace(' ', "_");
            header.extend([name.clone(), format!("{name}_sd")]);
        }
        let spreads = clusters.spreads(latents);
        let mut records = vec![header];
        for (cluster, &size) in clusters.sizes().iter().enumerate() {
            let typical = grid.centre(clusters.typical()[cluster]);
            let mut record = vec![
                (cluster + 1).to_string(),
                size.to_string(),
                format!("{:.6}", size as f64 / clusters.labels().len() as f64),
                clusters.silhouettes()[cluster].map_or(String::new(), |value| format!("{value:.4}")),
                typical.image.to_string(),
                typical.row.to_string(),
                typical.column.to_string(),
            ];
            for (mean, sd) in clusters.centres().row(cluster).iter().zip(spreads.row(cluster)) {
                record.extend([format!("{mean:.6}"), format!("{sd:.6}")]);
            }
            records.push(record);
        }
        Ok(write_records(path, &records)?)
    }
}

/// A field and the fit to it on one image, with the same colours.
fn maps(grid: &PatchGrid, image: usize, both: [&Array1<f64>; 2]) -> Result<[MapFigure; 2], CliError> {
    let layers = Array2::from_shape_fn((grid.len(), 2), |(patch, layer)| both[layer][patch] as f32);
    let map = LatentMap::of_image(grid, layers.view(), image)?;
    let mut finite: Vec<f32> = map.layer(0).iter().copied().filter(|value| value.is_finite()).collect();
    finite.sort_by(f32::total_cmp);
    let at = |part: f64| finite.get((part * (finite.len().max(1) - 1) as f64).round() as usize).copied();
    let limits = match [at(0.01), at(0.99), at(0.0), at(1.0)] {
        [Some(low), Some(high), ..] if low < high => Some([low, high]),
        [_, _, Some(low), Some(high)] if low < high => Some([low, high]),
        _ => None,
    };
    let figure = |layer: usize| -> Result<MapFigure, CliError> {
        let figure = MapFigure::of_layer(&map, layer)?;
        Ok(match limits {
            Some([low, high]) => figure.limits(low.into(), high.into())?,
            None => figure,
        })
    };
    Ok([figure(0)?, figure(1)?])
}

/// What the patches of each cluster look like: decoded, on average, and one of them.
fn cluster_patches(
    clusters: &LatentClusters,
    patches: &Patches,
    learnt: &Learnt,
) -> Result<ClusterPatchesFigure, CliError> {
    let (count, window) = (clusters.sizes().len(), patches.window());
    let shape = (count, window.height(), window.width());
    let mut sums = Array2::<f64>::zeros((count, window.pixels()));
    let all: Vec<usize> = (0..patches.len()).collect();
    for part in all.chunks(512) {
        let mut rows = Array2::<f32>::zeros((part.len(), window.pixels()));
        patches.fill(part, &mut rows.view_mut());
        for (&patch, row) in part.iter().zip(rows.rows()) {
            let mut sum = sums.row_mut(clusters.labels()[patch]);
            sum.zip_mut_with(&row, |sum, &pixel| *sum += f64::from(pixel));
        }
    }
    for (mut sum, &size) in sums.rows_mut().into_iter().zip(clusters.sizes()) {
        sum /= size.max(1) as f64;
    }
    let shaped = |rows: Array2<f32>| -> Array3<f32> {
        rows.into_shape_with_order(shape).expect("a patch has the pixels of its window")
    };
    let mut typical = Array2::<f32>::zeros((count, window.pixels()));
    patches.fill(clusters.typical(), &mut typical.view_mut());
    // Content of the posterior, with the latents that were left out because they are the same everywhere.
    let all = learnt.posterior.content();
    let mut content = Array2::<f32>::zeros((count, all.ncols()));
    for (patch, row) in all.rows().into_iter().enumerate() {
        let cluster = clusters.labels()[patch];
        let share = 1.0 / clusters.sizes()[cluster] as f32;
        content.row_mut(cluster).zip_mut_with(&row, |sum, &value| *sum += share * value);
    }
    let decoded = learnt.vae.decode(content.view(), &Pose::new())?;
    let decoded: Array3<f32> = decoded.into_dimensionality().expect("patches are decoded to patches");
    Ok(ClusterPatchesFigure::new()
        .row("decoded centre", decoded.view())?
        .row("mean of the patches", shaped(sums.mapv(|sum| sum as f32)).view())?
        .row("most typical patch", shaped(typical).view())?)
}
