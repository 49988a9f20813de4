//! The meaning of a column of features: `modality@axis`, or `modality:quantity@axis` for a derived one.
//!
//! | header | meaning |
//! |---|---|
//! | `xanes@8987.500` | the absorption at 8987.5 eV |
//! | `dpdf@0.101` | the differential PDF at 0.101 Å |
//! | `xanes:cubic10-c2@8990.1` | the quadratic coefficient of a fit around 8990.1 eV |

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::modality::is_word;
use crate::{Modality, TableError};

/// The meaning of a column of features: a modality, a value on its axis, and for derived features a quantity.
///
/// The text is the column's header; it has three decimals or as many as the axis value needs, so that reading
/// it gives the same column.
///
/// ```
/// use adatom_core::{FeatureColumn, Modality};
/// let column = FeatureColumn::new(Modality::Xanes, 8987.5)?;
/// assert_eq!(column.to_string(), "xanes@8987.500");
/// let curvature = FeatureColumn::derived(Modality::Xanes, "cubic10-c2", 8990.125)?;
/// assert_eq!("xanes:cubic10-c2@8990.125".parse::<FeatureColumn>()?, curvature);
/// assert_eq!(FeatureColumn::new(Modality::Pdf, 1.0 / 3.0)?.to_string(), "pdf@0.3333333333333333");
///
/// let error = "energy".parse::<FeatureColumn>().unwrap_err();
/// assert_eq!(error.to_string(), "a feature column must be like `xanes@8987.500`, found \"energy\"");
/// # Ok::<(), adatom_core::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FeatureColumn {
    modality: Modality,
    axis: f64,
    quantity: Option<String>,
}

impl FeatureColumn {
    /// The measured value at `axis`, in the unit of the modality.
    ///
    /// # Errors
    /// [`TableError::Name`] when the axis value is not finite, or the name of another modality is a
    /// predefined one or not permitted in a header.
    pub fn new(modality: Modality, axis: f64) -> Result<Self, TableError> {
        if !axis.is_finite() {
            let found = axis.to_string();
            return Err(TableError::Name { what: "an axis value", expected: "finite", found });
        }
        if modality.name().parse().ok().as_ref() != Some(&modality) {
            let (expected, found) = ("named like none of the known ones", modality.name().to_owned());
            return Err(TableError::Name { what: "another modality", expected, found });
        }
        // Adding zero makes -0 a plain 0, so that equal columns have equal headers.
        Ok(Self { modality, axis: axis + 0.0, quantity: None })
    }

    /// A number that was derived from the measured values around `axis`, named by `quantity`: ASCII letters,
    /// digits, `_`, `-` and `.`.
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`TableError::Name`] when the quantity has other characters or none.
    pub fn derived(modality: Modality, quantity: &str, axis: f64) -> Result<Self, TableError> {
        if !is_word(quantity) {
            let (expected, found) = ("letters, digits, `_`, `-` and `.`", quantity.to_owned());
            return Err(TableError::Name { what: "a quantity", expected, found });
        }
        Ok(Self { quantity: Some(quantity.to_owned()), ..Self::new(modality, axis)? })
    }

    /// The kind of measurement.
    pub fn modality(&self) -> &Modality {
        &self.modality
    }

    /// The position on the axis, in [`Modality::unit`].
    pub fn axis(&self) -> f64 {
        self.axis
    }

    /// The derived quantity; `None` for the measured value itself.
    pub fn quantity(&self) -> Option<&str> {
        self.quantity.as_deref()
    }
}

impl fmt::Display for FeatureColumn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut axis = format!("{:?}", self.axis);
        if !axis.contains('e') {
            let decimals = axis.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            axis.extend(std::iter::repeat_n('0', 3usize.saturating_sub(decimals)));
        }
        match &self.quantity {
            Some(quantity) => formatter.pad(&format!("{}:{quantity}@{axis}", self.modality)),
            None => formatter.pad(&format!("{}@{axis}", self.modality)),
        }
    }
}

impl FromStr for FeatureColumn {
    type Err = TableError;

    fn from_str(header: &str) -> Result<Self, TableError> {
        let unlike = || TableError::Name {
            what: "a feature column",
            expected: "like `xanes@8987.500`",
            found: header.to_owned(),
        };
        let (name, axis) = header.rsplit_once('@').ok_or_else(unlike)?;
        let axis: f64 = axis.parse().ok().filter(|axis: &f64| axis.is_finite()).ok_or_else(unlike)?;
        match name.split_once(':') {
            Some((modality, quantity)) => Self::derived(modality.parse()?, quantity, axis),
            None => Self::new(name.parse()?, axis),
        }
    }
}

impl From<FeatureColumn> for String {
    fn from(column: FeatureColumn) -> Self {
        column.to_string()
    }
}

impl TryFrom<String> for FeatureColumn {
    type Error = TableError;

    fn try_from(header: String) -> Result<Self, TableError> {
        header.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn headers_of_extreme_axis_values_are_short_and_exact() {
        for (axis, header) in [
            (0.0, "pdf@0.000"),
            (-0.0, "pdf@0.000"),
            (-1.25, "pdf@-1.250"),
            (1e300, "pdf@1e300"),
            (5e-324, "pdf@5e-324"),
            (0.1 + 0.2, "pdf@0.30000000000000004"),
        ] {
            let column = FeatureColumn::new(Modality::Pdf, axis).unwrap();
            assert_eq!(column.to_string(), header);
            assert_eq!(header.parse::<FeatureColumn>().unwrap(), column);
        }
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for header in
            ["", "@", "@1", "xanes@", "xanes@nan", "xanes@inf", "xanes:@1", "x y@1", "id@1", "target:a@1"]
        {
            assert!(header.parse::<FeatureColumn>().is_err(), "{header}");
        }
        assert!(FeatureColumn::new(Modality::Other("xanes".into()), 1.0).is_err());
        assert!(FeatureColumn::new(Modality::Pdf, f64::NAN).is_err());
    }

    #[test]
    fn serialised_columns_are_their_headers() {
        let column = FeatureColumn::derived(Modality::Other("eels".into()), "sum", 12.0).unwrap();
        let json = serde_json::to_string(&column).unwrap();
        assert_eq!(json, "\"eels:sum@12.000\"");
        assert_eq!(serde_json::from_str::<FeatureColumn>(&json).unwrap(), column);
    }

    proptest! {
        #[test]
        fn any_column_is_read_back_from_its_header(
            axis in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
            quantity in prop::option::of("[a-zA-Z0-9_.-]{1,12}"),
            name in "[a-z]{1,5}[0-9]",
        ) {
            let modalities =
                [Modality::Xanes, Modality::DifferentialPdf, Modality::Latent, Modality::Other(name)];
            for modality in modalities {
                let column = match &quantity {
                    Some(quantity) => FeatureColumn::derived(modality, quantity, axis).unwrap(),
                    None => FeatureColumn::new(modality, axis).unwrap(),
                };
                prop_assert_eq!(column.to_string().parse::<FeatureColumn>().unwrap(), column);
            }
        }
    }
}
