//! Texts in other encodings than UTF-8, by the names that Python gives them.
//!
//! Encodings of one byte a letter are tables made from Python's own (`tables.txt`): the web's tables
//! differ from them. Those of several bytes are encoding_rs's, those of all of Unicode our own.

mod unicode;

pub use unicode::{Order, Unicode};

use std::collections::HashMap;
use std::sync::LazyLock;

/// An encoding.
#[derive(Clone, Copy, Debug)]
pub enum Charset {
    /// The first 128 letters.
    Ascii,
    /// The first 256 letters.
    Latin1,
    /// What all of Rust's texts are.
    Utf8,
    /// Another one that has every letter.
    Unicode(Unicode),
    /// A letter for each byte, or none.
    Table(&'static Table),
    /// Several bytes a letter.
    Wide(&'static encoding_rs::Encoding),
}

/// The letters of 256 bytes.
#[derive(Debug)]
pub struct Table {
    letters: [Option<char>; 256],
    bytes: HashMap<char, u8>,
}

const TEXT: &str = include_str!("tables.txt");

static TABLES: LazyLock<HashMap<&'static str, Table>> =
    LazyLock::new(|| TEXT.lines().filter_map(row).collect());

static ALIASES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let rows = TEXT.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| {
        let mut cells = line.split('|').map(str::trim);
        Some((cells.next()?, cells.next()?))
    })
    .flat_map(|(name, others)| others.split(' ').map(move |other| (other, name)))
    .collect()
});

/// The encodings of several bytes: Python's names, and the web's name.
const WIDE: &[(&[&str], &str)] = &[
    (&["gbk", "936", "cp936", "ms936"], "gbk"),
    (
        &[
            "gb2312",
            "chinese",
            "euc_cn",
            "euccn",
            "gb2312_80",
            "iso_ir_58",
        ],
        "gbk",
    ),
    (&["gb18030", "gb18030_2000"], "gb18030"),
    (
        &["big5", "big5_tw", "csbig5", "cp950", "950", "ms950"],
        "big5",
    ),
    (&["euc_jp", "eucjp", "ujis", "u_jis"], "euc-jp"),
    (
        &[
            "shift_jis",
            "shiftjis",
            "sjis",
            "s_jis",
            "csshiftjis",
            "cp932",
            "932",
            "ms932",
        ],
        "shift_jis",
    ),
    (
        &["iso2022_jp", "iso_2022_jp", "iso2022jp", "csiso2022jp"],
        "iso-2022-jp",
    ),
    (
        &[
            "euc_kr",
            "euckr",
            "korean",
            "ks_c_5601",
            "ks_c_5601_1987",
            "ksx1001",
            "cp949",
            "949",
            "uhc",
        ],
        "euc-kr",
    ),
];

/// One line of the tables.
fn row(line: &'static str) -> Option<(&'static str, Table)> {
    if line.starts_with('#') {
        return None;
    }
    let mut cells = line.split('|').map(str::trim);
    let (name, _, letters) = (cells.next()?, cells.next()?, cells.next()?);
    let mut table = Table {
        letters: [None; 256],
        bytes: HashMap::new(),
    };
    let mut at = 0_usize;
    for word in letters.split(' ') {
        let (count, first) = word.split_once('*').unwrap_or(("1", word));
        let count = usize::from_str_radix(count, 16).ok()?;
        let first = u32::from_str_radix(first, 16).ok()?;
        for step in 0..count {
            let step32 = u32::try_from(step).ok()?;
            let letter = (first != 0xffff)
                .then(|| char::from_u32(first + step32))
                .flatten();
            *table.letters.get_mut(at)? = letter;
            if let Some(letter) = letter {
                table.bytes.insert(letter, u8::try_from(at).ok()?);
            }
            at += 1;
        }
    }
    Some((name, table))
}

/// The encoding that Python calls `name`; nothing for what is none.
pub fn charset(name: &str) -> Option<Charset> {
    let plain = name
        .trim()
        .to_ascii_lowercase()
        .replace(['-', ' ', '.'], "_");
    match plain.as_str() {
        "ascii" | "us_ascii" | "646" | "ansi_x3_4_1968" | "cp367" | "csascii" | "ibm367"
        | "iso646_us" | "iso_ir_6" | "us" => return Some(Charset::Ascii),
        "latin_1" | "latin1" | "latin" | "l1" | "8859" | "cp819" | "csisolatin1" | "ibm819"
        | "iso8859" | "iso8859_1" | "iso_8859_1" | "iso_ir_100" => return Some(Charset::Latin1),
        "utf_8" | "utf8" | "u8" | "utf" | "cp65001" => return Some(Charset::Utf8),
        _ => {}
    }
    if let Some(unicode) = Unicode::named(&plain) {
        return Some(Charset::Unicode(unicode));
    }
    let full = ALIASES.get(plain.as_str()).copied().unwrap_or(&plain);
    if let Some(table) = TABLES.get(full) {
        return Some(Charset::Table(table));
    }
    let (_, web) = WIDE.iter().find(|(names, _)| names.contains(&full))?;
    encoding_rs::Encoding::for_label(web.as_bytes()).map(Charset::Wide)
}

