//! Standard output and standard error that may end before the program does.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::process;

/// Prints a line. A reader that has had enough, such as `head`, ends the program quietly; a full disk with an
/// error.
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

/// Writes a line to standard error, which nobody may read: that is no reason to stop.
pub(crate) fn note(line: Arguments<'_>) {
    let mut output = io::stderr().lock();
    let _ = output.write_fmt(line).and_then(|()| output.write_all(b"\n"));
}
