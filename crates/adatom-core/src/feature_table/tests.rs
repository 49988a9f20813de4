use std::fs;
use std::io::Write;

use ndarray::array;
use proptest::prelude::*;

use super::*;

fn columns(headers: &[&str]) -> Vec<FeatureColumn> {
    headers.iter().map(|header| header.parse().unwrap()).collect()
}

fn small() -> FeatureTable {
    let features = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]];
    FeatureTable::new(["a", "b", "c"], columns(&["xanes@1", "pdf@1", "xanes@2"]), features)
        .unwrap()
        .with_group("formula", ["CuO", "Cu2O", "CuO"])
        .unwrap()
        .with_target("cn", TargetColumn::of_numbers([Some(4.0), None, Some(10.0)]))
        .unwrap()
        .with_target("site", TargetColumn::of_classes([None, Some("04"), Some("x")]))
        .unwrap()
}

#[test]
fn selecting_keeps_what_belongs_together() {
    let table = small();
    assert_eq!(table.modalities(), [Modality::Xanes, Modality::Pdf]);
    assert_eq!(table.columns_of(&Modality::Xanes), [0, 2]);
    let xanes = table.select_modalities(&[Modality::Xanes]).unwrap();
    assert_eq!(xanes.features(), array![[1.0, 3.0], [4.0, 6.0], [7.0, 9.0]]);
    assert_eq!(xanes.target("cn").unwrap(), table.target("cn").unwrap());

    let rows = table.select_rows(&[2, 0]).unwrap();
    assert_eq!((rows.ids(), rows.row_of("a")), (["c", "a"].map(String::from).as_slice(), Some(1)));
    assert_eq!(rows.features().row(0), array![7.0, 8.0, 9.0]);
    assert_eq!(rows.numbers("cn").unwrap(), array![10.0, 4.0]);
    // Numbers are ordered as numbers: 4 before 10.
    assert_eq!(rows.classes("cn").unwrap().names, ["4", "10"]);

    assert_eq!(table.drop_missing("cn").unwrap().ids(), ["a", "c"]);
    assert_eq!(
        table.numbers("cn").unwrap_err().to_string(),
        "target \"cn\" is missing (1 of the rows, the first is \"b\")"
    );
    assert_eq!(
        table.target("valence").unwrap_err().to_string(),
        "there is no target \"valence\"; known: cn, site"
    );
    assert_eq!(
        table.select_modalities(&[Modality::Latent]).unwrap_err().to_string(),
        "there is no modality \"latent\"; known: xanes, pdf"
    );
    assert_eq!(table.select_rows(&[3]).unwrap_err().to_string(), "there is no row \"3\"; known: 0 to 2");
    assert_eq!(table.select_rows(&[1, 1]).unwrap_err().to_string(), "duplicate id \"b\"");
    assert_eq!(table.select_rows(&[]).unwrap_err().to_string(), "expected at least 1 row, found 0");
}

#[test]
fn what_is_no_table_is_refused() {
    let make = |ids: &[&str], headers: &[&str], features| {
        FeatureTable::new(ids.to_vec(), columns(headers), features).unwrap_err().to_string()
    };
    assert_eq!(make(&[], &["pdf@1"], array![[1.0]]), "expected at least 1 row, found 0");
    assert_eq!(make(&["a", "b"], &["pdf@1"], array![[1.0]]), "expected 2 rows of features, found 1");
    assert_eq!(make(&["a"], &["pdf@1", "pdf@2"], array![[1.0]]), "expected 2 columns of features, found 1");
    assert_eq!(make(&[""], &["pdf@1"], array![[1.0]]), "an id must be not empty, found \"\"");
    assert_eq!(make(&["a"], &["pdf@1", "pdf@1.0"], array![[1.0, 2.0]]), "duplicate column \"pdf@1.000\"");
    let nan = array![[1.0], [f64::NAN]];
    assert_eq!(make(&["a", "b"], &["pdf@1"], nan), "pdf@1.000 of \"b\" must be a finite number, found NaN");
    let error = small().with_target("cn", Target::numbers([1.0, 2.0, 3.0])).unwrap_err();
    assert_eq!(error.to_string(), "duplicate target \"cn\"");
    let error = small().with_target("u", Target::numbers([1.0, 2.0, f64::INFINITY])).unwrap_err();
    assert_eq!(error.to_string(), "target \"u\" of \"c\" must be a finite number, found inf");
    assert!(small().with_group("u", ["a", "b"]).is_err());
    assert!(small().with_group("u", ["a", "", "b"]).is_err());
}

