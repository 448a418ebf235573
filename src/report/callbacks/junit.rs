//! The reference's `junit`: an XML file of cases in a folder, told what to do by the environment.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::result::{is_debug, is_failed, of_debug, short, whole};
use crate::disk::write_named;
use crate::report::event::{Event, Result, Status, TaskInfo};
use crate::report::outputs::{attribute, xml_text};
use crate::report::printed::Teller;
use crate::value::{Value, to_json_nice};

/// Collects cases. The arguments of tasks are not part of their names, as with
/// `JUNIT_HIDE_TASK_ARGUMENTS`.
pub struct Junit {
    options: Options,
    playbook: String,
    play: String,
    tasks: Vec<Task>,
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

#[derive(PartialEq)]
enum End {
    Passed,
    Skipped(String),
    Failed(String),
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
    pub fn from_environment() -> Self {
        Junit {
            options: Options::read(&|name| std::env::var(name).ok()),
            playbook: String::new(),
            play: String::new(),
            tasks: Vec::new(),
        }
    }

    fn task(&mut self, info: &Arc<TaskInfo>) {
        self.tasks.push(Task {
            info: Arc::clone(info),
            play: self.play.clone(),
            began: Instant::now(),
            cases: Vec::new(),
        });
    }

    fn result(&mut self, result: &Result) {
        let same = |task: &Task| {
            task.info.name == result.task.name && task.info.place == result.task.place
        };
        if !self.tasks.iter().any(same) {
            self.task(&result.task);
        }
        let end = self.end(result);
        let Some(task) = self.tasks.iter_mut().rev().find(|task| same(task)) else {
            return;
        };
        let passed = !matches!(end, End::Failed(_));
        if passed && !task.info.name.starts_with(&self.options.prefix) {
            return;
        }
        let (map, indent) = match is_debug(result) {
            true => (of_debug(whole(result)), 4),
            false => (whole(result), 0),
        };
        task.cases.push(Case {
            host: result.host.to_string(),
            time: task.began.elapsed(),
            end,
            output: to_json_nice(&Value::map(map), indent, true),
        });
    }

    fn end(&self, result: &Result) -> End {
        let message = result.outcome.text("msg").unwrap_or("failed").to_owned();
        let ignored = result.status == Status::Ignored && !self.options.fail_on_ignore;
        let failed =
            is_failed(result) && !ignored || self.options.fail_on_change && result.outcome.changed;
        let name = &result.task.name;
        match (result.status, failed) {
            (Status::Skipped, _) => {
                let reason = result.outcome.text("skip_reason").unwrap_or("skipped");
                End::Skipped(reason.to_owned())
            }
            (_, true) if name.contains("EXPECTED FAILURE") => End::Passed,
            (_, failed) if name.contains("TOGGLE RESULT") => match failed {
                true => End::Passed,
                false => End::Failed(message),
            },
            (_, true) => End::Failed(message),
            (_, false) => End::Passed,
        }
    }

    fn text(&self) -> String {
        let tasks = self
            .tasks
            .iter()
            .filter(|task| self.options.setup || short(&task.info.action) != "setup");
        let mut cases = String::new();
        let (mut count, mut failed, mut skipped) = (0, 0, 0);
        let mut time = Duration::ZERO;
        for (task, case) in tasks.flat_map(|task| task.cases.iter().map(move |case| (task, case))) {
            count += 1;
            failed += usize::from(matches!(case.end, End::Failed(_)));
            skipped += usize::from(matches!(case.end, End::Skipped(_)));
            time += case.time;
            cases.push_str(&case.text(&self.options.class(&task.info), task));
        }
        let time = time.as_secs_f64();
        let name = attribute(&self.playbook);
        format!(
            "<?xml version=\"1.0\" ?>\n\
             <testsuites disabled=\"0\" errors=\"0\" failures=\"{failed}\" tests=\"{count}\" time=\"{time}\">\n\
             \t<testsuite disabled=\"0\" errors=\"0\" failures=\"{failed}\" name=\"{name}\" skipped=\"{skipped}\" \
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

impl Case {
    fn text(&self, class: &str, task: &Task) -> String {
        let output = xml_text(&self.output);
        let inside = match &self.end {
            End::Passed => format!("<system-out>{output}</system-out>"),
            End::Skipped(why) => format!("<skipped>{}</skipped>", xml_text(why)),
            End::Failed(why) => format!(
                "<failure message=\"{}\" type=\"failure\">{output}</failure>",
                attribute(why)
            ),
        };
        format!(
            "\t\t<testcase classname=\"{}\" name=\"{}\" time=\"{}\">\n\t\t\t{inside}\n\t\t</testcase>\n",
            attribute(class),
            attribute(&format!(
                "[{}] {}: {}",
                self.host,
                task.play,
                task.info.name.trim()
            )),
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
            Event::PlayStarted(play) => self.play.clone_from(&play.name),
            Event::TaskStarted(task) => self.task(task),
            Event::TaskDone(result) => self.result(result),
            Event::PlaybookDone(_) | Event::Finished(_) => self.write(out),
            _ => (),
        }
    }
}
