use std::process::Command;

use crate::modules::driver::{HostShell, Run, World};

/// Runs a script of git commands on the host, with a fixed author.
fn sh(world: &World, text: &str) -> String {
    let output = Command::new("/bin/sh")
        .args(["-e", "-c", text])
        .current_dir(world.path(""))
        .env("HOME", world.path(""))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}: {said}");
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// A host with git and a repository of two branches and two tags, in `s r c`.
fn world(shell: HostShell) -> World {
    let world = World::new(shell);
    if shell.busybox {
        let git = crate::modules::driver::which("git").unwrap();
        std::os::unix::fs::symlink(git, world.controller("bin/git")).unwrap();
    }
    sh(
        &world,
        "git config --global user.email a@b; git config --global user.name a
        git config --global protocol.file.allow always
        git config --global init.defaultBranch main
        git init -q 's r c'; cd 's r c'
        echo 1 >f; git add f; git commit -qm one; git tag v1; git tag -a -m x v2
        git checkout -q -b dev; echo 2 >f; git commit -qam two; git checkout -q main",
    );
    world
}

fn git<'a>(world: &'a World, dest: &str) -> Run<'a> {
    Run::new("git", world).path("repo", "s r c").path("dest", dest)
}

fn rev(world: &World, name: &str) -> String {
    sh(world, &format!("cd 's r c'; git rev-parse '{name}^{{commit}}'"))
}

#[test]
fn a_tree_follows_branches_tags_and_commits() {
    for shell in HostShell::installed() {
        let world = world(shell);
        let (one, two) = (rev(&world, "main"), rev(&world, "dev"));
        let outcome = git(&world, "w t").diff().expect_changed_then_ok();
        assert!(outcome.data.get("before").unwrap().is_null());
        assert_eq!(outcome.text("after"), Some(one.as_str()));
        for (version, commit) in [("dev", &two), ("v1", &one), (two.as_str(), &two), ("v2", &one)] {
            let outcome = git(&world, "w t").set("version", version).expect_changed_then_ok();
            assert_eq!(outcome.text("after"), Some(commit.as_str()), "{version}");
        }
        git(&world, "w t").run();
        assert_eq!(sh(&world, "cd 'w t'; git symbolic-ref --short HEAD"), "main");
        sh(&world, "cd 's r c'; echo 3 >f; git commit -qam three");
        git(&world, "w t").diff().expect_changed_then_ok();
        assert_eq!(world.read("w t/f"), "3\n");
        git(&world, "w t").set("version", "nope").expect_failed("Failed to checkout nope");
    }
}

#[test]
fn local_changes_are_kept_or_thrown_away() {
    let world = world(HostShell::plain());
    git(&world, "w").expect_changed();
    world.write("w/f", "mine");
    world.write("w/untracked", "mine");
    git(&world, "w").expect_failed("Local modifications exist in the destination");
    git(&world, "w").set("force", true).expect_changed_then_ok();
    assert_eq!(world.read("w/f"), "1\n");
    git(&world, "w").set("update", false).expect_ok();
    world.write("full/x", "");
    git(&world, "full").expect_failed("is not an empty directory");
    let gone = git(&world, "new").path("repo", "nowhere");
    gone.expect_failed("does not appear to be a git repository");
    assert!(git(&world, "none").set("clone", false).run().outcome.changed);
    assert!(!world.path("none").exists());
}

#[test]
fn the_address_may_change() {
    let world = world(HostShell::plain());
    git(&world, "w").set("remote", "up").expect_changed();
    sh(&world, "cp -r 's r c' other");
    let outcome = git(&world, "w").set("remote", "up").path("repo", "other").expect_changed_then_ok();
    assert_eq!(outcome.data.get("remote_url_changed"), Some(&true.into()));
}

#[test]
fn bare_repositories_get_everything() {
    for shell in HostShell::installed() {
        let world = world(shell);
        git(&world, "b").set("bare", true).expect_changed_then_ok();
        sh(&world, "cd 's r c'; git tag v3 dev");
        git(&world, "b").set("bare", true).expect_changed_then_ok();
        assert_eq!(sh(&world, "cd b; git rev-parse v3"), rev(&world, "dev"));
    }
}

#[test]
fn history_may_be_short() {
    let world = world(HostShell::plain());
    let url = format!("file://{}", world.text("s r c"));
    let run = |version: &str| git(&world, "w").set("repo", url.as_str()).set("depth", 1).set("version", version);
    sh(&world, "cd 's r c'; echo 3 >f; git commit -qam three");
    for version in ["HEAD", "dev", "v1"] {
        run(version).expect_changed_then_ok();
        assert_eq!(sh(&world, "cd w; git log --oneline | wc -l").trim(), "1", "{version}");
    }
    git(&world, "s").set("single_branch", true).set("version", "dev").expect_changed_then_ok();
    assert_eq!(sh(&world, "cd s; git for-each-ref refs/remotes | wc -l").trim(), "1");
    git(&world, "s").set("version", "main").expect_changed_then_ok();
}

#[test]
fn archives_are_kept() {
    let world = world(HostShell::plain());
    git(&world, "w").expect_changed();
    for name in ["a b.tar", "a.tar.gz", "a.tgz", "a.zip"] {
        let run = |version: &str| git(&world, "w").path("archive", name).set("version", version);
        run("main").expect_changed_then_ok();
        run("dev").expect_changed_then_ok();
        run("main").set("archive_prefix", "p/").expect_changed_then_ok();
        assert_eq!(world.mode(name), "0644");
    }
    git(&world, "w").path("archive", "a.rar").expect_failed("does not end with");
}

#[test]
fn the_repository_may_be_elsewhere() {
    let world = world(HostShell::plain());
    git(&world, "w").path("separate_git_dir", "x/sep").expect_changed_then_ok();
    git(&world, "v").expect_changed();
    let moved = git(&world, "v").path("separate_git_dir", "y/sep").expect_changed_then_ok();
    assert!(moved.text("git_dir_before").unwrap().ends_with("/v/.git"));
    git(&world, "v").path("separate_git_dir", "x/sep").expect_failed("already exists");
}

#[test]
fn submodules_follow_the_tree_or_their_branch() {
    for shell in HostShell::installed() {
        let world = world(shell);
        sh(&world, "git init -q top; cd top; git submodule --quiet add ../'s r c' 'm o d'; git commit -qm x");
        let run = || Run::new("git", &world).path("repo", "top").path("dest", "w");
        run().set("recursive", false).expect_changed_then_ok();
        assert!(!world.path("w/m o d/f").exists());
        run().expect_changed_then_ok();
        assert_eq!(world.read("w/m o d/f"), "1\n");
        sh(&world, "cd 's r c'; echo 3 >f; git commit -qam three");
        run().expect_ok();
        run().set("track_submodules", true).expect_changed_then_ok();
        assert_eq!(world.read("w/m o d/f"), "3\n");
    }
}

#[test]
fn ssh_gets_its_options() {
    let world = world(HostShell::plain());
    world.fake("ssh", "exit 1");
    git(&world, "w")
        .set("repo", "git@example.com:x.git")
        .path("key_file", "my 'key'")
        .set("accept_newhostkey", true)
        .set("ssh_opts", "-o ConnectTimeout=1")
        .run();
    let call = world.calls().pop().unwrap();
    let key = world.text("my 'key'");
    let wanted = format!("-i {key} -o IdentitiesOnly=yes");
    assert!(call.contains(&wanted) && call.contains("accept-new"), "{call}");
    git(&world, "w").set("umask", "abc").expect_failed("is not a umask");
}
