//! The calculator: parameters, and the curves that can be calculated.

use adatom_core::fourier::FourierPlanner;
use adatom_spectra::{DifferentialPdf, Pdf};
use rayon::prelude::*;

use super::atoms::Atoms;
use super::outputs::{Raw, finish, pdf};
use super::pairs::{Division, sum};
use super::partial::{PartialPdf, TotalAndDifferential};
use super::range::Ranges;
use super::settings::{Baseline, Settings};
use crate::{Charges, Crystal, Element, Error, Radiation, Result};

/// Calculates pair distribution functions G(r) of crystals; lengths in Å, wavenumbers in 1/Å.
///
/// The defaults are libdiffpy's, and so are the numbers. Parameters are checked when a curve is calculated.
///
/// ```
/// use adatom_crystal::{Crystal, Lattice, PdfCalculator, Site, Species};
/// let cell = Lattice::from_parameters([3.52, 3.52, 3.52], [90.0; 3])?;
/// let positions = [[0.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];
/// let nickel = Species::new("Ni".parse()?);
/// let sites = positions.into_iter().map(|position| Site::new(nickel, position)).collect::<Result<_, _>>()?;
/// let crystal = Crystal::new(cell, sites)?;
///
/// let pdf = PdfCalculator::published().total(&crystal)?;
/// assert_eq!((pdf.len(), pdf.g()[0]), (1000, 0.0));
/// // The nearest neighbours, at 3.52 / √2 = 2.489 Å, make the highest peak.
/// let highest = (0..300).max_by(|&i, &j| pdf.g()[i].total_cmp(&pdf.g()[j]));
/// assert_eq!(highest, Some(249));
///
/// let error = PdfCalculator::published().rstep(0.0).total(&crystal).unwrap_err();
/// assert_eq!(error.to_string(), "rstep must be a number above 1e-8, found 0");
/// # Ok::<(), adatom_crystal::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct PdfCalculator {
    settings: Settings,
    planner: FourierPlanner,
}

impl PdfCalculator {
    /// The parameters with which PDFs were calculated for tables of XANES and PDF (Na Narong et al., npj
    /// Comput. Mater. 2025): rmax 10 Å, qmax 30 1/Å, U_iso 0.007 Å² for all atoms.
    pub fn published() -> Self {
        Self::default().rmax(10.0).qmax(30.0).uniform_uiso(0.007)
    }

    /// The first distance is the first multiple of rstep from here; default 0.
    pub fn rmin(mut self, rmin: f64) -> Self {
        self.settings.rmin = rmin;
        self
    }

    /// Distances end before this one; default 10.
    pub fn rmax(mut self, rmax: f64) -> Self {
        self.settings.rmax = rmax;
        self
    }

    /// The distance between points; default 0.01.
    pub fn rstep(mut self, rstep: f64) -> Self {
        self.settings.rstep = rstep;
        self
    }

    /// The smallest momentum transfer that contributes; default 0.
    pub fn qmin(mut self, qmin: f64) -> Self {
        self.settings.qmin = qmin;
        self
    }

    /// The largest momentum transfer that contributes; default 0, which means no limit, as does a value of π
    /// / rstep or more. The points of F(Q) are discrete, so that the sharp limit lies up to a point below.
    pub fn qmax(mut self, qmax: f64) -> Self {
        self.settings.qmax = qmax;
        self
    }

    /// Damping by limited resolution, exp(-(r qdamp)² / 2); default 0.
    pub fn qdamp(mut self, qdamp: f64) -> Self {
        self.settings.qdamp = qdamp;
        self
    }

    /// Broadening of peaks by limited resolution; default 0.
    pub fn qbroad(mut self, qbroad: f64) -> Self {
        self.settings.qbroad = qbroad;
        self
    }

    /// Sharpening of peaks by correlated motion, proportional to 1/r; default 0. Peaks whose
    /// width would be negative vanish.
    pub fn delta1(mut self, delta1: f64) -> Self {
        self.settings.delta1 = delta1;
        self
    }

    /// Sharpening of peaks by correlated motion, proportional to 1/r²; default 0. Peaks whose
    /// width would be negative vanish.
    pub fn delta2(mut self, delta2: f64) -> Self {
        self.settings.delta2 = delta2;
        self
    }

