//! What the benchmarks of adatom measure, and with what they compare it.
//!
//! | module | has |
//! |---|---|
//! | [`workload`] | the images, signals and models that are measured, and the arithmetic of a step |
//! | [`measure`] | an observer that times the steps of a training, medians, page faults |
//! | [`plain`] | the same training step out of plain operations of candle |
//! | [`kernel`] | the fused decoder alone |
//! | [`tiles`] | independent matrix products: the ceiling of the processor |
//! | [`compare`] | all of them in turns, in one run |

#![forbid(unsafe_code)]

pub mod compare;
pub mod kernel;
pub mod measure;
pub mod plain;
pub mod tiles;
pub mod workload;
