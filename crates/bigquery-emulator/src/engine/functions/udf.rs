//! The frame that all our scalar functions share: what they take, what they give, how NULL passes through them.
//!
//! A function is one row of a table ([`Def`]): GoogleSQL name, kinds of its parameters, kind of its result and a plain
//! function on cells. From that row come the coercion of arguments, BigQuery's `No matching signature` error, NULL
//! handling, and the `SAFE.` form.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{self as df, ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Volatility};

use super::results::Results;
use super::value::{Column, Value};
use crate::engine::error::invalid;
use crate::engine::signatures::Signature;
use crate::engine::types::{GEOGRAPHY, INTERVAL, JSON, sql_type_name, timestamp_type};

/// What a parameter takes. Narrow integers, views and dictionaries arrive as their canonical type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum P {
    Any,
    /// Whatever DataFusion has, not even made canonical.
    Raw,
    Int,
    Float,
    /// INT64, NUMERIC or FLOAT64, left as it is; a BIGNUMERIC becomes a FLOAT64.
    Number,
    /// As `Number`, but a BIGNUMERIC stays one.
    Decimal,
    Str,
    /// STRING or BYTES, left as it is.
    Text,
    Bytes,
    Bool,
    Date,
    Timestamp,
    Datetime,
    Time,
    /// DATE, DATETIME, TIMESTAMP or TIME, left as it is; a STRING stays a STRING, for the function to read.
    Temporal,
    Array,
    ArrayStr,
    /// JSON.
    Json,
    /// JSON or STRING, left as it is.
    JsonText,
    Geography,
    Interval,
    /// All parameters of this kind come to one type.
    Same,
    /// Like `Same`, for ARRAYs whose elements come to the type of the `Elem` parameters.
    SameArray,
}

/// Finds a result type from the types of the arguments and those of them that are constants.
pub(crate) type FindType = fn(&[DataType], &[Option<&ScalarValue>]) -> Result<DataType, String>;