impl Charset {
    /// The text of bytes; nothing where some are no letter.
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Charset::Ascii if !bytes.is_ascii() => None,
            Charset::Ascii | Charset::Latin1 => {
                Some(bytes.iter().copied().map(char::from).collect())
            }
            Charset::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Charset::Unicode(unicode) => unicode.decode(bytes),
            Charset::Table(table) => bytes.iter().map(|byte| table.letter(*byte)).collect(),
            Charset::Wide(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(bytes)
                .map(|text| text.into_owned()),
        }
    }

    /// The bytes of a text; the first letter that the encoding does not have otherwise.
    ///
    /// # Errors
    /// The text has a letter that the encoding has not.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, char> {
        match self {
            Charset::Ascii => narrow(text, 0x7f),
            Charset::Latin1 => narrow(text, 0xff),
            Charset::Utf8 => Ok(text.as_bytes().to_vec()),
            Charset::Unicode(unicode) => Ok(unicode.encode(text)),
            Charset::Table(table) => text
                .chars()
                .map(|letter| table.bytes.get(&letter).copied().ok_or(letter))
                .collect(),
            Charset::Wide(encoding) => {
                let (bytes, _, failed) = encoding.encode(text);
                if !failed {
                    return Ok(bytes.into_owned());
                }
                let strange = text
                    .chars()
                    .find(|letter| encoding.encode(letter.encode_utf8(&mut [0; 4])).2);
                Err(strange.unwrap_or(char::REPLACEMENT_CHARACTER))
            }
        }
    }
}

/// The bytes of a text whose letters have numbers up to `most`.
fn narrow(text: &str, most: u8) -> Result<Vec<u8>, char> {
    let byte = |letter: char| {
        u8::try_from(u32::from(letter))
            .ok()
            .filter(|byte| *byte <= most)
    };
    text.chars()
        .map(|letter| byte(letter).ok_or(letter))
        .collect()
}

impl Table {
    /// The letter of a byte.
    pub fn letter(&self, byte: u8) -> Option<char> {
        self.letters.get(usize::from(byte)).copied().flatten()
    }

    /// The byte of a letter.
    pub fn byte(&self, letter: char) -> Option<u8> {
        self.bytes.get(&letter).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{TABLES, TEXT, charset};

    #[test]
    fn every_table_has_256_letters_and_comes_back() {
        let rows = TEXT.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(TABLES.len(), rows);
        for name in TABLES.keys() {
            let it = charset(name).unwrap();
            for byte in 0..=255 {
                if let Some(text) = it.decode(&[byte]) {
                    let again = it.encode(&text).unwrap();
                    assert_eq!(it.decode(&again).unwrap(), text, "{name} {byte}");
                }
            }
        }
    }

    #[test]
    fn bytes_are_those_of_python() {
        for (name, text, bytes) in [
            ("cp273", "Grüße\n", &b"\xc7\x99\xd0\xa1\x85\x25"[..]),
            ("IBM037", "Hi", b"\xc8\x89"),
            ("windows-1252", "€ ’", b"\x80 \x92"),
            ("cp1251", "да", b"\xe4\xe0"),
            ("iso-8859-15", "€", b"\xa4"),
            ("gbk", "中文", b"\xd6\xd0\xce\xc4"),
            ("GB18030", "€", b"\xa2\xe3"),
            ("shift_jis", "日本", b"\x93\xfa\x96\x7b"),
            ("euc-kr", "한", b"\xc7\xd1"),
            ("koi8-r", "я", b"\xd1"),
            ("cp437", "é", b"\x82"),
            ("utf-16", "a", b"\xff\xfea\0"),
            ("UTF-16-BE", "é😀", b"\0\xe9\xd8\x3d\xde\0"),
            ("utf-32", "é", b"\xff\xfe\0\0\xe9\0\0\0"),
            ("utf_32_le", "😀", b"\0\xf6\x01\0"),
            ("utf-8-sig", "é", b"\xef\xbb\xbf\xc3\xa9"),
            ("utf-7", "é😀+-a~", b"+AOnYPd4AACs--a+AH4-"),
            ("U7", "a+b é.", b"a+-b +AOk."),
            ("latin-1", "é", b"\xe9"),
        ] {
            let it = charset(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(it.encode(text).unwrap(), bytes, "{name}");
            assert_eq!(it.decode(bytes).unwrap(), text, "{name}");
        }
        assert_eq!(charset("cp1252").unwrap().encode("a語"), Err('語'));
        // Python's table has no letter there, the web's has.
        assert!(charset("cp1252").unwrap().decode(b"\x81").is_none());
        assert!(charset("klingon").is_none());
        for (name, bytes) in [
            ("utf-7", &b"+"[..]),
            ("utf-7", b"+AO"),
            ("utf-7", b"+!"),
            ("utf-7", b"\xe9"),
            ("utf-16", b"abc"),
            ("utf-32", b"abcdef"),
            ("utf-32-le", b"\0\xd8\0\0"),
            ("ascii", b"\xe9"),
        ] {
            let text = charset(name).unwrap().decode(bytes);
            assert!(text.is_none_or(|text| text.is_empty()), "{name} {bytes:?}");
        }
        // Only the encoding that has a mark takes it for one.
        assert_eq!(
            charset("utf-16-le").unwrap().decode(b"\xff\xfe").unwrap(),
            "\u{feff}"
        );
        assert_eq!(
            charset("utf-16").unwrap().decode(b"\xfe\xff\0a").unwrap(),
            "a"
        );
    }
}
