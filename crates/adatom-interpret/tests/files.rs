//! Every figure as a file: SVG is well formed, PNG has the declared size, and hostile input draws or is
//! refused.

use adatom_interpret::ndarray::{Array1, Array2, Array3, Array4, ArrayView2, array};
use adatom_interpret::{
    AgreementFigure, BarFigure, BeeswarmFigure, ColourMap, ConfusionFigure, CurveFigure, CurvePanel, Drawing,
    Figure, FigureError as Error, ImageFigure, ImageFrame, ImportanceFigure, ImportancePanel, LatentMap,
    ManifoldFigure, MapFigure, MapPanels, PairsFigure, PatchGrid, PixelSize, ReliabilityFigure,
    ScatterFigure, VectorFieldFigure, Window,
};

const HOSTILE: &str = "<svg onload=\"x\">&'\u{1}\u{0}]]> 日本 µ";

/// Checks both files of a drawing.
fn check(name: &str, drawing: &Drawing) {
    let svg = drawing.to_svg();
    let tree = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{name}: {error}"));
    let root = tree.root_element();
    let side = |side: &str| root.attribute(side).and_then(|side| side.parse::<f64>().ok());
    assert_eq!((side("width"), side("height")), (Some(drawing.width()), Some(drawing.height())), "{name}");
    for attribute in tree.descendants().flat_map(|node| node.attributes()) {
        let numbers = !["href", "aria-label", "xmlns"].contains(&attribute.name());
        let strange = |word| numbers && attribute.value().contains(word);
        assert!(!strange("NaN") && !strange("inf"), "{name}: {} is not finite", attribute.name());
    }
    let attributes = tree.descendants().flat_map(|node| node.attributes());
    for link in attributes.filter(|attribute| attribute.name() == "href").map(|attribute| attribute.value()) {
        assert!(link.starts_with('#') || link.starts_with("data:image/png;base64,"), "{name}: {link:.60}");
    }

    let png = drawing.to_png();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().expect("a PNG header");
    let mut pixels = vec![0; reader.output_buffer_size().expect("it fits")];
    let info = reader.next_frame(&mut pixels).expect("PNG pixels");
    // Two pixels of the PNG for each CSS pixel.
    let expected = ((2.0 * drawing.width()).ceil() as u32, (2.0 * drawing.height()).ceil() as u32);
    assert_eq!((info.width, info.height), expected, "{name}");
    assert!(expected.0 < 4000 && expected.1 < 4000, "{name} is {expected:?}");
    assert!(pixels.iter().any(|&byte| byte < 128), "{name} is empty");
}

fn image() -> ImageFigure {
    ImageFigure::new(Array2::from_shape_fn((30, 40), |(r, c)| (r * c) as f32).view()).expect("it has pixels")
}

fn map(values: &Array2<f32>) -> MapFigure {
    MapFigure::new(values.view()).expect("it has cells")
}

#[test]
fn maps_of_any_shape_and_content_draw() {
    for (rows, columns) in [(1, 1), (1, 1000), (1000, 1), (3, 2), (124, 124), (1024, 1024), (2000, 30)] {
        for (name, value) in [
            ("zero", 0.0),
            ("NaN", f32::NAN),
            ("infinite", f32::INFINITY),
            ("largest", f32::MAX),
            ("smallest", 1e-42),
        ] {
            let mut values = Array2::from_elem((rows, columns), value);
            check(
                &format!("{rows} x {columns} of {name}"),
                &map(&values).title(HOSTILE).label(HOSTILE).drawing(),
            );
            if rows * columns < 20_000 {
                values[[0, 0]] = -3.0;
                check(&format!("one of {rows} x {columns}, {name}"), &map(&values).symmetrical().drawing());
            }
        }
    }
    let ramp = Array2::from_shape_fn((20, 30), |(r, c)| (r + c) as f32);
    for size in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300] {
        check("a strange cell size", &map(&ramp).cell_size(PixelSize::square(size, HOSTILE)).drawing());
    }
    let flat = PixelSize { row: 1e-6, column: 1.0, unit: "nm".into() };
    check("a flat cell", &map(&ramp).cell_size(flat).drawing());
    for colours in ColourMap::ALL {
        check("colours", &map(&ramp).colour_map(colours).limits(3.0, 9.0).unwrap().drawing());
    }
    check("panels", &MapPanels::new(vec![map(&ramp); 7]).unwrap().title("seven").drawing());
}

