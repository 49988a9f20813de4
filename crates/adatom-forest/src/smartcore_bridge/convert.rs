//! Conversion of fitted forests of smartcore 0.7.0 from their serialised form.
//!
//! Rows with `x <= split_value` go to the true child, here the left one. The contents of nodes differ:
//!
//! | kind | leaf value | cover | impurity |
//! |---|---|---|---|
//! | classifier | the majority class: 1 for it, 0 for others | stored | stored |
//! | regressor, extra trees | mean of the rows | from n_l m_l + n_r m_r = n m | from the stored decreases |

use serde::{Deserialize, Serialize};

use crate::{Classifier, Error, Forest, Regressor, Result, Tree, TreeArrays};

#[derive(Deserialize)]
struct StoredClassifier {
    trees: Option<Vec<ClassTree>>,
    classes: Option<Vec<serde_json::Value>>,
}

#[derive(Deserialize)]
struct ClassTree {
    nodes: Vec<ClassNode>,
    num_features: usize,
}

#[derive(Deserialize)]
struct ClassNode {
    output: usize,
    n_node_samples: f64,
    impurity: Option<f64>,
    #[serde(flatten)]
    split: StoredSplit,
}

#[derive(Deserialize)]
struct StoredRegressor {
    forest_regressor: Option<MeanForest>,
}

#[derive(Deserialize)]
struct MeanForest {
    trees: Option<Vec<MeanTree>>,
    num_features: Option<usize>,
}

#[derive(Deserialize)]
struct MeanTree {
    nodes: Vec<MeanNode>,
    root_mass: f64,
}

#[derive(Deserialize)]
struct MeanNode {
    output: f64,
    #[serde(flatten)]
    split: StoredSplit,
}

#[derive(Deserialize)]
struct StoredSplit {
    split_feature: usize,
    split_value: Option<f64>,
    /// Of a mean node: by how much the split makes Σ weight · (y - mean)² smaller.
    split_score: Option<f64>,
    true_child: Option<usize>,
    false_child: Option<usize>,
}

fn malformed(expected: impl Into<String>, found: impl Into<String>) -> Error {
    let origin = "serialised forest of smartcore".to_owned();
    Error::Malformed { origin, expected: expected.into(), found: found.into() }
}

fn stored<T: serde::de::DeserializeOwned>(model: &impl Serialize, expected: &str) -> Result<T> {
    let refuse = |error: serde_json::Error| malformed(expected, error.to_string());
    // As text, not as values in memory: a value of each node would take ten times the memory of the forest.
    serde_json::from_slice(&serde_json::to_vec(model).map_err(refuse)?).map_err(refuse)
}

impl Classifier {
    /// A fitted random forest of smartcore for classes (its `RandomForestClassifier`), or its
    /// serialised form.
    ///
    /// Every tree of smartcore votes for one class, so that a leaf has the value 1 for this class and 0 for
    /// the others: probabilities are fractions of votes, the predicted class is that of smartcore, and
    /// explanations are those of the votes. Classes are named by their labels.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is another object, is not fitted, or its trees are not valid.
    ///
    /// ```
    /// use adatom_forest::smartcore::ensemble::random_forest_classifier::RandomForestClassifier;
    /// use adatom_forest::smartcore::linalg::basic::matrix::DenseMatrix;
    /// use adatom_forest::{Classifier, ndarray::array};
    /// let features = DenseMatrix::from_2d_array(&[&[0.0], &[0.1], &[0.2], &[1.0], &[1.1], &[1.2]])?;
    /// let theirs = RandomForestClassifier::fit(&features, &vec![4, 4, 4, 6, 6, 6], Default::default())?;
    /// let ours = Classifier::from_smartcore(&theirs)?;
    /// assert_eq!(ours.predict_names(array![[-1.0], [2.0]].view())?, ["4", "6"]);
    ///
    /// assert!(Classifier::from_smartcore(&"a word").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_smartcore(model: &impl Serialize) -> Result<Self> {
        let StoredClassifier { trees, classes } = stored(model, "a random forest for classes")?;
        let (Some(trees), Some(classes)) = (trees, classes) else {
            return Err(malformed("a fitted forest", "one that is not fitted"));
        };
        let name = |class: serde_json::Value| class.as_str().map_or_else(|| class.to_string(), str::to_owned);
        let names: Vec<String> = classes.into_iter().map(name).collect();
        let features = trees.first().map_or(0, |tree| tree.num_features);
        let trees = trees.iter().map(|tree| tree.convert(names.len())).collect::<Result<Vec<_>>>()?;
        Self::from_forest(Forest::from_trees(trees, features)?, names)
    }
}

