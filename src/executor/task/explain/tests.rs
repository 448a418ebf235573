use super::*;
use crate::executor::wire::Question;
use crate::shell::Reply;
use crate::value::{Map, Value};

fn cause(outcome: &Outcome) -> String {
    outcome
        .aside
        .as_ref()
        .and_then(|aside| aside.cause.clone())
        .unwrap_or_default()
}

#[test]
fn what_is_asked_depends_on_what_was_said() {
    let args = crate::entries! { "name" => "nginx", "state" => "started", "dest" => "/srv/a" };
    let service = Question::Service("nginx".to_owned());
    let question = |action: &str, args: &Map, said: &str| {
        super::question(action, args, &Outcome::failed(said))
    };
    assert_eq!(question("service", &args, "Unable to start"), Some(service));
    assert_eq!(
        question(
            "service",
            &args,
            "Could not find the requested service nginx: host"
        ),
        None
    );
    assert_eq!(
        question("apt", &args, "E: Could not get lock /var/lib/dpkg/lock"),
        Some(Question::Lock)
    );
    assert_eq!(question("command", &args, "git: could not get lock"), None);
    let paths = ["/srv/a", "/tmp", "/var", "/"].map(str::to_owned).to_vec();
    assert_eq!(
        question("copy", &args, "x: no space left on device"),
        Some(Question::Disk(paths))
    );
    assert_eq!(question("copy", &args, "no"), None);
}

#[test]
fn a_command_that_was_to_start_a_service_is_known() {
    let args = Map::new();
    for (command, unit) in [
        ("systemctl restart nginx", Some("nginx")),
        (
            "sudo /bin/systemctl --no-block start app@1.service",
            Some("app@1.service"),
        ),
        ("service nginx reload", Some("nginx")),
        ("systemctl status nginx", None),
        ("systemctl daemon-reload", None),
        ("echo systemctl", None),
        ("systemctl start $(cat x)", None),
    ] {
        let outcome = Outcome::failed("no").with("cmd", command).with("rc", 1);
        let asked = unit.map(|unit| Question::Service(unit.to_owned()));
        assert_eq!(question("shell", &args, &outcome), asked, "{command}");
    }
    let words = Value::strings(["systemctl", "start", "x"]);
    let outcome = Outcome::failed("no").with("cmd", words);
    let asked = Some(Question::Service("x".to_owned()));
    assert_eq!(question("command", &args, &outcome), asked);
    let said = "Job for nginx.service failed because the control process exited with error code.";
    let outcome = Outcome::failed("no").with("stderr", said);
    let asked = Some(Question::Service("nginx.service".to_owned()));
    assert_eq!(question("shell", &args, &outcome), asked);
    let missing = "Failed to restart x.service: Unit x.service not found.";
    let outcome = Outcome::failed("no")
        .with("stderr", missing)
        .with("cmd", "systemctl restart x");
    assert_eq!(question("shell", &args, &outcome), None);
}

#[test]
fn what_our_own_modules_say_of_a_closed_file_is_known() {
    for line in [
        "/etc/shadow cannot be read",
        "file is not readable: /etc/shadow",
        "source /root/x not readable",
    ] {
        assert!(is_closed(line), "{line}");
    }
    assert!(!is_closed("the answer of the host's `stat` cannot be read"));
}

#[test]
fn a_small_disk_with_room_is_not_called_full() {
    let args = crate::entries! { "dest" => "/mnt/a" };
    let mut outcome = Outcome::failed("x");
    let reply = Reply::answering(&[("disk", "/mnt 64 64"), ("disk", "/ 9000000 4000000")]);
    full(&mut outcome, &reply, &args);
    assert_eq!(
        cause(&outcome),
        "no space left on `/mnt`: what was to be written does not fit into the 64 kB that are free there \
         (`/mnt/a` was to be written)"
    );
}

#[test]
fn a_full_disk_is_named_with_what_is_free() {
    let args = crate::entries! { "dest" => "/srv/a" };
    let mut outcome = Outcome::failed("x");
    full(
        &mut outcome,
        &Reply::answering(&[("disk", "/ 9000000 4000000"), ("disk", "/srv 2000000 12")]),
        &args,
    );
    assert_eq!(
        cause(&outcome),
        "no space left on `/srv`: 12 kB of 1.9 GB are free (`/srv/a` was to be written)"
    );
    let mut outcome = Outcome::failed("x");
    full(
        &mut outcome,
        &Reply::answering(&[("disk", "/ 9 5"), ("inodes", "/srv")]),
        &args,
    );
    assert_eq!(
        cause(&outcome),
        "no space left on `/srv`: it has no free inodes (`/srv/a` was to be written)"
    );
}

#[test]
fn the_holder_of_a_lock_is_named() {
    let mut outcome = Outcome::failed("x");
    locked(
        &mut outcome,
        &Reply::answering(&[(
            "holder",
            "/var/lib/dpkg/lock\n812\nunattended-upgr\n   02:13",
        )]),
    );
    assert_eq!(
        cause(&outcome),
        "the package manager is locked: `unattended-upgr` (process 812, for 02:13) holds `/var/lib/dpkg/lock`"
    );
    let mut outcome = Outcome::failed("x");
    locked(&mut outcome, &Reply::answering(&[]));
    assert!(cause(&outcome).contains("has ended meanwhile"));
}

#[test]
fn a_service_brings_its_journal() {
    let journal = "Starting nginx.service - web\nnginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\n\
                   nginx.service: Main process exited, code=exited, status=1/FAILURE\nFailed to start nginx.service";
    let mut outcome = Outcome::failed("x");
    service(
        &mut outcome,
        &Reply::answering(&[("journal", journal)]),
        "nginx",
    );
    assert_eq!(
        cause(&outcome),
        "the service `nginx` does not run: nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)"
    );
    let below = &outcome.aside.as_ref().unwrap().below;
    assert_eq!(below.len(), 5);
    assert_eq!(below[0], "the end of the journal of nginx:");
}
