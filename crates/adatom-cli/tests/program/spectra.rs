//! `adatom normalize`, `pdf`, `table` and `inspect` on spectra and structures.

use std::fmt::Write;

use adatom::core::{FeatureTable, Modality};
use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// An edge at 8980 eV of height 0.8 on a falling line, as two columns.
fn edge(height: f64) -> String {
    let mut text = String::from("# energy mu\n");
    for point in 0..300 {
        let energy = 8880.0 + f64::from(point);
        let mu = 3.0 - 1e-4 * energy + height / (1.0 + (8980.0 - energy).exp());
        writeln!(text, "{energy} {mu}").unwrap();
    }
    text
}

/// Rock salt CuO: copper has six neighbours at half the edge of the cube.
fn rock_salt(edge: f64) -> String {
    let half = edge / 2.0;
    format!(
        "Cu1 O1\n1.0\n0 {half} {half}\n{half} 0 {half}\n{half} {half} 0\nCu O\n1 1\ndirect\n0 0 0 Cu\n0.5 \
         0.5 0.5 O\n"
    )
}

/// FEFF's columns around the copper edge.
fn xmu(step: f64) -> String {
    let mut text = String::from("# Cu K edge\n#  omega    e    k    mu    mu0     chi     @#\n");
    for point in 0..60 {
        let energy = 8970.0 + f64::from(point);
        let mu = step / (1.0 + (8985.0 - energy).exp());
        writeln!(text, "{energy:.3} {:.3} 0.5 {mu:.6} {mu:.6} 0.0", energy - 8985.0).unwrap();
    }
    text
}

/// Two materials that can be used.
fn data_set() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, length) in [("mp-1", 4.2), ("mp-2", 4.24)] {
        std::fs::create_dir_all(sandbox.path(&format!("set/{name}/0_Cu"))).unwrap();
        sandbox.write(&format!("set/{name}/POSCAR"), rock_salt(length));
        sandbox.write(&format!("set/{name}/0_Cu/xmu.dat"), xmu(length));
    }
    sandbox
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn normalized_spectra_are_a_table_with_their_fits() {
    let sandbox = Sandbox::new();
    sandbox.write("a.dat", edge(0.8));
    sandbox.write("b.dat", edge(1.6));
    let ended = sandbox.succeeds("normalize a.dat b.dat --out out.csv --plot out.svg --json");
    let found = lines(&ended.stdout);
    assert_eq!((&found[0]["e0"], found.len()), (&json!(8980.0), 2));
    let ratio = found[1]["edge_step"].as_f64().unwrap() / found[0]["edge_step"].as_f64().unwrap();
    assert!((ratio - 2.0).abs() < 1e-6, "{ratio}");
    let text = sandbox.text("out.csv");
    assert!(text.starts_with("spectrum,energy,mu,pre_edge,post_edge,norm,flat\na.dat,8880,"), "{text}");
    assert_eq!(text.lines().count(), 1 + 2 * 300);
    assert!(sandbox.text("out.svg").contains("<svg"));
    sandbox.fails("normalize a.dat --out out.csv", &["out.csv already exists", "--force"]);
    sandbox.fails("normalize a.dat --out a.dat --force", &["a.dat: an input or another output"]);
    sandbox.fails("normalize a.dat --out both.csv --plot ./both.csv", &["an input or another output"]);
    sandbox.succeeds("normalize a.dat --out out.csv --force --method area");
}

#[test]
fn one_bad_spectrum_does_not_hold_up_the_others() {
    let sandbox = Sandbox::new();
    sandbox.write("good.dat", edge(0.8));
    sandbox.write("bad.dat", "# energy mu\n8970 0.1\n8971 nan\n");
    let ended = sandbox.run("normalize good.dat bad.dat --out out.csv");
    assert_eq!(ended.status, Some(1));
    assert!(ended.stderr.contains("error: bad.dat"), "{}", ended.stderr);
    assert_eq!(sandbox.text("out.csv").lines().count(), 301);
    sandbox.succeeds("normalize good.dat bad.dat --out out.csv --force --skip-bad");
    sandbox.fails("normalize bad.dat --out none.csv", &["no spectrum could be normalised"]);
    assert!(!sandbox.path("none.csv").exists());
}

