//! NET.*: addresses and hosts.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/net_functions>

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::udf::{Body, Def, P, R, T};
use super::value::{Value, text};

pub(super) const DEFS: &[Def] = &[
    Def::new("NET.IP_FROM_STRING", &[P::Str], R::Is(T::Bytes), Body::Strict(|a, _| parse(a[0].str()).map(packed))),
    Def::new("NET.SAFE_IP_FROM_STRING", &[P::Str], R::Is(T::Bytes), Body::Strict(|a, _| Ok(parse(a[0].str()).map_or(Value::Null, packed)))),
    Def::new(
        "NET.IP_TO_STRING",
        &[P::Bytes],
        R::Is(T::Str),
        Body::Strict(|a, _| Ok(text(address(a[0].bytes(), "NET.IP_TO_STRING")?.to_string()))),
    ),
    Def::new(
        "NET.IP_NET_MASK",
        &[P::Int, P::Int],
        R::Is(T::Bytes),
        Body::Strict(|a, _| {
            let (length, prefix) = (a[0].int(), a[1].int());
            if !matches!(length, 4 | 16) {
                return Err("The first argument of NET.IP_NET_MASK() must be either 4 or 16".to_owned());
            }
            let length = if length == 4 { 4 } else { 16 };
            mask(length, prefix, "NET.IP_NET_MASK").map(|m| Value::Bytes(Cow::Owned(m)))
        }),
    ),
    Def::new(
        "NET.IP_TRUNC",
        &[P::Bytes, P::Int],
        R::Is(T::Bytes),
        Body::Strict(|a, _| {
            let bytes = a[0].bytes();
            address(bytes, "NET.IP_TRUNC")?;
            let mask = mask(bytes.len(), a[1].int(), "NET.IP_TRUNC")?;
            Ok(Value::Bytes(Cow::Owned(bytes.iter().zip(mask).map(|(b, m)| b & m).collect())))
        }),
    ),
    Def::new(
        "NET.IPV4_FROM_INT64",
        &[P::Int],
        R::Is(T::Bytes),
        Body::Strict(|a, _| {
            let v = a[0].int();
            let narrow = u32::try_from(v).ok().or_else(|| i32::try_from(v).ok().map(i32::cast_unsigned));
            let narrow = narrow.ok_or_else(|| format!("NET.IPV4_FROM_INT64() encountered a non-IPv4 value: {v}"))?;
            Ok(Value::Bytes(Cow::Owned(narrow.to_be_bytes().to_vec())))
        }),
    ),
    Def::new(
        "NET.IPV4_TO_INT64",
        &[P::Bytes],
        R::Is(T::Int),
        Body::Strict(|a, _| match address(a[0].bytes(), "NET.IPV4_TO_INT64")? {
            IpAddr::V4(v4) => Ok(Value::Int(i64::from(u32::from(v4)))),
            IpAddr::V6(_) => Err("NET.IPV4_TO_INT64() encountered a non-IPv4 address".to_owned()),
        }),
    ),
    Def::new(
        "NET.FORMAT_IP",
        &[P::Int],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            let v = u32::try_from(a[0].int()).map_err(|_| "NET.FORMAT_IP() takes an IPv4 address".to_owned())?;
            Ok(text(Ipv4Addr::from(v).to_string()))
        }),
    ),
    Def::new(
        "NET.PARSE_IP",
        &[P::Str],
        R::Is(T::Int),
        Body::Strict(|a, _| match parse(a[0].str())? {
            IpAddr::V4(v4) => Ok(Value::Int(i64::from(u32::from(v4)))),
            IpAddr::V6(_) => Err("NET.PARSE_IP() takes an IPv4 address".to_owned()),
        }),
    ),
    Def::new(
        "NET.FORMAT_PACKED_IP",
        &[P::Bytes],
        R::Is(T::Str),
        Body::Strict(|a, _| Ok(text(address(a[0].bytes(), "NET.FORMAT_PACKED_IP")?.to_string()))),
    ),
    Def::new("NET.PARSE_PACKED_IP", &[P::Str], R::Is(T::Bytes), Body::Strict(|a, _| parse(a[0].str()).map(packed))),
    Def::new(
        "NET.IP_IN_NET",
        &[P::Str, P::Str],
        R::Is(T::Bool),
        Body::Strict(|a, _| {
            let (net, prefix) = a[1].str().split_once('/').ok_or_else(|| format!("Invalid subnet: {}", a[1].str()))?;
            let prefix: i64 = prefix.parse().map_err(|_| format!("Invalid subnet: {}", a[1].str()))?;
            let (own, net) = (octets(parse(a[0].str().split('/').next().unwrap_or_default())?), octets(parse(net)?));
            let mask = mask(net.len(), prefix, "NET.IP_IN_NET")?;
            Ok(Value::Bool(own.len() == net.len() && own.iter().zip(&net).zip(&mask).all(|((o, n), m)| o & m == n & m)))
        }),
    ),
    Def::new(
        "NET.MAKE_NET",
        &[P::Str, P::Int],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            let bytes = octets(parse(a[0].str())?);
            let mask = mask(bytes.len(), a[1].int(), "NET.MAKE_NET")?;
            let start: Vec<u8> = bytes.iter().zip(mask).map(|(b, m)| b & m).collect();
            Ok(text(format!("{}/{}", address(&start, "NET.MAKE_NET")?, a[1].int())))
        }),
    ),
    Def::new("NET.PUBLIC_SUFFIX", &[P::Str], R::Is(T::Str), Body::Strict(|a, _| Ok(end_of_host(a[0].str(), public_suffix)))),
    Def::new("NET.REG_DOMAIN", &[P::Str], R::Is(T::Str), Body::Strict(|a, _| Ok(end_of_host(a[0].str(), registered)))),
    Def::new("NET.HOST", &[P::Str], R::Is(T::Str), Body::Strict(|a, _| Ok(host(a[0].str()).map_or(Value::Null, text)))),
];