/// What a function gives.
#[derive(Clone, Copy)]
pub(crate) enum R {
    Is(T),
    List(T),
    /// The type of the first argument after coercion.
    First,
    /// The element type of the first argument, which is an ARRAY.
    Element,
    Custom(FindType),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum T {
    Bool,
    Int,
    Float,
    Str,
    Bytes,
    Date,
    Timestamp,
    Datetime,
    Time,
    Json,
    Geography,
    Interval,
    Numeric,
    Bignumeric,
}

impl T {
    pub(crate) fn arrow(self) -> DataType {
        match self {
            T::Bool => DataType::Boolean,
            T::Int => DataType::Int64,
            T::Float => DataType::Float64,
            T::Str => DataType::Utf8,
            T::Bytes => DataType::Binary,
            T::Date => DataType::Date32,
            T::Timestamp => timestamp_type(),
            T::Datetime => DataType::Timestamp(TimeUnit::Microsecond, None),
            T::Time => DataType::Time64(TimeUnit::Microsecond),
            T::Json => JSON,
            T::Geography => GEOGRAPHY,
            T::Interval => INTERVAL,
            T::Numeric => DataType::Decimal128(38, 9),
            T::Bignumeric => DataType::Decimal256(76, 38),
        }
    }
}

pub(crate) type Eval = for<'a> fn(&'a [Value<'a>], &DataType) -> Result<Value<'a>, String>;
pub(crate) type VectorEval = fn(&[ArrayRef], &DataType) -> Result<ArrayRef, DataFusionError>;

pub(crate) type Shortcut = fn(&[ColumnarValue]) -> Option<ArrayRef>;

#[derive(Clone, Copy)]
pub(crate) enum Body {
    /// NULL in, NULL out; the function sees no NULL.
    Strict(Eval),
    /// The function sees NULLs.
    Lenient(Eval),
    /// Whole arrays at once, for what is called on every row of big tables.
    Vector(VectorEval),
}

/// One function.
#[derive(Clone, Copy)]
pub(crate) struct Def {
    /// The GoogleSQL name in upper case; what the rewriter makes up starts with `$`.
    pub(crate) name: &'static str,
    pub(crate) params: &'static [P],
    /// How many of the last parameters may be left out.
    pub(crate) optional: usize,
    /// The last parameter may be repeated.
    pub(crate) variadic: bool,
    pub(crate) returns: R,
    pub(crate) body: Body,
    pub(crate) volatility: Volatility,
    /// A quicker way for the commonest arguments; `None` from it means the common way.
    pub(crate) shortcut: Option<Shortcut>,
}

impl Def {
    pub(crate) const fn new(name: &'static str, params: &'static [P], returns: R, body: Body) -> Self {
        Self { name, params, optional: 0, variadic: false, returns, body, volatility: Volatility::Immutable, shortcut: None }
    }

    pub(crate) const fn optional(mut self, count: usize) -> Self {
        self.optional = count;
        self
    }

    pub(crate) const fn variadic(mut self) -> Self {
        self.variadic = true;
        self
    }

    pub(crate) const fn shortcut(mut self, shortcut: Shortcut) -> Self {
        self.shortcut = Some(shortcut);
        self
    }

    pub(crate) const fn volatile(mut self) -> Self {
        self.volatility = Volatility::Volatile;
        self
    }
}

/// The signatures that a function has in GoogleSQL: one for each type that its parameters of several types take.
pub(super) fn signatures(def: &Def) -> Vec<Signature> {
    let types_of = |kind: P| -> &'static [&'static str] {
        match kind {
            P::Int => &["INT64"],
            P::Float => &["FLOAT64"],
            P::Number | P::Decimal => &["INT64", "NUMERIC", "BIGNUMERIC", "FLOAT64"],
            P::Str => &["STRING"],
            P::Text => &["STRING", "BYTES"],
            P::Bytes => &["BYTES"],
            P::Bool => &["BOOL"],
            P::Date => &["DATE"],
            P::Timestamp => &["TIMESTAMP"],
            P::Datetime => &["DATETIME"],
            P::Time => &["TIME"],
            P::Array => &["ARRAY<T1>"],
            P::ArrayStr => &["ARRAY<STRING>"],
            P::Json => &["JSON"],
            P::JsonText => &["STRING", "JSON"],
            P::Geography => &["GEOGRAPHY"],
            P::Interval => &["INTERVAL"],
            P::Same => &["T1"],
            P::Any | P::Raw | P::Temporal | P::SameArray => &[],
        }
    };
    let kinds: Vec<_> = def.params.iter().map(|kind| types_of(*kind)).collect();
    let forms = kinds.iter().map(|types| types.len()).max().unwrap_or(0);
    // Parameters of several types change together.
    if kinds.iter().any(|types| types.is_empty() || (types.len() != 1 && types.len() != forms)) {
        return Vec::new();
    }
    let form = |at: usize| kinds.iter().map(|types| types.get(at).unwrap_or(&types[0])).copied().collect();
    (0..forms).map(|at| Signature { parameters: form(at), optional: def.optional, variadic: def.variadic }).collect()
}

/// A [`Def`] as DataFusion calls it.
pub(crate) struct GoogleFunction {
    def: Def,
    safe: bool,
    name: String,
    signature: df::Signature,
}

/// The name under which a function is registered: its GoogleSQL name in lower case, `safe.` before it for the SAFE form.
pub(crate) fn registered_name(name: &str, safe: bool) -> String {
    let name = name.to_lowercase();
    let name = name.strip_prefix('$').unwrap_or(&name);
    if safe { format!("$safe.{name}") } else { format!("${name}") }
}

pub(crate) fn udf(def: Def, safe: bool) -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::new_from_impl(GoogleFunction {
        def,
        safe,
        name: registered_name(def.name, safe),
        signature: df::Signature::user_defined(def.volatility),
    }))
}

impl std::fmt::Debug for GoogleFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl PartialEq for GoogleFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for GoogleFunction {}

impl Hash for GoogleFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl GoogleFunction {
    fn no_signature(&self, types: &[DataType]) -> DataFusionError {
        let types: Vec<String> = types.iter().map(sql_type_name).collect();
        let what = match self.def.name {
            "$ADD" => "operator +".to_owned(),
            "$SUBTRACT" => "operator -".to_owned(),
            "$MULTIPLY" => "operator *".to_owned(),
            "$DIVIDE" => "operator /".to_owned(),
            "$CONCAT_OP" => "operator ||".to_owned(),
            "$IN_ARRAY" => "operator IN UNNEST".to_owned(),
            name => format!("function {}", name.trim_start_matches('$')),
        };
        if types.is_empty() {
            invalid(format!("No matching signature for {what} with no arguments"))
        } else {
            invalid(format!("No matching signature for {what} for argument types: {}", types.join(", ")))
        }
    }

    fn kind(&self, index: usize) -> Option<P> {
        match self.def.params.get(index) {
            Some(kind) => Some(*kind),
            None if self.def.variadic => self.def.params.last().copied(),
            None => None,
        }
    }

