//! A row, as serde gives it, into columns.

use std::fmt;

use chrono::{DateTime, NaiveDate};
use serde::ser::{Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

use super::{Columns, Misfit, Values};

impl serde::ser::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// One row on its way.
pub(super) struct RowWriter<'a> {
    columns: &'a mut Columns,
    /// Fields mostly come in the order of the columns.
    next: usize,
}

impl<'a> RowWriter<'a> {
    pub(super) fn new(columns: &'a mut Columns) -> Self {
        Self { columns, next: 0 }
    }

    pub(super) fn put<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Misfit> {
        let Columns { names, values, bytes, rows, .. } = &mut *self.columns;
        let at = if names.get(self.next).is_some_and(|next| next == name) {
            self.next
        } else {
            names.iter().position(|column| column == name).ok_or_else(|| Misfit(format!("the table has no column {name}")))?
        };
        self.next = at + 1;
        let values = &mut values[at];
        if values.len() > *rows {
            return Err(Misfit(format!("column {name} stands twice")));
        }
        *bytes += value.serialize(Cell::Of(values)).map_err(|Misfit(problem)| Misfit(format!("column {name}: {problem}")))?;
        Ok(())
    }
}

/// Where one value goes: to a column, or to the name of the value that comes next. Its size in bytes comes back.
enum Cell<'a> {
    Of(&'a mut Values),
    Name(&'a mut String),
}

/// What becomes no row, or no value.
macro_rules! refuse {
    ($what:literal: $($name:ident($($argument:ty),*) -> $result:ty),* $(,)?) => {
        $(fn $name(self, $(_: $argument),*) -> Result<$result, Misfit> {
            Err(Misfit(concat!(stringify!($name), " makes no ", $what, " of a table").to_owned()))
        })*
    };
}

macro_rules! see_through {
    () => {
        fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Self::Ok, Misfit> {
            value.serialize(self)
        }

        fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Self::Ok, Misfit> {
            value.serialize(self)
        }

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            value: &T,
        ) -> Result<Self::Ok, Misfit> {
            value.serialize(self)
        }
    };
}

