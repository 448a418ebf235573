//! Plays: which hosts, in which batches, with which variables.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::Semaphore;

use super::options::Gathering;
use super::position::Position;
use super::run::{Lost, Run};
use super::serial;
use super::turnstile::Stop;
use super::values::Values;
use super::walker::{Batch, Flow, Walker, Way};
use crate::error::{Error, Kind, Result};
use crate::inventory::Pattern;
use crate::playbook::{Action, FREE_TEXT, Keywords, Play, RoleUse, Task, keyword, truth};
use crate::report::{Event, PlayInfo};
use crate::value::{Map, Value};
use crate::vars::{Frame, FrameKind, PlayState, TaskScope};
use crate::yaml;

/// How a play ended for the rest of the playbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The next play follows.
    GoOn,
    /// Every host of a batch was lost, or the run was asked to end: nothing follows.
    Break,
}

/// Runs a play over all its batches.
///
/// # Errors
/// Its keywords cannot be rendered.
pub async fn run(run: &Arc<Run>, play: &Arc<Play>, folder: &Path) -> Result<End> {
    let folder = &folder_of(play, folder);
    run.store.begin_play(folder);
    let prompts = Arc::new(super::prompt::ask(run, play)?);
    let state = PlayState::new(
        Arc::clone(play),
        String::new(),
        prompts,
        Vec::new(),
        folder.to_owned(),
    );
    let names = play_names(run, &Arc::new(state));
    let values = Values::new(&run.engine, &names);
    let hosts = choose_hosts(run, play, &values)?;
    let info = |hosts: &[Arc<str>], name: &str| PlayInfo {
        name: name.to_owned(),
        hosts: hosts.to_vec(),
        check: run.options.check,
        place: Some(play.place.clone()),
    };
    let name = play_name(play, &values)?;
    if hosts.is_empty() {
        run.tell(Event::PlayStarted(Arc::new(info(&[], &name))));
        run.tell(Event::NoHostsMatched);
        return Ok(End::GoOn);
    }
    let sizes = serial::sizes(values.keyword("serial")?.as_ref(), hosts.len())?;
    let prompts = names
        .play
        .as_ref()
        .map(|state| Arc::clone(&state.prompts))
        .unwrap_or_default();
    let state = Arc::new(PlayState::new(
        Arc::clone(play),
        name.clone(),
        prompts,
        hosts.clone(),
        folder.to_owned(),
    ));
    let mut left = hosts.as_slice();
    for host in &hosts {
        if let Some(why) = run.lost(host) {
            state.lose(host, why == Lost::Unreachable);
        }
    }
    for size in sizes {
        let (all, rest) = left.split_at(size.min(left.len()));
        left = rest;
        let hosts: Vec<Arc<str>> = all
            .iter()
            .filter(|host| run.lost(host).is_none())
            .cloned()
            .collect();
        run.tell(Event::PlayStarted(Arc::new(info(&hosts, &name))));
        if hosts.is_empty() {
            continue;
        }
        let ended = run_batch(run, &state, &hosts, &values).await?;
        match ended.stop {
            Some(Stop::Play) => return Ok(End::GoOn),
            _ if run.is_interrupted() => return Ok(End::Break),
            _ => (),
        }
        if ended.counted_twice {
            continue;
        }
        if all.iter().all(|host| run.lost(host).is_some()) {
            run.tell(Event::NoHostsLeft);
            // Hosts that were lost before do not count among those of this batch.
            if hosts.len() == all.len() {
                return Ok(End::Break);
            }
        }
    }
    Ok(End::GoOn)
}

/// The folder of a play's playbook: an imported one has its own.
pub(super) fn folder_of(play: &Play, folder: &Path) -> PathBuf {
    match play.file.parent() {
        // A file beside the importing one may have no folder in its name: it is `folder` then.
        Some(own) if !play.around.is_empty() && !own.as_os_str().is_empty() => {
            std::path::absolute(own).unwrap_or(own.to_owned())
        }
        _ => folder.to_owned(),
    }
}

