//! `adatom fit` and `adatom predict` on tables.

use std::fmt::Write;

use serde_json::Value;

use crate::sandbox::Sandbox;

/// 60 rows of 20 formulas: `xanes@2` tells the valence, `pdf@1` the bond length; the rest is noise.
fn table() -> String {
    let mut text = String::from(
        "id,group:formula,target:valence,target:length,class:site,xanes@1,xanes@2,xanes@3,pdf@1,pdf@2\n",
    );
    let mut state = 7u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1u64 << 31) as f64
    };
    for row in 0..60 {
        let (valence, length) = (1 + row % 2, 1.9 + 0.2 * random());
        let site = if row % 3 == 0 { "plane" } else { "chain" };
        let features = [random(), f64::from(valence) + 0.3 * random(), random(), 10.0 * length, random()]
            .map(|x| format!("{x:.6}"));
        writeln!(text, "r{row},F{},{valence},{length:.6},{site},{}", row / 3, features.join(",")).unwrap();
    }
    text
}

pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", table());
    sandbox
}

pub(crate) fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split(',').collect()).collect()
}

#[test]
fn a_classifier_is_fitted_tested_saved_and_asked() {
    let sandbox = sandbox();
    let ended = sandbox.succeeds("fit t.csv --target valence --out m --trees 30 --repeats 3 --split group");
    assert!(ended.stderr.contains("classes of valence: 1 (30), 2 (30)"), "{}", ended.stderr);
    assert!(ended.stdout.contains("(whole groups of formula)"), "{}", ended.stdout);
    let metrics = sandbox.json("m/metrics.json");
    assert_eq!((&metrics["task"], &metrics["split"]), (&"classify".into(), &"group:formula".into()));
    // The formulas have three rows each, of which a quarter is held out as whole groups.
    assert_eq!(metrics["n_test"], 15);
    assert_eq!(metrics["scores"]["weighted_f1"]["mean"], 1.0);
    assert_eq!(metrics["scores"]["weighted_f1"]["std"], 0.0);
    assert!(metrics["baseline"]["accuracy"].as_f64().unwrap() < 0.6);
    let share = metrics["importance_by_modality"]["xanes"]["impurity"].as_f64().unwrap();
    assert!(share > 0.8, "{share}");

    let predictions = sandbox.text("m/predictions.csv");
    let predictions = rows(&predictions);
    assert_eq!(predictions[0], ["id", "set", "truth", "prediction", "probability:1", "probability:2"]);
    assert_eq!(predictions.iter().filter(|row| row[1] == "test").count(), 15);
    assert!(predictions.iter().filter(|row| row[1] == "out-of-bag").count() > 40);
    let importance = sandbox.text("m/importance.csv");
    let importance = rows(&importance);
    assert_eq!((importance.len(), importance[0][0], importance[2][0]), (6, "column", "xanes@2.000"));
    let sum: f64 = importance[1..].iter().map(|row| row[3].parse::<f64>().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-9);

    // The model answers for the table it was fitted on, by names of columns.
    let ended = sandbox.succeeds("predict m/model.safetensors t.csv --out p.csv --json");
    let line: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&line["rows"], &line["target"]), (&60.into(), &"valence".into()));
    assert!(line["scores"]["accuracy"].as_f64().unwrap() > 0.95);
    let answered = sandbox.text("p.csv");
    let answered = rows(&answered);
    assert_eq!(answered[0], ["id", "prediction", "probability:1", "probability:2"]);
    let of = |id: &str| answered.iter().find(|row| row[0] == id).unwrap();
    for row in predictions.iter().filter(|row| row[1] == "test") {
        assert_eq!(of(row[0])[1..], row[3..], "{row:?}");
    }
}

