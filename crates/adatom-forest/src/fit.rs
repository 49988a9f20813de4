//! Fitting a forest: data are checked and ranked once, then every tree is grown independently.

use adatom_core::{ClassLabels, TargetView};
use ndarray::{ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use crate::engine::{
    Bag, Columns, Entropy, Gain, Grown, Outputs, Plan, Poisson, Spread, Stream, TreeTarget, grow,
};
use crate::forest::{Forest, Origin};
use crate::rows::LARGEST;
use crate::tree::{LeafSamples, Tree};
use crate::{
    ClassWeight, Classifier, Criterion, Error, ForestParams, MaxFeatures, Model, Regressor, Result, Rows,
    Splitter,
};

/// Outputs of a forest; sums over them are held in arrays of fixed size.
const MOST_OUTPUTS: usize = 255;

/// Defaults that depend on the kind of target.
struct Defaults {
    criterion: Criterion,
    max_features: MaxFeatures,
}

/// The data that all trees share.
struct Growing<'a> {
    params: ForestParams,
    plan: Plan,
    columns: Columns<'a>,
    outputs: Outputs<'a>,
    criterion: Criterion,
    /// Of the samples and, unless counted anew in each tree, of their classes.
    weights: Vec<f64>,
    keep_samples: bool,
}

impl ForestParams {
    /// Fits a classifier to the `classes` of the rows.
    ///
    /// # Errors
    /// [`Error::Parameter`], [`Error::Length`], [`Error::TooFew`], [`Error::TooMany`], [`Error::Value`] (with
    /// row and column); [`Error::OneClass`] when all rows that have a weight belong to one class.
    ///
    /// ```
    /// use adatom_forest::ClassLabels;
    /// use adatom_forest::ndarray::array;
    /// use adatom_forest::{Error, RandomForest};
    /// let features = array![[0.0], [0.1], [1.0], [1.1]];
    /// let classes = ClassLabels::of_names(["Cu1+", "Cu1+", "Cu2+", "Cu2+"]);
    /// let model = RandomForest::params().trees(50).fit_classifier(features.view(), &classes)?;
    /// assert_eq!(model.predict_names(array![[-1.0], [2.0]].view())?, ["Cu1+", "Cu2+"]);
    ///
    /// let same = ClassLabels::of_names(["Cu2+"; 4]);
    /// let error = RandomForest::params().fit_classifier(features.view(), &same).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "all 4 rows belong to the class \"Cu2+\": a classifier needs at least two"
    /// );
    /// # Ok::<(), Error>(())
    /// ```
    pub fn fit_classifier<'a>(
        &self,
        rows: impl Into<Rows<'a>>,
        classes: &'a ClassLabels,
    ) -> Result<Classifier> {
        let rows = rows.into();
        rows.check()?;
        self.check()?;
        let criterion = self.criterion.unwrap_or(Criterion::Gini);
        if !matches!(criterion, Criterion::Gini | Criterion::Entropy) {
            return Err(wrong_criterion("gini or entropy for classes", criterion));
        }
        let count = rows.features.nrows();
        length("classes of rows", count, classes.codes.len())?;
        at_most("names of classes", MOST_OUTPUTS, classes.names.len())?;
        let weights = self.class_weighted(&rows, classes)?;
        let present = |class| classes.codes.iter().zip(&weights).any(|(&code, &w)| code == class && w > 0.0);
        let present: Vec<usize> = (0..classes.names.len()).filter(|&class| present(class)).collect();
        if let [] | [_] = present[..] {
            let class = present.first().map_or_else(String::new, |&class| classes.names[class].clone());
            return Err(Error::OneClass { class, rows: count });
        }
        let target = Outputs::of_classes(classes);
        let forest =
            self.grow(rows, target, Defaults { criterion, max_features: MaxFeatures::Sqrt }, weights)?;
        Ok(Classifier::new(forest, classes.names.clone()))
    }

    /// Fits a regressor to the `values` `[n]` of a property.
    ///
    /// # Errors
    /// [`Error::Parameter`], [`Error::Length`], [`Error::TooFew`], [`Error::TooMany`], [`Error::Value`] (with
    /// row and column).
    ///
    /// ```
    /// use adatom_forest::ndarray::{Array, array};
    /// use adatom_forest::{Error, RandomForest};
    /// let features = Array::from_shape_fn((50, 1), |(row, _)| row as f64);
    /// let values = Array::from_shape_fn(50, |row| 2.0 * row as f64);
    /// let model = RandomForest::params().fit_regressor(features.view(), values.view())?;
    /// assert!((model.predict(array![[20.0]].view())?[0] - 40.0).abs() < 2.0);
    ///
    /// let mut values = values;
    /// values[3] = f64::NAN;
    /// let error = RandomForest::params().fit_regressor(features.view(), values.view()).unwrap_err();
    /// assert_eq!(error.to_string(), "the property of row 3, column 0 must be a finite number, found NaN");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn fit_regressor<'a>(
        &self,
        rows: impl Into<Rows<'a>>,
        values: ArrayView1<'a, f64>,
    ) -> Result<Regressor> {
        self.fit_regressor_many(rows, values.insert_axis(Axis(1)))
    }

    /// Fits a classifier to classes or a regressor to numbers.
    ///
    /// # Errors
    /// As [`fit_classifier`](Self::fit_classifier) and [`fit_regressor`](Self::fit_regressor).
    ///
    /// ```
    /// use adatom_forest::ClassLabels;
    /// use adatom_forest::{Model, RandomForest, ndarray::array};
    /// let features = array![[0.0], [0.1], [1.0], [1.1]];
    /// let classes = ClassLabels::of_names(["Cu1+", "Cu1+", "Cu2+", "Cu2+"]);
    /// let params = RandomForest::params().trees(10);
    /// assert!(matches!(params.fit(features.view(), &classes)?, Model::Classifier(_)));
    /// let lengths = array![1.84, 1.85, 1.95, 1.96];
    /// assert!(matches!(params.fit(features.view(), &lengths)?, Model::Regressor(_)));
    /// # Ok::<(), adatom_forest::Error>(())
    /// ```
    pub fn fit<'a>(&self, rows: impl Into<Rows<'a>>, target: impl Into<TargetView<'a>>) -> Result<Model> {
        Ok(match target.into() {
            TargetView::Classes(classes) => self.fit_classifier(rows, classes)?.into(),
            TargetView::Numbers(values) => self.fit_regressor(rows, values)?.into(),
        })
    }

    /// Fits a regressor to several properties `[n, properties]` together. Splits minimise the mean of their
    /// variances: bring properties of different magnitude to one scale first.
    ///
    /// # Errors
    /// As [`fit_regressor`](Self::fit_regressor).
    pub fn fit_regressor_many<'a>(
        &self,
        rows: impl Into<Rows<'a>>,
        values: ArrayView2<'a, f64>,
    ) -> Result<Regressor> {
        let rows = rows.into();
        rows.check()?;
        self.check()?;
        let criterion = self.criterion.unwrap_or(Criterion::SquaredError);
        if !matches!(criterion, Criterion::SquaredError | Criterion::Poisson) {
            return Err(wrong_criterion("squared_error or poisson for properties", criterion));
        }
        if self.class_weight != ClassWeight::None {
            let (parameter, expected) = ("class_weight", "none for properties");
            return Err(Error::Parameter { parameter, expected, found: self.class_weight.to_string() });
        }
        length("values of the property", rows.features.nrows(), values.nrows())?;
        if values.ncols() == 0 {
            return Err(Error::TooFew { what: "property", least: 1, found: 0 });
        }
        at_most("properties", MOST_OUTPUTS, values.ncols())?;
        let least = if criterion == Criterion::Poisson { 0.0 } else { f64::NEG_INFINITY };
        let wrong = |value: f64| !(value >= least.max(-LARGEST) && value <= LARGEST);
        if let Some(((row, column), &found)) = values.indexed_iter().find(|(_, value)| wrong(**value)) {
            let expected = match found {
                _ if !found.is_finite() => "a finite number",
                _ if found < least => "not negative",
                _ => "between -1e90 and 1e90",
            };
            return Err(Error::Value { what: "the property", row, column: Some(column), expected, found });
        }
        let weights = rows.weights.map_or_else(|| vec![1.0; values.nrows()], <[f64]>::to_vec);
        let defaults = Defaults { criterion, max_features: MaxFeatures::All };
        let forest = self.grow(rows, Outputs::of_properties(values), defaults, weights)?;
        Ok(Regressor::new(forest, values.to_owned(), rows.weights.map(<[f64]>::to_vec)))
    }

    fn grow<'a>(
        &self,
        rows: Rows<'a>,
        outputs: Outputs<'a>,
        Defaults { criterion, max_features }: Defaults,
        weights: Vec<f64>,
    ) -> Result<Forest> {
        let features = rows.features;
        Bag::check(self.bootstrap, features.nrows())?;
        let plan = Plan::new(self, features.ncols(), max_features);
        let columns = match self.splitter {
            Splitter::Best if plan.in_lists(features.nrows(), features.ncols()) => Columns::exact(features),
            Splitter::Best => Columns::exact(features).by_rows(),
            Splitter::Binned => Columns::binned(features),
            Splitter::Random => Columns::exact(features).with_values(),
        };
        let growing = Growing {
            params: self.clone(),
            plan,
            columns,
            outputs,
            criterion,
            weights,
            keep_samples: outputs.classes().is_none(),
        };
        let grow = growing.grower(outputs.sums(criterion) + 1);
        let one = |tree| {
            let grown = grow(&growing, tree);
            if let Some(watch) = rows.watch {
                watch(1);
            }
            grown
        };
        let trees = if growing.plan.inside {
            (0..self.trees).map(one).collect()
        } else {
            (0..self.trees).into_par_iter().with_max_len(1).map(one).collect()
        };
        let origin = Some(Origin { params: self.clone(), rows: features.nrows() });
        Ok(Forest {
            trees,
            features: features.ncols(),
            outputs: outputs.len(),
            columns: None,
            target: None,
            origin,
        })
    }

    /// Weights of rows, with those of their classes unless they are counted in each tree.
    fn class_weighted(&self, rows: &Rows<'_>, classes: &ClassLabels) -> Result<Vec<f64>> {
        let count = classes.names.len();
        let factors = match &self.class_weight {
            ClassWeight::Given(factors) => {
                length("class weights", count, factors.len())?;
                factors.clone()
            }
            ClassWeight::Balanced => balanced(&classes.codes, count, |_| 1.0),
            ClassWeight::None | ClassWeight::BalancedSubsample => vec![1.0; count],
        };
        if let Some(row) = classes.codes.iter().position(|&code| code >= count) {
            let (what, expected, found) = ("the class", "one of those named", classes.codes[row] as f64);
            return Err(Error::Value { what, row, column: None, expected, found });
        }
        let of_row =
            |row: usize| rows.weights.map_or(1.0, |weights| weights[row]) * factors[classes.codes[row]];
        Ok((0..classes.codes.len()).map(of_row).collect())
    }
}

