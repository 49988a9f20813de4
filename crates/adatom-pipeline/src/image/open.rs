//! Stage 1: reading of image files.

use std::path::Path;

use adatom_patch::{Fill, Image};
use serde::{Deserialize, Serialize};

use super::Notice;
use crate::error::Result;

/// How image files are read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SourceSettings {
    /// The signal of a scan with several; by default the first one that is not constant.
    pub signal: Option<String>,
    /// Replacement of NaN and infinite pixels; without it they are an error when patches are placed.
    pub fill: Option<Fill>,
}

/// Images in memory.
#[derive(Debug, Clone)]
pub struct OpenedImages {
    images: Vec<Image>,
    notices: Vec<Notice>,
}

impl SourceSettings {
    /// Reads images and stacks.
    ///
    /// # Errors
    /// [`Error::Patch`](crate::Error::Patch) for files that cannot be read, and where no pixel is finite.
    pub fn open<P: AsRef<Path>>(&self, paths: impl IntoIterator<Item = P>) -> Result<OpenedImages> {
        let mut images = Vec::new();
        for path in paths {
            match &self.signal {
                Some(signal) => images.push(Image::open_signal(path, signal)?),
                None => images.extend(Image::open_stack(path)?),
            }
        }
        self.take(images)
    }

    /// Uses images in memory.
    ///
    /// # Errors
    /// [`Error::Patch`](crate::Error::Patch) where pixels are to be filled and none is finite.
    pub fn take(&self, images: impl IntoIterator<Item = Image>) -> Result<OpenedImages> {
        let (mut images, mut notices): (Vec<Image>, _) = (images.into_iter().collect(), Vec::new());
        if let Some(fill) = self.fill {
            for image in &mut images {
                let count = image.non_finite();
                if count > 0 {
                    *image = image.fill_non_finite(fill)?;
                    notices.push(Notice::FilledPixels { image: source_of(image), count });
                }
            }
        }
        Ok(OpenedImages { images, notices })
    }
}

impl OpenedImages {
    /// The images in the order in which they were given.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// The notices of this stage.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The name of the first image's file, and the number of further images.
    pub fn title(&self) -> String {
        let name = |image: &Image| {
            let source = source_of(image);
            let file = Path::new(&source).file_name().map(|name| name.to_string_lossy().into_owned());
            file.unwrap_or(source)
        };
        match &self.images[..] {
            [image] => name(image),
            [first, rest @ ..] => format!("{} and {} more", name(first), rest.len()),
            [] => String::new(),
        }
    }
}

/// The source of an image, for messages.
pub(super) fn source_of(image: &Image) -> String {
    image.source().unwrap_or("image").to_owned()
}
