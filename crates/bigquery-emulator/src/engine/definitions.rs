//! CREATE, DROP, ALTER and TRUNCATE: what a statement defines, in the terms of the store and of the REST API.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language>

use serde_json::{Map, Value as Json, json};
use sqlparser::ast::{
    AlterTableOperation, ColumnDef, ColumnOption, CreateTable, CreateTableOptions, CreateView, Expr, ObjectName, ObjectType, Query,
    SchemaName, Spanned, SqlOption, Statement, Value, WrappedCollection,
};

use super::error::not_supported;
use super::planned::column_of;
use super::rewrite::{parts, qualify};
use super::{QueryError, QueryInput};
use crate::schema::{DatasetRef, Field, TableRef, TableSchema};

/// Properties of a table or dataset in the form of the REST API.
type Properties = Map<String, Json>;

/// What a statement defines.
#[derive(Debug, Clone)]
pub enum Definition {
    CreateTable(CreateTarget),
    CreateView { view: TableRef, query: String, properties: Properties, or_replace: bool, if_not_exists: bool },
    DropTable { table: TableRef, is_view: bool, if_exists: bool },
    CreateSchema { dataset: DatasetRef, properties: Properties, if_not_exists: bool },
    DropSchema { dataset: DatasetRef, if_exists: bool, cascade: bool },
    AddColumns { table: TableRef, if_exists: bool, columns: Vec<NewColumn> },
    DropColumns { table: TableRef, if_exists: bool, columns: Vec<DroppedColumn> },
    SetOptions { table: TableRef, if_exists: bool, properties: Properties },
    Truncate { table: TableRef },
}

/// The table that a CREATE TABLE makes.
#[derive(Debug, Clone)]
pub struct CreateTarget {
    pub table: TableRef,
    /// The columns that are listed; `None` where those of the query are taken.
    pub columns: Option<TableSchema>,
    pub properties: Properties,
    pub or_replace: bool,
    pub if_not_exists: bool,
    pub as_select: bool,
}

#[derive(Debug, Clone)]
pub struct NewColumn {
    pub field: Field,
    pub if_not_exists: bool,
}

#[derive(Debug, Clone)]
pub struct DroppedColumn {
    pub name: String,
    pub if_exists: bool,
}

/// A definition, its `statementType` and the query whose rows or columns it takes.
pub(super) struct Read {
    pub(super) statement_type: &'static str,
    pub(super) definition: Definition,
    pub(super) query: Option<Box<Query>>,
}

/// Reads a statement that defines something.
pub(super) fn read(statement: Statement, input: &QueryInput) -> Result<Read, QueryError> {
    let table = |name: &ObjectName| qualify(&parts(name), input, name.span().start);
    let done = |statement_type, definition| Ok(Read { statement_type, definition, query: None });
    match statement {
        Statement::CreateTable(create) => create_table(create, input),
        Statement::CreateView(view) => create_view(view, input),
        Statement::CreateSchema { schema_name, if_not_exists, options, .. } => {
            let SchemaName::Simple(name) = schema_name else {
                return Err(not_supported("CREATE SCHEMA AUTHORIZATION"));
            };
            let dataset = dataset_of(&name, input)?;
            let properties = options_of(&options.unwrap_or_default(), &SCHEMA_OPTIONS)?;
            done("CREATE_SCHEMA", Definition::CreateSchema { dataset, properties, if_not_exists })
        }
        Statement::Drop { object_type, if_exists, names, cascade, temporary: false, .. } => {
            let [name] = names.as_slice() else {
                return Err(not_supported("DROP of several names"));
            };
            match object_type {
                ObjectType::Table => done("DROP_TABLE", Definition::DropTable { table: table(name)?, is_view: false, if_exists }),
                ObjectType::View => done("DROP_VIEW", Definition::DropTable { table: table(name)?, is_view: true, if_exists }),
                ObjectType::Schema => done("DROP_SCHEMA", Definition::DropSchema { dataset: dataset_of(name, input)?, if_exists, cascade }),
                other => Err(not_supported(format_args!("DROP {other}"))),
            }
        }
        Statement::Truncate(truncate) => match truncate.table_names.as_slice() {
            [target] => done("TRUNCATE_TABLE", Definition::Truncate { table: table(&target.name)? }),
            _ => Err(not_supported("TRUNCATE TABLE of several tables")),
        },
        Statement::AlterTable(alter) => {
            let target = table(&alter.name)?;
            let definition = alter_table(target, alter.if_exists, alter.operations)?;
            done("ALTER_TABLE", definition)
        }
        other => Err(super::parse::refused_statement(&other)),
    }
}