fn length(what: &'static str, expected: usize, found: usize) -> Result<()> {
    if expected == found { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}

fn at_most(what: &'static str, most: usize, found: usize) -> Result<()> {
    if found > most { Err(Error::TooMany { what, most, found }) } else { Ok(()) }
}

fn wrong_criterion(expected: &'static str, found: Criterion) -> Error {
    Error::Parameter { parameter: "criterion", expected, found: found.to_string() }
}

/// n / (classes present · n of the class) for every class; 0 for absent ones.
fn balanced(codes: &[usize], classes: usize, drawn: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut counts = vec![0.0; classes];
    for (row, &code) in codes.iter().enumerate() {
        if let Some(count) = counts.get_mut(code) {
            *count += drawn(row);
        }
    }
    let whole: f64 = counts.iter().sum();
    let present = counts.iter().filter(|&&count| count > 0.0).count() as f64;
    counts.into_iter().map(|count| if count > 0.0 { whole / (present * count) } else { 0.0 }).collect()
}

impl<'a> Growing<'a> {
    /// The function that grows one tree. The engine is compiled for numbers of sums of a node up to 2, 4, 8,
    /// 16, 64 and 256; the Poisson deviance of several properties is too rare for all of them.
    fn grower(&self, sums: usize) -> fn(&Self, usize) -> Tree {
        let sizes: [fn(&Self, usize) -> Tree; 6] = match self.criterion {
            Criterion::Gini | Criterion::SquaredError => [
                Self::by_spread::<2>,
                Self::by_spread::<4>,
                Self::by_spread::<8>,
                Self::by_spread::<16>,
                Self::by_spread::<64>,
                Self::by_spread::<256>,
            ],
            Criterion::Entropy => [
                Self::by_entropy::<2>,
                Self::by_entropy::<4>,
                Self::by_entropy::<8>,
                Self::by_entropy::<16>,
                Self::by_entropy::<64>,
                Self::by_entropy::<256>,
            ],
            Criterion::Poisson => [
                Self::by_poisson::<2>,
                Self::by_poisson::<8>,
                Self::by_poisson::<8>,
                Self::by_poisson::<256>,
                Self::by_poisson::<256>,
                Self::by_poisson::<256>,
            ],
        };
        sizes[[2, 4, 8, 16, 64].iter().filter(|&&size| sums > size).count()]
    }

    fn by_spread<const M: usize>(&self, tree: usize) -> Tree {
        self.tree::<M, _>(tree, |_| Spread)
    }

    fn by_entropy<const M: usize>(&self, tree: usize) -> Tree {
        self.tree::<M, _>(tree, |target| Entropy::new(target.whole()))
    }

    fn by_poisson<const M: usize>(&self, tree: usize) -> Tree {
        self.tree::<M, _>(tree, |_| Poisson)
    }

    fn tree<const M: usize, G: Gain<M>>(&self, tree: usize, gain: fn(&TreeTarget<'a, M>) -> G) -> Tree {
        let mut random = Stream::new(self.params.seed, tree);
        let bag = Bag::draw(self.params.bootstrap, self.weights.len(), &mut random);
        let weights = self.drawn_weights(&bag);
        let target = TreeTarget::<M>::new(self.outputs, self.criterion, weights);
        let gain = gain(&target);
        let grown = grow(&self.columns, target, gain, self.plan, random);
        let samples = if self.keep_samples { leaf_samples(&grown, &bag) } else { LeafSamples::default() };
        let tree = Tree::new(grown, self.outputs.len(), samples);
        if self.params.pruning > 0.0 { tree.pruned(self.params.pruning) } else { tree }
    }

    fn drawn_weights(&self, bag: &Bag) -> Vec<f64> {
        let mut weights: Vec<f64> =
            bag.counts.iter().zip(&self.weights).map(|(&count, weight)| f64::from(count) * weight).collect();
        if let (ClassWeight::BalancedSubsample, Some(labels)) =
            (&self.params.class_weight, self.outputs.classes())
        {
            let factors = balanced(&labels.codes, labels.names.len(), |row| f64::from(bag.counts[row]));
            weights.iter_mut().zip(&labels.codes).for_each(|(weight, &code)| *weight *= factors[code]);
        }
        // A tree may have drawn only rows without weight: it is then fitted to all rows that have one.
        if weights.iter().all(|&weight| weight == 0.0) { self.weights.clone() } else { weights }
    }
}

/// Rows leaf by leaf, each as often as it was drawn.
fn leaf_samples(grown: &Grown, bag: &Bag) -> LeafSamples {
    let mut samples = LeafSamples { rows: Vec::with_capacity(bag.counts.len()), begins: vec![0] };
    let (mut rows, mut sizes) = (grown.rows.iter(), grown.leaf_rows.iter());
    for &feature in &grown.feature {
        if feature == crate::engine::LEAF {
            let size = *sizes.next().expect("every leaf has its number of rows") as usize;
            for &row in rows.by_ref().take(size) {
                let times = bag.counts[row as usize].max(1) as usize;
                samples.rows.extend(std::iter::repeat_n(row, times));
            }
        }
        samples.begins.push(samples.rows.len() as u32);
    }
    samples
}