#[test]
fn a_regressor_of_one_modality_gives_intervals() {
    let sandbox = sandbox();
    let ended = sandbox.succeeds(
        "fit t.csv --target length --out m --trees 50 --repeats 2 --modalities pdf --max-features all --json",
    );
    let line: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(line["scores"]["r2"]["mean"].as_f64().unwrap() > 0.9, "{line}");
    assert_eq!(sandbox.json("m/metrics.json")["task"], "regress");
    // Columns of a modality that the model does not look at are no matter; those it looks at are.
    sandbox.succeeds("predict m/model.safetensors t.csv --out p.csv");
    let answered = sandbox.text("p.csv");
    for row in &rows(&answered)[1..] {
        let numbers: Vec<f64> = row[1..].iter().map(|number| number.parse().unwrap()).collect();
        // The mean may lie outside of a narrow interval, which is of quantiles.
        assert!(numbers[1] <= numbers[2], "{row:?}");
    }
    sandbox.write("other.csv", table().replace("pdf@1", "pdf@7"));
    let says = "it lacks pdf@1.000; the model does not know pdf@7.000";
    sandbox.fails("predict m/model.safetensors other.csv --out q.csv", &[says]);
}

#[test]
fn tuning_chooses_among_lists_and_says_what_it_tried() {
    let sandbox = sandbox();
    sandbox.succeeds(
        "fit t.csv --target site --out m --tune --trees 10,20 --max-features 1,all --repeats 1 --calibrate \
         sigmoid",
    );
    let metrics = sandbox.json("m/metrics.json");
    assert_eq!(metrics["tuning"].as_array().unwrap().len(), 4);
    assert_eq!(metrics["classes"]["chain"], 40);
    assert_eq!(metrics["scores"]["accuracy"]["std"], Value::Null);
    sandbox.fails(
        "fit t.csv --target site --out n --trees 10,20",
        &["lists of hyperparameters need tuning", "--tune"],
    );
}

#[test]
fn the_same_seed_gives_the_same_files_for_any_number_of_threads() {
    let sandbox = sandbox();
    for threads in ["1", "2", "3"] {
        let arguments =
            format!("--threads {threads} fit t.csv --target length --out m{threads} --trees 9 --repeats 1");
        sandbox.succeeds(&arguments);
    }
    for name in ["model.safetensors", "predictions.csv", "importance.csv", "metrics.json"] {
        let one = sandbox.bytes(&format!("m1/{name}"));
        assert!(
            one == sandbox.bytes(&format!("m2/{name}")) && one == sandbox.bytes(&format!("m3/{name}")),
            "{name}"
        );
    }
}

/// Rare classes, and classes in one group, do not stop a fit; nor does a standard error that nobody reads.
#[test]
fn rare_classes_are_split_as_it_happens() {
    let sandbox = sandbox();
    let rare = table().replacen(",plane,", ",apical,", 3);
    sandbox.write("rare.csv", rare);
    let ended = sandbox.succeeds("fit rare.csv --target site --out m --trees 10 --repeats 1");
    assert!(ended.stderr.contains("note: ") && ended.stderr.contains("--min-class"), "{}", ended.stderr);
    assert_eq!(sandbox.json("m/metrics.json")["classes"]["apical"], 3);
    let ended = sandbox.succeeds("inspect m/model.safetensors --json");
    let line: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&line["format"], &line["trees"]), (&"adatom forest (safetensors)".into(), &10.into()));
    assert_eq!((&line["target"], &line["columns"]["xanes"]), (&"site".into(), &3.into()));
    #[cfg(target_os = "linux")]
    {
        let mut command = sandbox.command("fit t.csv --target site --out n --trees 5 --repeats 1");
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        assert_eq!(command.stderr(full).output().unwrap().status.code(), Some(0));
    }
}

