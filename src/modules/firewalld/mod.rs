#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "firewalld",
    collection: "ansible.posix",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "firewalld",
    text: include_str!("firewalld.sh"),
    needs: &[&PRELUDE],
};

crate::choices! {
    /// Whether the setting is there; the last two are for zones.
    State { Absent = "absent", Disabled = "disabled", Enabled = "enabled", Present = "present" }
}

crate::choices! {
    /// What a zone does with other packets.
    Target { Default = "default", Accept = "ACCEPT", Drop = "DROP", Reject = "%%REJECT%%" }
}

args! {
    /// What `firewalld` takes.
    Args {
        forward: Option<bool>,
        icmp_block: Option<String>,
        icmp_block_inversion: Option<bool>,
        immediate: bool = false,
        interface: Option<String>,
        masquerade: Option<bool>,
        offline: bool = false,
        permanent: bool = false,
        port: Option<String>,
        port_forward: Option<Vec<Map>>,
        protocol: Option<String>,
        rich_rule: Option<String>,
        service: Option<String>,
        source: Option<String>,
        state: State,
        target: Option<Target>,
        timeout: i64 = 0,
        zone: Option<String>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    check_together(&args)?;
    let setting = Setting::of(&args)?;
    let immediate = args.immediate || !args.permanent;
    let zones = setting.kind != "setting";
    if zones && (immediate || !args.permanent) {
        return Err(Error::input(
            "Zone operations must be permanent. Make sure you didn't set the 'permanent' flag to 'false' or the 'immediate' flag to 'true'.",
        ));
    }
    let script = Script::call(&SHELL, "firewalld_main")
        .set("zone", args.zone.as_deref().unwrap_or_default())
        .set("kind", setting.kind)
        .list("query", &[&setting.words("query")])
        .list("add", &[&setting.words(setting.add)])
        .list("remove", &[&setting.words("remove")])
        .flag("wanted", setting.wanted)
        .flag("permanent", args.permanent)
        .flag("immediate", immediate)
        .flag("offline", args.offline)
        .set("target", args.target.map_or("", Target::word))
        .set("timeout", args.timeout.to_string())
        .flag("check", cx.check);
    Ok(Step::run(script, move |reply| Ok(outcome(&args, &setting, immediate, &reply).into())))
}

fn check_together(args: &Args) -> Result<()> {
    let zone = ("zone", args.zone.is_some());
    rules::required_if(args.interface.is_some(), "`interface` is given", &[zone])?;
    rules::required_if(args.target.is_some(), "`target` is given", &[zone])?;
    rules::exclusive(&[
        ("icmp_block", args.icmp_block.is_some()),
        ("icmp_block_inversion", args.icmp_block_inversion.is_some()),
        ("service", args.service.is_some()),
        ("protocol", args.protocol.is_some()),
        ("port", args.port.is_some()),
        ("port_forward", args.port_forward.is_some()),
        ("rich_rule", args.rich_rule.is_some()),
        ("interface", args.interface.is_some()),
        ("forward", args.forward.is_some()),
        ("masquerade", args.masquerade.is_some()),
        ("source", args.source.is_some()),
        ("target", args.target.is_some()),
    ])?;
    if args.offline && !args.permanent {
        return Err(Error::input("offline cannot be enabled unless permanent changes are allowed"));
    }
    Ok(())
}

/// What the task is about, in firewalld's words.
struct Setting {
    kind: &'static str,
    /// The part of the option behind `--query-`.
    option: &'static str,
    add: &'static str,
    value: String,
    wanted: bool,
    /// What is told when it changed: `port 80/tcp`.
    told: Option<String>,
}

impl Setting {
    fn of(args: &Args) -> Result<Setting> {
        let enabled = matches!(args.state, State::Enabled | State::Present);
        let make = |option: &'static str, value: &str, told: Option<String>| Setting {
            kind: "setting",
            option,
            add: "add",
            value: value.to_owned(),
            wanted: enabled,
            told,
        };
        let named = |option: &'static str, word: &str, value: &String| make(option, value, Some(format!("{word} {value}")));
        // A switch that shall be off is on where it is disabled.
        let switch = |option: &'static str, on: bool, told: Option<String>| Setting {
            wanted: (args.state == State::Enabled) == on,
            ..make(option, "", told)
        };
        let python = |on: bool| if on { "True" } else { "False" };
        let found = [
            args.icmp_block.as_ref().map(|value| named("icmp-block", "icmp-block", value)),
            args.icmp_block_inversion
                .map(|on| switch("icmp-block-inversion", on, Some(format!("icmp-block-inversion {}", python(on))))),
            args.service.as_ref().map(|value| named("service", "service", value)),
            args.protocol.as_ref().map(|value| named("protocol", "protocol", value)),
            args.rich_rule.as_ref().map(|value| named("rich-rule", "rich_rule", value)),
            args.source.as_ref().map(|value| make("source", value, None)),
            args.interface.as_ref().map(|value| Setting { add: "change", ..make("interface", value, None) }),
            args.forward.map(|on| switch("forward", on, None)),
            args.masquerade.map(|on| switch("masquerade", on, None)),
            args.target.map(|_| Setting { kind: "target", ..make("", "", None) }),
        ];
        let mut setting = found.into_iter().flatten().next();
        if let Some(port) = &args.port {
            let port = port.trim();
            if port.split_once('/').is_none_or(|(_, protocol)| protocol.is_empty()) {
                return Err(Error::input("improper port format (missing protocol?)"));
            }
            setting = Some(make("port", port, Some(format!("port {port}"))));
        }
        if let Some(forwards) = &args.port_forward {
            let (value, told) = forward(forwards)?;
            setting = Some(make("forward-port", &value, Some(told)));
        }
        let zonal = matches!(args.state, State::Absent | State::Present);
        match setting {
            Some(setting) if zonal && setting.kind != "target" => {
                Err(Error::input("absent and present state can only be used in zone level operations"))
            }
            Some(setting) => Ok(setting),
            None if zonal => {
                let zone = args.zone.clone().unwrap_or_else(|| "None".to_owned());
                Ok(Setting { kind: "zone", ..make("", "", Some(format!("zone {zone}"))) })
            }
            None => Err(Error::input("nothing is said of what the zone shall let through")),
        }
    }

    /// `--add-port=80/tcp`
    fn words(&self, verb: &str) -> String {
        match self.value.is_empty() {
            true => format!("--{verb}-{}", self.option),
            false => format!("--{verb}-{}={}", self.option, self.value),
        }
    }

    /// What the reference says of a change in the zone.
    fn zone_message(&self, args: &Args, zone: &str) -> Option<String> {
        let on = self.wanted;
        let text = |enabled: String, disabled: String| Some(if on { enabled } else { disabled });
        match (self.kind, self.option) {
            ("target", _) => {
                let target = args.target.map_or("", Target::word);
                text(format!("Set zone {zone} target to {target}"), format!("Reset zone {zone} target to default"))
            }
            ("zone", _) => text(format!("Added zone {zone}"), format!("Removed zone {zone}")),
            (_, "interface") => {
                let name = &self.value;
                text(format!("Changed {name} to zone {zone}"), format!("Removed {name} from zone {zone}"))
            }
            (_, "source") => {
                let name = &self.value;
                text(format!("Added {name} to zone {zone}"), format!("Removed {name} from zone {zone}"))
            }
            (_, option @ ("forward" | "masquerade")) => {
                text(format!("Added {option} to zone {zone}"), format!("Removed {option} from zone {zone}"))
            }
            _ => None,
        }
    }
}

