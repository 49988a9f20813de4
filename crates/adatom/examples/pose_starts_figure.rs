//! Draws the results of the example `pose_starts` of `adatom-vae`.
//!
//! ```text
//! cargo run -p adatom-vae --example pose_starts -- pose-starts.csv
//! cargo run -p adatom --no-default-features --features interpret --example pose_starts_figure -- \
//!     pose-starts.csv docs/images/pose-starts.png
//! ```
//!
//! One curve per way of training: the fraction of objects with a correct angle, sorted over the seeds. The
//! extension of the figure selects PNG or SVG.

use std::error::Error;

use adatom::interpret::{CurveFigure, CurvePanel, Figure};

/// A way of training with the shares of its seeds, in percent.
type Way = (String, Vec<f64>);

/// Every way, its shares from the lowest.
fn read(text: &str) -> Result<Vec<Way>, Box<dyn Error>> {
    let mut ways: Vec<Way> = Vec::new();
    for (line, row) in text.lines().enumerate().skip(1) {
        let mut cells = row.split(',').skip(1);
        let (Some(way), Some(share)) = (cells.next(), cells.next()) else {
            return Err(format!("line {} has fewer than three cells", line + 1).into());
        };
        let share = 100.0 * share.parse::<f64>()?;
        match ways.iter_mut().find(|(name, _)| name == way) {
            Some((_, shares)) => shares.push(share),
            None => ways.push((way.to_owned(), vec![share])),
        }
    }
    ways.iter_mut().for_each(|(_, shares)| shares.sort_by(f64::total_cmp));
    Ok(ways)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(table), Some(picture)) = (arguments.next(), arguments.next()) else {
        return Err("a table and the name of a picture are needed".into());
    };
    let mut panel = CurvePanel::new("angles within 30° of the truth (%)").all_values();
    for (way, shares) in read(&std::fs::read_to_string(table)?)? {
        let ranks: Vec<f64> = (1..=shares.len()).map(|rank| rank as f64).collect();
        panel = panel.series(way, &ranks, &shares)?;
    }
    let figure = CurveFigure::new(vec![panel])?.title("Rotated dumbbells").x_label("seeds, from the worst");
    if picture.ends_with(".svg") {
        figure.save_svg(&picture)?
    } else {
        figure.save_png(&picture)?
    }
    Ok(())
}
