//! Executables of the user's that are modules by Ansible's conventions.
//!
//! The executable and its arguments are brought to the host into a folder of their own, run, and
//! removed; what it prints is the result. The conventions are those of the reference's
//! `developing_modules` and `executor/module_common.py`: `WANT_JSON` and binaries get a file of
//! JSON, other scripts a file of `key=value`.

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::executor::run::Custom;
use crate::modules::ground::GROUND;
use crate::modules::{Answer, Ask, Body, Cx, PythonModule, Step};
use crate::outcome::Outcome;
use crate::python::{Printed, module_outcome};
use crate::shell::{Fragment, Reply, Script, quote};
use crate::value::{Map, Value, to_json};

static SHELL: Fragment = Fragment {
    name: "custom",
    text: include_str!("custom.sh"),
    needs: &[&GROUND],
};

/// How a custom module wants its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// A file of JSON, named on the command line.
    Json,
    /// A file of `key=value`, named on the command line.
    Pairs,
    /// JSON in place of a marker in the text.
    Replaced,
}

/// The marker that is replaced by the arguments.
const MARKER: &[u8] = b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>";

/// The first step of a custom module.
///
/// # Errors
/// The file cannot be read, or is a module of a kind that needs Ansible's own Python library.
pub fn first_step(custom: &Custom, args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    if custom.action.is_some() {
        return python(custom, args, cx);
    }
    let bytes = std::fs::read(&custom.path).map_err(|error| {
        Error::input(format!("failed to read `{}`", custom.path.display())).because(error)
    })?;
    if is_python(&bytes) {
        return python(custom, args, cx);
    }
    let style = style(&bytes, &custom.path)?;
    let args = arguments(args, cx, &custom.name);
    let program = match style {
        Style::Replaced => replace(&bytes, &to_json(&Value::map(args.clone()))),
        _ => bytes,
    };
    let program = with_python(program, cx);
    let text = match style {
        Style::Pairs => pairs(&args),
        _ => to_json(&Value::map(args)),
    };
    let script = Script::call(&SHELL, "custom_begin");
    let verbosity = cx.verbosity;
    Ok(Step::run(script, move |reply| {
        let folder = reply.text("folder").unwrap_or_default();
        let module = format!("{folder}/module");
        Ok(Step::put(Body::Bytes(program.into()), module, move |_| {
            let file = format!("{folder}/args");
            Ok(Step::put(
                Body::Bytes(text.into_bytes().into()),
                file,
                move |_| {
                    let script = Script::call(&SHELL, "custom_run")
                        .as_logged_in()
                        .set("folder", folder);
                    Ok(Step::run_any(script, move |reply| {
                        Ok(Step::Done(outcome(&reply, verbosity)))
                    }))
                },
            ))
        }))
    }))
}

/// The first step of a module that uses Ansible's own Python library.
fn python(custom: &Custom, args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let variable = |name: &str| {
        let value = cx.variables.get(name)?;
        Some(value.as_str()?.trim().to_owned())
    };
    let module = PythonModule {
        name: custom.asked.as_ref().unwrap_or(&custom.full_name).clone(),
        path: custom.path.clone(),
        utils: custom.utils.clone(),
        args: args.clone(),
        cx: Arc::clone(cx),
        action: custom.action.clone(),
        folders: custom.folders.clone(),
        collections: custom.collections.clone(),
        interpreter: variable("ansible_python_interpreter"),
        remote_tmp: variable("ansible_remote_tmp"),
    };
    let notes = custom.notes.clone();
    Ok(Step::ask(Ask::Python(Box::new(module)), move |answer| {
        let Answer::Outcome(mut outcome) = answer else {
            return Err(Error::bug("a module in Python gives an outcome"));
        };
        outcome.warnings.extend(notes);
        Ok(Step::Done(*outcome))
    }))
}

/// Whether a module uses Ansible's own Python library, by the marks that the reference goes by
/// (`NEW_STYLE_PYTHON_MODULE_RE` in `executor/module_common.py`).
fn is_python(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.contains("#<<INCLUDE_ANSIBLE_MODULE_COMMON>>")
        || text.lines().any(|line| {
            let words: Vec<&str> = line.split_whitespace().take(3).collect();
            match words[..] {
                ["from", module, "import"] => is_library(module),
                ["import", module] => is_library(module) && module.contains("module_utils."),
                ["import", module, _] => is_library(module) && module.contains("module_utils."),
                _ => false,
            }
        })
}

fn is_library(module: &str) -> bool {
    module.starts_with("ansible.module_utils")
        || module.starts_with("ansible_collections.") && module.contains(".plugins.module_utils")
        || module.starts_with("..") && module.contains("module_utils")
}

fn style(bytes: &[u8], path: &Path) -> Result<Style> {
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    if has(b"<<INCLUDE_ANSIBLE_MODULE_") && !has(MARKER) {
        return Err(Error::input(format!(
            "`{}` includes a part of Ansible that is not built",
            path.display()
        )));
    }
    Ok(match () {
        () if has(MARKER) => Style::Replaced,
        () if has(b"WANT_JSON") || !bytes.starts_with(b"#!") => Style::Json,
        () => Style::Pairs,
    })
}

/// The program with the host's Python in its first line, where that asks for any Python: the one
/// of `ansible_python_interpreter`, or the first that the host finds.
fn with_python(program: Vec<u8>, cx: &Cx) -> Vec<u8> {
    let line_end = program.iter().position(|byte| *byte == b'\n');
    let (line, rest) = program.split_at(line_end.unwrap_or(program.len()));
    let first = String::from_utf8_lossy(line).into_owned();
    let Some(command) = first.strip_prefix("#!") else {
        return program;
    };
    let mut words = command
        .split_whitespace()
        .filter(|word| !word.ends_with("/env"));
    let name = words.next().unwrap_or_default();
    if !matches!(name.rsplit('/').next(), Some("python" | "python3")) {
        return program;
    }
    let known = cx.variables.get("ansible_python_interpreter");
    let known = known
        .and_then(Value::as_str)
        .filter(|path| !path.starts_with("auto"));
    let mut line = format!("#!{}", known.unwrap_or("/usr/bin/env python3"));
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    [line.as_bytes(), rest].concat()
}

/// The arguments with what every module of the reference is told.
fn arguments(args: &Map, cx: &Cx, name: &str) -> Map {
    let mut all = args.clone();
    all.set("_ansible_check_mode", cx.check);
    all.set("_ansible_diff", cx.diff);
    all.set("_ansible_verbosity", i64::from(cx.verbosity));
    all.set("_ansible_module_name", name);
    all
}

fn replace(bytes: &[u8], json: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest
        .windows(MARKER.len())
        .position(|window| window == MARKER)
    {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(json.as_bytes());
        rest = &rest[at + MARKER.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// `key=value` with the values quoted for a shell.
fn pairs(args: &Map) -> String {
    let words: Vec<String> = args
        .iter()
        .map(|(key, value)| format!("{}={}", key.to_text(), quote(&value.to_text()).as_str()))
        .collect();
    words.join(" ")
}

/// The result that the module printed; how it ended counts where it printed none, as in the reference.
fn outcome(reply: &Reply, verbosity: u8) -> Outcome {
    let printed = Printed {
        status: reply.int("rc").unwrap_or_default(),
        stdout: reply.stdout_text().into_bytes(),
        stderr: reply.stderr_text().into_bytes(),
        ..Printed::default()
    };
    module_outcome(&printed, &[], verbosity)
}
