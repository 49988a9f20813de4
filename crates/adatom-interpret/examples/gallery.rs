//! Draws every figure with generated data, as PNG and SVG, into the folder given as argument.

use std::error::Error;
use std::f64::consts::{PI, TAU};
use std::path::{Path, PathBuf};

use adatom_interpret::ndarray::{Array1, Array2, Array3, Array4, s};
use adatom_interpret::{
    AgreementFigure, BarFigure, BeeswarmFigure, ColourMap, ConfusionFigure, CurveFigure, CurvePanel, Figure,
    HistoryRow, ImageFigure, ImageFrame, ImageReport, ImportanceFigure, ImportancePanel, LatentMap,
    ManifoldFigure, MapFigure, MapPanels, PairsFigure, PatchGrid, PixelSize, ReliabilityFigure,
    ScatterFigure, VectorFieldFigure, Window,
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: gallery FOLDER")?);
    std::fs::create_dir_all(&folder)?;
    let save = |name: &str, figure: &dyn Draws| figure.save(&folder, name);
    of_forests(&folder)?;
    let frame = ImageFrame { pixel_size: Some(PixelSize::square(12.0, "pm")), ..ImageFrame::new(320, 400) };
    let image = lattice(frame.height, frame.width);
    let grid = PatchGrid::regular([frame.clone()], Window::square(32), [4, 4])?;
    let content = content(&grid);

    save(
        "map",
        &MapFigure::of_layer(&LatentMap::new(&grid, content.view())?, 0)?.title("Content 1").label("z₁"),
    )?;
    save("latent-map", &LatentMap::new(&grid, content.view())?)?;
    let wide = Array2::from_shape_fn((12, 300), |(r, c)| ((r + c) as f32 / 20.0).sin());
    save(
        "map-wide",
        &MapFigure::new(wide.view())?.title("A line scan").label("shift along rows (px)").symmetrical(),
    )?;
    let tall = wide.t();
    let long =
        "graphene_moire_0001_drift_corrected_and_denoised_version_2_final.dm4 with a title that is long";
    save("map-tall", &MapFigure::new(tall)?.title(long).label("z₁").cell_size(PixelSize::square(0.5, "Å")))?;
    save(
        "map-1x1",
        &MapFigure::new(Array2::from_elem((1, 1), 3e-7f32).view())?.title("One cell").label("z₁"),
    )?;
    let holes = Array2::from_shape_fn((124, 124), |(r, c)| {
        let d = ((r as f32 - 60.0).powi(2) + (c as f32 - 70.0).powi(2)).sqrt();
        if d > 55.0 { f32::NAN } else { 1e-5 * (d / 6.0).cos() }
    });
    save(
        "map-holes",
        &MapFigure::new(holes.view())?.title("Cells without value").label("strain").symmetrical(),
    )?;
    save(
        "map-nan",
        &MapFigure::new(Array2::from_elem((20, 30), f32::NAN).view())?.title("Nothing measured"),
    )?;
    save("map-constant", &MapFigure::new(Array2::from_elem((20, 30), 5.0f32).view())?.title("Constant"))?;
    let huge = Array2::from_shape_fn((1024, 1024), |(r, c)| ((r * r + c * c) as f32 / 9000.0).sin() + 1e3);
    save(
        "map-huge",
        &MapFigure::new(huge.view())?.title("1024 × 1024").cell_size(PixelSize::square(0.4, "nm")),
    )?;
    let maps = ColourMap::ALL.map(|map| {
        let ramp = Array2::from_shape_fn((40, 200), |(r, c)| {
            c as f32 + 9.0 * (r as f32 / 40.0).powi(2) * (c as f32).sin()
        });
        MapFigure::new(ramp.view()).map(|figure| figure.colour_map(map).title(format!("{map:?}")))
    });
    save("colour-maps", &MapPanels::new(maps.into_iter().collect::<Result<_, _>>()?)?.title("Colour maps"))?;

    let centres: Vec<[f64; 2]> =
        grid.centres().rows().into_iter().map(|c| [c[0], c[1]]).step_by(37).collect();
    let picture = ImageFigure::framed(image.view(), &frame)?.title("lattice.tif");
    save("image", &picture.clone().window(Window::square(32), [159.5, 199.5]).centres(&centres))?;
    let at = grid.centres();
    let shifts = Array2::from_shape_fn(at.dim(), |(i, axis)| {
        let [r, c] = [at[[i, 0]] - 160.0, at[[i, 1]] - 200.0];
        [c, -r][axis] / (60.0 + r.hypot(c))
    });
    save(
        "shifts",
        &VectorFieldFigure::new(picture.clone().title(""), at.view(), shifts.view())?.title("Shift"),
    )?;

    let tiles = Array4::from_shape_fn((9, 11, 24, 24), |(y, x, r, c)| {
        tile([y as f64 / 4.0 - 1.0, x as f64 / 5.0 - 1.0], r, c)
    });
    let values =
        |n: usize| -> Vec<f64> { (0..n).map(|i| -1.96 + 3.92 * i as f64 / (n as f64 - 1.0)).collect() };
    let manifold = ManifoldFigure::new(tiles.view())?
        .title("Decoded over the latent plane")
        .rows("content 2", &values(9))?
        .columns("content 1", &values(11))?;
    save("manifold", &manifold)?;
    save(
        "manifold-one",
        &ManifoldFigure::new(tiles.slice(s![..1, .., .., ..]))?.columns("content 1", &values(11))?,
    )?;
    let many = Array4::from_shape_fn((30, 30, 6, 9), |(y, x, r, c)| (y * r + x * c) as f32);
    save(
        "manifold-many",
        &ManifoldFigure::new(many.view())?
            .rows("z₂", &values(30))?
            .columns("z₁", &values(30))?
            .colour_map(ColourMap::Viridis),
    )?;

    let originals = Array3::from_shape_fn((20, 24, 24), |(n, r, c)| {
        tile([n as f64 / 10.0 - 1.0, 0.3], r, c) + noise(n * 576 + r * 24 + c) * 0.1
    });
    let reconstructions =
        Array3::from_shape_fn((20, 24, 24), |(n, r, c)| tile([n as f64 / 10.0 - 1.0, 0.25], r, c));
    save(
        "pairs",
        &PairsFigure::new(originals.view(), reconstructions.view())?.title("Patches and reconstructions"),
    )?;
    save(
        "pairs-one",
        &PairsFigure::new(originals.slice(s![..1, .., ..]), reconstructions.slice(s![..1, .., ..]))?,
    )?;

    for (name, n) in [("scatter-few", 60), ("scatter", 2500), ("scatter-million", 1_000_000)] {
        let x = Array1::from_shape_fn(n, |i| noise(3 * i) + if i % 3 == 0 { 2.5 } else { -0.5 });
        let y = Array1::from_shape_fn(n, |i| {
            noise(3 * i + 1) + if i % 3 == 0 { 1.0 } else { -0.5 * noise(3 * i) }
        });
        let figure = ScatterFigure::new(x.view(), y.view())?.labels("content 1", "content 2").title(name);
        save(name, &figure)?;
        let angle = Array1::from_shape_fn(n, |i| y[i].atan2(x[i]));
        save(
            &format!("{name}-angle"),
            &figure.coloured_by("rotation (rad)", angle.view())?.colour_map(ColourMap::Cyclic),
        )?;
    }
    let truth: Vec<f64> = (0..9000).map(|i| f64::from(i) / 900.0 - 5.0).collect();
    let recovered: Vec<f64> = truth.iter().enumerate().map(|(i, t)| t + 0.4 * f64::from(noise(i))).collect();
    save(
        "agreement",
        &AgreementFigure::new(&truth, &recovered)?
            .title("Shift along rows")
            .labels("true (px)", "recovered (px)"),
    )?;
    save(
        "agreement-few",
        &AgreementFigure::new(&truth[..150], &recovered[..150])?.title("Shift along rows"),
    )?;

    for n in [1, 2, 12, 80] {
        let epochs: Vec<f64> = (1..=n).map(f64::from).collect();
        let curve = |scale: f64, end: f64| -> Vec<f64> {
            epochs.iter().map(|e| end - scale * (30.0 * (-2.0 * e).exp() + 1.0 / e)).collect()
        };
        save(
            &format!("curves-{n}"),
            &CurveFigure::new(vec![
                CurvePanel::new("ELBO (nat)").series("train", &epochs, &curve(60.0, -480.0))?.series(
                    "held-out",
                    &epochs,
                    &curve(58.0, -483.0),
                )?,
                CurvePanel::new("reconstruction (nat)").series("train", &epochs, &curve(50.0, -470.0))?,
                CurvePanel::new("KL divergence (nat)").series("train", &epochs, &curve(4.0, 11.0))?,
            ])?
            .title("Training"),
        )?;
    }
    let epochs: Vec<f64> = (1..=60).map(f64::from).collect();
    let falling: Vec<f64> = epochs.iter().map(|e| 1e-6 + 3e-6 / e).collect();
    save(
        "curve",
        &CurveFigure::new(vec![CurvePanel::new("error").series("mean squared error", &epochs, &falling)?])?,
    )?;
    save(
        "bars",
        &BarFigure::new("KL divergence (nat)")
            .bar("shift along rows", 1.84, "active")
            .bar("shift along columns", 1.79, "active")
            .bar("content 1", 2.31, "active")
            .bar("content 2", 0.0004, "collapsed")
            .title("How much each latent variable carries"),
    )?;
    let rows = (1..=60).map(|epoch| {
        let e = f64::from(epoch);
        let [reconstruction, kl] = [-470.0 - 60.0 / e - 900.0 * (-2.0 * e).exp(), 9.0 - 6.0 / e];
        let elbo = reconstruction - kl;
        HistoryRow { epoch: epoch as usize, elbo, reconstruction, kl, held_out: Some(elbo - 2.0) }
    });
    let sparse = Array2::from_shape_fn((60, 2), |(i, k)| f64::from(noise(2 * i + k)));
    let [x, y] = [0, 1].map(|k| content.column(k).to_owned());
    let settings = [
        ("window", "32 × 32"),
        ("stride", "4"),
        ("invariances", "shift"),
        ("prior of the shift", "0.1"),
        ("seed", "7"),
        (
            "path",
            "/data/a_rather_long_folder_name/with_many_parts/2026-01-15/session_003/drift_corrected.tif",
        ),
    ];
    let [sparse_rows, sparse_columns] = [0, 1].map(|axis| sparse.column(axis).to_vec());
    let report = ImageReport::new("lattice <b>with & markup</b>.tif", image.view(), &frame)?
        .subtitle("A shift-invariant autoencoder with two content variables")
        .patches(&grid)
        .settings(settings.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec())
        .history(rows)?
        .manifold(manifold)
        .latent_map(&LatentMap::new(&grid, content.view())?, &["content 1", "content 2"])?
        .shifts(at.view(), shifts.view())?
        .reconstructions(originals.view(), reconstructions.view())?
        .latent_space(ScatterFigure::new(x.view(), y.view())?.labels("content 1", "content 2"))
        .kl([
            ("shift along rows", 1.84),
            ("shift along columns", 1.79),
            ("content 1", 2.31),
            ("content 2", 0.0004),
        ])
        .truth(
            "shift along rows",
            AgreementFigure::new(&truth, &recovered)?.labels("true (px)", "recovered (px)"),
        )
        .truth("shift along columns", AgreementFigure::new(&sparse_rows, &sparse_columns)?)
        .card("training time", "41", "s")
        .warning("12 of 6801 patches contain pixels that are not finite and were omitted.")
        .reproduce(
            "On the command line:",
            "adatom image lattice.tif --out lattice --window 32 --stride 4 --invariances shift --latent 2 \
            --shift-prior 0.1 --seed 7",
        )
        .reproduce(
            "In Rust:",
            "let image = Image::open(\"lattice.tif\")?;\n\
            let patches = Patches::grid(&image, Window::square(32), Stride::new(4, 4))?;\n\
            let vae = Trainer::new(model).epochs(60).seed(7).fit(&patches)?;",
        );
    report.save(folder.join("report.html"))?;
    for (name, drawing) in report.figures() {
        let name = name.replace('/', "-");
        drawing.save_png(folder.join(format!("report-{name}.png")))?;
    }
    Ok(())
}

