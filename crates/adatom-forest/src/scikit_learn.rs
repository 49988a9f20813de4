//! Forests of scikit-learn, by the arrays of their trees.
//!
//! ```python
//! import json
//! def arrays(t):
//!     return dict(feature=t.feature.tolist(), threshold=t.threshold.tolist(), left=t.children_left.tolist(),
//!                 right=t.children_right.tolist(), cover=t.weighted_n_node_samples.tolist(),
//!                 impurity=t.impurity.tolist(), value=t.value.reshape(t.node_count, -1).tolist())
//! json.dump(dict(trees=[arrays(e.tree_) for e in forest.estimators_]), open("forest.json", "w"))
//! ```

use crate::{Error, Forest, Result, Tree, TreeArrays};

#[derive(serde::Deserialize)]
struct Document {
    trees: Vec<TreeArrays>,
}

impl Forest {
    /// A forest from a JSON object whose `trees` are arrays of scikit-learn, for rows of `features` columns.
    ///
    /// scikit-learn rounds features to single precision before comparing them, this crate does not: for
    /// identical paths, round features to single precision first.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the text is not JSON of this form, or an array is not that of a tree;
    /// [`Error::Length`] when there is no tree.
    ///
    /// ```
    /// use adatom_forest::Forest;
    /// let json = r#"{"trees": [{"feature": [0, -2, -2], "threshold": [0.5, -2, -2], "left": [1, -1, -1],
    ///     "right": [2, -1, -1], "cover": [2, 1, 1], "impurity": [1, 0, 0], "value": [[2], [1], [3]]}]}"#;
    /// let forest = Forest::from_scikit_learn(json, 1)?;
    /// assert_eq!(forest.predict(ndarray::array![[0.9]].view())?[[0, 0]], 3.0);
    ///
    /// let error = Forest::from_scikit_learn(&json.replace("[1, -1, -1]", "[7, -1, -1]"), 1).unwrap_err();
    /// assert_eq!(error.to_string(), "arrays of a tree: expected a child from 1 to 2, found 7");
    /// # Ok::<(), adatom_forest::Error>(())
    /// ```
    pub fn from_scikit_learn(json: &str, features: usize) -> Result<Self> {
        let document: Document = serde_json::from_str(json).map_err(|error| Error::Malformed {
            origin: "JSON of a forest".into(),
            expected: "an object with arrays of trees".into(),
            found: error.to_string(),
        })?;
        let trees = document.trees.into_iter().map(Tree::from_arrays).collect::<Result<_>>()?;
        Self::from_trees(trees, features)
    }
}
