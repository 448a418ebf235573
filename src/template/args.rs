//! The arguments of a filter, test, lookup or function call, taken by Python's rules.

use std::collections::VecDeque;

use crate::error::{Error, Result};
use crate::value::Value;

/// Positional and named arguments. A filter's or test's subject is the first positional one.
///
/// A function takes its parameters in order by name, then calls [`Args::finish`], so that an
/// argument nobody takes is an error.
#[derive(Clone, Debug, Default)]
pub struct Args {
    who: String,
    positional: VecDeque<Value>,
    named: Vec<(String, Value)>,
    taken: usize,
}

impl Args {
    /// Arguments for `who` (the name that errors give).
    pub fn new(who: &str, positional: Vec<Value>, named: Vec<(String, Value)>) -> Self {
        Args {
            who: who.to_owned(),
            positional: positional.into(),
            named,
            taken: 0,
        }
    }

    /// The same arguments, if none of them is undefined.
    ///
    /// # Errors
    /// The first undefined one's own error.
    pub fn defined(self) -> Result<Self> {
        let named = self.named.iter().map(|(_, value)| value);
        for value in self.positional.iter().chain(named) {
            if let Value::Undefined(undefined) = value {
                return Err(undefined.error.clone());
            }
        }
        Ok(self)
    }

    /// All of them, positional and named, taken by nobody yet.
    pub fn into_parts(self) -> (Vec<Value>, Vec<(String, Value)>) {
        (self.positional.into(), self.named)
    }

    /// The name of what is called.
    pub fn who(&self) -> &str {
        &self.who
    }

    /// The subject of a filter or test: the first positional argument.
    pub fn subject(&mut self) -> Result<Value> {
        self.taken += 1;
        self.positional
            .pop_front()
            .ok_or_else(|| Error::template(format!("`{}` was called without a value", self.who)))
    }

    /// The next parameter, called `name`: positional where one is left, else by its name.
    ///
    /// # Errors
    /// It was given both ways.
    pub fn take(&mut self, name: &str) -> Result<Option<Value>> {
        self.taken += 1;
        let named = self.take_named(name);
        match (self.positional.pop_front(), named) {
            (Some(_), Some(_)) => Err(Error::template(format!(
                "`{}` got multiple values for argument `{name}`",
                self.who
            ))),
            (value, None) | (None, value) => Ok(value),
        }
    }

    /// The next parameter, which must be there.
    pub fn require(&mut self, name: &str) -> Result<Value> {
        self.take(name)?
            .ok_or_else(|| Error::template(format!("`{}` misses the argument `{name}`", self.who)))
    }

    /// A parameter that can only be given by its name.
    pub fn take_named(&mut self, name: &str) -> Option<Value> {
        let position = self.named.iter().position(|(key, _)| key == name)?;
        Some(self.named.remove(position).1)
    }

    /// The next parameter as a truth value by Python's rules, or `default`.
    pub fn flag(&mut self, name: &str, default: bool) -> Result<bool> {
        Ok(self.take(name)?.map_or(default, |value| value.is_true()))
    }

    /// The next parameter as an integer, or `default`.
    pub fn int(&mut self, name: &str, default: i64) -> Result<i64> {
        match self.take(name)? {
            None => Ok(default),
            Some(value) => value
                .as_int()
                .ok_or_else(|| self.wrong(name, "an integer", &value)),
        }
    }

    /// The next parameter as text, or `default`.
    pub fn text(&mut self, name: &str, default: &str) -> Result<String> {
        match self.take(name)? {
            None => Ok(default.to_owned()),
            Some(Value::Str(text)) => Ok(text.to_string()),
            Some(value) => Err(self.wrong(name, "a string", &value)),
        }
    }

    /// All positional arguments that are left (`*args`).
    pub fn rest(&mut self) -> Vec<Value> {
        self.positional.drain(..).collect()
    }

    /// All named arguments that are left (`**kwargs`).
    pub fn rest_named(&mut self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.named)
    }

    /// Ends the taking.
    ///
    /// # Errors
    /// Something is left that nobody took.
    pub fn finish(&self) -> Result<()> {
        if let Some((name, _)) = self.named.first() {
            return Err(Error::template(format!(
                "`{}` got an unexpected keyword argument `{name}`",
                self.who
            )));
        }
        if !self.positional.is_empty() {
            return Err(Error::template(format!(
                "`{}` takes {} arguments but {} were given",
                self.who,
                self.taken,
                self.taken + self.positional.len()
            )));
        }
        Ok(())
    }

    /// The error for a parameter of the wrong type.
    pub fn wrong(&self, name: &str, wanted: &str, got: &Value) -> Error {
        Error::template(format!(
            "`{}` wants {wanted} as `{name}`, got a value of type `{}`",
            self.who,
            got.type_name()
        ))
    }
}
