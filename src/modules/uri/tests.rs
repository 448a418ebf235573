use std::fs;

use crate::entries;
use crate::modules::driver::{Run, World};
use crate::modules::http::server::{Says, Seen, Server};
use crate::value::Value;

fn says(seen: &Seen) -> Says {
    let path = seen.line.split(' ').nth(1).unwrap();
    match path {
        "/json" => Says::text("200 OK", r#"{"a": [1, "\u00e9"]}"#)
            .with("Content-Type", "application/json; charset=utf-8")
            .with("Set-Cookie", "id=5; Path=/"),
        "/echo" => Says {
            status: "201 Created",
            headers: Vec::new(),
            body: seen.body.clone(),
        },
        "/hop" => Says::text("302 Found", "").with("Location", "json"),
        "/keep" => Says::text("307 Temporary Redirect", "").with("Location", "/echo"),
        "/latin" => Says {
            status: "200 OK",
            headers: vec![("Content-Type".to_owned(), "text/plain; charset=latin-1".to_owned())],
            body: vec![0xe9],
        },
        _ => Says::text("404 Not Found", "nothing").with("X-Why", "no"),
    }
}

fn worlds() -> Vec<World> {
    let mut worlds: Vec<World> = World::each().collect();
    for hidden in [&["curl"][..], &["curl", "python3"]] {
        let world = World::plain();
        hidden.iter().for_each(|command| world.hide(command));
        worlds.push(world);
    }
    worlds
}

fn uri<'a>(world: &'a World, server: &Server, path: &str) -> Run<'a> {
    Run::new("uri", world).set("url", server.url(path))
}

#[test]
fn an_answer_is_told() {
    let server = Server::start(says);
    for world in worlds() {
        let outcome = uri(&world, &server, "/json").set("return_content", true).expect_ok();
        let json = outcome.data.get("json").unwrap().clone();
        assert_eq!(json.get("a").unwrap().repr(), "[1, '\u{e9}']");
        assert_eq!(outcome.text("content_type"), Some("application/json; charset=utf-8"));
        assert_eq!(outcome.text("cookies_string"), Some("id=5"));
        assert_eq!(outcome.data.get("status"), Some(&Value::Int(200)));
        assert_eq!(outcome.data.get("redirected"), Some(&Value::Bool(false)));
        let latin = uri(&world, &server, "/latin").set("return_content", true).expect_ok();
        assert_eq!(latin.text("content"), Some("\u{e9}"));
        let failed = uri(&world, &server, "/nope").expect_failed("Status code was 404 and not [200]");
        assert_eq!(failed.text("x_why").unwrap_or("no"), "no");
        uri(&world, &server, "/nope").set("status_code", "200, 404").expect_ok();
        assert_eq!(fs::read_dir(world.path("")).unwrap().count(), 0);
    }
}

#[test]
fn bodies_are_sent() {
    let server = Server::start(says);
    for world in worlds() {
        let post = || {
            uri(&world, &server, "/echo")
                .set("method", "post")
                .set("return_content", true)
                .set("status_code", 201)
        };
        let body = entries! {"a" => "it's \"$x\" \\ \u{e9}\n", "b" => 1};
        let sent = r#"{"a": "it's \"$x\" \\ \u00e9\n", "b": 1}"#;
        let json = || post().set("body", body.clone()).set("body_format", "json");
        if world.is_busybox() {
            // BusyBox's wget takes no other code than 200 for a success.
            continue;
        }
        assert_eq!(json().expect_ok().text("content"), Some(sent));
        let seen = server.seen();
        assert_eq!(seen[0].header("content-type"), Some("application/json"));
        let form = post().set("body", body.clone()).set("body_format", "form-urlencoded");
        let sent = "a=it%27s+%22%24x%22+%5C+%C3%A9%0A&b=1";
        assert_eq!(form.expect_ok().text("content"), Some(sent));
        let raw = post().set("body", "line\n\n");
        assert_eq!(raw.expect_ok().text("content"), Some("line\n\n"));
        world.give("files/blob", [0, 1, 2, 255]);
        let ran = post().set("src", "blob").run();
        assert!(!ran.outcome.failed, "{:?}", ran.outcome);
        assert_eq!(server.seen().last().unwrap().body, [0, 1, 2, 255]);
        world.write("on host", "here");
        let remote = post().path("src", "on host").set("remote_src", true);
        assert_eq!(remote.expect_ok().text("content"), Some("here"));
        let parts = entries! {"f" => entries! {"filename" => "blob"}, "t" => "x"};
        post().set("body", parts).set("body_format", "form-multipart").expect_ok();
        let seen = server.seen();
        let sent = String::from_utf8_lossy(&seen.last().unwrap().body).into_owned();
        assert!(sent.contains("filename=\"blob\"") && sent.contains("AAEC/w=="));
        fs::remove_file(world.path("on host")).unwrap();
    }
}

#[test]
fn redirections_obey_the_rules() {
    let server = Server::start(says);
    for world in worlds() {
        if world.is_busybox() {
            continue;
        }
        let outcome = uri(&world, &server, "/hop").run().outcome;
        assert_eq!(outcome.text("url"), Some(server.url("/json").as_str()));
        assert_eq!(outcome.data.get("redirected"), Some(&Value::Bool(true)));
        let none = uri(&world, &server, "/hop")
            .set("follow_redirects", "none")
            .set("status_code", 302)
            .expect_ok();
        assert_eq!(none.text("location"), Some(server.url("/json").as_str()));
        let post = |follow: &str| {
            uri(&world, &server, "/keep")
                .set("method", "POST")
                .set("body", "x")
                .set("return_content", true)
                .set("follow_redirects", follow)
                .set("status_code", "201")
        };
        post("safe").expect_failed("Status code was 307");
        assert_eq!(post("all").run().outcome.text("content"), Some("x"));
    }
}

#[test]
fn an_answer_becomes_a_file() {
    let server = Server::start(says);
    for world in worlds() {
        let run = uri(&world, &server, "/json").path("dest", "it's").set("mode", "0600");
        let outcome = run.expect_changed();
        assert_eq!(world.mode("it's"), "0600");
        assert_eq!(outcome.text("path"), Some(world.text("it's").as_str()));
        assert!(outcome.data.contains("json"));
        assert!(!run.run().outcome.changed);
        fs::create_dir(world.path("d")).unwrap();
        uri(&world, &server, "/json").path("dest", "d").expect_changed();
        assert!(world.path("d/json").is_file());
        uri(&world, &server, "/nope").path("dest", "no").expect_failed("404");
        assert!(!world.path("no").exists());
        let skipped = uri(&world, &server, "/nope").path("creates", "d").expect_ok();
        assert!(skipped.text("stdout").unwrap().starts_with("skipped, since"));
        uri(&world, &server, "/nope").path("removes", "no").expect_ok();
    }
}

#[test]
fn wrong_wishes_are_refused() {
    let world = World::plain();
    for (args, part) in [
        (entries! {"url" => "x"}, "not a web address"),
        (entries! {"url" => "http://x", "method" => "G T"}, "not a word"),
        (entries! {"url" => "http://x", "body" => "a", "src" => "b"}, "exclusive"),
        (
            entries! {"url" => "http://x", "body" => "a", "body_format" => "form-multipart"},
            "has to be a dictionary",
        ),
        (entries! {"url" => "http://127.0.0.1:1/"}, "Status code was -1 and not [200]: Request failed: no answer"),
    ] {
        Run::new("uri", &world).args(args).expect_failed(part);
    }
}
