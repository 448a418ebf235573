//! Any text is a host pattern or an error; it means hosts of the inventory, each once.

#![no_main]

use std::collections::HashSet;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use play::error::{Error, Source};
use play::inventory::{Inventory, LOCALHOST, Pattern, Plugin, read_text};

static INVENTORY: LazyLock<Inventory> = LazyLock::new(|| {
    let text = "[web]\nweb[01:12].example.com\n[db]\ndb-[a:c]\nfe80::1\n10.0.0.[1:9]\n\
                [old]\nweb03.example.com\n[all_web:children]\nweb\nold\n";
    read_text(Plugin::Ini, &Source::new("hosts", text)).expect("a good inventory")
});

fuzz_target!(|text: &str| {
    let read = |_: &str| Ok(text.replace('@', ""));
    select(Pattern::parse(text));
    select(Pattern::limit(text, read));
});

fn select(pattern: Result<Pattern, Error>) {
    let selected = pattern.and_then(|pattern| INVENTORY.select(&pattern));
    match selected {
        Err(error) => drop(error.report(play::error::Manner::Own, false)),
        Ok(selected) => {
            let known = |host: &str| INVENTORY.host(host).is_some() || LOCALHOST.contains(&host);
            assert!(selected.hosts.iter().all(|host| known(host)));
            let once: HashSet<&str> = selected.hosts.iter().map(|host| &**host).collect();
            assert_eq!(once.len(), selected.hosts.len());
        }
    }
}
