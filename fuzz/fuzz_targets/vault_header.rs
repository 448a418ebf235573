//! Any text is a vault text, sealed or damaged, or an error; nothing opens without its password.

#![no_main]

use libfuzzer_sys::fuzz_target;
use play::vault::{Secret, Vault, header};

fuzz_target!(|text: &str| {
    if let Ok(header) = header(text) {
        assert_eq!(header.cipher, "AES256");
    }
    let mut vault = Vault::new();
    vault.add("default", Secret::new("password"));
    if let Err(error) = vault.open(text) {
        drop(error.report(play::error::Manner::Own, false));
    }
});
