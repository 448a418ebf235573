//! The reference's `junit`: an XML file of cases in a folder, told what to do by the environment.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::result::{is_failed, is_unreachable, short, shows_always, whole};
use crate::disk::write_named;
use crate::report::event::{Event, Included, Result, Status, TaskInfo};
use crate::report::outputs::{attribute, xml_text};
use crate::report::printed::Teller;
use crate::value::{Value, to_json_nice};

/// Collects cases.
pub struct Junit {
    options: Options,
    verbosity: u8,
    playbook: String,
    play: String,
    /// Whether the play goes on with another batch of hosts: its tasks are known.
    goes_on: bool,
    tasks: Vec<Task>,
}

/// Says whether the names of cases are to have no arguments.
pub fn hides_arguments() -> bool {
    let said = std::env::var("JUNIT_HIDE_TASK_ARGUMENTS");
    said.is_ok_and(|said| said.to_lowercase() != "false")
}

/// What the `JUNIT_*` variables say.
struct Options {
    folder: PathBuf,
    one_class: bool,
    relative: Option<PathBuf>,
    out_of_tree: Option<String>,
    fail_on_change: bool,
    fail_on_ignore: bool,
    setup: bool,
    prefix: String,
}

struct Task {
    info: Arc<TaskInfo>,
    play: String,
    began: Instant,
    cases: Vec<Case>,
}

struct Case {
    host: String,
    time: Duration,
    end: End,
    output: String,
}

enum End {
    Passed,
    Skipped(String),
    /// A task that went well and should not have.
    Failed(String),
    /// A task that failed.
    Broken(String),
}

impl Options {
    fn read(variable: &dyn Fn(&str) -> Option<String>) -> Options {
        let flag = |name: &str, default: bool| match variable(name) {
            Some(text) => text.to_lowercase() == "true",
            None => default,
        };
        let path = |name: &str| {
            variable(name)
                .filter(|text| !text.is_empty())
                .map(PathBuf::from)
        };
        let home = || PathBuf::from(variable("HOME").unwrap_or_default()).join(".ansible.log");
        Options {
            folder: path("JUNIT_OUTPUT_DIR").unwrap_or_else(home),
            one_class: flag("JUNIT_TASK_CLASS", false),
            relative: path("JUNIT_TASK_RELATIVE_PATH"),
            out_of_tree: variable("JUNIT_REPLACE_OUT_OF_TREE_PATH"),
            fail_on_change: flag("JUNIT_FAIL_ON_CHANGE", false),
            fail_on_ignore: flag("JUNIT_FAIL_ON_IGNORE", false),
            setup: flag("JUNIT_INCLUDE_SETUP_TASKS_IN_REPORT", true),
            prefix: variable("JUNIT_TEST_CASE_PREFIX").unwrap_or_default(),
        }
    }

    /// The class of a task: where it stands.
    fn class(&self, info: &TaskInfo) -> String {
        let Some(place) = &info.place else {
            return String::new();
        };
        let path = std::path::absolute(place.path()).unwrap_or(place.path().to_owned());
        let full = format!("{}:{}", path.display(), place.line);
        let class = match &self.relative {
            Some(folder) => relative(Path::new(&full), folder),
            None => full,
        };
        let class = match (&self.out_of_tree, class.starts_with("../")) {
            (Some(instead), true) => {
                format!("{instead}{}", class.rsplit('/').next().unwrap_or_default())
            }
            _ => class,
        };
        match (self.one_class, class.rsplit_once(".yml:")) {
            (true, Some((file, _))) => file.to_owned(),
            _ => class,
        }
    }
}

/// A path as it is called from a folder.
fn relative(path: &Path, folder: &Path) -> String {
    let folder = std::path::absolute(folder).unwrap_or(folder.to_owned());
    let mut up = PathBuf::new();
    for above in folder.ancestors() {
        if let Ok(rest) = path.strip_prefix(above) {
            return up.join(rest).display().to_string();
        }
        up.push("..");
    }
    path.display().to_string()
}

impl Junit {
    /// One that is told what to do by the variables of the environment.
    pub fn from_environment(verbosity: u8) -> Self {
        Junit {
            options: Options::read(&|name| std::env::var(name).ok()),
            verbosity,
            goes_on: false,
            playbook: String::new(),
            play: String::new(),
            tasks: Vec::new(),
        }
    }