fn dataset_of(name: &ObjectName, input: &QueryInput) -> Result<DatasetRef, QueryError> {
    let parts = parts(name);
    let (project, dataset) = match parts.as_slice() {
        [dataset] => (&input.project_id, dataset),
        [project, dataset] => (project, dataset),
        _ => return Err(QueryError::invalid_at("Invalid dataset name", name.span().start)),
    };
    let whole = [project.clone(), dataset.clone(), "$any".to_owned()];
    let found = qualify(&whole, input, name.span().start)?;
    Ok(DatasetRef { project_id: found.project_id, dataset_id: found.dataset_id })
}

fn create_table(create: CreateTable, input: &QueryInput) -> Result<Read, QueryError> {
    let refuse = |what: &str| Err(not_supported(what));
    if create.temporary {
        return refuse("CREATE TEMP TABLE");
    }
    if create.external || create.snapshot || create.like.is_some() || create.clone.is_some() {
        return refuse("CREATE TABLE LIKE, COPY, CLONE, SNAPSHOT or EXTERNAL");
    }
    let at = create.name.span().start;
    let table = qualify(&parts(&create.name), input, at)?;
    let mut properties = Properties::new();
    if let CreateTableOptions::Options(options) = &create.table_options {
        properties = options_of(options, &TABLE_OPTIONS)?;
    }
    let columns = columns_of(&create.columns)?;
    if let Some(partition) = &create.partition_by {
        partitioning(partition, &columns, &mut properties)?;
    } else if properties.remove(PARTITION_EXPIRATION).is_some() {
        return Err(QueryError::invalid("partition_expiration_days can only be set on a partitioned table"));
    }
    if let Some(WrappedCollection::NoWrapping(list) | WrappedCollection::Parentheses(list)) = &create.cluster_by {
        let fields: Vec<String> = list.iter().map(|e| e.to_string().replace('`', "")).collect();
        properties.insert("clustering".into(), json!({ "fields": fields }));
    }
    if columns.is_empty() && create.query.is_none() {
        return Err(QueryError::invalid_at("CREATE TABLE requires a column list or AS SELECT", at));
    }
    let target = CreateTarget {
        table,
        columns: (!columns.is_empty()).then_some(TableSchema { fields: columns }),
        properties,
        or_replace: create.or_replace,
        if_not_exists: create.if_not_exists,
        as_select: create.query.is_some(),
    };
    let statement_type = if target.as_select { "CREATE_TABLE_AS_SELECT" } else { "CREATE_TABLE" };
    Ok(Read { statement_type, definition: Definition::CreateTable(target), query: create.query })
}

fn create_view(view: CreateView, input: &QueryInput) -> Result<Read, QueryError> {
    if view.materialized || view.temporary || !view.columns.is_empty() {
        return Err(not_supported("CREATE VIEW with columns, MATERIALIZED or TEMP"));
    }
    let reference = qualify(&parts(&view.name), input, view.name.span().start)?;
    let mut properties = Properties::new();
    if let CreateTableOptions::Options(options) = &view.options {
        properties = options_of(options, &TABLE_OPTIONS)?;
    }
    let definition = Definition::CreateView {
        view: reference,
        query: super::parse::query_text(&input.sql)?,
        properties,
        or_replace: view.or_replace,
        if_not_exists: view.if_not_exists,
    };
    Ok(Read { statement_type: "CREATE_VIEW", definition, query: Some(view.query) })
}

fn alter_table(table: TableRef, if_exists: bool, operations: Vec<AlterTableOperation>) -> Result<Definition, QueryError> {
    let (mut added, mut dropped) = (Vec::new(), Vec::new());
    for operation in operations {
        match operation {
            AlterTableOperation::AddColumn { if_not_exists, column_def, column_position: None, .. } => {
                added.extend(columns_of(&[column_def])?.into_iter().map(|field| NewColumn { field, if_not_exists }));
            }
            AlterTableOperation::DropColumn { column_names, if_exists, .. } => {
                dropped.extend(column_names.into_iter().map(|name| DroppedColumn { name: name.value, if_exists }));
            }
            AlterTableOperation::SetOptionsParens { options } if added.is_empty() && dropped.is_empty() => {
                return Ok(Definition::SetOptions { table, if_exists, properties: options_of(&options, &TABLE_OPTIONS)? });
            }
            other => {
                let text = other.to_string();
                let words: Vec<&str> = text.split(' ').take(2).collect();
                return Err(not_supported(format_args!("ALTER TABLE {}", words.join(" "))));
            }
        }
    }
    match (added.is_empty(), dropped.is_empty()) {
        (false, true) => Ok(Definition::AddColumns { table, if_exists, columns: added }),
        (true, false) => Ok(Definition::DropColumns { table, if_exists, columns: dropped }),
        _ => Err(not_supported("ALTER TABLE with both ADD COLUMN and DROP COLUMN")),
    }
}

