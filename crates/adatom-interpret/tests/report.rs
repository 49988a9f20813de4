//! The report: safe against markup in names, self-contained, complete.

use adatom_interpret::ndarray::{Array2, Array3, Array4};
use adatom_interpret::{
    AgreementFigure, FigureError as Error, HistoryRow, ImageFrame, ImageReport, LatentMap, ManifoldFigure,
    PatchGrid, PixelSize, Report, Section, Table, Window,
};

const HOSTILE: &str = "\"><script>alert('x')</script><img src=http://example.org/x>&amp;.tif";

#[test]
fn markup_in_any_text_stays_text() {
    let bars = adatom_interpret::BarFigure::new(HOSTILE).bar(HOSTILE, 1.0, HOSTILE);
    let section = Section::new(HOSTILE)
        .paragraph(HOSTILE)
        .figure(&bars, HOSTILE, HOSTILE)
        .table(Table::new([HOSTILE]).row([HOSTILE]))
        .settings([(HOSTILE.to_owned(), HOSTILE.to_owned())])
        .code(HOSTILE, HOSTILE);
    let report = Report::new(HOSTILE).subtitle(HOSTILE).card(HOSTILE, HOSTILE, HOSTILE).warning(HOSTILE);
    let html = (0..3).fold(report, |report, _| report.section(section.clone())).to_html();
    assert!(!html.contains("<script") && !html.contains("<img src=http") && !html.contains("alert('"));
    // Every image is ours and every attribute ends where we ended it.
    assert_eq!(html.matches("<img ").count(), html.matches("<img src=\"data:image/").count());
    assert_eq!(html.matches("&lt;script&gt;").count(), 2 + 1 + 3 + 1 + 3 + 3 * 10);
}

#[test]
fn a_full_report_needs_no_other_file() {
    let pixel_size = Some(PixelSize::square(10.0, "pm"));
    let frame = ImageFrame { pixel_size, source: Some("a<b>.tif".into()), ..ImageFrame::new(40, 60) };
    let image = Array2::from_shape_fn((40, 60), |(r, c)| (r as f32).sin() + (c as f32).cos());
    let grid = PatchGrid::regular([frame.clone()], Window::square(12), [2, 2]).unwrap();
    let content = Array2::from_shape_fn((grid.len(), 2), |(i, k)| (i * (k + 1)) as f32);
    let map = LatentMap::new(&grid, content.view()).unwrap();
    let shifts = Array2::from_elem((grid.len(), 2), 0.5);
    let patches = Array3::from_shape_fn((5, 12, 12), |(n, r, c)| (n + r * c) as f32);
    let tiles = Array4::from_shape_fn((3, 3, 12, 12), |(a, b, r, c)| (a * r + b * c) as f32);
    let row =
        |epoch| HistoryRow { epoch, elbo: -500.0, reconstruction: -490.0, kl: 10.0, held_out: Some(-501.5) };
    let report = ImageReport::new("a.tif", image.view(), &frame)
        .unwrap()
        .patches(&grid)
        .settings(vec![("seed".into(), "7".into())])
        .history((1..=3).map(row))
        .unwrap()
        .manifold(ManifoldFigure::new(tiles.view()).unwrap())
        .latent_map(&map, &["../content", "../content"])
        .unwrap()
        .shifts(grid.centres().view(), shifts.view())
        .unwrap()
        .reconstructions(patches.view(), patches.view())
        .unwrap()
        .kl([("content 1", 1.0), ("content 2", 0.001)])
        .truth("shift", AgreementFigure::new(&[1.0, 2.0], &[2.0, 4.0]).unwrap())
        .reproduce("command", "adatom image a.tif --seed 7")
        .warning("1 patch was left out");
    let html = report.to_html();
    for text in [
        "a&lt;b&gt;.tif",
        "400\u{A0}× 600",
        "−501.5",
        "1 of 2",
        "content 2 is collapsed",
        "adatom image a.tif --seed 7",
        "1 patch was left out",
        "1.000",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(
        !html.contains("http://")
            && !html.contains("https://")
            && !html.contains("<script")
            && !html.contains("<link")
    );
    for tag in ["section", "div", "figure", "table", "tr", "td", "th", "p", "dl", "pre", "main"] {
        let opened = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert_eq!(html.matches("<img ").count(), html.matches(" alt=\"").count());

    let names: Vec<_> = report.figures().into_iter().map(|(name, _)| name).collect();
    let expected = [
        "image",
        "maps/content",
        "maps/content-2",
        "shifts",
        "manifold",
        "kl",
        "reconstructions",
        "history",
        "truth/shift",
    ];
    assert_eq!(names, expected);

    let folder = tempfile::tempdir().unwrap();
    report.save(folder.path().join("report.html")).unwrap();
    let missing = folder.path().join("missing").join("report.html");
    assert!(matches!(report.save(&missing), Err(Error::Write { path, .. }) if path == missing));
}

#[test]
fn an_image_alone_makes_a_report() {
    let frame = ImageFrame::new(2, 3);
    let report = ImageReport::new("tiny", Array2::from_elem((2, 3), f32::NAN).view(), &frame).unwrap();
    assert!(report.to_html().contains("no pixel size"));
    let error = ImageReport::new("tiny", Array2::zeros((3, 2)).view(), &frame).unwrap_err();
    assert_eq!(error.to_string(), "the image: expected shape [2, 3], found [3, 2]");
}

#[test]
fn each_of_several_images_has_its_own_patches() {
    let frames = [ImageFrame::new(20, 20), ImageFrame::new(30, 40)];
    let centres = [vec![], vec![[15.0, 20.0], [10.0, 10.0]]];
    let (grid, _) = PatchGrid::at(frames.clone(), Window::square(5), &centres).unwrap();
    let page = |image: usize| {
        let values = Array2::zeros((frames[image].height, frames[image].width));
        let report = ImageReport::new("image", values.view(), &frames[image]).unwrap();
        report.patches_of_image(&grid, image).to_html()
    };
    assert!(page(0).contains("<dd>0 <small>of 2 on all images</small>"));
    assert!(page(1).contains("<dt>patches</dt><dd>2</dd>"));
}
