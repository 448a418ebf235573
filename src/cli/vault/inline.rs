//! The `!vault` values in a YAML file that is not encrypted itself: each is decrypted, changed or encrypted anew
//! where it stands, and nothing else in the file is touched.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::cli::terminal;
use crate::error::{Error, Manner, Place, Result, Source};
use crate::value::Value;
use crate::vault::{self, Opened, Secret, Vault};
use crate::yaml::{self, DumpOptions, Node, quoted};

/// How far a block is indented below its line, as ansible-vault's `encrypt_string` prints it.
const INDENT: usize = 10;

/// A YAML file and the `!vault` values in it.
#[derive(Debug)]
pub(super) struct Inline {
    source: Arc<Source>,
    values: Vec<Found>,
}

/// One value: its bytes from the tag to the last character.
#[derive(Debug)]
struct Found {
    range: Range<usize>,
    text: Zeroizing<String>,
    place: Place,
    /// It stands in brackets, where no block may.
    in_brackets: bool,
    /// How far the line is indented in which it begins.
    depth: usize,
    /// How far the lines of its block are indented.
    indent: usize,
}

/// Makes a vault text of a plain one, as the one was that it had before.
pub(super) type Seal<'a> = &'a dyn Fn(&Secret, Option<&Opened>) -> Result<String>;

impl Inline {
    /// The values of a file; nothing where the file is encrypted as a whole, or has none. The reference's own
    /// command knows whole files only.
    pub(super) fn of(path: &Path, text: &Secret) -> Result<Option<Inline>> {
        if vault::is_sealed(text.expose().trim_ascii_start())
            || terminal::manner() == Manner::Reference
        {
            return Ok(None);
        }
        let Ok(source) = yaml::decode(text.expose(), path) else {
            return Ok(None);
        };
        match Inline::read(source) {
            Ok(inline) if inline.values.is_empty() => Ok(None),
            Ok(inline) => Ok(Some(inline)),
            // A file that is no YAML has no such values, unless it looks as if it had.
            Err(error) if text.expose().windows(6).any(|word| word == b"!vault") => Err(error),
            Err(_) => Ok(None),
        }
    }

    fn read(source: Arc<Source>) -> Result<Inline> {
        let mut values = Vec::new();
        let mut written = 0;
        for document in yaml::load_all(&source, &yaml::Options::data())? {
            written += document.sealed;
            collect(&document.root, &source, false, &mut values);
        }
        values.sort_by_key(|found| found.range.start);
        // An alias is the same value as its anchor.
        values.dedup_by_key(|found| found.range.start);
        if values.len() != written {
            // One that nobody sees would stay as it is: decrypted, after an editor.
            let text = format!(
                "`{}` has {written} `!vault` values, of which {} count: the key of another one stands twice",
                source.path().display(),
                values.len()
            );
            return Err(Error::input(text).hint("remove the one that does not count"));
        }
        Ok(Inline { source, values })
    }

    /// The file with every value decrypted and no longer marked.
    pub(super) fn decrypted(&self, vault: &Vault) -> Result<Secret> {
        self.opened_as(vault, "")
    }

    /// The file with every value decrypted, still marked as `!vault`: what is shown and edited.
    pub(super) fn shown(&self, vault: &Vault) -> Result<Secret> {
        self.opened_as(vault, "!vault ")
    }

    fn opened_as(&self, vault: &Vault, tag: &str) -> Result<Secret> {
        self.replaced(|found| {
            let opened = found.open(vault)?;
            let text = opened.plaintext.expose_str();
            let text = text.map_err(|error| error.at(found.place.clone()))?;
            Ok(Some(format!("{tag}{}", found.scalar(text))))
        })
    }

    /// The file with every value encrypted by `seal`.
    pub(super) fn rekeyed(
        &self,
        old: &Vault,
        seal: &dyn Fn(&Secret) -> Result<String>,
    ) -> Result<Secret> {
        self.replaced(|found| {
            let sealed = seal(&found.open(old)?.plaintext)?;
            Ok(Some(found.sealed(&sealed)))
        })
    }

