#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::editing::{EDITING, Edit, Editing, Keeps};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "pam_limits",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "pam_limits",
    text: include_str!("pam_limits.sh"),
    needs: &[&EDITING],
};

crate::choices! {
    /// Whether the user can change it.
    Kind { Hard = "hard", Soft = "soft", Both = "-" }
}

crate::choices! {
    /// What is limited.
    Item {
        Core = "core", Data = "data", Fsize = "fsize", Memlock = "memlock", Nofile = "nofile", Rss = "rss",
        Stack = "stack", Cpu = "cpu", Nproc = "nproc", As = "as", Maxlogins = "maxlogins",
        Maxsyslogins = "maxsyslogins", Priority = "priority", Locks = "locks", Sigpending = "sigpending",
        Msgqueue = "msgqueue", Nice = "nice", Rtprio = "rtprio", Chroot = "chroot",
    }
}

args! {
    /// What `pam_limits` takes.
    Args {
        backup: bool = false,
        comment: String = String::new(),
        dest: RemotePath = RemotePath("/etc/security/limits.conf".to_owned()),
        domain: String,
        limit_item: Item,
        limit_type: Kind,
        use_max: bool = false,
        use_min: bool = false,
        value: String,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    if args.use_max && args.use_min {
        return Err(Error::input("Cannot use use_min and use_max at the same time."));
    }
    check_value(args.limit_item.word(), &args.value, "")?;
    let editing = Editing {
        keeps: Keeps::Shown,
        path: args.dest.clone(),
        encoding: "utf-8".to_owned(),
        attributes: Attributes::read(&Map::new())?,
        backup: args.backup,
        follow: true,
        describe: false,
        validate: None,
        backup_key: "backup_file",
        backup_always: false,
        cx: Arc::clone(cx),
    };
    editing.step_probing(Script::call(&SHELL, "pam_limits_probe"), move |original, _| {
        let text = original.text.as_deref().unwrap_or_default();
        let (text, line) = limited(&args, text, &original.path)?;
        Ok(Edit::Text(text, Outcome::ok().with("msg", line)))
    })
}

fn check_value(item: &str, value: &str, prefix: &str) -> Result<()> {
    if matches!(item, "nice" | "priority") {
        if value.parse::<i64>().is_ok_and(|number| (-20..=19).contains(&number)) {
            return Ok(());
        }
        return Err(Error::input(format!(
            "{prefix}`{value}` for `{item}` is not a number from -20 to 19"
        )));
    }
    let number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    if number || is_unlimited(value) {
        return Ok(());
    }
    Err(Error::input(format!(
        "{prefix}`{value}` for `{item}` is neither a number from 0 on nor `unlimited`, `infinity` or `-1`"
    )))
}

fn is_unlimited(value: &str) -> bool {
    matches!(value, "unlimited" | "infinity" | "-1")
}

/// The text with the limit, and its line.
fn limited(args: &Args, before: &str, path: &str) -> Result<(String, String)> {
    let mut text = String::new();
    let mut found = None;
    let mut comment = args.comment.clone();
    for line in before.split_inclusive('\n') {
        let (fields, old_comment) = fields(line);
        if comment.is_empty() {
            old_comment.clone_into(&mut comment);
        }
        let [domain, kind, item, value] = fields[..] else {
            text.push_str(line);
            continue;
        };
        check_value(item, value, &format!("invalid line in `{path}`: "))?;
        if domain != args.domain || kind != args.limit_type.word() || item != args.limit_item.word() {
            text.push_str(line);
            continue;
        }
        let new = chosen(args, value);
        let line = if new == value { line.to_owned() } else { written(args, &new, &comment) };
        text.push_str(&line);
        found = Some(line);
    }
    let line = match found {
        Some(line) => line,
        None => {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            let line = written(args, &args.value, &comment);
            text.push_str(&line);
            line
        }
    };
    Ok((text, line))
}

/// The words of a line that is no comment, and the comment at its end with the line end.
fn fields(line: &str) -> (Vec<&str>, &str) {
    if line.starts_with('#') || line.trim().is_empty() {
        return (Vec::new(), "");
    }
    let (limit, comment) = line.split_once('#').unwrap_or((line, ""));
    (limit.split_whitespace().collect(), comment)
}

/// The value that the line is to have.
fn chosen(args: &Args, now: &str) -> String {
    let wanted = args.value.as_str();
    let number = |text: &str| text.parse::<i64>().unwrap_or(i64::MAX);
    // For these -1 is a number as any other.
    let plain = matches!(args.limit_item, Item::Nice | Item::Priority);
    let size = |text: &str| if !plain && is_unlimited(text) { i64::MAX } else { number(text) };
    let kept = match (args.use_max, args.use_min) {
        (true, _) => size(now) >= size(wanted),
        (_, true) => size(now) <= size(wanted),
        _ => now == wanted,
    };
    if kept { now.to_owned() } else { wanted.to_owned() }
}

fn written(args: &Args, value: &str, comment: &str) -> String {
    let comment = if comment.is_empty() { String::new() } else { format!("\t#{comment}") };
    let (kind, item) = (args.limit_type.word(), args.limit_item.word());
    format!("{}\t{kind}\t{item}\t{value}{comment}\n", args.domain)
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::Map;

    fn run(world: &World, args: Map) -> Run<'_> {
        Run::new("pam_limits", world)
            .args(entries! { "domain" => "joe", "limit_type" => "soft", "limit_item" => "nofile" })
            .path("dest", "limits d/x.conf")
            .args(args)
    }

    #[test]
    fn a_limit_is_set_once() {
        for world in World::each() {
            world.write("limits d/x.conf", "# head\n\n@a  -   core 0 # why\njoe soft nofile 10\n");
            let outcome = run(&world, entries! { "value" => 64000, "comment" => "mine" }).diff().expect_changed_then_ok();
            assert_eq!(outcome.text("msg"), Some("joe\tsoft\tnofile\t64000\t#mine\n"));
            assert_eq!(world.read("limits d/x.conf"), "# head\n\n@a  -   core 0 # why\njoe\tsoft\tnofile\t64000\t#mine\n");
            run(&world, entries! { "value" => 10, "use_max" => true }).expect_ok();
            run(&world, entries! { "value" => "unlimited", "use_min" => true }).expect_ok();
            run(&world, entries! { "value" => "unlimited", "use_max" => true, "backup" => true }).expect_changed_then_ok();
            run(&world, entries! { "value" => 5, "limit_item" => "nice" }).expect_changed_then_ok();
            // A new line takes the first comment that stands there, its line end too, as the reference does.
            let outcome = run(&world, entries! { "value" => 1, "limit_item" => "core" }).expect_changed_then_ok();
            assert_eq!(outcome.text("msg"), Some("joe\tsoft\tcore\t1\t# why\n\n"));
        }
    }

    #[test]
    fn what_cannot_be_is_told() {
        let world = World::plain();
        run(&world, entries! { "value" => 1 }).expect_failed("is not there or cannot be written to");
        run(&world, entries! { "value" => "many" }).expect_failed("neither a number");
        run(&world, entries! { "value" => 20, "limit_item" => "nice" }).expect_failed("-20 to 19");
        run(&world, entries! { "value" => 20, "use_min" => true, "use_max" => true }).expect_failed("at the same time");
        world.write("limits d/x.conf", "a - core some\n");
        run(&world, entries! { "value" => 1 }).expect_failed("invalid line in");
    }
}
