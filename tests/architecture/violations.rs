//! Every rule fails on a project that violates it.

use super::*;

fn manifest(name: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\n{more}\n")
}

/// A small project that keeps every rule.
fn sound() -> Project {
    let root = "[workspace]\n[workspace.dependencies]\narguments = { package = \"clap\", version = \"4\" }\n";
    let lock = "[[package]]\nname = \"ndarray\"\nversion = \"0.17.2\"\n";
    let forbids = "#![forbid(unsafe_code)]\n";
    let vae = "[dependencies]\ncandle-core = \"0.11\"\nadatom-kernel.workspace = true";
    let program = "[dependencies]\narguments.workspace = true\nadatom.workspace = true";
    Project::default()
        .with("Cargo.toml", root)
        .with("Cargo.lock", lock)
        .with("crates/adatom-core/Cargo.toml", &manifest("adatom-core", "[dependencies]\nndarray = \"0.17\""))
        .with("crates/adatom-core/src/lib.rs", forbids)
        .with("crates/adatom-patch/Cargo.toml", &manifest("adatom-patch", "[dependencies.adatom-core]"))
        .with("crates/adatom-patch/src/lib.rs", forbids)
        .with("crates/adatom-kernel/Cargo.toml", &manifest("adatom-kernel", ""))
        .with("crates/adatom-kernel/src/lib.rs", "unsafe fn load() {}")
        .with("crates/adatom-vae/Cargo.toml", &manifest("adatom-vae", vae))
        .with("crates/adatom-vae/src/lib.rs", "#![forbid(unsafe_code)]\nmod model; mod spec;")
        .with("crates/adatom-vae/src/model.rs", "use crate::spec;")
        .with("crates/adatom-cli/Cargo.toml", &manifest("adatom-cli", program))
        .with("crates/adatom-cli/src/main.rs", forbids)
}

#[track_caller]
fn fails(rule: Rule, project: Project, violations: &[&str]) {
    assert_eq!(rule(&project), violations);
}

#[test]
fn a_sound_project_keeps_all() {
    for (name, rule) in RULES {
        assert!(rule(&sound()).is_empty(), "{name}: {:?}", rule(&sound()));
    }
}

#[test]
fn dependencies_upwards_and_sideways_are_found() {
    let rule = crates_depend_downwards;
    let core = manifest("adatom-core", "[target.'cfg(unix)'.dependencies]\nadatom-patch.workspace = true");
    let project = sound().with("crates/adatom-core/Cargo.toml", &core);
    fails(rule, project, &["adatom-core depends on adatom-patch"]);

    let vae = manifest("adatom-vae", "[dependencies]\npatches = { package = \"adatom-patch\", path = \"\" }");
    let project = sound().with("crates/adatom-vae/Cargo.toml", &vae);
    fails(rule, project, &["adatom-vae depends on adatom-patch"]);

    let facade = manifest("adatom-patch", "[build-dependencies]\nadatom = \"0.1\"");
    let project = sound().with("crates/adatom-patch/Cargo.toml", &facade);
    fails(rule, project, &["adatom-patch depends on adatom"]);

    let tests = manifest("adatom-patch", "[dev-dependencies]\nadatom-synthetic = { path = \"\" }");
    fails(rule, sound().with("crates/adatom-patch/Cargo.toml", &tests), &[]);

    let unknown = sound().with("crates/adatom-new/Cargo.toml", &manifest("adatom-new", ""));
    fails(rule, unknown, &["adatom-new has no layer"]);
}

#[test]
fn heavy_dependencies_are_found_under_any_name() {
    let patch = manifest("adatom-patch", "[dependencies]\narguments.workspace = true\ncandle-nn = \"0.11\"");
    let project = sound().with("crates/adatom-patch/Cargo.toml", &patch);
    let violations = [
        "crates/adatom-patch depends on clap, which only crates/adatom-cli may",
        "crates/adatom-patch depends on candle-nn, which only crates/adatom-vae may",
    ];
    fails(heavy_dependencies_stay_at_home, project, &violations);
}

#[test]
fn smartcore_without_a_feature_is_found() {
    let always = manifest("adatom-forest", "[dependencies]\nsmartcore.workspace = true");
    let project = sound().with("crates/adatom-forest/Cargo.toml", &always);
    fails(smartcore_is_optional, project, &["adatom-forest depends on smartcore without a feature"]);
    let requested =
        manifest("adatom-forest", "[dependencies]\nsmartcore = { workspace = true, optional = true }");
    fails(smartcore_is_optional, sound().with("crates/adatom-forest/Cargo.toml", &requested), &[]);
}

#[test]
fn a_crate_that_permits_unsafe_code_is_found() {
    let open = sound().with("crates/adatom-core/src/lib.rs", "//! A crate.");
    fails(unsafe_code_has_one_home, open, &["crates/adatom-core/src/lib.rs does not forbid unsafe code"]);
}

#[test]
fn two_versions_of_ndarray_are_found() {
    let lock = "[[package]]\nname = \"ndarray\"\nversion = \"0.17.2\"\n[[package]]\nname = \"ndarray\"\n\
                version = \"0.16.1\"\n";
    let violation = "Cargo.lock has the versions [\"0.17.2\", \"0.16.1\"] of ndarray";
    fails(there_is_one_ndarray, sound().with("Cargo.lock", lock), &[violation]);
}

#[test]
fn a_cycle_of_modules_is_found() {
    let project = sound().with("crates/adatom-vae/src/spec/kinds.rs", "use crate::model::X;");
    fails(modules_have_no_cycles, project, &["adatom-vae: model and spec"]);
}
