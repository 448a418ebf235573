use crate::entries;
use crate::modules::driver::{Run, World, which};
use crate::modules::{Answer, Ask};
use crate::template::Finished;
use crate::value::Value;

fn within<'a>(world: &'a World, src: &str) -> Run<'a> {
    let run = Run::new("synchronize", world).path("src", src).path("dest", "d t");
    // rsync may set the time of a folder that it made only the next time.
    let run = run.set("rsync_opts", "--omit-dir-times");
    run.with_cx(|cx| cx.names.connection = "local".to_owned())
}

/// A world whose controller logs in as this and notes what it would run.
fn answering(world: &World, connection: &'static str) {
    world.answering(move |ask| match ask {
        Ask::Login => Some(Answer::Login(entries! {
            "ansible_host" => "fe80::1",
            "ansible_connection" => connection,
            "ansible_user" => "me",
            "ansible_port" => 2222,
            "ansible_private_key_file" => "/my key",
            "ansible_host_key_checking" => true,
            "ansible_become_user" => "root",
            "ansible_become_method" => "sudo",
            "ansible_ssh_args" => Value::strings(["-C", "-o", "UserKnownHostsFile=/k", "-oHostKeyAlias=x"]),
        })),
        Ask::Run { .. } => Some(Answer::Finished(Finished {
            status: 0,
            stdout: b"<<CHANGED>>>f+++++++++ a\n".to_vec(),
            stderr: Vec::new(),
        })),
        _ => None,
    });
}

#[test]
fn folders_of_one_host_are_brought_together() {
    for world in World::each() {
        let Some(rsync) = which("rsync") else {
            eprintln!("skipped: no rsync here");
            return;
        };
        if world.is_busybox() {
            std::os::unix::fs::symlink(rsync, world.controller("bin/rsync")).unwrap();
        }
        answering(&world, "local");
        world.write("s 'c/a b", "1");
        within(&world, "s 'c/").expect_changed_then_ok();
        assert_eq!(world.read("d t/a b"), "1");
        world.write("d t/more", "1");
        within(&world, "s 'c/").expect_ok();
        within(&world, "s 'c/").set("delete", true).expect_changed_then_ok();
        assert!(!world.path("d t/more").exists());
        let failed = within(&world, "nowhere").expect_failed("failed: No such file");
        assert_eq!(failed.data.get("rc"), Some(&Value::Int(23)));
    }
}

#[test]
fn the_controller_reaches_the_host_as_the_connection_does() {
    let world = World::plain();
    world.give("files/s c/a", "1");
    answering(&world, "ssh");
    let run = || Run::new("synchronize", &world).set("src", "s c/").set("dest", "/d t");
    let outcome = run().run().outcome;
    let cmd = outcome.text("cmd").unwrap();
    for part in [
        "rsync --delay-updates -F --compress --archive ",
        "ssh -o BatchMode=yes -S none -i ",
        "/my key",
        "-o Port=2222 -o UserKnownHostsFile=/k -oHostKeyAlias=x",
        "'--rsync-path=sudo -n -u root rsync'",
        "files/s c/' 'me@[fe80::1]:/d t'",
    ] {
        assert!(cmd.contains(part), "{part} in {cmd}");
    }
    assert!(outcome.changed && !cmd.contains(" -C"));
    assert_eq!(outcome.text("msg"), Some(">f+++++++++ a\n"));
    let pulled = run().set("mode", "pull").set("src", "/s").set("dest", "/d/").set("use_ssh_args", true);
    let pulled = pulled.set("archive", false).set("recursive", true).run().outcome;
    let cmd = pulled.text("cmd").unwrap();
    assert!(cmd.ends_with("'me@[fe80::1]:/s' /d/") && cmd.contains(" -C -o "), "{cmd}");
    assert!(cmd.contains("--recursive") && !cmd.contains("--archive"), "{cmd}");
    answering(&world, "chroot");
    run().expect_failed("cannot use the connection `chroot`");
    answering(&world, "podman");
    let cmd = run().run().outcome;
    assert!(cmd.text("cmd").unwrap().contains("'--rsh=podman exec -i'"));
}