/// How a batch ended.
struct Ended {
    /// What stopped it for everybody.
    stop: Option<Stop>,
    /// Whether a host counts as failed and as unreachable: the reference then finds more failures
    /// than hosts, and goes on with the next batch and play though nobody is left.
    counted_twice: bool,
}

/// The names as the play itself sees them: no host.
pub(super) fn play_names(run: &Run, state: &Arc<PlayState>) -> TaskScope {
    let mut names = TaskScope::of_host(&run.store, "");
    names.play = Some(Arc::clone(state));
    names.frame = Some(play_frame(&state.play));
    names.here.file = Some(state.play.file.clone());
    names
}

/// The play and the imports around it as frames.
pub fn play_frame(play: &Play) -> Arc<Frame> {
    let mut frame: Option<Arc<Frame>> = None;
    let steps = play
        .around
        .iter()
        .map(|around| &around.keywords)
        .chain([&play.keywords]);
    for keywords in steps {
        frame = Some(match frame {
            None => Frame::root(FrameKind::Play, keywords.clone(), Arc::default()),
            Some(outer) => outer.below(FrameKind::Play, keywords.clone(), Arc::default()),
        });
    }
    frame.unwrap_or_else(|| Frame::root(FrameKind::Play, Keywords::default(), Arc::default()))
}

/// The name of a play, or its pattern.
pub(super) fn play_name(play: &Play, values: &Values<'_>) -> Result<String> {
    let name = match &play.name {
        Some(name) => values.render(name)?.to_text(),
        None => String::new(),
    };
    if !name.is_empty() {
        return Ok(name);
    }
    Ok(pattern_texts(play, values)?.join(","))
}

/// The texts of `hosts`.
pub(super) fn pattern_texts(play: &Play, values: &Values<'_>) -> Result<Vec<String>> {
    let at = |error: Error| error.at(play.keywords.get("hosts").map(|entry| entry.place.clone()));
    match values.keyword("hosts").map_err(at)? {
        Some(Value::List(items)) => Ok(items.iter().map(Value::to_text).collect()),
        Some(other) => Ok(vec![other.to_text()]),
        None => Ok(Vec::new()),
    }
}

/// The hosts of a play: its pattern, the limit, the order, lost ones among them.
pub fn choose_hosts(run: &Run, play: &Play, values: &Values<'_>) -> Result<Vec<Arc<str>>> {
    let texts = pattern_texts(play, values)?;
    let mut hosts = match_hosts(run, &texts)?;
    let order = values.keyword_text("order")?;
    match order.as_deref().unwrap_or("inventory") {
        "inventory" => (),
        "reverse_inventory" => hosts.reverse(),
        "sorted" => hosts.sort(),
        "reverse_sorted" => {
            hosts.sort();
            hosts.reverse();
        }
        "shuffle" => shuffle(&mut hosts),
        other => {
            let known = [
                "inventory",
                "reverse_inventory",
                "sorted",
                "reverse_sorted",
                "shuffle",
            ];
            return Err(
                Error::new(Kind::Options, format!("`{other}` is not an order of hosts"))
                    .at(play.keywords.get("order").map(|entry| entry.place.clone()))
                    .hint(format!("the orders are {}", known.join(", "))),
            );
        }
    }
    Ok(hosts)
}

/// The hosts that patterns mean, within the limit.
///
/// # Errors
/// A pattern cannot be understood.
pub fn match_hosts(run: &Run, texts: &[String]) -> Result<Vec<Arc<str>>> {
    let inventory = run.store.inventory();
    let pattern = Pattern::from_list(texts.iter().map(String::as_str))?;
    let selected = inventory.select(&pattern)?;
    warn_of_unmatched(run, &selected.unmatched);
    let mut hosts: Vec<Arc<str>> = selected.hosts;
    for limit in &run.options.limit {
        let limit = Pattern::limit(limit, |path| {
            std::fs::read_to_string(path).map_err(|error| {
                Error::input(format!("failed to read the limit file `{path}`")).because(error)
            })
        })?;
        if limit.is_empty() {
            continue;
        }
        let within = inventory.select(&limit)?;
        warn_of_unmatched(run, &within.unmatched);
        let within: HashSet<Arc<str>> = within.hosts.into_iter().collect();
        hosts.retain(|host| within.contains(host));
    }
    Ok(hosts)
}

