//! Line shapes of unit area: pseudo-Voigt η L + (1 - η) G of a Lorentzian of full width γ and a Gaussian of
//! full width g.
//!
//! Both parts have the width w of the Voigt profile, w⁵ = g⁵ + 2.69269 g⁴γ + 2.42843 g³γ² + 4.47163 g²γ³ +
//! 0.07842 gγ⁴ + γ⁵, and η = 1.36603 (γ/w) - 0.47719 (γ/w)² + 0.11116 (γ/w)³ (Thompson, Cox and Hastings, *J.
//! Appl. Cryst.* 20 (1987) 79). The step of an edge is the arctangent ½ + arctan(2 x / w) / π.

use std::f64::consts::{LN_2, PI};

/// A line or step of these full widths at half maximum, eV.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    width: f64,
    lorentzian: f64,
}

impl Line {
    /// Of a Lorentzian and a Gaussian, of which one is not 0.
    pub(super) fn new(lorentzian: f64, gaussian: f64) -> Self {
        let (l, g) = (lorentzian, gaussian);
        let fifth = g.powi(5)
            + 2.69269 * g.powi(4) * l
            + 2.42843 * g.powi(3) * l.powi(2)
            + 4.47163 * g.powi(2) * l.powi(3)
            + 0.07842 * g * l.powi(4)
            + l.powi(5);
        let width = fifth.powf(0.2);
        let part = l / width;
        Self { width, lorentzian: 1.36603 * part - 0.47719 * part.powi(2) + 0.11116 * part.powi(3) }
    }

    /// Full width at half maximum, eV.
    #[cfg(test)]
    pub(super) fn width(self) -> f64 {
        self.width
    }

    /// The line at a distance from its centre, 1/eV.
    pub(super) fn peak(self, x: f64) -> f64 {
        let half = 0.5 * self.width;
        let lorentzian = half / (PI * (x * x + half * half));
        let gaussian = (LN_2 / PI).sqrt() / half * (-LN_2 * (x / half).powi(2)).exp();
        self.lorentzian * lorentzian + (1.0 - self.lorentzian) * gaussian
    }

    /// The step at a distance from its middle: from 0 far below to 1 far above.
    pub(super) fn step(self, x: f64) -> f64 {
        0.5 + (2.0 * x / self.width).atan() / PI
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pure_lines_keep_their_width() {
        assert!((Line::new(1.25, 0.0).width() - 1.25).abs() < 1e-12);
        assert!((Line::new(0.0, 2.0).width() - 2.0).abs() < 1e-12);
        assert!(Line::new(1.0, 1.0).width() > 1.0);
    }

    #[test]
    fn lines_have_unit_area_and_half_of_their_height_at_half_of_their_width() {
        let line = Line::new(1.5, 1.0);
        // The tails of the Lorentzian part beyond 1000 eV hold about 2 · 1.5 / (2π · 1000) < 1e-3.
        let area: f64 = (-100_000..=100_000).map(|at| 0.01 * line.peak(0.01 * f64::from(at))).sum();
        assert!((area - 1.0).abs() < 1e-3, "{area}");
        assert!((line.peak(0.5 * line.width()) / line.peak(0.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_step_is_half_way_up_in_its_middle_and_a_quarter_half_a_width_below() {
        let line = Line::new(2.0, 0.0);
        assert_eq!(line.step(0.0), 0.5);
        assert!((line.step(-1.0) - 0.25).abs() < 1e-12);
    }
}
