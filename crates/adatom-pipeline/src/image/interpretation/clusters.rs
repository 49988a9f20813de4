//! Clusters of patches: their table and their typical patches.

use std::path::Path;

use adatom_interpret::{ClusterPatchesFigure, LatentClusters, Latents};
use adatom_patch::{PatchGrid, Patches, Samples};
use adatom_vae::{Pose, Posterior, ShiftVae};
use ndarray::{Array2, Array3};

use crate::error::Result;
use crate::output::write_records;

/// Number of patches that are cut at a time.
const CHUNK: usize = 512;

/// Writes size, silhouette, most typical patch, and mean and standard deviation of the content of each
/// cluster.
pub(in crate::image) fn write_clusters(
    path: &Path,
    clusters: &LatentClusters,
    latents: &Latents,
    grid: &PatchGrid,
) -> Result<()> {
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
    write_records(path, &records)
}

/// The patches of each cluster: decoded from the mean content, on average, and the most typical one.
pub(in crate::image) fn cluster_patches(
    clusters: &LatentClusters,
    patches: &Patches,
    model: &ShiftVae,
    posterior: &Posterior,
) -> Result<ClusterPatchesFigure> {
    let (count, window) = (clusters.sizes().len(), patches.window());
    let shaped = |rows: Array2<f32>| -> Array3<f32> {
        rows.into_shape_with_order((count, window.height(), window.width()))
            .expect("a patch has the pixels of its window")
    };
    let mut typical = Array2::<f32>::zeros((count, window.pixels()));
    patches.fill(clusters.typical(), &mut typical.view_mut());
    let content = mean_content(clusters, posterior);
    let decoded = model.decode(content.view(), &Pose::new())?;
    let decoded: Array3<f32> = decoded.into_dimensionality().expect("patches are decoded to patches");
    Ok(ClusterPatchesFigure::new()
        .row("decoded centre", decoded.view())?
        .row("mean of the patches", shaped(mean_patches(clusters, patches)).view())?
        .row("most typical patch", shaped(typical).view())?)
}

fn mean_patches(clusters: &LatentClusters, patches: &Patches) -> Array2<f32> {
    let pixels = patches.window().pixels();
    let mut sums = Array2::<f64>::zeros((clusters.sizes().len(), pixels));
    let all: Vec<usize> = (0..patches.len()).collect();
    for chunk in all.chunks(CHUNK) {
        let mut rows = Array2::<f32>::zeros((chunk.len(), pixels));
        patches.fill(chunk, &mut rows.view_mut());
        for (&patch, row) in chunk.iter().zip(rows.rows()) {
            let mut sum = sums.row_mut(clusters.labels()[patch]);
            sum.zip_mut_with(&row, |sum, &pixel| *sum += f64::from(pixel));
        }
    }
    for (mut sum, &size) in sums.rows_mut().into_iter().zip(clusters.sizes()) {
        sum /= size.max(1) as f64;
    }
    sums.mapv(|sum| sum as f32)
}

/// All content latents, including constant ones.
fn mean_content(clusters: &LatentClusters, posterior: &Posterior) -> Array2<f32> {
    let all = posterior.content();
    let mut content = Array2::<f32>::zeros((clusters.sizes().len(), all.ncols()));
    for (patch, row) in all.rows().into_iter().enumerate() {
        let cluster = clusters.labels()[patch];
        let share = 1.0 / clusters.sizes()[cluster] as f32;
        content.row_mut(cluster).zip_mut_with(&row, |sum, &value| *sum += share * value);
    }
    content
}