/// Warns of patterns that mean no host, with the name that is nearest.
fn warn_of_unmatched<T: AsRef<str>>(run: &Run, unmatched: &[T]) {
    let inventory = run.store.inventory();
    for pattern in unmatched {
        let pattern = pattern.as_ref();
        let hosts = inventory.hosts().map(|host| &*host.name);
        let names = hosts.chain(inventory.groups().map(|group| &*group.name));
        let text = format!("could not match supplied host pattern, ignoring: {pattern}");
        let warning = Error::input(text).hint_if(crate::error::nearest(pattern, names));
        run.house.warn_once(warning);
    }
}

fn shuffle(hosts: &mut [Arc<str>]) {
    use std::hash::{BuildHasher, Hasher};
    for last in (1..hosts.len()).rev() {
        let random = std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish();
        hosts.swap(last, (random % (last as u64 + 1)) as usize);
    }
}

async fn run_batch(
    run: &Arc<Run>,
    state: &Arc<PlayState>,
    hosts: &[Arc<str>],
    values: &Values<'_>,
) -> Result<Ended> {
    state.begin_batch(hosts);
    let strategy = values
        .keyword_text("strategy")?
        .unwrap_or_else(|| run.options.strategy.clone());
    let strategy = strategy.rsplit('.').next().unwrap_or(&strategy).to_owned();
    let free = match strategy.as_str() {
        "linear" | "debug" => false,
        "free" | "host_pinned" => true,
        other => {
            return Err(
                Error::input(format!("there is no strategy called `{other}`"))
                    .at(state
                        .play
                        .keywords
                        .get("strategy")
                        .map(|entry| entry.place.clone()))
                    .hint("the strategies are linear, free and host_pinned"),
            );
        }
    };
    let percent = match values.keyword("max_fail_percentage")? {
        Some(value) => Some(percentage(&value, &state.play)?),
        None => None,
    };
    let force = values
        .keyword_flag("force_handlers")?
        .unwrap_or(run.options.force_handlers);
    let batch = Arc::new(Batch::new(run, state, hosts, free, force, percent));
    super::handlers::add_all(run, &batch, &state.play.handlers, &batch.frame);
    let pinned = Arc::new(Semaphore::new(match strategy.as_str() {
        "host_pinned" => run.options.forks.max(1),
        _ => Semaphore::MAX_PERMITS,
    }));
    let mut walks = tokio::task::JoinSet::new();
    for (number, host) in hosts.iter().enumerate() {
        let walker = Walker::new(Arc::clone(&batch), run.store.host(host), number);
        let pinned = Arc::clone(&pinned);
        walks.spawn(async move {
            let _turn = pinned.acquire().await;
            walker.walk_play().await
        });
    }
    let mut stop = None;
    while let Some(walked) = walks.join_next().await {
        match walked {
            Ok(Flow::Stopped(why)) => stop = Some(why),
            Ok(_) => (),
            Err(error) => run.abort(Error::bug(format!("a host's walk ended early: {error}"))),
        }
    }
    Ok(Ended {
        stop,
        counted_twice: batch.counts_twice.load(Ordering::Relaxed),
    })
}

fn percentage(value: &Value, play: &Play) -> Result<f64> {
    let text = value.to_text();
    text.trim()
        .trim_end_matches('%')
        .trim()
        .parse()
        .map_err(|_| {
            Error::syntax(format!("`{text}` is not a percentage")).at(play
                .keywords
                .get("max_fail_percentage")
                .map(|entry| entry.place.clone()))
        })
}

impl Walker {
    /// Gathers facts at the beginning of a play, where that is wanted.
    pub async fn gather(&self, way: &Way, at: &Position) -> Flow {
        if let Err(error) = self.load_files(way) {
            return self.fail_play(way, at, error).await;
        }
        let wanted = match self.wants_facts(way) {
            Ok(wanted) => wanted,
            Err(error) => return self.fail_play(way, at, error).await,
        };
        if !wanted {
            return Flow::Next;
        }
        let task = match self.gathering_task(way) {
            Ok(task) => task,
            Err(error) => return self.fail_play(way, at, error).await,
        };
        let flow = self
            .walk(&[crate::playbook::Node::Task(task)], way, at.clone())
            .await;
        if flow == Flow::Next
            && let Err(error) = self.load_files(way)
        {
            return self.fail_play(way, at, error).await;
        }
        flow
    }

