//! Text: case, regular expressions, addresses, vaults.

use super::super::filters::{self, Url, strict, text};
use super::super::regex::{Flags, compile};
use super::super::{Args, Runtime};
use super::Table;
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const TESTS: Table = &[
    ("escaped", strict!(escaped)),
    ("filter", strict!(is_filter)),
    ("lower", strict!(lower)),
    ("match", strict!(matches)),
    ("regex", strict!(regex)),
    ("search", strict!(search)),
    ("test", strict!(is_test)),
    ("upper", strict!(upper)),
    ("uri", strict!(uri)),
    ("url", strict!(url)),
    ("urn", strict!(urn)),
    ("vault_encrypted", vault_encrypted),
];

/// Marked-up text is plain text here: nothing is known to be escaped.
fn escaped(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    args.subject()?;
    args.finish()?;
    Ok(false)
}

fn is_filter(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let name = args.subject()?;
    args.finish()?;
    Ok(filters::find(&name.to_text()).is_some())
}

fn is_test(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let name = args.subject()?;
    args.finish()?;
    Ok(super::find(&name.to_text()).is_some())
}

fn lower(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    let value = args.subject()?;
    args.finish()?;
    let text = text(runtime, &value)?;
    Ok(text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase))
}

fn upper(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    let value = args.subject()?;
    args.finish()?;
    let text = text(runtime, &value)?;
    Ok(text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase))
}

fn matches(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    look(runtime, args, Some("match"))
}

fn search(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    look(runtime, args, Some("search"))
}

fn regex(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    look(runtime, args, None)
}

/// Looks for a pattern in the way of `kind`, or of the argument `match_type`.
fn look(runtime: &dyn Runtime, mut args: Args, kind: Option<&str>) -> Result<bool> {
    let value = args.take("value")?.unwrap_or_else(|| Value::str(""));
    let pattern = args.text("pattern", "")?;
    let ignore_case = args.flag("ignorecase", false)?;
    let multi_line = args.flag("multiline", false)?;
    let kind = match kind {
        Some(kind) => kind.to_owned(),
        None => args.text("match_type", "search")?,
    };
    args.finish()?;
    let text = text(runtime, &value)?;
    let pattern = compile(&pattern, Flags::of(ignore_case, multi_line))?;
    match kind.as_str() {
        "search" => pattern.is_found(&text),
        "match" => Ok(pattern.match_start(&text)?.is_some()),
        "fullmatch" => Ok(pattern.full_match(&text)?.is_some()),
        other => Err(Error::template(format!(
            "Invalid match_type specified. Expected one of: search, match, fullmatch. Got `{other}`"
        ))),
    }
}

fn uri(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    Ok(address(runtime, &mut args)?.is_some())
}

fn url(runtime: &dyn Runtime, mut args: Args) -> Result<bool> {
    Ok(address(runtime, &mut args)?
        .is_some_and(|url| !url.authority.is_empty() || url.scheme == "file"))
}

fn urn(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let value = args.subject()?;
    args.finish()?;
    let url = value.as_str().and_then(|text| Url::new(text).ok());
    Ok(url.is_some_and(|url| url.scheme == "urn"))
}

/// The subject as an address of one of the schemes that were given.
fn address(runtime: &dyn Runtime, args: &mut Args) -> Result<Option<Url>> {
    let value = args.subject()?;
    let schemes = args.take("schemes")?.filter(Value::is_true);
    args.finish()?;
    let Some(url) = value.as_str().and_then(|text| Url::new(text).ok()) else {
        return Ok(None);
    };
    let fits = match schemes {
        None => true,
        Some(Value::Str(text)) => text.contains(url.scheme.as_str()),
        Some(schemes) => runtime
            .items(&schemes)?
            .contains(&Value::str(url.scheme.as_str())),
    };
    Ok(fits.then_some(url))
}

/// Whether the value is a `!vault` one; text that was read from elsewhere is none.
fn vault_encrypted(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let value = args.subject()?;
    args.finish()?;
    match &value {
        Value::Sealed(_) => Ok(true),
        Value::Undefined(undefined) => Err(undefined.error.clone()),
        _ => Ok(false),
    }
}
