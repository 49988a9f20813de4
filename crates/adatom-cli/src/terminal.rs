//! Lines on standard output and standard error, which may be closed before the program ends.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::process;

/// Prints a line. The program ends silently if the reader has closed the pipe, as `head` does, and with an
/// error if the disk is full.
pub(crate) fn print_line(line: Arguments<'_>) {
    let mut output = io::stdout().lock();
    if let Err(error) = output.write_fmt(line).and_then(|()| output.write_all(b"\n")) {
        if error.kind() == ErrorKind::BrokenPipe {
            process::exit(0);
        }
        note(format_args!("error: standard output: {error}"));
        process::exit(1);
    }
}

/// Writes a line to standard error; errors of writing are ignored.
pub(crate) fn note(line: Arguments<'_>) {
    let mut output = io::stderr().lock();
    let _ = output.write_fmt(line).and_then(|()| output.write_all(b"\n"));
}
