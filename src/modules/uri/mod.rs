#![doc = include_str!("page.md")]

mod body;
mod result;

use std::sync::Arc;
use std::time::Instant;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::digest::sha1;
use crate::modules::http::{HTTP, HttpArgs, Payload, Redirects, Request};
use crate::modules::rules::exclusive;
use crate::modules::{Answer, Ask, Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Script};
use crate::value::{Map, Value};

use body::Field;

/// The module.
pub static MODULE: Module = Module {
    name: "uri",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, HttpArgs::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: false,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "uri",
    text: include_str!("uri.sh"),
    needs: &[&HTTP],
};

/// The most bytes of a content that are brought to the controller.
const MOST: u64 = 64 * 1024 * 1024;

choices! {
    /// How the body is written.
    BodyFormat {
        Form = "form-urlencoded",
        Json = "json",
        Raw = "raw",
        Multipart = "form-multipart",
    }
}

choices! {
    /// Which redirections are followed.
    Follow {
        All = "all",
        No = "no",
        None = "none",
        Safe = "safe",
        Urllib = "urllib2",
        Yes = "yes",
    }
}

args! {
    /// What `uri` takes beside the request and the attributes.
    Args {
        body: Option<Value>,
        body_format: BodyFormat = BodyFormat::Raw,
        ca_path: Option<RemotePath>,
        creates: Option<RemotePath>,
        dest: Option<RemotePath>,
        follow_redirects: Follow = Follow::Safe,
        method: String = "GET".to_owned(),
        remote_src: bool = false,
        removes: Option<RemotePath>,
        return_content: bool = false,
        src: Option<RemotePath>,
        status_code: Vec<i64> = vec![200],
        timeout: i64 = 30,
        unix_socket: Option<RemotePath>,
    }
}

/// A request on its way.
struct Job {
    args: Args,
    attributes: Attributes,
    cx: Arc<Cx>,
    started: Instant,
    request: Request,
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    exclusive(&[("body", args.body.is_some()), ("src", args.src.is_some())])?;
    let request = request(&args, &HttpArgs::read(map)?)?;
    let job = Job {
        attributes: Attributes::read(map)?,
        cx: cx.clone(),
        started: Instant::now(),
        request,
        args,
    };
    job.load()
}

fn request(args: &Args, http: &HttpArgs) -> Result<Request> {
    let method = args.method.to_uppercase();
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        let message = format!("argument `method`: `{method}` is not a word such as GET");
        return Err(Error::input(message));
    }
    let path = |path: &Option<RemotePath>| path.as_ref().map(|path| path.0.clone());
    let mut request = http.request(&method, args.timeout);
    request.ca_path = path(&args.ca_path);
    request.unix_socket = path(&args.unix_socket);
    request.redirects = match args.follow_redirects {
        Follow::All | Follow::Yes => Redirects::All,
        Follow::No | Follow::None => Redirects::None,
        Follow::Safe => Redirects::Safe,
        Follow::Urllib => Redirects::Urllib,
    };
    request.address()?;
    Ok(request)
}

impl Job {
    /// Gets the body together.
    fn load(mut self) -> Result<Step> {
        if let Some(src) = self.args.src.clone() {
            if self.args.remote_src {
                self.request.payload = Payload::HostFile(src.0);
                return Ok(self.send());
            }
            return Ok(read_local(src.0, |bytes| {
                self.request.payload = Payload::Bytes(bytes);
                Ok(self.send())
            }));
        }
        if self.args.body_format == BodyFormat::Multipart {
            let fields = body::fields(self.args.body.as_ref())?;
            return self.gather(fields, 0);
        }
        let body = self.args.body.clone().filter(|body| !body.is_null());
        let ready = body::ready(body.as_ref(), self.args.body_format);
        if let Some(kind) = ready.kind {
            self.set_kind(kind, false);
        }
        if let Some(bytes) = ready.bytes.filter(|_| body.is_some() || self.sends_null()) {
            self.request.payload = Payload::Bytes(bytes);
        }
        Ok(self.send())
    }