#[test]
fn a_latent_map_is_saved_in_one_line() {
    let frame = ImageFrame { pixel_size: Some(PixelSize::square(10.0, "pm")), ..ImageFrame::new(64, 64) };
    let grid = PatchGrid::regular([frame], Window::square(8), [4, 4]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for layers in [0, 1, 2, 5] {
        let values = Array2::from_shape_fn((grid.len(), layers), |(i, k)| (i * (k + 1)) as f32);
        let map = LatentMap::new(&grid, values.view()).unwrap();
        let path = folder.path().join("content.png");
        map.save_png(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), map.to_png());
        check("latent map", &map.drawing());
    }
    // 15 cells of 4 pixels of 10 pm are 600 pm: a fifth is 120 pm, next to 100 pm.
    let map = LatentMap::new(&grid, Array2::zeros((grid.len(), 1)).view()).unwrap();
    assert!(map.to_svg().contains("aria-label=\"100 pm\""));
    assert!(matches!(MapFigure::of_layer(&map, 1), Err(Error::NoSuchLayer { index: 1, layers: 1 })));
}

#[test]
fn images_with_marks_draw() {
    let centres: Vec<[f64; 2]> = (0..10_000).map(|i| [f64::from(i % 30), f64::from(i % 40)]).collect();
    check("centres", &image().centres(&centres).window(Window::new(8, 200), [0.0, 0.0]).drawing());
    check("no number", &image().centres(&[[f64::NAN, 1.0]]).drawing());
    check("one pixel", &ImageFigure::new(array![[f32::NAN]].view()).unwrap().drawing());
}

#[test]
fn shifts_draw_on_grids_and_elsewhere() {
    let grid = PatchGrid::regular([ImageFrame::new(30, 40)], Window::square(5), [1, 1]).unwrap();
    let centres = grid.centres();
    let shifts = |length: f64| centres.mapv(|x| (x * 7.3).sin() * length);
    for length in [0.0, 1e-9, 0.3, 1e6] {
        let figure = VectorFieldFigure::new(image(), centres.view(), shifts(length).view()).unwrap();
        check("shifts on a grid", &figure.title(HOSTILE).drawing());
    }
    let scattered =
        Array2::from_shape_fn((500, 2), |(i, axis)| ((i * (axis + 3)) as f64 * 0.77).sin() * 40.0);
    for vectors in [scattered.clone(), scattered.mapv(|_| f64::NAN)] {
        check(
            "elsewhere",
            &VectorFieldFigure::new(image(), scattered.view(), vectors.view()).unwrap().drawing(),
        );
    }
    let none = Array2::zeros((0, 2));
    check("no shift", &VectorFieldFigure::new(image(), none.view(), none.view()).unwrap().drawing());
    let long = Array2::zeros((3, 3));
    let error = VectorFieldFigure::new(image(), long.view(), long.view()).unwrap_err();
    assert_eq!(error.to_string(), "the centres: expected shape [3, 2], found [3, 3]");
}

#[test]
fn patches_of_any_size_draw() {
    for shape in [(1, 1, 1, 1), (1, 9, 5, 40), (9, 1, 40, 5), (60, 60, 4, 4), (2, 2, 600, 600)] {
        let tiles = Array4::from_shape_fn(shape, |(a, b, c, d)| (a * c + b * d) as f32);
        let values = |n: usize| (0..n).map(|i| i as f64 * 1.3e-7).collect::<Vec<_>>();
        let figure = ManifoldFigure::new(tiles.view()).unwrap();
        let figure = figure.rows(HOSTILE, &values(shape.0)).unwrap().columns("z", &values(shape.1)).unwrap();
        check("manifold", &figure.title(HOSTILE).drawing());
        let patches = tiles.index_axis_move(adatom_interpret::ndarray::Axis(0), 0);
        check(
            "pairs",
            &PairsFigure::new(patches.view(), patches.mapv(|x| 2.0 * x).view()).unwrap().drawing(),
        );
    }
    let dark = Array3::from_elem((2, 4, 4), f32::NAN);
    check("pairs of NaN", &PairsFigure::new(dark.view(), dark.view()).unwrap().drawing());
    check(
        "manifold of NaN",
        &ManifoldFigure::new(Array4::from_elem((2, 2, 4, 4), f32::NAN).view()).unwrap().drawing(),
    );
}

