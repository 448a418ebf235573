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
    name: "ufw",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "ufw",
    text: include_str!("ufw.sh"),
    needs: &[&PRELUDE],
};

crate::choices! {
    /// What the firewall is to be.
    State { Enabled = "enabled", Disabled = "disabled", Reloaded = "reloaded", Reset = "reset" }
}

crate::choices! {
    /// What happens to packets that no rule is for.
    Policy { Allow = "allow", Deny = "deny", Reject = "reject" }
}

crate::choices! {
    /// How much is logged.
    Logging { Full = "full", High = "high", Low = "low", Medium = "medium", Off = "off", On = "on" }
}

crate::choices! {
    /// Which way packets go.
    Direction { In = "in", Incoming = "incoming", Out = "out", Outgoing = "outgoing", Routed = "routed" }
}

crate::choices! {
    /// What a rule does.
    Verb { Allow = "allow", Deny = "deny", Limit = "limit", Reject = "reject" }
}

crate::choices! {
    /// The protocol.
    Proto {
        Ah = "ah", Any = "any", Esp = "esp", Ipv6 = "ipv6", Tcp = "tcp", Udp = "udp", Gre = "gre",
        Igmp = "igmp", Vrrp = "vrrp",
    }
}

crate::choices! {
    /// What the number of a new rule counts from.
    Relative {
        Zero = "zero",
        FirstIpv4 = "first-ipv4",
        LastIpv4 = "last-ipv4",
        FirstIpv6 = "first-ipv6",
        LastIpv6 = "last-ipv6",
    }
}

args! {
    /// What `ufw` takes.
    Args {
        comment: Option<String>,
        default: Option<Policy> [policy],
        delete: bool = false,
        direction: Option<Direction>,
        from_ip: String [from, src] = "any".to_owned(),
        from_port: Option<String>,
        insert: Option<i64>,
        insert_relative_to: Relative = Relative::Zero,
        interface: Option<String> [if],
        interface_in: Option<String> [if_in],
        interface_out: Option<String> [if_out],
        log: bool = false,
        logging: Option<Logging>,
        name: Option<String> [app],
        proto: Option<Proto> [protocol],
        route: bool = false,
        rule: Option<Verb>,
        state: Option<State>,
        to_ip: String [dest, to] = "any".to_owned(),
        to_port: Option<String> [port],
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    check_together(&args)?;
    let check = cx.check;
    let word = |text: Option<&'static str>| text.unwrap_or_default();
    let insert = args.insert.filter(|_| !args.delete);
    let script = Script::call(&SHELL, "ufw_main")
        .set("state", word(args.state.map(State::word)))
        .set("default", word(args.default.map(Policy::word)))
        .set("direction", word(args.direction.map(Direction::word)))
        .set("logging", word(args.logging.map(Logging::word)))
        .flag("rule", args.rule.is_some())
        .set("relative", args.insert_relative_to.word())
        .set("insert", insert.map(|number| number.to_string()).unwrap_or_default())
        .list("head", &head(&args))
        .list("tail", &tail(&args))
        .set("note", args.comment.as_deref().unwrap_or_default())
        .flag("dry", check);
    Ok(Step::run(script, move |reply| Ok(outcome(&args, &reply, check).into())))
}

fn check_together(args: &Args) -> Result<()> {
    let given = [
        ("state", args.state.is_some()),
        ("default", args.default.is_some()),
        ("rule", args.rule.is_some()),
        ("logging", args.logging.is_some()),
    ];
    rules::one_of(&given)?;
    rules::exclusive(&[
        ("name", args.name.is_some()),
        ("proto", args.proto.is_some()),
        ("logging", args.logging.is_some()),
    ])?;
    let direction = ("direction", args.direction.is_some());
    rules::exclusive(&[direction, ("interface_in", args.interface_in.is_some())])?;
    rules::exclusive(&[direction, ("interface_out", args.interface_out.is_some())])?;
    rules::required_if(args.interface.is_some(), "`interface` is given", &[direction])?;
    let wide = matches!(args.direction, Some(Direction::Incoming | Direction::Outgoing | Direction::Routed));
    let narrow = matches!(args.direction, Some(Direction::In | Direction::Out));
    if args.default.is_some() && narrow {
        return Err(Error::input(
            "For default, direction must be one of \"outgoing\", \"incoming\" and \"routed\", or direction must not be specified.",
        ));
    }
    if args.rule.is_some() && wide {
        return Err(Error::input(
            "For rules, direction must be one of \"in\" and \"out\", or direction must not be specified.",
        ));
    }
    if args.rule.is_some() && !args.route && args.interface_in.is_some() && args.interface_out.is_some() {
        return Err(Error::input("Only route rules can combine interface_in and interface_out"));
    }
    Ok(())
}

/// The words of a rule before its number.
fn head(args: &Args) -> Vec<&'static str> {
    let words = [(args.route, "route"), (args.delete, "delete")];
    words.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect()
}

