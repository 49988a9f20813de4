//! Images: open, prepare, place patches, train, encode, interpret, report.
