//! `adatom image`: what it writes, that it repeats itself, and that it goes on where it stopped.

use crate::sandbox::{Sandbox, TINY, Values, lattice};

/// What every run writes; maps depend on the latents.
const FILES: [&str; 10] = [
    "history.csv",
    "image.png",
    "latents.npz",
    "manifold.png",
    "metrics.json",
    "model.safetensors",
    "report.html",
    "shifts.png",
    "training.safetensors",
    "traversals.png",
];

#[test]
fn a_run_writes_what_the_manual_says() {
    let sandbox = Sandbox::with_lattice();
    let ended = sandbox.succeeds(&format!("image lattice.npy --out out {TINY}"));
    assert!(ended.stdout.contains("report: out") && ended.stdout.contains("content 1"), "{}", ended.stdout);
    assert!(ended.stderr.contains("36 patches of 12 x 12 pixels, 2 epochs"), "{}", ended.stderr);

    let (maps, rest): (Vec<_>, Vec<_>) =
        sandbox.files("out").into_iter().partition(|name| name.starts_with("maps/"));
    assert_eq!(rest, FILES);
    let expected = ["content-1", "content-2", "shift-columns-px", "shift-rows-px"];
    assert_eq!(maps, expected.map(|name| format!("maps/{name}.png")));
    for name in
        maps.iter().map(String::as_str).chain(["image.png", "manifold.png", "shifts.png", "traversals.png"])
    {
        let picture = adatom::patch::Image::open(sandbox.path(&format!("out/{name}"))).unwrap();
        assert!(picture.height() > 100 && picture.width() > 100, "{name}");
    }
    let report = sandbox.text("out/report.html");
    assert!(report.starts_with("<!DOCTYPE html>") && report.trim_end().ends_with("</html>"));
    for outside in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!report.contains(outside), "the report loads something: {outside}");
    }
}

#[test]
fn latents_have_the_documented_names_types_and_shapes() {
    let sandbox = Sandbox::with_lattice();
    sandbox.succeeds(&format!("image lattice.npy --out out {TINY} --latent 3"));
    let latents = sandbox.npz("out/latents.npz");
    let found: Vec<_> =
        latents.iter().map(|(name, values)| (name.as_str(), values.kind, values.shape.as_slice())).collect();
    let expected: [(&str, &str, &[usize]); 5] = [
        ("centres", "f64", &[36, 2]),
        ("content", "f32", &[36, 3]),
        ("content_sd", "f32", &[36, 3]),
        ("shift", "f32", &[36, 2]),
        ("shift_sd", "f32", &[36, 2]),
    ];
    assert_eq!(found, expected);
    // Twelve pixels from 0 to 11 have their centre at 5.5; the next window begins 6 columns further.
    assert_eq!(latents["centres"].values[..4], [5.5, 5.5, 5.5, 11.5]);
    assert!(latents["content_sd"].values.iter().all(|&sd| sd > 0.0));
}

#[test]
fn numbers_of_a_run_agree_with_each_other() {
    let sandbox = Sandbox::with_lattice();
    let ended = sandbox.succeeds(&format!("--json image lattice.npy --out out {TINY} --held-out 0.25"));
    let metrics = sandbox.json("out/metrics.json");
    assert_eq!(ended.stdout.lines().count(), 1);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&ended.stdout).unwrap(), metrics);
    assert_eq!(
        (&metrics["patches"], &metrics["epochs"], &metrics["seed"]),
        (&36.into(), &2.into(), &3.into())
    );
    assert_eq!(metrics["window"], serde_json::json!([12, 12]));

    let history = sandbox.text("out/history.csv");
    let rows: Vec<Vec<&str>> = history.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["epoch", "elbo", "reconstruction", "kl", "seconds", "held_out_elbo"]);
    assert_eq!(rows.len(), 3);
    let number = |text: &str| text.parse::<f64>().unwrap();
    for (value, name) in [(1, "elbo"), (2, "reconstruction"), (3, "kl"), (5, "held_out_elbo")] {
        // Six digits are written.
        assert!((number(rows[2][value]) - metrics[name].as_f64().unwrap()).abs() < 1e-6, "{name}");
    }
    let elbo = number(rows[1][2]) - number(rows[1][3]);
    assert!((number(rows[1][1]) - elbo).abs() < 2e-6);
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let sandbox = Sandbox::with_lattice();
    for (out, threads) in [("a", ""), ("b", ""), ("one", "--threads 1"), ("two", "--threads 2")] {
        sandbox.succeeds(&format!("image lattice.npy --out {out} {TINY} {threads}"));
    }
    for file in ["model.safetensors", "latents.npz"] {
        let first = sandbox.bytes(&format!("a/{file}"));
        for other in ["b", "one", "two"] {
            assert!(first == sandbox.bytes(&format!("{other}/{file}")), "{other}/{file} differs");
        }
    }
    sandbox.succeeds(&format!("image lattice.npy --out c {}", TINY.replace("--seed 3", "--seed 4")));
    assert!(sandbox.bytes("a/model.safetensors") != sandbox.bytes("c/model.safetensors"));
}

