use crate::modules::driver::{Run, World};
use crate::value::Value;

/// A pip that keeps its packages in a file, one `name==version` a line.
fn pip<'a>(world: &'a World) -> Run<'a> {
    let body = r#"db=$HOME/db; verb=$1; shift
case $verb in
(list) cat "$db" ;;
(freeze) cat "$db" ;;
(install)
	case $* in (--help) echo '--dry-run'; exit ;; esac
	for word do
		case $word in
		(--dry-run) dry=1 ;;
		(-*) ;;
		(bad) echo 'no bad' >&2; exit 1 ;;
		(*)
			case $word in (*==*) ;; (*) word=$word==1.0 ;; esac
			grep -qxF -e "$word" "$db" && { echo "Requirement already satisfied: $word"; continue; }
			[ -z "$dry" ] || { echo "Would install $word"; continue; }
			echo "$word" >>"$db"; echo "Successfully installed $word" ;;
		esac
	done ;;
(uninstall)
	shift
	for word do
		grep -q "^$word==" "$db" || continue
		grep -v "^$word==" "$db" >"$db.new"; mv "$db.new" "$db"
		echo "  Successfully uninstalled $word"
	done ;;
esac"#;
    world.fake("pip3", body);
    world.fake("virtualenv", "for d do :; done; mkdir -p \"$d/bin\"; : >\"$d/bin/activate\"; cp \"${0%/*}/pip3\" \"$d/bin/pip3\"");
    Run::new("pip", world)
}

#[test]
fn packages_come_and_go() {
    for world in World::each() {
        world.write("db", "");
        let outcome = pip(&world).set("name", "a, b==2.0").expect_changed_then_ok();
        assert_eq!(outcome.data.get("name"), Some(&Value::strings(["a", "b==2.0"])));
        assert!(outcome.text("stdout").unwrap().contains("Successfully installed"));
        pip(&world).set("name", "B").set("state", "absent").expect_predicted(true);
        pip(&world).set("name", "b").set("state", "absent").expect_changed_then_ok();
        pip(&world).set("name", "c").set("version", "3").expect_changed_then_ok();
        pip(&world).set("name", "d").set("state", "latest").expect_changed_then_ok();
        pip(&world).set("name", "bad").expect_failed(":stderr: no bad");
        assert_eq!(world.read("db"), "a==1.0\nc==3\nd==1.0\n");
    }
}

#[test]
fn virtualenvs_are_made() {
    for world in World::each() {
        world.write("db", "");
        let run = || pip(&world).set("name", "a").path("virtualenv", "my venv");
        run().set("virtualenv_site_packages", true).expect_changed_then_ok();
        let call = world.calls().into_iter().find(|call| call.starts_with("virtualenv")).unwrap();
        assert!(call.contains("--system-site-packages"), "{call}");
        run()
            .path("virtualenv", "other")
            .set("virtualenv_command", "nothing -m venv")
            .expect_failed("Failed to find required executable");
    }
}

#[test]
fn arguments_become_words() {
    let world = World::plain();
    world.write("db", "");
    pip(&world)
        .set("name", "./x y")
        .set("editable", true)
        .set("extra_args", "--no-index --find-links='a b'")
        .set("break_system_packages", true)
        .set("umask", "077")
        .run();
    let call = world.calls().pop().unwrap();
    assert_eq!(call, "pip3 install --no-index --find-links=a b -e ./x y");
    for (name, value, part) in [
        ("umask", "9z", "octal"),
        ("requirements", "r", "mutually exclusive"),
        ("virtualenv_command", "'", "not closed"),
    ] {
        pip(&world).set("name", "a").set(name, value).expect_failed(part);
    }
    let two = pip(&world).set("name", "a,b").set("version", "1");
    two.expect_failed("one package only");
    Run::new("pip", &world).set("state", "latest").expect_failed("is required");
}