    fn task(&mut self, info: &Arc<TaskInfo>) {
        // Each batch comes to the tasks of the play anew.
        if self.goes_on && self.tasks.iter().any(|task| task.is(info)) {
            return;
        }
        self.tasks.push(Task {
            info: Arc::clone(info),
            play: self.play.clone(),
            began: Instant::now(),
            cases: Vec::new(),
        });
    }

    /// The task of a result: the latest that is not done on the host.
    fn task_of(&mut self, info: &Arc<TaskInfo>, host: &str) -> Option<&mut Task> {
        let open = |task: &Task| task.is(info) && task.cases.iter().all(|case| case.host != host);
        if !self.tasks.iter().any(open) {
            let goes_on = std::mem::take(&mut self.goes_on);
            self.task(info);
            self.goes_on = goes_on;
        }
        self.tasks.iter_mut().rev().find(|task| open(task))
    }

    fn result(&mut self, result: &Result) {
        if is_unreachable(result) {
            return;
        }
        let end = self.end(result);
        let output = self.dump(result);
        let prefix = self.options.prefix.clone();
        let Some(task) = self.task_of(&result.task, &result.host) else {
            return;
        };
        let passed = !matches!(end, End::Failed(_) | End::Broken(_));
        if passed && !task.name().starts_with(&prefix) {
            return;
        }
        task.cases.push(Case {
            host: result.host.to_string(),
            time: task.began.elapsed(),
            end,
            output,
        });
    }

    fn dump(&self, result: &Result) -> String {
        let indent = match shows_always(result) || self.verbosity > 2 {
            true => 4,
            false => 0,
        };
        to_json_nice(&Value::map(whole(result)), indent, true)
    }

    /// Tasks were included: a case for each host, and one that says what.
    fn included(&mut self, included: &Included) {
        let is_include = |task: &&mut Task| short(&task.info.action).starts_with("include_");
        let prefix = self.options.prefix.clone();
        let Some(task) = self.tasks.iter_mut().rev().find(is_include) else {
            return;
        };
        if !task.name().starts_with(&prefix) {
            return;
        }
        let case = |host: &str, output: String| Case {
            host: host.to_owned(),
            time: task.began.elapsed(),
            end: End::Passed,
            output,
        };
        let item = included.item.as_ref();
        let vars = item.map(|item| format!("'item': {item}"));
        let text = format!(
            "{} (args={{}} vars={{{}}}): [{}]",
            included.path,
            vars.unwrap_or_default(),
            included.hosts.join(", ")
        );
        let mut new: Vec<Case> = Vec::new();
        for host in &included.hosts {
            if task.cases.iter().all(|known| *known.host != **host) {
                let changed = crate::entries! { "changed" => false };
                new.push(case(host, to_json_nice(&Value::map(changed), 0, true)));
            }
        }
        match task.cases.iter_mut().find(|known| known.host == INCLUDE) {
            Some(known) => known.output = format!("{}\n{text}", known.output),
            None => new.push(case(INCLUDE, text)),
        }
        task.cases.append(&mut new);
    }

    fn end(&self, result: &Result) -> End {
        let ignored = result.status == Status::Ignored && !self.options.fail_on_ignore;
        let changed = self.options.fail_on_change && result.outcome.changed;
        let failed = is_failed(result) && !ignored || changed;
        let expected = failed && result.task.name.contains("EXPECTED FAILURE");
        let toggled = result.task.name.contains("TOGGLE RESULT");
        match result.status {
            Status::Skipped => {
                let reason = result.outcome.text("skip_reason").unwrap_or("skipped");
                End::Skipped(reason.to_owned())
            }
            _ if expected || failed == toggled => End::Passed,
            _ if is_failed(result) && !result.of_loop => End::Broken(brief(result)),
            _ => End::Failed(message(result)),
        }
    }