fn columns_of(columns: &[ColumnDef]) -> Result<Vec<Field>, QueryError> {
    let mut fields: Vec<Field> = Vec::with_capacity(columns.len());
    for column in columns {
        let mut field = column_of(&column.name.value, &column.data_type)?;
        for option in &column.options {
            match &option.option {
                ColumnOption::NotNull => field.mode = crate::schema::Mode::Required,
                ColumnOption::Options(options) => {
                    let found = options_of(options, &[("description", "description", Kind::Text)])?;
                    field.description = found.get("description").and_then(Json::as_str).map(str::to_owned);
                }
                ColumnOption::Default(value) => {
                    let text = super::defaults::written(value);
                    super::defaults::check(&text)?;
                    field.limits.default_value = Some(text);
                }
                // A key that is not enforced changes nothing.
                ColumnOption::PrimaryKey(_) | ColumnOption::ForeignKey(_) | ColumnOption::Null => {}
                other => return Err(not_supported(format_args!("The column option {other}"))),
            }
        }
        if fields.iter().any(|f| f.name.eq_ignore_ascii_case(&field.name)) {
            return Err(QueryError::invalid_at(format!("Duplicate column name {} in CREATE TABLE", field.name), column.name.span.start));
        }
        fields.push(field);
    }
    Ok(fields)
}

/// What kind of value an option takes.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Bool,
    Labels,
    /// A TIMESTAMP, kept in milliseconds.
    Instant,
    /// Days, kept in milliseconds.
    Days,
}

const PARTITION_EXPIRATION: &str = "$partitionExpirationMs";

/// Options by their SQL name, the REST API's name and kind.
const TABLE_OPTIONS: [(&str, &str, Kind); 6] = [
    ("description", "description", Kind::Text),
    ("friendly_name", "friendlyName", Kind::Text),
    ("labels", "labels", Kind::Labels),
    ("expiration_timestamp", "expirationTime", Kind::Instant),
    ("require_partition_filter", "requirePartitionFilter", Kind::Bool),
    ("partition_expiration_days", PARTITION_EXPIRATION, Kind::Days),
];

const SCHEMA_OPTIONS: [(&str, &str, Kind); 6] = [
    ("description", "description", Kind::Text),
    ("friendly_name", "friendlyName", Kind::Text),
    ("labels", "labels", Kind::Labels),
    ("location", "$location", Kind::Text),
    ("default_table_expiration_days", "defaultTableExpirationMs", Kind::Days),
    ("default_partition_expiration_days", "defaultPartitionExpirationMs", Kind::Days),
];

fn options_of(options: &[SqlOption], known: &[(&str, &str, Kind)]) -> Result<Properties, QueryError> {
    let mut found = Properties::new();
    for option in options {
        let SqlOption::KeyValue { key, value } = option else {
            return Err(not_supported(format_args!("The option {option}")));
        };
        let name = key.value.to_lowercase();
        let Some((_, property, kind)) = known.iter().find(|(sql, ..)| *sql == name) else {
            return Err(not_supported(format_args!("The option {name}")));
        };
        if property.starts_with('$') && *property != PARTITION_EXPIRATION {
            continue;
        }
        let value =
            option_value(value, *kind).ok_or_else(|| QueryError::invalid_at(format!("Invalid value for option {name}"), key.span.start))?;
        found.insert((*property).to_owned(), value);
    }
    Ok(found)
}