#[test]
fn what_cannot_be_fitted_is_refused_with_the_reason() {
    let sandbox = sandbox();
    sandbox.write("nan.csv", table().replacen(",0.", ",nan0.", 1));
    sandbox.write("one.csv", "id,target:y,xanes@1\na,1,0.1\nb,1,0.2\nc,1,0.3\nd,1,0.4\n");
    sandbox.write("constant.csv", "id,target:y,xanes@1\na,0.5,0.1\nb,0.5,0.2\nc,0.5,0.3\nd,0.5,0.4\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", sandbox.path("link")).unwrap();
    sandbox.write("alone.csv", "id,group:f,class:y,xanes@1\na,F,p,0.1\nb,F,q,0.2\nc,F,p,0.3\nd,F,q,0.4\n");
    sandbox.write("unknown.csv", "id,target:y,xanes@1\na,,0.1\nb,,0.2\n");
    for (arguments, reason) in [
        ("fit none.csv --target valence --out m", "cannot read none.csv"),
        ("fit t.csv --target color --out m", "there is no target \"color\"; known: valence, length, site"),
        ("fit t.csv --target site --task regress --out m", "is text, not numbers"),
        ("fit t.csv --target valence --modalities dpdf --out m", "there is no modality \"dpdf\""),
        ("fit t.csv --target valence --split group --group point --out m", "there is no group \"point\""),
        ("fit t.csv --target valence --test 1.5 --out m", "--test: must be greater than 0 and less than 1"),
        ("fit t.csv --target valence --folds 60 --out m", "folds"),
        ("fit constant.csv --target y --out m", "y is 0.5 for all 4 rows: there is no variation to predict"),
        ("predict t.csv t.csv --out /dev/full --force", "not a regular file"),
        ("predict t.csv t.csv --out link --force", "a symbolic link; expected the path of a file"),
        ("fit t.csv --target valence --classes 3 --out m", "unknown class 3; the classes are 1, 2"),
        ("fit t.csv --target length --range 5,6 --out m", "no row is left"),
        ("fit nan.csv --target valence --out m", "nan.csv, line 2"),
        (
            "fit one.csv --target y --out m",
            "all 4 rows are of the class 1 of y: there is nothing to distinguish",
        ),
        ("fit alone.csv --target y --split group --out m", "all belong to the group \"F\""),
        ("fit unknown.csv --target y --out m", "has no known value"),
        ("predict t.csv t.csv --out p.csv", "expected safetensors"),
        ("predict none t.csv --out p.csv", "cannot read none"),
    ] {
        sandbox.fails(arguments, &[reason]);
    }
    assert!(!sandbox.path("m/model.safetensors").exists());
}

#[test]
fn combinations_of_modalities_are_compared() {
    let sandbox = sandbox();
    let ended = sandbox.succeeds("fit t.csv --target valence --out m --trees 20 --repeats 2 --compare");
    let metrics = sandbox.json("m/metrics.json");
    let compared = metrics["comparison"].as_array().unwrap();
    let names: Vec<String> =
        compared.iter().map(|entry| format!("{} {}", entry["split"], entry["modalities"])).collect();
    assert_eq!(names.len(), 6, "{names:?}");
    assert_eq!(compared[5]["modalities"], "xanes+pdf");
    assert_eq!(compared[3]["split"], "by formula");
    let f1 = |index: usize| compared[index]["scores"]["weighted_f1"]["mean"].as_f64().unwrap();
    // The valence stands in the XANES alone.
    assert!(f1(0) > 0.95 && f1(1) < 0.8, "{} {}", f1(0), f1(1));
    assert!(ended.stdout.contains("xanes+pdf"));
    let report = sandbox.text("m/report.html");
    for heading in [
        "Combinations of modalities",
        "Importance along the axes",
        "Importance of regions",
        "Largest errors",
        "Reproduction",
    ] {
        assert!(report.contains(heading), "{heading}");
    }
    let importance = sandbox.text("m/importance.csv");
    let header = "column,modality,axis,impurity,permutation,shap,impurity_std,permutation_std,shap_std";
    assert_eq!(rows(&importance)[0].join(","), header);
    let spread: Vec<f64> = rows(&importance)[1..].iter().map(|row| row[8].parse().unwrap()).collect();
    assert!(spread.iter().all(|&spread| spread > 0.0), "two forests differ: {spread:?}");
    // The XANES alone adds what all add. Where nothing is known of it, fifteen rows are guessed, and many may
    // be right.
    let together = &metrics["modalities_together"];
    let number = |value: &Value| value.as_f64().unwrap();
    let gained = number(&together["all"]) - number(&together["none"]);
    let xanes = &together["modalities"]["xanes"];
    assert!(number(&xanes["alone"]) > 0.9 * gained, "{together}");
    let pdf = &together["modalities"]["pdf"];
    assert!(number(&pdf["only"]).abs() < 0.1 && number(&xanes["only"]) > 0.2, "{together}");
    let shares = number(&xanes["share"]) + number(&pdf["share"]);
    assert!((shares - gained).abs() < 1e-9, "{together}");
    let twice = number(&xanes["alone"]) + number(&pdf["alone"]) - gained;
    assert!((number(&together["shared"]["xanes+pdf"]) - twice).abs() < 1e-9, "{together}");
}