/// The words of a rule after its number.
fn tail(args: &Args) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut add = |before: &[&str], value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            words.extend(before.iter().map(|word| (*word).to_owned()));
            words.push(value.to_owned());
        }
    };
    add(&[], args.rule.map(Verb::word));
    add(&[], args.direction.map(Direction::word));
    add(&["on"], args.interface.as_deref());
    add(&["in", "on"], args.interface_in.as_deref());
    add(&["out", "on"], args.interface_out.as_deref());
    add(&[], args.log.then_some("log"));
    add(&["from"], Some(&args.from_ip));
    add(&["port"], args.from_port.as_deref());
    add(&["to"], Some(&args.to_ip));
    add(&["port"], args.to_port.as_deref());
    add(&["proto"], args.proto.map(Proto::word));
    add(&["app"], args.name.as_deref());
    words
}

fn outcome(args: &Args, reply: &Reply, check: bool) -> Outcome {
    let text = |name: &str| reply.text(name).unwrap_or_default();
    let before = text("before");
    let forced = matches!(args.state, Some(State::Reloaded | State::Reset))
        || args.logging.is_some_and(|wanted| !logs(&before, wanted));
    let outcome = Outcome::ok().with("commands", Value::strings(reply.all("command")));
    if check {
        let active = before.contains(" active");
        let switched = match args.state {
            Some(State::Enabled) => !active,
            Some(State::Disabled) => active,
            _ => false,
        };
        let other = reply.text("default").is_some();
        let rule = args.rule.is_some() && would_change(args, &text("rules"), &text("dry"));
        return Outcome { changed: forced || switched || other || rule, ..outcome };
    }
    let after = text("after");
    let changed = forced || before != after || text("rules") != text("rules_after");
    Outcome { changed, ..outcome.with("msg", after.trim_end()) }
}

/// Says whether the status tells this level: `Logging: on (low)`.
fn logs(status: &str, wanted: Logging) -> bool {
    let Some(now) = status.lines().find_map(|line| line.trim().strip_prefix("Logging: ")) else {
        return false;
    };
    match wanted {
        Logging::Off => now.starts_with("off"),
        Logging::On => now.starts_with("on"),
        level => now.starts_with("on") && now.contains(&format!("({})", level.word())),
    }
}

/// Says whether what a dry run prints differs from the rules that are there. It may print only those
/// for the kind of address that the rule is for.
fn would_change(args: &Args, rules: &str, dry: &str) -> bool {
    if dry.lines().all(|line| line.contains("Skipping")) && !dry.trim().is_empty() {
        return false;
    }
    let starts = |kind: fn(&str) -> bool| kind(&args.from_ip) || kind(&args.to_ip);
    let tuples = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("### tuple"));
        let kept = lines.filter(|line| match (starts(is_ipv4), starts(is_ipv6)) {
            (true, _) => line.split_whitespace().any(is_ipv4),
            (_, true) => line.split_whitespace().any(is_ipv6),
            _ => true,
        });
        kept.map(str::to_owned).collect()
    };
    tuples(rules) != tuples(dry)
}

