//! What the program says of latents: clusters, given fields, and a table for forests.

use adatom::patch::Image;
use ndarray::Array2;

use crate::sandbox::{Sandbox, TINY};

/// A folder with `lattice.npy` (42 × 42 pixels, 36 patches) and fields on it.
fn with_fields() -> Sandbox {
    let sandbox = Sandbox::with_lattice();
    let save = |name: &str, value: &dyn Fn(usize, usize) -> f32, [rows, columns]: [usize; 2]| {
        let pixels = Array2::from_shape_fn((rows, columns), |(row, column)| value(row, column));
        Image::from_array(pixels).save_npy(sandbox.path(name)).unwrap();
    };
    save("ramp.npy", &|row, column| 0.1 * (row + 2 * column) as f32, [42, 42]);
    save("halves.npy", &|_, column| if column < 20 { 1.0 } else { 3.0 }, [42, 42]);
    save("part.npy", &|row, column| if row < 21 { f32::NAN } else { 0.5 * column as f32 }, [42, 42]);
    save("flat.npy", &|_, _| 2.0, [42, 42]);
    save("nan.npy", &|_, _| f32::NAN, [42, 42]);
    save("wide.npy", &|row, _| row as f32, [42, 43]);
    sandbox
}

#[test]
fn clusters_are_in_the_archive_the_table_and_the_report() {
    let sandbox = with_fields();
    let ended = sandbox.succeeds(&format!("image lattice.npy --out out {TINY} --clusters 3"));
    assert!(ended.stdout.contains("3 clusters of "), "{}", ended.stdout);
    let cluster = &sandbox.npz("out/latents.npz")["cluster"];
    assert_eq!((cluster.kind, cluster.shape.as_slice()), ("u32", &[36][..]));
    let sizes = [1.0, 2.0, 3.0].map(|label| cluster.values.iter().filter(|&&value| value == label).count());
    assert!(sizes.iter().sum::<usize>() == 36 && sizes[0] >= sizes[1] && sizes[1] >= sizes[2], "{sizes:?}");

    let table = sandbox.text("out/clusters.csv");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0][..4], ["cluster", "patches", "share", "silhouette"]);
    assert_eq!(rows[0][7..], ["content_1", "content_1_sd", "content_2", "content_2_sd"]);
    for (row, size) in rows[1..].iter().zip(sizes) {
        assert_eq!(row[1].parse::<usize>().unwrap(), size);
    }
    let metrics = sandbox.json("out/metrics.json");
    assert_eq!(metrics["clusters"]["sizes"], serde_json::json!(sizes));
    let files = sandbox.files("out");
    for file in ["cluster-patches.png", "maps/clusters.png", "traversals.png"] {
        assert!(files.contains(&file.to_owned()), "{file} is missing among {files:?}");
    }
    assert!(sandbox.text("out/report.html").contains("Clusters of patches"));

    // A run without clusters leaves none of an earlier one behind.
    sandbox.succeeds(&format!("image lattice.npy --out out {TINY} --force"));
    let files = sandbox.files("out");
    assert!(files.iter().all(|file| !file.contains("cluster")), "{files:?}");
    assert!(!sandbox.npz("out/latents.npz").contains_key("cluster"));
}

#[test]
fn the_number_of_clusters_is_chosen_and_the_same_for_any_number_of_threads() {
    let sandbox = with_fields();
    for (out, threads) in [("one", 1), ("two", 2)] {
        sandbox
            .succeeds(&format!("image lattice.npy --out {out} {TINY} --clusters auto --threads {threads}"));
    }
    assert!(sandbox.bytes("one/latents.npz") == sandbox.bytes("two/latents.npz"));
    assert_eq!(sandbox.text("one/clusters.csv"), sandbox.text("two/clusters.csv"));
    let clusters = &sandbox.json("one/metrics.json")["clusters"];
    let tried = clusters["tried"].as_object().unwrap();
    assert_eq!(tried.len(), 7);
    let best = tried.values().map(|value| value.as_f64().unwrap()).fold(f64::NEG_INFINITY, f64::max);
    assert_eq!(clusters["silhouette"].as_f64().unwrap(), best);
    assert!(sandbox.files("one").contains(&"clusters-tried.png".to_owned()));
}

#[test]
fn fields_are_compared_and_become_targets() {
    let sandbox = with_fields();
    let fields = "--field ramp=ramp.npy --field halves=halves.npy --field part=part.npy";
    let ended = sandbox.succeeds(&format!("image lattice.npy --out out {TINY} {fields} --block 14"));
    assert!(ended.stdout.contains("ramp: R² of content"), "{}", ended.stdout);
    let fields = &sandbox.json("out/metrics.json")["fields"];
    assert_eq!((&fields["ramp"]["patches"], &fields["part"]["patches"]), (&36.into(), &18.into()));
    let pearson = &fields["ramp"]["latents"]["content 1"]["pearson"];
    let [r, low, high] = [&pearson["r"], &pearson["interval"][0], &pearson["interval"][1]]
        .map(|value| value.as_f64().unwrap());
    assert!(low <= r && r <= high && (-1.0..=1.0).contains(&r), "{pearson}");
    assert!(fields["ramp"]["latents"]["shift rows (px)"].is_object());
    // A ramp over the whole image is worth a few independent patches, not 36.
    assert!(fields["ramp"]["worth"].as_f64().unwrap() < 30.0, "{fields}");
    let files = sandbox.files("out");
    for file in ["fields.png", "latents.csv", "maps/field-halves.png", "maps/field-ramp.png"] {
        assert!(files.contains(&file.to_owned()), "{file} is missing among {files:?}");
    }

    let table = adatom::core::FeatureTable::load(sandbox.path("out/latents.csv")).unwrap();
    let headers: Vec<String> = table.columns().iter().map(ToString::to_string).collect();
    assert_eq!(headers, ["latent@0.000", "latent@1.000"]);
    // Of windows whose centres lie at columns 5.5, 11.5, ... pixels right of 20 have the label 3; labels do
    // not mix.
    assert_eq!(table.classes("halves").unwrap().names, ["1", "3"]);
    assert_eq!(table.target("part").unwrap().missing(), 18);
    assert!((table.numbers("ramp").unwrap()[0] - 0.1 * (5.5 + 11.0)).abs() < 1e-6);
    assert_eq!(table.ids()[1], "1-r5.5-c11.5");
    assert_eq!(table.group("block").unwrap()[35], "0-2-2");
}

