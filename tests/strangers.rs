//! The properties of the fuzz targets, for a moment: strangers' bytes end with a value or an error.

use proptest::prelude::*;

#[path = "../fuzz/properties.rs"]
mod properties;

/// Words that mean something to the readers, and bytes that mean nothing.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "\n\u{1} .end 0\n",
        "\n\u{1} name\n",
        "\n\u{1} -\n",
        "\n",
        "\u{1}",
        " .end ",
        "\0",
        "/proc/meminfo",
        "files",
        "addresses",
        "df",
        "lsblk",
        "local",
        "local_text",
        "local_rc",
        "links",
        "sizes",
        "facter",
        "{\"a\": 1}",
        "uname",
        "hosts",
        "SSH-",
        "SSH-2.0-x\r\n",
        "S",
        "SS",
        "18446744073709551616",
        "-1",
        ": ",
        "1: lo: <UP> mtu 65536",
        "MemTotal: 99999999999999999999 kB",
        "processor : 0",
        "env",
        "A=b",
        "date",
        "now",
        "devices",
        "dmi",
        "route_ipv4",
    ]);
    let piece = prop_oneof![
        3 => words.prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_reply_of_a_host(cut in any::<(u8, u8)>(), text in text()) {
        properties::reply(&[&[cut.0, cut.1][..], &text].concat());
    }

    #[test]
    fn the_facts_of_a_host(text in text()) {
        properties::facts(&text);
    }

    #[test]
    fn the_hello_of_a_server(text in text()) {
        properties::hello(&text);
    }
}
