//! One file for a model: safetensors with the trees and, as the metadata entry `adatom`, a JSON description.
//!
//! | tensor | shape, type | is |
//! |---|---|---|
//! | `nodes` | trees, u32 | nodes of each tree; trees follow each other, depth first, left before right |
//! | `feature`, `right` | nodes, u32 | column compared, right child (at a leaf the node itself) |
//! | `threshold`, `cover`, `impurity` | nodes, f64 | rows whose value is at most the threshold go left |
//! | `value` | nodes × outputs, f64 | probabilities or properties |
//! | `samples`, `sample_counts` | u32 | training rows leaf by leaf, and how many each node holds |
//! | `training_values`, `training_weights` | n × properties, n; f64 | for quantiles |

use std::collections::HashMap;
use std::io::{Read, Write};
use std::path::Path;

use adatom_core::{FeatureColumn, write_whole};
use ndarray::Array2;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};

use crate::engine::Bag;
use crate::forest::Origin;
use crate::rows::MOST;
use crate::tree::{LeafSamples, Parts};
use crate::{Calibration, Classifier, Error, Forest, Model, Regressor, Result, Tree};

/// Name of the metadata entry, kind of the model and newest version.
const ENTRY: &str = "adatom";
const KIND: &str = "adatom-forest";
const VERSION: u64 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    kind: String,
    version: u64,
    features: usize,
    outputs: usize,
    classes: Option<Vec<String>>,
    target: Option<String>,
    columns: Option<Vec<FeatureColumn>>,
    origin: Option<Origin>,
    calibration: Option<Calibration>,
}

impl Model {
    /// Writes the model into one safetensors file, first under a temporary name in the same folder.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    ///
    /// ```
    /// use adatom_forest::ndarray::array;
    /// use adatom_forest::{Model, RandomForest};
    /// let features = array![[0.0], [1.0], [2.0], [3.0]];
    /// let model = RandomForest::params()
    ///     .trees(9)
    ///     .fit_regressor(features.view(), array![0.0, 1.0, 2.0, 3.0].view())?;
    /// let model = Model::from(model);
    /// let path = std::env::temp_dir().join(format!("adatom-forest-{}.safetensors", std::process::id()));
    /// model.save(&path)?;
    /// assert_eq!(Model::load(&path)?, model);
    /// std::fs::remove_file(&path)?;
    ///
    /// let error = Model::load(&path).unwrap_err();
    /// assert!(error.to_string().starts_with("cannot read "));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        match self {
            Self::Classifier(model) => model.save(path),
            Self::Regressor(model) => model.save(path),
        }
    }

    /// Reads a model that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Malformed`] with the fault: truncated, another kind of file, a newer
    /// version, arrays that are missing, of another length, not finite, or not those of trees.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = read(path)?;
        let reading = Reading { path };
        let file = SafeTensors::deserialize(&bytes).map_err(|error| reading.wrong("safetensors", error))?;
        let (_, metadata) =
            SafeTensors::read_metadata(&bytes).map_err(|error| reading.wrong("safetensors", error))?;
        let entry = metadata.metadata().as_ref().and_then(|entries| entries.get(ENTRY));
        let entry = entry.ok_or_else(|| reading.wrong("a model of adatom", "none"))?;
        let value: serde_json::Value =
            serde_json::from_str(entry).map_err(|error| reading.wrong("a JSON description", error))?;
        // Kind and version first: a newer description may have another form.
        if value["kind"] != KIND {
            return Err(reading.wrong(&format!("a model of kind \"{KIND}\""), &value["kind"]));
        }
        match value["version"].as_u64() {
            Some(version) if version <= VERSION => {}
            _ => return Err(reading.wrong(&format!("at most version {VERSION}"), &value["version"])),
        }
        let header: Header = serde_json::from_value(value)
            .map_err(|error| reading.wrong("a description of a forest", error))?;
        reading.model(&file, header)
    }
}

