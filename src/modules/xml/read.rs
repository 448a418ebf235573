//! A text becomes a tree. quick-xml finds the marks; what makes a document well-formed beyond that
//! (names, namespaces, letters, one root) is checked here, and depth and size are bounded. A document
//! that declares types of its own is not read: entities are the known way to make a small text huge.

use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};

use super::doctype;
use super::names::{Name, XML_SPACE, is_blank, is_letter, is_name};
use super::tree::{DOCUMENT, Element, Id, Kind, Tree};

/// How a document is read.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// Read CDATA as text.
    pub strip_cdata: bool,
    /// Leave white space out that only lays out.
    pub strip_blanks: bool,
    /// The limits.
    pub limits: Limits,
}

/// What a document may have.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How deep its elements may stand in each other.
    depth: usize,
    /// How many bytes it may have.
    bytes: usize,
    /// How many elements, texts and so on.
    nodes: usize,
}

impl Limits {
    /// The limits, those of a huge document where that is asked for.
    pub fn new(huge: bool) -> Self {
        let times = if huge { 8 } else { 1 };
        Limits {
            depth: 256 * times,
            bytes: 16_000_000 * times,
            nodes: 500_000 * times,
        }
    }

    /// No limits, for what was read once.
    pub fn none() -> Self {
        Limits {
            depth: usize::MAX,
            bytes: usize::MAX,
            nodes: usize::MAX,
        }
    }
}

/// Reads a document.
///
/// # Errors
/// What is wrong with it, and in which line.
pub fn read(text: &str, how: How) -> Result<Tree, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > how.limits.bytes {
        return Err(format!("it has {} bytes, too many without `huge_tree`", text.len()));
    }
    if let Some((at, letter)) = text.char_indices().find(|(_, letter)| !is_letter(*letter)) {
        return Err(in_line(text, at, &format!("a document may not hold `{}`", letter.escape_unicode())));
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut builder = Builder::new(how);
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| {
            let at = usize::try_from(reader.error_position()).unwrap_or(at);
            in_line(text, at, &error.to_string())
        })?;
        if matches!(event, Event::Eof) {
            break;
        }
        builder.take(event, at == 0).map_err(|why| in_line(text, at, &why))?;
    }
    builder.finish().map_err(|why| in_line(text, text.len(), &why))
}

fn in_line(text: &str, at: usize, why: &str) -> String {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    format!("line {line}: {why}")
}

struct Builder {
    tree: Tree,
    how: How,
    /// The elements that are open, from the outside.
    open: Vec<Id>,
    /// The text that is being read.
    text: String,
    /// Whether it has references, and so is not for layout.
    referred: bool,
}

impl Builder {
    fn new(how: How) -> Self {
        Builder {
            tree: Tree::new(),
            how,
            open: Vec::new(),
            text: String::new(),
            referred: false,
        }
    }

