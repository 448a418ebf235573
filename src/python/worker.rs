//! The worker on the controller: one Python process a run, started when first needed.
//!
//! It runs on a thread of its own, so that it can be asked from templates (which do not wait
//! asynchronously) as well as from tasks. Channel 0 is answered by the process itself, in turn;
//! any other channel is a forked child that is spoken with apart from all others.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::frame::{Frame, Kind};
use super::halt::{Halt, Silence};
use crate::connection::{Dialogue, Heard};
use crate::error::{Error, Result};
use crate::value::{Map, Value, to_json};

const BOOT: &str = include_str!("text/boot.py");

/// The worker's own modules, in the order in which they can be loaded.
const TEXTS: &[(&str, &str)] = &[
    ("frames", include_str!("text/frames.py")),
    ("closure", include_str!("text/closure.py")),
    ("values", include_str!("text/values.py")),
    ("plugins", include_str!("text/plugins.py")),
    ("actions", include_str!("text/actions.py")),
    ("sources", include_str!("text/sources.py")),
    ("docs", include_str!("text/docs.py")),
    ("callbacks", include_str!("text/callbacks.py")),
    ("worker", include_str!("text/worker.py")),
];

/// How long the process may take until it says hello.
const START: Duration = Duration::from_secs(60);

/// How long the process itself may take to answer; its children may take as long as they want.
const ANSWER: Duration = Duration::from_secs(120);

/// Who hears the frames of a channel.
pub type Sink = Box<dyn Fn(Frame) + Send>;

/// A worker that runs.
pub struct Worker {
    orders: UnboundedSender<Order>,
    state: Arc<State>,
    halt: Arc<Halt>,
    /// What it said of itself.
    pub hello: Hello,
}

/// What a worker says of itself.
#[derive(Clone, Debug, Default)]
pub struct Hello {
    /// `sys.executable`.
    pub executable: String,
    /// Python's version: `3.13.0`.
    pub python: String,
    /// The folder of ansible-core, where there is one.
    pub core: Option<PathBuf>,
    /// The version of ansible-core.
    pub version: Option<String>,
    /// `sys.path`.
    pub path: Vec<PathBuf>,
}

#[derive(Default)]
struct State {
    dead: AtomicBool,
    number: AtomicU32,
    channel: AtomicU32,
    why: Mutex<String>,
}

enum Order {
    Ask(u32, Frame, Sink),
    Open(u32, Sink),
    Send(Frame),
    Close(u32),
    End(String),
}

