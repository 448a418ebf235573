//! `include`, `import` and `from … import`.

use std::sync::Arc;

use super::ast::{Expr, FromImport, Import, Include};
use super::compile::Body;
use super::env::Env;
use super::inherit::Chain;
use super::objects::{Module, wrap};
use super::output::Output;
use super::run::{Frame, Run, undefined};
use super::scopes::Blind;
use crate::error::Kind;
use crate::error::{Error, Result};
use crate::value::Map;
use crate::value::Value;

impl Run<'_> {
    pub(super) fn include(&self, it: &Include, frame: &Frame<'_>, out: &mut Output) -> Result<()> {
        let loaded = match self.loaded_any(&it.template, frame) {
            Ok(loaded) => loaded,
            Err(error) if it.ignore_missing && error.kind() == Kind::Input => return Ok(()),
            Err(error) => return Err(error),
        };
        self.changes
            .set(self.changes.get() || loaded.template.mutates);
        let env = match it.with_context {
            true => frame.env.inner(),
            false => Env::root(),
        };
        let chain = Chain::default();
        let inner = Frame {
            template: &loaded.template,
            origin: &loaded.origin,
            env: &env,
            root: &env,
            chain: &chain,
        };
        let value = self.shared.deeper(|| {
            let mut out = Output::default();
            if it.with_context {
                self.template(loaded.body(), &inner, &mut out)?;
            } else {
                self.blind().template(loaded.body(), &inner, &mut out)?;
            }
            Ok(out.finish())
        })?;
        self.put(value, out)
    }

    /// A run in the same scope without its variables.
    fn blind(&self) -> Run<'_> {
        let scope = Arc::new(Blind(self.scope.clone()));
        Run::new(self.engine, scope, self.shared, self.changes.get())
    }

    pub(super) fn import(&self, it: &Import, frame: &Frame<'_>) -> Result<()> {
        let module = self.module(&it.template, it.with_context, frame)?;
        frame.env.set(&it.name, wrap(Module(module)));
        Ok(())
    }

    pub(super) fn imported_names(&self, it: &FromImport, frame: &Frame<'_>) -> Result<()> {
        let module = self.module(&it.template, it.with_context, frame)?;
        for (name, alias) in &it.names {
            let value = module.get(name).cloned().unwrap_or_else(|| {
                undefined(Error::undefined(format!(
                    "the imported template does not export the requested name '{name}'"
                )))
            });
            frame.env.set(alias, value);
        }
        Ok(())
    }

    /// Runs a template for the names it sets.
    fn module(&self, template: &Expr, with_context: bool, frame: &Frame<'_>) -> Result<Map> {
        let loaded = self.loaded(template, frame)?;
        self.changes
            .set(self.changes.get() || loaded.template.mutates);
        let env = match with_context {
            true => frame.env.inner(),
            false => Env::root(),
        };
        let chain = Chain::default();
        let inner = Frame {
            template: &loaded.template,
            origin: &loaded.origin,
            env: &env,
            root: &env,
            chain: &chain,
        };
        let Body::Template(body) = &loaded.template.body else {
            return Err(Error::bug("an imported template is an expression"));
        };
        self.shared.keep(&env);
        self.shared.deeper(|| {
            let mut out = Output::default();
            if with_context {
                self.template(body, &inner, &mut out)
            } else {
                self.blind().template(body, &inner, &mut out)
            }
        })?;
        Ok(env
            .own()
            .into_iter()
            .map(|(name, value)| (Value::str(name), value))
            .collect())
    }
}