impl Regressor {
    /// A fitted forest of smartcore for a property (its `RandomForestRegressor` or `ExtraTreesRegressor`), or
    /// its serialised form.
    ///
    /// smartcore does not store how many rows reached a node. They follow from the means, unless both sides
    /// of a split have the same mean and no split below determines them: then halves are assumed. The
    /// impurity is the sum of the decreases by the splits below a node, so that importances are those of
    /// smartcore.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is another object, is not fitted, or its trees are not valid.
    ///
    /// ```
    /// use adatom_forest::TreeEnsemble;
    /// use adatom_forest::smartcore::ensemble::random_forest_regressor::RandomForestRegressor;
    /// use adatom_forest::smartcore::linalg::basic::matrix::DenseMatrix;
    /// use adatom_forest::{Regressor, ndarray::array};
    /// let features = DenseMatrix::from_2d_array(&[&[0.0, 1.0], &[1.0, 1.0], &[2.0, 1.0], &[3.0, 1.0]])?;
    /// let theirs = RandomForestRegressor::fit(&features, &vec![0.0, 0.0, 5.0, 5.0], Default::default())?;
    /// let ours = Regressor::from_smartcore(&theirs)?;
    /// assert_eq!(
    ///     ours.predict(array![[0.0, 1.0]].view())?[0],
    ///     theirs.predict(&DenseMatrix::from_2d_array(&[&[0.0, 1.0]])?)?[0]
    /// );
    /// assert_eq!(ours.forest().impurity_importance(), theirs.compute_feature_importances()?);
    ///
    /// assert!(Regressor::from_smartcore(&[1, 2, 3]).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_smartcore(model: &impl Serialize) -> Result<Self> {
        let stored: StoredRegressor = stored(model, "a random forest or extra trees for a property")?;
        let Some(MeanForest { trees: Some(trees), num_features: Some(features) }) = stored.forest_regressor
        else {
            return Err(malformed("a fitted forest", "one that is not fitted"));
        };
        let trees = trees.iter().map(MeanTree::convert).collect::<Result<Vec<_>>>()?;
        Ok(Self::from_forest(Forest::from_trees(trees, features)?))
    }
}

/// Child nodes of a split.
#[derive(Clone, Copy)]
struct Children {
    left: usize,
    right: usize,
}

/// Arrays of so many nodes, without a split yet.
fn leaves(nodes: usize) -> TreeArrays {
    TreeArrays {
        feature: vec![-2; nodes],
        threshold: vec![-2.0; nodes],
        left: vec![-1; nodes],
        right: vec![-1; nodes],
        cover: vec![0.0; nodes],
        impurity: vec![0.0; nodes],
        value: vec![Vec::new(); nodes],
    }
}

impl StoredSplit {
    /// Children among `nodes` that come later, as those of a tree that grows do; none at a leaf.
    fn children(&self, node: usize, nodes: usize) -> Result<Option<Children>> {
        match (self.true_child, self.false_child) {
            (None, None) => Ok(None),
            (Some(left), Some(right)) if left.min(right) > node && left.max(right) < nodes => {
                Ok(Some(Children { left, right }))
            }
            (left, right) => Err(malformed(
                format!("two children from {} to {}", node + 1, nodes - 1),
                format!("{left:?} and {right:?}"),
            )),
        }
    }

    fn write(&self, children: Children, node: usize, arrays: &mut TreeArrays) -> Result<()> {
        let feature =
            i64::try_from(self.split_feature).map_err(|error| malformed("a column", error.to_string()))?;
        let threshold = self.split_value.ok_or_else(|| malformed("a value to split at", "none"))?;
        arrays.feature[node] = feature;
        arrays.threshold[node] = threshold;
        (arrays.left[node], arrays.right[node]) = (children.left as i64, children.right as i64);
        Ok(())
    }
}

