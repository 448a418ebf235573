//! JSON Web Tokens (RFC 7519): `jwt_encode` signs claims, `jwt_decode` checks a token and gives them.
//!
//! A key is a text (the secret of an HMAC, or PEM) or a dictionary (a JSON Web Key). It never stands in
//! an error, and neither does the token.

use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation, crypto};
use serde_json::{Map as JsonMap, Value as Json};

use super::super::{Args, Runtime};
use super::{Table, strict};
use crate::error::{Error, Result};
use crate::value::{Map, Value, from_json, to_json};

pub(super) const FILTERS: Table = &[
    ("jwt_decode", strict!(jwt_decode)),
    ("jwt_encode", strict!(jwt_encode)),
];

const ALGORITHMS: &str =
    "HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA";

/// The kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Family {
    Hmac,
    Rsa,
    Ec,
    Ed,
}

fn family(algorithm: Algorithm) -> Family {
    match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => Family::Hmac,
        Algorithm::ES256 | Algorithm::ES384 => Family::Ec,
        Algorithm::EdDSA => Family::Ed,
        _ => Family::Rsa,
    }
}

fn jwt_encode(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let claims = runtime.plain(&args.subject()?)?;
    let key = key(runtime, &mut args)?;
    let algorithm = algorithm(&args.text("algorithm", "HS256")?)?;
    let headers = args.take("headers")?;
    args.finish()?;
    let Value::Map(claims) = &claims else {
        return Err(Error::template("jwt_encode: the claims are a dictionary"));
    };
    let mut header = crate::entries! { "alg" => format!("{algorithm:?}"), "typ" => "JWT" };
    if let Some(headers) = headers {
        let headers = runtime.plain(&headers)?;
        let Value::Map(headers) = &headers else {
            return Err(Error::template("jwt_encode: `headers` is a dictionary"));
        };
        for (name, value) in headers.iter() {
            if name.as_str() == Some("alg") {
                return Err(Error::template(
                    "jwt_encode: `headers` has `alg`, which `algorithm` says",
                ));
            }
            header.insert(name.clone(), value.clone());
        }
    }
    let part = |map: &Map| BASE64URL_NOPAD.encode(to_json(&Value::map(map.clone())).as_bytes());
    let message = format!("{}.{}", part(&header), part(claims));
    mind_length(runtime, &key, algorithm);
    let key = signing_key(&key, algorithm)?;
    let signature = crypto::sign(message.as_bytes(), &key, algorithm)
        .map_err(|_| Error::template("jwt_encode: the key cannot sign"))?;
    Ok(Value::str(format!("{message}.{signature}")))
}

fn jwt_decode(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let token = args.subject()?;
    let Value::Str(token) = &token else {
        return Err(Error::template("jwt_decode: the token is a text"));
    };
    let token = token.trim();
    let key = key(runtime, &mut args)?;
    let allowed = texts(args.take("algorithms")?, "algorithms")?;
    let audience = texts(args.take("audience")?, "audience")?;
    let issuer = texts(args.take("issuer")?, "issuer")?;
    let verify = args.flag("verify", true)?;
    let leeway = args.int("leeway", 0)?;
    args.finish()?;
    let (header, claims) = parts(token)?;
    if !verify {
        return from_json(&claims.to_string());
    }
    let said = header.get("alg").and_then(Json::as_str).unwrap_or("none");
    let allowed = allowed.unwrap_or_else(|| vec!["HS256".to_owned()]);
    if !allowed.iter().any(|name| name == said) {
        return Err(Error::template(format!(
            "jwt_decode: the token says that it is signed with `{}`, and allowed is {}",
            short(said),
            allowed.join(", ")
        )));
    }
    let algorithm = algorithm(said)?;
    let mut validation = Validation::new(algorithm);
    // Beyond thirty years everything is as valid as it can be.
    validation.leeway = u64::try_from(leeway)
        .map_err(|_| Error::template("jwt_decode: `leeway` is a number of seconds"))?
        .min(1_000_000_000);
    validation.validate_nbf = true;
    let mut needed: Vec<&str> = Vec::new();
    if let Some(audience) = &audience {
        validation.set_audience(audience);
        needed.push("aud");
    }
    if let Some(issuer) = &issuer {
        validation.set_issuer(issuer);
        needed.push("iss");
    }
    validation.set_required_spec_claims(&needed);
    mind_length(runtime, &key, algorithm);
    let key = checking_key(&key, algorithm)?;
    let data = jsonwebtoken::decode::<JsonMap<String, Json>>(token, &key, &validation)
        .map_err(|error| refused(&error, &claims))?;
    from_json(&Json::Object(data.claims).to_string())
}

