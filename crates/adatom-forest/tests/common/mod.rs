//! What several tests need: random data, rows of nodes, threads.

#![allow(dead_code, unreachable_pub, reason = "no test needs all of it")]

use adatom_core::TreeView;
use ndarray::{Array1, Array2};

/// Random numbers of a small generator (PCG's multiplier), the same on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.unit() * bound as f64) as usize
    }

    /// Features `[rows, columns]`: whole numbers below `distinct`, so that many are equal.
    pub fn features(&mut self, (rows, columns): (usize, usize), distinct: usize) -> Array2<f64> {
        Array2::from_shape_simple_fn((rows, columns), || self.below(distinct) as f64)
    }

    pub fn values(&mut self, rows: usize) -> Array1<f64> {
        Array1::from_shape_simple_fn(rows, || self.unit())
    }
}

/// The rows of every node of a tree, in the order of its nodes.
pub fn rows_of_nodes(tree: &dyn TreeView, features: &Array2<f64>, rows: Vec<usize>) -> Vec<Vec<usize>> {
    let mut of_nodes = vec![Vec::new(); tree.nodes()];
    of_nodes[0] = rows;
    for node in 0..tree.nodes() {
        if let Some(split) = tree.split(node) {
            let goes_left = |row: &usize| features[[*row, split.feature]] <= split.threshold;
            let (left, right) = of_nodes[node].iter().copied().partition(goes_left);
            of_nodes[split.left] = left;
            of_nodes[split.right] = right;
        }
    }
    of_nodes
}

pub fn within_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}
