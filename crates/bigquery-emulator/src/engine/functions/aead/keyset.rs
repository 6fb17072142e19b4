//! Keysets as Tink writes them: a protocol buffer, or its JSON.
//!
//! Source: <https://github.com/tink-crypto/tink/blob/master/proto/tink.proto>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use serde_json::{Value, json};

const ENABLED: i32 = 1;
const SYMMETRIC: i32 = 1;
const TINK: i32 = 1;
const RAW: i32 = 3;

const GCM: &str = "type.googleapis.com/google.crypto.tink.AesGcmKey";

const STATUS: [(i32, &str); 3] = [(ENABLED, "ENABLED"), (2, "DISABLED"), (3, "DESTROYED")];
const MATERIAL: [(i32, &str); 4] = [(SYMMETRIC, "SYMMETRIC"), (2, "ASYMMETRIC_PRIVATE"), (3, "ASYMMETRIC_PUBLIC"), (4, "REMOTE")];
const PREFIX: [(i32, &str); 4] = [(TINK, "TINK"), (2, "LEGACY"), (RAW, "RAW"), (4, "CRUNCHY")];

#[derive(Clone, PartialEq, Message)]
pub(super) struct Keyset {
    #[prost(uint32, tag = "1")]
    primary_key_id: u32,
    #[prost(message, repeated, tag = "2")]
    key: Vec<Key>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Key {
    #[prost(message, optional, tag = "1")]
    key_data: Option<KeyData>,
    #[prost(int32, tag = "2")]
    status: i32,
    #[prost(uint32, tag = "3")]
    key_id: u32,
    #[prost(int32, tag = "4")]
    output_prefix_type: i32,
}

#[derive(Clone, PartialEq, Message)]
struct KeyData {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
    #[prost(int32, tag = "3")]
    key_material_type: i32,
}

#[derive(Clone, PartialEq, Message)]
struct GcmKey {
    #[prost(uint32, tag = "1")]
    version: u32,
    #[prost(bytes = "vec", tag = "3")]
    key_value: Vec<u8>,
}

fn bad() -> String {
    "Invalid keyset".to_owned()
}

impl Keyset {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let set = Self::decode(bytes).map_err(|_| bad())?;
        if set.key.is_empty() { Err(bad()) } else { Ok(set) }
    }

    pub(super) fn write(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    pub(super) fn length(&self) -> usize {
        self.key.len()
    }

    pub(super) fn primary(&self) -> Result<&Key, String> {
        self.usable().find(|k| k.key_id == self.primary_key_id).ok_or_else(|| "The keyset has no primary key".to_owned())
    }

    /// The keys that may be used, the primary one first.
    pub(super) fn usable(&self) -> impl Iterator<Item = &Key> {
        let first = self.key.iter().filter(|k| k.key_id == self.primary_key_id);
        first.chain(self.key.iter().filter(move |k| k.key_id != self.primary_key_id)).filter(|k| k.status == ENABLED)
    }

    /// Adds a new key, which becomes the primary one.
    pub(super) fn add(&mut self, key_type: &str) -> Result<(), String> {
        match key_type {
            "AEAD_AES_GCM_256" => {}
            "DETERMINISTIC_AEAD_AES_SIV_CMAC_256" => {
                return Err(format!("A keyset of type {key_type} is not supported by the embedded endpoint"));
            }
            other => return Err(format!("Unsupported key type: {other}")),
        }
        self.primary_key_id = self.put(rand::random::<[u8; 32]>().to_vec(), TINK);
        Ok(())
    }

    /// Adds a key that others made, which encrypts nothing here and names itself in no ciphertext.
    pub(super) fn add_raw(&mut self, key_type: &str, secret: &[u8]) -> Result<(), String> {
        if key_type != "AES_GCM" {
            return Err(format!("KEYS.ADD_KEY_FROM_RAW_BYTES of a key of type {key_type} is not supported by the embedded endpoint"));
        }
        if !matches!(secret.len(), 16 | 32) {
            return Err("The key of KEYS.ADD_KEY_FROM_RAW_BYTES must have 16 or 32 bytes".to_owned());
        }
        self.put(secret.to_vec(), RAW);
        Ok(())
    }

    fn put(&mut self, key_value: Vec<u8>, output_prefix_type: i32) -> u32 {
        let id = loop {
            let id = rand::random::<u32>();
            if id != 0 && self.key.iter().all(|k| k.key_id != id) {
                break id;
            }
        };
        let value = GcmKey { version: 0, key_value }.encode_to_vec();
        let key_data = Some(KeyData { type_url: GCM.to_owned(), value, key_material_type: SYMMETRIC });
        self.key.push(Key { key_data, status: ENABLED, key_id: id, output_prefix_type });
        id
    }

    pub(super) fn json(&self) -> String {
        let keys: Vec<Value> = self
            .key
            .iter()
            .map(|key| {
                let data = key.key_data.clone().unwrap_or_default();
                json!({
                    "keyData": {
                        "keyMaterialType": name_of(&MATERIAL, data.key_material_type),
                        "typeUrl": data.type_url,
                        "value": STANDARD.encode(&data.value),
                    },
                    "keyId": key.key_id,
                    "outputPrefixType": name_of(&PREFIX, key.output_prefix_type),
                    "status": name_of(&STATUS, key.status),
                })
            })
            .collect();
        json!({ "key": keys, "primaryKeyId": self.primary_key_id }).to_string()
    }

    pub(super) fn from_json(written: &str) -> Result<Self, String> {
        let tree: Value = serde_json::from_str(written).map_err(|_| bad())?;
        let number = |v: &Value| v.as_u64().and_then(|n| u32::try_from(n).ok()).ok_or_else(bad);
        let text = |v: &Value| v.as_str().map(str::to_owned).ok_or_else(bad);
        let mut set = Self { primary_key_id: number(&tree["primaryKeyId"])?, key: Vec::new() };
        for key in tree["key"].as_array().ok_or_else(bad)? {
            let data = &key["keyData"];
            set.key.push(Key {
                key_data: Some(KeyData {
                    type_url: text(&data["typeUrl"])?,
                    value: STANDARD.decode(text(&data["value"])?).map_err(|_| bad())?,
                    key_material_type: value_of(&MATERIAL, &data["keyMaterialType"])?,
                }),
                status: value_of(&STATUS, &key["status"])?,
                key_id: number(&key["keyId"])?,
                output_prefix_type: value_of(&PREFIX, &key["outputPrefixType"])?,
            });
        }
        set.primary()?;
        Ok(set)
    }
}

fn name_of(names: &[(i32, &'static str)], value: i32) -> &'static str {
    names.iter().find(|(v, _)| *v == value).map_or("UNKNOWN", |(_, name)| name)
}

fn value_of(names: &[(i32, &'static str)], name: &Value) -> Result<i32, String> {
    names.iter().find(|(_, n)| name.as_str() == Some(n)).map(|(v, _)| *v).ok_or_else(bad)
}

impl Key {
    /// What a ciphertext begins with.
    pub(super) fn prefix(&self) -> Vec<u8> {
        if self.output_prefix_type == RAW {
            return Vec::new();
        }
        let mut prefix = vec![1];
        prefix.extend(self.key_id.to_be_bytes());
        prefix
    }

    pub(super) fn secret(&self) -> Result<Vec<u8>, String> {
        let data = self.key_data.as_ref().ok_or_else(bad)?;
        if data.type_url != GCM {
            return Err(format!("A key of type {} is not supported by the embedded endpoint", data.type_url));
        }
        Ok(GcmKey::decode(data.value.as_slice()).map_err(|_| bad())?.key_value)
    }
}
