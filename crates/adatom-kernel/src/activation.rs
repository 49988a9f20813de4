//! Activations, and their passes over one panel while it is in cache: values, derivatives and column sums.

use crate::functions::{
    Function, FunctionWithDerivative, Gelu, LeakyRelu, Relu, Sigmoid, Sine, SoftplusFunction, Tanh,
};
use crate::panels::{Row, flat, flat_mut, mul_add};
use crate::simd::{Instructions, Kernel, Simd};

/// Nonlinearity after a hidden layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Activation {
    /// Hyperbolic tangent.
    #[default]
    Tanh,
    /// `max(x, 0)`.
    Relu,
    /// `x` above zero, `0.01 x` below.
    LeakyRelu,
    /// `ln(1 + exp x)`.
    Softplus,
    /// `x Φ(x)` with the exact Gaussian distribution function, the default of torch.
    Gelu,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `sin x` for |x| up to 10⁵; beyond, that of the nearer bound.
    Sine,
}

impl Activation {
    /// Every activation.
    pub const ALL: [Activation; 7] = [
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Softplus,
        Activation::Gelu,
        Activation::Sigmoid,
        Activation::Sine,
    ];

    /// Applies the activation to each value, with an absolute error below 1e-6; NaN stays NaN.
    ///
    /// ```
    /// use adatom_kernel::{Activation, Instructions};
    ///
    /// let mut values = [-1.0, 0.0, f32::INFINITY];
    /// Activation::Tanh.apply(Instructions::best(), &mut values);
    /// assert!((values[0] + 0.761_594_2).abs() < 1e-6);
    /// assert_eq!(values[1], 0.0);
    /// assert!((values[2] - 1.0).abs() < 1e-6);
    /// ```
    pub fn apply(self, instructions: Instructions, values: &mut [f32]) {
        instructions.run(Activate { activation: self, values, derivatives: &mut [] });
    }

    /// Whether the derivative has to be kept because it does not follow from the value.
    pub(crate) fn keeps_derivative(self) -> bool {
        matches!(self, Activation::Gelu | Activation::Sine)
    }
}

/// `x <- f(x)`; for gelu and sine also the derivative, which the backward pass cannot get from the value.
pub(crate) struct Activate<'a> {
    pub(crate) activation: Activation,
    pub(crate) values: &'a mut [f32],
    /// For gelu and sine alone: where the derivatives go, empty where none are wanted.
    pub(crate) derivatives: &'a mut [f32],
}

impl Kernel for Activate<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let values = self.values;
        match self.activation {
            Activation::Tanh => map::<S, Tanh>(simd, values),
            Activation::Relu => map::<S, Relu>(simd, values),
            Activation::LeakyRelu => map::<S, LeakyRelu>(simd, values),
            Activation::Softplus => map::<S, SoftplusFunction>(simd, values),
            Activation::Sigmoid => map::<S, Sigmoid>(simd, values),
            Activation::Gelu => map_both::<S, Gelu>(simd, values, self.derivatives),
            Activation::Sine => map_both::<S, Sine>(simd, values, self.derivatives),
        }
    }
}

#[inline(always)]
fn map<S: Simd, F: Function>(simd: S, values: &mut [f32]) {
    for x in values {
        *x = F::value(simd, *x);
    }
}

/// Without room for derivatives, only the values.
#[inline(always)]
fn map_both<S: Simd, F: FunctionWithDerivative>(simd: S, values: &mut [f32], derivatives: &mut [f32]) {
    if derivatives.is_empty() {
        for x in values {
            *x = F::both(simd, *x).0;
        }
    } else {
        for (x, derivative) in values.iter_mut().zip(derivatives) {
            (*x, *derivative) = F::both(simd, *x);
        }
    }
}

/// `value <- upstream * derivative`: turns activations in place into the derivatives with respect to what
/// went into them, and adds their column sums, the bias gradient.
pub(crate) struct Delta<'a> {
    pub(crate) activation: Activation,
    pub(crate) upstream: &'a [Row],
    pub(crate) values: &'a mut [Row],
    /// For gelu and sine, the derivatives kept by [`Activate`].
    pub(crate) derivatives: &'a [Row],
    pub(crate) sums: &'a mut Row,
}

impl Kernel for Delta<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (upstream, values) = (flat(self.upstream), flat_mut(self.values));
        match self.activation {
            Activation::Tanh => replace::<S, Tanh>(simd, upstream, values),
            Activation::Relu => replace::<S, Relu>(simd, upstream, values),
            Activation::LeakyRelu => replace::<S, LeakyRelu>(simd, upstream, values),
            Activation::Softplus => replace::<S, SoftplusFunction>(simd, upstream, values),
            Activation::Sigmoid => replace::<S, Sigmoid>(simd, upstream, values),
            Activation::Gelu | Activation::Sine => {
                for ((value, upstream), derivative) in
                    values.iter_mut().zip(upstream).zip(flat(self.derivatives))
                {
                    *value = upstream * derivative;
                }
            }
        }
        // A pass of its own: in one loop with the above the compiler keeps the sums in memory.
        let mut sums = self.sums.load(simd);
        for row in &*self.values {
            sums = mul_add(simd, 1.0, row.load(simd), sums);
        }
        self.sums.store(simd, sums);
    }
}

/// `upstream <- upstream * derivative` of the activations `values`, on flat numbers.
pub(crate) struct ActivateBackward<'a> {
    pub(crate) activation: Activation,
    pub(crate) values: &'a [f32],
    /// For gelu and sine, the derivatives kept by [`Activate`].
    pub(crate) derivatives: &'a [f32],
    pub(crate) upstream: &'a mut [f32],
}

impl Kernel for ActivateBackward<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (values, upstream) = (self.values, self.upstream);
        match self.activation {
            Activation::Tanh => multiply::<S, Tanh>(simd, values, upstream),
            Activation::Relu => multiply::<S, Relu>(simd, values, upstream),
            Activation::LeakyRelu => multiply::<S, LeakyRelu>(simd, values, upstream),
            Activation::Softplus => multiply::<S, SoftplusFunction>(simd, values, upstream),
            Activation::Sigmoid => multiply::<S, Sigmoid>(simd, values, upstream),
            Activation::Gelu | Activation::Sine => {
                for (upstream, derivative) in upstream.iter_mut().zip(self.derivatives) {
                    *upstream *= derivative;
                }
            }
        }
    }
}

#[inline(always)]
fn multiply<S: Simd, F: Function>(simd: S, values: &[f32], upstream: &mut [f32]) {
    for (upstream, value) in upstream.iter_mut().zip(values) {
        *upstream *= F::derivative(simd, *value);
    }
}

#[inline(always)]
fn replace<S: Simd, F: Function>(simd: S, upstream: &[f32], values: &mut [f32]) {
    for (value, upstream) in values.iter_mut().zip(upstream) {
        *value = upstream * F::derivative(simd, *value);
    }
}