/// Both files of a figure.
trait Draws {
    fn save(&self, folder: &Path, name: &str) -> Result<(), Box<dyn Error>>;
}

impl<F: Figure> Draws for F {
    fn save(&self, folder: &Path, name: &str) -> Result<(), Box<dyn Error>> {
        self.save_png(folder.join(format!("{name}.png")))?;
        Ok(self.save_svg(folder.join(format!("{name}.svg")))?)
    }
}

/// A square lattice with a brighter half, as a scanning transmission electron microscope would show it.
fn lattice(height: usize, width: usize) -> Array2<f32> {
    Array2::from_shape_fn((height, width), |(row, column)| {
        let wave = |x: usize| (TAU * x as f64 / 16.0).cos();
        let domain = if column > width / 2 + row / 4 { 1.4 } else { 0.8 };
        (domain * (wave(row) + wave(column))).exp() as f32 + noise(row * width + column) * 0.4
    })
}

fn content(grid: &PatchGrid) -> Array2<f32> {
    let centres = grid.centres();
    Array2::from_shape_fn((grid.len(), 2), |(i, k)| {
        let [r, c] = [centres[[i, 0]], centres[[i, 1]]];
        let domain = ((c - 200.0 - r / 4.0) / 12.0).tanh();
        [domain, (r / 40.0).sin() * (c / 55.0).cos()][k] as f32 + 0.15 * noise(2 * i + k)
    })
}

