//! `adatom demo`: what is known of the generated lattice is found again.

use crate::sandbox::Sandbox;

/// Pearson's correlation of recovered with true values.
const SHIFT_R: f64 = 0.9;
const DISPLACEMENT_R: f64 = 0.8;

#[test]
fn the_truth_of_the_generated_lattice_is_found() {
    let sandbox = Sandbox::new();
    let ended = sandbox.succeeds("demo --quick --out demo");
    let metrics = sandbox.json("demo/metrics.json");
    for (name, least) in [
        ("shift along rows", SHIFT_R),
        ("shift along columns", SHIFT_R),
        ("displacement along rows", DISPLACEMENT_R),
        ("displacement along columns", DISPLACEMENT_R),
    ] {
        let r = metrics["truth"][name]["r"].as_f64().unwrap();
        assert!(r > least, "{name}: r = {r}");
        let line = ended.stdout.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line.contains(&format!("{r:.4}")), "{line}");
    }
    let files = sandbox.files("demo");
    for file in
        ["report.html", "image.npy", "model.safetensors", "latents.npz", "history.csv", "manifold.png"]
    {
        assert!(files.contains(&file.to_owned()), "{file} is missing among {files:?}");
    }
    assert!(sandbox.text("demo/report.html").contains("displacement along rows"));
    sandbox.fails("demo --quick --out demo", &["demo is not empty"]);
}