#[test]
fn raw_counts_need_a_word_of_their_meaning() {
    let sandbox = Sandbox::new();
    let mut text = String::new();
    for line in edge(0.8).lines().skip(1) {
        let (energy, mu) = line.split_once(' ').unwrap();
        let mu: f64 = mu.parse().unwrap();
        writeln!(text, "{energy} {} {}", 1000.0, 1000.0 * (-mu).exp()).unwrap();
    }
    sandbox.write("raw.dat", text);
    sandbox.fails("normalize raw.dat --out out.csv", &["no spectrum could be normalised"]);
    let ended = sandbox.succeeds("normalize raw.dat --out out.csv --energy 1 --mu ln(c2/c3) --json");
    assert!((lines(&ended.stdout)[0]["edge_step"].as_f64().unwrap() - 0.8).abs() < 1e-3, "{}", ended.stdout);
    let found = lines(&sandbox.succeeds("inspect --json raw.dat").stdout);
    assert_eq!((&found[0]["kind"], &found[0]["rows"]), (&json!("columns"), &json!(300)));
}

#[test]
fn a_structure_becomes_a_pdf() {
    let sandbox = Sandbox::new();
    sandbox.write("POSCAR", rock_salt(4.2));
    let ended = sandbox
        .succeeds("pdf POSCAR --out total.gr --rmax 3.5 --qmax 30 --uiso 0.007 --plot total.png --json");
    let found = &lines(&ended.stdout)[0];
    assert_eq!((&found["formula"], &found["n"]), (&json!("CuO"), &json!(350)));
    // Copper and oxygen are 2.1 Å apart, copper and copper √2 times as much, which scatters more.
    let highest = found["highest"]["r"].as_f64().unwrap();
    assert!((highest - 2.1 * 2f64.sqrt()).abs() < 0.03, "{highest}");
    sandbox.succeeds("pdf POSCAR --out cu.gr --element Cu --qmax 30");
    let kinds = lines(&sandbox.succeeds("inspect --json POSCAR total.gr cu.gr").stdout);
    assert_eq!((&kinds[0]["kind"], &kinds[0]["atoms"]), (&json!("structure"), &json!(2)));
    assert_eq!((&kinds[1]["kind"], &kinds[1]["qmax"]), (&json!("pdf"), &json!(30.0)));
    assert_eq!((&kinds[2]["kind"], &kinds[2]["element"]), (&json!("pdf"), &json!("Cu")));
    sandbox.fails("pdf POSCAR --out fe.gr --element Fe", &["Fe"]);
    sandbox.fails("pdf POSCAR --out fe.gr --rstep 0", &["POSCAR: rstep", "found 0"]);
    sandbox.fails("pdf POSCAR --out fe.gr --qmin 400", &["qmin must be below", "found 400"]);
    assert_eq!(sandbox.run("pdf POSCAR --out fe.gr --element Xx").status, Some(2));
}

#[test]
fn one_of_several_crystals_is_chosen() {
    let sandbox = Sandbox::new();
    let block = |name: &str, length: f64| {
        format!(
            "data_{name}\n_cell_length_a {length}\n_cell_length_b {length}\n_cell_length_c \
             {length}\n_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma \
             90\nloop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\nloop_\n_atom_site_label\n_atom_site_fract_x\n\
             _atom_site_fract_y\n_atom_site_fract_z\nPo1 0 0 0\n"
        )
    };
    sandbox.write("two.cif", block("a", 3.0) + &block("b", 4.0));
    sandbox.fails("pdf two.cif --out po.gr", &["two.cif: 2 crystals", "--block", "a, b"]);
    sandbox.fails("pdf two.cif --out po.gr --block 3", &["two.cif", "no crystal \"3\""]);
    for which in ["b", "2"] {
        let ended = sandbox
            .succeeds(&format!("pdf two.cif --out po.gr --block {which} --rmax 5 --qmax 30 --force --json"));
        let r = lines(&ended.stdout)[0]["highest"]["r"].as_f64().unwrap();
        assert!((r - 4.0).abs() < 0.03, "{r}");
    }
}