impl Classifier {
    /// Writes the classifier into one safetensors file; see [`Model::save`].
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        Contents { forest: &self.forest, classifier: Some(self), regressor: None }.save(path.as_ref())
    }

    /// Reads a classifier that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// As [`Model::load`]; [`Error::Malformed`] when the file holds a regressor.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        match Model::load(&path)? {
            Model::Classifier(model) => Ok(model),
            Model::Regressor(_) => Err(Reading { path: path.as_ref() }.wrong("a classifier", "a regressor")),
        }
    }
}

impl Regressor {
    /// Writes the regressor into one safetensors file; see [`Model::save`].
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        Contents { forest: &self.forest, classifier: None, regressor: Some(self) }.save(path.as_ref())
    }

    /// Reads a regressor that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// As [`Model::load`]; [`Error::Malformed`] when the file holds a classifier.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        match Model::load(&path)? {
            Model::Regressor(model) => Ok(model),
            Model::Classifier(_) => Err(Reading { path: path.as_ref() }.wrong("a regressor", "a classifier")),
        }
    }
}

/// The content of a file.
struct Contents<'a> {
    forest: &'a Forest,
    classifier: Option<&'a Classifier>,
    regressor: Option<&'a Regressor>,
}

impl Contents<'_> {
    fn save(&self, path: &Path) -> Result<()> {
        let io = |source| Error::Io { path: path.to_owned(), doing: "write", source };
        let bytes = self.to_bytes().map_err(io)?;
        write_whole(path, |to| to.write_all(&bytes)).map_err(io)
    }

    fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let forest = self.forest;
        let header = Header {
            kind: KIND.into(),
            version: VERSION,
            features: forest.features,
            outputs: forest.outputs,
            classes: self.classifier.map(|model| model.classes.clone()),
            target: forest.target.clone(),
            columns: forest.columns.clone(),
            origin: forest.origin.clone(),
            calibration: self.classifier.and_then(|model| model.calibration.clone()),
        };
        let mut arrays = Arrays::default();
        arrays.whole("nodes", forest.trees.iter().map(|tree| tree.cover.len() as u32));
        let parts: Vec<Parts> = forest.trees.iter().map(Tree::parts).collect();
        arrays.whole("feature", parts.iter().flat_map(|part| part.feature.iter().copied()));
        arrays.whole("right", parts.iter().flat_map(|part| part.right.iter().copied()));
        arrays.real("threshold", parts.iter().flat_map(|part| part.threshold.iter().copied()));
        arrays.real("cover", forest.trees.iter().flat_map(|tree| tree.cover.iter().copied()));
        arrays.real("impurity", forest.trees.iter().flat_map(|tree| tree.impurity.iter().copied()));
        arrays.real("value", forest.trees.iter().flat_map(|tree| tree.value.iter().copied()));
        if let Some(model) = self.regressor
            && model.has_samples()
        {
            let samples = || forest.trees.iter().map(|tree| &tree.samples);
            arrays.whole("samples", samples().flat_map(|samples| samples.rows.iter().copied()));
            arrays.whole(
                "sample_counts",
                samples().flat_map(|samples| samples.begins.windows(2).map(|w| w[1] - w[0])),
            );
            arrays.real("training_values", model.values.iter().copied());
            if let Some(weights) = &model.weights {
                arrays.real("training_weights", weights.iter().copied());
            }
        }
        let metadata = HashMap::from([(ENTRY.to_owned(), serde_json::to_string(&header)?)]);
        let views = arrays.0.iter().map(|(name, dtype, bytes)| {
            let width = if *dtype == Dtype::F64 { 8 } else { 4 };
            let view = TensorView::new(*dtype, vec![bytes.len() / width], bytes);
            (*name, view.expect("the bytes of all elements"))
        });
        safetensors::serialize(views, Some(metadata)).map_err(std::io::Error::other)
    }
}

