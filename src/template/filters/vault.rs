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
    // A number is a salt by its digits.
    let number;
    let salt = match &salt {
        None => None,
        Some(Value::Str(salt)) => Some(salt.as_str()),
        Some(other) => {
            number = other.to_text();
            Some(number.as_str())
        }
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
        .map_err(|error| Error::template("Unable to decrypt.").because(error))
}

/// The text to seal or open; a sealed value's own armour.
fn subject(args: &mut Args) -> Result<String> {
    match args.subject()? {
        Value::Str(text) => Ok(text.to_string()),
        Value::Sealed(sealed) => Ok(sealed.ciphertext.clone()),
        other => Err(Error::template(match args.who() {
            "vault" => format!(
                "Can only vault strings, instead we got <class '{}'>.",
                other.type_name()
            ),
            _ => format!(
                "Vault should be in the form of a string, instead we got <class '{}'>.",
                other.type_name()
            ),
        })),
    }
}

fn secret(args: &mut Args) -> Result<String> {
    match args.require("secret")? {
        Value::Str(text) => Ok(text.to_string()),
        other => Err(Error::template(format!(
            "Secret passed is required to be a{} string, instead we got <class '{}'>.",
            if args.who() == "unvault" { "s" } else { "" },
            other.type_name()
        ))),
    }
}
