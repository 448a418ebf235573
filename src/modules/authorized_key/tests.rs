use crate::modules::driver::{Run, World};
use crate::modules::http::server::{Says, Server};
use crate::value::Value;

fn run<'a>(world: &'a World) -> Run<'a> {
    world.fake(
        "getent",
        "[ \"$3\" = deploy ] && echo \"deploy:x:1234:4321::$HOME/home of d:/bin/sh\"",
    );
    Run::new("authorized_key", world).set("user", "deploy")
}

#[test]
fn a_key_is_kept_in_the_users_file() {
    for world in World::each() {
        let set = run(&world).set("key", "ssh-ed25519 AAAA me@x\n").diff();
        let outcome = set.expect_changed_then_ok();
        let file = "home of d/.ssh/authorized_keys";
        assert_eq!(world.read(file), "ssh-ed25519 AAAA me@x\n");
        assert_eq!(world.mode(file), "0600");
        assert_eq!(world.mode("home of d/.ssh"), "0700");
        let keyfile = outcome.text("keyfile").unwrap().replace("//", "/");
        assert_eq!(keyfile, world.text(file));
        let owner = std::fs::metadata(world.path("home of d/.ssh")).unwrap();
        assert_eq!(std::os::unix::fs::MetadataExt::uid(&owner), 1234);
        let keys = "ssh-rsa BBBB b\n# comment\nssh-rsa CCCC c\n";
        run(&world)
            .set("key", keys)
            .set("exclusive", true)
            .set("key_options", "no-pty,from=\"a,b\"")
            .expect_changed_then_ok();
        assert_eq!(
            world.read(file),
            "no-pty,from=\"a,b\" ssh-rsa BBBB b\nno-pty,from=\"a,b\" ssh-rsa CCCC c\n"
        );
        run(&world)
            .set("key", "ssh-rsa BBBB")
            .set("state", "absent")
            .expect_changed_then_ok();
        run(&world).set("key", "ssh-rsa CCCC").set("comment", "new").expect_changed_then_ok();
        assert_eq!(world.read(file), "ssh-rsa CCCC new\n");
    }
}

#[test]
fn another_file_may_be_named() {
    for world in World::each() {
        world.write("keys/deploy", "# mine\n");
        run(&world)
            .set("key", "ssh-rsa AAAA")
            .path("path", "keys/deploy")
            .set("manage_dir", false)
            .expect_changed_then_ok();
        assert_eq!(world.read("keys/deploy"), "# mine\nssh-rsa AAAA \n");
        assert_eq!(world.mode("keys"), "0755");
        run(&world).set("key", "nonsense").expect_failed("is not a public key");
        let nobody = run(&world).set("user", "nobody-here").set("key", "ssh-rsa AAAA");
        nobody.expect_failed("there is no user");
    }
}

#[test]
fn keys_are_fetched() {
    let world = World::plain();
    let server = Server::start(|seen| {
        let status = if seen.line == "GET /me.keys" { "200 OK" } else { "404 Not Found" };
        Says::text(status, "ssh-rsa AAAA\nssh-rsa BBBB\n")
    });
    let set = |path: &str| run(&world).set("key", server.url(path)).run().outcome;
    let outcome = set("/me.keys");
    assert_eq!(outcome.data.get("user"), Some(&Value::str("deploy")));
    assert!(outcome.changed && !set("/me.keys").changed);
    assert!(set("/no").failed);
}

#[test]
fn keys_may_come_from_a_file_of_the_host() {
    for world in World::each() {
        world.write("keys", "# mine\nssh-ed25519 AAAA me@x\n");
        let from = |path: &str| run(&world).set("key", format!("file://{path}"));
        from(&world.text("keys")).expect_changed_then_ok();
        assert_eq!(world.read("home of d/.ssh/authorized_keys"), "ssh-ed25519 AAAA me@x\n");
        from("/no/such").expect_failed("Path to a key file not found: /no/such");
        from(&world.text("")).expect_failed("is a directory and must be a file");
    }
}
