use std::fs;

use crate::modules::driver::{Run, World};
use crate::modules::http::server::{Says, Seen, Server};
use crate::value::Value;

const SHA1: &str = "sha1:f572d396fae9206628714fb2ce00f72e94f2258f";

/// `hello` and a line end, packed by gzip.
const PACKED: &[u8] = &[31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 231, 2, 0, 32, 48, 58, 54, 6, 0, 0, 0];

fn packed(encoding: &str) -> Says {
    let body = PACKED.to_vec();
    Says { body, ..Says::text("200 OK", "") }.with("Content-Encoding", encoding)
}

fn says(seen: &Seen) -> Says {
    let hello = || match seen.header("if-modified-since") {
        Some(_) => Says::text("304 Not Modified", ""),
        None => Says::text("200 OK", "hello\n"),
    };
    let path = seen.line.split(' ').nth(1).unwrap();
    match path {
        "/f.txt" => hello(),
        "/fresh" => Says::text("200 OK", "hello\n"),
        "/named" => hello().with("Content-Disposition", "attachment; filename=\"a 'b'.txt\""),
        "/hop" => Says::text("302 Found", "").with("Location", "/f.txt"),
        "/up" => Says::text("302 Found", "").with("Location", "/a/.."),
        "/" | "/a/" | "/a/.." => hello(),
        "/dot" => hello().with("Content-Disposition", "attachment; filename=\".\""),
        "/gzip" => packed("gzip"),
        "/x-gzip" => packed("x-gzip"),
        "/br" => Says::text("200 OK", "hello\n").with("Content-Encoding", "br"),
        "/loop" => Says::text("302 Found", "").with("Location", "/loop"),
        "/sums" => Says::text("200 OK", &format!("{}  f.txt\nff  x\n", &SHA1[5..])),
        "/short" => Says::text("200 OK", "hello\n").with("Content-Length", "100"),
        "/binary" => Says {
            status: "200 OK",
            headers: Vec::new(),
            body: (0..=255).cycle().take(200_000).collect(),
        },
        "/secret" if seen.header("authorization") == Some("Basic bWU6eCAneQ==") => hello(),
        "/secret" => {
            Says::text("401 Unauthorized", "").with("WWW-Authenticate", "Basic realm=\"x\"")
        }
        _ => Says::text("404 Not Found", "no"),
    }
}

/// Worlds for every shell, and for every tool that can make requests.
fn worlds() -> Vec<World> {
    let mut worlds: Vec<World> = World::each().collect();
    for hidden in [&["curl"][..], &["curl", "python3"]] {
        let world = World::plain();
        hidden.iter().for_each(|command| world.hide(command));
        worlds.push(world);
    }
    worlds
}

fn get<'a>(world: &'a World, server: &Server, path: &str) -> Run<'a> {
    Run::new("get_url", world).set("url", server.url(path)).path("dest", "got it")
}

#[test]
fn a_file_comes_into_its_folder_only() {
    let server = Server::start(says);
    for world in worlds() {
        std::fs::create_dir(world.path("folder")).unwrap();
        // A server may say what it likes.
        for path in ["/up", "/dot"] {
            let outcome = get(&world, &server, path).path("dest", "folder").expect_changed();
            let (folder, name) = outcome.text("dest").unwrap().rsplit_once('/').unwrap();
            assert_eq!(folder, world.text("folder"));
            assert_eq!(world.read(&format!("folder/{name}")), "hello\n");
        }
        let nowhere = get(&world, &server, "/f.txt").path("dest", "none/x");
        assert!(nowhere.run_checked().failed);
        nowhere.expect_failed("the folder of dest does not exist");
    }
}

#[test]
fn a_file_is_fetched_once() {
    let server = Server::start(says);
    for world in worlds() {
        let run = get(&world, &server, "/f.txt").set("mode", "0600");
        let outcome = run.expect_changed_then_ok();
        assert_eq!(world.read("got it"), "hello\n");
        assert_eq!(world.mode("got it"), "0600");
        assert_eq!(outcome.text("msg"), Some("OK (6 bytes)"));
        assert_eq!(outcome.data.get("status_code"), Some(&Value::Int(200)));
        assert_eq!(outcome.text("checksum_src"), Some(&SHA1[5..]));
        let again = run.expect_ok();
        assert_eq!(again.data.get("status_code"), Some(&Value::Int(304)));
        let fresh = get(&world, &server, "/fresh").set("force", true);
        assert!(!fresh.run().outcome.changed, "the same content is no change");
        assert_eq!(fs::read_dir(world.path("")).unwrap().count(), 1);
    }
}