/// The bytes of a file in the safetensors format, which starts with a length of 8 bytes and JSON. Others are
/// not read.
fn read(path: &Path) -> Result<Vec<u8>> {
    let io = |source| Error::Io { path: path.to_owned(), doing: "read", source };
    if !std::fs::metadata(path).map_err(io)?.is_file() {
        return Err(io(std::io::Error::other("not a regular file")));
    }
    let mut file = std::fs::File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(9).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() < 9 || bytes[8] != b'{' {
        return Err(Reading { path }.wrong("safetensors", "no JSON header"));
    }
    file.read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// Arrays as little-endian bytes.
#[derive(Default)]
struct Arrays(Vec<(&'static str, Dtype, Vec<u8>)>);

impl Arrays {
    fn whole(&mut self, name: &'static str, values: impl Iterator<Item = u32>) {
        self.0.push((name, Dtype::U32, values.flat_map(u32::to_le_bytes).collect()));
    }

    fn real(&mut self, name: &'static str, values: impl Iterator<Item = f64>) {
        self.0.push((name, Dtype::F64, values.flat_map(f64::to_le_bytes).collect()));
    }
}

struct Reading<'a> {
    path: &'a Path,
}

impl Reading<'_> {
    fn wrong(&self, expected: &str, found: impl ToString) -> Error {
        let origin = self.path.display().to_string();
        Error::Malformed { origin, expected: expected.to_owned(), found: found.to_string() }
    }

    fn bytes<'b>(&self, file: &SafeTensors<'b>, name: &str, dtype: Dtype) -> Result<&'b [u8]> {
        let tensor = file.tensor(name).map_err(|_| self.wrong(&format!("an array {name:?}"), "none"))?;
        if tensor.dtype() != dtype {
            return Err(self.wrong(&format!("{name:?} of type {dtype:?}"), format!("{:?}", tensor.dtype())));
        }
        Ok(tensor.data())
    }

    fn whole(&self, file: &SafeTensors<'_>, name: &str) -> Result<Vec<u32>> {
        let (numbers, _) = self.bytes(file, name, Dtype::U32)?.as_chunks();
        Ok(numbers.iter().map(|&bytes| u32::from_le_bytes(bytes)).collect())
    }

    fn real(&self, file: &SafeTensors<'_>, name: &str) -> Result<Vec<f64>> {
        let (numbers, _) = self.bytes(file, name, Dtype::F64)?.as_chunks();
        let numbers: Vec<f64> = numbers.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect();
        match numbers.iter().find(|number| !number.is_finite()) {
            Some(number) => Err(self.wrong(&format!("finite numbers in {name:?}"), number)),
            None => Ok(numbers),
        }
    }

    fn length<T>(&self, name: &str, array: &[T], expected: usize) -> Result<()> {
        let found = array.len();
        if found == expected {
            Ok(())
        } else {
            Err(self.wrong(&format!("{expected} numbers in {name:?}"), found))
        }
    }

    fn model(&self, file: &SafeTensors<'_>, header: Header) -> Result<Model> {
        let trees = self.trees(file, &header)?;
        let mut forest =
            Forest::from_trees(trees, header.features).map_err(|error| self.wrong("a forest", error))?;
        if let Some(columns) = &header.columns
            && columns.len() != header.features
        {
            return Err(self.wrong(&format!("{} columns", header.features), columns.len()));
        }
        if let Some(origin) = &header.origin {
            origin.params.check().map_err(|error| self.wrong("parameters of a forest", error))?;
            if !(1..MOST).contains(&origin.rows) {
                return Err(self.wrong("training rows", origin.rows));
            }
            Bag::check(origin.params.bootstrap, origin.rows)
                .map_err(|error| self.wrong("parameters of a forest", error))?;
        }
        forest.columns = header.columns;
        forest.origin = header.origin;
        forest.target = header.target;
        if let Some(classes) = header.classes {
            let mut model = Classifier::from_forest(forest, classes)
                .map_err(|error| self.wrong("as many classes as outputs", error))?;
            if let Some(calibration) = header.calibration {
                model = model.calibrated(calibration).map_err(|error| self.wrong("a calibration", error))?;
            }
            return Ok(Model::Classifier(model));
        }
        self.regressor(file, forest)
    }

    fn trees(&self, file: &SafeTensors<'_>, header: &Header) -> Result<Vec<Tree>> {
        let nodes = self.whole(file, "nodes")?;
        let count = nodes.iter().map(|&nodes| nodes as usize).sum::<usize>();
        let (feature, right) = (self.whole(file, "feature")?, self.whole(file, "right")?);
        let numbers = ["threshold", "cover", "impurity", "value"].map(|name| self.real(file, name));
        let [threshold, cover, impurity, value] = numbers;
        let (threshold, cover, impurity, value) = (threshold?, cover?, impurity?, value?);
        self.length("feature", &feature, count)?;
        self.length("right", &right, count)?;
        for (name, array) in [("threshold", &threshold), ("cover", &cover), ("impurity", &impurity)] {
            self.length(name, array, count)?;
        }
        let outputs = header.outputs;
        let values = count.checked_mul(outputs).filter(|_| outputs > 0);
        self.length("value", &value, values.ok_or_else(|| self.wrong("at least 1 output", outputs))?)?;
        let mut begin = 0;
        let mut trees = Vec::with_capacity(nodes.len());
        for nodes in nodes {
            let at = begin..begin + nodes as usize;
            let parts = Parts {
                feature: feature[at.clone()].to_vec(),
                right: right[at.clone()].to_vec(),
                threshold: threshold[at.clone()].to_vec(),
            };
            let tree = Tree::from_parts(
                parts,
                cover[at.clone()].to_vec(),
                impurity[at.clone()].to_vec(),
                value[at.start * outputs..at.end * outputs].to_vec(),
            );
            trees.push(tree.map_err(|error| self.wrong("trees", error))?);
            begin = at.end;
        }
        Ok(trees)
    }

    fn regressor(&self, file: &SafeTensors<'_>, mut forest: Forest) -> Result<Model> {
        if file.tensor("samples").is_err() {
            return Ok(Model::Regressor(Regressor::from_forest(forest)));
        }
        let (samples, counts) = (self.whole(file, "samples")?, self.whole(file, "sample_counts")?);
        let values = self.real(file, "training_values")?;
        let outputs = forest.outputs;
        let rows = values.len() / outputs;
        let values = Array2::from_shape_vec((rows, outputs), values)
            .map_err(|error| self.wrong("training values of all properties", error))?;
        let weights = file
            .tensor("training_weights")
            .is_ok()
            .then(|| self.real(file, "training_weights"))
            .transpose()?;
        if let Some(weights) = &weights {
            self.length("training_weights", weights, rows)?;
        }
        if let Some(row) = samples.iter().find(|&&row| row as usize >= rows) {
            return Err(self.wrong(&format!("training rows below {rows}"), row));
        }
        self.length("sample_counts", &counts, forest.trees.iter().map(|tree| tree.cover.len()).sum())?;
        self.length("samples", &samples, counts.iter().map(|&count| count as usize).sum())?;
        let (mut rows, mut counts) = (samples.into_iter(), counts.into_iter());
        for tree in &mut forest.trees {
            let mut begins = vec![0u32];
            let mut last = 0;
            for count in counts.by_ref().take(tree.cover.len()) {
                last += count;
                begins.push(last);
            }
            tree.samples = LeafSamples { rows: rows.by_ref().take(last as usize).collect(), begins };
            if !tree.leaves_hold_samples() {
                return Err(self.wrong("training rows in every leaf", "a leaf without"));
            }
        }
        Ok(Model::Regressor(Regressor::new(forest, values, weights)))
    }
}