    /// Scale factor of G(r); default 1.
    pub fn scale(mut self, scale: f64) -> Self {
        self.settings.scale = scale;
        self
    }

    /// The diameter of spherical particles; default 0, which means no limit.
    pub fn spherical_diameter(mut self, diameter: f64) -> Self {
        self.settings.spherical_diameter = diameter;
        self
    }

    /// The radiation; default X-rays.
    pub fn radiation(mut self, radiation: Radiation) -> Self {
        self.settings.radiation = radiation;
        self
    }

    /// Whether formal charges select the scattering factors; default as given.
    pub fn charges(mut self, charges: Charges) -> Self {
        self.settings.charges = charges;
        self
    }

    /// The baseline of PDFs of some pairs; default by number.
    pub fn baseline(mut self, baseline: Baseline) -> Self {
        self.settings.baseline = baseline;
        self
    }

    /// U_iso of the sites that have no displacement parameter, Å²; default none: such a site is an error.
    pub fn default_uiso(mut self, uiso: f64) -> Self {
        self.settings.default_uiso = Some(uiso);
        self
    }

    /// U_iso of all sites, instead of the values of the structure, Å²; default none.
    pub fn uniform_uiso(mut self, uiso: f64) -> Self {
        self.settings.uniform_uiso = Some(uiso);
        self
    }

    /// G(r) of all pairs.
    ///
    /// # Errors
    /// A parameter outside of its range, a species without scattering factor, a site without or with an
    /// impossible displacement parameter, factors whose mean is 0, or more points or pairs than are
    /// calculated at once.
    pub fn total(&self, crystal: &Crystal) -> Result<Pdf> {
        let run = Run::new(self, crystal)?;
        let [peaks] = run.sum(&Division::none(&run.atoms))?;
        let [curve] = run.finish([Raw { peaks, share: 1.0 }]);
        run.pdf(curve, &[])
    }

    /// G(r) of all pairs in which an element does not take part.
    ///
    /// # Errors
    /// Those of [`total`](Self::total), and an element that the crystal does not have.
    pub fn without(&self, crystal: &Crystal, element: Element) -> Result<Pdf> {
        let run = Run::new(self, crystal)?;
        let at = run.atoms.find(element)?;
        let [peaks, _] = run.sum(&Division::by(&run.atoms, at))?;
        let [curve] = run.finish([Raw { peaks, share: 1.0 - run.share_with(at) }]);
        run.pdf(curve, &[("without", element.to_string())])
    }

    /// The differential PDF of an element: G(r) of all pairs less that of the pairs without it.
    ///
    /// # Errors
    /// Those of [`total`](Self::total), and an element that the crystal does not have.
    ///
    /// ```
    /// use adatom_crystal::{Crystal, Lattice, PdfCalculator, Site, Species};
    /// let cell = Lattice::from_parameters([5.64, 5.64, 5.64], [60.0; 3])?;
    /// let (sodium, chlorine) = (Species::new("Na".parse()?), Species::new("Cl".parse()?));
    /// let crystal =
    ///     Crystal::new(cell, vec![Site::new(sodium, [0.0; 3])?, Site::new(chlorine, [0.5; 3])?])?;
    /// let calculator = PdfCalculator::published();
    /// let dpdf = calculator.differential(&crystal, "Na".parse()?)?;
    /// assert_eq!(dpdf.pdf().metadata().get("element"), Some("Na"));
    /// let error = calculator.differential(&crystal, "Cu".parse()?).unwrap_err();
    /// assert_eq!(error.to_string(), "element must be one of the crystal's, Na, Cl, found Cu");
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    pub fn differential(&self, crystal: &Crystal, element: Element) -> Result<DifferentialPdf> {
        let run = Run::new(self, crystal)?;
        let at = run.atoms.find(element)?;
        let [_, peaks] = run.sum(&Division::by(&run.atoms, at))?;
        let [curve] = run.finish([Raw { peaks, share: run.share_with(at) }]);
        run.differential(curve, element)
    }