#[test]
fn joined_rows_belong_to_one_sample() {
    let xanes = small().select_modalities(&[Modality::Xanes]).unwrap();
    let pdf = small().select_modalities(&[Modality::Pdf]).unwrap().select_rows(&[2, 0, 1]).unwrap();
    let joined = FeatureTable::join([xanes.clone(), pdf.clone()]).unwrap();
    assert_eq!(joined.ids(), ["a", "b", "c"]);
    assert_eq!(joined.features(), array![[1.0, 3.0, 2.0], [4.0, 6.0, 5.0], [7.0, 9.0, 8.0]]);
    assert_eq!(joined.group("formula").unwrap(), ["CuO", "Cu2O", "CuO"]);

    let JoinedTable { table: common, report } =
        FeatureTable::join_common([xanes, pdf.select_rows(&[0]).unwrap()]).unwrap();
    assert_eq!(common.ids(), ["c"]);
    assert_eq!((report.samples, report.unmatched.len()), (3, 2));
    assert_eq!(report.to_string(), "2 of 3 samples are not in all tables: \"a\" lacks pdf, \"b\" lacks pdf");
    assert_eq!(
        FeatureTable::join([small(), small()]).unwrap_err().to_string(),
        "duplicate column \"xanes@1.000\""
    );
    assert_eq!(FeatureTable::join([]).unwrap_err().to_string(), "expected at least 1 table to join, found 0");
}

#[test]
fn labels_are_united_unless_they_differ() {
    let labels = |target: TargetColumn| {
        FeatureTable::new(["c", "b", "a"], vec![], Array2::zeros((3, 0)))
            .unwrap()
            .with_target("cn", target)
            .unwrap()
    };
    let joined =
        FeatureTable::join([small(), labels(TargetColumn::of_numbers([None, Some(6.0), Some(4.0)]))])
            .unwrap();
    assert_eq!(joined.numbers("cn").unwrap(), array![4.0, 6.0, 10.0]);
    let error = FeatureTable::join([small(), labels(Target::numbers([10.0, 6.0, 5.0]).into())]).unwrap_err();
    let message = "target \"cn\" of \"a\" is the number 4 in one table and the number 5 in another";
    assert_eq!(error.to_string(), message);
    let error = FeatureTable::join([small(), labels(Target::classes(["10", "6", "4"]).into())]).unwrap_err();
    let message = "target \"cn\" of \"a\" is the number 4 in one table and the class \"4\" in another";
    assert_eq!(error.to_string(), message);
    let other = labels(Target::numbers([10.0, 6.0, 4.0]).into())
        .with_group("formula", ["CuO", "CuO", "CuO"])
        .unwrap();
    let error = FeatureTable::join([small(), other]).unwrap_err();
    let message = "group \"formula\" of \"b\" is \"Cu2O\" in one table and \"CuO\" in another";
    assert_eq!(error.to_string(), message);
}

