//! KEYS.* and AEAD.*: encryption by AES-GCM under keysets in Tink's form, as in BigQuery. Deterministic encryption is refused.
//!
//! Sources: <https://cloud.google.com/bigquery/docs/reference/standard-sql/aead_encryption_functions>,
//! <https://developers.google.com/tink/wire-format>

mod keyset;
mod kms;

use std::borrow::Cow;

use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::udf::{Body, Def, P, R, T};
use super::value::{Value, text};
use keyset::{Key, Keyset};

pub(super) const DEFS: &[Def] = &[
    Def::new("KEYS.NEW_KEYSET", &[P::Str], R::Is(T::Bytes), Body::Strict(|a, _| new_keyset(a[0].str()).map(bytes))).volatile(),
    Def::new(
        "KEYS.ADD_KEY_FROM_RAW_BYTES",
        &[P::Bytes, P::Str, P::Bytes],
        R::Is(T::Bytes),
        Body::Strict(|a, _| {
            let mut set = Keyset::read(a[0].bytes())?;
            set.add_raw(a[1].str(), a[2].bytes())?;
            Ok(bytes(set.write()))
        }),
    )
    .volatile(),
    Def::new(
        "KEYS.ROTATE_KEYSET",
        &[P::Bytes, P::Str],
        R::Is(T::Bytes),
        Body::Strict(|a, _| {
            let mut set = Keyset::read(a[0].bytes())?;
            set.add(a[1].str())?;
            Ok(bytes(set.write()))
        }),
    )
    .volatile(),
    Def::new(
        "KEYS.KEYSET_LENGTH",
        &[P::Bytes],
        R::Is(T::Int),
        Body::Strict(|a, _| Ok(Value::Int(i64::try_from(Keyset::read(a[0].bytes())?.length()).unwrap_or(i64::MAX)))),
    ),
    Def::new("KEYS.KEYSET_TO_JSON", &[P::Bytes], R::Is(T::Str), Body::Strict(|a, _| Ok(text(Keyset::read(a[0].bytes())?.json())))),
    Def::new("KEYS.KEYSET_FROM_JSON", &[P::Str], R::Is(T::Bytes), Body::Strict(|a, _| Ok(bytes(Keyset::from_json(a[0].str())?.write())))),
    Def::new(
        "KEYS.NEW_WRAPPED_KEYSET",
        &[P::Str, P::Str],
        R::Is(T::Bytes),
        Body::Strict(|a, _| Ok(bytes(kms::wrap(a[0].str(), &new_keyset(a[1].str())?)?))),
    )
    .volatile(),
    Def::new(
        "KEYS.REWRAP_KEYSET",
        &[P::Str, P::Str, P::Bytes],
        R::Is(T::Bytes),
        Body::Strict(|a, _| Ok(bytes(kms::wrap(a[1].str(), &kms::unwrap(a[0].str(), a[2].bytes())?)?))),
    )
    .volatile(),
    Def::new(
        "KEYS.ROTATE_WRAPPED_KEYSET",
        &[P::Str, P::Bytes, P::Str],
        R::Is(T::Bytes),
        Body::Strict(|a, _| {
            let mut set = Keyset::read(&kms::unwrap(a[0].str(), a[1].bytes())?)?;
            set.add(a[2].str())?;
            Ok(bytes(kms::wrap(a[0].str(), &set.write())?))
        }),
    )
    .volatile(),
    Def::new(
        "KEYS.KEYSET_CHAIN",
        &[P::Str, P::Bytes],
        R::Is(T::Bytes),
        Body::Strict(|a, _| kms::chain(a[0].str(), a[1].bytes()).map(bytes)),
    ),
    Def::new("AEAD.ENCRYPT", &[P::Bytes, P::Text, P::Text], R::Is(T::Bytes), Body::Strict(|a, _| encrypt(a).map(bytes))).volatile(),
    Def::new(
        "AEAD.DECRYPT_BYTES",
        &[P::Bytes, P::Bytes, P::Text],
        R::Is(T::Bytes),
        Body::Strict(|a, _| decrypt(a, "AEAD.DECRYPT_BYTES").map(bytes)),
    ),
    Def::new(
        "AEAD.DECRYPT_STRING",
        &[P::Bytes, P::Bytes, P::Text],
        R::Is(T::Str),
        Body::Strict(|a, _| decrypt(a, "AEAD.DECRYPT_STRING").and_then(utf8)),
    ),
];

/// The bytes of a keyset with one new key.
pub(in crate::engine) fn new_keyset(key_type: &str) -> Result<Vec<u8>, String> {
    let mut set = Keyset::default();
    set.add(key_type)?;
    Ok(set.write())
}

fn bytes(found: Vec<u8>) -> Value<'static> {
    Value::Bytes(Cow::Owned(found))
}

fn utf8(found: Vec<u8>) -> Result<Value<'static>, String> {
    String::from_utf8(found).map(text).map_err(|_| "The decrypted value is not valid UTF-8; decrypt it to BYTES".to_owned())
}

fn cipher(key: &Key) -> Result<LessSafeKey, String> {
    let secret = key.secret()?;
    let algorithm = if secret.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
    let key = UnboundKey::new(algorithm, &secret).map_err(|_| "The keyset has a key of a wrong length".to_owned())?;
    Ok(LessSafeKey::new(key))
}

/// Keyset, plaintext, additional data.
fn encrypt(a: &[Value<'_>]) -> Result<Vec<u8>, String> {
    let set = Keyset::read(&kms::opened(a[0].bytes())?)?;
    let key = set.primary()?;
    let iv: [u8; NONCE_LEN] = rand::random();
    let mut body = a[1].bytes().to_vec();
    let sealed = cipher(key)?.seal_in_place_append_tag(Nonce::assume_unique_for_key(iv), Aad::from(a[2].bytes()), &mut body);
    sealed.map_err(|_| "Encryption failed".to_owned())?;
    let mut found = key.prefix();
    found.extend(iv);
    found.extend(body);
    Ok(found)
}

/// Keyset, ciphertext, additional data: with the key that the ciphertext names, else with those that it need not name.
fn decrypt(a: &[Value<'_>], name: &str) -> Result<Vec<u8>, String> {
    let set = Keyset::read(&kms::opened(a[0].bytes())?)?;
    let opened = |key: &Key| -> Option<Vec<u8>> {
        let (iv, body) = a[1].bytes().strip_prefix(key.prefix().as_slice())?.split_first_chunk::<NONCE_LEN>()?;
        let mut body = body.to_vec();
        let nonce = Nonce::assume_unique_for_key(*iv);
        let opened = cipher(key).ok()?.open_in_place(nonce, Aad::from(a[2].bytes()), &mut body).ok()?;
        Some(opened.to_vec())
    };
    set.usable().find_map(opened).ok_or_else(|| format!("{name} failed: decryption failed"))
}