    /// Both [`total`](Self::total) and [`differential`](Self::differential), for about the time of one.
    ///
    /// # Errors
    /// Those of the two.
    pub fn total_and_differential(
        &self,
        crystal: &Crystal,
        element: Element,
    ) -> Result<TotalAndDifferential> {
        let run = Run::new(self, crystal)?;
        let at = run.atoms.find(element)?;
        let [without, with] = run.sum(&Division::by(&run.atoms, at))?;
        let all = without.iter().zip(&with).map(|(without, with)| without + with).collect();
        let raw = [Raw { peaks: all, share: 1.0 }, Raw { peaks: with, share: run.share_with(at) }];
        let [total, differential] = run.finish(raw);
        let (total, differential) = (run.pdf(total, &[])?, run.differential(differential, element)?);
        Ok(TotalAndDifferential { total, differential })
    }

    /// The differential PDF of the atoms of an element at single sites: pairs with the atom at the site, in
    /// the differential PDF's own units, so that the mean over all atoms of the element is
    /// [`differential`](Self::differential).
    ///
    /// Single sites cannot be measured; the calculated curves serve as features of a model.
    ///
    /// # Errors
    /// Those of [`differential`](Self::differential), and a site that the crystal does not have or that is
    /// not of the element.
    ///
    /// ```
    /// use adatom_crystal::{Crystal, Lattice, PdfCalculator, Site, Species};
    /// let cell = Lattice::from_parameters([5.64, 5.64, 5.64], [60.0; 3])?;
    /// let (sodium, chlorine) = (Species::new("Na".parse()?), Species::new("Cl".parse()?));
    /// let crystal =
    ///     Crystal::new(cell, vec![Site::new(sodium, [0.0; 3])?, Site::new(chlorine, [0.5; 3])?])?;
    /// let calculator = PdfCalculator::published();
    /// let all = calculator.differential(&crystal, "Na".parse()?)?;
    /// let only = &calculator.site_differentials(&crystal, "Na".parse()?, &[0])?[0];
    /// assert!((&all.pdf().g() - &only.pdf().g()).iter().all(|error| error.abs() < 1e-9));
    /// let error = calculator.site_differentials(&crystal, "Na".parse()?, &[1]).unwrap_err();
    /// assert_eq!(error.to_string(), "site must be one of Na, found 1");
    /// # Ok::<(), adatom_crystal::Error>(())
    /// ```
    pub fn site_differentials(
        &self,
        crystal: &Crystal,
        element: Element,
        sites: &[usize],
    ) -> Result<Vec<DifferentialPdf>> {
        let run = Run::new(self, crystal)?;
        let at = run.atoms.find(element)?;
        let of_site = |&site: &usize| {
            if !run
                .atoms
                .sites
                .get(site)
                .is_some_and(|atom| atom.shares.iter().any(|share| share.element == at))
            {
                let expected = format!("one of {element}");
                return Err(Error::Argument { what: "site", expected, found: site.to_string() });
            }
            let atoms = run.atoms.apart(site, at);
            let division = Division::of_site(&atoms, at);
            let curves = sum(crystal, &self.settings, (&atoms, &run.ranges), &division)?;
            let [_, own, shared, _]: [Vec<f64>; 4] =
                curves.try_into().expect("the division has so many curves");
            // A pair of two atoms of the element belongs to both of them, half to each.
            let all = run.atoms.elements[at].count / atoms.elements[atoms.elements.len() - 1].count;
            let peaks = own.iter().zip(&shared).map(|(own, shared)| all * (own + 0.5 * shared)).collect();
            let [curve] = run.finish([Raw { peaks, share: run.share_with(at) }]);
            run.differential(curve, element)
        };
        sites.iter().map(of_site).collect()
    }

    /// The partial PDF of two elements, which may be the same.
    ///
    /// # Errors
    /// Those of [`total`](Self::total), and elements that the crystal does not have.
    pub fn partial(&self, crystal: &Crystal, first: Element, second: Element) -> Result<PartialPdf> {
        let atoms = Run::new(self, crystal)?.atoms;
        atoms.find(first).and(atoms.find(second))?;
        let wanted = |partial: &PartialPdf| {
            let elements = partial.elements();
            elements == [first, second] || elements == [second, first]
        };
        let found = self.partials(crystal)?.into_iter().find(wanted);
        Ok(found.expect("every pair of elements has one"))
    }

