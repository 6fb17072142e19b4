//! Keysets that a key of Cloud KMS wraps. There is no KMS here: what stands for each of its keys is one derived from its name,
//! so that what was wrapped here can be used here, and nowhere else. Nothing is kept secret by it.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/aead_encryption_functions#keysnew_wrapped_keyset>

use sha2::{Digest, Sha256};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

const WRAPPED: &[u8] = b"quaver-kms\n";
const CHAIN: &[u8] = b"quaver-keyset-chain\n";

/// The key that stands for one of KMS.
fn cipher(path: &str) -> Result<LessSafeKey, String> {
    let name = path.strip_prefix("gcp-kms://").unwrap_or(path);
    let parts: Vec<&str> = name.split('/').collect();
    let proper = matches!(parts.as_slice(), ["projects", p, "locations", l, "keyRings", r, "cryptoKeys", k]
        if [p, l, r, k].iter().all(|part| !part.is_empty()));
    if !proper {
        return Err(format!("Invalid Cloud KMS key resource name: {path}"));
    }
    let secret = Sha256::digest([WRAPPED, name.as_bytes()].concat());
    let key = UnboundKey::new(&AES_256_GCM, &secret).map_err(|_| "Encryption failed".to_owned())?;
    Ok(LessSafeKey::new(key))
}

pub(super) fn wrap(path: &str, keyset: &[u8]) -> Result<Vec<u8>, String> {
    let iv: [u8; NONCE_LEN] = rand::random();
    let mut body = keyset.to_vec();
    let sealed = cipher(path)?.seal_in_place_append_tag(Nonce::assume_unique_for_key(iv), Aad::empty(), &mut body);
    sealed.map_err(|_| "Encryption failed".to_owned())?;
    Ok([WRAPPED, &iv, &body].concat())
}

pub(super) fn unwrap(path: &str, wrapped: &[u8]) -> Result<Vec<u8>, String> {
    let foreign = || "A keyset that Cloud KMS wrapped is not supported by the embedded endpoint".to_owned();
    let (iv, body) = wrapped.strip_prefix(WRAPPED).and_then(|w| w.split_first_chunk::<NONCE_LEN>()).ok_or_else(foreign)?;
    let mut body = body.to_vec();
    let opened = cipher(path)?.open_in_place(Nonce::assume_unique_for_key(*iv), Aad::empty(), &mut body);
    opened.map(|plain| plain.to_vec()).map_err(|_| format!("The keyset is not wrapped by {path}"))
}

/// A wrapped keyset together with the key that opens it.
pub(super) fn chain(path: &str, wrapped: &[u8]) -> Result<Vec<u8>, String> {
    cipher(path)?;
    Ok([CHAIN, path.as_bytes(), b"\n", wrapped].concat())
}

/// The keyset that a chain holds; bytes that are no chain are the keyset.
pub(super) fn opened(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let Some(rest) = bytes.strip_prefix(CHAIN) else { return Ok(bytes.to_vec()) };
    let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    unwrap(&String::from_utf8_lossy(&rest[..end]), rest.get(end + 1..).unwrap_or_default())
}