    /// What was edited, with its values encrypted: those that are as they were stay as they were.
    pub(super) fn edited(&self, vault: &Vault, after: &Secret, seal: Seal<'_>) -> Result<Secret> {
        let path = self.source.path();
        let failed = |error: Error| {
            let text = format!(
                "what was edited is not YAML, so `{}` is unchanged",
                path.display()
            );
            Error::input(text).because(error)
        };
        let source = yaml::decode_sealed(after.expose(), path).map_err(failed)?;
        let edited = Inline::read(source).map_err(failed)?;
        let before: Vec<Opened> = self
            .values
            .iter()
            .map(|found| found.open(vault))
            .collect::<Result<_>>()?;
        let same_count = before.len() == edited.values.len();
        let mut number = 0;
        edited.replaced(|found| {
            let at = number;
            number += 1;
            if vault::is_sealed(found.text.as_bytes()) {
                return Ok(None);
            }
            let is_same = |opened: &Opened| opened.plaintext.expose() == found.text.as_bytes();
            let kept = match before.get(at).is_some_and(is_same) {
                true => Some(at),
                false => before.iter().position(is_same),
            };
            if let Some(old) = kept.and_then(|position| self.values.get(position)) {
                let as_it_was = self.source.text().get(old.range.clone());
                return Ok(match as_it_was {
                    Some(text) if old.stands_as(found) => Some(text.to_owned()),
                    _ => Some(found.sealed(&old.text)),
                });
            }
            let text = Secret::new(found.text.as_bytes());
            let opened = before.get(at).filter(|_| same_count);
            Ok(Some(found.sealed(&seal(&text, opened)?)))
        })
    }

    /// The file with each value replaced by what is given for it, if anything is.
    fn replaced(&self, mut by: impl FnMut(&Found) -> Result<Option<String>>) -> Result<Secret> {
        let text = self.source.text();
        let mut out = Zeroizing::new(String::with_capacity(text.len() * 2));
        let mut done = 0;
        for found in &self.values {
            let Some(new) = by(found)?.map(Zeroizing::new) else {
                continue;
            };
            out.push_str(text.get(done..found.range.start).unwrap_or_default());
            out.push_str(&new);
            done = found.range.end;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        Ok(Secret::new(out.as_bytes()))
    }
}

impl Found {
    /// Says whether its text can stand where another value does.
    fn stands_as(&self, other: &Found) -> bool {
        self.depth == other.depth && self.in_brackets == other.in_brackets
    }

    fn open(&self, vault: &Vault) -> Result<Opened> {
        let opened = vault.open_with_label(self.text.trim_start());
        opened.map_err(|error| error.at(self.place.clone()))
    }

    /// A vault text as a value.
    fn sealed(&self, sealed: &str) -> String {
        match self.in_brackets {
            true => format!("!vault {}", quoted(sealed)),
            false => format!("!vault |{}", self.lines(sealed)),
        }
    }

    /// A plain text as a scalar that reads as the same text.
    fn scalar(&self, text: &str) -> String {
        if !self.in_brackets && is_block(text) {
            let chomp = if text.ends_with('\n') { "" } else { "-" };
            return format!("|{chomp}{}", self.lines(text));
        }
        let plain = yaml::dump(&Value::str(text), &DumpOptions::default()).unwrap_or_default();
        match plain.lines().next() {
            Some(first) if first == text && !self.in_brackets => text.to_owned(),
            _ => quoted(text),
        }
    }

