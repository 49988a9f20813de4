//! Named ranges of the axis of a modality, and groups of columns.
//!
//! Automatic regions are those of the peaks of the mean spectrum with a minimum prominence; a region ends at
//! the lowest point between its peak and the next. The prominence of a peak is its height above the higher of
//! the two lowest points between it and a higher peak, or the end of the axis, on either side.

use std::fmt;

use adatom_core::{FeatureColumn, FeatureTable, Modality};
use ndarray::Axis;

use super::error::{ImportanceError, Result};

/// A named range of the axis of a modality, both ends included, in the modality's unit.
///
/// ```
/// use adatom_core::Modality;
/// use adatom_interpret::Region;
/// let edge = Region::new("white line", Modality::Xanes, 8995.0, 9005.0)?;
/// assert_eq!(edge.to_string(), "white line (xanes, 8995 to 9005 eV)");
///
/// let error = Region::new("white line", Modality::Xanes, 9005.0, 8995.0).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the limits of a region must be finite and increasing, found 9005 to 8995"
/// );
/// # Ok::<(), adatom_interpret::ImportanceError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    name: String,
    modality: Modality,
    low: f64,
    high: f64,
}

impl Region {
    /// A range of the axis of `modality`.
    ///
    /// # Errors
    /// [`ImportanceError::Parameter`] when an end is not finite or `high` is below `low`.
    pub fn new(name: impl Into<String>, modality: Modality, low: f64, high: f64) -> Result<Self> {
        if !(low.is_finite() && high.is_finite() && low <= high) {
            let (parameter, expected) = ("the limits of a region", "finite and increasing");
            return Err(ImportanceError::Parameter {
                parameter,
                expected,
                found: format!("{low} to {high}"),
            });
        }
        Ok(Self { name: name.into(), modality, low, high })
    }

