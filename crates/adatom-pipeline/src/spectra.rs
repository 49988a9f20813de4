//! Spectra: collect, tabulate, split and validate, fit, explain, report.