fn parse(written: &str) -> Result<IpAddr, String> {
    written.parse().map_err(|_| format!("NET.IP_FROM_STRING() encountered an unparseable IP-address: {written}"))
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

fn packed(address: IpAddr) -> Value<'static> {
    Value::Bytes(Cow::Owned(octets(address)))
}

fn address(bytes: &[u8], name: &str) -> Result<IpAddr, String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Ok(Ipv4Addr::from(four).into());
    }
    <[u8; 16]>::try_from(bytes)
        .map(|sixteen| Ipv6Addr::from(sixteen).into())
        .map_err(|_| format!("{name}() encountered a non-IP-address: its length is {}", bytes.len()))
}

fn mask(length: usize, prefix: i64, name: &str) -> Result<Vec<u8>, String> {
    let bits = i64::try_from(length * 8).unwrap_or(0);
    if !(0..=bits).contains(&prefix) {
        return Err(format!("The prefix length of {name}() must be from 0 to {bits}"));
    }
    Ok((0..bits / 8)
        .map(|i| match prefix - i * 8 {
            8.. => 0xff,
            n @ 1..8 => !(0xff_u8 >> n),
            _ => 0,
        })
        .collect())
}

/// The host of a URL, which need not be a proper one.
fn host(url: &str) -> Option<String> {
    let url = url.trim();
    let rest = match url.find("://") {
        Some(at) => &url[at + 3..],
        None => url.strip_prefix("//").or_else(|| {
            // `mailto:a@b` names no host.
            let scheme = url.split_once(':').is_some_and(|(s, rest)| s.chars().all(char::is_alphabetic) && !rest.starts_with("//"));
            (!scheme).then_some(url)
        })?,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = if host.starts_with('[') { host.split(']').next().map(|h| format!("{h}]"))? } else { host.split(':').next()?.to_owned() };
    (!host.is_empty()).then_some(host)
}

/// How many bytes of a host's end are its public suffix.
fn public_suffix(host: &[u8]) -> Option<usize> {
    psl::suffix(host).filter(psl::Suffix::is_known).map(|s| s.as_bytes().len())
}

/// How many bytes of a host's end are the suffix and the label before it.
fn registered(host: &[u8]) -> Option<usize> {
    psl::domain(host).filter(|d| d.suffix().is_known()).map(|d| d.as_bytes().len())
}

/// The end of a URL's host, as it is written there.
fn end_of_host(url: &str, length: fn(&[u8]) -> Option<usize>) -> Value<'static> {
    let Some(host) = host(url).filter(|h| h.parse::<IpAddr>().is_err()) else { return Value::Null };
    let host = host.trim_end_matches('.');
    let end = length(host.to_lowercase().as_bytes()).and_then(|length| host.len().checked_sub(length));
    end.and_then(|at| host.get(at..)).map_or(Value::Null, text)
}
