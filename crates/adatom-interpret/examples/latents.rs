//! Analyses of generated latent variables: clusters, correlations with given fields, traversals, and a table
//! for a forest, written into the folder given as argument.

use std::error::Error;
use std::path::PathBuf;

use adatom_interpret::ndarray::{Array1, Array2, Array3, ArrayView1};
use adatom_interpret::{
    ClusterFigure, ClusterParams, ClusterPatchesFigure, CorrelationFigure, FieldCorrelation, FieldSampling,
    Figure, ImageFrame, ImageReport, LatentMap, Latents, MapFigure, PatchGrid, PixelSize, TraversalFigure,
    Window,
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: latents FOLDER")?);
    std::fs::create_dir_all(&folder)?;
    let frame = ImageFrame { pixel_size: Some(PixelSize::square(12.0, "pm")), ..ImageFrame::new(320, 400) };
    let image = Array2::from_shape_fn((320, 400), |(row, column)| {
        let wave = |x: usize| (x as f64 * std::f64::consts::TAU / 16.0).cos();
        ((0.8 + 0.5 * f64::from(domain(row, column))) * (wave(row) + wave(column))).exp() as f32
    });
    let grid = PatchGrid::regular([frame.clone()], Window::square(32), [8, 8])?;

    // Two latents are a rotation of domain and strain, as from an autoencoder, and one is collapsed.
    let strain_field = Array2::from_shape_fn((320, 400), |(row, column)| strain(row, column));
    let domains = Array2::from_shape_fn((320, 400), |(row, column)| domain(row, column));
    let content = Array2::from_shape_fn((grid.len(), 3), |(patch, k)| {
        let centre = grid.centre(patch);
        let (row, column) = (centre.row as usize, centre.column as usize);
        let (a, b) = (2.4 * domain(row, column) - 1.0, 0.9 * strain(row, column));
        let noise = 0.35 * ((patch * 7 + k * 3) as f32 * 0.61).sin();
        [0.8 * a + 0.6 * b, 0.8 * b - 0.6 * a, 0.02][k] + [noise, noise, 0.04 * noise][k]
    });
    let latents = Latents::new(&grid, content.view())?;

    let mut found = Vec::new();
    for (name, field) in [("strain (%)", &strain_field), ("domain", &domains)] {
        let values = FieldSampling::Centre.of(&grid, &[field.view()])?;
        found.push(FieldCorrelation::of(&latents, name, values.view())?);
    }
    CorrelationFigure::new(found.clone())?.save_png(folder.join("fields.png"))?;

    let selection = ClusterParams::new(2).seed(7).fit_best(2..=8, &latents)?;
    let clusters = selection.clusters;
    let on_image = ClusterFigure::new(image.view(), &grid, &clusters, 0)?.title("Clusters");
    on_image.save_png(folder.join("clusters.png"))?;
    let many = ClusterParams::new(10).seed(7).fit(&latents)?;
    ClusterFigure::new(image.view(), &grid, &many, 0)?.save_png(folder.join("clusters-10.png"))?;
    let pictures = Array3::from_shape_fn((clusters.sizes().len(), 32, 32), |(cluster, row, column)| {
        let centre = grid.centre(clusters.typical()[cluster]);
        image[[(centre.row - 15.5) as usize + row, (centre.column - 15.5) as usize + column]]
    });
    let patches = ClusterPatchesFigure::new().row("patch nearest to the centre", pictures.view())?;
    patches.save_png(folder.join("cluster-patches.png"))?;

    let strips = (0..3).try_fold(TraversalFigure::new(), |figure, k| {
        let values: Vec<f64> = (0..9).map(|step| f64::from(step) * 0.5 - 2.0).collect();
        let strip = Array3::from_shape_fn((9, 24, 24), |(step, row, column)| {
            let (z, y, x) = (values[step], row as f64 / 4.0 - 3.0, column as f64 / 4.0 - 3.0);
            let (width, moved) = ([1.0 + 0.3 * z, 1.0, 1.0][k], [0.0, 0.5 * z, 0.02 * z][k]);
            (-(y * y + (x - moved).powi(2)) / width).exp() as f32
        });
        figure.strip(format!("content {}", k + 1), &values, strip.view())
    })?;
    strips.save_png(folder.join("traversals.png"))?;

    let mut report = ImageReport::new("generated.npy", image.view(), &frame)?
        .patches(&grid)
        .latent_map(&LatentMap::new(&grid, content.view())?, &["content 1", "content 2", "content 3"])?
        .kl([("content 1", 2.3), ("content 2", 1.1), ("content 3", 0.002)])
        .traversals(strips)
        .clusters(&clusters, patches)
        .cluster_trials(&selection.tried)
        .cluster_map("", on_image)
        .fields(&found)?;
    for (field, values) in found.iter().zip([&strain_field, &domains]) {
        let given = FieldSampling::Centre.of(&grid, &[values.view()])?;
        let [given, fitted] = [given.view(), field.fit().fitted.view()].map(|values| map(&grid, values));
        report = report.field_map(
            field.field(),
            given?.title(field.field()),
            fitted?.title("linear function of content"),
        );
    }
    report.save(folder.join("report.html"))?;
    latents.table(64.0)?.save(folder.join("latents.csv"))?;
    Ok(())
}

fn map(grid: &PatchGrid, values: ArrayView1<'_, f64>) -> Result<MapFigure, Box<dyn Error>> {
    let column: Array1<f32> = values.mapv(|value| value as f32);
    let map = LatentMap::new(grid, column.insert_axis(adatom_interpret::ndarray::Axis(1)).view())?;
    Ok(MapFigure::of_layer(&map, 0)?)
}

/// Two domains with a sinusoidal wall.
fn domain(row: usize, column: usize) -> f32 {
    f32::from((column as f32) > 180.0 + 40.0 * (row as f32 / 50.0).sin())
}

/// A smooth field.
fn strain(row: usize, column: usize) -> f32 {
    (row as f32 / 60.0).sin() * (column as f32 / 80.0).cos()
}