/// The table in a file, or the end of the message behind the file's name.
fn load(content: &[u8]) -> Result<FeatureTable, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    fs::write(&path, content).unwrap();
    FeatureTable::load(&path).map_err(|error| {
        assert!(matches!(error, TableError::Malformed { .. }), "{error:?}");
        error.to_string().split_once("table.csv").unwrap().1.trim_start_matches([',', ':', ' ']).to_owned()
    })
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_fault_of_a_file_is_named_with_its_place() {
    let headers = "`id`, `group:NAME`, `target:NAME`, `class:NAME` or a feature such as `xanes@8987.500`";
    for (content, message) in [
        ("", "expected a header with a column `id`, found an empty file".to_owned()),
        ("\n\n", "expected a header with a column `id`, found an empty file".to_owned()),
        ("id,pdf@1\n", "line 2: expected a row of values, found the end of the file".to_owned()),
        ("pdf@1\n2\n", "line 1: expected a column `id`, found none".to_owned()),
        ("id,bond\na,2\n", format!("line 1, column 2: expected {headers}, found \"bond\"")),
        ("id,group:\na,2\n", format!("line 1, column 2: expected {headers}, found \"group:\"")),
        ("id;pdf@1\na;2\n", format!("line 1, column 1: expected {headers}, found \"id;pdf@1\"")),
        (
            "id,id\na,b\n",
            "line 1, column 2: expected a column that is not a duplicate, found \"id\"".to_owned(),
        ),
        (
            "id,pdf@1,pdf@1.0\na,2,3\n",
            "line 1, column 3: expected a column that is not a duplicate, found \"pdf@1.0\"".to_owned(),
        ),
        (
            "id,target:a,class:a\na,2,3\n",
            "line 1, column 3: expected a column that is not a duplicate, found \"class:a\"".to_owned(),
        ),
        ("id,pdf@1\na,2\nb\n", "line 3: expected 2 cells as in the header, found 1".to_owned()),
        ("id,pdf@1\r\na,2,3\r\n", "line 2: expected 2 cells as in the header, found 3".to_owned()),
        ("id,pdf@1\na,\n", "line 2, column 2 (pdf@1): expected a finite number, found \"\"".to_owned()),
        ("id,pdf@1\na,NaN\n", "line 2, column 2 (pdf@1): expected a finite number, found \"NaN\"".to_owned()),
        (
            "id,pdf@1\na,1e999\n",
            "line 2, column 2 (pdf@1): expected a finite number, found \"1e999\"".to_owned(),
        ),
        (
            "id,pdf@1\ra,1\rb,x\r",
            "line 3, column 2 (pdf@1): expected a finite number, found \"x\"".to_owned(),
        ),
        (
            "id,pdf@1\n\"a\nb\",1\nc,x\n",
            "line 4, column 2 (pdf@1): expected a finite number, found \"x\"".to_owned(),
        ),
        (
            "id,target:cn\na,four\n",
            "line 2, column 2 (target:cn): expected a finite number or nothing \
             (text belongs into a column `class:NAME`), found \"four\""
                .to_owned(),
        ),
        (
            "id,group:f\na,\n",
            "line 2, column 2 (group:f): expected a text that is not empty, found \"\"".to_owned(),
        ),
        (
            "id\na\nb\na\n",
            "line 4, column id: expected a unique id, found \"a\", which is also in line 2".to_owned(),
        ),
    ] {
        assert_eq!(load(content.as_bytes()).unwrap_err(), message, "{content:?}");
    }
    let message = load(b"id,pdf@1\n\xff,1\n").unwrap_err();
    assert_eq!(message, "line 2, column 1 (id): expected text in UTF-8, found \"\u{fffd}\"");
    assert!(
        load(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
            .unwrap_err()
            .starts_with("line 1, column 1: expected a header")
    );
    assert!(load(b"i\0d\0,\0\n\0").unwrap_err().starts_with("line 1, column 1: expected `id`"));
    let long = format!("id,pdf@1\na,{}\n", "7".repeat(1000));
    assert_eq!(
        load(long.as_bytes()).unwrap_err(),
        format!("line 2, column 2 (pdf@1): expected a finite number, found \"{}\"...", "7".repeat(40))
    );
}

#[test]
fn files_of_spreadsheets_are_read() {
    let table =
        load(b"\xef\xbb\xbfid,class:site,target:cn,pdf@1\r\n\"a, b\",,, 2.5\r\n\r\nc,\"x\"\"y\",4,-1E-3\r\n");
    let table = table.unwrap();
    assert_eq!(table.ids(), ["a, b", "c"]);
    assert_eq!(table.target("site").unwrap(), &TargetColumn::of_classes([None, Some("x\"y")]));
    assert_eq!(table.target("cn").unwrap(), &TargetColumn::of_numbers([None, Some(4.0)]));
    assert_eq!(table.features(), array![[2.5], [-0.001]]);
}

#[test]
fn broken_and_malicious_gzip_is_refused() {
    let whole = gzip(b"id,pdf@1\na,2\n");
    assert_eq!(load(&whole).unwrap().ids(), ["a"]);
    assert!(load(&whole[..whole.len() - 3]).unwrap_err().contains("expected a whole gzip file"));
    assert!(load(&[0x1f, 0x8b, 7, 7]).unwrap_err().contains("expected a whole gzip file"));
    // One row of 80 MiB, in 0.4 MB of gzip.
    let row = gzip(&[b"id,pdf@1\na,".as_slice(), &vec![b'0'; 80 << 20]].concat());
    assert_eq!(load(&row).unwrap_err(), "line 2: expected a row of text, found more than 64 MiB");
    // Short rows of 300 MiB.
    let rows = gzip(&[b"id,pdf@1\n".as_slice(), &b"\n".repeat(300 << 20)].concat());
    assert_eq!(load(&rows).unwrap_err(), "line 2: expected a row of text, found more than 64 MiB");
}

#[test]
fn a_folder_and_an_absent_file_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = FeatureTable::load(folder.path()).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot read {}", folder.path().display()));
    let error = small().save(folder.path().join("none").join("table.csv")).unwrap_err();
    assert!(matches!(error, TableError::Io { doing: "write", .. }), "{error}");
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9 .,:@\"'\n\r;µ-]{1,8}", "\\PC{1,6}"]
}