#[test]
fn a_folder_becomes_a_table() {
    let sandbox = data_set();
    let ended = sandbox.succeeds("table set --element Cu --out table.csv.gz --plot table.svg --json");
    assert_eq!(lines(&ended.stdout)[0]["rows"], json!(2));
    let table = FeatureTable::load(sandbox.path("table.csv.gz")).unwrap();
    assert_eq!(table.ids(), ["mp-1", "mp-2"]);
    assert_eq!(table.modalities(), [Modality::Xanes, Modality::Pdf, Modality::DifferentialPdf]);
    assert_eq!(table.columns().len(), 300);
    assert_eq!(table.columns()[0].axis(), 8970.0);
    assert_eq!(table.group("formula").unwrap(), ["CuO", "CuO"]);
    assert_eq!(table.numbers("coordination_number").unwrap().to_vec(), [6.0, 6.0]);
    let lengths = table.numbers("mean_bond_length").unwrap();
    assert!((lengths[0] - 2.1).abs() < 1e-9 && (lengths[1] - 2.12).abs() < 1e-9, "{lengths}");
    assert_eq!(table.numbers("oxidation_state").unwrap().to_vec(), [2.0, 2.0]);
    let found = &lines(&sandbox.succeeds("inspect --json table.csv.gz").stdout)[0];
    assert_eq!((&found["kind"], &found["columns"]["dpdf"]), (&json!("table"), &json!(100)));
}

#[test]
fn unknown_oxidation_states_are_noted_with_their_reason() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("set/copper")).unwrap();
    let metal = "Cu\n1.0\n0 1.8 1.8\n1.8 0 1.8\n1.8 1.8 0\nCu\n1\ndirect\n0 0 0\n";
    sandbox.write("set/copper/POSCAR", metal);
    let ended = sandbox.succeeds("table set --element Cu --modalities pdf --out table.csv");
    let note = "oxidation state unknown for 1 site: no probable charges make the cell neutral (1)";
    assert!(ended.stderr.contains(note), "{}", ended.stderr);
    let table = FeatureTable::load(sandbox.path("table.csv")).unwrap();
    assert_eq!(table.numbers("coordination_number").unwrap().to_vec(), [12.0]);
    assert!(table.numbers("oxidation_state").is_err());
}

#[test]
fn labels_of_a_file_replace_those_of_the_structures() {
    let sandbox = data_set();
    sandbox.write("labels.csv", "material,site,formula,colour,length\nmp-1,0,CuO,red,1.25\nmp-2,0,CuO,,\n");
    let command =
        "table set --element Cu --modalities xanes --labels labels.csv --level site --out table.csv";
    sandbox.succeeds(&format!("{command} --energies 8975,9020 --points 10"));
    let table = FeatureTable::load(sandbox.path("table.csv")).unwrap();
    assert_eq!(table.ids(), ["mp-1/0_Cu", "mp-2/0_Cu"]);
    assert_eq!(table.columns().len(), 10);
    assert_eq!(table.targets().map(|(name, _)| name).collect::<Vec<_>>(), ["colour", "length"]);
    assert_eq!(table.target("colour").unwrap().text(0).as_deref(), Some("red"));
    assert_eq!(table.target("length").unwrap().missing(), 1);
    sandbox.write("labels.csv", "material,site,colour\nmp-1,x,red\n");
    sandbox.fails(&format!("{command} --force"), &["labels.csv: line 2", "the index of a site"]);
}

