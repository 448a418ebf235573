use std::os::unix::fs::symlink;

use crate::modules::driver::{Run, World};
use crate::value::Value;

#[test]
fn a_path_is_told_of() {
    for world in World::each() {
        world.write("a 'b' $c", "hello\n");
        symlink("a 'b' $c", world.path("l")).unwrap();
        symlink("l", world.path("ll")).unwrap();
        let stat = |name: &str, follow: bool| {
            let run = Run::new("stat", &world).path("path", name).set("follow", follow);
            run.expect_ok().data.get("stat").unwrap().clone()
        };
        assert_eq!(stat("none", false).get("exists"), Some(&Value::Bool(false)));
        let file = stat("a 'b' $c", false);
        for (key, value) in [
            ("exists", Value::Bool(true)),
            ("isreg", Value::Bool(true)),
            ("islnk", Value::Bool(false)),
            ("size", Value::Int(6)),
            ("mode", Value::str("0644")),
            ("path", Value::str(world.text("a 'b' $c"))),
            ("readable", Value::Bool(true)),
            ("executable", Value::Bool(false)),
            ("checksum", Value::str("f572d396fae9206628714fb2ce00f72e94f2258f")),
        ] {
            assert_eq!(file.get(key), Some(&value), "{key} in {}", world.shell_name());
        }
        let link = stat("ll", false);
        assert_eq!(link.get("islnk"), Some(&Value::Bool(true)));
        assert_eq!(link.get("lnk_target"), Some(&Value::str("l")));
        assert_eq!(link.get("lnk_source"), Some(&Value::str(world.text("a 'b' $c"))));
        let followed = stat("ll", true);
        assert_eq!(followed.get("isreg"), Some(&Value::Bool(true)));
        assert_eq!(followed.get("path"), Some(&Value::str(world.text("ll"))));
        assert_eq!(followed.get("size"), Some(&Value::Int(6)));
    }
}

#[test]
fn what_nobody_asks_for_is_not_told() {
    for world in World::each() {
        world.write("f", "hello\n");
        world.fake("stat", "exit 1");
        let outcome = Run::new("stat", &world)
            .path("path", "f")
            .set("get_checksum", false)
            .set("get_mime", false)
            .set("get_attributes", false)
            .expect_ok();
        let stat = outcome.data.get("stat").unwrap().clone();
        assert_eq!(stat.get("mode"), Some(&Value::str("0644")));
        for key in ["checksum", "mimetype", "attr_flags", "selinux_context"] {
            assert_eq!(stat.get(key), None);
        }
    }
}

#[test]
fn other_algorithms_are_known() {
    for world in World::each() {
        world.write("f", "");
        for (algorithm, sum) in [
            ("md5", "d41d8cd98f00b204e9800998ecf8427e"),
            ("sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ] {
            let outcome = Run::new("stat", &world)
                .path("path", "f")
                .set("checksum", algorithm)
                .expect_ok();
            let stat = outcome.data.get("stat").unwrap().clone();
            assert_eq!(stat.get("checksum"), Some(&Value::str(sum)));
        }
    }
}
