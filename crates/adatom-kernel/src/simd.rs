//! Run-time choice of the instruction set; with `panels.rs` and `matrix.rs` the only unsafe code.
//!
//! A [`Kernel`] is written once, generic over [`Simd`], and compiled once per instruction set inside a
//! function that enables it. Everything elementwise is plain scalar code that the compiler vectorises there;
//! products and sums over rows use [`Simd::Vector`], where it would not find the best registers. All methods
//! are `inline(always)`: a call that is not inlined would leave the enabled instruction set and become a slow
//! library call.

#![allow(unsafe_code, reason = "intrinsics, and functions compiled for an instruction set found at run time")]

#[cfg(target_arch = "aarch64")]
use std::arch::aarch64 as arch;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64 as arch;

/// Floats in a [`Simd::Vector`], on every instruction set.
pub(crate) const LANES: usize = 16;

/// How a product kernel divides its registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registers {
    /// 32 registers of 16 floats: blocks of 12 rows by 32 columns.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "only avx512 is this wide"))]
    Wide,
    /// Smaller: blocks of 6 rows by 16 columns.
    Narrow,
}

/// The operations that depend on the instruction set. A value proves that the processor has it.
pub(crate) trait Simd: Copy {
    /// 16 floats in registers.
    type Vector: Copy;
    /// Shape of the blocks that fit.
    const REGISTERS: Registers;
    /// `a b + c`, fused where the processor does it.
    fn fma(self, a: f32, b: f32, c: f32) -> f32;
    /// 16 times the same number.
    fn splat(self, value: f32) -> Self::Vector;
    /// Reads 16 floats.
    fn load(self, from: &[f32; LANES]) -> Self::Vector;
    /// Writes 16 floats.
    fn store(self, to: &mut [f32; LANES], vector: Self::Vector);
    /// `a b + c` per element.
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// Sum of the 16 floats, halving their number until one is left.
    fn sum(self, vector: Self::Vector) -> f32;
}

/// Work that runs under whichever instruction set was chosen.
pub(crate) trait Kernel {
    /// Does the work; implementations are `inline(always)`.
    fn run<S: Simd>(self, simd: S);
}

/// An instruction set that this processor has.
#[derive(Debug, Clone, Copy)]
pub struct Instructions(Kind);

#[derive(Debug, Clone, Copy)]
enum Kind {
    Portable(Portable),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    #[cfg(target_arch = "aarch64")]
    Neon(Neon),
}