impl Worker {
    /// Starts a worker under an interpreter. Once `halt` says so, its answers are not waited for.
    ///
    /// # Errors
    /// It cannot be started, or says nothing sensible.
    pub fn start(program: &Path, halt: &Arc<Halt>) -> Result<Worker> {
        let (orders, receiver) = unbounded_channel();
        let (hello, greeted) = mpsc::sync_channel(1);
        let state = Arc::new(State::default());
        let command = [
            program.to_string_lossy().into_owned(),
            "-c".to_owned(),
            BOOT.to_owned(),
        ];
        let shared = Arc::clone(&state);
        std::thread::Builder::new()
            .name("python".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                match runtime {
                    Ok(runtime) => {
                        runtime.block_on(Owner::run(command, receiver, shared, hello));
                    }
                    Err(error) => drop(hello.send(Err(Error::from(error)))),
                }
            })?;
        let hello = halt.wait(&greeted, Some(START)).map_err(|silence| {
            silence.error(&format!("`{}`", program.display()), || {
                Error::input(format!("`{}` did not start", program.display()))
            })
        })??;
        Ok(Worker {
            orders,
            state,
            halt: Arc::clone(halt),
            hello,
        })
    }

    /// Whether it still runs, as far as is known.
    pub fn is_alive(&self) -> bool {
        !self.state.dead.load(Ordering::Acquire)
    }

    /// Asks the process itself, and waits for the answer.
    ///
    /// # Errors
    /// It says what is wrong, or is gone.
    pub fn ask(&self, what: &str, mut head: Map) -> Result<Frame> {
        let number = self.state.number.fetch_add(1, Ordering::Relaxed) + 1;
        head.set("do", what);
        head.set("number", i64::from(number));
        let (sender, receiver) = mpsc::channel();
        let sink: Sink = Box::new(move |frame| drop(sender.send(frame)));
        let order = Order::Ask(number, Frame::new(0, head), sink);
        self.orders.send(order).map_err(|_| self.gone())?;
        let frame = self.halt.wait(&receiver, Some(ANSWER));
        let frame = frame.map_err(|silence| self.unheard(silence))?;
        match frame.text("error") {
            Some(error) => Err(Error::input(error)),
            None => Ok(frame),
        }
    }

    /// Why the process itself did not answer. One that hangs is ended, so that a new one is started.
    fn unheard(&self, silence: Silence) -> Error {
        if silence == Silence::Late(ANSWER) {
            let why = format!("did not answer within {} s", ANSWER.as_secs());
            self.state.dead.store(true, Ordering::Release);
            let _ = self.orders.send(Order::End(why));
        }
        silence.error("the Python process on the controller", || self.gone())
    }

    /// Waits for what a child says, as long as `limit`, the run and the task's time allow.
    ///
    /// # Errors
    /// It says nothing.
    pub fn hear(
        &self,
        what: &str,
        frames: &mpsc::Receiver<Frame>,
        limit: Option<Duration>,
    ) -> Result<Frame> {
        let heard = self.halt.wait(frames, limit);
        heard.map_err(|silence| silence.error(what, || self.gone()))
    }

    /// Opens a channel: a child of the worker's, whose frames `sink` hears. The last is one with
    /// `do: gone`.
    ///
    /// # Errors
    /// The worker cannot load what its children need, or is gone.
    pub fn open(&self, sink: Sink) -> Result<u32> {
        let channel = self.state.channel.fetch_add(1, Ordering::Relaxed) + 1;
        self.orders
            .send(Order::Open(channel, sink))
            .map_err(|_| self.gone())?;
        let head = crate::entries! { "channel" => i64::from(channel) };
        match self.ask("open", head) {
            Ok(_) => Ok(channel),
            Err(error) => {
                let _ = self.orders.send(Order::Close(channel));
                Err(error)
            }
        }
    }

    /// Sends a frame on its channel.
    ///
    /// # Errors
    /// The worker is gone.
    pub fn send(&self, frame: Frame) -> Result<()> {
        self.orders
            .send(Order::Send(frame))
            .map_err(|_| self.gone())
    }

    /// Ends the child of a channel.
    pub fn kill(&self, channel: u32) {
        let head = crate::entries! { "do" => "kill", "channel" => i64::from(channel) };
        let _ = self.orders.send(Order::Send(Frame::new(0, head)));
        let _ = self.orders.send(Order::Close(channel));
    }

    /// Why it is gone, with its last words.
    pub fn gone(&self) -> Error {
        let why = self.state.why.lock();
        let why = why.unwrap_or_else(PoisonError::into_inner).clone();
        let error = Error::input("the Python process on the controller ended");
        match why.is_empty() {
            true => error,
            false => error.because(Error::input(why)),
        }
    }
}

/// Owns the process, on the worker's thread.
struct Owner {
    dialogue: Dialogue,
    heard: Vec<u8>,
    unsent: Vec<u8>,
    asked: HashMap<u32, Sink>,
    open: HashMap<u32, Sink>,
}

impl Owner {
    async fn run(
        command: [String; 3],
        mut orders: UnboundedReceiver<Order>,
        state: Arc<State>,
        hello: mpsc::SyncSender<Result<Hello>>,
    ) {
        let dialogue = match Dialogue::start(&command, &[]) {
            Ok(dialogue) => dialogue,
            Err(error) => return drop(hello.send(Err(error))),
        };
        let mut owner = Owner {
            dialogue,
            heard: Vec::new(),
            unsent: program(),
            asked: HashMap::new(),
            open: HashMap::new(),
        };
        let why = match owner.greet().await {
            Ok(said) => {
                let _ = hello.send(Ok(said));
                owner.serve(&mut orders).await
            }
            Err(why) => why,
        };
        let words = owner.dialogue.last_words();
        let last = words.lines().last().unwrap_or_default();
        let why = [why.as_str(), last].join(" ").trim().to_owned();
        why.clone_into(&mut state.why.lock().unwrap_or_else(PoisonError::into_inner));
        state.dead.store(true, Ordering::Release);
        let program = &command[0];
        let _ = hello.try_send(Err(Error::input(format!("`{program}` ended: {why}"))));
        owner.tell_all(&why);
        owner.dialogue.close().await;
    }

