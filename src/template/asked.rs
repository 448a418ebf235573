//! What a rendering answers to filters, tests and lookups.

use std::sync::Arc;

use super::Args;
use super::FileOptions;
use super::Runtime;
use super::Scope;
use super::registry;
use super::run::Run;
use super::words;
use crate::error::{Result, Source};
use crate::value::Map;
use crate::value::Str;
use crate::value::Value;

impl Runtime for Run<'_> {
    fn scope(&self) -> &Arc<dyn Scope> {
        &self.scope
    }

    fn resolve(&self, value: &Value) -> Result<Value> {
        self.shared.check_stack()?;
        self.top(value.clone())
    }

    fn plain(&self, value: &Value) -> Result<Value> {
        self.shared.check_stack()?;
        self.deep(value)
    }

    fn items(&self, value: &Value) -> Result<Vec<Value>> {
        self.shared.check_stack()?;
        self.shared.step(1)?;
        self.iterate(value)?
            .into_iter()
            .map(|item| self.top(item))
            .collect()
    }

    fn attribute(&self, value: &Value, name: &str) -> Result<Value> {
        self.top(self.get_attribute(value, name)?)
    }

    fn item(&self, value: &Value, key: &Value) -> Result<Value> {
        self.top(self.get_item(value, key)?)
    }

    fn text(&self, value: &Value) -> Result<String> {
        self.string(value)
    }

    fn filter(&self, name: &str, args: Args) -> Result<Value> {
        let filter = registry::filter(name, &*self.scope)?;
        self.shared.step(1)?;
        self.shared.check_stack()?;
        let value = filter(self, args).map_err(|error| words::plugin("filter", name, error))?;
        self.taken(&value)?;
        Ok(value)
    }

    fn test(&self, name: &str, args: Args) -> Result<bool> {
        let test = registry::test(name, &*self.scope)?;
        self.shared.step(1)?;
        test(self, args).map_err(|error| words::plugin("test", name, error))
    }

    fn lookup(&self, name: &str, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
        let lookup = registry::lookup(name, &*self.scope)?;
        let answers = self.shared.deeper(|| match lookup {
            Some(lookup) => lookup(self, terms, options),
            None => super::foreign::lookup(self, name, terms, options),
        });
        let answers = answers.map_err(|error| words::plugin("lookup", name, error))?;
        Ok(answers.iter().map(Value::untrusted).collect())
    }

    fn render(&self, text: &Str, extra: &Map) -> Result<Value> {
        let scope = self.overlaid(extra);
        let value = self.render_nested(&text.trusted(), &scope, "a template")?;
        self.finished(&value)
    }

    fn render_file(
        &self,
        source: &Arc<Source>,
        options: &FileOptions,
        extra: &Map,
    ) -> Result<Value> {
        let scope = self.overlaid(extra);
        self.shared
            .deeper(|| self.engine.file_value(source, options, &scope, self.shared))
    }

    fn variable(&self, name: &str) -> Result<Option<Value>> {
        match self.variable_value(name)? {
            Some(value) => Ok(Some(self.top(value)?)),
            None => Ok(None),
        }
    }

    fn charge(&self, bytes: u64) -> Result<()> {
        self.shared.charge(bytes)
    }

    fn warn(&self, message: String) {
        self.scope.warn(message);
    }
}
