//! A module's steps, taken to the host and back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::files::{list, look, prove_below};
use super::lines::Lines;
use super::links::{Lent, Links};
use super::prompt::prompt;
use crate::connection::{Become, Lost, Target, Upload};
use crate::error::{Error, Result};
use crate::executor::run::Run;
use crate::modules::{Answer, Ask, Body, Step};
use crate::outcome::Outcome;
use crate::report::Event;
use crate::shell::Script;
use crate::template::Scope;
use crate::value::Map;

/// Takes the steps of one task on one host.
pub struct Walk {
    /// The run.
    pub run: Arc<Run>,
    /// Its connections.
    pub links: Arc<Links>,
    /// The host whose task it is, for the events.
    pub host: Arc<str>,
    /// Where the steps are taken.
    pub target: Target,
    /// Who they are taken as.
    pub user: Option<Become>,
    /// `environment`.
    pub environment: Vec<(String, String)>,
    /// How long one request may take.
    pub timeout: Option<Duration>,
    /// `async`: how long the task may take in the background.
    pub background: Option<Background>,
    /// The names, for files and templates.
    pub scope: Arc<dyn Scope>,
    /// Whether what is sent and said may be shown.
    pub hidden: bool,
    /// The task's name, for what is said when it is ended early.
    pub task: String,
    /// How many times the host was asked.
    pub trips: AtomicU32,
}

/// How a task goes on in the background.
#[derive(Clone, Debug)]
pub struct Background {
    /// The job's name.
    pub job: String,
    /// How long it may take.
    pub limit: Duration,
    /// Whether it is asked for its state and waited for.
    pub polled: bool,
}

/// How a task ended: with an outcome, or without its host.
pub type Taken = std::result::Result<Outcome, Lost>;

impl Walk {
    /// A walk to the same place, each request of which may take so long.
    pub fn another(&self, timeout: Option<Duration>) -> Walk {
        Walk {
            run: Arc::clone(&self.run),
            links: Arc::clone(&self.links),
            host: Arc::clone(&self.host),
            target: self.target.clone(),
            user: self.user.clone(),
            environment: self.environment.clone(),
            timeout,
            background: self.background.clone(),
            scope: Arc::clone(&self.scope),
            hidden: self.hidden,
            task: self.task.clone(),
            trips: AtomicU32::new(0),
        }
    }

    /// Takes steps until one is the last. An error of the module is a failed outcome.
    ///
    /// # Errors
    /// The host was lost.
    pub async fn take(&self, first: Result<Step>) -> Taken {
        let mut shell = None;
        let taken = tokio::select! {
            biased;
            taken = self.take_with(first, &mut shell) => Some(taken),
            () = self.run.stopping.until_cut() => None,
        };
        let Some(taken) = taken else {
            return Err(self.cut(shell).await);
        };
        if let Some(lent) = shell {
            lent.give_back();
        }
        self.run.tell(Event::Note {
            level: 4,
            text: format!("<{}> round trips: {}", self.host, self.trips.load(Relaxed)),
        });
        taken
    }

    /// Ends the task on the host, where it runs there.
    async fn cut(&self, shell: Option<Lent>) -> Lost {
        let ended = match shell {
            Some(mut lent) => lent.session.cancel().await,
            None => true,
        };
        self.run.stopping.note(&self.host, &self.task, ended);
        let name = &self.target.name;
        let message = match ended {
            true => format!("interrupted: the task was stopped on {name}"),
            false => format!("interrupted: {name} did not answer, the task may still run there"),
        };
        Lost::new(crate::connection::LostKind::Cancelled, message)
    }