    /// The regions of the peaks of the mean spectrum of a modality, which cover its axis and end at the
    /// lowest points between peaks. Derived columns are ignored.
    ///
    /// `prominence` is the minimum prominence of a peak as a fraction of the range of the mean spectrum; 0.05
    /// is a good start. Regions are named by their modality and the position of the peak.
    ///
    /// # Errors
    /// [`ImportanceError::NoColumns`] when the modality has no measured column; [`ImportanceError::Constant`]
    /// when its mean spectrum is; [`ImportanceError::Parameter`] when the prominence is not between 0 and 1.
    ///
    /// ```
    /// use adatom_core::{FeatureColumn, FeatureTable, Modality, ndarray::array};
    /// use adatom_interpret::Region;
    /// let columns =
    ///     (0..7).map(|r| FeatureColumn::new(Modality::Pdf, f64::from(r))).collect::<Result<_, _>>()?;
    /// let table = FeatureTable::new(["a"], columns, array![[0.0, 3.0, 2.0, 1.0, 4.0, 0.5, 0.0]])?;
    /// let regions = Region::of_peaks(&table, &Modality::Pdf, 0.1)?;
    /// let texts: Vec<String> = regions.iter().map(ToString::to_string).collect();
    /// assert_eq!(texts, ["pdf 1 (pdf, 0 to 2 Å)", "pdf 4 (pdf, 3 to 6 Å)"]);
    ///
    /// let error = Region::of_peaks(&table, &Modality::Xanes, 0.1).unwrap_err();
    /// assert_eq!(error.to_string(), "xanes has no column");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_peaks(table: &FeatureTable, modality: &Modality, prominence: f64) -> Result<Vec<Self>> {
        if !(0.0..=1.0).contains(&prominence) {
            let (parameter, expected) = ("the prominence", "between 0 and 1");
            return Err(ImportanceError::Parameter { parameter, expected, found: prominence.to_string() });
        }
        let mean = table.features().mean_axis(Axis(0)).expect("a table has a row");
        let columns = table.columns().iter().zip(&mean);
        let measured =
            columns.filter(|(column, _)| column.modality() == modality && column.quantity().is_none());
        let mut points: Vec<(f64, f64)> = measured.map(|(column, &mean)| (column.axis(), mean)).collect();
        points.sort_by(|left, right| left.0.total_cmp(&right.0));
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Err(ImportanceError::NoColumns { name: modality.to_string() });
        };
        let heights: Vec<f64> = points.iter().map(|point| point.1).collect();
        let low = heights.iter().copied().fold(f64::INFINITY, f64::min);
        let high = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if high <= low {
            let what = format!("the mean spectrum of {modality}");
            return Err(ImportanceError::Constant { what, value: low });
        }
        let apart = (last.0 - first.0) / (points.len() - 1).max(1) as f64;
        let peaks = peaks(&heights, prominence * (high - low));
        let mut regions = Vec::with_capacity(peaks.len());
        let (mut begin, end) = (first.0, last.0);
        for (index, &peak) in peaks.iter().enumerate() {
            let mut stop = end;
            let mut next = end;
            if let Some(&other) = peaks.get(index + 1) {
                // The lowest point opens the next region.
                let valley = lowest(&heights, peak + 1..other);
                (stop, next) = (points[valley - 1].0, points[valley].0);
            }
            let name = format!("{modality} {}", rounded(points[peak].0, apart));
            regions.push(Self { name, modality: modality.clone(), low: begin, high: stop });
            begin = next;
        }
        Ok(regions)
    }

    /// The measured axis of a modality divided into regions of equal length, named by their limits, for
    /// spectra without distinct peaks, such as an absorption edge. Regions without a column are omitted.
    ///
    /// # Errors
    /// [`ImportanceError::TooFew`] when `parts` is 0; [`ImportanceError::NoColumns`] when the modality
    /// has no column.
    ///
    /// ```
    /// use adatom_core::{FeatureColumn, Modality};
    /// use adatom_interpret::Region;
    /// let columns: Result<Vec<_>, _> =
    ///     (0..7).map(|r| FeatureColumn::new(Modality::Pdf, f64::from(r))).collect();
    /// let columns = columns?;
    /// let regions = Region::even(&columns, &Modality::Pdf, 2)?;
    /// let texts: Vec<String> = regions.iter().map(ToString::to_string).collect();
    /// assert_eq!(texts, ["pdf 0 to 3 (pdf, 0 to 3 Å)", "pdf 4 to 6 (pdf, 4 to 6 Å)"]);
    /// assert!(Region::even(&columns, &Modality::Xanes, 2).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn even(columns: &[FeatureColumn], modality: &Modality, parts: usize) -> Result<Vec<Self>> {
        super::error::at_least("parts", 1, parts)?;
        let measured =
            columns.iter().filter(|column| column.modality() == modality && column.quantity().is_none());
        let mut axis: Vec<f64> = measured.map(FeatureColumn::axis).collect();
        axis.sort_by(f64::total_cmp);
        let (Some(&first), Some(&last)) = (axis.first(), axis.last()) else {
            return Err(ImportanceError::NoColumns { name: modality.to_string() });
        };
        let apart = (last - first) / (axis.len() - 1).max(1) as f64;
        // A region includes its upper end. There are at most as many regions as columns.
        let parts = parts.min(axis.len());
        let part = |at: f64| (((at - first) / (last - first) * parts as f64).ceil() as usize).clamp(1, parts);
        let ranges = axis.chunk_by(|&left, &right| part(left) == part(right));
        let region = |range: &[f64]| {
            let (low, high) = (range[0], range[range.len() - 1]);
            let name = format!("{modality} {} to {}", rounded(low, apart), rounded(high, apart));
            Self { name, modality: modality.clone(), low, high }
        };
        Ok(ranges.map(region).collect())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its modality.
    #[must_use]
    pub fn modality(&self) -> &Modality {
        &self.modality
    }

    /// First and last axis value, in the modality's unit.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Whether it contains a column.
    #[must_use]
    pub fn contains(&self, column: &FeatureColumn) -> bool {
        column.modality() == &self.modality && (self.low..=self.high).contains(&column.axis())
    }

    /// The columns that it contains, including derived ones.
    ///
    /// # Errors
    /// [`ImportanceError::NoColumns`] when the modality has no column, or none lies between two of the axis;
    /// [`ImportanceError::Outside`] when the region lies outside of the axis.
    pub fn columns(&self, columns: &[FeatureColumn]) -> Result<Vec<usize>> {
        let inside = |(index, column)| self.contains(column).then_some(index);
        let found: Vec<usize> = columns.iter().enumerate().filter_map(inside).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let axis = columns.iter().filter(|column| column.modality() == &self.modality);
        let axis = axis.map(FeatureColumn::axis);
        let first = axis.clone().fold(f64::INFINITY, f64::min);
        let last = axis.fold(f64::NEG_INFINITY, f64::max);
        let (name, low, high) = (self.name.clone(), self.low, self.high);
        if first > last {
            return Err(ImportanceError::NoColumns { name: self.modality.to_string() });
        }
        if high < first || low > last {
            let modality = self.modality.clone();
            return Err(ImportanceError::Outside { name, low, high, modality, first, last });
        }
        Err(ImportanceError::NoColumns { name: self.to_string() })
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, modality, low, high } = self;
        write!(formatter, "{name} ({modality}, {low} to {high}")?;
        match modality.unit() {
            Some(unit) => write!(formatter, " {unit})"),
            None => write!(formatter, ")"),
        }
    }
}