    fn take(&mut self, event: Event, first: bool) -> Result<(), String> {
        match event {
            Event::Text(text) => return self.text(&text.xml10_content()),
            Event::GeneralRef(reference) => return self.reference(&reference),
            Event::End(_) => self.flush(true)?,
            _ => self.flush(false)?,
        }
        match event {
            Event::Start(start) => {
                let id = self.start(&start)?;
                self.open.push(id);
                if self.open.len() > self.how.limits.depth {
                    return Err("its elements stand too deep in each other".to_owned());
                }
            }
            Event::Empty(start) => {
                self.start(&start)?;
            }
            Event::End(_) => {
                self.open.pop();
            }
            Event::CData(text) if self.open.is_empty() => {
                return Err(format!("`{}` stands outside of the root", text.escape_debug()));
            }
            Event::CData(text) if self.how.strip_cdata => {
                self.text.push_str(&text.xml10_content());
                self.referred = true;
            }
            Event::CData(text) => {
                self.add(Kind::Cdata(text.xml10_content().into_owned()))?;
            }
            Event::Comment(text) => {
                self.add(Kind::Comment(text.xml10_content().into_owned()))?;
            }
            Event::PI(text) => {
                if !is_name(text.target()) || text.target().eq_ignore_ascii_case("xml") {
                    return Err(format!("`<?{}` is not an instruction", text.target()));
                }
                self.add(Kind::Instruction(unix_ends(&text)))?;
            }
            Event::DocType(text) => self.doctype(&text)?,
            Event::Decl(declaration) => self.declaration(&declaration, first)?,
            Event::Text(_) | Event::GeneralRef(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Tree, String> {
        self.flush(false)?;
        if let Some(element) = self.open.last().and_then(|id| self.tree.element(*id)) {
            return Err(format!("`<{}>` is not closed", element.name.written()));
        }
        if self.tree.root().is_none() {
            return Err("it has no element".to_owned());
        }
        Ok(self.tree)
    }

    fn add(&mut self, kind: Kind) -> Result<Id, String> {
        if self.tree.len() > self.how.limits.nodes {
            return Err("it has too many elements and texts without `huge_tree`".to_owned());
        }
        let id = self.tree.make(kind);
        let parent = self.open.last().copied().unwrap_or(DOCUMENT);
        self.tree.append(parent, id);
        Ok(id)
    }

    fn declaration(&mut self, declaration: &BytesDecl, first: bool) -> Result<(), String> {
        if !first {
            return Err("the XML declaration does not stand at the beginning".to_owned());
        }
        let version = declaration.version().map_err(|error| error.to_string())?;
        let known = version.starts_with("1.") && version.chars().all(|c| c.is_ascii_digit() || c == '.');
        if !known {
            return Err(format!("version `{version}` of XML is unknown"));
        }
        self.tree.version = version.into_owned();
        Ok(())
    }

    fn doctype(&mut self, text: &str) -> Result<(), String> {
        let mut before = self.tree.children(DOCUMENT).iter();
        let late = before.any(|id| matches!(self.tree.kind(*id), Kind::Doctype(_) | Kind::Element(_)));
        if late {
            return Err("its DOCTYPE does not stand before the root".to_owned());
        }
        let doctype = doctype::read(text)?;
        self.add(Kind::Doctype(doctype)).map(drop)
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        if self.open.is_empty() {
            return match text.chars().all(is_blank) {
                true => Ok(()),
                false => Err("text stands outside of the root".to_owned()),
            };
        }
        if text.contains("]]>") {
            return Err("`]]>` stands in a text".to_owned());
        }
        self.text.push_str(text);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef) -> Result<(), String> {
        if self.open.is_empty() {
            return Err("text stands outside of the root".to_owned());
        }
        self.text.push(letter(reference)?);
        self.referred = true;
        Ok(())
    }

    /// Ends the text that is being read.
    fn flush(&mut self, closing: bool) -> Result<(), String> {
        let text = std::mem::take(&mut self.text);
        let referred = std::mem::take(&mut self.referred);
        if text.is_empty() || !referred && self.only_lays_out(&text, closing) {
            return Ok(());
        }
        self.add(Kind::Text(text)).map(drop)
    }

    /// Says whether a text is left out: it is blank, and its element has no text before it and at
    /// its beginning. These are libxml2's rules, which a document laid out by it comes back from.
    fn only_lays_out(&self, text: &str, closing: bool) -> bool {
        let Some(parent) = self.open.last().copied().filter(|_| self.how.strip_blanks) else {
            return false;
        };
        let children = self.tree.children(parent);
        let ends = [children.first(), children.last()];
        let mixed = ends.into_iter().flatten().any(|child| self.tree.is_text(*child));
        let whole = closing && children.is_empty();
        text.chars().all(is_blank)
            && !mixed
            && !whole
            && !self.keeps_space(parent)
    }

    fn keeps_space(&self, id: Id) -> bool {
        let name = Name::in_space(XML_SPACE, "space");
        let mut said = self.tree.upward(id).filter_map(|id| self.tree.element(id)?.attribute(&name));
        said.next() == Some("preserve")
    }

    fn start(&mut self, start: &BytesStart) -> Result<Id, String> {
        if self.open.is_empty() && self.tree.root().is_some() {
            return Err("a second element stands outside of the root".to_owned());
        }
        let name = start.name();
        let name = name.as_ref();
        check_name(name)?;
        let written = attributes(start)?;
        let mut spaces = Vec::new();
        for (name, value) in &written {
            if let Some(prefix) = declares(name) {
                if value.is_empty() && !prefix.is_empty() {
                    return Err(format!("`{name}` is empty"));
                }
                spaces.push((prefix.to_owned(), value.clone()));
            }
        }
        let id = self.add(Kind::Element(Element {
            name: Name::plain(name),
            spaces,
            attributes: Vec::new(),
        }))?;
        let resolved = self.resolve(id, name, true)?;
        let mut attributes: Vec<(Name, String)> = Vec::new();
        for (name, value) in written.into_iter().filter(|(name, _)| declares(name).is_none()) {
            let name = self.resolve(id, &name, false)?;
            if attributes.iter().any(|(known, _)| known.is(&name)) {
                return Err(format!("attribute `{}` stands twice", name.written()));
            }
            attributes.push((name, value));
        }
        if let Some(element) = self.tree.element_mut(id) {
            element.name = resolved;
            element.attributes = attributes;
        }
        Ok(id)
    }

    /// The name with its namespace.
    fn resolve(&self, id: Id, name: &str, default: bool) -> Result<Name, String> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let space = match self.tree.space_of(id, prefix) {
            _ if prefix.is_empty() && !default => "",
            Some(space) => space,
            None if prefix.is_empty() => "",
            None => return Err(format!("the prefix of `{name}` is not declared")),
        };
        Ok(Name {
            prefix: prefix.to_owned(),
            space: space.to_owned(),
            local: local.to_owned(),
        })
    }
}

/// The prefix that an attribute declares.
fn declares(name: &str) -> Option<&str> {
    match name {
        "xmlns" => Some(""),
        name => name.strip_prefix("xmlns:"),
    }
}

fn check_name(name: &str) -> Result<(), String> {
    match is_name(name) {
        true => Ok(()),
        false => Err(format!("`{name}` is not a name")),
    }
}

/// The attributes as they are written, their values read.
fn attributes(start: &BytesStart) -> Result<Vec<(String, String)>, String> {
    let raw = start.attributes_raw();
    let mut all = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let name: &str = attribute.key.as_ref();
        check_name(name)?;
        let at = (name.as_ptr() as usize).wrapping_sub(raw.as_ptr() as usize);
        let before = raw.get(..at).and_then(|before| before.chars().next_back());
        if !before.is_none_or(is_blank) {
            return Err(format!("no space stands before attribute `{name}`"));
        }
        all.push((name.to_owned(), attribute_value(&attribute.value)?));
    }
    Ok(all)
}

/// A value: white space becomes spaces, references become letters.
fn attribute_value(raw: &str) -> Result<String, String> {
    if raw.contains('<') {
        return Err("`<` stands in the value of an attribute".to_owned());
    }
    let raw = unix_ends(raw).replace(is_blank, " ");
    let mut parts = raw.split('&');
    let mut value = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (reference, rest) = part
            .split_once(';')
            .ok_or_else(|| "`&` stands alone in the value of an attribute".to_owned())?;
        value.push(letter(&BytesRef::new(reference))?);
        value.push_str(rest);
    }
    Ok(value)
}

