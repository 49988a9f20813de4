//! Space groups: symmetry operations, Hall symbols, and the 530 settings of *International Tables for
//! Crystallography*.
//!
//! | file | holds |
//! |---|---|
//! | `operation` | x' = W x + w |
//! | `hall` | Hall symbols and the operations that they generate |
//! | `settings` | names of space groups and which setting each means |
//! | `table` | the 530 settings |

mod hall;
mod operation;
mod settings;
mod table;

pub use hall::{Centring, HallSymbol};
pub use operation::SymmetryOperation;
pub(crate) use settings::Setting;
