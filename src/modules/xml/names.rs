//! Names, and the letters that a document may hold.

/// The namespace of `xml:lang` and its like, which nobody has to declare.
pub const XML_SPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// Prefixes that are customary for a namespace.
const KNOWN: &[(&str, &str)] = &[
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("html", "http://www.w3.org/1999/xhtml"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("soap-env", "http://schemas.xmlsoap.org/soap/envelope/"),
    ("wsdl", "http://schemas.xmlsoap.org/wsdl/"),
    ("xml", XML_SPACE),
    ("xs", "http://www.w3.org/2001/XMLSchema"),
    ("xsi", "http://www.w3.org/2001/XMLSchema-instance"),
];

/// The name of an element or an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// Its prefix; empty where it has none.
    pub prefix: String,
    /// The URI of its namespace; empty where it is in none.
    pub space: String,
    /// The rest.
    pub local: String,
}

impl Name {
    /// A name without prefix and namespace.
    pub fn plain(local: &str) -> Self {
        Name {
            local: local.to_owned(),
            ..Name::default()
        }
    }

    /// A name as a task writes it: `name` or `{URI}name`.
    ///
    /// # Errors
    /// It is no name.
    pub fn of_task(text: &str) -> Result<Self, String> {
        let (space, local) = match text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some(parts) => parts,
            None => ("", text),
        };
        if !is_name(local) || local.contains(':') {
            let hint = if local.contains(':') {
                "; a name in a namespace is written `{URI}name`"
            } else {
                ""
            };
            return Err(format!("`{text}` is not a name for an element or an attribute{hint}"));
        }
        Ok(Name::in_space(space, local))
    }

    /// A name in a namespace, with the prefix that a new element of that name gets.
    pub fn in_space(space: &str, local: &str) -> Self {
        let prefix = match space {
            "" => "",
            space => known_prefix(space).unwrap_or("ns0"),
        };
        Name {
            prefix: prefix.to_owned(),
            space: space.to_owned(),
            local: local.to_owned(),
        }
    }

    /// Says whether two names are the same, whatever their prefixes.
    pub fn is(&self, other: &Name) -> bool {
        self.local == other.local && self.space == other.space
    }

    /// The name as a document writes it.
    pub fn written(&self) -> String {
        match self.prefix.as_str() {
            "" => self.local.clone(),
            prefix => format!("{prefix}:{}", self.local),
        }
    }

    /// The name as results tell it: `{URI}name`.
    pub fn told(&self) -> String {
        match self.space.as_str() {
            "" => self.local.clone(),
            space => format!("{{{space}}}{}", self.local),
        }
    }
}

/// The prefix that is customary for a namespace.
pub fn known_prefix(space: &str) -> Option<&'static str> {
    let found = KNOWN.iter().find(|(_, known)| *known == space);
    found.map(|(prefix, _)| *prefix)
}

/// Says whether a text is a name by XML's rules; it may hold one colon.
pub fn is_name(text: &str) -> bool {
    let part = |part: &str| {
        let mut letters = part.chars();
        letters.next().is_some_and(starts_name) && letters.all(continues_name)
    };
    match text.split_once(':') {
        Some((prefix, local)) => part(prefix) && part(local),
        None => part(text),
    }
}

fn starts_name(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}'
        | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}'
        | '\u{200c}' | '\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn continues_name(c: char) -> bool {
    starts_name(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
}

/// Says whether a document may hold a letter.
pub fn is_letter(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Says whether a letter is white space by XML's rules.
pub fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' ')
}
