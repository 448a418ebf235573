//! Volume groups and their volumes.

use crate::entries;
use crate::facts::sections::Sections;
use crate::value::{Map, Value};

/// `lvm`: `N/A` where there are no such tools or the user may not ask them.
pub(in crate::facts) fn read(sections: &Sections, facts: &mut Map) {
    let Some(groups) = sections.output("vgs") else {
        facts.set("lvm", "N/A");
        return;
    };
    let volumes = rows(sections.output("lvs").unwrap_or_default());
    let mut vgs = Map::new();
    for row in rows(groups) {
        if let [name, physical, logical, .., size, free] = row[..] {
            let group = entries! {
                "size_g" => size,
                "free_g" => free,
                "num_lvs" => logical,
                "num_pvs" => physical,
                "lvs" => group_volumes(&volumes, name),
            };
            vgs.set(name, group);
        }
    }
    let mut lvs = Map::new();
    for row in &volumes {
        if let [name, group, _, size, ..] = row[..] {
            lvs.set(name, entries! { "size_g" => size, "vg" => group });
        }
    }
    let pvs = physical(sections);
    facts.set("lvm", entries! { "lvs" => lvs, "vgs" => vgs, "pvs" => pvs });
}

fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line.split(',').collect()).collect()
}

fn group_volumes(volumes: &[Vec<&str>], wanted: &str) -> Map {
    let mut found = Map::new();
    for row in volumes {
        if let [name, group, _, size, ..] = row[..]
            && group == wanted
        {
            found.set(name, entries! { "size_g" => size });
        }
    }
    found
}

fn physical(sections: &Sections) -> Map {
    let mut found = Map::new();
    for row in rows(sections.output("pvs").unwrap_or_default()) {
        if let [device, group, _, _, size, free] = row[..] {
            let volume = entries! { "size_g" => size, "free_g" => free, "vg" => group };
            found.insert(
                Value::str(mapped_name(sections, device)),
                Value::map(volume),
            );
        }
    }
    found
}

/// `/dev/dm-0` by the name that people know.
fn mapped_name(sections: &Sections, device: &str) -> String {
    let short = device
        .strip_prefix("/dev/")
        .filter(|name| name.starts_with("dm-"));
    let name = short.and_then(|short| sections.file(&format!("/sys/block/{short}/dm/name")));
    name.map_or_else(|| device.to_owned(), |name| format!("/dev/mapper/{name}"))
}
