//! The program as a user meets it: the built binary, files in, files out, exit status.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

mod bad_input;
mod demo;
mod encode;
mod explain;
mod explore;
mod forest;
mod image;
mod inspect;
mod interrupt;
mod latents;
mod patches;
mod sandbox;
mod spectra;
