#![doc = include_str!("page.md")]

mod account;
mod commands;

use std::sync::Arc;
use std::time::Duration;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::placing::PLACING;
use crate::modules::{Answer, Ask, Cx, FreeForm, Module, RemotePath, SecretText, Step, rules};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script, quote};
use crate::value::{Map, Value};
use account::Account;
use commands::Commands;

/// The module.
pub static MODULE: Module = Module {
    name: "user",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "user",
    text: include_str!("user.sh"),
    needs: &[&PLACING],
};

crate::choices! {
    /// Whether the account exists.
    State {
        Absent = "absent",
        Present = "present",
    }
}

crate::choices! {
    /// When a password is set.
    UpdatePassword {
        Always = "always",
        OnCreate = "on_create",
    }
}

args! {
    /// What `user` takes.
    Args {
        append: bool = false,
        authorization: Option<String>,
        comment: Option<String>,
        create_home: bool [createhome] = true,
        expires: Option<f64>,
        force: bool = false,
        generate_ssh_key: bool = false,
        group: Option<String>,
        groups: Option<Vec<String>>,
        hidden: Option<bool>,
        home: Option<RemotePath>,
        local: bool = false,
        login_class: Option<String>,
        move_home: bool = false,
        name: String [user],
        non_unique: bool = false,
        password: Option<SecretText>,
        password_expire_account_disable: Option<i64>,
        password_expire_max: Option<i64>,
        password_expire_min: Option<i64>,
        password_expire_warn: Option<i64>,
        password_lock: Option<bool>,
        profile: Option<String>,
        remove: bool = false,
        role: Option<String>,
        seuser: Option<String>,
        shell: Option<RemotePath>,
        skeleton: Option<String>,
        ssh_key_bits: Option<i64>,
        ssh_key_comment: Option<String>,
        ssh_key_file: Option<RemotePath>,
        ssh_key_passphrase: Option<SecretText>,
        ssh_key_type: String = "rsa".to_owned(),
        state: State = State::Present,
        system: bool = false,
        uid: Option<i64>,
        uid_max: Option<i64>,
        uid_min: Option<i64>,
        umask: Option<String>,
        update_password: UpdatePassword = UpdatePassword::Always,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let mut args = Args::read(args)?;
    rules::required_if(args.append, "append is True", &[("groups", args.groups.is_some())])?;
    if args.local && (args.uid_min.is_some() || args.uid_max.is_some() || args.umask.is_some()) {
        return Err(Error::input("`local` goes with neither `uid_min`, `uid_max` nor `umask`"));
    }
    if let Some(groups) = &mut args.groups {
        groups.retain(|group| !group.is_empty());
    }
    let script = script(&args, "user_probe");
    let check = cx.check;
    Ok(Step::run(script, move |reply| decide(args, &reply, check)))
}

fn script(args: &Args, function: &'static str) -> Script {
    let text = |path: &Option<RemotePath>| path.as_ref().map_or("", AsRef::as_ref).to_owned();
    let secret = |secret: &Option<SecretText>| secret.as_ref().map_or("", SecretText::expose).to_owned();
    Script::call(&SHELL, function)
        .set("name", &args.name)
        .flag("local", args.local)
        .path("home", text(&args.home))
        .path("shell", text(&args.shell))
        .secret("password", secret(&args.password))
        .set("group", args.group.as_deref().unwrap_or_default())
        .list("groups", args.groups.as_deref().unwrap_or_default())
        .flag("generate", args.generate_ssh_key)
        .path("ssh_key_file", text(&args.ssh_key_file))
        .set("key_type", &args.ssh_key_type)
}

fn decide(mut args: Args, reply: &Reply, check: bool) -> Result<Step> {
    let account = Account::of(reply);
    if args.state == State::Absent {
        return Ok(remove(args, account, check));
    }
    let is_new = !account.exists;
    if is_new && check {
        // The groups of an account that is to be made may be made in the same run.
        let mut outcome = Outcome::changed();
        if let Ok(commands) = Commands::to_reach(&args, &account) {
            outcome.warnings = commands.warnings;
        }
        return Ok(outcome.into());
    }
    let seuser = args.seuser.take();
    if reply.flag("selinux") {
        args.seuser = seuser;
    } else if let Some(seuser) = seuser {
        let warning = format!(
            "'seuser' is set to '{seuser}' but SELinux is not enabled on this system. The 'seuser' parameter will be ignored."
        );
        return Ok(decide(args, reply, check)?.warned(warning));
    }
    let commands = Commands::to_reach(&args, &account)?;
    let mut outcome = Outcome::new(!commands.is_empty());
    outcome.warnings.clone_from(&commands.warnings);
    if commands.is_empty() || check {
        return Ok(describe(&args, &account, reply, outcome).into());
    }
    let script = act(&args, &commands);
    Ok(Step::run(script, move |reply| {
        let mut account = Account::of(&reply);
        account.is_new = is_new;
        let outcome = with_output(describe(&args, &account, &reply, outcome), &reply);
        Ok(outcome.into())
    }))
}

fn act(args: &Args, commands: &Commands) -> Script {
    let lines: Vec<String> = commands
        .lines
        .iter()
        .map(|words| {
            let words: Vec<String> = words.iter().map(|word| quote(word).as_str().to_owned()).collect();
            words.join(" ")
        })
        .collect();
    let passphrase = args.ssh_key_passphrase.as_ref().map_or("", SecretText::expose);
    script(args, "user_act")
        .list("commands", &lines)
        .secret("new_hash", commands.hash.as_deref().unwrap_or_default())
        .secret("passphrase", passphrase)
}

fn remove(args: Args, account: Account, check: bool) -> Step {
    if !account.exists {
        let outcome = Outcome::ok().with("name", args.name.as_str());
        return outcome.with("state", "absent").into();
    }
    if check {
        return Outcome::changed().into();
    }
    take_away(args, account, 0)
}

/// How often an account that is in use is tried again: a shell of our own may still be ending.
const TRIES: u32 = 25;

/// Takes the account away. Where processes of it run, shells that we hold open for it may be among
/// them: all shells of the host are closed, and it is tried again.
fn take_away(args: Args, account: Account, tried: u32) -> Step {
    let commands = Commands::to_remove(&args, &account);
    Step::run_any(act(&args, &commands), move |reply| {
        if let Some(outcome) = reply.failure() {
            if reply.int("failed_rc") != Some(IN_USE) || tried == TRIES {
                return Ok(outcome.into());
            }
            let pause = match tried {
                0 => Ask::Disconnect,
                _ => Ask::Sleep(Duration::from_millis(40)),
            };
            return Ok(Step::ask(pause, move |_: Answer| Ok(take_away(args, account, tried + 1))));
        }
        let outcome = Outcome::changed()
            .with("name", args.name.as_str())
            .with("state", "absent")
            .with("force", args.force)
            .with("remove", args.remove);
        Ok(with_output(outcome, &reply).into())
    })
}

/// userdel's status where processes of the account run.
const IN_USE: i64 = 8;

/// What the commands said, where they said something.
fn with_output(mut outcome: Outcome, reply: &Reply) -> Outcome {
    for name in ["stdout", "stderr"] {
        let text = reply.text(name).unwrap_or_default();
        if !text.is_empty() {
            outcome = outcome.with(name, text);
        }
    }
    outcome
}

fn describe(args: &Args, account: &Account, reply: &Reply, outcome: Outcome) -> Outcome {
    let mut outcome = outcome
        .with("name", args.name.as_str())
        .with("state", "present")
        .with("uid", account.uid)
        .with("group", account.gid)
        .with("groups", account.groups.join(","))
        .with("comment", account.comment.as_str())
        .with("home", account.home.as_str())
        .with("shell", account.shell.as_str());
    outcome = if account.is_new {
        outcome.with("create_home", args.create_home).with("system", args.system)
    } else {
        outcome.with("append", args.append).with("move_home", args.move_home)
    };
    if args.password.is_some() {
        outcome = outcome.with("password", "NOT_LOGGING_PASSWORD");
    }
    if args.generate_ssh_key {
        outcome = outcome
            .with("ssh_key_file", reply.text("key").unwrap_or_default())
            .with("ssh_fingerprint", reply.text("fingerprint").unwrap_or_default())
            .with("ssh_public_key", Value::str_or_null(reply.text("public_key")));
    }
    outcome
}

#[cfg(test)]
mod tests;
