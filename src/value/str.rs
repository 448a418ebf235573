//! Text that knows where it was read and whether it may be a template.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroize;

use crate::error::Place;

/// A string. Cheap to clone; equality looks at the text alone. One that came out of a vault is wiped
/// when its last clone is dropped.
#[derive(Clone)]
pub struct Str {
    text: Arc<str>,
    place: Option<Place>,
    trusted: bool,
    secret: bool,
}

impl Str {
    /// Text that is data and never a template: a host's reply, a lookup's answer.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Str {
            text: text.into(),
            place: None,
            trusted: false,
            secret: false,
        }
    }

    /// Text from the user's own files, which may be a template.
    pub fn template(text: impl Into<Arc<str>>, place: Option<Place>) -> Self {
        Str {
            text: text.into(),
            secret: is_sealed(place.as_ref()),
            place,
            trusted: true,
        }
    }

    /// Text that was read at a place and yet is no template (`!unsafe`).
    pub fn placed(text: impl Into<Arc<str>>, place: Option<Place>) -> Self {
        Str {
            text: text.into(),
            secret: is_sealed(place.as_ref()),
            place,
            trusted: false,
        }
    }

    /// The same text as what a vault hid.
    #[must_use]
    pub fn secret(&self) -> Str {
        let mut same = self.clone();
        same.secret = true;
        same
    }

    /// Says whether the text came out of a vault.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The shared text.
    pub fn shared(&self) -> &Arc<str> {
        &self.text
    }

    /// Where it was read.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// Says whether the text is the user's own and may be rendered.
    pub fn is_trusted(&self) -> bool {
        self.trusted
    }

    /// Says whether rendering would do anything: trusted, and with a `{{`, `{%` or `{#` in it.
    pub fn is_template(&self) -> bool {
        self.trusted && looks_like_template(&self.text)
    }

    /// The same text as data.
    #[must_use]
    pub fn untrusted(&self) -> Str {
        let mut same = self.clone();
        same.trusted = false;
        same
    }

    /// The same text as the user's own.
    #[must_use]
    pub fn trusted(&self) -> Str {
        let mut same = self.clone();
        same.trusted = true;
        same
    }

    /// Another text that stands at the same place with the same trust.
    #[must_use]
    pub fn with_text(&self, text: impl Into<Arc<str>>) -> Str {
        let mut other = self.clone();
        other.text = text.into();
        other
    }
}

/// Says whether `text` holds the beginning of a Jinja tag.
fn looks_like_template(text: &str) -> bool {
    text.as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, b"{{" | b"{%" | b"{#"))
}

fn is_sealed(place: Option<&Place>) -> bool {
    place.is_some_and(|place| place.source.is_sealed())
}

impl Drop for Str {
    fn drop(&mut self) {
        if self.secret
            && let Some(text) = Arc::get_mut(&mut self.text)
        {
            text.zeroize();
        }
    }
}

impl std::ops::Deref for Str {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Str {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Str {}

impl std::hash::Hash for Str {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Str::new(text)
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Str::new(text)
    }
}
