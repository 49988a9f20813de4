//! Every rule fails on a project that violates it.

use super::*;

fn manifest(name: &str, more: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion.workspace = true\nedition.workspace = true\n\
         rust-version.workspace = true\nlicense.workspace = true\n{more}\n[lints]\nworkspace = true\n"
    )
}

/// A small project that keeps every rule.
fn sound() -> Project {
    let root = "[workspace]\nresolver = \"3\"\nmembers = []\n[workspace.package]\n[workspace.dependencies]\n\
                arguments = { package = \"clap\", version = \"4\" }\n[workspace.lints]\n";
    let lock = "[[package]]\nname = \"ndarray\"\nversion = \"0.17.2\"\n";
    let forbids = "#![forbid(unsafe_code)]\n";
    Project::default()
        .with("Cargo.toml", root)
        .with("Cargo.lock", lock)
        .with("crates/adatom-core/Cargo.toml", &manifest("adatom-core", "[dependencies]\nndarray = \"0.17\""))
        .with("crates/adatom-core/src/lib.rs", forbids)
        .with("crates/adatom-patch/Cargo.toml", &manifest("adatom-patch", "[dependencies.adatom-core]"))
        .with("crates/adatom-patch/src/lib.rs", forbids)
        .with(
            "crates/adatom-vae/Cargo.toml",
            &manifest("adatom-vae", "[dependencies]\ncandle-core = \"0.11\""),
        )
        .with("crates/adatom-vae/src/lib.rs", forbids)
        .with("crates/adatom-kernel/Cargo.toml", &manifest("adatom-kernel", ""))
        .with("crates/adatom-kernel/src/lib.rs", "#![deny(unsafe_code)]")
        .with("crates/adatom-kernel/src/simd.rs", "#![allow(unsafe_code)]\nunsafe fn load() {}")
        .with(
            "crates/adatom-cli/Cargo.toml",
            &manifest("adatom-cli", "[dependencies]\narguments.workspace = true"),
        )
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
fn core_and_siblings_are_kept_apart() {
    let core =
        manifest("adatom-core", "[target.'cfg(unix)'.dev-dependencies]\nadatom-patch.workspace = true");
    let project = sound().with("crates/adatom-core/Cargo.toml", &core);
    fails(who_may_use_whom, project, &["adatom-core depends on adatom-patch"]);

    let vae = manifest("adatom-vae", "[dependencies]\npatches = { package = \"adatom-patch\", path = \"\" }");
    let project = sound().with("crates/adatom-vae/Cargo.toml", &vae);
    fails(who_may_use_whom, project, &["adatom-vae depends on adatom-patch"]);

    let kernel = "[dependencies]\nadatom-kernel.workspace = true";
    let project = sound().with("crates/adatom-vae/Cargo.toml", &manifest("adatom-vae", kernel));
    fails(who_may_use_whom, project.clone(), &[]);
    let core = manifest("adatom-kernel", "[dependencies]\nadatom-core.workspace = true");
    let project = project.with("crates/adatom-kernel/Cargo.toml", &core);
    fails(who_may_use_whom, project, &["adatom-kernel depends on adatom-core"]);

    let spectra = "[dependencies]\nadatom-spectra.workspace = true";
    let project = sound().with("crates/adatom-crystal/Cargo.toml", &manifest("adatom-crystal", spectra));
    fails(who_may_use_whom, project.clone(), &[]);
    let project = project.with("crates/adatom-forest/Cargo.toml", &manifest("adatom-forest", spectra));
    fails(who_may_use_whom, project, &["adatom-forest depends on adatom-spectra"]);

    let facade = manifest("adatom-patch", "[build-dependencies]\nadatom = \"0.1\"");
    let project = sound().with("crates/adatom-patch/Cargo.toml", &facade);
    fails(who_may_use_whom, project, &["adatom-patch depends on adatom"]);
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

    let smartcore = "[dependencies]\nsmartcore = \"=0.7.0\"";
    let project =
        sound().with("crates/adatom-interpret/Cargo.toml", &manifest("adatom-interpret", smartcore));
    fails(heavy_dependencies_stay_at_home, project.clone(), &[]);
    let project = project.with("crates/adatom-patch/Cargo.toml", &manifest("adatom-patch", smartcore));
    let violation = "crates/adatom-patch depends on smartcore, which only crates/adatom-forest and \
                     crates/adatom-interpret may";
    fails(heavy_dependencies_stay_at_home, project, &[violation]);
}

#[test]
fn unsafe_code_is_found_wherever_it_stands() {
    let rule = unsafe_code_has_one_home;
    let open = sound().with("crates/adatom-core/src/lib.rs", "// #![forbid(unsafe_code)]");
    fails(rule, open, &["crates/adatom-core/src/lib.rs does not forbid unsafe code"]);
    let test = sound().with("crates/adatom-patch/tests/a.rs", "fn f() { unsafe { g() } }");
    fails(rule, test, &["crates/adatom-patch/tests/a.rs says `unsafe`"]);
    let model = sound().with("crates/adatom-vae/src/model.rs", "unsafe impl Send for A {}");
    fails(rule, model, &["crates/adatom-vae/src/model.rs says `unsafe`"]);
    let test = sound().with("crates/adatom-kernel/tests/a.rs", "fn f() { unsafe { g() } }");
    fails(rule, test, &["crates/adatom-kernel/tests/a.rs says `unsafe`"]);
    let lint = sound().with("crates/adatom-vae/src/model.rs", "#[allow(dead_code, unsafe_code)]\nfn f() {}");
    fails(rule, lint, &["crates/adatom-vae/src/model.rs permits unsafe code"]);
    let words =
        sound().with("crates/adatom-vae/src/a.rs", "/// unsafe\nfn f() -> &'static str { \"unsafe\" }");
    fails(rule, words, &[]);
}

#[test]
fn a_folder_has_the_name_of_its_crate() {
    let project = sound()
        .with("crates/vae/Cargo.toml", &manifest("adatom-flow", ""))
        .with("benches/Cargo.toml", &manifest("adatom-benches", ""));
    let violations = ["benches holds the package adatom-benches", "crates/vae holds the package adatom-flow"];
    fails(folders_have_the_names_of_crates, project, &violations);
}

#[test]
fn a_crate_that_goes_its_own_way_is_found() {
    let own = manifest("adatom-core", "").replace("edition.workspace = true", "edition = \"2021\"");
    let project = sound().with("crates/adatom-core/Cargo.toml", &own);
    fails(crates_inherit_from_the_root, project, &["crates/adatom-core states its own edition"]);
    let lax = manifest("adatom-core", "").replace("[lints]\nworkspace = true", "");
    let project = sound().with("crates/adatom-core/Cargo.toml", &lax);
    fails(crates_inherit_from_the_root, project, &["crates/adatom-core does not inherit the lints"]);
}

#[test]
fn a_root_with_a_package_is_found() {
    let project = sound().with("Cargo.toml", "[package]\nname = \"adatom\"\n[workspace]\nmembers = []\n");
    let violations = [
        "the root manifest has [package]",
        "the root manifest has no resolver under [workspace]",
        "the root manifest has no package under [workspace]",
        "the root manifest has no dependencies under [workspace]",
        "the root manifest has no lints under [workspace]",
    ];
    fails(the_root_is_virtual, project, &violations);
}

#[test]
fn two_arrays_and_a_foreign_source_are_found() {
    let lock = "[[package]]\nname = \"ndarray\"\nversion = \"0.17.2\"\n[[package]]\nname = \"ndarray\"\n\
                version = \"0.16.1\"\nsource = \"registry+https://elsewhere/index\"\n";
    let violations = [
        "Cargo.lock has the versions [\"0.17.2\", \"0.16.1\"] of ndarray",
        "Cargo.lock takes ndarray from registry+https://elsewhere/index",
    ];
    fails(the_lock_file_is_sound, sound().with("Cargo.lock", lock), &violations);
}

#[test]
fn machines_are_found_and_relative_paths_are_not() {
    let rule = no_file_names_a_machine;
    for text in [" /N/a", "`/N`", "file:///N/a", "=/N/a", "\"/N\""] {
        let project = sound().with("docs/a.md", &text.replace('N', "tmp"));
        let violation = format!("docs/a.md names a folder under /{}", "tmp");
        fails(rule, project, &[&violation]);
    }
    for text in ["../N/a", "crates/N", "/Nlate", "$HERE/N/a", "https://a.org/N/"] {
        fails(rule, sound().with("docs/a.md", &text.replace('N', "tmp")), &[]);
    }
    let host = ["crates", "io"].join(".");
    let project = sound().with("README.md", &format!("see {host}"));
    fails(rule, project, &[&format!("README.md names {host}")]);
    let host = ["mirror", "example.org:8080"].join(".");
    let project = sound().with(".cargo/config.toml", &format!("index = \"sparse+https://{host}/x\""));
    fails(rule, project, &[&format!(".cargo/config.toml names {host}")]);
}
