//! The words of a rule, in the order in which iptables wants them.

use super::{Args, Level, SetFlags, Syn, Version};
use crate::value::{Map, Value};

/// The rule that the arguments describe; empty where they describe none.
pub fn words(args: &Args, version: Version) -> Vec<String> {
    let mut rule = Rule {
        words: Vec::new(),
        loaded: args.r#match.clone(),
    };
    rule.whom(args);
    rule.target(args);
    rule.ways(args);
    rule.marks(args);
    rule.states(args);
    rule.sets(args);
    rule.limits(args);
    rule.ends(args, version);
    rule.words
}

struct Rule {
    words: Vec<String>,
    /// The extensions that are loaded.
    loaded: Vec<String>,
}

impl Rule {
    fn add(&mut self, words: &[&str]) {
        self.words.extend(words.iter().map(|word| (*word).to_owned()));
    }

    /// A flag and its value; a value that begins with `!` turns it around.
    fn param(&mut self, value: &Option<String>, flag: &str) {
        match value.as_deref() {
            None | Some("") => {}
            Some(value) => match value.strip_prefix('!') {
                Some(value) => self.add(&["!", flag, value.trim_start()]),
                None => self.add(&[flag, value]),
            },
        }
    }

    fn csv(&mut self, values: &[String], flag: &str) {
        if !values.is_empty() {
            self.add(&[flag, &values.join(",")]);
        }
    }

    /// Loads an extension where it is wanted and not loaded yet.
    fn load(&mut self, wanted: bool, extension: &str) {
        if wanted && !self.has(extension) {
            self.add(&["-m", extension]);
            self.loaded.push(extension.to_owned());
        }
    }

    fn has(&self, extension: &str) -> bool {
        self.loaded.iter().any(|loaded| loaded == extension)
    }

    fn whom(&mut self, args: &Args) {
        self.param(&args.protocol, "-p");
        self.param(&args.source, "-s");
        self.param(&args.destination, "-d");
        for extension in &args.r#match {
            self.param(&Some(extension.clone()), "-m");
        }
        if let Some(flags) = &args.tcp_flags
            && let (Some(mask), Some(set)) = (joined(flags, "flags"), joined(flags, "flags_set"))
        {
            self.add(&["--tcp-flags", &mask, &set]);
        }
    }

    fn target(&mut self, args: &Args) {
        self.param(&args.jump, "-j");
        if args.jump.as_deref().is_some_and(|jump| jump.eq_ignore_ascii_case("tee")) {
            self.param(&args.gateway, "--gateway");
        }
        self.param(&args.log_prefix, "--log-prefix");
        self.param(&args.log_level.map(Level::word).map(str::to_owned), "--log-level");
        self.param(&args.to_destination, "--to-destination");
        self.load(!args.destination_ports.is_empty(), "multiport");
        self.csv(&args.destination_ports, "--dports");
        self.param(&args.to_source, "--to-source");
        self.param(&args.goto, "-g");
    }

    fn ways(&mut self, args: &Args) {
        self.param(&args.in_interface, "-i");
        self.param(&args.out_interface, "-o");
        self.param(&args.fragment, "-f");
        self.param(&args.set_counters, "-c");
        self.param(&args.source_port, "--source-port");
        self.param(&args.destination_port, "--destination-port");
        self.param(&args.to_ports, "--to-ports");
    }

    /// The target stands before its options, where the task does not name it.
    fn marks(&mut self, args: &Args) {
        let marks = [(&args.set_dscp_mark, "--set-dscp"), (&args.set_dscp_mark_class, "--set-dscp-class")];
        for (value, flag) in marks {
            if value.is_some() && args.jump.is_none() {
                self.add(&["-j", "DSCP"]);
            }
            self.param(value, flag);
        }
        match args.syn {
            Syn::Ignore => {}
            Syn::Match => self.add(&["--syn"]),
            Syn::Negate => self.add(&["!", "--syn"]),
        }
    }

    fn states(&mut self, args: &Args) {
        let named = |extension: &str| args.r#match.iter().any(|name| name == extension);
        if named("state") && !named("conntrack") {
            self.csv(&args.ctstate, "--state");
        } else {
            self.load(!args.ctstate.is_empty(), "conntrack");
            self.csv(&args.ctstate, "--ctstate");
        }
    }

    fn sets(&mut self, args: &Args) {
        self.load(args.src_range.is_some() || args.dst_range.is_some(), "iprange");
        self.param(&args.src_range, "--src-range");
        self.param(&args.dst_range, "--dst-range");
        self.load(args.match_set.is_some(), "set");
        self.param(&args.match_set, "--match-set");
        if self.has("set") {
            let flags = args.match_set_flags.map(SetFlags::word);
            self.words.extend(flags.map(str::to_owned));
        }
    }

    fn limits(&mut self, args: &Args) {
        self.load(args.limit.is_some() || args.limit_burst.is_some(), "limit");
        self.param(&args.limit, "--limit");
        self.param(&args.limit_burst, "--limit-burst");
        self.load(args.uid_owner.is_some() || args.gid_owner.is_some(), "owner");
        self.param(&args.uid_owner, "--uid-owner");
        self.param(&args.gid_owner, "--gid-owner");
    }

    fn ends(&mut self, args: &Args, version: Version) {
        if args.jump.is_none() && args.reject_with.is_some() {
            self.add(&["-j", "REJECT"]);
        }
        self.param(&args.reject_with, "--reject-with");
        let icmp = if version == Version::V6 { "--icmpv6-type" } else { "--icmp-type" };
        self.param(&args.icmp_type, icmp);
        self.load(args.comment.is_some(), "comment");
        self.param(&args.comment, "--comment");
    }
}

/// `[SYN, ACK]` or `SYN,ACK` under a key.
fn joined(map: &Map, key: &str) -> Option<String> {
    Some(match map.get(key)? {
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(Value::to_text).collect();
            items.join(",")
        }
        other => other.to_text(),
    })
}
