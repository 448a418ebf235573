use crate::modules::driver::{Run, World};
use crate::modules::{Answer, Ask};
use crate::template::Fetched;
use crate::value::to_json;

fn host(world: &World) {
    world.fake("apt-get", "test ! -e \"$HOME/broken\" || { echo 'E: Failed to fetch x' >&2; exit 100; }");
    world.fake("apt-config", "printf \"list='%s'\\nparts='%s'\\n\" \"$HOME/sources.list\" \"$HOME/parts/\"");
    world.write("sources.list", "deb http://deb.debian.org/debian bookworm main\n");
}

const REPO: &str = "deb [arch=amd64]  https://example.org/apt stable main";

#[test]
fn a_source_is_added_and_removed_once() {
    for world in World::each() {
        host(&world);
        let run = |state: &str| Run::new("apt_repository", &world).set("repo", REPO).set("state", state);
        run("present").check().diff().expect_changed();
        assert!(!world.path("parts").exists());
        let outcome = run("present").set("mode", "0600").expect_changed();
        assert_eq!(world.read("parts/example_org_apt.list"), "deb [arch=amd64] https://example.org/apt stable main\n");
        assert_eq!(world.mode("parts/example_org_apt.list"), "0600");
        assert!(to_json(outcome.data.get("sources_added").unwrap()).contains("example_org_apt.list"));
        assert_eq!(world.calls().last().unwrap(), "apt-get -o APT::Update::Error-Mode=any update");
        let calls = world.calls().len();
        run("present").expect_ok();
        Run::new("apt_repository", &world).set("repo", "deb http://deb.debian.org/debian bookworm  main").expect_ok();
        assert_eq!(world.calls().len(), calls + 2);
        run("absent").set("update_cache", false).expect_changed();
        assert!(!world.path("parts/example_org_apt.list").exists());
        run("absent").expect_ok();
    }
}

#[test]
fn what_cannot_be_fetched_leaves_nothing_behind() {
    for world in World::each() {
        host(&world);
        world.write("broken", "");
        let run = || Run::new("apt_repository", &world).set("repo", REPO).set("update_cache_retries", 0);
        run().set("filename", "own name").expect_failed("Failed to update apt cache after 0 retries: E: Failed to fetch x");
        assert!(!world.path("parts/own name.list").exists());
        Run::new("apt_repository", &world).set("repo", "foo bar").expect_failed("Invalid repository string: foo bar");
    }
}

#[test]
fn an_archive_of_launchpad_comes_with_its_key() {
    for world in World::each() {
        host(&world);
        world.answering(|ask| {
            let Ask::Fetch(fetch) = ask else { return None };
            let body = match fetch.url.contains("api.launchpad.net/1.0/~owner/+archive/tools") {
                true => r#"{"signing_key_fingerprint": "ABCDEF0123456789"}"#,
                false => "x-----BEGIN PGP PUBLIC KEY BLOCK-----\nAA\n-----END PGP PUBLIC KEY BLOCK-----y",
            };
            Some(Answer::Fetched(Fetched { status: 200, body: body.into(), ..Fetched::default() }))
        });
        let run = || Run::new("apt_repository", &world).set("repo", "ppa:owner/tools").set("codename", "jammy");
        run().check().expect_changed();
        run().expect_changed();
        assert!(world.read("parts/ppa_launchpad_net_owner_tools_ubuntu.list").contains("owner/tools/ubuntu jammy main"));
        assert!(world.read("trusted.gpg.d/ppa_owner_tools.asc").starts_with("-----BEGIN"));
        run().expect_ok();
    }
}
