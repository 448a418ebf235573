//! Expressions and templates, as Ansible gives them.
//!
//! minijinja's parser reads the Jinja text; the evaluation is ours, over our own [`Value`], because
//! the language needs what no Jinja engine for Rust has: strict and yet chainable undefined values,
//! lists that `.append` changes, variables rendered only when used, trust that follows a string,
//! Python's numbers, orders and messages.
//!
//! [`Scope`] says what a name means; [`Outside`] is all that a lookup may reach of the world;
//! filters, tests and lookups are plain functions over [`Runtime`] and [`Args`].

mod access;
mod advice;
mod args;
mod asked;
mod ast;
mod bounds;
mod cell;
mod compile;
mod dialect;
mod engine;
mod env;
mod expr;
pub mod filters;
mod finish;
mod foreign;
mod functions;
mod hide;
mod homes;
mod imports;
mod inherit;
mod lipsum;
mod literal;
pub mod lookups;
mod loops;
mod lower;
mod macros;
mod managed;
mod methods;
mod objects;
mod operators;
mod origin;
mod output;
pub mod pages;
mod plain;
pub mod regex;
mod registry;
mod run;
mod runtime;
mod scope;
mod scopes;
mod source;
mod stmt;
mod syntax;
pub mod tests_;
mod trust;
mod view;
mod words;

pub use args::Args;
pub use engine::{Conditions, Engine, Settings};
pub use filters::password::crypt;
pub use lookups::is_known as is_lookup;
pub use managed::managed;
pub use runtime::{Filter, Lookup, Runtime, Test};
pub use scope::{
    Answer, Command, Fetch, Fetched, Finished, Outside, Plugin, PluginArgs, PluginNames, Scope,
};
pub use scopes::Overlaid;
pub use source::FileOptions;
pub use tests_::pep440;
pub use trust::Untrusted;
pub use view::{View, view};

#[cfg(test)]
mod conformance;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_bounds;
