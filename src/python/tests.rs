//! Modules on this machine's own Pythons, with the reference's ansible-core.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{Key, Python, Settings, Source, Told, Work};
use crate::connection::{Connection, HostKeys, Login, LostKind, Target, Transport};
use crate::outcome::Outcome;
use crate::template::{Plugin, PluginArgs, PluginNames};
use crate::value::{Map, Value};

/// The reference's Python, where it is installed (`make test` does).
fn reference() -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.cache/reference/bin/python");
    if !python.is_file() {
        eprintln!("skipped: {} is not there", python.display());
        return None;
    }
    Some(python)
}

struct House {
    python: Arc<Python>,
    interpreters: Vec<String>,
    folder: tempfile::TempDir,
}

impl House {
    fn new(program: &Path) -> House {
        let folder = tempfile::tempdir().unwrap();
        let setting = program.to_string_lossy().into_owned();
        House {
            python: Arc::new(Python::new(Settings {
                program: Some(setting),
                collections: vec![folder.path().to_owned()],
                ..Settings::default()
            })),
            interpreters: vec![program.to_string_lossy().into_owned()],
            folder,
        }
    }

    /// Runs a module whose text is `body` after the import of `AnsibleModule`.
    async fn run(&self, body: &str, args: &Map) -> Result<Outcome, crate::connection::Lost> {
        let text = format!("from ansible.module_utils.basic import AnsibleModule\n{body}\n");
        let path = self.folder.path().join(format!("m{}.py", text.len()));
        std::fs::write(&path, text).unwrap();
        self.run_file(&path, args, &[], Some(Duration::from_secs(20)))
            .await
    }

    async fn run_file(
        &self,
        path: &Path,
        args: &Map,
        environment: &[(String, String)],
        timeout: Option<Duration>,
    ) -> Result<Outcome, crate::connection::Lost> {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let work = Work {
            source: Source {
                path: path.to_owned(),
                name: name.clone(),
                collections: vec![self.folder.path().to_owned()],
                utils: vec![self.folder.path().join("module_utils")],
            },
            args,
            told: Told {
                name,
                shell: "/bin/sh".to_owned(),
                ..Told::default()
            },
            key: Key {
                place: "here".to_owned(),
                interpreters: self.interpreters.clone(),
                environment: super::pool::read_at_start(environment),
            },
            environment,
            timeout,
            start: Duration::from_secs(30),
        };
        let open = || async { Connection::open(&local()).await?.session(None).await };
        self.python.run(work, open).await
    }
}

fn local() -> Target {
    Target {
        name: "localhost".to_owned(),
        transport: Transport::Local,
        address: "localhost".to_owned(),
        port: None,
        user: None,
        login: Login::default(),
        host_keys: HostKeys::Off,
        timeout: Duration::from_secs(10),
        retries: 0,
        ssh_arguments: Vec::new(),
        shell: "/bin/sh".to_owned(),
        terminal: None,
    }
}

const ECHO: &str = "
m = AnsibleModule(argument_spec=dict(a=dict(type='int'), p=dict(no_log=True)), supports_check_mode=True)
import os
m.exit_json(a=m.params['a'], check=m.check_mode, pid=os.getppid(), home=os.environ.get('MINE'),
            stdin=os.read(0, 10).decode(), files=os.listdir('/proc/self/fd'))";