#[test]
fn a_forest_is_fitted_on_latents_and_asked_about_another_image() {
    let sandbox = with_fields();
    sandbox.succeeds(&format!("image lattice.npy --out out {TINY} --invariances rotation,shift,scale"));
    let encode = "encode out/model.safetensors lattice.npy --stride 2";
    sandbox.succeeds(&format!("{encode} --out a.npz --table a.csv --field halves=halves.npy --block 8"));
    let table = adatom::core::FeatureTable::load(sandbox.path("a.csv")).unwrap();
    let headers: Vec<String> = table.columns().iter().map(ToString::to_string).collect();
    let expected = [
        "latent@0.000",
        "latent@1.000",
        "latent:cos_rotation@0.000",
        "latent:sin_rotation@0.000",
        "latent:scale@0.000",
    ];
    assert_eq!((table.len(), headers), (256, expected.map(str::to_owned).to_vec()));
    sandbox.succeeds(
        "fit a.csv --target halves --split group --group block --trees 10 --max-features all \
         --min-samples-leaf 1 --repeats 1 --out forest",
    );
    let metrics = sandbox.text("forest/metrics.json");
    assert!(metrics.contains("latent"), "{metrics}");
    sandbox.succeeds(&format!("{encode} --out b.npz --table b.csv --edge reflect"));
    sandbox.succeeds("predict forest/model.safetensors b.csv --out answers.csv");
    assert_eq!(sandbox.text("answers.csv").lines().count(), 1 + 21 * 21);
    // The first window of the mirrored image lies around the first pixel of the image.
    assert!(sandbox.text("b.csv").lines().nth(1).unwrap().starts_with("0-r-0.5-c-0.5,"));
}

#[test]
fn what_cannot_be_compared_or_clustered_is_refused_before_the_training() {
    let sandbox = with_fields();
    sandbox.write("text.npy", "no array");
    for (arguments, says) in [
        ("--field strain=wide.npy", &["wide.npy", "42 x 42 pixels like the image, found 42 x 43"][..]),
        ("--field strain=flat.npy", &["flat.npy", "the field is 2 at every patch"]),
        (
            "--field strain=nan.npy",
            &["nan.npy", "at least 2 patches with a finite value of the field, found 0"],
        ),
        ("--field strain=none.npy", &["none.npy", "No such file"]),
        ("--field strain=text.npy", &["text.npy"]),
        ("--field a=ramp.npy --field a=halves.npy", &["--field: a", "more than once"]),
        ("--clusters 37", &["--clusters 37", "no more than the 36 patches"]),
    ] {
        sandbox.fails(&format!("image lattice.npy --out out {TINY} {arguments}"), says);
        assert!(sandbox.files("out").is_empty(), "{arguments}");
    }
    for arguments in ["--clusters 1", "--clusters few", "--field ramp.npy", "--block 0"] {
        let ended = sandbox.run(&format!("image lattice.npy --out out {TINY} {arguments}"));
        assert_eq!(ended.status, Some(2), "{arguments}");
    }
    sandbox.succeeds(&format!("image lattice.npy --out out {TINY}"));
    let encode = "encode out/model.safetensors lattice.npy --stride 6 --out x.npz";
    sandbox.fails(&format!("{encode} --field ramp=ramp.npy"), &["--field needs --table"]);
    sandbox.fails(&format!("{encode} --table x.csv --field ramp=wide.npy"), &["found 42 x 43"]);
    sandbox.fails(&format!("{encode} --table x.npz"), &["x.npz", "another output of the same run"]);
    sandbox.fails(&format!("{encode} --table ramp.npy --field ramp=ramp.npy"), &["ramp.npy", "an input"]);
    assert!(!sandbox.path("x.npz").exists());
}

#[test]
fn several_images_need_as_many_fields() {
    let sandbox = with_fields();
    crate::sandbox::lattice([42, 42], 2).save_npy(sandbox.path("second.npy")).unwrap();
    let images = format!("image lattice.npy second.npy --out out {TINY}");
    sandbox.fails(
        &format!("{images} --field ramp=ramp.npy"),
        &["ramp.npy", "one field for each of 2 images, found 1"],
    );
    sandbox.succeeds(&format!("{images} --clusters 2"));
    let files = sandbox.files("out");
    for file in ["maps/clusters-image-1.png", "maps/clusters-image-2.png"] {
        assert!(files.contains(&file.to_owned()), "{file} is missing among {files:?}");
    }
}