    fn coerce(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let least = self.def.params.len() - self.def.optional;
        if types.len() < least || (types.len() > self.def.params.len() && !self.def.variadic) {
            return Err(self.no_signature(types));
        }
        let canonical: Vec<DataType> = types.iter().map(plain).collect();
        let mut common = DataType::Null;
        for (i, given) in canonical.iter().enumerate() {
            let given = match (self.kind(i), given) {
                (Some(P::Same), t) => t,
                (Some(P::SameArray), DataType::List(f)) => f.data_type(),
                _ => continue,
            };
            common = unify(&common, given).ok_or_else(|| self.no_signature(&canonical))?;
        }
        canonical
            .iter()
            .enumerate()
            .map(|(i, given)| {
                let kind = self.kind(i).ok_or_else(|| self.no_signature(&canonical))?;
                match kind {
                    P::Raw => Ok(types[i].clone()),
                    P::Same => Ok(if common == DataType::Null { DataType::Int64 } else { common.clone() }),
                    P::SameArray => match given {
                        DataType::List(_) | DataType::Null => Ok(list_of(common.clone())),
                        _ => Err(self.no_signature(&canonical)),
                    },
                    kind => coerce_one(kind, given).ok_or_else(|| self.no_signature(&canonical)),
                }
            })
            .collect()
    }
}

pub(crate) fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, true)))
}

/// The canonical type that stands for a type DataFusion may give.
pub(crate) fn plain(t: &DataType) -> DataType {
    match t {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => {
            DataType::Int64
        }
        DataType::Float16 | DataType::Float32 => DataType::Float64,
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Dictionary(_, value) => plain(value),
        DataType::Date64 => DataType::Date32,
        DataType::Time32(_) | DataType::Time64(_) => DataType::Time64(TimeUnit::Microsecond),
        DataType::Timestamp(_, None) => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Timestamp(_, Some(_)) => timestamp_type(),
        DataType::Decimal128(_, scale) if *scale <= 9 => DataType::Decimal128(38, 9),
        DataType::LargeList(f) | DataType::FixedSizeList(f, _) | DataType::ListView(f) => DataType::List(Arc::clone(f)),
        other => other.clone(),
    }
}

/// The type that two types come to by GoogleSQL's coercion.
/// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules#supertypes>
pub(crate) fn unify(a: &DataType, b: &DataType) -> Option<DataType> {
    use DataType::{Date32, Decimal128, Decimal256, Float64, Int64, List, Null, Timestamp, Utf8};
    Some(match (a, b) {
        (x, y) if x == y => x.clone(),
        (Null, x) | (x, Null) => x.clone(),
        (Int64, Float64) | (Float64, Int64) => Float64,
        (Decimal128(..) | Decimal256(..), Float64) | (Float64, Decimal128(..) | Decimal256(..)) => Float64,
        (Int64, Decimal128(..)) | (Decimal128(..), Int64) => Decimal128(38, 9),
        (Int64 | Decimal128(..), Decimal256(p, s)) | (Decimal256(p, s), Int64 | Decimal128(..)) => Decimal256(*p, *s),
        (Decimal128(..), Decimal128(..)) => Decimal128(38, 9),
        (Date32, t @ Timestamp(_, None)) | (t @ Timestamp(_, None), Date32) => t.clone(),
        (t @ (Date32 | Timestamp(..) | DataType::Time64(_)), Utf8) | (Utf8, t @ (Date32 | Timestamp(..) | DataType::Time64(_))) => {
            t.clone()
        }
        (List(x), List(y)) => list_of(unify(x.data_type(), y.data_type())?),
        (DataType::Struct(x), DataType::Struct(y)) if x.len() == y.len() => {
            let fields = x
                .iter()
                .zip(y)
                .map(|(x, y)| unify(&plain(x.data_type()), &plain(y.data_type())).map(|t| Arc::new(Field::new(x.name(), t, true))));
            DataType::Struct(fields.collect::<Option<Vec<_>>>()?.into())
        }
        _ => return None,
    })
}