#[test]
fn points_draw_from_one_to_many() {
    for n in [1, 2, 500, 5000, 60_000] {
        let x = Array1::from_shape_fn(n, |i| (i as f32 * 0.37).sin());
        let mut y = Array1::from_shape_fn(n, |i| (i as f32 * 1.91).cos());
        y[0] = if n > 2 { 1e30 } else { 0.0 };
        let figure = ScatterFigure::new(x.view(), y.view()).unwrap().labels(HOSTILE, "y").title(HOSTILE);
        check("points", &figure.drawing());
        let figure = figure.coloured_by("angle", x.view()).unwrap();
        check("coloured points", &figure.clone().drawing());
        check("points with angles", &figure.colour_map(ColourMap::Cyclic).drawing());
        let [x, y] = [x, y].map(|values| values.iter().map(|&value| f64::from(value)).collect::<Vec<_>>());
        check("agreement", &AgreementFigure::new(&x, &y).unwrap().drawing());
    }
    let nan = Array1::from_elem(4, f32::NAN);
    check("no finite point", &ScatterFigure::new(nan.view(), nan.view()).unwrap().drawing());
    check("no finite pair", &AgreementFigure::new(&[f64::NAN], &[1.0]).unwrap().drawing());
}

#[test]
fn curves_and_bars_draw() {
    for n in [1, 2, 9, 300] {
        let epochs: Vec<f64> = (1..=n).map(f64::from).collect();
        for scale in [0.0, 1e-9, 3.0, 1e300] {
            let values: Vec<f64> = epochs.iter().map(|e| -scale * (1.0 / e + 50.0 * (-e).exp())).collect();
            let mut gaps = values.clone();
            gaps[0] = f64::NAN;
            let panel = CurvePanel::new("ELBO (nat)").series(HOSTILE, &epochs, &values).unwrap();
            let panel = panel.series("held out", &epochs, &gaps).unwrap();
            check("curves", &CurveFigure::new(vec![panel.clone(), panel]).unwrap().title(HOSTILE).drawing());
        }
    }
    let bars =
        BarFigure::new("KL (nat)").bar(HOSTILE, 1.5, "").bar("b", f64::NAN, "unknown").bar("c", -0.5, "");
    check("bars", &bars.drawing());
    check("no bars", &BarFigure::new("KL (nat)").drawing());
    let spread =
        BarFigure::new("share").bar_with_spread("a", 0.5, 0.1).bar_with_spread("b", f64::NAN, f64::NAN);
    check("error bars", &spread.bar_with_spread("c", -1e300, f64::INFINITY).drawing());
    let x = [1.0, 2.0, 3.0];
    let panel =
        CurvePanel::new("F1").series_with_spread("a", &x, &[0.1, f64::NAN, 0.3], &[0.1, 0.1, f64::NAN]);
    check("a band", &CurveFigure::new(vec![panel.unwrap()]).unwrap().drawing());
}

