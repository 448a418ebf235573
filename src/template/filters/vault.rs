//! `vault` and `unvault`: sealing and opening with a password of the template's.

use std::sync::Arc;

use super::super::{Args, Runtime};
use super::{Table, strict};
use crate::error::{Error, Result};
use crate::value::{Sealed, Value};

pub(super) const FILTERS: Table = &[("unvault", strict!(unvault)), ("vault", strict!(vault))];

/// The label of what the filter seals where none is given.
const LABEL: &str = "filter_default";

fn vault(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let data = subject(&mut args)?;
    let secret = secret(&mut args)?;
    let salt = args.take("salt")?.filter(Value::is_true);
    let label = args.text("vault_id", LABEL)?;
    let wrap = args.flag("wrap_object", false)?;
    args.finish()?;
    let salt = match &salt {
        None => None,
        Some(Value::Str(salt)) => Some(salt.as_str()),
        Some(other) => return Err(args.wrong("salt", "a string", other)),
    };
    let armoured = runtime
        .scope()
        .outside()
        .seal(&data, &secret, Some(&label), salt)?;
    Ok(if wrap {
        Value::Sealed(Arc::new(Sealed {
            ciphertext: armoured,
            place: None,
        }))
    } else {
        Value::str(armoured)
    })
}

fn unvault(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let armoured = subject(&mut args)?;
    let secret = secret(&mut args)?;
    args.take("vault_id")?;
    args.finish()?;
    if !armoured.starts_with("$ANSIBLE_VAULT") {
        return Ok(Value::str(armoured));
    }
    let opened = runtime.scope().outside().open(&armoured, &secret);
    opened
        .map(Value::str)
        .map_err(|error| Error::template("unable to decrypt").because(error))
}

/// The text to seal or open; a sealed value's own armour.
fn subject(args: &mut Args) -> Result<String> {
    match args.subject()? {
        Value::Str(text) => Ok(text.to_string()),
        Value::Sealed(sealed) => Ok(sealed.ciphertext.clone()),
        other => Err(args.wrong("data", "a string", &other)),
    }
}

fn secret(args: &mut Args) -> Result<String> {
    match args.require("secret")? {
        Value::Str(text) => Ok(text.to_string()),
        other => Err(args.wrong("secret", "a string", &other)),
    }
}
