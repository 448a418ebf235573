use crate::modules::driver::{Run, World};
use crate::modules::{Answer, Ask};

#[test]
fn a_template_is_rendered_and_delivered() {
    for world in World::each() {
        world.give("templates/motd.j2", "hello\n");
        let run = Run::new("template", &world)
            .set("src", "motd.j2")
            .path("dest", "motd")
            .set("mode", "0600");
        let outcome = run.expect_changed_then_ok();
        assert_eq!(world.read("motd"), "hello\n");
        assert_eq!(outcome.text("mode"), Some("0600"));
        Run::new("template", &world)
            .set("src", "motd.j2")
            .path("dest", "etc/")
            .expect_changed_then_ok();
        assert_eq!(world.read("etc/motd.j2"), "hello\n");
        Run::new("template", &world)
            .set("src", "nope.j2")
            .path("dest", "motd")
            .expect_failed("could not find");
    }
}

#[test]
fn options_and_encodings_are_passed_on() {
    let world = World::plain();
    world.give("templates/t", "");
    world.answering(|ask| match ask {
        Ask::Template { options, destination, .. } => {
            let newline = options.get("newline_sequence")?.as_str()?.to_owned();
            let start = options.get("variable_start_string")?.as_str()?.to_owned();
            Some(Answer::Text(format!("{start}\u{e9}{newline}{}", destination.len())))
        }
        _ => None,
    });
    Run::new("template", &world)
        .set("src", "t")
        .set("dest", "out")
        .set("newline_sequence", "\\r\\n")
        .set("variable_start_string", "[%")
        .set("output_encoding", "latin-1")
        .set("mode", "preserve")
        .expect_changed();
    let bytes = std::fs::read(world.path("out")).unwrap();
    assert_eq!(bytes, b"[%\xe9\r\n3");
    Run::new("template", &world)
        .set("src", "t")
        .set("dest", "out")
        .set("newline_sequence", "x")
        .expect_failed("must be one of");
}
