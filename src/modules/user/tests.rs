use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::Value;

/// Accounts of files; what is done to them is only noted.
fn accounts(world: &World) {
    world.fake("getent", "if test $# = 1; then cat \"$HOME/$1\"; else grep \"^$2:\" \"$HOME/$1\"; fi");
    world.fake("id", "echo alice");
    for tool in ["useradd", "usermod", "userdel", "chage", "chown"] {
        world.fake(tool, "exit 0");
    }
    world.fake("chpasswd", "cat >>\"$HOME/hashes\"");
    world.write("passwd", format!("alice:x:3001:3001:A 'quoted' \"one\":{}:/bin/sh\n", world.text("alice")));
    world.write("shadow", "alice:$6$s$hash:19000:2:5:3:::\n");
    world.write("group", "alice:x:3001:\nadm:x:4:alice,bob\nsudo:x:27:bob,alice\nweb:x:500:\nnew:x:501:\n");
    world.write("alice/.profile", "");
}

fn acts(world: &World) -> Vec<String> {
    let reads = ["getent ", "id "];
    let calls = world.calls().into_iter();
    calls.filter(|call| !reads.iter().any(|read| call.starts_with(read))).collect()
}

#[test]
fn an_account_that_is_as_it_should_be_costs_one_round_trip() {
    for world in World::each() {
        accounts(&world);
        let outcome = Run::new("user", &world)
            .args(entries! {
                "name" => "alice", "uid" => 3001, "comment" => "A 'quoted' \"one\"", "shell" => "/bin/sh",
                "groups" => "sudo,adm,alice", "group" => "alice", "password" => "!$6$s$hash", "home" => world.text("alice"),
                "password_expire_max" => 5, "password_expire_min" => 2, "password_expire_warn" => 3,
                "expires" => -1, "password_lock" => false, "umask" => "077",
            })
            .expect_ok();
        assert_eq!(outcome.text("groups"), Some("adm,sudo"));
        assert_eq!(outcome.text("password"), Some("NOT_LOGGING_PASSWORD"));
        assert_eq!(outcome.data.get("uid"), Some(&Value::Int(3001)));
        assert!(acts(&world).is_empty());
    }
}

#[test]
fn what_differs_is_changed() {
    for world in World::each() {
        accounts(&world);
        for (args, command) in [
            (entries! { "comment" => "it's $x; `y`" }, "usermod -c it's $x; `y` alice"),
            (entries! { "uid" => 7, "non_unique" => true }, "usermod -u 7 -o alice"),
            (entries! { "group" => "web" }, "usermod -g web alice"),
            (entries! { "groups" => "web", "append" => true }, "usermod -a -G web alice"),
            (entries! { "groups" => "sudo" }, "usermod -G sudo alice"),
            (entries! { "groups" => Value::list(vec![]) }, "usermod -G  alice"),
            (entries! { "home" => "/srv/al", "move_home" => true, "create_home" => false }, "usermod -m -d /srv/al alice"),
            (entries! { "shell" => "/bin/bash" }, "usermod -s /bin/bash alice"),
            (entries! { "expires" => 1_922_213_222 }, "usermod -e 2030-11-29 alice"),
            (entries! { "password_expire_account_disable" => 3 }, "usermod -f 3 alice"),
            (entries! { "password_expire_max" => 9, "password_expire_min" => 2 }, "chage -M 9 alice"),
            (entries! { "password_lock" => true }, "usermod -L alice"),
        ] {
            let run = || Run::new("user", &world).set("name", "alice").args(args.clone());
            let before = acts(&world).len();
            run().check().expect_changed();
            assert_eq!(acts(&world).len(), before);
            run().expect_changed();
            assert_eq!(acts(&world).last().map(String::as_str), Some(command), "{}", world.shell_name());
        }
    }
}

#[test]
fn a_new_account_is_made() {
    for world in World::each() {
        accounts(&world);
        let run = || {
            Run::new("user", &world).args(entries! {
                "name" => "carl", "uid" => 9, "group" => "web", "groups" => "adm,new", "comment" => "C: \"x\"",
                "shell" => "/bin/sh", "system" => true, "skeleton" => "/etc/skel", "umask" => "077",
                "password" => "$6$x$y'z", "password_lock" => true, "uid_min" => 5,
            })
        };
        run().check().expect_changed();
        assert!(acts(&world).is_empty());
        let outcome = run().expect_changed();
        assert_eq!(outcome.warnings.len(), 1);
        assert_eq!(
            acts(&world),
            [
                "useradd -u 9 -g web -G adm,new -c C: \"x\" -s /bin/sh -m -k /etc/skel -K UMASK=077 -r -K UID_MIN=5 carl",
                "chpasswd -e"
            ]
        );
        assert_eq!(world.read("hashes"), "carl:!$6$x$y'z\n");
        Run::new("user", &world).set("name", "web").expect_changed();
        assert_eq!(acts(&world).last().unwrap(), "useradd -N -m web");
    }
}

