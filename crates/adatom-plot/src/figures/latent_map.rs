//! A map of several layers as a figure: all layers side by side.

use adatom_core::LatentMap;

use crate::drawing::Drawing;
use crate::figures::map::panels;
use crate::{Figure, MapFigure};

/// All layers side by side, titled "latent 1", "latent 2" and so on, each with its own colour bar.
///
/// ```
/// use adatom_plot::{Figure, ImageFrame, LatentMap, PatchGrid, Window, ndarray::Array2};
/// let grid = PatchGrid::regular([ImageFrame::new(64, 48)], Window::square(8), [4, 4])?;
/// let content = Array2::from_shape_fn((grid.len(), 2), |(patch, k)| (patch * (k + 1)) as f32);
/// let folder = tempfile::tempdir()?;
/// LatentMap::new(&grid, content.view())?.save_png(folder.path().join("content.png"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Figure for LatentMap {
    fn drawing(&self) -> Drawing {
        let layers = self.values().dim().0;
        let named = |index: usize| {
            let map = MapFigure::of_layer(self, index).ok()?;
            Some(if layers > 1 {
                map.title(format!("latent {}", index + 1))
            } else {
                map.title("latent variable")
            })
        };
        let maps: Vec<_> = (0..layers).filter_map(named).collect();
        panels(&maps, "")
    }
}