#[test]
fn figures_are_files_and_what_else_lies_beside_them_stays() {
    let sandbox = sandbox();
    sandbox.succeeds("fit t.csv --target valence --out m --trees 10 --repeats 2");
    for name in ["calibration", "confusion", "importance", "learning-curve", "modalities", "shap-summary-1"] {
        assert!(sandbox.text(&format!("m/figures/{name}.svg")).starts_with("<svg"), "{name}");
        let png = std::fs::read(sandbox.path(&format!("m/figures/{name}.png"))).unwrap();
        assert_eq!(png[..4], *b"\x89PNG", "{name}");
    }
    // A fit of numbers has no confusion matrix: that of the fit before would be taken for its own.
    sandbox.write("m/figures/mine.svg", "<svg/>");
    sandbox.succeeds("fit t.csv --target length --out m --trees 10 --repeats 2 --force");
    assert!(!sandbox.path("m/figures/confusion.svg").exists());
    assert!(sandbox.path("m/figures/parity.svg").exists() && sandbox.path("m/figures/mine.svg").exists());
    let metrics = sandbox.json("m/metrics.json");
    let cover = metrics["interval_cover"].as_f64().unwrap();
    assert!((0.5..=1.0).contains(&cover), "{cover}");
    // Of 45 training rows a tenth and a fifth would be fewer than 20.
    let rows: Vec<_> =
        metrics["learning_curve"].as_array().unwrap().iter().map(|point| &point["rows"]).collect();
    assert_eq!(rows, [31, 45]);
}

#[test]
fn rows_held_out_can_be_listed() {
    let sandbox = sandbox();
    sandbox.write("held_out.txt", "r3\nr10\n\n r41 \n");
    let ended = sandbox
        .succeeds("fit t.csv --target valence --out m --trees 10 --repeats 1 --test-rows held_out.txt");
    assert!(ended.stdout.contains("57 training rows, 3 test rows (as listed)"), "{}", ended.stdout);
    let predictions = sandbox.text("m/predictions.csv");
    let tested: Vec<&str> =
        rows(&predictions).iter().filter(|row| row[1] == "test").map(|row| row[0]).collect();
    assert_eq!(tested, ["r3", "r10", "r41"]);
    assert_eq!(sandbox.json("m/metrics.json")["split"], "listed");
    let fit = "fit t.csv --target valence --out n --trees 10 --test-rows";
    sandbox.write("unknown.txt", "r3\nr99\n");
    sandbox.fails(&format!("{fit} unknown.txt"), &["unknown.txt: line 2: the table has no row r99"]);
    sandbox.write("twice.txt", "r3\nr3\n");
    sandbox.fails(&format!("{fit} twice.txt"), &["1 rows are listed more than once"]);
    sandbox.write("none.txt", "\n");
    sandbox.fails(&format!("{fit} none.txt"), &["0 of the 60 rows are listed: no row is left for the test"]);
    let all: String = (0..60).map(|row| format!("r{row}\n")).collect();
    sandbox.write("all.txt", all);
    sandbox.fails(&format!("{fit} all.txt"), &["no row is left for the training"]);
    sandbox.fails(&format!("{fit} missing.txt"), &["missing.txt"]);
}

