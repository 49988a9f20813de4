//! `adatom inspect`: what a file is.

use adatom::patch::Scaling;
use serde_json::{Value, json};

use crate::sandbox::{Sandbox, TINY, lattice, lattice_with};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn images_models_and_nonsense_are_told_apart() {
    let sandbox = Sandbox::with_lattice();
    sandbox.succeeds(&format!("image lattice.npy --out out {TINY}"));
    lattice([10, 20], 2).save_png16(sandbox.path("grey.png"), &Scaling::identity()).unwrap();
    lattice_with(f32::NAN, 7).save_npy(sandbox.path("holes.npy")).unwrap();
    sandbox.write("notes.txt", "meeting at ten\n");
    let files = "grey.png holes.npy out/model.safetensors out/training.safetensors notes.txt none.npy";
    let ended = sandbox.run(&format!("inspect --json {files}"));
    assert_eq!(ended.status, Some(1), "{}", ended.stderr);
    let found = lines(&ended.stdout);
    assert_eq!(found.len(), 6);

    let image = &found[0];
    assert_eq!((&image["kind"], &image["format"]), (&json!("image"), &json!("PNG")));
    assert_eq!((&image["shape"], &image["channels"]), (&json!([10, 20]), &json!(1)));
    assert_eq!(image["pixel_size"], Value::Null);
    let (min, mean, max) = (image["min"].as_f64(), image["mean"].as_f64(), image["max"].as_f64());
    assert!(min < mean && mean < max, "{image}");

    assert_eq!(found[1]["not_finite"], json!(7));
    assert!(found[1]["mean"].is_f64());

    for model in &found[2..4] {
        assert_eq!((&model["kind"], &model["shape"]), (&json!("model"), &json!([12, 12])));
        assert_eq!(model["invariances"].as_array().unwrap().len(), 1, "{model}");
    }
    for (index, path, says) in [(4, "notes.txt", "unrecognised file format"), (5, "none.npy", "No such file")]
    {
        assert_eq!(found[index]["path"], json!(path));
        let error = found[index]["error"].as_str().unwrap();
        assert!(error.contains(path) && error.contains(says), "{error}");
        assert_eq!(found[index].as_object().unwrap().len(), 2);
    }
}

#[test]
fn a_table_is_for_people() {
    let sandbox = Sandbox::with_lattice();
    sandbox.write("notes.txt", "meeting at ten\n");
    let ended = sandbox.succeeds("inspect lattice.npy");
    assert!(ended.stdout.starts_with("lattice.npy\n") && ended.stdout.contains("42, 42"), "{}", ended.stdout);
    let ended = sandbox.run("inspect notes.txt lattice.npy");
    assert_eq!(ended.status, Some(1));
    assert!(ended.stderr.starts_with("error: notes.txt: unrecognised file format"), "{}", ended.stderr);
    assert!(ended.stdout.starts_with("lattice.npy\n"), "the other file is still looked at");
}

#[test]
fn noise_and_lattice_of_an_image_are_listed() {
    let sandbox = Sandbox::with_lattice();
    lattice([128, 128], 3).save_npy(sandbox.path("large.npy")).unwrap();
    let ended = sandbox.succeeds("inspect large.npy --json");
    let found = &lines(&ended.stdout)[0];
    let grains = found["grains"].as_array().unwrap();
    assert_eq!(grains.len(), 1, "{found}");
    let length = |vector: usize| {
        let [down, across] = [0, 1].map(|axis| grains[0]["vectors"][vector][axis].as_f64().unwrap());
        down.hypot(across)
    };
    assert!((length(0) - 12.0).abs() < 0.1 && (length(1) - 12.0).abs() < 0.1, "{found}");
    assert!(found["noise"].is_f64() && found["noise_kind"].is_string());
    let text = sandbox.succeeds("inspect large.npy").stdout;
    assert!(text.contains("grain 1: 100 % of the image, lattice vectors ("), "{text}");
}
