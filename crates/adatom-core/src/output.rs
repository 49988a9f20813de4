//! Files that are written completely or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes a file under a temporary name in the folder of `path` and renames it when it is complete, so that
/// an incomplete file is never visible; a file of that name is replaced.
///
/// ```
/// use std::io::Write;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("values.txt");
/// adatom_core::write_whole(&path, |file| writeln!(file, "1 2 3"))?;
/// assert_eq!(std::fs::read_to_string(&path)?, "1 2 3\n");
/// let error = adatom_core::write_whole(&path, |_| Err(std::io::Error::other("no more values")));
/// assert!(error.is_err());
/// assert_eq!(std::fs::read_to_string(&path)?, "1 2 3\n");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// When the folder is not there or not writable, the disk is full, or `content` fails.
pub fn write_whole(
    path: impl AsRef<Path>,
    content: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> io::Result<()> {
    let path = path.as_ref();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".adatom-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The usual rights of a new file, less the user's mask; a temporary file's own would be the owner's
        // alone.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder)?;
    let mut buffer = BufWriter::new(file.as_file());
    content(&mut buffer)?;
    buffer.flush()?;
    drop(buffer);
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
