//! Products of rows with packed weights.
//!
//! A decoding step multiplies a few rows by weights that lie in the processor's cache. candle's product is made for larger
//! matrices, and asks the system for the number of cores at each call. Weights here are cut into panels of 32 columns; a panel is
//! read once for two rows, whose sums stay in registers. (Measured: more rows at once, or narrower panels, are slower.)

/// Columns of a panel.
const PANEL: usize = 32;

/// A matrix (`input`, `output`) in panels of columns; the last one is filled up with zeros.
pub struct Packed {
    pub(crate) input: usize,
    pub(crate) output: usize,
    panels: Panels,
}

enum Panels {
    Single(Vec<[f32; PANEL]>),
    /// Sign, five bits of exponent and ten of fraction, as F16 has them, of the weight times 2^`shift`.
    Half {
        panels: Vec<[u16; PANEL]>,
        shift: i32,
    },
}

/// Rows of numbers that lie `stride` apart.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) count: usize,
    pub(crate) stride: usize,
}

impl<'a> Rows<'a> {
    /// Rows that lie one behind the other.
    #[must_use]
    pub fn new(values: &'a [f32], width: usize) -> Self {
        Self { values, count: values.len() / width, stride: width }
    }
}

impl Packed {
    /// Linear weights with one input, each (output, input) row by row, side by side: one product computes them all. Kept in half the
    /// memory where nothing is lost by it.
    #[must_use]
    pub fn linears(input: usize, parts: &[&[f32]]) -> Self {
        let columns: Vec<&[f32]> = parts.iter().flat_map(|part| part.chunks_exact(input)).collect();
        Self::weight(input, columns.len(), |i, o| columns[o][i])
    }

    /// `at(i, o)` is the element of input `i` and output `o`. Kept in half the memory where nothing is lost by it.
    fn weight(input: usize, output: usize, at: impl Fn(usize, usize) -> f32) -> Self {
        let mut packed = Self::single(input, output, at);
        if let Panels::Single(panels) = &packed.panels
            && let Some(half) = halved(panels)
        {
            packed.panels = half;
        }
        packed
    }

    /// As [`Packed::weight`], always in F32: for what is used once.
    #[inline]
    pub(crate) fn single(input: usize, output: usize, at: impl Fn(usize, usize) -> f32) -> Self {
        let mut panels = vec![[0.0; PANEL]; input * output.div_ceil(PANEL)];
        for (panel, rows) in panels.chunks_exact_mut(input.max(1)).enumerate() {
            let first = panel * PANEL;
            for (i, row) in rows.iter_mut().enumerate() {
                for (column, value) in row.iter_mut().enumerate().take(output - first) {
                    *value = at(i, first + column);
                }
            }
        }
        Self { input, output, panels: Panels::Single(panels) }
    }

    /// `x` (rows, input) times this, into rows of `y` that lie `stride` apart.
    #[inline(always)]
    pub(crate) fn product<const FUSED: bool>(&self, x: Rows<'_>, y: &mut [f32], stride: usize) {
        match &self.panels {
            Panels::Single(panels) => self.panels_product::<Exact, FUSED>(panels, x, y, stride, 1.0),
            Panels::Half { panels, shift } => {
                // What `Half` reads is the weight times 2^(shift - 112); numbers far below 1 are kept from becoming subnormal.
                let mut scaled = vec![0.0; x.count * self.input];
                for (index, row) in scaled.chunks_exact_mut(self.input).enumerate() {
                    for (scaled, value) in row.iter_mut().zip(&x.values[index * x.stride..]) {
                        *scaled = value * power_of_two(96);
                    }
                }
                self.panels_product::<Half, FUSED>(panels, Rows::new(&scaled, self.input), y, stride, power_of_two(16 - shift));
            }
        }
    }

    #[inline(always)]
    fn panels_product<W: Element, const FUSED: bool>(
        &self,
        panels: &[[W::Stored; PANEL]],
        x: Rows<'_>,
        y: &mut [f32],
        stride: usize,
        factor: f32,
    ) {
        let row = |index: usize| &x.values[index * x.stride..][..self.input];
        for (index, panel) in panels.chunks_exact(self.input).enumerate() {
            let first = index * PANEL;
            let width = PANEL.min(self.output - first);
            let mut put = |row: usize, sums: &[f32; PANEL]| {
                for (value, sum) in y[row * stride + first..][..width].iter_mut().zip(sums) {
                    *value = sum * factor;
                }
            };
            for pair in 0..x.count / 2 {
                let [a, b] = sums::<W, 2, FUSED>([row(2 * pair), row(2 * pair + 1)], panel);
                put(2 * pair, &a);
                put(2 * pair + 1, &b);
            }
            if x.count % 2 == 1 {
                let [a] = sums::<W, 1, FUSED>([row(x.count - 1)], panel);
                put(x.count - 1, &a);
            }
        }
    }
}

/// How an element of a panel becomes a number.
trait Element {
    type Stored: Copy;
    fn read(stored: Self::Stored) -> f32;
}

struct Exact;

impl Element for Exact {
    type Stored = f32;

    #[inline(always)]
    fn read(stored: f32) -> f32 {
        stored
    }
}

struct Half;

impl Element for Half {
    type Stored = u16;

