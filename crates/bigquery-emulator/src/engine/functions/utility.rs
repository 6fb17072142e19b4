//! ERROR, TYPEOF, SESSION_USER and other odds; fingerprints.
//!
//! Sources: <https://cloud.google.com/bigquery/docs/reference/standard-sql/debugging_functions>,
//! <https://cloud.google.com/bigquery/docs/reference/standard-sql/utility-functions>,
//! <https://cloud.google.com/bigquery/docs/reference/standard-sql/hash_functions>

use std::borrow::Cow;

use arrow::datatypes::DataType;

use super::udf::{Body, Def, P, R, T};
use super::value::{Value, text};
use crate::engine::types::sql_type_name;

pub(super) const DEFS: &[Def] = &[
    Def::new("ERROR", &[P::Str], R::Custom(|_, _| Ok(DataType::Null)), Body::Lenient(|a, _| Err(a[0].str().to_owned()))).volatile(),
    // These stand in a plan only until it is known what they catch.
    Def::new(
        "$IFERROR",
        &[P::Raw, P::Raw],
        R::Custom(|types, _| crate::engine::caught::common_type(types)),
        Body::Lenient(|_, _| Err("internal: IFERROR was not planned".to_owned())),
    ),
    Def::new("$ISERROR", &[P::Raw], R::Is(T::Bool), Body::Lenient(|_, _| Err("internal: ISERROR was not planned".to_owned()))),
    // TRUE, or an error with the text.
    Def::new(
        "$ASSERTED",
        &[P::Str],
        R::Is(T::Bool),
        Body::Lenient(|a, _| if a[0].is_null() { Ok(Value::Bool(true)) } else { Err(a[0].str().to_owned()) }),
    )
    .volatile(),
    // The name of the first argument's type, computed while planning: the second argument.
    Def::new(
        "TYPEOF",
        &[P::Raw],
        R::Is(T::Str),
        Body::Vector(|a, _| {
            let name = sql_type_name(&super::udf::plain(a[0].data_type()));
            Ok(std::sync::Arc::new(arrow::array::StringArray::from(vec![name; a[0].len()])))
        }),
    ),
    Def::new("SESSION_USER", &[], R::Is(T::Str), Body::Lenient(|_, _| Ok(text("emulator@quaver-local.iam.gserviceaccount.com")))),
    Def::new("SHA1", &[P::Text], R::Is(T::Bytes), Body::Strict(|a, _| Ok(Value::Bytes(Cow::Owned(sha1(a[0].bytes()).to_vec()))))),
    Def::new(
        "FARM_FINGERPRINT",
        &[P::Text],
        R::Is(T::Int),
        Body::Strict(|a, _| Ok(Value::Int(super::farm::fingerprint64(a[0].bytes()).cast_signed()))),
    ),
    Def::new("TO_BASE32", &[P::Bytes], R::Is(T::Str), Body::Strict(|a, _| Ok(text(to_base32(a[0].bytes()))))),
    Def::new("FROM_BASE32", &[P::Str], R::Is(T::Bytes), Body::Strict(|a, _| from_base32(a[0].str()))),
];

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn to_base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let mut group = [0_u8; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(group);
        let digits = (chunk.len() * 8).div_ceil(5);
        for i in 0..8 {
            if i < digits {
                let index = usize::try_from(bits >> (35 - 5 * i) & 31).unwrap_or(0);
                out.push(char::from(BASE32[index]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

fn from_base32(written: &str) -> Result<Value<'static>, String> {
    let bad = || "Failed to decode invalid base32 string".to_owned();
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u64, 0_u32);
    for c in written.trim_end_matches('=').bytes() {
        let digit = BASE32.iter().position(|d| *d == c).ok_or_else(bad)?;
        bits = bits << 5 | digit as u64;
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).unwrap_or(0));
        }
    }
    if written.len().is_multiple_of(8) { Ok(Value::Bytes(Cow::Owned(out))) } else { Err(bad()) }
}

/// SHA-1 by FIPS 180-4.
fn sha1(message: &[u8]) -> [u8; 20] {
    let mut state: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend(((message.len() as u64) * 8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        let mut w = [0_u32; 80];
        for (i, word) in block.chunks_exact(4).enumerate() {
            w[i] = u32::from_be_bytes([word[0], word[1], word[2], word[3]]);
        }
        for i in 16..80 {
            w[i] = (w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16]).rotate_left(1);
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (i, word) in w.iter().enumerate() {
            let (f, k) = match i {
                0..20 => ((b & c) | (!b & d), 0x5a82_7999),
                20..40 => (b ^ c ^ d, 0x6ed9_eba1),
                40..60 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6_u32),
            };
            let next = a.rotate_left(5).wrapping_add(f).wrapping_add(e).wrapping_add(k).wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (own, add) in state.iter_mut().zip([a, b, c, d, e]) {
            *own = own.wrapping_add(add);
        }
    }
    let mut out = [0; 20];
    for (bytes, word) in out.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    out
}