fn any_number() -> impl Strategy<Value = f64> {
    prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO
}

prop_compose! {
    fn any_table()(rows in 1usize..6, width in 0usize..5)(
        ids in prop::collection::hash_set(any_text(), rows),
        labels in prop::collection::vec(any_text(), rows),
        numbers in prop::collection::vec(prop::option::of(any_number()), rows),
        classes in prop::collection::vec(prop::option::of(any_text()), rows),
        names in [any_text(), any_text(), any_text()],
        axes in prop::collection::hash_set(-1_000_000i32..1_000_000, width),
        values in prop::collection::vec(any_number(), rows * width),
    ) -> FeatureTable {
        let columns: Vec<_> = axes
            .iter()
            .map(|&axis| FeatureColumn::new(Modality::Xanes, f64::from(axis) / 7.0).unwrap())
            .collect();
        let features = Array2::from_shape_vec((ids.len(), columns.len()), values).unwrap();
        let [group, number, class] = names;
        FeatureTable::new(ids, columns, features).unwrap()
            .with_group(&group, labels).unwrap()
            .with_target(&number, TargetColumn::of_numbers(numbers)).unwrap()
            .with_target(&format!("{class}{number}."), TargetColumn::of_classes(classes)).unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_saved_table_is_loaded_unchanged(table in any_table()) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["table.csv", "table.csv.gz"] {
            let path = folder.path().join(name);
            table.save(&path).unwrap();
            prop_assert_eq!(&FeatureTable::load(&path).unwrap(), &table);
        }
        let plain = fs::read(folder.path().join("table.csv")).unwrap();
        prop_assert_eq!(plain.starts_with(&[0x1f, 0x8b]), false);
        let packed = fs::read(folder.path().join("table.csv.gz")).unwrap();
        prop_assert!(packed.starts_with(&[0x1f, 0x8b]));
    }

    #[test]
    fn a_spoilt_file_is_a_table_or_an_error(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..6),
        packed: bool,
    ) {
        let content = b"id,group:f,target:cn,class:s,xanes@8987.500,pdf@0.101\n\
            a,CuO,4,x,0.25,1\n\"b\",Cu2O,,,-1e-5,2\n";
        let mut bytes = if packed { gzip(content) } else { content.to_vec() };
        for (place, byte, kind) in edits {
            match kind {
                _ if bytes.is_empty() => {}
                0 => { let at = place.index(bytes.len()); bytes[at] = byte; }
                1 => { bytes.remove(place.index(bytes.len())); }
                _ => bytes.insert(place.index(bytes.len()), byte),
            }
        }
        let _ = load(&bytes);
    }
}