/// An axis value with one digit more than needed to distinguish columns.
fn rounded(value: f64, apart: f64) -> String {
    let decimals = if apart > 0.0 { (1.0 - apart.log10()).ceil().clamp(0.0, 9.0) as usize } else { 3 };
    let text = format!("{value:.decimals$}");
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn lowest(heights: &[f64], range: std::ops::Range<usize>) -> usize {
    let order = |left: &usize, right: &usize| heights[*left].total_cmp(&heights[*right]);
    range.min_by(order).expect("there is a point between two peaks")
}

/// Peaks of at least this prominence; the highest point always is one.
fn peaks(heights: &[f64], prominence: f64) -> Vec<usize> {
    // The first of equal ones, because the first point of a plateau represents it.
    let highest = (0..heights.len()).rev().max_by(|&left, &right| heights[left].total_cmp(&heights[right]));
    let is_peak = |at: usize| {
        if Some(at) == highest {
            return true;
        }
        let rises = at > 0 && heights[at - 1] < heights[at];
        let after = heights[at..].iter().find(|&&height| height != heights[at]);
        if !rises || after.is_none_or(|&height| height > heights[at]) {
            return false;
        }
        // On each side the lowest point before a higher one, or before the end.
        let side = |points: &mut dyn Iterator<Item = &f64>| {
            points.take_while(|&&height| height <= heights[at]).copied().fold(heights[at], f64::min)
        };
        let before = side(&mut heights[..at].iter().rev());
        let behind = side(&mut heights[at + 1..].iter());
        heights[at] - before.max(behind) >= prominence
    };
    (0..heights.len()).filter(|&at| is_peak(at)).collect()
}

/// Columns that are treated as one: a single column, a region, a modality, or any other set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnGroup {
    /// Its name in tables and figures.
    pub name: String,
    /// Indices of its columns, in increasing order.
    pub columns: Vec<usize>,
}

impl ColumnGroup {
    /// One group for every column.
    #[must_use]
    pub fn each(columns: &[FeatureColumn]) -> Vec<Self> {
        let named = columns.iter().enumerate();
        named.map(|(index, column)| Self { name: column.to_string(), columns: vec![index] }).collect()
    }

    /// One group for every modality, in the order of their first columns.
    ///
    /// ```
    /// use adatom_core::{FeatureColumn, Modality};
    /// use adatom_interpret::ColumnGroup;
    /// let columns = [Modality::Pdf, Modality::Xanes, Modality::Pdf].into_iter().zip([1.0, 2.0, 3.0]);
    /// let columns: Vec<_> =
    ///     columns.map(|(modality, axis)| FeatureColumn::new(modality, axis)).collect::<Result<_, _>>()?;
    /// let groups = ColumnGroup::modalities(&columns);
    /// assert_eq!((groups[0].name.as_str(), groups[0].columns.as_slice()), ("pdf", [0, 2].as_slice()));
    /// assert_eq!(groups[1].columns, [1]);
    /// # Ok::<(), adatom_core::TableError>(())
    /// ```
    #[must_use]
    pub fn modalities(columns: &[FeatureColumn]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            match groups.iter_mut().find(|group| group.name == column.modality().name()) {
                Some(group) => group.columns.push(index),
                None => groups.push(Self { name: column.modality().to_string(), columns: vec![index] }),
            }
        }
        groups
    }

    /// The group of one modality.
    ///
    /// # Errors
    /// [`ImportanceError::NoColumns`].
    pub fn modality(columns: &[FeatureColumn], modality: &Modality) -> Result<Self> {
        let group = Self::modalities(columns).into_iter().find(|group| group.name == modality.name());
        group.ok_or_else(|| ImportanceError::NoColumns { name: modality.to_string() })
    }

    /// One group for every region.
    ///
    /// # Errors
    /// As [`Region::columns`].
    pub fn regions(columns: &[FeatureColumn], regions: &[Region]) -> Result<Vec<Self>> {
        let one = |region: &Region| Ok(Self { name: region.name.clone(), columns: region.columns(columns)? });
        regions.iter().map(one).collect()
    }
}

/// Checks that there is at least one group, and that groups have columns below `columns`.
pub(crate) fn check_groups(groups: &[ColumnGroup], columns: usize) -> Result<()> {
    super::error::at_least("groups of columns", 1, groups.len())?;
    for group in groups {
        let Some(&last) = group.columns.iter().max() else {
            return Err(ImportanceError::NoColumns { name: group.name.clone() });
        };
        super::error::at_least("columns of features", last.saturating_add(1), columns)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_peaks_belong_to_the_region_of_the_next_large_one() {
        // Prominences: 5 (index 1) stands 5 - 1 above the valley at 3; 2 (index 4) stands 1 above it; 9 is
        // highest.
        let heights = [0.0, 5.0, 3.0, 1.0, 2.0, 1.0, 9.0, 9.0, 0.0];
        assert_eq!(peaks(&heights, 0.5), [1, 4, 6]);
        assert_eq!(peaks(&heights, 1.5), [1, 6]);
        assert_eq!(peaks(&heights, 4.5), [6]);
        assert_eq!(peaks(&[2.0, 2.0, 1.0, 2.0, 2.0], 0.5), [0]);
    }

    #[test]
    fn regions_without_columns_are_errors() {
        let columns = [10.0, 20.0].map(|axis| FeatureColumn::new(Modality::Pdf, axis).unwrap());
        let region = |low, high| Region::new("r", Modality::Pdf, low, high).unwrap();
        assert_eq!(region(15.0, 20.0).columns(&columns).unwrap(), [1]);
        let message = |low, high| region(low, high).columns(&columns).unwrap_err().to_string();
        assert_eq!(message(12.0, 13.0), "r (pdf, 12 to 13 Å) has no column");
        assert_eq!(
            message(21.0, 30.0),
            "the region \"r\" from 21 to 30 lies outside the axis of pdf, 10 to 20"
        );
    }
}
