//! Reading and writing objects of JSON, field by field.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::profile::Refusal;
use crate::profile::export::Coded;
use crate::time::Timestamp;

/// An object of the fields that are there.
pub(super) fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let there = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(there.collect())
}

/// A number that JSON keeps exactly: within its bound, at most seven decimals.
pub(super) fn number(
    table: &'static str,
    column: &'static str,
    number: Decimal,
    bound: i64,
) -> Result<Value, Refusal> {
    let malformed = Refusal::ValueMalformed { table, column, why: "number" };
    let normal = number.normalize();
    if normal.abs() > Decimal::from(bound) || normal.scale() > 7 {
        return Err(malformed);
    }
    serde_json::from_str(&normal.to_string()).map_err(|_| malformed)
}

/// An object that is read.
pub(super) struct Object<'a> {
    table: &'static str,
    fields: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    pub(super) fn new(
        table: &'static str,
        column: &'static str,
        value: &'a Value,
    ) -> Result<Self, Refusal> {
        let malformed = Refusal::ValueMalformed { table, column, why: "object" };
        Ok(Self { table, fields: value.as_object().ok_or(malformed)? })
    }

    pub(super) const fn malformed(&self, column: &'static str, why: &'static str) -> Refusal {
        Refusal::ValueMalformed { table: self.table, column, why }
    }

    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        match self.fields.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(Refusal::ColumnUnknown { table: self.table, column: key.clone() }),
            None => Ok(()),
        }
    }

    pub(super) fn value(&self, key: &str) -> Option<&'a Value> {
        self.fields.get(key).filter(|value| !value.is_null())
    }

    pub(super) fn object(&self, key: &'static str) -> Result<Option<Self>, Refusal> {
        self.value(key).map(|value| Self::new(self.table, key, value)).transpose()
    }

    pub(super) fn array(&self, key: &'static str) -> Result<&'a [Value], Refusal> {
        match self.value(key) {
            None => Ok(&[]),
            Some(Value::Array(all)) => Ok(all),
            Some(_) => Err(self.malformed(key, "array")),
        }
    }

    pub(super) fn flag(&self, key: &'static str) -> Result<Option<bool>, Refusal> {
        let flag = |value: &Value| value.as_bool().ok_or_else(|| self.malformed(key, "boolean"));
        self.value(key).map(flag).transpose()
    }

    pub(super) fn text_of<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<T, Refusal> {
        let (table, column) = (self.table, key);
        let value = self.value(key).ok_or(Refusal::ValueMissing { table, column })?;
        let text = value.as_str().ok_or_else(|| self.malformed(key, "text"))?;
        parse(text).map_err(|why| self.malformed(key, why))
    }

    pub(super) fn coded<T, E: Coded>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Refusal> {
        if self.value(key).is_none() {
            return Ok(None);
        }
        self.text_of(key, |text| parse(text).map_err(|error| error.why())).map(Some)
    }

    pub(super) fn time_of(&self, key: &'static str) -> Result<Timestamp, Refusal> {
        self.text_of(key, |text| text.parse().map_err(|_| "instant"))
    }

    pub(super) fn number(&self, key: &'static str, bound: i64) -> Result<Option<Decimal>, Refusal> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let text = value.as_number().map(ToString::to_string).unwrap_or_default();
        let read = Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text));
        let read = read.map_err(|_| self.malformed(key, "number"))?.normalize();
        number(self.table, key, read, bound)
            .map_err(|_| self.malformed(key, "number"))
            .map(|_| Some(read))
    }
}
