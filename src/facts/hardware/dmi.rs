//! What the firmware says of the machine: maker, product, serial numbers.

use crate::facts::sections::Sections;
use crate::value::Map;

const FOLDER: &str = "/sys/devices/virtual/dmi/id";

/// The facts by the kernel's files and dmidecode's words for them.
static FIELDS: &[(&str, &str, &str)] = &[
    ("bios_date", "bios_date", "bios-release-date"),
    ("bios_vendor", "bios_vendor", "bios-vendor"),
    ("bios_version", "bios_version", "bios-version"),
    ("board_asset_tag", "board_asset_tag", "baseboard-asset-tag"),
    ("board_name", "board_name", "baseboard-product-name"),
    ("board_serial", "board_serial", "baseboard-serial-number"),
    ("board_vendor", "board_vendor", "baseboard-manufacturer"),
    ("board_version", "board_version", "baseboard-version"),
    (
        "chassis_asset_tag",
        "chassis_asset_tag",
        "chassis-asset-tag",
    ),
    ("chassis_serial", "chassis_serial", "chassis-serial-number"),
    ("chassis_vendor", "chassis_vendor", "chassis-manufacturer"),
    ("chassis_version", "chassis_version", "chassis-version"),
    ("form_factor", "chassis_type", "chassis-type"),
    ("product_name", "product_name", "system-product-name"),
    ("product_serial", "product_serial", "system-serial-number"),
    ("product_uuid", "product_uuid", "system-uuid"),
    ("product_version", "product_version", "system-version"),
    ("system_vendor", "sys_vendor", "system-manufacturer"),
];

/// The chassis types of the SMBIOS specification (DSP0134, 7.4.1), by number.
static CHASSIS: &[&str] = &[
    "Unknown",
    "Other",
    "Unknown",
    "Desktop",
    "Low Profile Desktop",
    "Pizza Box",
    "Mini Tower",
    "Tower",
    "Portable",
    "Laptop",
    "Notebook",
    "Hand Held",
    "Docking Station",
    "All In One",
    "Sub Notebook",
    "Space-saving",
    "Lunch Box",
    "Main Server Chassis",
    "Expansion Chassis",
    "Sub Chassis",
    "Bus Expansion Chassis",
    "Peripheral Chassis",
    "RAID Chassis",
    "Rack Mount Chassis",
    "Sealed-case PC",
    "Multi-system",
    "CompactPCI",
    "AdvancedTCA",
    "Blade",
    "Blade Enclosure",
    "Tablet",
    "Convertible",
    "Detachable",
    "IoT Gateway",
    "Embedded PC",
    "Mini PC",
    "Stick PC",
];

/// `system_vendor`, `product_name` and so on; `NA` where nobody may know.
pub(in crate::facts) fn read(sections: &Sections, facts: &mut Map) {
    let by_kernel = sections.exists(&format!("{FOLDER}/product_name"));
    for (fact, file, word) in FIELDS {
        let said = if by_kernel {
            sections
                .file(&format!("{FOLDER}/{file}"))
                .map(str::to_owned)
        } else {
            sections.output(&format!("dmi {word}")).map(decoded)
        };
        let said = said.unwrap_or_else(|| "NA".to_owned());
        let form = by_kernel && *fact == "form_factor" && said != "NA";
        facts.set(fact, if form { chassis(&said) } else { said });
    }
}

/// dmidecode's line, its remarks left out.
fn decoded(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('#')).collect()
}

fn chassis(number: &str) -> String {
    let name = number
        .parse()
        .ok()
        .and_then(|number: usize| CHASSIS.get(number));
    name.map_or_else(|| format!("unknown ({number})"), |name| (*name).to_owned())
}

/// The same of a mainframe, from `/proc/sysinfo`.
pub(in crate::facts) fn mainframe(sections: &Sections, facts: &mut Map) {
    let Some(text) = sections.file("/proc/sysinfo") else {
        return;
    };
    for name in [
        "system_vendor",
        "product_version",
        "product_serial",
        "product_name",
        "product_uuid",
    ] {
        facts.set(name, "NA");
    }
    for line in text.lines() {
        match line
            .split_once(':')
            .map(|(name, value)| (name, value.trim_start()))
        {
            Some(("Manufacturer", value)) => facts.set("system_vendor", value),
            Some(("Type", value)) => facts.set("product_name", value),
            Some(("Sequence Code", value)) => {
                facts.set("product_serial", value.trim_start_matches('0'));
            }
            _ => {}
        }
    }
}