#[tokio::test(flavor = "multi_thread")]
async fn a_module_runs_and_the_interpreter_stays() {
    let Some(program) = reference() else { return };
    let house = House::new(&program);
    let args = crate::entries! { "a" => "5" };
    let first = house.run(ECHO, &args).await.unwrap();
    assert!(!first.failed, "{first:?}");
    assert_eq!(first.data.get("a").unwrap().as_int(), Some(5));
    let second = house.run(ECHO, &args).await.unwrap();
    assert_eq!(first.data.get("pid"), second.data.get("pid"));
    // Nothing of the first task is left to the second.
    let files = |of: &Outcome| of.data.get("files").unwrap().as_list().unwrap().len();
    assert_eq!(files(&first), files(&second), "{second:?}");
    let wrong = house
        .run(ECHO, &crate::entries! { "b" => 1 })
        .await
        .unwrap();
    let message = wrong.text("msg").unwrap();
    assert!(message.contains("Unsupported parameters for"), "{message}");
    house.python.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_told_and_the_next_task_runs() {
    let Some(program) = reference() else { return };
    let house = House::new(&program);
    for (body, message) in [
        (
            "raise ValueError('boom')",
            "Task failed: Module failed: boom",
        ),
        (
            "import sys; sys.exit(0)",
            "Module result deserialization failed: No start of json char found",
        ),
        ("import os; os.kill(os.getpid(), 9)", "ended by signal 9"),
        (
            "while True: print('x' * 100000)",
            "printed more than 64 MiB",
        ),
        ("import no_such_thing", "No module named 'no_such_thing'"),
        ("this is no python", "line 2"),
        ("from ansible.module_utils.no_such import x", "no_such"),
        (
            "import os; os.kill(os.getppid(), 9); import time; time.sleep(9)",
            "ended in the middle of a task",
        ),
    ] {
        let outcome = house.run(body, &Map::new()).await.unwrap();
        let said = outcome.text("msg").unwrap_or_default();
        assert!(outcome.failed && said.contains(message), "{body}: {said}");
    }
    let args = crate::entries! { "a" => 1 };
    assert!(!house.run(ECHO, &args).await.unwrap().failed);
    house.python.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_never_ends_is_ended() {
    let Some(program) = reference() else { return };
    let house = House::new(&program);
    let mark = house.folder.path().join("alive");
    let path = house.folder.path().join("sleeps.py");
    let text = format!(
        "from ansible.module_utils.basic import AnsibleModule\nimport time\n\
         while True:\n    open({:?}, 'a').write('.')\n    time.sleep(0.05)\n",
        mark.to_string_lossy()
    );
    std::fs::write(&path, text).unwrap();
    let second = Some(Duration::from_secs(2));
    let lost = house.run_file(&path, &Map::new(), &[], second).await;
    assert_eq!(lost.unwrap_err().kind, LostKind::Timeout);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let size = || std::fs::metadata(&mark).unwrap().len();
    let before = size();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(before, size(), "it still runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_does_not_hold_the_task_up() {
    let Some(program) = reference() else { return };
    let house = House::new(&program);
    let body = "import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(60)
    os._exit(0)
AnsibleModule(argument_spec={}).exit_json(changed=True)";
    let before = std::time::Instant::now();
    let outcome = house.run(body, &Map::new()).await.unwrap();
    assert!(outcome.changed, "{outcome:?}");
    assert!(
        before.elapsed() < Duration::from_secs(50),
        "{:?}",
        before.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn own_module_utils_and_the_environment_reach_a_module() {
    let Some(program) = reference() else { return };
    let house = House::new(&program);
    let utils = house.folder.path().join("module_utils");
    std::fs::create_dir(&utils).unwrap();
    std::fs::write(
        utils.join("mine.py"),
        "from ansible.module_utils.six import string_types\nX = 7\n",
    )
    .unwrap();
    let path = house.folder.path().join("uses.py");
    let body = "from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.mine import X
import os
AnsibleModule(argument_spec={}).exit_json(x=X, lang=os.environ['LC_ALL'], mine=os.environ['MINE'])";
    std::fs::write(&path, body).unwrap();
    let environment = [("LC_ALL", "C"), ("MINE", "é '$x")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let outcome = house.run_file(&path, &Map::new(), &environment, None).await;
    let outcome = outcome.unwrap();
    assert_eq!(
        outcome.data.get("x").unwrap().as_int(),
        Some(7),
        "{outcome:?}"
    );
    assert_eq!(outcome.text("mine"), Some("é '$x"));
    assert_eq!(outcome.text("lang"), Some("C"));
}

#[tokio::test(flavor = "multi_thread")]
async fn old_and_missing_interpreters_say_so() {
    let Some(program) = reference() else { return };
    let mut house = House::new(&program);
    house.interpreters = vec!["/no/python".to_owned()];
    let outcome = house.run(ECHO, &Map::new()).await.unwrap();
    assert_eq!(
        outcome.text("msg"),
        Some("The module interpreter '/no/python' was not found.")
    );
    house.interpreters = vec!["/bin/false".to_owned()];
    let outcome = house.run(ECHO, &Map::new()).await.unwrap();
    let message = outcome.text("msg").unwrap();
    assert!(message.contains("'/bin/false' does not work"), "{message}");
    for old in ["2.7.18", "3.6.15"] {
        let home = std::env::var("HOME").unwrap_or_default();
        let python = format!("{home}/.pyenv/versions/{old}/bin/python");
        if !Path::new(&python).is_file() {
            eprintln!("skipped: {python} is not there");
            continue;
        }
        house.interpreters = vec![python];
        let outcome = house.run(ECHO, &Map::new()).await.unwrap();
        let message = outcome.text("msg").unwrap();
        let expected =
            format!("Ansible requires Python 3.9 or newer on the target. Current version: {old}");
        assert!(message.starts_with(&expected), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_ansible_core_the_error_says_what_to_do() {
    let empty = tempfile::tempdir().unwrap();
    std::process::Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(empty.path())
        .status()
        .unwrap();
    let program = empty.path().join("bin/python3");
    if !program.is_file() {
        eprintln!("skipped: no python3 that makes virtual environments");
        return;
    }
    let house = House::new(&program);
    let outcome = house.run(ECHO, &Map::new()).await.unwrap();
    let message = outcome.text("msg").unwrap();
    assert!(
        message.contains("needs ansible-core, which is not installed"),
        "{message}"
    );
    assert!(message.contains("m"), "{message}");
}

/// The names of a template of the tests'.
struct Names;

impl PluginNames for Names {
    fn all(&self) -> Vec<String> {
        vec!["own".to_owned()]
    }

    fn value(&self, name: &str) -> crate::error::Result<Option<Value>> {
        Ok((name == "own").then(|| Value::str("mine")))
    }
}

const FILTERS: &str = "from jinja2 import pass_context
import os
@pass_context
def seen(context, value):
    return context.resolve('own') + value
class FilterModule(object):
    def filters(self):
        return dict(shout=lambda v, n=1: v.upper() + '!' * n, seen=seen, die=lambda v: os._exit(3),
                    odd=lambda v: {1: (b'x', '{{ no }}')})
";

#[tokio::test(flavor = "multi_thread")]
async fn filters_are_called_and_a_dead_one_is_told() {
    let Some(program) = reference() else { return };
    let house = House::new(&program);
    let places = vec![house.folder.path().join("filter_plugins")];
    let plugin = |name: &'static str| Plugin {
        kind: "filter",
        name,
        places: places.clone(),
    };
    // Nothing could hold it: nothing is started.
    assert!(!house.python.has_plugin(&plugin("shout")).unwrap().0);
    std::fs::create_dir(&places[0]).unwrap();
    std::fs::write(places[0].join("mine.py"), FILTERS).unwrap();
    assert!(house.python.has_plugin(&plugin("shout")).unwrap().0);
    assert!(
        !house
            .python
            .has_plugin(&plugin("no_such_filter"))
            .unwrap()
            .0
    );
    let call = |name, value: Value, named: Vec<(String, Value)>| {
        let args = PluginArgs {
            positional: vec![value],
            named,
            basedir: None,
        };
        house.python.call_plugin(&plugin(name), &args, &Names)
    };
    let two = vec![("n".to_owned(), Value::Int(2))];
    let value = call("shout", Value::str("a"), two).unwrap().value;
    assert_eq!(value.as_str(), Some("A!!"));
    let value = call("seen", Value::str("X"), Vec::new()).unwrap().value;
    assert_eq!(value.as_str(), Some("mineX"));
    let value = call("odd", Value::Null, Vec::new()).unwrap().value;
    assert_eq!(value.repr(), "{1: (b'x', '{{ no }}')}");
    assert!(!value.has_templates());
    let error = call("shout", Value::Int(1), Vec::new()).unwrap_err();
    let message = error.message();
    assert!(
        message.starts_with("The filter plugin 'shout' failed: "),
        "{message}"
    );
    assert!(error.hint_text().unwrap().contains("mine.py, line 8"));
    let error = call("die", Value::Null, Vec::new()).unwrap_err();
    assert!(error.message().ends_with("ended: status 3"), "{error}");
    let value = call("shout", Value::str("b"), Vec::new()).unwrap().value;
    assert_eq!(value.as_str(), Some("B!"));
}

/// What we send must be read by every Python that a host or a controller may have.
#[test]
fn our_texts_compile_under_every_python() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/python/text");
    let home = std::env::var("HOME").unwrap_or_default();
    let versions = Path::new(&home).join(".pyenv/versions");
    let mut pythons: Vec<PathBuf> = std::fs::read_dir(versions)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin/python"))
        .collect();
    pythons.push(PathBuf::from("/usr/bin/python3"));
    let check =
        "import sys\nfor path in sys.argv[1:]:\n    compile(open(path).read(), path, 'exec')";
    let mut checked = 0;
    for python in pythons.iter().filter(|python| python.is_file()) {
        let old = ["/2.", "/3.6", "/3.7", "/3.8"]
            .iter()
            .any(|version| python.to_string_lossy().contains(version));
        let names: &[&str] = match old {
            true => &["host", "host_boot"],
            false => &[
                "host",
                "host_boot",
                "boot",
                "frames",
                "closure",
                "values",
                "plugins",
                "actions",
                "worker",
            ],
        };
        let files = names.iter().map(|name| folder.join(format!("{name}.py")));
        let done = std::process::Command::new(python)
            .args(["-c", check])
            .args(files)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{}: {stderr}", python.display());
        checked += 1;
    }
    if checked == 0 {
        eprintln!("skipped: no Python is there");
    }
}
