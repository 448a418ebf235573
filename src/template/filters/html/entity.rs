//! The entities of HTML that `striptags` reads.

/// The text with `&lt;`, `&#60;`, `&#x3c;` and the named entities of HTML 4's Latin set read.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, entity) = rest.split_at(at);
        out.push_str(before);
        match read(entity) {
            Some((c, length)) => {
                out.push(c);
                rest = entity.get(length..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = entity.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// The character that an entity at the beginning of `text` means, and its length in bytes.
fn read(text: &str) -> Option<(char, usize)> {
    let body = text.strip_prefix('&')?;
    if let Some(number) = body.strip_prefix('#') {
        return numbered(number);
    }
    let end = body.find(|c: char| !c.is_ascii_alphanumeric());
    let name = body.get(..end.unwrap_or(body.len()))?;
    let c = named(name)?;
    let semicolon = usize::from(body.get(name.len()..)?.starts_with(';'));
    Some((c, 1 + name.len() + semicolon))
}

fn numbered(text: &str) -> Option<(char, usize)> {
    let hexadecimal = text.strip_prefix(['x', 'X']);
    let (digits, radix, before) = match hexadecimal {
        Some(digits) => (digits, 16, 3),
        None => (text, 10, 2),
    };
    let end = digits.find(|c: char| !c.is_digit(radix));
    let digits = digits.get(..end.unwrap_or(digits.len()))?;
    let code = u32::from_str_radix(digits, radix).ok()?;
    let c = char::from_u32(code)
        .filter(|c| *c != '\0')
        .unwrap_or('\u{fffd}');
    let length = before + digits.len();
    let all = text.get(length - 2..)?;
    Some((c, length + usize::from(all.starts_with(';'))))
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "bull" => '•',
        "euro" => '€',
        "trade" => '™',
        "larr" => '←',
        "uarr" => '↑',
        "rarr" => '→',
        "darr" => '↓',
        _ => {
            let position = LATIN.split(' ').position(|known| known == name)?;
            char::from_u32(0xa0 + u32::try_from(position).ok()?)?
        }
    })
}

/// The names of U+00A0 to U+00FF, in order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg \
macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 \
iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute \
Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute \
THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave \
iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc \
uuml yacute thorn yuml";