/// The letter that a reference stands for.
fn letter(reference: &BytesRef) -> Result<char, String> {
    let name: &str = reference;
    let wrong = || format!("`&{name};` stands for no letter");
    let letter = match name {
        "amp" => '&',
        "apos" => '\'',
        "gt" => '>',
        "lt" => '<',
        "quot" => '"',
        _ if reference.is_char_ref() => {
            let letter = reference.resolve_char_ref().map_err(|_| wrong())?;
            letter.filter(|letter| is_letter(*letter)).ok_or_else(wrong)?
        }
        _ => return Err(format!("entity `{name}` is not defined")),
    };
    Ok(letter)
}

fn unix_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The text of a file, in the encoding that its first bytes tell.
///
/// # Errors
/// The encoding is not known, or the bytes are not of it.
pub fn decode(bytes: &[u8]) -> Result<String, String> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let pairs = bytes.chunks_exact(2);
        let whole = pairs.remainder().is_empty();
        let units: Vec<u16> = pairs.filter_map(|pair| pair.try_into().ok().map(unit)).collect();
        let text = String::from_utf16(&units).ok().filter(|_| whole);
        text.ok_or_else(|| "it is not UTF-16, as its first bytes say".to_owned())
    };
    match bytes {
        [0xfe, 0xff, rest @ ..] => return utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => return utf16(rest, u16::from_le_bytes),
        _ => {}
    }
    let encoding = declared_encoding(bytes);
    match encoding.to_ascii_lowercase().as_str() {
        "" | "ascii" | "us-ascii" | "utf-8" | "utf8" => std::str::from_utf8(bytes)
            .map(str::to_owned)
            .map_err(|error| format!("its byte {} is not UTF-8", error.valid_up_to())),
        "iso-8859-1" | "latin-1" | "latin1" => Ok(bytes.iter().copied().map(char::from).collect()),
        _ => Err(format!("its encoding `{encoding}` is not read; utf-8, utf-16 and iso-8859-1 are")),
    }
}

/// The encoding that the XML declaration names; empty where it names none.
fn declared_encoding(bytes: &[u8]) -> String {
    let head = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = String::from_utf8_lossy(head.get(..200).unwrap_or(head));
    let declaration = head
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
        .map_or("", |(declaration, _)| declaration);
    let Some((_, after)) = declaration.split_once("encoding") else {
        return String::new();
    };
    let value = after.trim_start_matches(|c| is_blank(c) || c == '=');
    value.split(['"', '\'']).nth(1).unwrap_or_default().to_owned()
}