    /// The partial PDFs of all pairs of elements, which sum to the total when each is taken times its weight.
    ///
    /// # Errors
    /// Those of [`total`](Self::total).
    pub fn partials(&self, crystal: &Crystal) -> Result<Vec<PartialPdf>> {
        let run = Run::new(self, crystal)?;
        let atoms = run.atoms.relative();
        let peaks = sum(crystal, &self.settings, (&atoms, &run.ranges), &Division::full(&atoms))?;
        let pairs = || (0..atoms.elements.len()).flat_map(|a| (0..=a).map(move |b| (a, b)));
        let both = |a: usize, b: usize| if a == b { 1.0 } else { 2.0 };
        let raw = pairs().zip(peaks).map(|((a, b), mut peaks)| {
            let pairs = both(a, b) * atoms.fraction(a) * atoms.fraction(b);
            peaks.iter_mut().for_each(|value| *value /= pairs);
            Raw { peaks, share: 1.0 }
        });
        let curves = finish(&self.settings, (&run.ranges, &self.planner), run.atoms.density, raw.collect());
        let partial = |((a, b), curve)| {
            let weight = both(a, b) * run.atoms.scattering_fraction(a) * run.atoms.scattering_fraction(b);
            let mut elements = [atoms.elements[a].element, atoms.elements[b].element];
            elements.sort();
            let [first, second] = elements;
            let pdf = run.pdf(curve, &[("partial", format!("{first} {second}"))])?;
            Ok(PartialPdf::new(elements, weight, pdf))
        };
        let mut partials: Vec<PartialPdf> = pairs().zip(curves).map(partial).collect::<Result<_>>()?;
        partials.sort_by_key(PartialPdf::elements);
        Ok(partials)
    }

    /// [`total`](Self::total) of many crystals, on all cores; the results in the order of the crystals.
    pub fn totals(&self, crystals: &[Crystal]) -> Vec<Result<Pdf>> {
        crystals.par_iter().map(|crystal| self.total(crystal)).collect()
    }

    /// [`total_and_differential`](Self::total_and_differential) of many crystals, on all cores; the results
    /// in the order of the crystals.
    pub fn totals_and_differentials(
        &self,
        crystals: &[Crystal],
        element: Element,
    ) -> Vec<Result<TotalAndDifferential>> {
        crystals.par_iter().map(|crystal| self.total_and_differential(crystal, element)).collect()
    }
}

/// One crystal with these parameters.
struct Run<'a> {
    calculator: &'a PdfCalculator,
    crystal: &'a Crystal,
    atoms: Atoms,
    ranges: Ranges,
}

impl<'a> Run<'a> {
    fn new(calculator: &'a PdfCalculator, crystal: &'a Crystal) -> Result<Self> {
        calculator.settings.check()?;
        let atoms = Atoms::of(&calculator.settings, crystal)?;
        let ranges = Ranges::of(&calculator.settings, &atoms)?;
        Ok(Self { calculator, crystal, atoms, ranges })
    }

    fn sum<const N: usize>(&self, division: &Division) -> Result<[Vec<f64>; N]> {
        let curves = sum(self.crystal, &self.calculator.settings, (&self.atoms, &self.ranges), division)?;
        Ok(curves.try_into().expect("the division has so many curves"))
    }

    fn finish<const N: usize>(&self, raw: [Raw; N]) -> [Vec<f64>; N] {
        let (settings, planner) = (&self.calculator.settings, &self.calculator.planner);
        let curves = finish(settings, (&self.ranges, planner), self.atoms.density, raw.into());
        curves.try_into().expect("every curve is finished")
    }

    /// The share of the baseline that pairs with an element have.
    fn share_with(&self, element: usize) -> f64 {
        let fraction = match self.calculator.settings.baseline {
            Baseline::ByScattering => self.atoms.scattering_fraction(element),
            Baseline::ByNumber | Baseline::Zero => self.atoms.fraction(element),
        };
        1.0 - (1.0 - fraction).powi(2)
    }

    fn pdf(&self, curve: Vec<f64>, what: &[(&str, String)]) -> Result<Pdf> {
        pdf(&self.calculator.settings, &self.ranges, self.crystal, (curve, what))
    }

    fn differential(&self, curve: Vec<f64>, element: Element) -> Result<DifferentialPdf> {
        let pdf = self.pdf(curve, &[("element", element.to_string())])?;
        Ok(DifferentialPdf::new(element, pdf))
    }
}
