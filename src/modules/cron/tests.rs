use crate::entries;
use crate::modules::driver::{Run, World};
use crate::outcome::Diff;
use crate::value::{Map, to_json};

const CRONTAB: &str = r#"
if test "$1" = -u; then file="$HOME/tab.$2"; shift 2; else file="$HOME/tab"; fi
case $1 in
(-l) if test -e "$file"; then cat "$file"; else echo 'no crontab for x' >&2; exit 1; fi ;;
(*) cat >"$file"; ! grep -q BAD "$file" || { echo 'errors in crontab file' >&2; exit 1; } ;;
esac
"#;

fn run(world: &World, args: Map) -> Run<'_> {
    world.fake("crontab", CRONTAB);
    Run::new("cron", world).args(args)
}

#[test]
fn a_user_who_is_not_there_yet_has_no_table() {
    for world in World::each() {
        let job = || {
            let job = run(&world, entries! { "name" => "j", "job" => "true", "user" => "new" });
            world.fake("crontab", "echo \"crontab:  user new unknown\" >&2; exit 1");
            job
        };
        assert_eq!(to_json(job().check().expect_changed().data.get("jobs").unwrap()), r#"["j"]"#);
        let outcome = job().expect_failed("Failed to install new cronfile");
        assert_eq!(outcome.text("stderr"), Some("crontab:  user new unknown"));
    }
}

#[test]
fn a_job_is_set_once() {
    for world in World::each() {
        let job = || {
            run(&world, entries! { "name" => "it's \"one\" $x", "minute" => 0, "hour" => "5,2", "job" => "ls -l '%' > \"$HOME/é\"" })
        };
        let predicted = job().check().diff().expect_changed();
        assert!(!world.path("tab").exists());
        let done = job().diff().expect_changed();
        assert_eq!(predicted.diff, done.diff);
        assert!(matches!(&done.diff[0], Diff::Text { before, .. } if before.is_empty()));
        let table = "#Ansible: it's \"one\" $x\n0 5,2 * * * ls -l '%' > \"$HOME/é\"\n";
        assert_eq!(world.read("tab"), table, "{}", world.shell_name());
        let outcome = job().expect_ok();
        assert_eq!(to_json(outcome.data.get("jobs").unwrap()), r#"["it's \"one\" $x"]"#);
        run(&world, entries! { "name" => "it's \"one\" $x", "state" => "absent", "backup" => true }).expect_changed();
        assert_eq!(world.read("tab"), "");
        run(&world, entries! { "name" => "gone", "state" => "absent" }).expect_ok();
    }
}

#[test]
fn special_times_users_and_variables_are_written() {
    for world in World::each() {
        run(&world, entries! { "name" => "a", "special_time" => "reboot", "job" => "x", "user" => "bob", "disabled" => true }).expect_changed();
        assert_eq!(world.read("tab.bob"), "#Ansible: a\n#@reboot x\n");
        run(&world, entries! { "name" => "P", "env" => true, "value" => "/a b", "user" => "bob" }).expect_changed();
        run(&world, entries! { "name" => "Q", "env" => true, "job" => "1", "user" => "bob", "insertafter" => "P" }).expect_changed();
        let outcome = run(&world, entries! { "name" => "P", "env" => true, "value" => "/a b", "user" => "bob" }).expect_ok();
        assert_eq!(to_json(outcome.data.get("envs").unwrap()), r#"["P", "Q"]"#);
        assert!(world.read("tab.bob").starts_with("P=\"/a b\"\nQ=\"1\"\n#Ansible: a\n"));
    }
}

#[test]
fn a_file_of_its_own_names_the_user_and_goes_with_its_job() {
    for world in World::each() {
        let file = world.text("cron file");
        let args = |state: &str| entries! { "name" => "a", "job" => "x", "user" => "root", "cron_file" => file.as_str(), "state" => state };
        run(&world, args("present")).expect_changed();
        assert_eq!(world.read("cron file"), "#Ansible: a\n* * * * * root x\n");
        run(&world, args("present")).expect_ok();
        run(&world, args("absent")).expect_changed();
        assert!(!world.path("cron file").exists());
        // What else stands in a file stays, and so does the file.
        let others = "# mine\nPATH=/bin\n0 1 * * * bob y\n#Ansible: b\n* * * * * root z\n";
        world.write("cron file", others);
        run(&world, args("absent")).expect_ok();
        run(&world, args("present")).expect_changed();
        run(&world, args("absent")).expect_changed();
        assert_eq!(world.read("cron file"), others);
        world.write("cron file", "#Ansible: a\n* * * * * root x\n#Ansible: b\n* * * * * root z\n");
        run(&world, args("absent")).expect_changed();
        assert_eq!(world.read("cron file"), "#Ansible: b\n* * * * * root z\n");
        std::fs::remove_file(world.path("cron file")).unwrap();
        run(&world, args("absent")).expect_ok();
    }
}

#[test]
fn what_cannot_be_is_told() {
    for world in World::each() {
        run(&world, entries! { "name" => "x", "minute" => 1, "special_time" => "daily", "job" => "y" }).expect_failed("special_time");
        run(&world, entries! { "name" => "x" }).expect_failed("'job'");
        run(&world, entries! { "name" => "x", "job" => "BAD" }).expect_failed("errors in crontab file");
        run(&world, entries! { "name" => "x", "job" => "y", "cron_file" => "z" }).expect_failed("user=");
    }
}
