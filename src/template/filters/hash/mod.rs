//! Digests, base64 and UUIDs.

use data_encoding::{BASE64, BASE64URL, HEXLOWER};
use sha2::Digest;
use uuid::Uuid;

use super::super::{Args, Runtime};
use super::{Table, strict, text};
use crate::error::{Error, Result};
use crate::value::Value;

mod charset;

pub(in crate::template) use charset::decode as decoded_text;
pub(in crate::template) use charset::encode as encoded_text;

pub(super) const FILTERS: Table = &[
    ("b64decode", strict!(decode)),
    ("b64encode", strict!(encode)),
    ("checksum", strict!(sha1)),
    ("hash", strict!(hash)),
    ("md5", strict!(md5)),
    ("sha1", strict!(sha1)),
    ("to_uuid", strict!(to_uuid)),
];

/// The subject as bytes: a text's own, or those of `str(value)`.
fn bytes(runtime: &dyn Runtime, value: &Value) -> Result<Vec<u8>> {
    match value {
        Value::Bytes(bytes) => Ok(bytes.to_vec()),
        other => Ok(text(runtime, other)?.as_bytes().to_vec()),
    }
}

fn md5(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    digest(&bytes(runtime, &value)?, "md5").map(Value::str)
}

fn sha1(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    digest(&bytes(runtime, &value)?, "sha1").map(Value::str)
}

fn hash(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let kind = args.text("hashtype", "sha1")?;
    args.finish()?;
    digest(&bytes(runtime, &value)?, &kind).map(Value::str)
}

/// The digest as hexadecimal digits.
///
/// # Errors
/// The kind is not among those that are built in.
pub(in crate::template) fn digest(bytes: &[u8], kind: &str) -> Result<String> {
    fn hex<D: Digest>(bytes: &[u8]) -> String {
        HEXLOWER.encode(&D::digest(bytes))
    }
    Ok(match kind.to_lowercase().as_str() {
        "md5" => hex::<md5::Md5>(bytes),
        "sha1" => hex::<sha1::Sha1>(bytes),
        "sha224" => hex::<sha2::Sha224>(bytes),
        "sha256" => hex::<sha2::Sha256>(bytes),
        "sha384" => hex::<sha2::Sha384>(bytes),
        "sha512" => hex::<sha2::Sha512>(bytes),
        "sha512_224" => hex::<sha2::Sha512_224>(bytes),
        "sha512_256" => hex::<sha2::Sha512_256>(bytes),
        _ => {
            return Err(Error::template(format!("unsupported hash type {kind}"))
                .hint("use md5, sha1, sha224, sha256, sha384 or sha512"));
        }
    })
}

fn encode(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let encoding = args.text("encoding", "utf-8")?;
    let url_safe = args.flag("urlsafe", false)?;
    args.finish()?;
    let bytes = match &value {
        Value::Bytes(bytes) => bytes.to_vec(),
        other => charset::encode(&text(runtime, other)?, &encoding)?,
    };
    let alphabet = if url_safe { BASE64URL } else { BASE64 };
    Ok(Value::str(alphabet.encode(&bytes)))
}

/// Reads base64; what is none of its characters is left out, as Python does. Bytes that are no
/// text in the encoding stay bytes.
fn decode(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let encoding = args.text("encoding", "utf-8")?;
    let url_safe = args.flag("urlsafe", false)?;
    args.finish()?;
    let given = bytes(runtime, &value)?;
    let mut digits: Vec<u8> = Vec::with_capacity(given.len());
    for byte in given {
        match byte {
            b'-' if url_safe => digits.push(b'+'),
            b'_' if url_safe => digits.push(b'/'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => digits.push(byte),
            // Padding ends the text where it completes a group of four.
            b'=' if digits.len() % 4 >= 2 => {
                digits.resize(digits.len().next_multiple_of(4), b'=');
                break;
            }
            _ => {}
        }
    }
    if digits.len() % 4 == 1 {
        return Err(Error::template(format!(
            "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
            digits.len()
        )));
    }
    if !digits.len().is_multiple_of(4) {
        return Err(Error::template("Incorrect padding"));
    }
    let mut spec = BASE64.specification();
    spec.check_trailing_bits = false;
    let lenient = spec
        .encoding()
        .map_err(|error| Error::bug(error.to_string()))?;
    let bytes = lenient
        .decode(&digits)
        .map_err(|error| Error::template(format!("not base64: {error}")))?;
    match charset::decode(&bytes, &encoding)? {
        Some(text) => Ok(Value::str(text)),
        None => Ok(Value::Bytes(bytes.into())),
    }
}

/// The namespace of Ansible's own identifiers.
const NAMESPACE: &str = "361E6D51-FAEC-444A-9079-341386DA8E2E";

fn to_uuid(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let namespace = args.text("namespace", NAMESPACE)?;
    args.finish()?;
    let digits: String = namespace
        .replace("urn:", "")
        .replace("uuid:", "")
        .trim_matches(['{', '}'])
        .replace('-', "");
    let space = Uuid::try_parse(&digits)
        .ok()
        .filter(|_| digits.len() == 32)
        .ok_or_else(|| {
            Error::template(format!(
                "Invalid value '{namespace}' for 'namespace': badly formed hexadecimal UUID string"
            ))
        })?;
    let name = bytes(runtime, &value)?;
    Ok(Value::str(Uuid::new_v5(&space, &name).to_string()))
}
