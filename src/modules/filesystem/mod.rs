#![doc = include_str!("page.md")]

mod kind;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::commands::{Command, act, command, finish};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step, rules};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::Map;
use kind::{KINDS, Kind};

/// The module.
pub static MODULE: Module = Module {
    name: "filesystem",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "filesystem",
    text: include_str!("filesystem.sh"),
    needs: &[&PRELUDE],
};

crate::choices! {
    /// Whether there is a file system.
    State { Absent = "absent", Present = "present" }
}

crate::choices! {
    /// The kind of a file system.
    Fstype {
        Bcachefs = "bcachefs", Btrfs = "btrfs", Ext2 = "ext2", Ext3 = "ext3", Ext4 = "ext4", Ext4dev = "ext4dev",
        F2fs = "f2fs", Lvm = "lvm", Ocfs2 = "ocfs2", Reiserfs = "reiserfs", Xfs = "xfs", Vfat = "vfat",
        Swap = "swap", Ufs = "ufs", Gfs2 = "gfs2",
    }
}

args! {
    /// What `filesystem` takes.
    Args {
        dev: RemotePath [device],
        force: bool = false,
        fstype: Option<Fstype> [type],
        label: Option<String>,
        opts: Option<String>,
        resizefs: bool = false,
        state: State = State::Present,
        uuid: Option<String>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let present = args.state == State::Present;
    rules::required_if(present, "`state` is `present`", &[("fstype", args.fstype.is_some())])?;
    rules::exclusive(&[("resizefs", args.resizefs), ("uuid", args.uuid.is_some())])?;
    let kind = args.fstype.and_then(|fstype| KINDS.iter().find(|kind| kind.name == fstype.word()));
    if let Some(kind) = kind.filter(|_| present) {
        check_kind(&args, kind)?;
    }
    let script = Script::call(&SHELL, "filesystem_probe")
        .path("dev", &args.dev)
        .flag("resize", args.resizefs && present)
        .list("info", kind.map_or(&[], |kind| kind.info))
        .flag("mounted", kind.is_some_and(|kind| kind.grow_mounted));
    let check = cx.check;
    Ok(Step::run(script, move |reply| {
        let step = decide(&args, kind, &reply, check)?;
        Ok(reply.warnings().into_iter().fold(step, Step::warned))
    }))
}

fn check_kind(args: &Args, kind: &Kind) -> Result<()> {
    if args.uuid.is_some() && kind.uuid.is_empty() && kind.change_uuid.is_none() {
        return Err(Error::input(format!(
            "module does not support UUID option for this filesystem ({}) yet.",
            kind.name
        )));
    }
    Ok(())
}

fn decide(args: &Args, kind: Option<&'static Kind>, reply: &Reply, check: bool) -> Result<Step> {
    let text = |name: &str| reply.text(name).unwrap_or_default().trim().to_owned();
    let (dev, fs) = (text("dev"), text("fs"));
    if !reply.flag("exists") {
        let message = format!("Device {dev} not found.");
        return match args.state {
            State::Present => Step::failed(message),
            State::Absent => Ok(Outcome::ok().with("msg", message).into()),
        };
    }
    let Some(kind) = kind.filter(|_| args.state == State::Present) else {
        let wipe = vec![command(&["wipefs", "--all", &dev])];
        return Ok(match fs.is_empty() {
            true => Outcome::ok().into(),
            false => finish(wipe, check, Outcome::changed()),
        });
    };
    let same = kind.found.contains(&fs.as_str());
    if same && args.resizefs {
        return grow(kind, &dev, reply, check);
    }
    if same && let Some(uuid) = &args.uuid {
        return change_uuid(kind, uuid, &dev, &text("uuid"), check);
    }
    if same && !args.force {
        return Ok(Outcome::ok().into());
    }
    if !fs.is_empty() && !args.force {
        let message = format!("'{dev}' is already used as {fs}, use force=true to overwrite");
        let rc = reply.int("blkid_rc").unwrap_or(0);
        return Ok(Outcome::failed(message).with("rc", rc).with("err", "").into());
    }
    let commands = creation(args, kind, &dev, &text("system"));
    Ok(finish(commands, check, Outcome::changed()))
}

/// What makes the file system. Options of the task go before what `uuid` and `label` mean.
fn creation(args: &Args, kind: &Kind, dev: &str, system: &str) -> Vec<Command> {
    let program = if kind.name == "vfat" && system == "FreeBSD" { "newfs_msdos" } else { kind.mkfs };
    let mut opts: Vec<String> = args.opts.iter().flat_map(|opts| opts.split_whitespace()).map(str::to_owned).collect();
    // An option of the task that sets it goes before.
    let given = |names: &[&str], opts: &[String]| opts.iter().any(|opt| names.contains(&opt.as_str()));
    if let (Some(uuid), Some(option)) = (&args.uuid, kind.uuid.first())
        && !given(kind.uuid, &opts)
    {
        opts.extend([(*option).to_owned(), uuid.clone()]);
        opts.extend(command(kind.uuid_more));
    }
    if let (Some(label), Some(option)) = (&args.label, kind.label.first())
        && !given(kind.label, &opts)
    {
        opts.extend([(*option).to_owned(), label.clone()]);
    }
    let mut commands = vec![[command(&[program]), command(kind.force), opts, command(&[dev])].concat()];
    if let (Some(uuid), Some(change)) = (&args.uuid, kind.change_uuid)
        && kind.uuid.is_empty()
    {
        commands.push(uuid_command(change, uuid, dev));
    }
    commands
}

/// The name as messages have it.
fn title(name: &str) -> String {
    match name {
        "gfs2" | "lvm" | "ufs" | "vfat" | "xfs" => name.to_uppercase(),
        "ext4dev" => "Ext4".to_owned(),
        name => {
            let (first, rest) = name.split_at(1);
            format!("{}{rest}", first.to_uppercase())
        }
    }
}

fn uuid_command(change: (&str, &str, bool), uuid: &str, dev: &str) -> Command {
    match change {
        (program, option, true) => command(&[program, option, uuid, dev]),
        (program, option, false) => command(&[program, option, dev]),
    }
}

fn change_uuid(kind: &Kind, uuid: &str, dev: &str, now: &str, check: bool) -> Result<Step> {
    if now.eq_ignore_ascii_case(uuid) {
        return Ok(Outcome::ok().into());
    }
    let Some(change) = kind.change_uuid else {
        return Step::failed(format!("the UUID of a {} cannot be changed", kind.name));
    };
    if check {
        let message = format!("Changing {} filesystem UUID on device {dev}", title(kind.name));
        return Ok(Outcome::changed().with("msg", message).into());
    }
    Ok(with_output(uuid_command(change, uuid, dev)))
}

fn grow(kind: &Kind, dev: &str, reply: &Reply, check: bool) -> Result<Step> {
    let name = &title(kind.name);
    if kind.grow.is_empty() {
        return Step::failed(format!("module does not support resizing {name} filesystem yet."));
    }
    let text = |name: &str| reply.text(name).unwrap_or_default().trim().to_owned();
    let mountpoint = text("mountpoint");
    if kind.name == "btrfs" && mountpoint.is_empty() {
        return Step::failed(format!("{dev} needs to be mounted for {name} operations"));
    }
    let about = text("about");
    if reply.int("about_rc") != Some(0) {
        return Step::failed(format!("{} failed: {about}", kind.info.join(" ")));
    }
    let (Some(size), Ok(whole)) = ((kind.size)(&format!("\n{about}")), text("size").parse::<i64>()) else {
        return Step::failed(format!("unable to process {} output for {dev}", kind.info.first().unwrap_or(&"")));
    };
    if size + kind.slack >= whole {
        let message = format!("{name} filesystem is using the whole device {dev}");
        return Ok(Outcome::ok().with("msg", message).into());
    }
    if check {
        let message = format!("resizing filesystem {name} on device {dev}");
        return Ok(Outcome::changed().with("msg", message).into());
    }
    if kind.grow_mounted && mountpoint.is_empty() {
        return Step::failed(format!("{dev} needs to be mounted for {name} operations"));
    }
    let target = if kind.grow_mounted { mountpoint.as_str() } else { dev };
    Ok(with_output([command(kind.grow), command(&[target])].concat()))
}

/// Runs a program and tells what it said.
fn with_output(words: Command) -> Step {
    act(vec![words], |ran| {
        let said = ran.into_iter().next().unwrap_or_default().stdout;
        Ok(Outcome::changed().with("msg", said).into())
    })
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::Map;

    fn run(world: &World, args: Map) -> Run<'_> {
        if !world.path("my disk").exists() {
            world.write("my disk", "0123456789".repeat(100));
        }
        world.fake("blkid", "for last; do :; done; case $* in (*TYPE*) cat \"$HOME/fs\" 2>/dev/null || exit 2 ;; (*UUID*) cat \"$HOME/uuid\" 2>/dev/null || exit 2 ;; esac");
        world.fake("mkfs.ext4", "case $* in (*bad*) echo 'mke2fs: bad' >&2; exit 1 ;; esac; echo ext4 >\"$HOME/fs\"");
        world.fake("tune2fs", "case $1 in (-l) printf 'Block count:  %s\\nBlock size: 10\\n' \"$(cat \"$HOME/blocks\" 2>/dev/null || echo 50)\" ;; (-U) echo \"$2\" >\"$HOME/uuid\" ;; esac");
        world.fake("resize2fs", "echo 100 >\"$HOME/blocks\"; echo resized");
        world.fake("findmnt", "exit 1");
        world.fake("wipefs", "rm \"$HOME/fs\"");
        Run::new("filesystem", world).path("dev", "my disk").args(args)
    }

    #[test]
    fn a_file_system_is_made_once() {
        for world in World::each() {
            run(&world, entries! { "fstype" => "ext4", "opts" => "-L data", "uuid" => "1-2" }).check().expect_changed();
            run(&world, entries! { "fstype" => "ext4", "opts" => "-L data" }).expect_changed_then_ok();
            let dev = world.text("my disk");
            assert!(world.calls().contains(&format!("mkfs.ext4 -F -L data {dev}")), "{}", world.shell_name());
            run(&world, entries! { "fstype" => "xfs" }).expect_failed("is already used as ext4, use force=true to overwrite");
            run(&world, entries! { "type" => "ext4", "resizefs" => true }).expect_changed_then_ok();
            run(&world, entries! { "type" => "ext4", "uuid" => "AB-CD" }).expect_changed_then_ok();
            run(&world, entries! { "state" => "absent" }).expect_changed_then_ok();
            run(&world, entries! { "fstype" => "ext4", "opts" => "bad" }).expect_failed("mke2fs: bad");
            run(&world, entries! { "fstype" => "ext4", "dev" => "/no/such" }).expect_failed("Device /no/such not found.");
            run(&world, entries! { "fstype" => "swap", "uuid" => "1" }).expect_failed("does not support UUID option");
            run(&world, entries! {}).expect_failed("following are missing: fstype");
        }
    }
}