#[test]
fn passwords_are_set_where_they_differ() {
    for world in World::each() {
        accounts(&world);
        let run = |hash: &str| Run::new("user", &world).set("name", "alice").set("password", hash);
        run("$6$s$hash").expect_ok();
        run("$6$s$other").set("update_password", "on_create").expect_ok();
        let outcome = run("$6$s$other").expect_changed();
        assert!(!format!("{outcome:?}").contains("$6$s$"));
        assert_eq!(world.read("hashes"), "alice:$6$s$other\n");
        assert!(!world.calls().iter().any(|call| call.contains("$6$")));
    }
}

#[test]
fn an_account_is_removed_once() {
    for world in World::each() {
        accounts(&world);
        let run = |name: &str| Run::new("user", &world).set("name", name).set("state", "absent").set("remove", true);
        run("alice").check().expect_changed();
        let outcome = run("alice").set("force", true).expect_changed();
        assert_eq!(outcome.data.get("remove"), Some(&Value::Bool(true)));
        assert_eq!(acts(&world), ["userdel -f -r alice"]);
        run("nobody-here").expect_ok();
        Run::new("user", &world).set("name", "alice").set("groups", "nope").expect_failed("Group nope does not exist");
    }
}

#[test]
fn a_key_is_made_once() {
    for world in World::each() {
        accounts(&world);
        world.fake(
            "ssh-keygen",
            r#"case " $* " in (*' -l '*) echo '256 SHA256:x'; exit ;; esac
			while test $# -gt 1; do test "$1" = -f && key=$2; test "$1" = -C && comment=$2; shift; done
			echo secret >"$key"; echo "ssh-x AAAA $comment" >"$key.pub"; "$SSH_ASKPASS" >"$HOME/asked""#,
        );
        let run = || {
            Run::new("user", &world).args(entries! {
                "name" => "alice", "generate_ssh_key" => true, "ssh_key_type" => "ed25519",
                "ssh_key_comment" => "a 'b' c", "ssh_key_passphrase" => "p'w $x",
            })
        };
        run().check().expect_changed();
        let outcome = run().expect_changed();
        assert_eq!(outcome.text("ssh_public_key"), Some("ssh-x AAAA a 'b' c"));
        assert_eq!(outcome.text("ssh_fingerprint"), Some("256 SHA256:x"));
        assert_eq!(world.read("asked"), "p'w $x\n");
        assert_eq!(world.mode("alice/.ssh/id_ed25519"), "0600");
        assert_eq!(world.mode("alice/.ssh/id_ed25519.pub"), "0644");
        assert!(!world.calls().iter().any(|call| call.contains("p'w")));
        let outcome = run().expect_ok();
        assert_eq!(outcome.text("ssh_key_file"), Some(world.text("alice/.ssh/id_ed25519").as_str()));
        assert_eq!(outcome.warnings.len(), 1);
    }
}

#[test]
fn a_group_that_is_not_there_yet_is_a_change_in_check_mode() {
    for world in World::each() {
        accounts(&world);
        let new = |name: &str| Run::new("user", &world).set("name", name).set("group", "none-such");
        new("bob").check().expect_changed();
        new("bob").expect_failed("Group none-such does not exist");
        // An account that is there is looked at, in check mode too.
        new("alice").check().expect_failed("Group none-such does not exist");
    }
}

#[test]
fn a_failed_tool_tells_its_words_and_its_status() {
    for world in World::each() {
        accounts(&world);
        world.fake("usermod", "echo 'usermod: no' >&2; exit 6");
        let run = || Run::new("user", &world).set("name", "alice");
        let outcome = run().set("comment", "new").expect_failed("usermod: no");
        assert_eq!(outcome.data.get("rc"), Some(&Value::Int(6)));
        assert_eq!(outcome.text("name"), Some("alice"));
        run().set("append", true).expect_failed("append is True but all of the following are missing: groups");
        world.fake("userdel", "echo busy >&2; exit 10");
        run().set("state", "absent").expect_failed("busy");
        let outcome = run().set("seuser", "staff_u").run().outcome;
        assert!(outcome.warnings.iter().any(|warning| warning.contains("SELinux is not enabled")));
    }
}
