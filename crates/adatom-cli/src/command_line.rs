//! Commands as text for reports, quoted for a shell.

use std::path::Path;

/// The command as it was given.
pub(crate) fn given() -> String {
    shell_words(std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()))
}

/// The program with these arguments.
pub(crate) fn shell_words(arguments: impl IntoIterator<Item = String>) -> String {
    let quoted = |argument: String| {
        let plain = |c: char| c.is_alphanumeric() || "-_./,:=+%@".contains(c);
        if !argument.is_empty() && argument.chars().all(plain) {
            argument
        } else {
            format!("'{}'", argument.replace('\'', r"'\''"))
        }
    };
    let words = arguments.into_iter().map(quoted);
    std::iter::once("adatom".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// The command that encodes another image with the model in a folder of results.
pub(crate) fn encode(folder: &Path) -> String {
    let model = folder.join("model.safetensors");
    format!("adatom encode {} OTHER_IMAGE --stride 1 --out latents.npz", model.display())
}
