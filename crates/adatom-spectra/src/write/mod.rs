//! Writing spectra: one file of this folder per format, or per family of formats.

mod scattering;