impl ClassTree {
    fn convert(&self, classes: usize) -> Result<Tree> {
        let count = self.nodes.len();
        let mut arrays = leaves(count);
        for (node, stored) in self.nodes.iter().enumerate() {
            if let Some(children) = stored.split.children(node, count)? {
                stored.split.write(children, node, &mut arrays)?;
            }
            if stored.output >= classes {
                return Err(malformed(format!("a class below {classes}"), stored.output.to_string()));
            }
            arrays.cover[node] = stored.n_node_samples;
            arrays.impurity[node] = stored.impurity.unwrap_or(0.0);
            arrays.value[node] =
                (0..classes).map(|class| f64::from(u8::from(class == stored.output))).collect();
        }
        Tree::from_arrays(arrays)
    }
}

/// Means nearer to each other than this part of them are one: sums of the same numbers in another order
/// differ so.
const EQUAL: f64 = 1e-9;

/// Covers nearer to a whole number than this part of them are whole.
const WHOLE: f64 = 1e-6;

impl MeanTree {
    fn convert(&self) -> Result<Tree> {
        let count = self.nodes.len();
        let mut arrays = leaves(count);
        if count > 0 {
            arrays.cover[0] = self.root_mass;
        }
        for (node, stored) in self.nodes.iter().enumerate() {
            arrays.value[node] = vec![stored.output];
            if let Some(children) = stored.split.children(node, count)? {
                stored.split.write(children, node, &mut arrays)?;
                let cover = self.left_cover(node, children, arrays.cover[node]);
                let Children { left, right } = children;
                (arrays.cover[left], arrays.cover[right]) = (cover, arrays.cover[node] - cover);
            }
        }
        self.fill_impurity(&mut arrays)?;
        Tree::from_arrays(arrays)
    }

    /// The share of the rows that go left, if the means determine it: m = s m_l + (1 - s) m_r.
    fn left_share(&self, node: usize, Children { left, right }: Children) -> Option<f64> {
        let [mean, left, right] = [node, left, right].map(|node| self.nodes[node].output);
        let apart = (left - right).abs() > EQUAL * left.abs().max(right.abs());
        let share = (mean - right) / (left - right);
        (apart && share > 0.0 && share < 1.0).then_some(share)
    }

    /// The cover of a node from its own split, if the means determine it: the decrease is n s (1 - s) (m_l -
    /// m_r)².
    fn own_cover(&self, node: usize) -> Option<f64> {
        let split = &self.nodes[node].split;
        let children = split.children(node, self.nodes.len()).ok()??;
        let share = self.left_share(node, children)?;
        let apart = self.nodes[children.left].output - self.nodes[children.right].output;
        Some(split.split_score? / (share * (1.0 - share) * apart * apart))
    }

    /// How much of the cover of a node goes left.
    fn left_cover(&self, node: usize, children: Children, whole: f64) -> f64 {
        let inside = |cover: &f64| *cover > 0.0 && *cover < whole;
        let cover = self
            .left_share(node, children)
            .map(|share| share * whole)
            .or_else(|| self.own_cover(children.left).filter(inside))
            .or_else(|| self.own_cover(children.right).map(|cover| whole - cover).filter(inside))
            .unwrap_or(whole / 2.0);
        if (cover - cover.round()).abs() < WHOLE * whole { cover.round() } else { cover }
    }

    /// From the leaves up: cover · impurity of a node is that of its children and the decrease by its split.
    fn fill_impurity(&self, arrays: &mut TreeArrays) -> Result<()> {
        let mut below = vec![0.0; self.nodes.len()];
        for (node, stored) in self.nodes.iter().enumerate().rev() {
            if let Some(Children { left, right }) = stored.split.children(node, self.nodes.len())? {
                let decrease =
                    stored.split.split_score.ok_or_else(|| malformed("the decrease by a split", "none"))?;
                below[node] = below[left] + below[right] + decrease;
            }
            if arrays.cover[node] > 0.0 {
                arrays.impurity[node] = below[node] / arrays.cover[node];
            }
        }
        Ok(())
    }
}
