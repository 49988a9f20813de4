//! What a file says besides its numbers.

/// Keys and values in the words and the order of the file; a key may stand several times.
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
    /// Adds an entry behind the others.
    pub fn push(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.entries.push((key.into(), value.into()));
    }

    /// Adds a line of free text.
    pub fn push_comment(&mut self, line: impl Into<String>) {
        self.comments.push(line.into());
    }

    /// Says where the numbers came from: a path, with the record inside the file where it has several.
    pub fn set_source(&mut self, source: impl Into<String>) {
        self.source = Some(source.into());
    }

    /// Where the numbers came from.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// The first value of a key, whatever its case.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
    }

    /// The first value of a key as a finite number, without a unit behind it.
    pub fn number(&self, key: &str) -> Option<f64> {
        let word = self.get(key)?.split_whitespace().next()?;
        word.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// All entries in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Lines of free text in the order of the file.
    pub fn comments(&self) -> impl Iterator<Item = &str> {
        self.comments.iter().map(String::as_str)
    }
}
