//! Values to text, byte for byte as PyYAML's C dumper prints them for Ansible's filters.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::error::{Error, Result};
use crate::value::{Map, Value, float_repr};

use super::emitter::{Context, Emitter};
use super::scalar::{self, Scalar};
use super::style::Style;

/// How to print; the names are those of PyYAML's `dump`.
#[derive(Clone, Debug)]
pub struct DumpOptions {
    /// Spaces for each level, from 2 to 9; anything else means 2.
    pub indent: usize,
    /// The column after which a line is broken at the next space; one that is too small for the
    /// indentation means 80.
    pub width: usize,
    /// Whether mappings are sorted by key, where their keys have an order.
    pub sort_keys: bool,
    /// Whether collections stand in brackets; `None` puts those in brackets that hold scalars
    /// alone.
    pub default_flow_style: Option<bool>,
    /// The quotes or the block style of all scalars: one of `'`, `"`, `|`, `>`.
    pub default_style: Option<char>,
    /// Whether texts of several lines stand in the block style, where they can.
    pub block_lines: bool,
    /// Whether what the block style cannot hold is left out, so that all of them can.
    pub lossy: bool,
    /// Whether characters beyond ASCII are printed as they are.
    pub allow_unicode: bool,
    /// Whether the text begins with `---`.
    pub explicit_start: bool,
    /// Whether the text ends with `...`.
    pub explicit_end: bool,
}

impl Default for DumpOptions {
    /// What Ansible's `to_yaml` begins with.
    fn default() -> Self {
        DumpOptions {
            indent: 2,
            width: 80,
            sort_keys: true,
            default_flow_style: None,
            default_style: None,
            block_lines: false,
            lossy: false,
            allow_unicode: true,
            explicit_start: false,
            explicit_end: false,
        }
    }
}

impl DumpOptions {
    /// What Ansible's `to_nice_yaml` begins with.
    pub fn nice() -> Self {
        DumpOptions {
            indent: 4,
            default_flow_style: Some(false),
            ..DumpOptions::default()
        }
    }
}

/// How deep a value may be that is printed; deeper ones can only be made by a template's loop.
const DEEPEST: usize = 1000;

/// Prints `value`. A value that stands in two places is printed twice, without anchors.
///
/// # Errors
/// The value holds something YAML has no form for: an undefined, an `omit`, a length of time.
pub fn dump(value: &Value, options: &DumpOptions) -> Result<String> {
    let mut dumper = Dumper {
        emitter: Emitter::new(options),
        options,
        depth: 0,
    };
    dumper.emitter.start_document(options.explicit_start);
    dumper.value(value, Context::Root)?;
    Ok(dumper.emitter.finish(options.explicit_end))
}

struct Dumper<'a> {
    emitter: Emitter,
    options: &'a DumpOptions,
    depth: usize,
}

/// A scalar as it goes to the emitter.
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, str>,
    /// The tag that says what the text is, as it is printed.
    pub(super) tag: &'static str,
    pub(super) style: Option<Style>,
    /// Whether the text means the same without its tag, bare and in quotes.
    pub(super) plain: bool,
    pub(super) quoted: bool,
}