/// The one port that is passed on, in firewalld's words and in those of the message.
fn forward(forwards: &[Map]) -> Result<(String, String)> {
    let [forward] = forwards else {
        return Err(Error::input("Only one port forward supported at a time"));
    };
    let text = |name: &str| forward.get(name).filter(|value| !value.is_null()).map(Value::to_text);
    let part = |name: &str, message: &str| text(name).ok_or_else(|| Error::input(message));
    let port = part("port", "port must be specified for port forward")?;
    let proto = part("proto", "proto udp/tcp must be specified for port forward")?;
    let to_port = part("toport", "toport must be specified for port forward")?;
    let to_address = text("toaddr").unwrap_or_default();
    let told = format!("port_forward port={port}:proto={proto}:toport={to_port}:toaddr={to_address}");
    let address = if to_address.is_empty() { String::new() } else { format!(":toaddr={to_address}") };
    Ok((format!("port={port}:proto={proto}:toport={to_port}{address}"), told))
}

fn outcome(args: &Args, setting: &Setting, immediate: bool, reply: &Reply) -> Outcome {
    let offline = reply.flag("offline");
    let immediate = immediate && !(offline && args.offline);
    let mut messages = vec![
        match (args.permanent, immediate) {
            (true, true) => "Permanent and Non-Permanent(immediate) operation",
            (true, false) => "Permanent operation",
            (false, _) => "Non-permanent operation",
        }
        .to_owned(),
    ];
    if reply.changed() {
        let zone = reply.text("zone").unwrap_or_default();
        messages.extend(setting.zone_message(args, &zone));
        messages.extend(setting.told.as_ref().map(|told| format!("Changed {told} to {}", args.state.word())));
    }
    if offline {
        messages.push("(offline operation: only on-disk configs were altered)".to_owned());
    }
    Outcome::new(reply.changed()).with("msg", messages.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::{Map, Value};

    /// A firewall that keeps what was added in files, one for what is permanent.
    const FIREWALL: &str = r#"
file="$HOME/runtime"
test "$1" != --permanent || { file="$HOME/permanent"; shift; }
case $1 in
(--state) test ! -e "$HOME/down"; exit ;;
(--get-default-zone) echo public; exit ;;
(--get-zones) echo public home $(cat "$HOME/zones" 2>/dev/null); exit ;;
(--new-zone=*) echo "${1#*=}" >>"$HOME/zones"; exit ;;
(--delete-zone=*) rm "$HOME/zones"; exit ;;
(--zone=bad) echo INVALID_ZONE: bad >&2; exit 112 ;;
esac
zone=$1; shift
case $1 in
(--get-target) cat "$HOME/target" 2>/dev/null || echo default ;;
(--set-target=*) echo "${1#*=}" >"$HOME/target" ;;
(--query-*) grep -q -x -F -e "$zone ${1#--query-}" "$file" 2>/dev/null || exit 1 ;;
(--add-*) echo "$zone ${1#--add-}" >>"$file" ;;
(--change-*) echo "$zone ${1#--change-}" >>"$file" ;;
(--remove-*) grep -v -x -F -e "$zone ${1#--remove-}" "$file" >"$file.new"; mv "$file.new" "$file" ;;
esac"#;

    fn run(world: &World, args: Map) -> Run<'_> {
        world.fake("firewall-cmd", FIREWALL);
        world.fake("firewall-offline-cmd", FIREWALL);
        Run::new("firewalld", world).args(args)
    }

    #[test]
    fn settings_are_made_now_and_for_good() {
        for world in World::each() {
            let outcome = run(&world, entries! { "service" => "https", "state" => "enabled", "permanent" => true, "immediate" => true }).expect_changed_then_ok();
            assert_eq!(
                outcome.text("msg"),
                Some("Permanent and Non-Permanent(immediate) operation, Changed service https to enabled"),
                "{}",
                world.shell_name()
            );
            let rule = "rule family=\"ipv4\" source address='1.2.3.4' accept";
            run(&world, entries! { "rich_rule" => rule, "zone" => "home", "state" => "enabled", "timeout" => 30 }).expect_changed_then_ok();
            assert!(world.calls().contains(&format!("firewall-cmd --zone=home --add-rich-rule={rule} --timeout=30")));
            run(&world, entries! { "port" => "80/tcp", "state" => "disabled" }).expect_ok();
            let forward = Value::list(vec![Value::map(entries! { "port" => 443, "proto" => "tcp", "toport" => 8443 })]);
            let outcome = run(&world, entries! { "port_forward" => forward, "state" => "enabled", "permanent" => true }).expect_changed_then_ok();
            assert_eq!(outcome.text("msg"), Some("Permanent operation, Changed port_forward port=443:proto=tcp:toport=8443:toaddr= to enabled"));
            let outcome = run(&world, entries! { "masquerade" => true, "state" => "enabled" }).expect_changed_then_ok();
            assert_eq!(outcome.text("msg"), Some("Non-permanent operation, Added masquerade to zone public"));
            run(&world, entries! { "masquerade" => false, "state" => "disabled" }).expect_ok();
            run(&world, entries! { "interface" => "eth0", "zone" => "home", "state" => "enabled" }).expect_changed_then_ok();
        }
    }

    #[test]
    fn zones_and_targets_are_permanent() {
        for world in World::each() {
            run(&world, entries! { "zone" => "new", "state" => "present", "permanent" => true }).expect_changed_then_ok();
            run(&world, entries! { "zone" => "new", "state" => "absent", "permanent" => true }).expect_changed_then_ok();
            run(&world, entries! { "zone" => "home", "target" => "DROP", "state" => "enabled", "permanent" => true }).expect_changed_then_ok();
            run(&world, entries! { "zone" => "home", "target" => "DROP", "state" => "disabled", "permanent" => true }).expect_changed_then_ok();
            run(&world, entries! { "zone" => "x", "state" => "present" }).expect_failed("Zone operations must be permanent");
            run(&world, entries! { "zone" => "bad", "service" => "x", "state" => "enabled" }).expect_failed("INVALID_ZONE");
            run(&world, entries! { "port" => "80", "state" => "enabled" }).expect_failed("improper port format");
            world.write("down", "");
            let outcome = run(&world, entries! { "service" => "ssh", "state" => "enabled", "permanent" => true, "immediate" => true, "offline" => true }).expect_changed();
            assert!(outcome.text("msg").is_some_and(|msg| msg.starts_with("Permanent operation") && msg.ends_with("(offline operation: only on-disk configs were altered)")));
            run(&world, entries! { "service" => "ssh", "state" => "enabled" }).expect_failed("firewall is not currently running");
        }
    }
}