    async fn take_with(&self, first: Result<Step>, shell: &mut Option<Lent>) -> Taken {
        let mut step = first;
        loop {
            step = match step {
                Err(error) => return Ok(self.failed(&error)),
                Ok(Step::Done(outcome)) => return Ok(outcome),
                Ok(Step::Run(script, then)) => then(self.script(shell, script).await?),
                Ok(Step::Put { body, path, then }) => {
                    let body = match &body {
                        Body::Bytes(bytes) => Upload::Bytes(bytes),
                        Body::File(file) => Upload::File(file),
                    };
                    let lent = self.shell(shell).await?;
                    then(lent.session.put(body, &path, self.timeout).await?)
                }
                Ok(Step::Get { path, limit, then }) => {
                    let lent = self.shell(shell).await?;
                    match lent.session.get(&path, limit, self.timeout).await? {
                        Ok(bytes) => then(bytes),
                        Err(message) => Err(Error::input(message)),
                    }
                }
                Ok(Step::Ask(Ask::Python(module), then)) => {
                    self.trips.fetch_add(1, Relaxed);
                    let outcome = super::python::run(self, &module).await?;
                    then(Answer::Outcome(Box::new(outcome)))
                }
                Ok(Step::Ask(ask, then)) => match self.answer(ask, shell).await {
                    Ok(answer) => then(answer),
                    Err(error) => Err(error),
                },
            };
        }
    }

    fn failed(&self, error: &Error) -> Outcome {
        if let Some(why) = error.unknown() {
            return Outcome::unknown(why, false);
        }
        let mut outcome = Outcome::failed(error.chain());
        // A template says where in it the error is; a file that is missing, where it was looked for.
        let tells = error.deepest_place().is_some();
        outcome.tell_aside(|aside| {
            aside.hint = error
                .root()
                .hint_text()
                .or(error.hint_text())
                .map(str::to_owned);
            aside.error = tells.then(|| error.clone());
        });
        outcome
    }

