//! `urlize`: addresses in a text become links.

use super::super::super::regex::{Flags, compile};
use super::super::super::{Args, Runtime};
use super::super::text;
use super::escaped;
use crate::error::{Error, Result};
use crate::value::Value;

/// An address of the web: with a scheme or `www.`, of one of the usual endings, or by number.
const WEB: &str = concat!(
    r"^((https?://|www\.)(([\w%-]+\.)+)?([a-z]{2,63}|xn--[\w%]{2,59})",
    r"|([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil)",
    r"|(https?://)((\d{1,3}(\.\d{1,3}){3})|(\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}])))",
    r"(?::\d{1,5})?(?:[/?#]\S*)?$",
);

const MAIL: &str = r"^\S+@\w[\w.-]*\.\w+$";

pub(super) fn urlize(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let limit = args
        .take("trim_url_limit")?
        .filter(|limit| !limit.is_null());
    let no_follow = args.flag("nofollow", false)?;
    let target = args.take("target")?.filter(Value::is_true);
    let rel = args.take("rel")?.filter(Value::is_true);
    let schemes = args.take("extra_schemes")?.filter(Value::is_true);
    args.finish()?;
    let extra = match schemes {
        Some(schemes) => super::super::items(runtime, &schemes)?,
        None => Vec::new(),
    };
    let mut words: Vec<String> = match rel {
        Some(rel) => text(runtime, &rel)?
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        None => Vec::new(),
    };
    if no_follow {
        words.push("nofollow".to_owned());
    }
    words.push("noopener".to_owned());
    words.sort();
    words.dedup();
    let linker = Linker {
        limit: match limit {
            Some(limit) => Some(
                limit
                    .as_int()
                    .and_then(|limit| usize::try_from(limit).ok())
                    .ok_or_else(|| args.wrong("trim_url_limit", "an integer", &limit))?,
            ),
            None => None,
        },
        rel: format!(" rel=\"{}\"", escaped(&words.join(" "))),
        target: match target {
            Some(target) => format!(" target=\"{}\"", escaped(&text(runtime, &target)?)),
            None => String::new(),
        },
        extra: extra.iter().map(scheme).collect::<Result<_>>()?,
    };
    linker.run(&text(runtime, &value)?).map(Value::str)
}

fn scheme(scheme: &Value) -> Result<String> {
    let text = scheme.to_text();
    if compile(r"^([\w.+-]{2,}:(/){0,2})$", Flags::default())?.is_found(&text)? {
        return Ok(text);
    }
    Err(Error::template(format!(
        "`{text}` is not a valid URI scheme prefix"
    )))
}

struct Linker {
    limit: Option<usize>,
    rel: String,
    target: String,
    extra: Vec<String>,
}

impl Linker {
    fn run(&self, text: &str) -> Result<String> {
        let parts = compile(r"(\s+)", Flags::default())?.split(&escaped(text), 0)?;
        let words = parts.into_iter().flatten();
        words.map(|word| self.word(&word)).collect()
    }

    fn word(&self, word: &str) -> Result<String> {
        let (head, middle, tail) = split_word(word)?;
        let linked = self.link(&middle)?;
        Ok(format!("{head}{}{tail}", linked.unwrap_or(middle)))
    }

    fn link(&self, middle: &str) -> Result<Option<String>> {
        let ignore_case = Flags::of(true, false);
        let Linker { rel, target, .. } = self;
        if compile(WEB, ignore_case)?.is_found(middle)? {
            let has_scheme = middle.starts_with("https://") || middle.starts_with("http://");
            let scheme = if has_scheme { "" } else { "https://" };
            let shown = self.shown(middle);
            return Ok(Some(format!(
                "<a href=\"{scheme}{middle}\"{rel}{target}>{shown}</a>"
            )));
        }
        if let Some(address) = middle.strip_prefix("mailto:")
            && compile(MAIL, Flags::default())?.is_found(address)?
        {
            return Ok(Some(format!("<a href=\"{middle}\">{address}</a>")));
        }
        let is_mail = middle.contains('@')
            && !middle.starts_with("www.")
            && !middle.starts_with('@')
            && !middle.contains(':');
        if is_mail && compile(MAIL, Flags::default())?.is_found(middle)? {
            return Ok(Some(format!("<a href=\"mailto:{middle}\">{middle}</a>")));
        }
        let known = |scheme: &String| middle != scheme && middle.starts_with(scheme.as_str());
        if self.extra.iter().any(known) {
            return Ok(Some(format!(
                "<a href=\"{middle}\"{rel}{target}>{middle}</a>"
            )));
        }
        Ok(None)
    }

    fn shown(&self, url: &str) -> String {
        match self.limit {
            Some(limit) if url.chars().count() > limit => {
                url.chars().take(limit).collect::<String>() + "..."
            }
            _ => url.to_owned(),
        }
    }
}

/// A word without the brackets before it and the stops and brackets behind it.
fn split_word(word: &str) -> Result<(String, String, String)> {
    let flags = Flags::default();
    let (mut head, mut middle, mut tail) = (String::new(), word.to_owned(), String::new());
    if let Some(found) = compile(r"^([(<]|&lt;)+", flags)?.search(&middle)? {
        let rest = middle.split_off(found.end());
        head = std::mem::replace(&mut middle, rest);
    }
    if let Some(found) = compile(r"([)>.,\n]|&gt;)+$", flags)?.search(&middle)? {
        tail = middle.split_off(found.start());
    }
    for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
        balance(&mut middle, &mut tail, open, close);
    }
    Ok((head, middle, tail))
}

/// Gives the word back the closing brackets whose opening ones it holds.
fn balance(middle: &mut String, tail: &mut String, open: &str, close: &str) {
    let opened = middle.matches(open).count();
    if opened <= middle.matches(close).count() {
        return;
    }
    for _ in 0..opened.min(tail.matches(close).count()) {
        let end = tail.find(close).map_or(0, |at| at + close.len());
        let rest = tail.split_off(end);
        middle.push_str(tail);
        *tail = rest;
    }
}
