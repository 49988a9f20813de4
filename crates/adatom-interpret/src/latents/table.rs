//! Latents as a table of features, so that a forest can be fitted on them.

use adatom_core::{FeatureColumn, FeatureTable, Modality};

use super::error::{LatentError, Result};
use super::{Latents, blocks};

impl Latents {
    /// One row a patch, with the modality [`Modality::Latent`]: content latents as `latent@0.000`,
    /// `latent@1.000` and so on, the other variables as `latent:NAME@0.000`, with `_` for what cannot stand
    /// in a header.
    ///
    /// The id of a patch is its number and its centre, `12-r31.5-c40.5`, with several images also `-i1`. The
    /// group `block` names the square of `side` × `side` pixels that its centre lies in: overlapping patches
    /// are near-duplicates, and a test is honest only on blocks that the model has not seen. Patches on both
    /// sides of a border still share pixels; blocks several windows wide keep them few.
    ///
    /// ```
    /// use adatom_interpret::{ImageFrame, Latents, PatchGrid, Window, ndarray::Array2};
    /// let grid = PatchGrid::regular([ImageFrame::new(12, 16)], Window::square(4), [4, 4])?;
    /// let content = Array2::from_shape_fn((grid.len(), 2), |(patch, k)| ((patch + 3 * k) as f32).sin());
    /// let table = Latents::new(&grid, content.view())?.table(8.0)?;
    /// assert_eq!((table.len(), table.columns()[1].to_string().as_str()), (12, "latent@1.000"));
    /// assert_eq!((table.ids()[5].as_str(), table.group("block")?[11].as_str()), ("5-r5.5-c5.5", "0-1-1"));
    ///
    /// let error = Latents::new(&grid, content.view())?.table(0.0).unwrap_err();
    /// assert_eq!(error.to_string(), "the side of a block must be at least 1 pixel, found 0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`LatentError::Parameter`] for blocks of less than a pixel, [`LatentError::Table`] when two variables
    /// have one name.
    pub fn table(&self, side: f64) -> Result<FeatureTable> {
        if !(side.is_finite() && side >= 1.0) {
            let (parameter, expected) = ("the side of a block", "at least 1 pixel");
            return Err(LatentError::Parameter { parameter, expected, found: side.to_string() });
        }
        let content = (0..self.content_names().len()).map(|k| FeatureColumn::new(Modality::Latent, k as f64));
        let others = self.names()[self.content_names().len()..]
            .iter()
            .map(|name| FeatureColumn::derived(Modality::Latent, &word(name), 0.0));
        let columns = content.chain(others).collect::<Result<Vec<_>, _>>()?;
        let several = self.centres().iter().any(|centre| centre.image > 0);
        let ids = self.centres().iter().enumerate().map(|(patch, centre)| {
            let image = if several { format!("-i{}", centre.image) } else { String::new() };
            format!("{patch}-r{}-c{}{image}", centre.row, centre.column)
        });
        let labels = blocks(self.centres(), [side; 2]).into_iter();
        let labels = labels.map(|[image, row, column]| format!("{image}-{row}-{column}"));
        let table = FeatureTable::new(ids, columns, self.values().to_owned())?;
        Ok(table.with_group("block", labels)?)
    }
}

/// `name` with what can stand in a header alone.
fn word(name: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' };
    let word: String = name.trim().chars().map(fits).collect();
    if word.is_empty() { "unnamed".into() } else { word }
}

#[cfg(test)]
mod tests {
    use adatom_core::{ImageFrame, PatchGrid, Window};
    use ndarray::{Array1, Array2};

    use super::*;

    #[test]
    fn other_variables_and_images_have_their_names() {
        let frames = [ImageFrame::new(4, 8), ImageFrame::new(4, 4)];
        let grid = PatchGrid::regular(frames, Window::square(4), [4, 4]).unwrap();
        let content = Array2::from_shape_fn((3, 1), |(patch, _)| patch as f32);
        let angle = Array1::from(vec![0.0f32, 1.0, 2.0]);
        let latents = Latents::new(&grid, content.view()).unwrap().with_angle("rotation (rad)", angle.view());
        let table = latents.unwrap().table(4.0).unwrap();
        let headers: Vec<String> = table.columns().iter().map(ToString::to_string).collect();
        assert_eq!(
            headers,
            ["latent@0.000", "latent:cos_rotation__rad_@0.000", "latent:sin_rotation__rad_@0.000"]
        );
        assert_eq!(table.ids(), ["0-r1.5-c1.5-i0", "1-r1.5-c5.5-i0", "2-r1.5-c1.5-i1"]);
        assert_eq!(table.group("block").unwrap(), ["0-0-0", "0-0-1", "1-0-0"]);
    }
}
