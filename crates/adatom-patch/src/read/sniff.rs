//! Guesses the format of files that cannot be read, for messages.

/// Signatures at the start of files.
const SIGNATURES: [(&[u8], &str); 14] = [
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file (EMD, NeXus, HyperSpy)"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"PK\x03\x04", "a ZIP archive (NPZ, office documents)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (b"JJ", "a TIA EMI file; the images are in the SER files beside it"),
    (b"GWYP", "a Gwyddion file"),
    (b"\\*File list", "a Bruker NanoScope file"),
    (b"WSxM file", "a WSxM file"),
    (b"ONTMATRX", "an Omicron Matrix file"),
    (b"STiMage", "an RHK file"),
    (b"RIFF", "a RIFF file (WebP, AVI)"),
];

/// The probable format of a file with these first bytes.
pub(super) fn looks_like(start: &[u8]) -> Option<&'static str> {
    if start.is_empty() {
        return Some("an empty file");
    }
    if let Some((_, name)) = SIGNATURES.iter().find(|(signature, _)| start.starts_with(signature)) {
        return Some(name);
    }
    // DigitalMicrograph files begin with a version, a length of 4 or 8 bytes, and a flag for the byte order.
    let flag = |at: usize| matches!(start.get(at..at + 4), Some([0, 0, 0, 0 | 1]));
    match start {
        [0, 0, 0, 3, ..] if flag(8) => return Some("a DigitalMicrograph file (DM3)"),
        [0, 0, 0, 4, ..] if flag(12) => return Some("a DigitalMicrograph file (DM4)"),
        _ => {}
    }
    if start.get(208..212) == Some(b"MAP ") {
        return Some("an MRC file");
    }
    is_text(start).then_some("text, such as a CSV table")
}

fn is_text(start: &[u8]) -> bool {
    let readable = match std::str::from_utf8(start) {
        Ok(text) => text,
        // The first kilobyte may end within a character.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !readable.is_empty() && readable.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_signatures_are_recognised() {
        assert_eq!(looks_like(b""), Some("an empty file"));
        assert_eq!(looks_like(b"x,y\n1,2\n"), Some("text, such as a CSV table"));
        assert_eq!(looks_like("größe\t1\nµ".as_bytes()), Some("text, such as a CSV table"));
        assert_eq!(looks_like(b"\0\0\0\x03\0\0\x10\0\0\0\0\x01\x14"), Some("a DigitalMicrograph file (DM3)"));
        assert_eq!(looks_like(b"\0\x01\x02"), None);
    }
}