    fn text(&self) -> String {
        let tasks = self
            .tasks
            .iter()
            .filter(|task| self.options.setup || short(&task.info.action) != "setup");
        let mut cases = String::new();
        let (mut count, mut failed, mut skipped, mut broken) = (0, 0, 0, 0);
        let mut time = Duration::ZERO;
        for (task, case) in tasks.flat_map(|task| task.cases.iter().map(move |case| (task, case))) {
            count += 1;
            failed += usize::from(matches!(case.end, End::Failed(_)));
            broken += usize::from(matches!(case.end, End::Broken(_)));
            skipped += usize::from(matches!(case.end, End::Skipped(_)));
            time += case.time;
            cases.push_str(&case.text(&self.options.class(&task.info), task));
        }
        let time = time.as_secs_f64();
        let name = attribute(&self.playbook);
        format!(
            "<?xml version=\"1.0\" ?>\n\
             <testsuites disabled=\"0\" errors=\"{broken}\" failures=\"{failed}\" tests=\"{count}\" time=\"{time}\">\n\
             \t<testsuite disabled=\"0\" errors=\"{broken}\" failures=\"{failed}\" name=\"{name}\" skipped=\"{skipped}\" \
             tests=\"{count}\" time=\"{time}\">\n{cases}\t</testsuite>\n</testsuites>\n"
        )
    }

    fn write(&self, out: &mut Vec<u8>) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let name = format!("{}-{:.6}.xml", self.playbook, now.as_secs_f64());
        if let Err(error) = write_named(
            &self.options.folder.join(name),
            self.text().as_bytes(),
            0o666,
        ) {
            out.extend_from_slice(format!("[WARNING]: {}\n", error.chain()).as_bytes());
        }
    }
}

/// The host of the case that says what was included.
const INCLUDE: &str = "include";

/// The actions that the reference does on the controller: their failure is no module's.
const ACTIONS: &[&str] = &[
    "add_host",
    "assemble",
    "assert",
    "copy",
    "debug",
    "fail",
    "fetch",
    "group_by",
    "include_vars",
    "pause",
    "raw",
    "reboot",
    "script",
    "set_fact",
    "set_stats",
    "template",
    "unarchive",
    "validate_argument_spec",
    "wait_for_connection",
];

/// What a failure says, or with which code it ended.
fn message(result: &Result) -> String {
    let code = || {
        result
            .outcome
            .data
            .get("rc")
            .map_or("0".to_owned(), Value::to_text)
    };
    let said = result.outcome.data.get("msg").map(Value::to_text);
    said.unwrap_or_else(|| format!("rc={}", code()))
}

/// What a failure says, in the words of the reference's error.
fn brief(result: &Result) -> String {
    let said = message(result);
    let action = short(&result.task.action);
    if said.starts_with("Task failed: ") || action.starts_with("include_") {
        return said;
    }
    match ACTIONS.contains(&action) {
        true => format!("Task failed: Action failed: {said}"),
        false => format!("Task failed: Module failed: {said}"),
    }
}

impl Task {
    fn is(&self, info: &TaskInfo) -> bool {
        self.info.name == info.name && self.info.place == info.place
    }

    /// Its name, with its arguments where they are told.
    fn name(&self) -> String {
        let name = self.info.name.trim();
        match self
            .info
            .arguments
            .as_deref()
            .filter(|text| !text.is_empty())
        {
            Some(arguments) if !hides_arguments() => format!("{name} {arguments}"),
            _ => name.to_owned(),
        }
    }
}

impl Case {
    fn text(&self, class: &str, task: &Task) -> String {
        let output = xml_text(&self.output);
        let inside = match &self.end {
            End::Passed => format!("<system-out>{output}</system-out>"),
            End::Skipped(why) => format!("<skipped>{}</skipped>", xml_text(why)),
            End::Broken(why) => format!(
                "<error message=\"{}\" type=\"error\">{output}</error>",
                attribute(why)
            ),
            End::Failed(why) => format!(
                "<failure message=\"{}\" type=\"failure\">{output}</failure>",
                attribute(why)
            ),
        };
        format!(
            "\t\t<testcase classname=\"{}\" name=\"{}\" time=\"{}\">\n\t\t\t{inside}\n\t\t</testcase>\n",
            attribute(class),
            attribute(&format!("[{}] {}: {}", self.host, task.play, task.name())),
            self.time.as_secs_f64()
        )
    }
}

impl Teller for Junit {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::PlaybookStarted { path } => {
                let stem = path.file_stem().unwrap_or_default();
                self.playbook = stem.to_string_lossy().into_owned();
            }
            Event::PlayStarted(play) => {
                self.goes_on = play.batch.is_some_and(|(number, _)| number > 1);
                self.play.clone_from(&play.name);
            }
            Event::TaskStarted(task) => self.task(task),
            Event::TaskDone(result) => self.result(result),
            Event::Included(included) => self.included(included),
            Event::PlaybookDone(_) | Event::Finished(_) => self.write(out),
            _ => (),
        }
    }
}
