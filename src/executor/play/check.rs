//! What can be known to be wrong with a play before any host is touched.

use std::path::Path;

use super::files::file_name;
use crate::error::Result;
use crate::executor::run::Catalogue;
use crate::executor::walk::check::{collections, keywords, nodes};
use crate::playbook::Play;
use crate::value::Value;

/// Checks every task of a play.
///
/// # Errors
/// The first task that names an unknown module or an argument that cannot be right.
pub fn play(catalogue: &Catalogue, play: &Play) -> Result<()> {
    let collections = collections(&play.keywords);
    keywords(catalogue, &play.keywords)?;
    check_files(play)?;
    let folders: Vec<&Path> = play.file.parent().into_iter().collect();
    for section in [
        &play.pre_tasks,
        &play.roles,
        &play.tasks,
        &play.post_tasks,
        &play.handlers,
    ] {
        nodes(catalogue, section, &folders, &collections)?;
    }
    Ok(())
}

/// `vars_files` names files: texts, or lists of them.
fn check_files(play: &Play) -> Result<()> {
    let Some(Value::List(items)) = play.keyword("vars_files") else {
        return Ok(());
    };
    let names = items.iter().flat_map(|item| match item {
        Value::List(alternatives) => alternatives.to_vec(),
        single => vec![single.clone()],
    });
    for name in names {
        file_name(&name)?;
    }
    Ok(())
}