impl<'a, 'b> Serializer for &'a mut RowWriter<'b> {
    type Ok = ();
    type Error = Misfit;
    type SerializeSeq = Impossible<(), Misfit>;
    type SerializeTuple = Impossible<(), Misfit>;
    type SerializeTupleStruct = Impossible<(), Misfit>;
    type SerializeTupleVariant = Impossible<(), Misfit>;
    type SerializeMap = Named<'a, 'b>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), Misfit>;

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Misfit> {
        Ok(Named { row: self, name: String::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Misfit> {
        Ok(self)
    }

    see_through!();
    refuse! { "row":
        serialize_bool(bool) -> (), serialize_i8(i8) -> (), serialize_i16(i16) -> (), serialize_i32(i32) -> (), serialize_i64(i64) -> (),
        serialize_u8(u8) -> (), serialize_u16(u16) -> (), serialize_u32(u32) -> (), serialize_u64(u64) -> (), serialize_f32(f32) -> (),
        serialize_f64(f64) -> (), serialize_char(char) -> (), serialize_str(&str) -> (), serialize_bytes(&[u8]) -> (),
        serialize_none() -> (), serialize_unit() -> (), serialize_unit_struct(&'static str) -> (),
        serialize_unit_variant(&'static str, u32, &'static str) -> (), serialize_seq(Option<usize>) -> Self::SerializeSeq,
        serialize_tuple(usize) -> Self::SerializeTuple, serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant,
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant,
    }
}

impl SerializeStruct for &mut RowWriter<'_> {
    type Ok = ();
    type Error = Misfit;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Misfit> {
        self.put(name, value)
    }

    fn end(self) -> Result<(), Misfit> {
        Ok(())
    }
}

/// A row that comes as a map: with flattened fields, or of columns that are known only when the program runs.
pub(super) struct Named<'a, 'b> {
    row: &'a mut RowWriter<'b>,
    name: String,
}

impl SerializeMap for Named<'_, '_> {
    type Ok = ();
    type Error = Misfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Misfit> {
        self.name.clear();
        name.serialize(Cell::Name(&mut self.name)).map(|_| ())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misfit> {
        self.row.put(&self.name, value)
    }

    fn end(self) -> Result<(), Misfit> {
        Ok(())
    }
}

impl<'a> Serializer for Cell<'a> {
    type Ok = usize;
    type Error = Misfit;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Impossible<usize, Misfit>;
    type SerializeTupleStruct = Impossible<usize, Misfit>;
    type SerializeTupleVariant = Impossible<usize, Misfit>;
    type SerializeMap = Impossible<usize, Misfit>;
    type SerializeStruct = Impossible<usize, Misfit>;
    type SerializeStructVariant = Impossible<usize, Misfit>;

    fn serialize_str(self, text: &str) -> Result<usize, Misfit> {
        match self {
            Self::Name(name) => name.push_str(text),
            Self::Of(Values::Text(values)) => values.append_value(text),
            Self::Of(Values::Day(values)) => {
                let day = day(text).ok_or_else(|| Misfit(format!("{text:?} is no day")))?;
                values.append_value(day.to_epoch_days());
            }
            Self::Of(Values::Time(values)) => {
                let time = DateTime::parse_from_rfc3339(text).map_err(|_| Misfit(format!("{text:?} is no time")))?;
                values.append_value(time.timestamp_micros());
            }
            Self::Of(_) => return Err(Misfit(format!("{text:?} in a column of another type"))),
        }
        Ok(text.len() + 8)
    }

    fn serialize_i64(self, value: i64) -> Result<usize, Misfit> {
        match self {
            Self::Of(Values::Whole(values)) => values.append_value(value),
            Self::Of(Values::Time(values)) => values.append_value(value),
            Self::Of(Values::Float(values)) => values.append_value(value as f64),
            _ => return Err(Misfit(format!("{value} in a column of another type"))),
        }
        Ok(8)
    }

    fn serialize_u64(self, value: u64) -> Result<usize, Misfit> {
        self.serialize_i64(i64::try_from(value).map_err(|_| Misfit(format!("{value} is more than an INT64")))?)
    }

    fn serialize_f64(self, value: f64) -> Result<usize, Misfit> {
        match self {
            Self::Of(Values::Float(values)) => values.append_value(value),
            _ => return Err(Misfit(format!("{value} in a column of another type"))),
        }
        Ok(8)
    }

    fn serialize_bool(self, value: bool) -> Result<usize, Misfit> {
        match self {
            Self::Of(Values::Flag(values)) => values.append_value(value),
            _ => return Err(Misfit(format!("{value} in a column of another type"))),
        }
        Ok(1)
    }

    fn serialize_none(self) -> Result<usize, Misfit> {
        match self {
            Self::Of(values) => values.null(),
            Self::Name(_) => return Err(Misfit("a value without a name".to_owned())),
        }
        Ok(1)
    }

    fn serialize_unit(self) -> Result<usize, Misfit> {
        self.serialize_none()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, Misfit> {
        match self {
            Self::Of(values @ Values::Texts(_)) => Ok(Items { values, bytes: 8 }),
            _ => Err(Misfit("a list in a column of another type".to_owned())),
        }
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<usize, Misfit> {
        self.serialize_str(variant)
    }

    see_through!();
    refuse! { "value":
        serialize_i8(i8) -> usize, serialize_i16(i16) -> usize, serialize_i32(i32) -> usize, serialize_u8(u8) -> usize,
        serialize_u16(u16) -> usize, serialize_u32(u32) -> usize, serialize_f32(f32) -> usize, serialize_char(char) -> usize,
        serialize_bytes(&[u8]) -> usize, serialize_unit_struct(&'static str) -> usize, serialize_tuple(usize) -> Self::SerializeTuple,
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant,
        serialize_map(Option<usize>) -> Self::SerializeMap, serialize_struct(&'static str, usize) -> Self::SerializeStruct,
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant,
    }
}

/// A day as chrono writes it.
fn day(text: &str) -> Option<NaiveDate> {
    let (year, rest) = text.split_at_checked(4)?;
    let (month, day) = rest.strip_prefix('-')?.split_once('-')?;
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// The items of an ARRAY.
pub(super) struct Items<'a> {
    values: &'a mut Values,
    bytes: usize,
}

impl SerializeSeq for Items<'_> {
    type Ok = usize;
    type Error = Misfit;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Misfit> {
        let mut text = String::new();
        self.bytes += item.serialize(Cell::Name(&mut text))?;
        if let Values::Texts(values) = self.values {
            values.values().append_value(text);
        }
        Ok(())
    }

    fn end(self) -> Result<usize, Misfit> {
        if let Values::Texts(values) = self.values {
            values.append(true);
        }
        Ok(self.bytes)
    }
}