#[test]
fn redirections_and_names_are_followed() {
    let server = Server::start(says);
    for world in worlds() {
        get(&world, &server, "/hop").expect_changed();
        assert_eq!(world.read("got it"), "hello\n");
        fs::create_dir(world.path("d")).unwrap();
        if !world.is_busybox() {
            get(&world, &server, "/loop").expect_failed("302");
        }
        let into = |path: &str| get(&world, &server, path).path("dest", "d").run().outcome;
        assert!(into("/named").changed);
        assert_eq!(world.read("d/a 'b'.txt"), "hello\n");
        assert!(!into("/named").changed);
        assert!(into("/hop").changed);
        if !world.is_busybox() {
            assert_eq!(world.read("d/f.txt"), "hello\n");
        }
    }
}

#[test]
fn checksums_are_checked() {
    let server = Server::start(says);
    for world in worlds() {
        let with = |sum: &str| get(&world, &server, "/f.txt").set("checksum", sum);
        with("sha1:ff00").expect_failed("the checksum is");
        assert!(!world.path("got it").exists());
        with(SHA1).expect_changed();
        server.seen();
        with(SHA1).expect_ok();
        assert_eq!(server.seen().len(), 0, "nothing is fetched where the checksum is right");
        world.write("got it", "other");
        assert!(with(SHA1).run().outcome.changed);
        let list = format!("sha1:{}", server.url("/sums"));
        assert!(!with(&list).run().outcome.changed);
        let unlisted = get(&world, &server, "/y").set("checksum", list);
        unlisted.expect_failed("there is no checksum for `y`");
    }
}

#[test]
fn logins_and_headers_are_sent() {
    let server = Server::start(says);
    for world in worlds() {
        let secret = || {
            get(&world, &server, "/secret")
                .set("username", "me")
                .set("url_password", "x 'y")
        };
        let mut headers = crate::value::Map::new();
        headers.set("X-One", "it's \"1\" \\ $x");
        server.seen();
        secret()
            .set("force_basic_auth", true)
            .set("headers", headers)
            .expect_changed();
        let seen = server.seen();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].header("x-one"), Some("it's \"1\" \\ $x"));
        assert_eq!(seen[0].header("user-agent"), Some("ansible-httpget"));
        fs::remove_file(world.path("got it")).unwrap();
        secret().expect_changed();
        get(&world, &server, "/secret").path("dest", "no").expect_failed("401");
    }
}

#[test]
fn what_does_not_come_whole_does_not_come() {
    let server = Server::start(says);
    for world in worlds() {
        world.write("got it", "old");
        let outcome = get(&world, &server, "/nope").set("force", true).expect_failed("404");
        assert_eq!(outcome.data.get("status_code"), Some(&Value::Int(404)));
        get(&world, &server, "/short").set("force", true).expect_failed("");
        assert_eq!(world.read("got it"), "old");
        Run::new("get_url", &world)
            .set("url", "http://127.0.0.1:1/")
            .path("dest", "x")
            .expect_failed("no answer");
        Run::new("get_url", &world)
            .set("url", "nonsense")
            .path("dest", "x")
            .expect_failed("not a web address");
        get(&world, &server, "/binary").set("force", true).set("backup", true).expect_changed();
        assert_eq!(fs::read(world.path("got it")).unwrap().len(), 200_000);
    }
}

#[test]
fn only_what_the_reference_unpacks_is_unpacked() {
    let server = Server::start(says);
    for world in worlds() {
        let file = |path: &str| {
            get(&world, &server, path).set("force", true).expect_changed();
            fs::read(world.path("got it")).unwrap()
        };
        assert_eq!(file("/gzip"), b"hello\n");
        assert_eq!(file("/x-gzip"), PACKED);
        assert_eq!(file("/br"), b"hello\n");
        get(&world, &server, "/gzip").set("force", true).set("decompress", false).expect_changed();
        assert_eq!(fs::read(world.path("got it")).unwrap(), PACKED);
    }
    for seen in server.seen() {
        assert!(matches!(seen.header("accept-encoding"), None | Some("identity")));
    }
}
