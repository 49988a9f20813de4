//! The engine that grows trees: exact, the same tree for any order of rows and any number of threads.
//!
//! Sums over rows are sums of whole numbers (weights and properties are rounded to a fine grid of powers of
//! two that is chosen anew in every node), hence exact and independent of their order; the gain of a cut is a
//! function of them.

mod bag;
mod columns;
mod draw;
mod gain;
mod grow;
mod histograms;
mod lists;
mod order;
mod plan;
mod search;
mod target;

pub(crate) use bag::{Bag, Stream};
pub(crate) use columns::Columns;
pub(crate) use gain::{Entropy, Gain, Poisson, Spread};
pub(crate) use grow::{Grown, LEAF, grow};
pub(crate) use plan::Plan;
pub(crate) use target::{Outputs, TreeTarget};