fn coerce_one(kind: P, given: &DataType) -> Option<DataType> {
    use DataType::{Binary, Boolean, Date32, Decimal128, Decimal256, Float64, Int64, List, Null, Timestamp, Utf8};
    let datetime = DataType::Timestamp(TimeUnit::Microsecond, None);
    let time = DataType::Time64(TimeUnit::Microsecond);
    Some(match (kind, given) {
        (P::Any, t) => t.clone(),
        (P::Int, Int64 | Null) => Int64,
        (P::Float, Float64 | Int64 | Decimal128(..) | Decimal256(..) | Null) => Float64,
        (P::Decimal, Decimal256(..)) => given.clone(),
        (P::Number | P::Decimal, Int64 | Null) => Int64,
        (P::Number | P::Decimal, Float64 | Decimal256(..)) => Float64,
        (P::Number | P::Decimal, Decimal128(..)) => Decimal128(38, 9),
        (P::Str, Utf8 | Null) => Utf8,
        (P::Text, Utf8 | Null) => Utf8,
        (P::Text | P::Bytes, Binary) => Binary,
        (P::Bytes, Null) => Binary,
        (P::Bool, Boolean | Null) => Boolean,
        (P::Date, Date32 | Utf8 | Null) => Date32,
        (P::Timestamp, Timestamp(_, Some(_)) | Utf8 | Null) => timestamp_type(),
        (P::Datetime, Timestamp(_, None) | Date32 | Utf8 | Null) => datetime,
        (P::Time, DataType::Time64(_) | Utf8 | Null) => time,
        (P::Temporal, Date32 | Timestamp(..) | DataType::Time64(_) | Utf8) => given.clone(),
        (P::Temporal, Null) => Date32,
        (P::Array, List(_)) => given.clone(),
        (P::Array, Null) => list_of(Int64),
        (P::ArrayStr, List(f)) if matches!(f.data_type(), Utf8 | Null | Binary) => list_of(Utf8),
        (P::ArrayStr, Null) => list_of(Utf8),
        (P::Json, t) if *t == JSON || *t == Null => JSON,
        (P::JsonText, t) if *t == JSON || *t == Utf8 => given.clone(),
        (P::JsonText, Null) => Utf8,
        (P::Geography, t) if *t == GEOGRAPHY || *t == Null => GEOGRAPHY,
        (P::Interval, t) if *t == INTERVAL || *t == Null => INTERVAL,
        _ => return None,
    })
}

impl ScalarUDFImpl for GoogleFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &df::Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Err(invalid("internal: return_field_from_args is to be used"))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let types: Vec<DataType> = args.arg_fields.iter().map(|f| f.data_type().clone()).collect();
        let data_type = match self.def.returns {
            R::Is(t) => t.arrow(),
            R::List(t) => list_of(t.arrow()),
            R::First => types.first().map_or(DataType::Null, plain),
            R::Element => match types.first() {
                Some(DataType::List(f)) => f.data_type().clone(),
                _ => return Err(self.no_signature(&types)),
            },
            R::Custom(find) => find(&types, args.scalar_arguments)
                .map_err(|message| if message.is_empty() { self.no_signature(&types) } else { invalid(message) })?,
        };
        Ok(Arc::new(Field::new(self.name(), data_type, true)))
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.coerce(arg_types)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if let Some(found) = self.def.shortcut.and_then(|shortcut| shortcut(&args.args)) {
            return Ok(ColumnarValue::Array(found));
        }
        let result_type = args.return_field.data_type().clone();
        let all_scalar = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if all_scalar && self.def.volatility != Volatility::Volatile { 1 } else { args.number_rows };
        let result = match self.def.body {
            Body::Vector(eval) => {
                let arrays = args.args.iter().map(|a| a.to_array(rows)).collect::<Result<Vec<_>>>()?;
                eval(&arrays, &result_type)?
            }
            Body::Strict(eval) => self.by_row(eval, true, &args.args, rows, &result_type)?,
            Body::Lenient(eval) => self.by_row(eval, false, &args.args, rows, &result_type)?,
        };
        if all_scalar && rows == 1 {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

impl GoogleFunction {
    fn by_row(&self, eval: Eval, strict: bool, args: &[ColumnarValue], rows: usize, result_type: &DataType) -> Result<ArrayRef> {
        // A constant is held as an array of one row, and read once a row from there.
        let arrays = args
            .iter()
            .map(|a| match a {
                ColumnarValue::Array(a) => Ok((Arc::clone(a), false)),
                ColumnarValue::Scalar(s) => Ok((s.to_array_of_size(1)?, true)),
            })
            .collect::<Result<Vec<_>>>()?;
        let columns: Vec<(Column<'_>, bool)> = arrays.iter().map(|(a, constant)| (Column::new(a), *constant)).collect();
        let mut results = Results::of(result_type, rows);
        let mut cells: Vec<Value<'_>> = Vec::with_capacity(columns.len());
        for row in 0..rows {
            cells.clear();
            for (column, constant) in &columns {
                cells.push(column.get(if *constant { 0 } else { row })?);
            }
            if strict && cells.iter().any(Value::is_null) {
                results.push(Value::Null)?;
                continue;
            }
            match eval(&cells, result_type) {
                Ok(value) => results.push(value)?,
                Err(_) if self.safe => results.push(Value::Null)?,
                Err(message) => return Err(invalid(message)),
            }
        }
        results.finish()
    }
}