    async fn greet(&mut self) -> std::result::Result<Hello, String> {
        loop {
            if let Some(frame) = Frame::take(Kind::Worker, &mut self.heard)? {
                return Ok(Hello::read(&frame));
            }
            self.turn().await?;
        }
    }

    /// Serves until nobody asks any more, or the process is gone; gives why.
    async fn serve(&mut self, orders: &mut UnboundedReceiver<Order>) -> String {
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::End(why)) => return why,
                    Some(order) => self.take_order(order),
                    None => return String::new(),
                },
                turned = Self::turned(&mut self.dialogue, &self.unsent) => {
                    if let Err(why) = self.after(turned) {
                        return why;
                    }
                }
            }
        }
    }

    async fn turned(dialogue: &mut Dialogue, unsent: &[u8]) -> Heard {
        dialogue.turn(unsent).await
    }

    async fn turn(&mut self) -> std::result::Result<(), String> {
        let turned = Self::turned(&mut self.dialogue, &self.unsent).await;
        match turned {
            Heard::Took(count) => drop(self.unsent.drain(..count)),
            Heard::Said(bytes) => self.heard.extend(bytes),
            Heard::Gone(cause) => return Err(cause.unwrap_or_default()),
        }
        Ok(())
    }

    fn after(&mut self, turned: Heard) -> std::result::Result<(), String> {
        match turned {
            Heard::Took(count) => drop(self.unsent.drain(..count)),
            Heard::Gone(cause) => return Err(cause.unwrap_or_default()),
            Heard::Said(bytes) => {
                self.heard.extend(bytes);
                while let Some(frame) = Frame::take(Kind::Worker, &mut self.heard)? {
                    self.hand_out(frame);
                }
            }
        }
        Ok(())
    }

    fn take_order(&mut self, order: Order) {
        match order {
            Order::Ask(number, frame, sink) => {
                self.asked.insert(number, sink);
                self.unsent.extend(frame.bytes(Kind::Worker));
            }
            Order::Open(channel, sink) => drop(self.open.insert(channel, sink)),
            Order::Send(frame) => self.unsent.extend(frame.bytes(Kind::Worker)),
            Order::Close(channel) => drop(self.open.remove(&channel)),
            Order::End(_) => {}
        }
    }

    fn hand_out(&mut self, frame: Frame) {
        if frame.channel == 0 {
            let number = frame.number("number").and_then(|n| u32::try_from(n).ok());
            if let Some(sink) = number.and_then(|number| self.asked.remove(&number)) {
                sink(frame);
            }
            return;
        }
        let channel = frame.channel;
        let ends = frame.text("do") == Some("gone");
        if let Some(sink) = self.open.get(&channel) {
            sink(frame);
        }
        if ends {
            self.open.remove(&channel);
        }
    }

    /// Tells everybody who waits that the process is gone.
    fn tell_all(&mut self, why: &str) {
        let text = format!("the Python process on the controller ended {why}");
        for (_, sink) in self.asked.drain() {
            sink(Frame::new(0, crate::entries! { "error" => text.trim() }));
        }
        for (channel, sink) in self.open.drain() {
            let head = crate::entries! { "do" => "gone", "how" => text.trim() };
            sink(Frame::new(channel, head));
        }
    }
}

/// The worker's modules, as its boot reads them.
fn program() -> Vec<u8> {
    let texts = TEXTS
        .iter()
        .map(|(name, text)| Value::strings([*name, *text]));
    let json = to_json(&Value::list(texts.collect()));
    format!("{:08x}{json}", json.len()).into_bytes()
}

impl Hello {
    fn read(frame: &Frame) -> Hello {
        let text = |key: &str| frame.text(key).map(str::to_owned);
        let list = |key: &str| match frame.head.get(key) {
            Some(Value::List(items)) => items.iter().map(Value::to_text).collect(),
            _ => Vec::new(),
        };
        Hello {
            executable: text("executable").unwrap_or_default(),
            python: list("python").join("."),
            core: text("core").map(PathBuf::from),
            version: text("version"),
            path: list("path").into_iter().map(PathBuf::from).collect(),
        }
    }
}