    fn wants_facts(&self, way: &Way) -> Result<bool> {
        let names = self.names(&way.frame, None);
        let values = Values::new(&self.run().engine, &names);
        let said = match values
            .names
            .frame
            .as_ref()
            .and_then(|frame| frame.keywords.get("gather_facts"))
        {
            Some(entry) => truth(&values.render(&entry.value)?),
            None => None,
        };
        Ok(match (said, self.run().options.gathering) {
            (Some(said), Gathering::Implicit | Gathering::Explicit) => said,
            (Some(false), Gathering::Smart) => false,
            (_, Gathering::Smart) => self.host.facts().raw.is_empty(),
            (None, Gathering::Implicit) => true,
            (None, Gathering::Explicit) => false,
        })
    }

    fn gathering_task(&self, way: &Way) -> Result<Arc<Task>> {
        let play = &self.batch.state.play;
        let names = self.names(&way.frame, None);
        let values = Values::new(&self.run().engine, &names);
        let mut args = Map::new();
        for (keyword, argument) in [
            ("gather_subset", "gather_subset"),
            ("gather_timeout", "gather_timeout"),
            ("fact_path", "fact_path"),
        ] {
            if let Some(entry) = play.keywords.get(keyword) {
                args.set(argument, values.render(&entry.value)?);
            }
        }
        let mut keywords = Keywords::default();
        if play.keyword("tags").is_none()
            && let Some(tags) = keyword::find("tags")
        {
            keywords.set(tags, Value::strings(["always"]), play.place.clone());
        }
        Ok(Arc::new(own_task(
            "Gathering Facts",
            "gather_facts",
            args,
            keywords,
            play,
        )))
    }

    /// The failure of a play for this host before its first task.
    async fn fail_play(&self, way: &Way, at: &Position, error: Error) -> Flow {
        if let Err(stop) = self.batch.turnstile.enter(self.number, at).await {
            return Flow::Stopped(stop);
        }
        let play = &self.batch.state.play;
        let task = own_task(
            "Preparing the play",
            "meta",
            Map::new(),
            Keywords::default(),
            play,
        );
        self.fail_announced(&Arc::new(task), way, at, error)
    }

    /// Reads `vars_files`; those whose names need what is not known yet are left for later.
    pub(super) fn load_files(&self, way: &Way) -> Result<()> {
        let play = &self.batch.state.play;
        let Some(entry) = play.keywords.get("vars_files") else {
            return Ok(());
        };
        let items = match &entry.value {
            Value::List(items) => items.to_vec(),
            Value::Null => return Ok(()),
            single => vec![single.clone()],
        };
        let names = self.names(&way.frame, None);
        let mut files = Vec::new();
        for item in &items {
            let alternatives = match item {
                Value::List(names) => names.to_vec(),
                single => vec![single.clone()],
            };
            match self.first_file(&names, &alternatives) {
                Ok(vars) => files.extend(vars),
                Err(error) if error.is_undefined() && self.host.facts().raw.is_empty() => (),
                Err(error) => return Err(error.at(entry.place.clone())),
            }
        }
        self.batch.state.set_files(&self.host.name, files);
        Ok(())
    }

    /// The variables of the first file of several that is there. Where none is, the reference goes
    /// on in silence; so does this, with a warning.
    fn first_file(&self, names: &TaskScope, alternatives: &[Value]) -> Result<Option<Arc<Map>>> {
        let values = Values::new(&self.run().engine, names);
        let folder = self
            .batch
            .state
            .play
            .file
            .parent()
            .unwrap_or(Path::new("."));
        let mut looked = Vec::new();
        for alternative in alternatives {
            let name = file_name(&values.render(alternative)?)?;
            let places = [
                folder.join("vars").join(&name),
                folder.join(&name),
                PathBuf::from(&name),
            ];
            let found = places
                .iter()
                .rev()
                .skip(1)
                .chain([&places[2]])
                .find(|place| place.is_file());
            match found {
                Some(path) => return self.read_vars(path).map(Some),
                None => looked.push(name),
            }
        }
        let place = alternatives.first().and_then(|value| value.place());
        let text = format!("no file of `vars_files` is there: {}", looked.join(", "));
        let warning = Error::input(text).at(place.cloned());
        let folder = names.playbook_dir().display();
        self.run()
            .house
            .warn_once(warning.hint(format!("looked in {folder}")));
        Ok(None)
    }