/// The header and the claims of a token, nothing checked.
fn parts(token: &str) -> Result<(Json, Json)> {
    let broken = || Error::template("jwt_decode: this is not a token of three parts in base64");
    let words: Vec<&str> = token.split('.').collect();
    let [header, claims, _] = words.as_slice() else {
        return Err(broken());
    };
    let read = |word: &str| -> Option<Json> {
        let bytes = BASE64URL_NOPAD.decode(word.as_bytes()).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    match (read(header), read(claims)) {
        (Some(header @ Json::Object(_)), Some(claims @ Json::Object(_))) => Ok((header, claims)),
        _ => Err(broken()),
    }
}

/// Why a token is refused, in words; of its claims only times are told.
fn refused(error: &jsonwebtoken::errors::Error, claims: &Json) -> Error {
    let time = |name: &str| {
        let seconds = claims.get(name).and_then(Json::as_f64).unwrap_or_default();
        #[allow(clippy::cast_possible_truncation, reason = "a time for people")]
        let moment = jiff::Timestamp::from_second(seconds as i64);
        moment.map_or_else(
            |_| "an impossible time".to_owned(),
            |moment| moment.to_string(),
        )
    };
    let text = match error.kind() {
        ErrorKind::ExpiredSignature => format!("the token has expired at {}", time("exp")),
        ErrorKind::ImmatureSignature => format!("the token is not valid before {}", time("nbf")),
        ErrorKind::InvalidAudience => "the token is for another audience".to_owned(),
        ErrorKind::InvalidIssuer => "the token is of another issuer".to_owned(),
        ErrorKind::InvalidSignature => "the signature is not of this key".to_owned(),
        ErrorKind::MissingRequiredClaim(name) => format!("the token has no `{name}`"),
        ErrorKind::InvalidClaimFormat(name) => {
            format!("`{name}` of the token is not a proper value")
        }
        ErrorKind::InvalidAlgorithm => "the key is of another kind than the signature".to_owned(),
        _ => "the token or the key is not a proper one".to_owned(),
    };
    Error::template(format!("jwt_decode: {text}"))
}

/// A key: a text, a JSON Web Key, or either of them sealed.
fn key(runtime: &dyn Runtime, args: &mut Args) -> Result<Value> {
    let key = match args.require("key")? {
        Value::Sealed(sealed) => runtime.scope().unseal(&sealed)?,
        other => runtime.plain(&other)?,
    };
    match &key {
        Value::Str(text) if text.is_empty() => {
            Err(Error::template(format!("{}: the key is empty", args.who())))
        }
        Value::Str(_) | Value::Map(_) => Ok(key),
        _ => {
            let text = "the key is a text (a secret or PEM) or a dictionary (a JSON Web Key)";
            Err(Error::template(format!("{}: {text}", args.who())))
        }
    }
}

/// Warns of the secret of an HMAC that is shorter than the hash (RFC 7518, 3.2): whoever has a token can find it
/// by trying.
fn mind_length(runtime: &dyn Runtime, key: &Value, algorithm: Algorithm) {
    let least = match algorithm {
        Algorithm::HS256 => 32,
        Algorithm::HS384 => 48,
        Algorithm::HS512 => 64,
        _ => return,
    };
    let length = match key {
        Value::Map(map) => {
            let text = map.get("k").and_then(Value::as_str).unwrap_or_default();
            BASE64URL_NOPAD
                .decode(text.as_bytes())
                .map_or(0, |bytes| bytes.len())
        }
        other => other.to_text().len(),
    };
    if length < least {
        runtime.warn(format!(
            "the key of a JSON Web Token is too short: {algorithm:?} wants at least {least} bytes (RFC 7518, section 3.2)"
        ));
    }
}

fn algorithm(name: &str) -> Result<Algorithm> {
    Algorithm::from_str(name).map_err(|_| {
        let text = format!("jwt: there is no algorithm `{}`", short(name));
        Error::template(text).hint(format!("there are {ALGORITHMS}"))
    })
}

/// A word of a stranger's, not long.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// A text or a list of texts.
fn texts(value: Option<Value>, name: &str) -> Result<Option<Vec<String>>> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Str(text)) => Ok(Some(vec![text.to_string()])),
        Some(Value::List(items)) => Ok(Some(items.iter().map(Value::to_text).collect())),
        Some(_) => Err(Error::template(format!(
            "jwt_decode: `{name}` is a text or a list of texts"
        ))),
    }
}

