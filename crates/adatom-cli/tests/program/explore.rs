//! `adatom image --explore`: settings side by side.

use crate::sandbox::Sandbox;

const BRIEF: &str = "--window 12 --stride 6 --hidden 16 --explore --explore-steps 6";

#[test]
fn settings_are_tried_and_shown_side_by_side() {
    let sandbox = Sandbox::with_lattice();
    let asked = "--explore-windows 10,12 --explore-latent 1,2 --explore-invariances shift,shift+rotation";
    let ended = sandbox.succeeds(&format!("image lattice.npy --out out {BRIEF} {asked}"));
    let line = "8 12 x 12 px, shift+rotation, 2 latents: ELBO -";
    assert!(ended.stdout.contains(line) && ended.stdout.contains("report: out"), "{}", ended.stdout);

    let table = sandbox.text("out/trials.csv");
    let mut rows = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = rows.next().unwrap();
    let column = |name: &str| header.iter().position(|found| *found == name).unwrap();
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows.len(), 8);
    // Ranks go from 1, and the better ELBO has the smaller one.
    let number = |row: &[&str], name: &str| row[column(name)].parse::<f64>().unwrap();
    for one in &rows {
        for other in &rows {
            if number(one, "elbo_per_pixel") > number(other, "elbo_per_pixel") {
                assert!(number(one, "elbo_rank") < number(other, "elbo_rank"));
            }
        }
    }
    let files = sandbox.files("out");
    for number in 1..=8 {
        assert!(files.contains(&format!("maps/trial-{number:02}.png")), "{files:?}");
    }
    let report = sandbox.text("out/report.html");
    let full = "adatom image lattice.npy --stride 6 --hidden 16 --window 12x12 --latent 2 \
                --invariances shift,rotation --seed 0 --out RESULTS";
    assert!(report.contains(full), "{report}");

    // The command of the report works as it is.
    sandbox.succeeds(&format!("{} --epochs 1", full.strip_prefix("adatom ").unwrap()));
}

#[test]
fn seeds_and_weights_of_smoothness_are_settings_too() {
    let sandbox = Sandbox::with_lattice();
    let asked = "--smooth 12 --explore-seeds 2 --explore-smooth-weight 0,5 --seed 4";
    let ended = sandbox.succeeds(&format!("--json image lattice.npy --out out {BRIEF} {asked}"));
    let trials: Vec<serde_json::Value> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found: Vec<_> = trials
        .iter()
        .map(|trial| (trial["smooth_weight"].as_f64().unwrap(), trial["seed"].as_u64().unwrap()))
        .collect();
    assert_eq!(found, [(0.0, 4), (0.0, 5), (5.0, 4), (5.0, 5)]);
    assert!(trials.iter().all(|trial| trial["elbo_per_pixel"].as_f64().unwrap() < 0.0));
}

#[test]
fn what_cannot_be_explored_is_refused_before_anything_is_trained() {
    let sandbox = Sandbox::with_lattice();
    let refused = |asked: &str, words: &str| {
        sandbox.fails(&format!("image lattice.npy --out out {BRIEF} {asked}"), &[words]);
        assert!(!sandbox.path("out/report.html").exists());
    };
    refused("--explore-windows 12,500", "500");
    refused("--explore-seeds 201", "201 trainings; expected no more than 200");
    refused(
        "--explore-latent 0 --explore-invariances none",
        "the number of content latents must be at least 1",
    );
    let misused = |arguments: &str, words: &str| {
        let ended = sandbox.run(arguments);
        assert!(ended.status == Some(2) && ended.stderr.contains(words), "{}", ended.stderr);
    };
    misused("image lattice.npy --out out --explore --explore-invariances shift+sheer", "shift+sheer");
    misused("image lattice.npy --out out --explore --resume", "--resume");
    misused("image lattice.npy --out out --explore-latent 1,2", "--explore");
}

#[test]
fn patches_lie_around_the_sites_of_the_lattice() {
    let sandbox = Sandbox::with_lattice();
    let few = "--window 12 --hidden 16 --epochs 1 --sites";
    sandbox.succeeds(&format!("image lattice.npy --out out {few}"));
    let centres = &sandbox.npz("out/latents.npz")["centres"];
    assert!(centres.shape[0] > 3, "{:?}", centres.shape);
    // Sites lie between pixels.
    assert!(centres.values.iter().any(|&at| (2.0 * at).fract() != 0.0));
    let ended = sandbox.run("image lattice.npy --out other --sites --stride 4");
    assert!(ended.status == Some(2) && ended.stderr.contains("--stride"), "{}", ended.stderr);
}