#[test]
fn a_spectrum_that_begins_late_keeps_its_first_value_if_asked_to() {
    let sandbox = data_set();
    // The spectra cover 8970 to 9029 eV.
    let command = "table set --element Cu --modalities xanes --points 3 --out table.csv --energies";
    let refused = |arguments: &str| {
        let ended = sandbox.run(&format!("{command} {arguments}"));
        assert_eq!(ended.status, Some(1), "{}", ended.stderr);
        assert!(ended.stderr.contains("covers 8970 to 9029"), "{}", ended.stderr);
    };
    refused("8966,9029");
    sandbox.succeeds(&format!("{command} 8966,9029 --hold-ends"));
    let table = FeatureTable::load(sandbox.path("table.csv")).unwrap();
    let first = 4.2 / (1.0 + 15f64.exp());
    assert!((table.features()[[0, 0]] - first).abs() < 1e-6, "{}", table.features());
    // Less than nine tenths of the range are covered.
    refused("8960,9029 --hold-ends --force");
}

#[test]
fn a_broken_file_of_a_folder_is_named_and_the_rest_is_done() {
    let sandbox = data_set();
    for broken in ["mp-3", "mp-4"] {
        std::fs::create_dir_all(sandbox.path(&format!("set/{broken}/0_Cu"))).unwrap();
        sandbox.write(&format!("set/{broken}/POSCAR"), rock_salt(4.0));
    }
    sandbox.write("set/mp-3/0_Cu/xmu.dat", "# omega e k mu mu0 chi\n1 2 3\n");
    sandbox.write("set/mp-4/0_Cu/xmu.dat", xmu(1.0));
    sandbox.write("set/mp-4/POSCAR", "Cu1\n1.0\n0 0 0\n0 0 0\n");
    let ended = sandbox.run("table set --element Cu --out table.csv");
    assert_eq!(ended.status, Some(1), "{}", ended.stderr);
    for name in ["set/mp-3/0_Cu/xmu.dat", "set/mp-4/POSCAR"] {
        assert!(ended.stderr.contains(&format!("error: {name}")), "{}", ended.stderr);
    }
    assert_eq!(FeatureTable::load(sandbox.path("table.csv")).unwrap().len(), 2);
    sandbox.succeeds("table set --element Cu --out table.csv --force --skip-bad");
    sandbox.fails("table set --element Fe --out fe.csv --skip-bad", &["Fe"]);
    sandbox.fails("table . --element Cu --out . --force", &["not a regular file"]);
    let inside = "table set --element Cu --out set/mp-1/POSCAR --force --skip-bad";
    sandbox.fails(inside, &["inside the folder of a material"]);
    let nickel = xmu(1.0).replace("# Cu K edge", "# Abs   Z=28 Rmt= 1.106 Rnm= 1.323 K  shell");
    sandbox.write("set/mp-1/0_Cu/xmu.dat", nickel);
    let ended = sandbox.run("table set --element Cu --out ni.csv");
    assert!(ended.stderr.contains("spectrum of Ni, expected Cu"), "{}", ended.stderr);
}

#[test]
fn features_other_than_values_are_columns_of_their_modality() {
    let sandbox = data_set();
    let command = "table set --element Cu --modalities xanes,dpdf --out table.csv --force";
    sandbox.succeeds(&format!(
        "{command} --features xanes:slope,xanes:curvature,xanes:cumulative,xanes:polynomials,dpdf:shells \
         --shells 1.5,2.5,4"
    ));
    let table = FeatureTable::load(sandbox.path("table.csv")).unwrap();
    assert_eq!(table.modalities(), [Modality::Xanes, Modality::DifferentialPdf]);
    // 100 points three times and 4 (4 + 5 + 10 + 20) coefficients; two numbers at 51 distances.
    assert_eq!(table.columns_of(&Modality::Xanes).len(), 456);
    assert_eq!(table.columns_of(&Modality::DifferentialPdf).len(), 102);
    let value = |header: &str| {
        let at = table.columns().iter().position(|column| column.to_string() == header);
        table.features()[[0, at.unwrap_or_else(|| panic!("no column {header}"))]]
    };
    // Six O at 2.1 Å, twelve Cu at 2.97 Å, which scatter 29 : 8 as strongly, and whose pairs count once and
    // not twice.
    assert!((value("dpdf:mean-distance@2.500") - 2.1).abs() < 0.02);
    assert!((value("dpdf:neighbours@2.500") - 1.0).abs() < 1e-9);
    assert!((value("dpdf:neighbours@3.300") - (1.0 + 12.0 * 29.0 / (2.0 * 6.0 * 8.0))).abs() < 0.15);
    sandbox.succeeds(&format!("{command} --features dpdf:shells,values --points 10"));
    let table = FeatureTable::load(sandbox.path("table.csv")).unwrap();
    assert_eq!(table.columns().len(), 10 + 10 + 102);
    sandbox.fails(
        &format!("{command} --features dpdf:shells"),
        &["--features: no feature of the modality xanes"],
    );
    let two = sandbox.run(&format!("{command} --features values,dpdf:shells --shells 1.5,2.2"));
    assert_eq!(two.status, Some(2));
    assert!(two.stderr.contains("expected three numbers EMPTY,FIRST,LAST"), "{}", two.stderr);
    sandbox.fails(
        &format!("{command} --features values,dpdf:shells --shells 1.5,2.2,10"),
        &["the largest distance must be between 1.5 and 10 Å"],
    );
    sandbox.fails(
        &format!("{command} --features values,dpdf:shells --shells 1.5,1,4"),
        &["--shells: the end of"],
    );
    assert_eq!(sandbox.run(&format!("{command} --features xanes:shells")).status, Some(2));
}