impl Instructions {
    /// The instruction sets of this processor, the slowest first; never empty.
    pub fn available() -> Vec<Instructions> {
        let mut found = vec![Kind::Portable(Portable)];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            found.push(Kind::Avx2(Avx2(())));
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
                found.push(Kind::Avx512(Avx512(())));
            }
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("neon") {
            found.push(Kind::Neon(Neon(())));
        }
        found.into_iter().map(Instructions).collect()
    }

    /// The fastest instruction set of this processor.
    pub fn best() -> Instructions {
        Self::available().pop().unwrap_or(Instructions(Kind::Portable(Portable)))
    }

    /// Name for reports: `portable`, `avx2`, `avx512` or `neon`.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable(_) => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512(_) => "avx512",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon(_) => "neon",
        }
    }

    /// Runs a kernel compiled for this instruction set.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) {
        match self.0 {
            Kind::Portable(simd) => kernel.run(simd),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Avx2` value exists only where `available` has detected avx2 and fma.
            Kind::Avx2(simd) => unsafe { run_avx2(simd, kernel) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Avx512` value exists only where `available` has detected the features enabled
            // there.
            Kind::Avx512(simd) => unsafe { run_avx512(simd, kernel) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: a `Neon` value exists only where `available` has detected neon.
            Kind::Neon(simd) => unsafe { run_neon(simd, kernel) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<K: Kernel>(simd: Avx2, kernel: K) {
    kernel.run(simd);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
fn run_avx512<K: Kernel>(simd: Avx512, kernel: K) {
    kernel.run(simd);
}

#[cfg(target_arch = "aarch64")]
#[target_feature(enable = "neon")]
fn run_neon<K: Kernel>(simd: Neon, kernel: K) {
    kernel.run(simd);
}

/// Whatever the compiler makes of arrays; no fused multiply-add, which would be a library call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

impl Simd for Portable {
    type Vector = [f32; LANES];
    const REGISTERS: Registers = Registers::Narrow;

    #[inline(always)]
    fn fma(self, a: f32, b: f32, c: f32) -> f32 {
        a * b + c
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Self::Vector {
        [value; LANES]
    }
    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> Self::Vector {
        *from
    }
    #[inline(always)]
    fn store(self, to: &mut [f32; LANES], vector: Self::Vector) {
        *to = vector;
    }
    #[inline(always)]
    fn mul_add(self, a: Self::Vector, b: Self::Vector, mut c: Self::Vector) -> Self::Vector {
        for lane in 0..LANES {
            c[lane] += a[lane] * b[lane];
        }
        c
    }
    #[inline(always)]
    fn sum(self, mut vector: Self::Vector) -> f32 {
        let mut width = LANES / 2;
        while width > 0 {
            for lane in 0..width {
                vector[lane] += vector[lane + width];
            }
            width /= 2;
        }
        vector[0]
    }
}

/// Two registers of eight floats.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2(());

#[cfg(target_arch = "x86_64")]
impl Simd for Avx2 {
    type Vector = [arch::__m256; 2];
    const REGISTERS: Registers = Registers::Narrow;

    #[inline(always)]
    fn fma(self, a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Self::Vector {
        // SAFETY: `self` proves that the processor has avx.
        unsafe { [arch::_mm256_set1_ps(value); 2] }
    }
    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> Self::Vector {
        // SAFETY: `self` proves avx; both reads of eight floats lie inside the 16 of `from`.
        unsafe { [arch::_mm256_loadu_ps(from.as_ptr()), arch::_mm256_loadu_ps(from.as_ptr().add(8))] }
    }
    #[inline(always)]
    fn store(self, to: &mut [f32; LANES], vector: Self::Vector) {
        // SAFETY: `self` proves avx; both writes of eight floats lie inside the 16 of `to`.
        unsafe {
            arch::_mm256_storeu_ps(to.as_mut_ptr(), vector[0]);
            arch::_mm256_storeu_ps(to.as_mut_ptr().add(8), vector[1]);
        }
    }
    #[inline(always)]
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        // SAFETY: `self` proves that the processor has fma.
        unsafe { [arch::_mm256_fmadd_ps(a[0], b[0], c[0]), arch::_mm256_fmadd_ps(a[1], b[1], c[1])] }
    }
    #[inline(always)]
    fn sum(self, vector: Self::Vector) -> f32 {
        // SAFETY: `self` proves that the processor has avx and what it includes.
        unsafe {
            let eight = arch::_mm256_add_ps(vector[0], vector[1]);
            let upper = arch::_mm256_extractf128_ps::<1>(eight);
            let four = arch::_mm_add_ps(arch::_mm256_castps256_ps128(eight), upper);
            let two = arch::_mm_add_ps(four, arch::_mm_movehl_ps(four, four));
            arch::_mm_cvtss_f32(arch::_mm_add_ss(two, arch::_mm_movehdup_ps(two)))
        }
    }
}

/// One register of sixteen floats.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx512(());

#[cfg(target_arch = "x86_64")]
impl Simd for Avx512 {
    type Vector = arch::__m512;
    const REGISTERS: Registers = Registers::Wide;

    #[inline(always)]
    fn fma(self, a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Self::Vector {
        // SAFETY: `self` proves that the processor has avx512f.
        unsafe { arch::_mm512_set1_ps(value) }
    }
    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> Self::Vector {
        // SAFETY: `self` proves avx512f; `from` holds the 16 floats read.
        unsafe { arch::_mm512_loadu_ps(from.as_ptr()) }
    }
    #[inline(always)]
    fn store(self, to: &mut [f32; LANES], vector: Self::Vector) {
        // SAFETY: `self` proves avx512f; `to` holds the 16 floats written.
        unsafe { arch::_mm512_storeu_ps(to.as_mut_ptr(), vector) }
    }
    #[inline(always)]
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        // SAFETY: `self` proves that the processor has avx512f.
        unsafe { arch::_mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn sum(self, vector: Self::Vector) -> f32 {
        // SAFETY: `self` proves that the processor has avx512f.
        unsafe { arch::_mm512_reduce_add_ps(vector) }
    }
}

/// Four registers of four floats.
#[cfg(target_arch = "aarch64")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Neon(());

#[cfg(target_arch = "aarch64")]
impl Simd for Neon {
    type Vector = [arch::float32x4_t; 4];
    const REGISTERS: Registers = Registers::Narrow;

    #[inline(always)]
    fn fma(self, a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Self::Vector {
        // SAFETY: `self` proves that the processor has neon.
        unsafe { [arch::vdupq_n_f32(value); 4] }
    }
    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> Self::Vector {
        // SAFETY: `self` proves neon; the four reads of four floats lie inside the 16 of `from`.
        unsafe {
            let from = from.as_ptr();
            [
                arch::vld1q_f32(from),
                arch::vld1q_f32(from.add(4)),
                arch::vld1q_f32(from.add(8)),
                arch::vld1q_f32(from.add(12)),
            ]
        }
    }
    #[inline(always)]
    fn store(self, to: &mut [f32; LANES], vector: Self::Vector) {
        for (part, quarter) in vector.into_iter().enumerate() {
            // SAFETY: `self` proves neon; the four writes of four floats lie inside the 16 of `to`.
            unsafe { arch::vst1q_f32(to.as_mut_ptr().add(4 * part), quarter) }
        }
    }
    #[inline(always)]
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        // SAFETY: `self` proves that the processor has neon.
        unsafe {
            [
                arch::vfmaq_f32(c[0], a[0], b[0]),
                arch::vfmaq_f32(c[1], a[1], b[1]),
                arch::vfmaq_f32(c[2], a[2], b[2]),
                arch::vfmaq_f32(c[3], a[3], b[3]),
            ]
        }
    }
    #[inline(always)]
    fn sum(self, [a, b, c, d]: Self::Vector) -> f32 {
        // SAFETY: `self` proves that the processor has neon.
        unsafe { arch::vaddvq_f32(arch::vaddq_f32(arch::vaddq_f32(a, c), arch::vaddq_f32(b, d))) }
    }
}