    /// F16's fields put where F32 has its own: the number times 2^-112, for all that are not subnormal.
    #[inline(always)]
    fn read(stored: u16) -> f32 {
        f32::from_bits((i32::from(stored as i16) << 13) as u32 & 0x8fff_e000)
    }
}

/// The products of some rows with the columns of a panel. Written so that the compiler keeps all sums in vector registers.
#[inline(always)]
fn sums<W: Element, const ROWS: usize, const FUSED: bool>(x: [&[f32]; ROWS], panel: &[[W::Stored; PANEL]]) -> [[f32; PANEL]; ROWS] {
    let mut sums = [[0.0; PANEL]; ROWS];
    let x = x.map(|row| &row[..panel.len()]);
    for (k, stored) in panel.iter().enumerate() {
        let weights: [f32; PANEL] = std::array::from_fn(|column| W::read(stored[column]));
        for row in 0..ROWS {
            let factor = x[row][k];
            for column in 0..PANEL {
                sums[row][column] = add_product::<FUSED>(factor, weights[column], sums[row][column]);
            }
        }
    }
    sums
}

/// `a * b + c`, in one instruction where the processor has it: elsewhere the fused form is a slow function.
#[inline(always)]
pub(crate) fn add_product<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// The panels in half the memory, if every number has such a form.
fn halved(panels: &[[f32; PANEL]]) -> Option<Panels> {
    let highest = panels.iter().flatten().fold(0.0_f32, |highest, value| highest.max(value.abs()));
    let exponent = (highest.to_bits() >> 23) as i32 - 127;
    if highest == 0.0 || !(-60..=60).contains(&exponent) {
        return None;
    }
    // The largest then has the highest exponent that F16 has, and all the room is left for small ones.
    let shift = 15 - exponent;
    let half = |value: f32| {
        let bits = (value * power_of_two(shift)).to_bits();
        let sign = (bits >> 16) & 0x8000;
        let exponent = ((bits >> 23) & 0xff) as i32 - 112;
        match (value == 0.0, exponent) {
            (true, _) => Some(sign as u16),
            (false, 1..=30) if bits & 0x1fff == 0 => Some((sign | ((exponent as u32) << 10) | ((bits >> 13) & 0x3ff)) as u16),
            _ => None,
        }
    };
    let mut kept = Vec::with_capacity(panels.len());
    for panel in panels {
        let mut row = [0; PANEL];
        for (stored, value) in row.iter_mut().zip(panel) {
            *stored = half(*value)?;
        }
        kept.push(row);
    }
    Some(Panels::Half { panels: kept, shift })
}

/// 2^`exponent`, for exponents of normal numbers.
fn power_of_two(exponent: i32) -> f32 {
    f32::from_bits(((exponent + 127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from -1 to 1 that F16 can hold, some of them 0.
    fn number(seed: usize) -> f32 {
        (seed * 7919 % 2049) as f32 / 1024.0 - 1.0
    }

    fn product<const FUSED: bool>(packed: &Packed, x: Rows<'_>) -> Vec<f32> {
        let mut y = vec![0.0; x.count * packed.output];
        packed.product::<FUSED>(x, &mut y, packed.output);
        y
    }

    fn is_half(packed: &Packed) -> bool {
        matches!(packed.panels, Panels::Half { .. })
    }

    #[test]
    fn products_are_those_of_the_definition() {
        for (rows, input, output) in [(1, 1, 1), (2, 5, 31), (3, 64, 32), (7, 100, 33), (4, 17, 100)] {
            let at = |i: usize, o: usize| number(i * output + o);
            let x: Vec<f32> = (0..rows * (input + 2)).map(|index| number(index + 5) * 10.0).collect();
            // Rows may have more than is asked for.
            let x = Rows { values: &x, count: rows, stride: input + 2 };
            let halved = Packed::weight(input, output, at);
            assert!(is_half(&halved));
            let single = Packed::single(input, output, at);
            let found = product::<true>(&single, x);
            for row in 0..rows {
                for o in 0..output {
                    let exact: f64 = (0..input).map(|i| f64::from(x.values[row * x.stride + i]) * f64::from(at(i, o))).sum();
                    assert!((f64::from(found[row * output + o]) - exact).abs() < 1e-3, "{rows} {input} {output}");
                }
            }
            // Half the memory, the same bits; and the same whatever rows stand beside.
            assert_eq!(product::<true>(&halved, x), found);
            for row in 0..rows {
                let alone = Rows { values: &x.values[row * x.stride..], count: 1, stride: x.stride };
                assert_eq!(product::<true>(&halved, alone), found[row * output..][..output]);
            }
        }
    }

    #[test]
    fn only_what_loses_nothing_is_halved() {
        let check = |values: [f32; 3], expected: bool| {
            let packed = Packed::weight(3, 1, |i, _| values[i]);
            assert_eq!(is_half(&packed), expected, "{values:?}");
            let found = product::<false>(&packed, Rows::new(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], 3));
            assert_eq!(found, values);
        };
        check([1.0, -2.0, 0.0], true);
        // The highest and the lowest numbers of F16 stand in one weight.
        check([65504.0, 6.103_515_6e-5, -1.0], true);
        check([1.5, 5.960_464_5e-8, -0.0], true);
        check([65504.0, 5.960_464_5e-8, 1.0], false);
        check([0.1, 1.0, 2.0], false);
        check([0.0, 0.0, 0.0], false);
    }
}