#[test]
fn regions_shadows_and_forests_without_a_modality_find_what_was_planted() {
    let sandbox = sandbox();
    let ended = sandbox.succeeds(
        "fit t.csv --target valence --out m --trees 30 --repeats 2 --split group --compare --shadows 7 \
         --max-features all --region telling=xanes:1.5,2.5 --region rest=xanes:2.5,3",
    );
    let regions = sandbox.text("m/regions.csv");
    let regions = rows(&regions);
    assert_eq!(regions[1][..4], ["telling", "xanes", "1.5", "2.5"]);
    let impurity = |row: usize| regions[row][4].parse::<f64>().unwrap();
    assert!(impurity(1) > 0.8 && impurity(2) < 0.2, "{regions:?}");
    let metrics = sandbox.json("m/metrics.json");
    // 5 columns need log2(5 / 0.05) = 6.6 rounds.
    assert!(!ended.stderr.contains("needs at least"), "{}", ended.stderr);
    assert_eq!(metrics["beat_chance"], serde_json::json!(["xanes@2.000"]));
    let without = &metrics["without_modality"]["modalities"];
    assert!(without["xanes"]["difference"].as_f64().unwrap() > 0.2, "{without}");
    assert!(without["xanes"]["p_value"].as_f64().unwrap() < 0.05, "{without}");
    assert!(without["pdf"]["difference"].as_f64().unwrap() < 0.1, "{without}");
    let fit = "fit t.csv --target valence --out n --region";
    sandbox.fails(&format!("{fit} a=xanes:7,9"), &["lies outside the axis of xanes, 1 to 3"]);
    sandbox.fails(&format!("{fit} a=dpdf:1,2"), &["dpdf has no column"]);
    let ended = sandbox.run(&format!("{fit} a:1,2"));
    assert!(ended.stderr.contains("does not have the form `edge=xanes:8988,8996`"), "{}", ended.stderr);
}

#[test]
fn of_several_kinds_of_groups_the_coarsest_is_kept_together() {
    let sandbox = Sandbox::new();
    // Each material, of three rows, has one formula; a batch has rows of several formulas.
    let with_groups = |name: &str, group: fn(usize) -> usize| {
        let mut lines = table().lines().map(str::to_owned).collect::<Vec<_>>();
        lines[0] = lines[0].replacen("id,", &format!("id,group:{name},"), 1);
        for (row, line) in lines.iter_mut().skip(1).enumerate() {
            *line = line.replacen(',', &format!(",{name}{},", group(row)), 1);
        }
        lines.join("\n")
    };
    sandbox.write("material.csv", with_groups("material", |row| row));
    let ended =
        sandbox.succeeds("fit material.csv --target valence --out m --trees 5 --repeats 1 --split group");
    assert!(ended.stdout.contains("(whole groups of formula)"), "{}", ended.stdout);
    sandbox.write("batch.csv", with_groups("batch", |row| row % 7));
    sandbox.fails(
        "fit batch.csv --target valence --out n --trees 5 --split group",
        &["no groups of batch, formula contain those of all others; --group"],
    );
}

#[test]
fn settings_that_mean_nothing_are_refused() {
    let sandbox = sandbox();
    let numbers = "fit t.csv --target length --trees 5 --repeats 1 --out n";
    sandbox.fails(
        &format!("{numbers} --calibrate isotonic"),
        &["--calibrate: probabilities exist for classes only"],
    );
    sandbox.fails(
        &format!("{numbers} --region a=pdf:1,2 --region a=xanes:1,2"),
        &["--region: a is given more than once"],
    );
    for wrong in ["--region =pdf:1,2", "--trees 99999999999", "--trees 0"] {
        assert_eq!(sandbox.run(&format!("{numbers} {wrong}")).status, Some(2), "{wrong}");
    }
    sandbox.write("taken", "");
    let taken = "fit t.csv --target length --trees 5 --repeats 1 --out taken";
    sandbox.fails(taken, &["taken: a file; expected a folder"]);
}
