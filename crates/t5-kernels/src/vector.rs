//! Functions between the products, and the instructions that all of them are compiled to.
//!
//! They are plain loops, which the compiler turns into vector instructions; [`run`] has it do so for AVX2 where the processor has it,
//! whatever the program was built for.

use crate::product::add_product;
use crate::projection::Activation;

/// Something to be computed. `FUSED`: a product and a sum are one instruction. All of it has to be inlined.
pub(crate) trait Operation {
    type Output;
    fn run<const FUSED: bool>(self) -> Self::Output;
}

/// Computes with the widest instructions that are there.
#[cfg(target_arch = "x86_64")]
pub(crate) fn run<O: Operation>(operation: O) -> O::Output {
    struct Wide<O>(O);

    impl<O: Operation> pulp::NullaryFnOnce for Wide<O> {
        type Output = O::Output;

        #[inline(always)]
        fn call(self) -> O::Output {
            self.0.run::<true>()
        }
    }

    match pulp::x86::V3::try_new() {
        Some(simd) => simd.vectorize(Wide(operation)),
        None => operation.run::<false>(),
    }
}

/// Computes with what every processor of the kind has.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn run<O: Operation>(operation: O) -> O::Output {
    if cfg!(target_arch = "aarch64") { operation.run::<true>() } else { operation.run::<false>() }
}

/// e^x to the last bit or two; at most e^88, at least e^-87.
#[inline(always)]
pub(crate) fn exp<const FUSED: bool>(x: f32) -> f32 {
    // Adding it leaves the nearest integer in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts, the first with few digits.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    // Cephes' minimax polynomial of (e^x - 1 - x) / x^2.
    const TERMS: [f32; 6] = [1.987_569_1e-4, 1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
    let x = x.clamp(-87.0, 88.0);
    let rounded = add_product::<FUSED>(x, std::f32::consts::LOG2_E, ROUND);
    let power = rounded - ROUND;
    let rest = add_product::<FUSED>(power, -LN_2[1], add_product::<FUSED>(power, -LN_2[0], x));
    let sum = TERMS[1..].iter().fold(TERMS[0], |sum, term| add_product::<FUSED>(sum, rest, *term));
    let small = add_product::<FUSED>(sum, rest * rest, rest) + 1.0;
    small * f32::from_bits((rounded.to_bits() << 23).wrapping_add(127 << 23))
}

/// Sums of this many numbers side by side, added up at the end.
const LANES: usize = 16;

/// The sum of what `term` makes of each number.
#[inline(always)]
pub(crate) fn sum_of(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest: f32 = chunks.remainder().iter().map(|value| term(*value)).sum();
    for chunk in chunks {
        for lane in 0..LANES {
            sums[lane] += term(chunk[lane]);
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// The scalar product of two slices of one length.
#[inline(always)]
pub(crate) fn dot<const FUSED: bool>(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (left, right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = left.remainder().iter().zip(right.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in left.zip(right) {
        for lane in 0..LANES {
            sums[lane] = add_product::<FUSED>(a[lane], b[lane], sums[lane]);
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[inline(always)]
pub(crate) fn highest(values: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder().iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = lanes[lane].max(chunk[lane]);
        }
    }
    lanes.iter().copied().fold(rest, f32::max)
}

/// Makes a row of scores one of shares that add up to 1.
#[inline(always)]
pub(crate) fn softmax<const FUSED: bool>(row: &mut [f32]) {
    let highest = highest(row);
    for value in row.iter_mut() {
        *value = exp::<FUSED>(*value - highest);
    }
    let factor = 1.0 / sum_of(row, |value| value);
    for value in row {
        *value *= factor;
    }
}

/// The logarithm of the sum of the exponentials.
#[must_use]
pub fn log_sum_exp(logits: &[f32]) -> f64 {
    struct LogSumExp<'a>(&'a [f32]);

    impl Operation for LogSumExp<'_> {
        type Output = f64;

        #[inline(always)]
        fn run<const FUSED: bool>(self) -> f64 {
            let highest = highest(self.0);
            f64::from(highest) + f64::from(sum_of(self.0, |logit| exp::<FUSED>(logit - highest))).ln()
        }
    }

    run(LogSumExp(logits))
}

#[inline(always)]
pub(crate) fn activate<const FUSED: bool>(activation: Activation, values: &mut [f32]) {
    match activation {
        Activation::Relu => {
            for x in values {
                *x = x.max(0.0);
            }
        }
        Activation::Silu => {
            for x in values {
                *x = gated::<FUSED>(*x, *x);
            }
        }
        Activation::GeluTanh => {
            for x in values {
                let inner = *x * add_product::<FUSED>(0.044_715 * *x, *x, 1.0);
                *x = gated::<FUSED>(*x, 2.0 * 0.797_884_6 * inner);
            }
        }
        Activation::GeluErf => {
            for x in values {
                let wide = f64::from(*x);
                *x = (wide * 0.5 * (1.0 + candle_core::cpu::erf::erf_f64(wide * std::f64::consts::FRAC_1_SQRT_2))) as f32;
            }
        }
    }
}

/// `x` times the logistic function of `gate`: what both the tanh approximation and SiLU come down to.
#[inline(always)]
fn gated<const FUSED: bool>(x: f32, gate: f32) -> f32 {
    x / (1.0 + exp::<FUSED>(-gate))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Exp(f32);

    impl Operation for Exp {
        type Output = f32;

        fn run<const FUSED: bool>(self) -> f32 {
            exp::<FUSED>(self.0)
        }
    }

    #[test]
    fn exponentials_are_exact_to_a_few_bits() {
        let mut worst = 0.0_f64;
        for step in -8700..=8800 {
            let x = step as f32 / 100.0;
            let exact = f64::from(x).exp();
            for found in [run(Exp(x)), Exp(x).run::<false>()] {
                worst = worst.max((f64::from(found) - exact).abs() / exact);
            }
        }
        assert!(worst < 3e-7, "{worst}");
        assert_eq!(run(Exp(0.0)), 1.0);
        assert!(run(Exp(f32::NEG_INFINITY)) < 1e-37);
    }

    #[test]
    fn activations_are_those_of_the_definitions() {
        let check = |activation: Activation, exact: fn(f64) -> f64| {
            for step in -100..=100 {
                let x = step as f32 / 10.0;
                let mut values = [x];
                activate::<false>(activation, &mut values);
                assert!((f64::from(values[0]) - exact(f64::from(x))).abs() < 1e-5, "{activation:?} of {x}: {}", values[0]);
            }
        };
        check(Activation::Relu, |x| x.max(0.0));
        check(Activation::Silu, |x| x / (1.0 + (-x).exp()));
        check(Activation::GeluTanh, |x| 0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3))).tanh()));
    }

    #[test]
    fn a_softmax_adds_up_to_one() {
        let mut row: Vec<f32> = (0..77).map(|value| value as f32 / 10.0).collect();
        softmax::<false>(&mut row);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!((log_sum_exp(&[0.0; 100]) - 100.0_f64.ln()).abs() < 1e-6);
        assert!((log_sum_exp(&[1000.0, 1000.0]) - (1000.0 + 2.0_f64.ln())).abs() < 1e-4);
    }
}
