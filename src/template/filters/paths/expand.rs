//! `~` and `$NAME` in paths.

use super::super::super::Runtime;

/// The path with `~` or `~name` at its beginning replaced by the home folder.
pub(in crate::template) fn expand_user(runtime: &dyn Runtime, path: &str) -> String {
    let Some(rest) = path.strip_prefix('~') else {
        return path.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let home = if name.is_empty() {
        runtime
            .scope()
            .outside()
            .environment("HOME")
            .or_else(|| home_where(|fields| fields.get(2) == Some(&own_id().as_str())))
    } else {
        home_where(|fields| fields.first() == Some(&name))
    };
    let Some(home) = home else {
        return path.to_owned();
    };
    let whole = format!("{}{rest}", home.trim_end_matches('/'));
    if whole.is_empty() {
        "/".to_owned()
    } else {
        whole
    }
}

fn own_id() -> String {
    rustix::process::getuid().as_raw().to_string()
}

/// The home folder of the first line in the password file that `wanted` takes.
fn home_where(wanted: impl Fn(&[&str]) -> bool) -> Option<String> {
    let text = std::fs::read_to_string("/etc/passwd").ok()?;
    text.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let home = fields.get(5)?;
        wanted(&fields).then(|| (*home).to_owned())
    })
}

/// The path with `$NAME` and `${NAME}` replaced where the environment has them.
pub(in crate::template) fn expand_variables(runtime: &dyn Runtime, path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let (whole, name) = variable(after);
        match name.and_then(|name| runtime.scope().outside().environment(name)) {
            Some(value) => out.push_str(&value),
            None => out.push_str(whole),
        }
        rest = after.get(whole.len()..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The reference at the beginning of `text`, and the name in it.
fn variable(text: &str) -> (&str, Option<&str>) {
    let body = text.get(1..).unwrap_or_default();
    if let Some(inner) = body.strip_prefix('{')
        && let Some(end) = inner.find('}')
    {
        return (text.get(..end + 3).unwrap_or(text), inner.get(..end));
    }
    let end = body
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(body.len());
    (
        text.get(..=end).unwrap_or(text),
        body.get(..end).filter(|name| !name.is_empty()),
    )
}
