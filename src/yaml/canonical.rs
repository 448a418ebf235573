//! YAML's canonical form, as PyYAML prints it with `canonical=True`: every value with its tag, in brackets, one a
//! line.

use super::DumpOptions;
use crate::value::{Map, Value};

/// The canonical form of a plain value.
pub fn canonical(value: &Value, options: &DumpOptions) -> String {
    let indent = match options.indent {
        indent @ 2..=9 => indent,
        _ => 2,
    };
    let mut out = String::from("---\n");
    let form = Form {
        indent,
        sorts: options.sort_keys,
    };
    form.write(value, 0, &mut out);
    out.push('\n');
    out
}

struct Form {
    indent: usize,
    sorts: bool,
}

impl Form {
    fn write(&self, value: &Value, level: usize, out: &mut String) {
        match value {
            Value::Map(map) => self.mapping(map, level, out),
            Value::List(items) => self.sequence(items, level, out),
            Value::Tuple(items) => self.sequence(items, level, out),
            Value::Null => out.push_str("!!null \"null\""),
            Value::Bool(truth) => out.push_str(&format!("!!bool \"{truth}\"")),
            Value::Int(_) | Value::BigInt(_) => {
                out.push_str(&format!("!!int \"{}\"", value.to_text()))
            }
            Value::Float(_) => out.push_str(&format!("!!float \"{}\"", value.to_text())),
            other => out.push_str(&format!("!!str {}", quoted(&other.to_text()))),
        }
    }

    fn mapping(&self, map: &Map, level: usize, out: &mut String) {
        out.push_str("!!map {");
        let mut entries: Vec<(&Value, &Value)> = map.iter().collect();
        if self.sorts && entries.iter().all(|(key, _)| key.as_str().is_some()) {
            entries.sort_by(|a, b| a.0.as_str().cmp(&b.0.as_str()));
        }
        for (key, value) in &entries {
            self.line(level + 1, out);
            out.push_str("? ");
            self.write(key, level + 1, out);
            self.line(level + 1, out);
            out.push_str(": ");
            self.write(value, level + 1, out);
            out.push(',');
        }
        if !entries.is_empty() {
            self.line(level, out);
        }
        out.push('}');
    }

    fn sequence(&self, items: &[Value], level: usize, out: &mut String) {
        out.push_str("!!seq [");
        for item in items {
            self.line(level + 1, out);
            self.write(item, level + 1, out);
            out.push(',');
        }
        if !items.is_empty() {
            self.line(level, out);
        }
        out.push(']');
    }

    fn line(&self, level: usize, out: &mut String) {
        out.push('\n');
        out.push_str(&" ".repeat(level * self.indent));
    }
}

/// A text in double quotes, which reads as the same text wherever it stands.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            '\u{85}' => out.push_str("\\N"),
            '\u{2028}' => out.push_str("\\L"),
            '\u{2029}' => out.push_str("\\P"),
            '\u{feff}' => out.push_str("\\uFEFF"),
            c if c.is_control() => out.push_str(&format!("\\x{:02X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use crate::value::Value;
    use crate::yaml::DumpOptions;

    #[test]
    fn values_stand_as_pyyaml_prints_them() {
        let inner = crate::entries! { "x" => Value::Null };
        let map = crate::entries! {
            "b" => Value::list(vec![Value::Int(1), Value::Float(1.5)]),
            "a" => Value::map(inner),
        };
        let wanted = "---\n!!map {\n  ? !!str \"a\"\n  : !!map {\n    ? !!str \"x\"\n    : !!null \"null\",\n  },\n  \
                      ? !!str \"b\"\n  : !!seq [\n    !!int \"1\",\n    !!float \"1.5\",\n  ],\n}\n";
        assert_eq!(canonical(&Value::map(map), &DumpOptions::default()), wanted);
        let of = |value: Value| canonical(&value, &DumpOptions::nice());
        assert_eq!(
            of(Value::list(vec![Value::Bool(true)])),
            "---\n!!seq [\n    !!bool \"true\",\n]\n"
        );
        assert_eq!(
            of(Value::str("a \"b\"\n")),
            "---\n!!str \"a \\\"b\\\"\\n\"\n"
        );
        assert_eq!(of(Value::list(Vec::new())), "---\n!!seq []\n");
    }
}
