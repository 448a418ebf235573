use crate::entries;
use crate::modules::driver::{Run, World};

#[test]
fn fragments_become_a_file() {
    for world in World::each() {
        for (name, content) in [
            ("10 a", "a\n"),
            ("20-b", "b"),
            ("30-c.bak", "c\n"),
            (".hidden", "h\n"),
        ] {
            world.write(&format!("frags/{name}"), content);
            world.give(&format!("files/frags/{name}"), content);
        }
        world.write("frags/folder/x", "x");
        world.give("files/frags/folder/x", "x");
        for (args, text) in [
            (entries! {}, "h\na\nb\nc\n"),
            (entries! {"ignore_hidden" => true}, "a\nb\nc\n"),
            (entries! {"regexp" => r"^\d.*[ab]$"}, "a\nb"),
            (
                entries! {"regexp" => "^[123]", "delimiter" => r"--\x2d\n"},
                "a\n---\nb\n---\nc\n",
            ),
            (entries! {"regexp" => "^[12]", "delimiter" => "##"}, "a\n##\nb"),
        ] {
            for remote in [true, false] {
                let run = Run::new("assemble", &world).path("dest", "out").args(args.clone());
                let run = if remote {
                    run.path("src", "frags")
                } else {
                    run.set("src", "frags").set("remote_src", false)
                };
                world.write("out", "old");
                run.expect_changed_then_ok();
                assert_eq!(world.read("out"), text, "{args:?} {remote}");
            }
        }
        Run::new("assemble", &world)
            .path("src", "out")
            .path("dest", "x")
            .expect_failed("is not a folder");
        Run::new("assemble", &world)
            .path("src", "frags")
            .path("dest", "out")
            .set("validate", "false %s")
            .expect_failed("failed to validate");
    }
}
