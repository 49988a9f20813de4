//! The metadata of a spectrum: keys and values, comments, and the source file.

/// Keys and values, comments, and the source of a spectrum. Keys keep the spelling and order of the file; a
/// key may occur several times.
///
/// ```
/// use adatom_spectra::Metadata;
/// let mut metadata = Metadata::default();
/// metadata.push("Mono.d_spacing", "3.13553");
/// assert_eq!(metadata.get("mono.D_SPACING"), Some("3.13553"));
/// assert_eq!(metadata.number("Mono.d_spacing"), Some(3.13553));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    entries: Vec<(String, String)>,
    comments: Vec<String>,
    source: Option<String>,
}

impl Metadata {
    /// Appends an entry.
    pub fn push(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.entries.push((key.into(), value.into()));
    }

    /// Appends a comment.
    pub fn push_comment(&mut self, line: impl Into<String>) {
        self.comments.push(line.into());
    }

    /// Sets the source: a path, and the record in a file with several records.
    pub fn set_source(&mut self, source: impl Into<String>) {
        self.source = Some(source.into());
    }

    /// The source: a path, and the record in a file with several records.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// The first value of a key, ignoring case.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
    }

    /// The first value of a key as a finite number, without the unit that may follow it.
    pub fn number(&self, key: &str) -> Option<f64> {
        let word = self.get(key)?.split_whitespace().next()?;
        word.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// All keys and values in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The comments in the order of the file.
    pub fn comments(&self) -> impl Iterator<Item = &str> {
        self.comments.iter().map(String::as_str)
    }
}