    fn read_vars(&self, path: &Path) -> Result<Arc<Map>> {
        let source = self.run().house.source(path)?;
        let document = yaml::load(&source, &yaml::Options::default())?;
        for warning in document.warnings {
            self.run().house.warn_once(warning);
        }
        match document.root.value() {
            Value::Null => Ok(Arc::default()),
            Value::Map(map) => Ok(Arc::clone(map)),
            Value::List(items) if items.iter().all(|item| item.as_map().is_some()) => {
                let mut all = Map::new();
                for map in items.iter().filter_map(Value::as_map) {
                    all.extend_from(map);
                }
                Ok(Arc::new(all))
            }
            _ => Err(Error::syntax(format!(
                "a variables file is a mapping, or a list of mappings, got {}",
                document.root.kind_name()
            ))
            .at(document.root.place().clone())),
        }
    }

    /// Checks a role's arguments against its specification, where it has one.
    pub async fn validate_role(&self, role: &Arc<RoleUse>, way: &Way, at: &Position) -> Flow {
        let Some(spec) = &role.role.argument_spec else {
            return Flow::Next;
        };
        let options = spec
            .get("options")
            .cloned()
            .unwrap_or_else(|| Value::map(Map::new()));
        let mut given = Map::new();
        for key in options
            .as_map()
            .map(|map| map.keys().cloned().collect::<Vec<_>>())
            .unwrap_or_default()
        {
            let name = key.to_text();
            let names = self.names(&way.frame, None);
            if crate::template::Scope::variable(&names, &name).is_some() {
                let text = format!("{{{{ {name} }}}}");
                given.set(
                    &name,
                    crate::value::Str::template(text, key.place().cloned()),
                );
            }
        }
        let name = role.validation_name().unwrap_or_default();
        let args = crate::entries! {
            "argument_spec" => options,
            "provided_arguments" => given,
            "validate_args_context" => crate::entries! {
                "argument_spec_name" => role.role.entry.as_str(),
                "name" => role.role.full_name(),
                "path" => std::path::absolute(&role.role.path)
                    .unwrap_or_else(|_| role.role.path.clone())
                    .display()
                    .to_string(),
                "type" => "role",
            },
        };
        let mut keywords = Keywords::default();
        if let Some(tags) = keyword::find("tags") {
            keywords.set(tags, Value::strings(["always"]), role.place.clone());
        }
        let play = &self.batch.state.play;
        let mut task = own_task(&name, "validate_argument_spec", args, keywords, play);
        task.place = role.place.clone();
        let nodes = [crate::playbook::Node::Task(Arc::new(task))];
        self.walk(&nodes, way, at.child(0).child(0)).await
    }
}

/// The name of a file of variables.
pub(super) fn file_name(value: &Value) -> Result<String> {
    match value {
        Value::Str(name) => Ok(name.to_string()),
        other => Err(Error::syntax(format!(
            "an entry of `vars_files` is a string or a list of strings, not a value of type `{}`",
            other.type_name()
        ))
        .at(other.place().cloned())),
    }
}

/// A task of our own, which stands in no file.
fn own_task(name: &str, action: &str, args: Map, keywords: Keywords, play: &Play) -> Task {
    let mut args = args;
    if action == "meta" {
        args.set(FREE_TEXT, "noop");
    }
    Task {
        name: Some(Value::str(name)),
        action: Action {
            name: action.to_owned(),
            args,
            variable: None,
            place: play.place.clone(),
        },
        repeat: None,
        keywords,
        vars: Arc::default(),
        handler: false,
        place: play.place.clone(),
    }
}