#[test]
fn a_resumed_training_ends_like_one_without_interruption() {
    let sandbox = Sandbox::with_lattice();
    let with = |epochs: usize| TINY.replace("--epochs 2", &format!("--epochs {epochs}"));
    sandbox.succeeds(&format!("image lattice.npy --out whole {}", with(4)));
    sandbox.succeeds(&format!("image lattice.npy --out parts {}", with(2)));
    sandbox.succeeds(&format!("image lattice.npy --out parts {} --resume", with(4)));
    for file in ["model.safetensors", "latents.npz"] {
        assert!(sandbox.bytes(&format!("whole/{file}")) == sandbox.bytes(&format!("parts/{file}")), "{file}");
    }
    assert_eq!(sandbox.text("parts/history.csv").lines().count(), 5);

    let other = with(6).replace("--seed 3", "--seed 5");
    let says = ["training.safetensors", "the training that wrote it differs"];
    sandbox.fails(&format!("image lattice.npy --out parts {other} --resume"), &says);
    sandbox.fails(&format!("image lattice.npy --out new {TINY} --resume"), &["training.safetensors"]);
    assert!(sandbox.files("new").is_empty());
}

#[test]
fn what_somebody_else_wrote_is_kept() {
    let sandbox = Sandbox::with_lattice();
    std::fs::create_dir(sandbox.path("out")).unwrap();
    sandbox.write("out/notes.txt", "mine");
    sandbox.fails(&format!("image lattice.npy --out out {TINY}"), &["out is not empty", "--force"]);
    assert_eq!(sandbox.files("out"), ["notes.txt"]);
    sandbox.succeeds(&format!("image lattice.npy --out out {TINY} --force"));
    assert_eq!(sandbox.text("out/notes.txt"), "mine");
    assert!(sandbox.files("out").contains(&"model.safetensors".to_owned()));
}

#[test]
fn every_invariance_has_its_arrays() {
    let sandbox = Sandbox::with_lattice();
    let cases: [(&str, &[&str]); 4] = [
        ("none", &["centres", "content", "content_sd"]),
        ("rotation", &["centres", "content", "content_sd", "rotation", "rotation_sd"]),
        ("scale", &["centres", "content", "content_sd", "scale", "scale_sd"]),
        (
            "rotation,shift,scale",
            &[
                "centres",
                "content",
                "content_sd",
                "rotation",
                "rotation_sd",
                "scale",
                "scale_sd",
                "shift",
                "shift_sd",
            ],
        ),
    ];
    for (invariances, expected) in cases {
        sandbox.succeeds(&format!("image lattice.npy --out out --force {TINY} --invariances {invariances}"));
        let latents = sandbox.npz("out/latents.npz");
        assert_eq!(latents.keys().collect::<Vec<_>>(), expected, "{invariances}");
        for name in ["rotation", "rotation_sd", "scale", "scale_sd"] {
            let shape = latents.get(name).map(|values: &Values| (values.kind, values.shape.as_slice()));
            assert!(shape.is_none_or(|shape| shape == ("f32", &[36])), "{name} {shape:?}");
        }
    }
}

#[test]
fn the_shift_can_live_on_the_cell_of_the_lattice() {
    let sandbox = Sandbox::new();
    lattice([96, 96], 1).save_npy(sandbox.path("lattice.npy")).unwrap();
    let shifts = |cell: &str, says: &str| {
        let ended =
            sandbox.succeeds(&format!("image lattice.npy --out out --force {TINY} --unit-cell {cell}"));
        assert!(ended.stderr.contains(says), "{}", ended.stderr);
        assert!(ended.stdout.contains("lattice phase 1"), "{}", ended.stdout);
        assert!(sandbox.text("out/report.html").contains("unit cell of the shift"));
        let model = sandbox.succeeds("--json inspect out/model.safetensors").stdout;
        assert!(model.contains("\"shift_lattice\":[["), "{model}");
        sandbox.npz("out/latents.npz").remove("shift").unwrap().values
    };
    let given = shifts("10,0,0,9", "225 patches");
    assert!(given.chunks_exact(2).all(|at| at[0].abs() <= 5.0 && at[1].abs() <= 4.5));
    shifts("auto", "unit cell of the lattice: (");
    sandbox.succeeds("encode out/model.safetensors lattice.npy --stride 1 --out every.npz");
}

