//! `comment`: a text as a comment of many languages.

use super::super::{Args, Runtime, bounds};
use super::{Table, strict, text};
use crate::error::{Error, Result, nearest};
use crate::value::Value;

pub(super) const FILTERS: Table = &[("comment", strict!(comment))];

/// A style: its name, what stands before, before each line, and behind.
const STYLES: [(&str, &str, &str, &str); 5] = [
    ("plain", "", "# ", ""),
    ("erlang", "", "% ", ""),
    ("c", "", "// ", ""),
    ("cblock", "/*", " * ", " */"),
    ("xml", "<!--", " - ", "-->"),
];

fn comment(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let style = args.text("style", "plain")?;
    let Some(text) = value.as_str() else {
        return Err(args.wrong("text", "a string", &value));
    };
    let names = STYLES.iter().map(|style| style.0);
    let Some((_, beginning, decoration, end)) = STYLES.iter().find(|known| known.0 == style) else {
        return Err(Error::template(format!("Invalid style '{style}'."))
            .hint_if(nearest(&style, names.clone()))
            .hint_if(Some(format!(
                "use {}",
                names.collect::<Vec<_>>().join(", ")
            ))));
    };
    let mut option = |name: &str, default: &str| option(runtime, &mut args, name, default);
    let decoration = option("decoration", decoration)?;
    let edge = decoration.trim_end().to_owned();
    let parts = Parts {
        newline: option("newline", "\n")?,
        beginning: option("beginning", beginning)?,
        prefix: option("prefix", &edge)?,
        postfix: option("postfix", &edge)?,
        end: option("end", end)?,
        prefix_count: count(&mut args, "prefix_count")?,
        postfix_count: count(&mut args, "postfix_count")?,
        decoration,
    };
    // Any other name is allowed, and means nothing.
    parts.around(text).map(Value::str)
}

fn option(runtime: &dyn Runtime, args: &mut Args, name: &str, default: &str) -> Result<String> {
    match args.take_named(name) {
        None => Ok(default.to_owned()),
        Some(value) => Ok(text(runtime, &value)?.to_string()),
    }
}

fn count(args: &mut Args, name: &str) -> Result<usize> {
    match args.take_named(name) {
        None => Ok(1),
        Some(value) => match value.as_int() {
            Some(count) => Ok(usize::try_from(count).unwrap_or(0)),
            None => Err(args.wrong(name, "an integer", &value)),
        },
    }
}

struct Parts {
    newline: String,
    beginning: String,
    prefix: String,
    prefix_count: usize,
    decoration: String,
    postfix: String,
    postfix_count: usize,
    end: String,
}

impl Parts {
    fn around(&self, text: &str) -> Result<String> {
        let Parts {
            newline,
            decoration,
            ..
        } = self;
        let mut out = String::new();
        if !self.beginning.is_empty() {
            out.push_str(&self.beginning);
            out.push_str(newline);
        }
        let prefix = match self.prefix.as_str() {
            "" => String::new(),
            prefix if prefix == newline => newline.clone(),
            prefix => format!("{prefix}{newline}"),
        };
        let lines = text.matches(newline.as_str()).count() + 1;
        bounds::allow_pieces(lines, decoration.len() + newline.len())?;
        bounds::allow_pieces(self.prefix_count, prefix.len())?;
        bounds::allow_pieces(self.postfix_count, newline.len() + self.postfix.len())?;
        out.push_str(&prefix.repeat(self.prefix_count));
        let decorated = format!("{newline}{decoration}");
        let body = format!("{decoration}{}", text.replace(newline.as_str(), &decorated));
        // A line with nothing on it has no blanks at its end.
        let bare = format!("{}{newline}", decoration.trim_end());
        out.push_str(&body.replace(&format!("{decoration}{newline}"), &bare));
        out.push_str(&format!("{newline}{}", self.postfix).repeat(self.postfix_count));
        if !self.end.is_empty() {
            out.push_str(newline);
            out.push_str(&self.end);
        }
        Ok(out)
    }
}