impl Dumper<'_> {
    fn value(&mut self, value: &Value, context: Context) -> Result<()> {
        match value {
            Value::List(items) | Value::Tuple(items) => {
                self.nested(|dumper| dumper.list(items, context))
            }
            Value::Map(map) => self.nested(|dumper| dumper.map(map, "", context)),
            Value::Set(map) => self.nested(|dumper| dumper.map(map, "!!set", context)),
            _ => {
                let text = self.text(value)?;
                self.emitter.scalar(&text, context);
                Ok(())
            }
        }
    }

    fn nested(&mut self, print: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Error::input(format!(
                "the value is more than {DEEPEST} deep and cannot be printed as YAML"
            )));
        }
        print(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn list(&mut self, items: &[Value], context: Context) -> Result<()> {
        let flow = self.is_flow(items.iter());
        let mut open = self.emitter.open_sequence(flow, items.is_empty(), context);
        for item in items {
            self.emitter.item(&mut open);
            self.value(item, Context::Item)?;
        }
        self.emitter.close_sequence(&open);
        Ok(())
    }

    fn map(&mut self, map: &Map, tag: &str, context: Context) -> Result<()> {
        let flow = self.is_flow(map.keys().chain(map.values()));
        let mut open = self
            .emitter
            .open_mapping(flow, tag, map.is_empty(), context);
        for (key, value) in self.entries(map) {
            let simple = self.is_simple_key(key)?;
            self.emitter.key(&mut open, simple);
            self.value(
                key,
                if simple {
                    Context::SimpleKey
                } else {
                    Context::Key
                },
            )?;
            self.emitter.colon(&open, simple);
            self.value(value, Context::Value)?;
        }
        self.emitter.close_mapping(&open);
        Ok(())
    }

    fn entries<'m>(&self, map: &'m Map) -> Vec<(&'m Value, &'m Value)> {
        let entries: Vec<_> = map.iter().collect();
        if !self.options.sort_keys {
            return entries;
        }
        let mut sorted = entries.clone();
        let mut comparable = true;
        sorted.sort_by(|(a, _), (b, _)| {
            a.order(b).unwrap_or_else(|| {
                comparable = false;
                Ordering::Equal
            })
        });
        if comparable { sorted } else { entries }
    }

    /// Says whether a collection with these parts stands in brackets.
    fn is_flow<'v>(&self, mut parts: impl Iterator<Item = &'v Value>) -> bool {
        let styled = self.options.default_style.is_some();
        self.options.default_flow_style.unwrap_or_else(|| {
            parts.all(|part| {
                !styled
                    && !matches!(
                        part,
                        Value::List(_)
                            | Value::Tuple(_)
                            | Value::Map(_)
                            | Value::Set(_)
                            | Value::Bytes(_)
                            | Value::Sealed(_)
                    )
            })
        })
    }

    /// Says whether a key fits before its colon on one line.
    fn is_simple_key(&self, key: &Value) -> Result<bool> {
        Ok(match key {
            Value::List(items) | Value::Tuple(items) => items.is_empty(),
            Value::Map(map) | Value::Set(map) => map.is_empty(),
            _ => self.emitter.is_simple_key(&self.text(key)?),
        })
    }

    /// The scalar that `value` is.
    fn text<'v>(&self, value: &'v Value) -> Result<Text<'v>> {
        let (text, tag): (Cow<'v, str>, _) = match value {
            Value::Str(text) => return Ok(self.string(text)),
            Value::Bytes(bytes) => return Ok(block(base64_lines(bytes), "!!binary")),
            Value::Sealed(sealed) => return Ok(block(sealed.ciphertext.clone(), "!vault")),
            Value::Null => ("null".into(), "!!null"),
            Value::Bool(true) => ("true".into(), "!!bool"),
            Value::Bool(false) => ("false".into(), "!!bool"),
            Value::Int(_) | Value::BigInt(_) => (value.repr().into(), "!!int"),
            Value::Float(number) => (float_text(*number).into(), "!!float"),
            Value::Date(_) | Value::DateTime(..) => (value.repr().into(), "!!timestamp"),
            Value::Undefined(undefined) => return Err(undefined.error.clone()),
            other => {
                return Err(Error::input(format!(
                    "a value of type `{}` cannot be printed as YAML",
                    other.type_name()
                )));
            }
        };
        Ok(Text {
            text,
            tag,
            style: self.default_style(),
            plain: true,
            quoted: false,
        })
    }

    fn string<'v>(&self, text: &'v str) -> Text<'v> {
        if self.options.block_lines && text.contains(BREAKS) {
            return Text {
                text: match self.options.lossy {
                    true => readable(text).into(),
                    false => text.into(),
                },
                tag: "!!str",
                style: Some(Style::Literal),
                plain: true,
                quoted: true,
            };
        }
        Text {
            text: text.into(),
            tag: "!!str",
            style: self.default_style(),
            plain: scalar::resolve(text) == Ok(Scalar::Text),
            quoted: true,
        }
    }

    fn default_style(&self) -> Option<Style> {
        self.options.default_style.and_then(Style::of)
    }
}

/// What libyaml takes for the end of a line.
const BREAKS: [char; 4] = ['\n', '\u{85}', '\u{2028}', '\u{2029}'];

/// A text without what the block style cannot hold: blanks at the ends of lines, tabs, and
/// characters that only quotes can have.
fn readable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.trim_end().chars() {
        match c {
            '\t' => {
                let room = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', room));
                column += room;
            }
            c if BREAKS.contains(&c) => {
                out.truncate(out.trim_end_matches(' ').len());
                out.push(c);
                column = 0;
            }
            ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..
                if c != '\u{feff}' =>
            {
                out.push(c);
                column += 1;
            }
            _ => (),
        }
    }
    out
}

/// A text that always stands as a block and always needs its tag.
fn block(text: String, tag: &'static str) -> Text<'static> {
    Text {
        text: text.into(),
        tag,
        style: Some(Style::Literal),
        plain: false,
        quoted: false,
    }
}

/// Python's `repr` of a float, with the dot without which YAML 1.1 reads a string.
fn float_text(number: f64) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = float_repr(number);
    if text.contains('.') {
        text
    } else {
        text.replacen('e', ".0e", 1)
    }
}

/// Base64 in lines of 76 letters, as Python's `encodebytes` makes them.
fn base64_lines(bytes: &[u8]) -> String {
    let mut lines = String::new();
    for chunk in bytes.chunks(57) {
        data_encoding::BASE64.encode_append(chunk, &mut lines);
        lines.push('\n');
    }
    lines
}
