//! Memory, in MiB.

use std::collections::HashMap;

use crate::entries;
use crate::facts::sections::Sections;
use crate::value::Map;

/// `memtotal_mb` and its kin, `memory_mb`.
pub(in crate::facts) fn read(sections: &Sections, facts: &mut Map) {
    let Some(text) = sections.file("/proc/meminfo") else {
        return;
    };
    let sizes = sizes(text);
    let size = |name: &str| sizes.get(name).copied();
    for name in ["MemTotal", "MemFree", "SwapTotal", "SwapFree"] {
        if let Some(size) = size(name) {
            facts.set(&format!("{}_mb", name.to_lowercase()), size);
        }
    }
    let minus = |from: Option<i64>, what: Option<i64>| Some(from? - what?);
    let total = size("MemTotal");
    let free = size("MemFree");
    let without_cache = sum([size("Cached"), free, size("Buffers")]);
    let memory = entries! {
        "real" => entries! { "total" => total, "used" => minus(total, free), "free" => free },
        "nocache" => entries! { "free" => without_cache, "used" => minus(total, without_cache) },
        "swap" => entries! {
            "total" => size("SwapTotal"),
            "free" => size("SwapFree"),
            "used" => minus(size("SwapTotal"), size("SwapFree")),
            "cached" => size("SwapCached"),
        },
    };
    facts.set("memory_mb", memory);
}

/// The figures of `/proc/meminfo`, each rounded down to MiB by itself, as the reference does.
fn sizes(text: &str) -> HashMap<&str, i64> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let figures = lines.filter_map(|(name, rest)| {
        let kib: i64 = rest.split_whitespace().next()?.parse().ok()?;
        Some((name, kib / 1024))
    });
    figures.collect()
}

fn sum(parts: [Option<i64>; 3]) -> Option<i64> {
    parts.into_iter().sum()
}
