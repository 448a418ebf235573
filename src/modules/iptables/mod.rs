#![doc = include_str!("page.md")]

mod rule;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "iptables",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "iptables",
    text: include_str!("iptables.sh"),
    needs: &[&PRELUDE],
};

crate::choices! {
    /// Whether the rule is there.
    State { Absent = "absent", Present = "present" }
}

crate::choices! {
    /// Where a new rule goes.
    Action { Append = "append", Insert = "insert" }
}

crate::choices! {
    /// Which protocol's filter.
    Version { V4 = "ipv4", V6 = "ipv6", Both = "both" }
}

crate::choices! {
    /// What happens to packets that no rule is for.
    Policy { Accept = "ACCEPT", Drop = "DROP", Queue = "QUEUE", Return = "RETURN" }
}

crate::choices! {
    /// Whether packets with SYN are meant.
    Syn { Ignore = "ignore", Match = "match", Negate = "negate" }
}

crate::choices! {
    /// The filter's table.
    Table { Filter = "filter", Nat = "nat", Mangle = "mangle", Raw = "raw", Security = "security" }
}

crate::choices! {
    /// Which addresses a set is asked for.
    SetFlags {
        Src = "src",
        Dst = "dst",
        SrcDst = "src,dst",
        DstSrc = "dst,src",
        DstDst = "dst,dst",
        SrcSrc = "src,src",
    }
}

crate::choices! {
    /// The level of what is logged.
    Level {
        L0 = "0", L1 = "1", L2 = "2", L3 = "3", L4 = "4", L5 = "5", L6 = "6", L7 = "7",
        Emerg = "emerg", Alert = "alert", Crit = "crit", Error = "error", Warning = "warning",
        Notice = "notice", Info = "info", Debug = "debug",
    }
}

args! {
    /// What `iptables` takes.
    Args {
        action: Action = Action::Append,
        chain: Option<String>,
        chain_management: bool = false,
        comment: Option<String>,
        ctstate: Vec<String> = Vec::new(),
        destination: Option<String>,
        destination_port: Option<String>,
        destination_ports: Vec<String> = Vec::new(),
        dst_range: Option<String>,
        flush: bool = false,
        fragment: Option<String>,
        gateway: Option<String>,
        gid_owner: Option<String>,
        goto: Option<String>,
        icmp_type: Option<String>,
        in_interface: Option<String>,
        ip_version: Version = Version::V4,
        jump: Option<String>,
        limit: Option<String>,
        limit_burst: Option<String>,
        log_level: Option<Level>,
        log_prefix: Option<String>,
        r#match: Vec<String> = Vec::new(),
        match_set: Option<String>,
        match_set_flags: Option<SetFlags>,
        numeric: bool = false,
        out_interface: Option<String>,
        policy: Option<Policy>,
        protocol: Option<String>,
        reject_with: Option<String>,
        rule_num: Option<String>,
        set_counters: Option<String>,
        set_dscp_mark: Option<String>,
        set_dscp_mark_class: Option<String>,
        source: Option<String>,
        source_port: Option<String>,
        src_range: Option<String>,
        state: State = State::Present,
        syn: Syn = Syn::Ignore,
        table: Table = Table::Filter,
        tcp_flags: Option<Map>,
        to_destination: Option<String>,
        to_ports: Option<String>,
        to_source: Option<String>,
        uid_owner: Option<String>,
        wait: Option<String>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let mut args = Args::read(args)?;
    check_together(&args)?;
    // The reference tells the rule without the target that logging implies.
    let told = rule::words(&args, args.ip_version).join(" ");
    if args.log_prefix.is_some() || args.log_level.is_some() {
        match args.jump.as_deref() {
            None => args.jump = Some("LOG".to_owned()),
            Some("LOG") => {}
            Some(_) => {
                return Err(Error::input("Logging options can only be used with the LOG jump target."));
            }
        }
    }
    let what = what(&args);
    if what == "chain" && !args.chain_management {
        return Ok(outcome(&args, &told, false).into());
    }
    let script = script(&args, what, cx.check);
    Ok(Step::run(script, move |reply| Ok(outcome(&args, &told, reply.changed()).into())))
}

fn check_together(args: &Args) -> Result<()> {
    rules::exclusive(&[
        ("set_dscp_mark", args.set_dscp_mark.is_some()),
        ("set_dscp_mark_class", args.set_dscp_mark_class.is_some()),
    ])?;
    rules::exclusive(&[("flush", args.flush), ("policy", args.policy.is_some())])?;
    rules::required_if(!args.flush, "`flush` is false", &[("chain", args.chain.is_some())])?;
    let tee = args.jump.as_deref().is_some_and(|jump| jump.eq_ignore_ascii_case("tee"));
    rules::required_if(tee, "`jump` is `TEE`", &[("gateway", args.gateway.is_some())])
}

/// What the task is about: everything, a policy, a chain, or a rule.
fn what(args: &Args) -> &'static str {
    match args.policy {
        _ if args.flush => "flush",
        Some(_) => "policy",
        None if rule::words(args, args.ip_version).is_empty() => "chain",
        None => "rule",
    }
}

fn script(args: &Args, what: &'static str, check: bool) -> Script {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Script::call(&SHELL, "iptables_main")
        .set("what", what)
        .set("versions", match args.ip_version {
            Version::Both => "ipv4 ipv6",
            one => one.word(),
        })
        .set("table", args.table.word())
        .set("chain", text(&args.chain))
        .set("policy", args.policy.map_or("", Policy::word))
        .flag("numeric", args.numeric)
        .set("wait", text(&args.wait))
        .set("place", args.action.word())
        .set("number", text(&args.rule_num))
        .set("state", args.state.word())
        .flag("check", check)
        .list("rule_ipv4", &rule::words(args, Version::V4))
        .list("rule_ipv6", &rule::words(args, Version::V6))
}

fn outcome(args: &Args, rule: &str, changed: bool) -> Outcome {
    let text = |text: &Option<String>| Value::str_or_null(text.clone());
    Outcome::new(changed)
        .with("ip_version", args.ip_version.word())
        .with("table", args.table.word())
        .with("chain", text(&args.chain))
        .with("flush", args.flush)
        .with("rule", rule)
        .with("state", args.state.word())
        .with("chain_management", args.chain_management)
        .with("wait", text(&args.wait))
}

#[cfg(test)]
mod tests;