    /// JSON is sent even where there is no body, as `null`.
    fn sends_null(&self) -> bool {
        self.args.body_format == BodyFormat::Json
    }

    fn set_kind(&mut self, kind: &str, always: bool) {
        let is_kind = |name: &str| name.eq_ignore_ascii_case("content-type");
        let headers = &mut self.request.headers;
        if always {
            headers.retain(|(name, _)| !is_kind(name));
        }
        if !headers.iter().any(|(name, _)| is_kind(name)) {
            headers.push(("Content-Type".to_owned(), kind.to_owned()));
        }
    }

    /// Reads the files of a multipart body, one after the other.
    fn gather(mut self, mut fields: Vec<Field>, start: usize) -> Result<Step> {
        let missing = |field: &Field| field.content.is_none();
        let next = fields.iter().skip(start).position(missing).map(|at| at + start);
        let Some(index) = next else {
            let all: Vec<u8> = fields.iter().flat_map(|it| it.content.clone()).flatten().collect();
            let boundary = format!("play{}", sha1(&all));
            let (kind, bytes) = body::multipart(&fields, &boundary);
            self.set_kind(&kind, true);
            self.request.payload = Payload::Bytes(bytes);
            return Ok(self.send());
        };
        let file = fields.get(index).and_then(|field| field.file.clone()).unwrap_or_default();
        let remote = self.args.remote_src;
        let then = move |bytes: Vec<u8>| {
            if let Some(field) = fields.get_mut(index) {
                field.content = Some(bytes);
            }
            self.gather(fields, index + 1)
        };
        if remote {
            return Ok(Step::Get {
                path: file,
                limit: MOST,
                then: Box::new(then),
            });
        }
        Ok(read_local(file, then))
    }

    fn send(self) -> Step {
        if !self.request.is_light() {
            return self.send_heavy();
        }
        let url = match self.request.address() {
            Ok(url) => url,
            Err(error) => return Outcome::failed(error.chain()).into(),
        };
        let script = self.request.ask(&url, self.script("uri_main"));
        Step::run(script, move |reply| {
            if let Some(why) = reply.text("skipped") {
                return Ok(Outcome::ok().with("stdout", why).into());
            }
            let out = reply.text("out").unwrap_or_default();
            let first = reply.clone();
            let script = self.script("uri_exchange");
            let request = self.request.clone();
            let then = move |got| self.arrived(&first, got);
            request.continue_with(script, out, reply, Box::new(then))
        })
    }

    /// A body that has to be uploaded first.
    fn send_heavy(self) -> Step {
        let look = self.script("uri_look");
        Step::run(look, move |reply| {
            if let Some(why) = reply.text("skipped") {
                return Ok(Outcome::ok().with("stdout", why).into());
            }
            let out = reply.text("out").unwrap_or_default();
            let script = self.script("uri_exchange");
            let request = self.request.clone();
            let then = move |got| self.arrived(&reply, got);
            request.step(script, out, Box::new(then))
        })
    }

    fn script(&self, function: &'static str) -> Script {
        let path = |path: &Option<RemotePath>| path.as_ref().map_or("", |it| &it.0).to_owned();
        let script = Script::call(&SHELL, function)
            .path("creates", path(&self.args.creates))
            .path("removes", path(&self.args.removes))
            .path("dest", path(&self.args.dest))
            .flag("force", self.request.fresh)
            .set("most", MOST.to_string());
        self.attributes.ask(script)
    }
}

/// Reads a file of the controller.
fn read_local(
    name: String,
    then: impl FnOnce(Vec<u8>) -> Result<Step> + Send + 'static,
) -> Step {
    let find = Ask::Find {
        kind: "files",
        name,
    };
    Step::ask(find, |answer| {
        let Answer::Path(path) = answer else {
            return Err(Error::bug("a file was found without a path"));
        };
        let read = Ask::Read { path, open: true };
        Ok(Step::ask(read, |answer| match answer {
            Answer::Bytes(bytes) => then(bytes.to_vec()),
            _ => Err(Error::bug("a file was read without bytes")),
        }))
    })
}

#[cfg(test)]
mod tests;
