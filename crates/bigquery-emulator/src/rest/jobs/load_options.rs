//! How the bytes of a load are to be read: `sourceFormat` and all that goes with it.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationLoad>

use serde_json::Value;

use crate::load::{AvroOptions, CsvOptions, DecimalTargets, Encoding, Format, TimeFormat, TimeFormats};
use crate::rest::error::ApiError;
use crate::rest::request::{as_flag, as_number, as_text};
use crate::rest::wire_schema;

/// Options that change what a load means and are not known here.
const REFUSED: [&str; 4] = ["hivePartitioningOptions", "referenceFileSchemaUri", "createSession", "projectionFields"];

pub(super) fn read_format(load: &Value) -> Result<Format, ApiError> {
    for option in REFUSED {
        let asked = load.get(option).is_some_and(|v| !v.is_null() && *v != Value::Bool(false) && *v != Value::Array(Vec::new()));
        if asked {
            return Err(ApiError::not_implemented(format_args!("The load option {option}")));
        }
    }
    if let Some(extension) = as_text(load.get("jsonExtension")).filter(|e| !e.eq_ignore_ascii_case("JSON_EXTENSION_UNSPECIFIED")) {
        return Err(ApiError::not_implemented(format_args!("The JSON extension {extension}")));
    }
    Ok(match as_text(load.get("sourceFormat")).unwrap_or("CSV") {
        "NEWLINE_DELIMITED_JSON" => Format::Ndjson(encoding(load)?),
        "CSV" => Format::Csv(Box::new(csv(load)?)),
        "PARQUET" => Format::Parquet(decimals(load)?),
        "AVRO" => Format::Avro(AvroOptions { logical_types: as_flag(load.get("useAvroLogicalTypes")), decimals: decimals(load)? }),
        other => return Err(ApiError::not_implemented(format_args!("The source format {other}"))),
    })
}

fn encoding(load: &Value) -> Result<Encoding, ApiError> {
    let name = as_text(load.get("encoding")).unwrap_or("UTF-8");
    Encoding::named(name).ok_or_else(|| ApiError::invalid(format!("Invalid value for encoding: {name} is not a valid value")))
}

fn decimals(load: &Value) -> Result<DecimalTargets, ApiError> {
    let mut types = Vec::new();
    for name in load.get("decimalTargetTypes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        types.push(wire_schema::parse_type(name).ok_or_else(|| invalid_value("decimalTargetTypes", name))?);
    }
    Ok(DecimalTargets::new(&types))
}

fn invalid_value(option: &str, value: &str) -> ApiError {
    ApiError::invalid(format!("Invalid value for {option}: {value} is not a valid value"))
}

fn csv(load: &Value) -> Result<CsvOptions, ApiError> {
    let one_byte = |text: &str, what: &str| match text {
        "\\t" | "tab" => Ok(b'\t'),
        text if text.len() == 1 => Ok(text.as_bytes()[0]),
        // One character of ISO-8859-1 is one byte there; here its text is UTF-8.
        _ => Err(ApiError::invalid(format!("{what} must be one single-byte character, not \"{text}\""))),
    };
    let quote = match load.get("quote") {
        Some(Value::String(quote)) if quote.is_empty() => None,
        Some(Value::String(quote)) => Some(one_byte(quote, "quote")?),
        _ => Some(b'"'),
    };
    let mut null_markers: Vec<String> = Vec::new();
    null_markers.extend(as_text(load.get("nullMarker")).map(str::to_owned));
    let more: Vec<String> =
        load.get("nullMarkers").and_then(Value::as_array).into_iter().flatten().filter_map(|m| m.as_str().map(str::to_owned)).collect();
    if !null_markers.is_empty() && !more.is_empty() {
        return Err(ApiError::invalid("Only one of nullMarker and nullMarkers may be set."));
    }
    null_markers.extend(more);
    let match_by_name = match as_text(load.get("sourceColumnMatch")) {
        None | Some("POSITION" | "SOURCE_COLUMN_MATCH_UNSPECIFIED") => false,
        Some("NAME") => true,
        Some(other) => return Err(invalid_value("sourceColumnMatch", other)),
    };
    Ok(CsvOptions {
        delimiter: as_text(load.get("fieldDelimiter")).map(|d| one_byte(d, "fieldDelimiter")).transpose()?,
        quote,
        skip_leading_rows: as_number(load.get("skipLeadingRows")),
        allow_jagged_rows: as_flag(load.get("allowJaggedRows")),
        allow_quoted_newlines: as_flag(load.get("allowQuotedNewlines")),
        preserve_ascii_control_characters: as_flag(load.get("preserveAsciiControlCharacters")),
        match_by_name,
        null_markers,
        encoding: encoding(load)?,
        times: times(load)?,
    })
}

fn times(load: &Value) -> Result<TimeFormats, ApiError> {
    let format = |option: &str| {
        as_text(load.get(option))
            .map(|text| TimeFormat::new(text).map_err(|at| ApiError::invalid(format!("Invalid value for {option}: {text}, at \"{at}\""))))
            .transpose()
    };
    let zone = as_text(load.get("timeZone")).filter(|name| !name.eq_ignore_ascii_case("UTC"));
    Ok(TimeFormats {
        date: format("dateFormat")?,
        datetime: format("datetimeFormat")?,
        time: format("timeFormat")?,
        timestamp: format("timestampFormat")?,
        zone: zone.map(|name| name.parse().map_err(|_| ApiError::invalid(format!("Invalid time zone: {name}")))).transpose()?,
    })
}