#[test]
fn what_is_drawn_of_forests_draws() {
    for n in [1, 2, 7, 1000] {
        let x: Vec<f64> = (0..n).map(|i| 8980.0 + f64::from(i) * 0.5).collect();
        let mut values: Vec<f64> = x.iter().map(|x| x.sin()).collect();
        let panel = ImportancePanel::new(HOSTILE, "energy (eV)", &x).spectrum(HOSTILE, &values).unwrap();
        values[0] = f64::NAN;
        let panel = panel.importance("impurity", &values, &values).unwrap();
        let panel = panel.importance("Shapley", &vec![0.0; x.len()], &vec![f64::NAN; x.len()]).unwrap();
        let figure = ImportanceFigure::new(vec![panel.clone(), panel.clone(), panel]).unwrap();
        check("importance", &figure.title(HOSTILE).drawing());
        let swarm = BeeswarmFigure::new(HOSTILE).feature(HOSTILE, &values, &x).unwrap();
        check(
            "swarm",
            &swarm.feature("constant", &vec![0.0; x.len()], &vec![3.0; x.len()]).unwrap().drawing(),
        );
        let parity = AgreementFigure::new(&x, &x).unwrap().intervals(&values, &x).unwrap();
        check("parity", &parity.drawing());
    }
    for classes in [1, 3, 12, 60] {
        let names = vec![HOSTILE; classes];
        let counts = Array2::from_shape_fn((classes, classes), |(r, c)| if r == 0 { 0 } else { r * c });
        check("confusion", &ConfusionFigure::new(&names, counts.view()).unwrap().title(HOSTILE).drawing());
    }
    let bins = [[0.0, 0.0], [f64::NAN, 0.5], [1.0, 1.0]];
    let curve = ReliabilityFigure::new().class(HOSTILE, &bins, &[0, 3, usize::MAX]).unwrap();
    check("reliability", &curve.class("none", &[], &[]).unwrap().drawing());
    check("no reliability", &ReliabilityFigure::new().drawing());
    check("no swarm", &BeeswarmFigure::new("adds").drawing());
}

#[test]
fn importances_need_an_axis_that_increases() {
    let panel = |x: &[f64]| {
        let values = vec![0.0; x.len()];
        let panel = ImportancePanel::new("XANES", "energy (eV)", x).spectrum("all", &values).unwrap();
        ImportanceFigure::new(vec![panel.importance("impurity", &values, &values).unwrap()])
    };
    assert!(panel(&[1.0, 2.0]).is_ok());
    for wrong in [[2.0, 1.0], [1.0, 1.0], [1.0, f64::NAN], [f64::NEG_INFINITY, 1.0]] {
        assert!(matches!(panel(&wrong), Err(Error::Limits { .. })), "{wrong:?}");
    }
    assert_eq!(panel(&[]).unwrap_err().to_string(), "the axis of a panel must not be empty");
    let bare = ImportancePanel::new("XANES", "energy (eV)", &[1.0]);
    let error = ImportanceFigure::new(vec![bare]).unwrap_err().to_string();
    assert_eq!(error, "the list of spectra of a panel must not be empty");
}

#[test]
fn nothing_to_draw_is_an_error() {
    let text = |error: Error| error.to_string();
    let none: ArrayView2<'_, f32> = ArrayView2::from_shape((0, 3), &[]).unwrap();
    assert_eq!(text(MapFigure::new(none).unwrap_err()), "the map must not be empty");
    assert_eq!(text(ImageFigure::new(none).unwrap_err()), "the image must not be empty");
    assert_eq!(text(MapPanels::new(vec![]).unwrap_err()), "the list of maps must not be empty");
    assert_eq!(
        text(ManifoldFigure::new(Array4::zeros((0, 1, 4, 4)).view()).unwrap_err()),
        "the manifold must not be empty"
    );
    let patches = Array3::zeros((0, 4, 4));
    assert_eq!(
        text(PairsFigure::new(patches.view(), patches.view()).unwrap_err()),
        "the list of patches must not be empty"
    );
    let empty = Array1::zeros(0);
    assert_eq!(
        text(ScatterFigure::new(empty.view(), empty.view()).unwrap_err()),
        "the list of points must not be empty"
    );
    assert_eq!(
        text(AgreementFigure::new(&[], &[]).unwrap_err()),
        "the list of true values must not be empty"
    );
    let dark = CurvePanel::new("ELBO").series("train", &[1.0], &[f64::NAN]).unwrap();
    assert_eq!(
        text(CurveFigure::new(vec![dark]).unwrap_err()),
        "a panel's series of finite values must not be empty"
    );
    let limits = map(&Array2::zeros((2, 2))).limits(2.0, 1.0).unwrap_err();
    assert_eq!(text(limits), "limits must be finite and increasing, found 2 to 1");
}
