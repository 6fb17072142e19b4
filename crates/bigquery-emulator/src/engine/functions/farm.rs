//! FarmHash's Fingerprint64, which FARM_FINGERPRINT is: `farmhashna::Hash64`.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/hash_functions#farm_fingerprint>, after the published
//! algorithm of <https://github.com/google/farmhash>.

const K0: u64 = 0xc3a5_c85c_97cb_3127;
const K1: u64 = 0xb492_b66f_be98_f273;
const K2: u64 = 0x9ae1_6a3b_2f90_404f;

fn word(s: &[u8], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&s[at..at + 8]);
    u64::from_le_bytes(bytes)
}

fn half(s: &[u8], at: usize) -> u64 {
    u64::from(u32::from_le_bytes([s[at], s[at + 1], s[at + 2], s[at + 3]]))
}

fn mixed(v: u64) -> u64 {
    v ^ (v >> 47)
}

fn pair(u: u64, v: u64, mul: u64) -> u64 {
    let a = (u ^ v).wrapping_mul(mul);
    let a = a ^ (a >> 47);
    let b = (v ^ a).wrapping_mul(mul);
    (b ^ (b >> 47)).wrapping_mul(mul)
}

fn short(s: &[u8]) -> u64 {
    let len = s.len() as u64;
    let mul = K2.wrapping_add(len.wrapping_mul(2));
    match s.len() {
        8.. => {
            let a = word(s, 0).wrapping_add(K2);
            let b = word(s, s.len() - 8);
            let c = b.rotate_right(37).wrapping_mul(mul).wrapping_add(a);
            let d = a.rotate_right(25).wrapping_add(b).wrapping_mul(mul);
            pair(c, d, mul)
        }
        4.. => pair(len.wrapping_add(half(s, 0) << 3), half(s, s.len() - 4), mul),
        1.. => {
            let (a, b, c) = (u64::from(s[0]), u64::from(s[s.len() >> 1]), u64::from(s[s.len() - 1]));
            let y = a.wrapping_add(b << 8);
            let z = len.wrapping_add(c << 2);
            mixed(y.wrapping_mul(K2) ^ z.wrapping_mul(K0)).wrapping_mul(K2)
        }
        _ => K2,
    }
}

fn to_32(s: &[u8]) -> u64 {
    let mul = K2.wrapping_add((s.len() as u64).wrapping_mul(2));
    let a = word(s, 0).wrapping_mul(K1);
    let b = word(s, 8);
    let c = word(s, s.len() - 8).wrapping_mul(mul);
    let d = word(s, s.len() - 16).wrapping_mul(K2);
    pair(
        a.wrapping_add(b).rotate_right(43).wrapping_add(c.rotate_right(30)).wrapping_add(d),
        a.wrapping_add(b.wrapping_add(K2).rotate_right(18)).wrapping_add(c),
        mul,
    )
}

fn to_64(s: &[u8]) -> u64 {
    let mul = K2.wrapping_add((s.len() as u64).wrapping_mul(2));
    let a = word(s, 0).wrapping_mul(K2);
    let b = word(s, 8);
    let c = word(s, s.len() - 8).wrapping_mul(mul);
    let d = word(s, s.len() - 16).wrapping_mul(K2);
    let y = a.wrapping_add(b).rotate_right(43).wrapping_add(c.rotate_right(30)).wrapping_add(d);
    let z = pair(y, a.wrapping_add(b.wrapping_add(K2).rotate_right(18)).wrapping_add(c), mul);
    let e = word(s, 16).wrapping_mul(mul);
    let f = word(s, 24);
    let g = y.wrapping_add(word(s, s.len() - 32)).wrapping_mul(mul);
    let h = z.wrapping_add(word(s, s.len() - 24)).wrapping_mul(mul);
    pair(
        e.wrapping_add(f).rotate_right(43).wrapping_add(g.rotate_right(30)).wrapping_add(h),
        e.wrapping_add(f.wrapping_add(a).rotate_right(18)).wrapping_add(g),
        mul,
    )
}

fn weak(s: &[u8], at: usize, a: u64, b: u64) -> (u64, u64) {
    let (w, x, y, z) = (word(s, at), word(s, at + 8), word(s, at + 16), word(s, at + 24));
    let a = a.wrapping_add(w);
    let b = b.wrapping_add(a).wrapping_add(z).rotate_right(21);
    let c = a;
    let a = a.wrapping_add(x).wrapping_add(y);
    let b = b.wrapping_add(a.rotate_right(44));
    (a.wrapping_add(z), b.wrapping_add(c))
}

/// The fingerprint of bytes.
pub(super) fn fingerprint64(s: &[u8]) -> u64 {
    match s.len() {
        0..=16 => return short(s),
        17..=32 => return to_32(s),
        33..=64 => return to_64(s),
        _ => {}
    }
    let mut x: u64 = 81;
    let mut y: u64 = 81_u64.wrapping_mul(K1).wrapping_add(113);
    let mut z: u64 = mixed(y.wrapping_mul(K2).wrapping_add(113)).wrapping_mul(K2);
    let (mut v, mut w) = ((0_u64, 0_u64), (0_u64, 0_u64));
    x = x.wrapping_mul(K2).wrapping_add(word(s, 0));
    let end = (s.len() - 1) / 64 * 64;
    let last = s.len() - 64;
    let mut at = 0;
    while at != end {
        x = x.wrapping_add(y).wrapping_add(v.0).wrapping_add(word(s, at + 8)).rotate_right(37).wrapping_mul(K1);
        y = y.wrapping_add(v.1).wrapping_add(word(s, at + 48)).rotate_right(42).wrapping_mul(K1);
        x ^= w.1;
        y = y.wrapping_add(v.0).wrapping_add(word(s, at + 40));
        z = z.wrapping_add(w.0).rotate_right(33).wrapping_mul(K1);
        v = weak(s, at, v.1.wrapping_mul(K1), x.wrapping_add(w.0));
        w = weak(s, at + 32, z.wrapping_add(w.1), y.wrapping_add(word(s, at + 16)));
        std::mem::swap(&mut z, &mut x);
        at += 64;
    }
    let mul = K1.wrapping_add((z & 0xff) << 1);
    w.0 = w.0.wrapping_add((s.len() as u64 - 1) & 63);
    v.0 = v.0.wrapping_add(w.0);
    w.0 = w.0.wrapping_add(v.0);
    x = x.wrapping_add(y).wrapping_add(v.0).wrapping_add(word(s, last + 8)).rotate_right(37).wrapping_mul(mul);
    y = y.wrapping_add(v.1).wrapping_add(word(s, last + 48)).rotate_right(42).wrapping_mul(mul);
    x ^= w.1.wrapping_mul(9);
    y = y.wrapping_add(v.0.wrapping_mul(9)).wrapping_add(word(s, last + 40));
    z = z.wrapping_add(w.0).rotate_right(33).wrapping_mul(mul);
    v = weak(s, last, v.1.wrapping_mul(mul), x.wrapping_add(w.0));
    w = weak(s, last + 32, z.wrapping_add(w.1), y.wrapping_add(word(s, last + 16)));
    std::mem::swap(&mut z, &mut x);
    pair(pair(v.0, w.0, mul).wrapping_add(mixed(y).wrapping_mul(K0)).wrapping_add(z), pair(v.1, w.1, mul).wrapping_add(x), mul)
}
