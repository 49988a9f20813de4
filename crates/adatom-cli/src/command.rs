//! The commands, one file each.

pub(crate) mod demo;
pub(crate) mod encode;
pub(crate) mod explain;
pub(crate) mod fit;
pub(crate) mod image;
pub(crate) mod inspect;
pub(crate) mod normalize;
pub(crate) mod pdf;
pub(crate) mod predict;
pub(crate) mod table;
