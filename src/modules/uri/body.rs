//! What a request carries.

use crate::error::{Error, Result};
use crate::modules::http::form_encoded;
use crate::value::{Value, to_json_with};

use super::BodyFormat;

/// A body that is ready, with the content's type where the format says one.
#[derive(Debug, PartialEq, Eq)]
pub struct Ready {
    pub bytes: Option<Vec<u8>>,
    pub kind: Option<&'static str>,
}

/// The body in its format; multipart is made elsewhere, because it may need files.
pub fn ready(body: Option<&Value>, format: BodyFormat) -> Ready {
    match format {
        BodyFormat::Json => Ready {
            bytes: Some(json(body).into_bytes()),
            kind: Some("application/json"),
        },
        BodyFormat::Form => Ready {
            bytes: body.map(|body| form(body).into_bytes()),
            kind: Some("application/x-www-form-urlencoded"),
        },
        BodyFormat::Raw | BodyFormat::Multipart => Ready {
            bytes: body.map(|body| raw(body).into_bytes()),
            kind: None,
        },
    }
}

fn json(body: Option<&Value>) -> String {
    match body {
        None => "null".to_owned(),
        Some(Value::Str(text)) => text.to_string(),
        Some(other) => to_json_with(other, None, false, true),
    }
}

fn raw(body: &Value) -> String {
    match body {
        Value::Map(_) | Value::List(_) | Value::Tuple(_) => to_json_with(body, None, false, true),
        other => other.to_text(),
    }
}

/// `a=1&b=2` of a dictionary, or of a list of pairs; a list of values gives its key many times.
fn form(body: &Value) -> String {
    let pairs: Vec<(Value, Value)> = match body {
        Value::Map(map) => map.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        Value::List(items) | Value::Tuple(items) => items.iter().filter_map(pair).collect(),
        other => return other.to_text(),
    };
    let mut parts = Vec::new();
    for (key, value) in pairs {
        let values = match value {
            Value::List(items) | Value::Tuple(items) => items.to_vec(),
            one => vec![one],
        };
        for value in values.iter().filter(|value| !value.is_null()) {
            let (key, value) = (form_encoded(&key.to_text()), form_encoded(&value.to_text()));
            parts.push(format!("{key}={value}"));
        }
    }
    parts.join("&")
}

fn pair(item: &Value) -> Option<(Value, Value)> {
    match item.as_list()?.as_slice() {
        [key, value] => Some((key.clone(), value.clone())),
        _ => None,
    }
}

/// A field of a multipart body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub content: Option<Vec<u8>>,
    /// The file's path; its last part is what the server hears of it.
    pub file: Option<String>,
    mime: Option<String>,
    plain: bool,
}

/// The fields of a multipart body, as the task writes them.
///
/// # Errors
/// The body is no dictionary, or a field has neither content nor file.
pub fn fields(body: Option<&Value>) -> Result<Vec<Field>> {
    let map = body.and_then(Value::as_map).ok_or_else(|| {
        Error::input("`body` has to be a dictionary where `body_format` is `form-multipart`")
    })?;
    map.iter().map(|(name, value)| field(&name.to_text(), value)).collect()
}

fn field(name: &str, value: &Value) -> Result<Field> {
    let Some(map) = value.as_map() else {
        return Ok(Field {
            name: name.to_owned(),
            content: Some(value.to_text().into_bytes()),
            file: None,
            mime: None,
            plain: true,
        });
    };
    let text = |key: &str| map.get(key).filter(|it| !it.is_null()).map(Value::to_text);
    let (content, file) = (text("content"), text("filename"));
    if content.is_none() && file.is_none() {
        let message = format!("the field `{name}` needs `content` or `filename`");
        return Err(Error::input(message));
    }
    let encoding = text("multipart_encoding").unwrap_or_else(|| "base64".to_owned());
    if !matches!(encoding.as_str(), "base64" | "7or8bit") {
        return Err(Error::input(format!(
            "the field `{name}` has a `multipart_encoding` of `{encoding}`; there are `base64` and \
             `7or8bit`"
        )));
    }
    Ok(Field {
        name: name.to_owned(),
        plain: file.is_none() || content.is_some() || encoding == "7or8bit",
        content: content.map(String::into_bytes),
        file,
        mime: text("mime_type"),
    })
}

/// The body with its type, whose boundary is `boundary`.
pub fn multipart(fields: &[Field], boundary: &str) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    for field in fields {
        bytes.extend(format!("--{boundary}\r\n").into_bytes());
        bytes.extend(part(field));
        bytes.extend(b"\r\n");
    }
    bytes.extend(format!("--{boundary}--\r\n").into_bytes());
    (format!("multipart/form-data; boundary=\"{boundary}\""), bytes)
}

fn part(field: &Field) -> Vec<u8> {
    let mut head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(&field.name));
    let mut mime = field.mime.clone();
    if let Some(file) = &field.file {
        let name = file.rsplit('/').next().unwrap_or("");
        head.push_str(&format!("; filename=\"{}\"", quoted(name)));
        mime = mime.or_else(|| Some(guess(name).to_owned()));
    }
    let mime = mime.unwrap_or_else(|| "text/plain".to_owned());
    head.push_str(&format!("\r\nContent-Type: {mime}\r\n"));
    let content = field.content.clone().unwrap_or_default();
    let content = if field.plain {
        content
    } else {
        head.push_str("Content-Transfer-Encoding: base64\r\n");
        data_encoding::BASE64_MIME.encode(&content).into_bytes()
    };
    [head.as_bytes(), b"\r\n", &content].concat()
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\r', '\n'], " ")
}

/// The type that a name's end stands for.
fn guess(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "txt" | "log" | "conf" => "text/plain",
        "html" | "htm" => "text/html",
        "css" => "text/css",
        "csv" => "text/csv",
        "json" => "application/json",
        "xml" => "application/xml",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "gz" | "tgz" => "application/gzip",
        "tar" => "application/x-tar",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{fields, form, multipart};
    use crate::entries;
    use crate::value::{Value, from_json};

    #[test]
    fn forms_are_encoded() {
        for (body, text) in [
            (r#"{"a": "b c", "d": [1, "&"], "e": null}"#, "a=b+c&d=1&d=%26"),
            (r#"[["a", 1], ["a", 2]]"#, "a=1&a=2"),
            (r#""a=b""#, "a=b"),
        ] {
            assert_eq!(form(&from_json(body).unwrap()), text);
        }
    }

    #[test]
    fn parts_are_put_together() {
        let body = Value::map(entries! {
            "one" => "text",
            "two" => entries! {"filename" => "/a/b.txt", "content" => "x", "mime_type" => "a/b"},
        });
        let (kind, bytes) = multipart(&fields(Some(&body)).unwrap(), "B");
        assert_eq!(kind, "multipart/form-data; boundary=\"B\"");
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "--B\r\nContent-Disposition: form-data; name=\"one\"\r\nContent-Type: text/plain\r\n\r\n\
             text\r\n--B\r\nContent-Disposition: form-data; name=\"two\"; filename=\"b.txt\"\r\n\
             Content-Type: a/b\r\n\r\nx\r\n--B--\r\n"
        );
        assert!(fields(Some(&Value::str("x"))).is_err());
        assert!(fields(None).is_err());
    }
}