    /// The shell for one round trip, which is counted.
    async fn shell<'s>(
        &self,
        shell: &'s mut Option<Lent>,
    ) -> std::result::Result<&'s mut Lent, Lost> {
        self.trips.fetch_add(1, Relaxed);
        if shell.as_ref().is_none_or(|lent| !lent.session.is_alive()) {
            let began = Instant::now();
            let lent = self.links.lend(&self.target, self.user.as_ref()).await?;
            if lent.is_new {
                self.tell_way(&lent, began.elapsed());
                self.run.tell(Event::Connected {
                    host: Arc::clone(&self.host),
                    duration: began.elapsed(),
                });
            }
            *shell = Some(lent);
        }
        shell
            .as_mut()
            .ok_or_else(|| Lost::new(crate::connection::LostKind::Cut, "the shell is gone"))
    }

    async fn script(
        &self,
        shell: &mut Option<Lent>,
        mut script: Script,
    ) -> std::result::Result<crate::shell::Reply, Lost> {
        for (name, value) in &self.environment {
            script = script.env(name, value);
        }
        if self.run.options.verbosity >= 4 && !self.hidden {
            self.run.tell(Event::Sent {
                host: Arc::clone(&self.host),
                text: self.run.house.masked(&script.shown()),
            });
        }
        let mut lines = Lines::default();
        let lent = self.shell(shell).await?;
        lent.session
            .run(&script, self.timeout, &mut |stream, bytes| {
                if !self.hidden {
                    lines.hear(stream, bytes, |stream, text| {
                        self.run.tell(Event::Line {
                            host: Arc::clone(&self.host),
                            stream,
                            text,
                        });
                    });
                }
            })
            .await
    }

    async fn answer(&self, ask: Ask, shell: &mut Option<Lent>) -> Result<Answer> {
        match ask {
            Ask::Find { kind, name } => self.scope.find(kind, &name).map(Answer::Path),
            Ask::Absolute(path) => Ok(Answer::Path(self.absolute(&path))),
            Ask::Read { path, open } => self.run.house.bytes(&path, open).map(Answer::Bytes),
            Ask::List(path) => list(&path).map(Answer::Entries),
            Ask::Look(path) => {
                self.run.house.watch.note_unread(&path);
                look(&path).map(Answer::Looked)
            }
            Ask::Template {
                path,
                options,
                destination,
            } => self
                .template(&path, &options, &destination)
                .map(Answer::Text),
            Ask::Write { path, bytes, below } => {
                if let Some(below) = below {
                    prove_below(&path, &below)?;
                }
                let written = self.scope.outside().write(&path, &bytes, 0o666);
                written.map(|()| Answer::Nothing)
            }
            Ask::Checksum(path) => {
                self.run.house.watch.note_unread(&path);
                self.run.house.checksum(&path).map(Answer::Checksum)
            }
            Ask::Run { command, stdin } => {
                crate::connection::run_program(&command, &stdin, None, &[], self.timeout)
                    .await
                    .map(Answer::Finished)
            }
            Ask::Fetch(fetch) => self.run.house.fetch(fetch).await.map(Answer::Fetched),
            Ask::Sleep(time) => {
                self.run.stopping.sleep(time).await;
                Ok(Answer::Nothing)
            }
            Ask::Prompt {
                said,
                text,
                named,
                echo,
                wait,
            } => {
                let named = named.then_some(self.task.as_str());
                prompt(&self.run, (said, named), &text, echo, wait).await
            }
            Ask::Disconnect => {
                *shell = None;
                self.links.forget(&self.target);
                Ok(Answer::Nothing)
            }
            Ask::Try(script) => Ok(Answer::Tried(self.try_script(shell, script).await)),
            Ask::Connect(within) => Ok(Answer::Reached(self.connect(shell, within).await)),
            Ask::Login => Ok(Answer::Login(self.login())),
            Ask::Python(_) => Err(Error::bug("a module in Python is not a question")),
        }
    }

    /// What the user's words for a path of the controller mean.
    fn absolute(&self, path: &str) -> std::path::PathBuf {
        let home = self.scope.outside().environment("HOME");
        if let (Some(home), Some(rest)) = (home, path.strip_prefix('~'))
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return Path::new(&home).join(rest.trim_start_matches('/'));
        }
        let folder = self.scope.variable("playbook_dir");
        let folder = folder.as_ref().and_then(crate::value::Value::as_str);
        std::env::current_dir()
            .unwrap_or_default()
            .join(folder.unwrap_or(""))
            .join(path)
    }

    async fn try_script(
        &self,
        shell: &mut Option<Lent>,
        script: Script,
    ) -> std::result::Result<crate::shell::Reply, String> {
        let reply = self.script(shell, script).await;
        reply.map_err(|lost| {
            *shell = None;
            self.links.forget(&self.target);
            lost.to_string()
        })
    }

    async fn connect(
        &self,
        shell: &mut Option<Lent>,
        within: Duration,
    ) -> std::result::Result<(), String> {
        *shell = None;
        self.links.forget(&self.target);
        let target = Target {
            timeout: within,
            retries: 0,
            // It is tried again and again for a while: nobody is asked in between.
            host_keys: self.target.host_keys.without_questions(),
            ..self.target.clone()
        };
        let lent = tokio::time::timeout(within, self.links.lend(&target, self.user.as_ref())).await;
        match lent {
            Ok(Ok(lent)) => {
                *shell = Some(lent);
                Ok(())
            }
            Ok(Err(lost)) => Err(lost.to_string()),
            Err(_) => Err(format!("no answer within {} s", within.as_secs())),
        }
    }

    fn template(&self, path: &Path, options: &Map, destination: &str) -> Result<String> {
        super::template_file::render(&self.run, &self.scope, path, options, destination)
    }

    /// How to log in, by Ansible's names, for programs that connect on their own.
    fn login(&self) -> Map {
        let target = &self.target;
        let mut login = crate::entries! {
            "ansible_host" => target.address.as_str(),
            "ansible_connection" => format!("{:?}", target.transport).to_lowercase(),
        };
        if let Some(port) = target.port {
            login.set("ansible_port", i64::from(port));
        }
        if let Some(user) = &target.user {
            login.set("ansible_user", user.as_str());
        }
        if let Some(key) = target.login.keys.first() {
            login.set("ansible_private_key_file", key.to_string_lossy().as_ref());
        }
        if let Some(user) = &self.user {
            login.set("ansible_become_method", user.method.as_str());
            login.set("ansible_become_user", user.user.as_str());
        }
        let checked = target.host_keys != crate::connection::HostKeys::Off;
        login.set("ansible_host_key_checking", checked);
        login.set(
            "ansible_ssh_args",
            crate::value::Value::strings(target.ssh_arguments.iter().map(String::as_str)),
        );
        login
    }
}