    /// The lines of a block, each behind a line break.
    fn lines(&self, text: &str) -> String {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let indent = " ".repeat(self.indent);
        let lines = text.split('\n').map(|line| match line.is_empty() {
            true => "\n".to_owned(),
            false => format!("\n{indent}{line}"),
        });
        lines.collect()
    }
}

/// The `!vault` values below a node, which may stand in brackets.
fn collect(node: &Node, source: &Arc<Source>, in_brackets: bool, found: &mut Vec<Found>) {
    let within = in_brackets || opens_brackets(node, source);
    for item in node.items().unwrap_or_default() {
        collect(item, source, within, found);
    }
    for (key, value) in node.entries().unwrap_or_default() {
        collect(key, source, within, found);
        collect(value, source, within, found);
    }
    if let Value::Sealed(sealed) = node.value() {
        found.extend(at(node, source, in_brackets, &sealed.ciphertext));
    }
}

/// Says whether a list or a dictionary is written in brackets.
fn opens_brackets(node: &Node, source: &Source) -> bool {
    if node.items().is_none() && node.entries().is_none() {
        return false;
    }
    let start = byte(source, node.place().line, node.place().column);
    let written = start.and_then(|start| source.text().get(start..));
    let mut words = written.unwrap_or_default().split_whitespace();
    let first = words.find(|word| !word.starts_with(['!', '&']));
    first.is_some_and(|word| word.starts_with(['[', '{']))
}

/// A value in the text.
fn at(node: &Node, source: &Arc<Source>, in_brackets: bool, value: &str) -> Option<Found> {
    let text = source.text();
    let start = byte(source, node.place().line, node.place().column)?;
    let (line, column) = node.end();
    let end = byte(source, line, column).unwrap_or(text.len());
    let whole = text.get(start..end)?.trim_end();
    let range = start..start + whole.len();
    let line_start = source.line_start(node.place().line)?;
    let own_line = text.get(line_start..start)?;
    let depth = own_line.len() - own_line.trim_start_matches([' ', '-']).len();
    let block = whole.split_once('\n').filter(|(head, _)| {
        let head = head.trim_start_matches("!vault").trim_start();
        head.starts_with(['|', '>'])
    });
    let indent = block.and_then(|(_, lines)| {
        let first = lines.lines().find(|line| !line.trim().is_empty())?;
        Some(first.len() - first.trim_start().len())
    });
    Some(Found {
        in_brackets,
        text: Zeroizing::new(value.to_owned()),
        place: node.place().clone(),
        indent: indent.unwrap_or(depth + INDENT),
        depth,
        range,
    })
}

/// The byte at a line and a column, both counted from one.
fn byte(source: &Source, line: u32, column: u32) -> Option<usize> {
    let start = source.line_start(line)?;
    let rest = source.text().get(start..)?;
    let skip = usize::try_from(column).ok()?.saturating_sub(1);
    let within = rest.char_indices().nth(skip);
    Some(start + within.map_or(rest.len(), |(at, _)| at))
}

/// Says whether a text of several lines can stand as it is in a block.
fn is_block(text: &str) -> bool {
    let is_shown = |c: char| {
        c == '\n'
            || !c.is_control() && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
    };
    let first = text.chars().next().unwrap_or('\n');
    // A block that begins with a blank would need its indentation said; one that ends with empty lines would
    // take in those that follow it.
    !first.is_whitespace()
        && text.contains('\n')
        && !text.ends_with("\n\n")
        && !text.trim_end_matches('\n').ends_with([' ', '\t'])
        && text.chars().all(is_shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        let mut vault = Vault::new();
        vault.add("default", Secret::new("open sesame"));
        vault
    }

    fn read(text: &str) -> Inline {
        let secret = Secret::new(text);
        Inline::of(Path::new("vars.yml"), &secret).unwrap().unwrap()
    }

    /// A file with one value, encrypted, of each form.
    fn file(plain: &str) -> String {
        let sealed = vault().seal(plain.as_bytes(), None, None).unwrap();
        let block = sealed.replace('\n', "\n      ");
        let block = block.trim_end();
        format!(
            "# a comment\na: 1   # kept\nsecret: !vault |\n      {block}\n\nlist:\n  - !vault |\n      {block}\n  \
             - x: !vault |-\n      {block}\n    y: [ 'q' ,\"r\"]\nflow: {{a: !vault {quoted}, b: 2}}  # end\nö: ü\n\
             rest: [\n  !vault {quoted} # said\n]\nlast: {{\n  z: !vault {quoted}\n}}\n",
            quoted = quoted(&sealed)
        )
    }

    const TEXTS: [&str; 14] = [
        "s3cret",
        "12345",
        "yes",
        "with: colon # and hash",
        " leading",
        "line one\nline two",
        "line one\nline two\n",
        "ends twice\n\n",
        "tab\tand \"quotes\" and \\",
        "",
        "\n",
        "bell\u{7} and next\u{85}line",
        "  first indented\nthen not",
        "{{ template }}",
    ];

    #[test]
    fn values_are_opened_where_they_stand_and_nothing_else_changes() {
        for plain in TEXTS {
            let text = file(plain);
            let open = read(&text).decrypted(&vault()).unwrap();
            let open = open.expose_text().into_owned();
            let source = Source::new("x", open.as_str());
            let root = yaml::load(&source, &yaml::Options::data());
            let root = root
                .unwrap_or_else(|error| panic!("{plain:?}: {error:?}\n{open}"))
                .root;
            let list = root.get("list").unwrap().items().unwrap();
            for node in [
                root.get("secret").unwrap(),
                &list[0],
                list[1].get("x").unwrap(),
                root.get("flow").unwrap().get("a").unwrap(),
                &root.get("rest").unwrap().items().unwrap()[0],
                root.get("last").unwrap().get("z").unwrap(),
            ] {
                assert_eq!(node.as_str(), Some(plain), "{plain:?}\n{open}");
            }
            for kept in [
                "# a comment\na: 1   # kept\n",
                "    y: [ 'q' ,\"r\"]\n",
                ", b: 2}  # end\nö: ü\nrest: [\n  ",
                " # said\n]\nlast: {\n  z: ",
            ] {
                assert!(open.contains(kept), "{open}");
            }
        }
    }

    #[test]
    fn what_is_not_changed_stays_as_it_is() {
        let seal = |text: &Secret, _: Option<&Opened>| vault().seal(text.expose(), None, None);
        for plain in ["s3cret", "one\ntwo\n", ""] {
            let text = file(plain);
            let inline = read(&text);
            let shown = inline.shown(&vault()).unwrap();
            let after = inline.edited(&vault(), &shown, &seal).unwrap();
            assert_eq!(after.expose_text(), text, "{plain:?}");
        }
    }

    #[test]
    fn what_is_changed_or_new_is_encrypted() {
        let seal = |text: &Secret, _: Option<&Opened>| vault().seal(text.expose(), None, None);
        let text = file("old");
        let inline = read(&text);
        let shown = inline.shown(&vault()).unwrap().expose_text().into_owned();
        let after =
            shown.replacen("secret: !vault old", "secret: !vault new", 1) + "more: !vault 'it'\n";
        let after = inline.edited(&vault(), &Secret::new(after), &seal).unwrap();
        let after = after.expose_text().into_owned();
        assert!(!after.contains("new") && !after.contains("'it'"), "{after}");
        let opened = read(&after)
            .shown(&vault())
            .unwrap()
            .expose_text()
            .into_owned();
        assert!(opened.contains("secret: !vault new\n"), "{opened}");
        assert!(opened.ends_with("more: !vault it\n"), "{opened}");
        assert_eq!(opened.matches("!vault old").count(), 2, "{opened}");
        // The others are the very same texts.
        let (_, before) = text.split_once("list:").unwrap();
        assert!(after.contains(before), "{after}");
    }

    #[test]
    fn a_value_that_does_not_count_is_not_left_open() {
        let seal = |text: &Secret, _: Option<&Opened>| vault().seal(text.expose(), None, None);
        let twice = file("old") + "secret: 1\n";
        let error = Inline::of(Path::new("x"), &Secret::new(twice)).unwrap_err();
        assert!(
            error
                .message()
                .contains("has 6 `!vault` values, of which 5 count"),
            "{error}"
        );
        let inline = read(&file("old"));
        let shown = inline.shown(&vault()).unwrap().expose_text().into_owned();
        for twice in ["secret: !vault again\n", "a: !vault x\na: !vault y\n"] {
            let after = Secret::new(shown.clone() + twice);
            assert!(inline.edited(&vault(), &after, &seal).is_err(), "{twice}");
        }
    }

    #[test]
    fn rekeying_changes_the_values_alone() {
        let text = file("s3cret");
        let mut new = Vault::new();
        new.add("prod", Secret::new("another"));
        let seal = |text: &Secret| new.seal(text.expose(), Some("prod"), None);
        let after = read(&text).rekeyed(&vault(), &seal).unwrap();
        let after = after.expose_text().into_owned();
        assert!(read(&after).shown(&vault()).is_err());
        let outside = |text: &str| -> Vec<String> {
            let is_outside = |line: &&str| {
                !line.trim().starts_with("$ANSIBLE")
                    && !line.trim().chars().all(|c| c.is_ascii_hexdigit())
            };
            let lines = text
                .lines()
                .filter(is_outside)
                .filter(|line| !line.contains("!vault \""));
            lines.map(|line| line.replace("|-", "|")).collect()
        };
        assert_eq!(outside(&after), outside(&text));
        let one = read(&after)
            .decrypted(&new)
            .unwrap()
            .expose_text()
            .into_owned();
        assert_eq!(one, read(&text).decrypted(&vault()).unwrap().expose_text());
    }

    #[test]
    fn files_without_such_values_are_none() {
        for text in [
            "a: 1\n",
            "$ANSIBLE_VAULT;1.1;AES256\n31\n",
            "{{ no yaml",
            "\u{0}",
        ] {
            let found = Inline::of(Path::new("x"), &Secret::new(text)).unwrap();
            assert!(found.is_none(), "{text}");
        }
        let broken = Secret::new("a: !vault |\n  x\n b: [\n");
        assert!(Inline::of(Path::new("x"), &broken).is_err());
    }
}
