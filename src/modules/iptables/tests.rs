use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::{Map, Value};

/// A filter that keeps its rules in a file, one a line.
const FILTER: &str = r#"
test "$1" != --version || { echo 'iptables v1.8.9 (nf_tables)'; exit; }
shift 2; verb=$1; shift; file="$HOME/rules"
case $verb in
(-C) grep -F -x -q -e "$*" "$file" ;;
(-A) echo "$*" >>"$file" ;;
(-I) echo "$*" >>"$file.inserted" ;;
(-D) grep -F -x -v -e "$*" "$file" >"$file.new"; mv "$file.new" "$file" ;;
(-F) : >"$file" ;;
(-L) echo '# Warning: iptables-legacy tables present, use iptables-legacy to see them' >&2
  test "$1" != NEW || test -e "$HOME/NEW" || exit 1; echo "Chain $1 (policy $(cat "$HOME/policy" 2>/dev/null || echo ACCEPT))" ;;
(-P) echo "$2" >"$HOME/policy" ;;
(-N) : >"$HOME/$1" ;;
(-X) rm "$HOME/$1" ;;
esac"#;

fn run(world: &World, args: Map) -> Run<'_> {
    if !world.path("rules").exists() {
        world.write("rules", "");
    }
    world.fake("iptables", FILTER);
    world.fake("ip6tables", FILTER);
    Run::new("iptables", world).args(args)
}

#[test]
fn a_rule_is_there_once() {
    for world in World::each() {
        let wanted = |state: &str| {
            run(
                &world,
                entries! {
                    "chain" => "INPUT", "protocol" => "tcp", "destination_port" => 22, "source" => "!10.0.0.0/8",
                    "ctstate" => Value::strings(["NEW", "ESTABLISHED"]), "syn" => "match", "jump" => "ACCEPT",
                    "comment" => "it's \"mine\"", "state" => state,
                },
            )
        };
        let outcome = wanted("present").expect_changed_then_ok();
        let rule = "-p tcp ! -s 10.0.0.0/8 -j ACCEPT --destination-port 22 --syn -m conntrack --ctstate NEW,ESTABLISHED -m comment --comment it's \"mine\"";
        assert_eq!(outcome.text("rule"), Some(rule));
        assert_eq!(world.read("rules"), format!("INPUT {rule}\n"), "{}", world.shell_name());
        wanted("absent").expect_changed_then_ok();
        run(&world, entries! { "chain" => "INPUT", "jump" => "DROP", "action" => "insert", "rule_num" => 5, "wait" => 3 }).expect_changed();
        assert_eq!(world.calls().last().unwrap(), "iptables -t filter -I INPUT 5 -w 3 -j DROP");
    }
}

#[test]
fn rules_have_the_words_of_their_extensions() {
    let world = World::plain();
    for (args, rule) in [
        (entries! { "log_prefix" => "x:", "log_level" => "info" }, "--log-prefix x: --log-level info"),
        (entries! { "set_dscp_mark" => 8 }, "-j DSCP --set-dscp 8"),
        (entries! { "jump" => "DSCP", "set_dscp_mark_class" => "CS1" }, "-j DSCP --set-dscp-class CS1"),
        (entries! { "reject_with" => "tcp-reset" }, "-j REJECT --reject-with tcp-reset"),
        (entries! { "match" => "state", "ctstate" => "NEW" }, "-m state --state NEW"),
        (
            entries! { "src_range" => "1.1.1.1-1.1.1.2", "match_set" => "bad", "match_set_flags" => "src,dst" },
            "-m iprange --src-range 1.1.1.1-1.1.1.2 -m set --match-set bad src,dst",
        ),
        (
            entries! { "limit" => "2/second", "limit_burst" => 20, "uid_owner" => "!bob" },
            "-m limit --limit 2/second --limit-burst 20 -m owner ! --uid-owner bob",
        ),
        (
            entries! { "protocol" => "tcp", "destination_ports" => "80,443", "tcp_flags" => Value::map(entries! { "flags" => "ALL", "flags_set" => Value::strings(["ACK", "RST"]) }) },
            "-p tcp --tcp-flags ALL ACK,RST -m multiport --dports 80,443",
        ),
        (entries! { "protocol" => "icmp", "icmp_type" => 8, "ip_version" => "both" }, "-p icmp --icmp-type 8"),
    ] {
        let outcome = run(&world, args).set("chain", "X").check().expect_changed();
        assert_eq!(outcome.text("rule"), Some(rule));
    }
}

#[test]
fn chains_policies_and_whole_tables_are_managed() {
    for world in World::each() {
        run(&world, entries! { "chain" => "INPUT", "policy" => "DROP" }).expect_changed_then_ok();
        assert_eq!(world.read("policy"), "DROP\n");
        run(&world, entries! { "chain" => "NEW", "chain_management" => true }).expect_changed_then_ok();
        run(&world, entries! { "chain" => "NEW", "state" => "absent" }).expect_ok();
        run(&world, entries! { "chain" => "NEW", "state" => "absent", "chain_management" => true }).expect_changed_then_ok();
        run(&world, entries! { "flush" => true, "table" => "nat", "ip_version" => "both" }).expect_changed();
        let calls = world.calls();
        assert_eq!(calls[calls.len() - 2..], ["iptables -t nat -F", "ip6tables -t nat -F"]);
        run(&world, entries! { "jump" => "DROP" }).expect_failed("following are missing: chain");
        run(&world, entries! { "chain" => "X", "jump" => "DROP", "log_prefix" => "x" }).expect_failed("LOG jump target");
        run(&world, entries! { "chain" => "X", "jump" => "TEE" }).expect_failed("following are missing: gateway");
    }
}
