//! Elementwise passes over one panel while it is in cache: activations, their slopes, and column sums.

use crate::math::{Function, FunctionWithSlope, Gelu, LeakyRelu, Relu, Sigmoid, Sine, Softplus, Tanh};
use crate::rows::{Row, flat, flat_mut, mul_add};
use crate::shape::Activation;
use crate::simd::{Instructions, Kernel, Simd};

/// `x <- f(x)`; for gelu and sine also the slope, which the backward pass cannot get from the value.
pub(crate) struct Activate<'a> {
    pub(crate) activation: Activation,
    pub(crate) values: &'a mut [f32],
    /// For gelu and sine alone: where the slopes go, empty where none are wanted.
    pub(crate) slopes: &'a mut [f32],
}

impl Kernel for Activate<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let values = self.values;
        match self.activation {
            Activation::Tanh => map::<S, Tanh>(simd, values),
            Activation::Relu => map::<S, Relu>(simd, values),
            Activation::LeakyRelu => map::<S, LeakyRelu>(simd, values),
            Activation::Softplus => map::<S, Softplus>(simd, values),
            Activation::Sigmoid => map::<S, Sigmoid>(simd, values),
            Activation::Gelu => map_both::<S, Gelu>(simd, values, self.slopes),
            Activation::Sine => map_both::<S, Sine>(simd, values, self.slopes),
        }
    }
}

impl Activation {
    /// Applies the activation to each value, with absolute error below 1e-6; NaN stays NaN.
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
        instructions.run(Activate { activation: self, values, slopes: &mut [] });
    }
}

#[inline(always)]
fn map<S: Simd, F: Function>(simd: S, values: &mut [f32]) {
    for x in values {
        *x = F::value(simd, *x);
    }
}

/// Without room for slopes, only the values.
#[inline(always)]
fn map_both<S: Simd, F: FunctionWithSlope>(simd: S, values: &mut [f32], slopes: &mut [f32]) {
    if slopes.is_empty() {
        for x in values {
            *x = F::both(simd, *x).0;
        }
    } else {
        for (x, slope) in values.iter_mut().zip(slopes) {
            (*x, *slope) = F::both(simd, *x);
        }
    }
}

/// `value <- upstream * slope`: turns activations in place into the derivatives with respect to what went into
/// them, and adds their column sums, the bias gradient.
pub(crate) struct Delta<'a> {
    pub(crate) activation: Activation,
    pub(crate) upstream: &'a [Row],
    pub(crate) values: &'a mut [Row],
    /// For gelu and sine, the slopes kept by [`Activate`].
    pub(crate) slopes: &'a [Row],
    pub(crate) sums: &'a mut Row,
}

impl Kernel for Delta<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (upstream, values) = (flat(self.upstream), flat_mut(self.values));
        match self.activation {
            Activation::Tanh => pull::<S, Tanh>(simd, upstream, values),
            Activation::Relu => pull::<S, Relu>(simd, upstream, values),
            Activation::LeakyRelu => pull::<S, LeakyRelu>(simd, upstream, values),
            Activation::Softplus => pull::<S, Softplus>(simd, upstream, values),
            Activation::Sigmoid => pull::<S, Sigmoid>(simd, upstream, values),
            Activation::Gelu | Activation::Sine => {
                for ((value, upstream), slope) in values.iter_mut().zip(upstream).zip(flat(self.slopes)) {
                    *value = upstream * slope;
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

/// `upstream <- upstream * slope` of the activations `values`, on flat numbers.
pub(crate) struct Pull<'a> {
    pub(crate) activation: Activation,
    pub(crate) values: &'a [f32],
    /// For gelu and sine, the slopes kept by [`Activate`].
    pub(crate) slopes: &'a [f32],
    pub(crate) upstream: &'a mut [f32],
}

impl Kernel for Pull<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (values, upstream) = (self.values, self.upstream);
        match self.activation {
            Activation::Tanh => scale::<S, Tanh>(simd, values, upstream),
            Activation::Relu => scale::<S, Relu>(simd, values, upstream),
            Activation::LeakyRelu => scale::<S, LeakyRelu>(simd, values, upstream),
            Activation::Softplus => scale::<S, Softplus>(simd, values, upstream),
            Activation::Sigmoid => scale::<S, Sigmoid>(simd, values, upstream),
            Activation::Gelu | Activation::Sine => {
                for (upstream, slope) in upstream.iter_mut().zip(self.slopes) {
                    *upstream *= slope;
                }
            }
        }
    }
}

#[inline(always)]
fn scale<S: Simd, F: Function>(simd: S, values: &[f32], upstream: &mut [f32]) {
    for (upstream, value) in upstream.iter_mut().zip(values) {
        *upstream *= F::slope(simd, *value);
    }
}

#[inline(always)]
fn pull<S: Simd, F: Function>(simd: S, upstream: &[f32], values: &mut [f32]) {
    for (value, upstream) in values.iter_mut().zip(upstream) {
        *value = upstream * F::slope(simd, *value);
    }
}