fn option_value(value: &Expr, kind: Kind) -> Option<Json> {
    let text = |e: &Expr| match e {
        Expr::Value(v) => match &v.value {
            Value::SingleQuotedString(s) => Some(s.clone()),
            _ => None,
        },
        _ => None,
    };
    if matches!(value, Expr::Value(v) if v.value == Value::Null) {
        return Some(Json::Null);
    }
    Some(match kind {
        Kind::Text => text(value)?.into(),
        Kind::Bool => match value {
            Expr::Value(v) => match v.value {
                Value::Boolean(b) => b.into(),
                _ => return None,
            },
            _ => return None,
        },
        Kind::Labels => {
            let Expr::Array(list) = value else { return None };
            let mut labels = Properties::new();
            for pair in &list.elem {
                let items: &[Expr] = match pair {
                    Expr::Tuple(items) => items,
                    Expr::Struct { values, .. } => values,
                    _ => return None,
                };
                let [key, value] = items else { return None };
                labels.insert(text(key)?, text(value)?.into());
            }
            labels.into()
        }
        Kind::Instant => {
            let Expr::TypedString(typed) = value else { return None };
            let written = typed.value.clone().into_string()?;
            super::functions::instant_micros(&written)?.div_euclid(1000).to_string().into()
        }
        Kind::Days => {
            let days: f64 = value.to_string().parse().ok()?;
            #[expect(clippy::cast_possible_truncation, reason = "fractions of a millisecond are left")]
            ((days * 86_400_000.0) as i64).to_string().into()
        }
    })
}

/// PARTITION BY as `timePartitioning` or `rangePartitioning`.
fn partitioning(by: &Expr, columns: &[Field], properties: &mut Properties) -> Result<(), QueryError> {
    use crate::schema::FieldType;
    let expiration = properties.remove(PARTITION_EXPIRATION).filter(|v| !v.is_null());
    let refuse = || not_supported(format_args!("PARTITION BY {by}"));
    let is_date = |name: &str| columns.iter().any(|f| f.name.eq_ignore_ascii_case(name) && f.field_type == FieldType::Date);
    let (field, granularity) = match by {
        Expr::Identifier(i) if i.value.eq_ignore_ascii_case("_PARTITIONDATE") => (None, "DAY".to_owned()),
        Expr::Identifier(i) if columns.is_empty() || is_date(&i.value) => (Some(i.value.clone()), "DAY".to_owned()),
        Expr::Identifier(i) => {
            return Err(QueryError::invalid_at(
                "PARTITION BY expression must be DATE(<timestamp_column>), DATE(<datetime_column>), DATETIME_TRUNC(<datetime_column>, DAY/HOUR/MONTH/YEAR), a DATE column, TIMESTAMP_TRUNC(<timestamp_column>, DAY/HOUR/MONTH/YEAR), DATE_TRUNC(<date_column>, MONTH/YEAR), or RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(<int64_value>, <int64_value>[, <int64_value>]))",
                i.span.start,
            ));
        }
        Expr::Function(f) => {
            let args = super::rewrite::arguments(f).ok_or_else(refuse)?;
            let name = f.name.to_string().to_uppercase();
            let column = args.first().map(ToString::to_string).ok_or_else(refuse)?;
            match (name.as_str(), args.get(1)) {
                ("DATE", None) => (Some(column).filter(|c| !c.eq_ignore_ascii_case("_PARTITIONTIME")), "DAY".to_owned()),
                ("DATE_TRUNC" | "DATETIME_TRUNC" | "TIMESTAMP_TRUNC", Some(part)) => {
                    let part = part.to_string().to_uppercase();
                    if !matches!(part.as_str(), "HOUR" | "DAY" | "MONTH" | "YEAR") {
                        return Err(refuse());
                    }
                    (Some(column).filter(|c| !c.eq_ignore_ascii_case("_PARTITIONTIME")), part)
                }
                ("RANGE_BUCKET", Some(Expr::Function(array))) => {
                    let bounds = super::rewrite::arguments(array).ok_or_else(refuse)?;
                    let bound = |i: usize, default: &str| bounds.get(i).map_or(default.to_owned(), ToString::to_string);
                    let range = json!({ "start": bound(0, "0"), "end": bound(1, "0"), "interval": bound(2, "1") });
                    properties.insert("rangePartitioning".into(), json!({ "field": column, "range": range }));
                    return Ok(());
                }
                _ => return Err(refuse()),
            }
        }
        _ => return Err(refuse()),
    };
    let mut partitioning = Properties::new();
    partitioning.insert("type".into(), granularity.into());
    if let Some(field) = field {
        partitioning.insert("field".into(), field.replace('`', "").into());
    }
    if let Some(expiration) = expiration {
        partitioning.insert("expirationMs".into(), expiration);
    }
    properties.insert("timePartitioning".into(), partitioning.into());
    Ok(())
}