#[test]
fn the_only_site_has_the_differential_pdf_of_its_material() {
    let sandbox = data_set();
    let command = "table set --element Cu --modalities dpdf --level site";
    sandbox.succeeds(&format!("{command} --out material.csv"));
    sandbox.succeeds(&format!("{command} --dpdf-of site --out site.csv"));
    let [material, site] =
        ["material.csv", "site.csv"].map(|name| FeatureTable::load(sandbox.path(name)).unwrap());
    assert_eq!(material.ids(), site.ids());
    let apart =
        (&material.features() - &site.features()).iter().fold(0.0, |most: f64, error| most.max(error.abs()));
    assert!(apart < 1e-9, "{apart}");
}

#[test]
fn materials_are_chosen_by_lists() {
    let sandbox = data_set();
    std::fs::create_dir_all(sandbox.path("set/mp-5/0_Cu")).unwrap();
    sandbox.write("set/mp-5/POSCAR", rock_salt(4.2).replace('O', "N"));
    sandbox.write("set/mp-5/0_Cu/xmu.dat", xmu(1.0));
    sandbox.write("held.txt", "mp-1\n\n");
    let command = "table set --element Cu --modalities xanes --out table.csv --force";
    sandbox.succeeds(&format!("{command} --materials held.txt"));
    assert_eq!(FeatureTable::load(sandbox.path("table.csv")).unwrap().ids(), ["mp-1"]);
    // mp-2 has the formula of mp-1.
    let ended = sandbox.succeeds(&format!("{command} --exclude-formulas-of held.txt --json"));
    assert_eq!(lines(&ended.stdout)[0]["same_formula"], json!(1));
    assert_eq!(FeatureTable::load(sandbox.path("table.csv")).unwrap().ids(), ["mp-5"]);
    sandbox.write("wrong.txt", "mp-1\nmp-9\n");
    sandbox.fails(&format!("{command} --materials wrong.txt"), &["wrong.txt: line 2", "\"mp-9\""]);
    sandbox.write("empty.txt", "\n");
    sandbox.fails(
        &format!("{command} --exclude-formulas-of empty.txt"),
        &["empty.txt: expected names of materials"],
    );
    sandbox
        .fails("table set --element Cu --out held.txt --materials held.txt --force", &["held.txt: an input"]);
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_shown_as_far_as_it_is() {
    use std::os::unix::ffi::OsStringExt;
    let sandbox = Sandbox::new();
    let name = std::ffi::OsString::from_vec(b"odd\xff.gr".to_vec());
    std::fs::write(sandbox.path("").join(&name), "0 0\n0.01 -0.1\n0.02 -0.2\n").unwrap();
    let output = sandbox.command("inspect --json").arg(&name).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(lines(&String::from_utf8(output.stdout).unwrap())[0]["kind"], json!("pdf"));
}