fn tile([a, b]: [f64; 2], row: usize, column: usize) -> f32 {
    let [y, x] = [row, column].map(|p| (p as f64 - 11.5) / 11.5);
    let spot = |cy: f64, cx: f64, s: f64| (-((y - cy).powi(2) + (x - cx).powi(2)) / s).exp();
    let turned = PI / 4.0 * a;
    (spot(0.0, 0.0, 0.1)
        + (1.2 + b) * spot(0.7 * turned.sin(), 0.7 * turned.cos(), 0.08)
        + (1.0 - b) * spot(-0.7 * turned.sin(), -0.7 * turned.cos(), 0.08)) as f32
}

/// Noise about as wide as a normal distribution of standard deviation 0.6, the same in every run.
fn noise(seed: usize) -> f32 {
    let mut state = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut sum = 0.0;
    for _ in 0..4 {
        state ^= state >> 30;
        state = state.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state ^= state >> 27;
        sum += (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
    }
    sum as f32
}

/// Figures of forests.
fn of_forests(folder: &Path) -> Result<(), Box<dyn Error>> {
    let save = |name: &str, figure: &dyn Draws| figure.save(folder, name);
    let energy = Array1::linspace(8987.5, 9039.7, 100).to_vec();
    let edge = |at: f64, white: f64| -> Vec<f64> {
        let line = |e: f64| white * (-(e - at - 6.0).powi(2) / 12.0).exp();
        energy.iter().map(|&e| 0.5 + ((e - at) / 1.5).atan() / PI + line(e)).collect()
    };
    let near = |at: f64, size: f64| -> Vec<f64> {
        energy.iter().map(|&e| size * (-(e - at).powi(2) / 4.0).exp() + 0.002 * (1.0 + e.sin())).collect()
    };
    let distance = Array1::linspace(0.0, 9.99, 100).to_vec();
    let pdf = |first: f64| -> Vec<f64> {
        let peak = |r: f64, at: f64| (-(r - at).powi(2) / 0.03).exp() / at;
        distance
            .iter()
            .map(|&r| peak(r, first) + 2.0 * peak(r, 1.6 * first) + peak(r, 2.4 * first) - 0.1 * r)
            .collect()
    };
    let first: Vec<f64> = distance.iter().map(|&r| 0.03 * (-(r - 1.95f64).powi(2) / 0.05).exp()).collect();
    let tenth = |values: &[f64]| values.iter().map(|value| 0.2 * value + 0.001).collect::<Vec<f64>>();
    let (impurity, shapley) = (near(8996.0, 0.05), near(8997.5, 0.04));
    let xanes = ImportancePanel::new("mean XANES", "energy (eV)", &energy)
        .spectrum("4", &edge(8992.0, 0.6))?
        .spectrum("5", &edge(8993.0, 0.8))?
        .spectrum("6", &edge(8994.0, 1.1))?
        .importance("impurity", &impurity, &tenth(&impurity))?
        .importance("Shapley", &shapley, &tenth(&shapley))?;
    let dpdf = ImportancePanel::new("mean dPDF", "r (Å)", &distance)
        .spectrum("4", &pdf(1.9))?
        .spectrum("5", &pdf(1.98))?
        .spectrum("6", &pdf(2.08))?
        .importance("impurity", &first, &tenth(&first))?
        .importance("Shapley", &first, &tenth(&first))?;
    save("importance", &ImportanceFigure::new(vec![xanes, dpdf])?.title("What decided"))?;
    let shares = BarFigure::new("share of the importance (%)")
        .bar_with_spread("xanes", 66.9, 1.2)
        .bar_with_spread("dpdf", 33.1, 1.2);
    save("shares", &shares)?;
    let counts = Array2::from_shape_vec((3, 3), vec![156, 4, 4, 9, 12, 8, 3, 2, 92])?;
    save("confusion", &ConfusionFigure::new(&["4", "5", "6"], counts.view())?.title("Coordination number"))?;
    let many = Array2::from_shape_fn((30, 30), |(r, c)| if r == c { 40 + r } else { (r * 7 + c * 3) % 5 });
    let names: Vec<String> = (0..30).map(|class| format!("class {class}")).collect();
    save("confusion-many", &ConfusionFigure::new(&names, many.view())?)?;
    let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect::<Vec<f64>>();
    let mut swarm = BeeswarmFigure::new("adds to the probability of 6");
    for feature in 0..12 {
        let (value, noise) = (wave(1.3 + f64::from(feature)), wave(7.7 + f64::from(feature)));
        let size = 0.1 / f64::from(feature + 1);
        let adds: Vec<f64> =
            value.iter().zip(&noise).map(|(value, noise)| size * (value + 0.4 * noise)).collect();
        swarm = swarm.feature(format!("xanes@{}", 8990 + feature), &adds, &value)?;
    }
    save("beeswarm", &swarm)?;
    let bins = [[0.05, 0.02], [0.3, 0.22], [0.52, 0.55], [0.7, 0.8], [0.95, 0.99]];
    let reliability = ReliabilityFigure::new().class("4", &bins, &[120, 20, 15, 30, 140])?.class(
        "6",
        &bins.map(|[p, o]| [p, 0.9 * o]),
        &[180, 20, 15, 30, 60],
    )?;
    save("reliability", &reliability)?;
    let truth: Vec<f64> = (0..120).map(|i| 1.9 + 0.003 * f64::from(i)).collect();
    let found: Vec<f64> = truth.iter().zip(wave(2.1)).map(|(truth, noise)| truth + 0.03 * noise).collect();
    let [lower, upper] = [-0.04, 0.05].map(|by| found.iter().map(|value| value + by).collect::<Vec<f64>>());
    let parity = AgreementFigure::new(&truth, &found)?.intervals(&lower, &upper)?;
    save("parity", &parity.labels("bond length (Å)", "predicted (Å)"))?;
    let rows = [87.0, 174.0, 348.0, 609.0, 870.0];
    let learning = CurvePanel::new("weighted F1").x_label("rows to learn from").series_with_spread(
        "rows held out",
        &rows,
        &[0.71, 0.77, 0.82, 0.86, 0.88],
        &[0.03, 0.02, 0.02, 0.01, 0.01],
    )?;
    save("learning", &CurveFigure::new(vec![learning])?)?;
    Ok(())
}