fn is_ipv4(text: &str) -> bool {
    let address = text.split('/').next().unwrap_or(text);
    address.parse::<std::net::Ipv4Addr>().is_ok()
}

fn is_ipv6(text: &str) -> bool {
    let address = text.split('/').next().unwrap_or(text);
    address.parse::<std::net::Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::Map;

    const UFW: &str = r####"
dry=0; test "$1" != --dry-run || { dry=1; shift; }
rules="$HOME/etc/ufw/user.rules"
case $* in
(--version) echo 'ufw 0.36.2' ;;
('status verbose') cat "$HOME/status" ;;
('status numbered') printf 'Status: active\n\n[ 1] 22 ALLOW IN Any\n[ 2] 80 ALLOW IN Any\n[ 3] 22 (v6) ALLOW IN Any (v6)\n[ 4] 80 (v6) ALLOW IN Any (v6)\n' ;;
('-f enable') sed 's/inactive/active/' "$HOME/status" >"$HOME/s" && mv "$HOME/s" "$HOME/status" ;;
('default deny outgoing') sed 's/allow (outgoing)/deny (outgoing)/' "$HOME/status" >"$HOME/s" && mv "$HOME/s" "$HOME/status" ;;
('logging '*) sed "s/Logging: .*/Logging: on ($2)/" "$HOME/status" >"$HOME/s" && mv "$HOME/s" "$HOME/status" ;;
(*bad*) echo 'ERROR: Bad port' >&2; exit 1 ;;
(*) line="### tuple ### $*"
if grep -F -x -q -e "$line" "$rules"; then echo 'Skipping adding existing rule'
elif test $dry = 1; then cat "$rules"; echo "$line"
else echo "$line" >>"$rules"; echo 'Rule added'; fi ;;
esac"####;

    fn run(world: &World, args: Map) -> Run<'_> {
        world.fake("ufw", UFW);
        if !world.path("status").exists() {
            world.write("etc/ufw/user.rules", "### tuple ### old\n");
            world.write("status", "Status: inactive\nLogging: on (low)\nDefault: deny (incoming), allow (outgoing), disabled (routed)\n");
        }
        Run::new("ufw", world).args(args)
    }

    #[test]
    fn rules_are_added_once() {
        for world in World::each() {
            let rule = || run(&world, entries! { "rule" => "allow", "port" => 22, "proto" => "tcp", "from" => "10.0.0.0/8", "comment" => "it's mine" });
            rule().expect_changed_then_ok();
            let line = "allow from 10.0.0.0/8 to any port 22 proto tcp comment it's mine";
            assert!(world.read("etc/ufw/user.rules").contains(line), "{}", world.shell_name());
            run(&world, entries! { "rule" => "deny", "name" => "Open SSH", "insert" => 0, "insert_relative_to" => "first-ipv6", "route" => true }).expect_changed();
            assert!(world.calls().contains(&"ufw route insert 3 deny from any to any app Open SSH".to_owned()));
            run(&world, entries! { "rule" => "allow", "port" => "bad" }).expect_failed("ERROR: Bad port");
        }
    }

    #[test]
    fn the_firewall_itself_is_managed() {
        for world in World::each() {
            let outcome = run(&world, entries! { "state" => "enabled", "policy" => "deny", "direction" => "outgoing" }).expect_changed_then_ok();
            assert!(outcome.text("msg").is_some_and(|msg| msg.contains("Status: active") && msg.contains("deny (outgoing)")));
            run(&world, entries! { "logging" => "low" }).expect_ok();
            run(&world, entries! { "logging" => "full" }).expect_changed_then_ok();
            run(&world, entries! { "state" => "reloaded" }).check().expect_changed();
            run(&world, entries! { "rule" => "allow", "direction" => "incoming" }).expect_failed("For rules, direction");
            run(&world, entries! { "rule" => "allow", "if" => "eth0" }).expect_failed("following are missing: direction");
            run(&world, entries! {}).expect_failed("one of");
        }
    }
}