/// The secret of an HMAC. What is a public key to everybody is no secret.
fn secret(text: &str) -> Result<&[u8]> {
    if text.trim_start().starts_with("-----BEGIN") {
        return Err(
            Error::template("jwt: the key is PEM, and the algorithm wants a secret")
                .hint("for PEM the algorithm is RS256, ES256, EdDSA or another of their kinds"),
        );
    }
    Ok(text.as_bytes())
}

fn web_key(key: &Map) -> Result<Jwk> {
    let text = to_json(&Value::map(key.clone()));
    serde_json::from_str(&text)
        .map_err(|_| Error::template("jwt: the dictionary is not a JSON Web Key (RFC 7517)"))
}

fn signing_key(key: &Value, algorithm: Algorithm) -> Result<EncodingKey> {
    let family = family(algorithm);
    let made = match key {
        Value::Map(map) => {
            let octets = map.get("k").map(Value::to_text);
            let octets = octets.filter(|_| family == Family::Hmac);
            let octets = octets.and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok());
            let octets = octets.ok_or_else(|| {
                Error::template("jwt_encode: a JSON Web Key signs only where it is a secret (`k`)")
                    .hint("give a private key as PEM")
            })?;
            EncodingKey::from_secret(&octets)
        }
        other => {
            let text = other.to_text();
            let bytes = text.as_bytes();
            match family {
                Family::Hmac => EncodingKey::from_secret(secret(&text)?),
                Family::Rsa => EncodingKey::from_rsa_pem(bytes),
                Family::Ec => EncodingKey::from_ec_pem(bytes),
                Family::Ed => EncodingKey::from_ed_pem(bytes),
            }
        }
    };
    made.map_err(|_| {
        Error::template(format!(
            "jwt_encode: the key is not a private key for {algorithm:?}"
        ))
    })
}

fn checking_key(key: &Value, algorithm: Algorithm) -> Result<DecodingKey> {
    let family = family(algorithm);
    let made = match key {
        Value::Map(map) => DecodingKey::from_jwk(&web_key(map)?),
        other => {
            let text = other.to_text();
            let bytes = text.as_bytes();
            match family {
                Family::Hmac => DecodingKey::from_secret(secret(&text)?),
                Family::Rsa => DecodingKey::from_rsa_pem(bytes),
                Family::Ec => DecodingKey::from_ec_pem(bytes),
                Family::Ed => DecodingKey::from_ed_pem(bytes),
            }
        }
    };
    made.map_err(|_| {
        Error::template(format!(
            "jwt_decode: the key is not a public key for {algorithm:?}"
        ))
    })
}

#[cfg(test)]
mod tests;