#[test]
fn patches_can_be_decoded_from_their_neighbours() {
    let sandbox = Sandbox::with_lattice();
    let lonely = format!("image lattice.npy --out out {TINY} --smooth 2 --content-from-neighbours");
    let says = ["patches have on average 0.0 neighbours within 2.00 pixels", "use more patches"];
    sandbox.fails(&lonely, &says);
    assert_eq!(sandbox.run("image lattice.npy --out out --content-from-neighbours").status, Some(2));
    let asked = format!(
        "image lattice.npy --out out --force {} --smooth 12",
        TINY.replace("--stride 6", "--random 60")
    );
    let content = |more: &str| {
        sandbox.succeeds(&format!("{asked}{more}"));
        sandbox.npz("out/latents.npz").remove("content").unwrap().values
    };
    let (own, shared) = (content(""), content(" --content-from-neighbours"));
    assert!(own != shared && own.len() == 120);
    // Without the penalty, unless it is asked for.
    assert!(shared == content(" --content-from-neighbours --smooth-weight 0"));
    assert!(shared != content(" --content-from-neighbours --smooth-weight 10"));
    content(" --content-from-neighbours");
    sandbox.fails(&format!("{asked} --resume"), &["the training that wrote it differs"]);
}

#[test]
fn likelihoods_scalings_and_layers_can_be_chosen() {
    let sandbox = Sandbox::with_lattice();
    for settings in [
        "--likelihood bernoulli",
        "--likelihood continuous-bernoulli --scaling percentile:1,99",
        "--likelihood gaussian --sigma 0.2 --scaling standard",
        "--flatten 6 --hidden 8 --warm-up 2",
        "--hidden 8,6,8 --beta 0.5 --latent 1",
        "--latent 0 --steps 1",
    ] {
        sandbox.succeeds(
            &format!("image lattice.npy --out out --force {TINY} {settings}")
                .replace(if settings.contains("--hidden") { "--hidden 8,8 " } else { "?" }, ""),
        );
        assert!(sandbox.json("out/metrics.json")["elbo"].is_f64(), "{settings}");
    }
}

#[test]
fn several_images_train_one_model() {
    let sandbox = Sandbox::with_lattice();
    crate::sandbox::lattice([30, 54], 2).save_npy(sandbox.path("wide.npy")).unwrap();
    sandbox.succeeds(&format!("image lattice.npy wide.npy --out out {TINY}"));
    // 6 × 6 patches of the first, 4 × 8 of the second.
    let image = &sandbox.npz("out/latents.npz")["image"];
    assert_eq!((image.kind, image.shape.as_slice()), ("u32", &[36 + 32][..]));
    assert_eq!(image.values.iter().sum::<f64>(), 32.0);
    assert!(
        sandbox.files("out").contains(&"maps/content-1-image-2.png".to_owned()),
        "{:?}",
        sandbox.files("out")
    );
}

#[test]
fn learnt_noise_and_counts_are_written_and_read_again() {
    let sandbox = Sandbox::with_lattice();
    let counts = ndarray::Array2::from_shape_fn((42, 42), |(r, c)| ((r * 7 + c * 5) % 4) as f32);
    adatom::patch::Image::from_array(counts).save_npy(sandbox.path("counts.npy")).unwrap();
    for (image, likelihood, scaling) in [
        ("lattice.npy", "gaussian-learned", "standard"),
        ("lattice.npy", "gaussian-per-pixel", "minmax"),
        ("counts.npy", "poisson", "none"),
    ] {
        let settings = format!("--likelihood {likelihood} --scaling {scaling} --force {TINY}");
        sandbox.succeeds(&format!("image {image} --out out {settings}"));
        let metrics = sandbox.json("out/metrics.json");
        assert_eq!(metrics["config"]["likelihood"], likelihood.replace('-', "_"));
        sandbox.succeeds(&format!("encode out/model.safetensors {image} --out again.npz --stride 6 --force"));
        let [first, again] = ["out/latents.npz", "again.npz"].map(|file| sandbox.npz(file));
        for (first, again) in first["content"].values.iter().zip(&again["content"].values) {
            assert!((first - again).abs() < 1e-4, "{likelihood}");
        }
    }
}
