//! Methods of bytes.

use std::sync::Arc;

use super::super::Args;
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const NAMES: &[&str] = &["decode", "hex"];

pub(super) fn call(bytes: &Arc<[u8]>, mut args: Args) -> Result<Value> {
    if args.who() == "hex" {
        args.finish()?;
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        return Ok(Value::str(digits));
    }
    let encoding = args.text("encoding", "utf-8")?;
    let errors = args.text("errors", "strict")?;
    args.finish()?;
    decode(bytes, &encoding, &errors).map(Value::str)
}

fn decode(bytes: &[u8], encoding: &str, errors: &str) -> Result<String> {
    match encoding.to_ascii_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" => match errors {
            "strict" => String::from_utf8(bytes.to_vec())
                .map_err(|error| Error::template(format!("these bytes are not UTF-8: {error}"))),
            "ignore" => Ok(String::from_utf8_lossy(bytes).replace('\u{fffd}', "")),
            _ => Ok(String::from_utf8_lossy(bytes).into_owned()),
        },
        "latin-1" | "latin1" | "iso-8859-1" => {
            Ok(bytes.iter().map(|byte| char::from(*byte)).collect())
        }
        "ascii" | "us-ascii" if bytes.is_ascii() => {
            Ok(bytes.iter().map(|byte| char::from(*byte)).collect())
        }
        "ascii" | "us-ascii" => Err(Error::template("these bytes are not ASCII")),
        other => Err(Error::template(format!("unknown encoding: {other}"))),
    }
}
