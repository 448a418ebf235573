//! Requests over HTTP(S) that the host makes, by curl, Python or wget, whichever it has.
//!
//! A tool makes one request; redirections are followed here, one round trip each, so that every
//! tool follows the same rules. Headers and logins go no further than the host they are meant for.

mod answer;
mod args;
mod cookies;
#[cfg(test)]
pub(crate) mod server;
mod tools;
mod url;

pub use answer::Answer;
pub use args::HttpArgs;
pub use cookies::Jar;
pub use url::{Url, form_encoded, masked, percent_decoded};

use crate::error::{Error, Result};
use crate::modules::digest::DIGEST;
use crate::modules::placing::PLACING;
use crate::modules::{Body, Step};
use crate::shell::{Fragment, Reply, Script};

/// The functions that make requests.
pub static HTTP: Fragment = Fragment {
    name: "http",
    text: include_str!("http.sh"),
    needs: &[&PLACING, &DIGEST],
};

/// The most redirections that are followed, as in Python's urllib.
const MOST_REDIRECTS: usize = 10;

/// What Python's urllib says then, before the reason of the last answer.
const ENDLESS: &str = "The HTTP server returned a redirect error that would lead to an infinite \
                       loop.\nThe last 30x error message was:\n";

/// The most bytes of a body that travel in the request to the host's shell.
const INLINE: usize = 64 * 1024;

/// Which redirections are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirects {
    /// All.
    All,
    /// None.
    None,
    /// Those of GET and HEAD.
    Safe,
    /// As Python's urllib: all but 307 and 308 of other methods than GET and HEAD.
    Urllib,
}

/// What a request carries.
#[derive(Clone, Debug)]
pub enum Payload {
    /// Nothing.
    None,
    /// Bytes from the controller.
    Bytes(Vec<u8>),
    /// A file of the host.
    HostFile(String),
}

/// A request.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names are those of the modules' arguments")]
pub struct Request {
    pub url: String,
    pub method: String,
    pub headers: Vec<(String, String)>,
    /// Headers that are not sent to where a redirection leads.
    pub unredirected: Vec<String>,
    pub payload: Payload,
    pub login: Option<(String, String)>,
    /// Send the login without being asked for it.
    pub basic: bool,
    pub agent: String,
    pub timeout: i64,
    pub verify: bool,
    pub proxy: bool,
    pub netrc: bool,
    pub gssapi: bool,
    pub decompress: bool,
    /// Ask for nothing out of a cache.
    pub fresh: bool,
    pub ca_path: Option<String>,
    pub client_cert: Option<String>,
    pub client_key: Option<String>,
    pub ciphers: Vec<String>,
    pub unix_socket: Option<String>,
    pub redirects: Redirects,
    /// Only what is newer is wanted: seconds since 1970.
    pub since: Option<i64>,
}

/// What came of a request. Where there is a file, somebody has to remove it.
#[derive(Debug)]
pub struct Got {
    /// The reply of the last round trip, with what the caller's own script answered in it.
    pub reply: Reply,
    /// The address it came from in the end.
    pub url: Url,
    /// The answer's head; its status is -1 where there was none.
    pub answer: Answer,
    /// The cookies that were set on the way.
    pub cookies: Jar,
    /// Why there was no answer.
    pub error: Option<String>,
    /// The host's file that has the content.
    pub out: String,
}

/// A request on its way through redirections.
struct Journey {
    script: Script,
    out: String,
    url: Url,
    hops: usize,
    cookies: Jar,
    then: Then,
}

/// What follows a request.
pub type Then = Box<dyn FnOnce(Got) -> Result<Step> + Send>;

impl Request {
    /// Makes the request by `script`, which calls `http_request` and is sent again where a
    /// redirection leads on. The answer goes to the host's file `out`, which is there.
    ///
    /// # Errors
    /// A redirection that cannot be followed.
    pub fn step(self, script: Script, out: String, then: Then) -> Result<Step> {
        let url = self.address()?;
        let journey = Journey {
            script,
            out,
            url,
            hops: 0,
            cookies: Jar::default(),
            then,
        };
        self.send(journey)
    }

    /// Goes on from a reply to a script that has made the request (see [`Request::ask`]).
    ///
    /// # Errors
    /// As [`Request::step`].
    pub fn continue_with(
        self,
        script: Script,
        out: String,
        reply: Reply,
        then: Then,
    ) -> Result<Step> {
        let url = self.address()?;
        let journey = Journey {
            script,
            out,
            url,
            hops: 0,
            cookies: Jar::default(),
            then,
        };
        self.arrive(journey, reply)
    }

    /// The same request with the login that stands in its address, where it has no other.
    #[must_use]
    pub fn with_login(mut self) -> Self {
        if self.login.is_none() {
            self.login = Url::parse(&self.url).and_then(|url| url.login());
        }
        self
    }

    /// The address.
    ///
    /// # Errors
    /// It is none.
    pub fn address(&self) -> Result<Url> {
        Url::parse(&self.url)
            .ok_or_else(|| Error::input(format!("`{}` is not a web address", self.url)))
    }

    /// Says whether the body can travel in the request to the host's shell.
    pub fn is_light(&self) -> bool {
        match &self.payload {
            Payload::Bytes(bytes) => inline(bytes).is_some(),
            _ => true,
        }
    }

    fn has_body(&self) -> bool {
        !matches!(self.payload, Payload::None)
    }

    fn send(self, journey: Journey) -> Result<Step> {
        if self.is_light() {
            return Ok(self.exchange(journey));
        }
        Ok(self.upload(journey))
    }

    /// Brings a large or binary body to the host first; it goes with the rest of what belongs to
    /// `out`.
    fn upload(mut self, journey: Journey) -> Step {
        let Payload::Bytes(bytes) = std::mem::replace(&mut self.payload, Payload::None) else {
            return self.exchange(journey);
        };
        let path = format!("{}.body", journey.out);
        Step::put(Body::Bytes(bytes.into()), path.clone(), move |_| {
            let request = Request {
                payload: Payload::HostFile(path),
                ..self
            };
            Ok(request.exchange(journey))
        })
    }

    fn exchange(self, journey: Journey) -> Step {
        let script = self.ask(&journey.url, journey.script.clone());
        let script = script.set("out", &journey.out);
        Step::run(script, move |reply| {
            // After a redirection the answer has a place of its own.
            let out = reply.text("out").filter(|out| !out.is_empty());
            let out = out.unwrap_or(journey.out);
            self.arrive(Journey { out, ..journey }, reply)
        })
    }

    fn arrive(self, mut journey: Journey, reply: Reply) -> Result<Step> {
        let answer = Answer::read(&reply.text("head").unwrap_or_default());
        journey.cookies.take(&journey.url, &answer);
        match self.redirected(&journey.url, &answer) {
            Some(_) if journey.hops >= MOST_REDIRECTS => {
                let reason = format!("{ENDLESS}{}", answer.reason);
                let answer = Answer { reason, ..answer };
                let (then, got) = got(journey, answer, reply);
                then(got)
            }
            Some(next) => self.follow(journey, next, &answer),
            None => {
                let (then, got) = got(journey, answer, reply);
                then(got)
            }
        }
    }

    /// Sets what `http_request` reads, but for `out`.
    pub fn ask(&self, url: &Url, script: Script) -> Script {
        let (body, file) = match &self.payload {
            Payload::None => (String::new(), ""),
            Payload::Bytes(bytes) => (inline(bytes).unwrap_or_default(), ""),
            Payload::HostFile(path) => (String::new(), path.as_str()),
        };
        let mut script = script
            .set("url", url.bare())
            .set("method", &self.method)
            .secret("curl_config", self.curl(url))
            .secret("wget_config", self.wget())
            .secret("python_config", self.python(url))
            .flag("rich", self.is_rich())
            .flag("decompress", self.decompress)
            .flag("has_body", self.has_body())
            .secret("body", body)
            .path("body_file", file)
            .set(
                "since",
                self.since.map(|time| time.to_string()).unwrap_or_default(),
            )
            .list("plain", &self.busybox());
        for (_, value) in self.headers.iter().filter(|(_, value)| value.len() > 5) {
            script = script.mask(value);
        }
        if let Some((user, password)) = &self.login {
            script = script.mask(password);
            // As the tools are told to send it.
            script = script.mask(url::basic(user, password).trim_start_matches("Basic "));
        }
        script
    }

    /// Where the answer sends this request, if it does and the rules allow it.
    fn redirected(&self, url: &Url, answer: &Answer) -> Option<Url> {
        if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let safe = matches!(self.method.as_str(), "GET" | "HEAD");
        let allowed = match self.redirects {
            Redirects::All => true,
            Redirects::None => false,
            Redirects::Safe => safe,
            Redirects::Urllib => safe || self.method == "POST" && answer.status < 304,
        };
        url.join(answer.header("location")?).filter(|_| allowed)
    }

    fn follow(mut self, journey: Journey, next: Url, answer: &Answer) -> Result<Step> {
        let url = &journey.url;
        let kept = matches!(answer.status, 307 | 308);
        if !kept {
            self.payload = Payload::None;
            let body = ["content-length", "content-type", "transfer-encoding"];
            self.headers
                .retain(|(name, _)| !body.contains(&name.to_ascii_lowercase().as_str()));
            let post = answer.status == 301 && self.method == "POST";
            if self.method != "HEAD" && (matches!(answer.status, 302 | 303) || post) {
                "GET".clone_into(&mut self.method);
            }
        }
        let unredirected = std::mem::take(&mut self.unredirected);
        self.headers
            .retain(|(name, _)| !unredirected.iter().any(|it| it.eq_ignore_ascii_case(name)));
        if !url.same_host(&next) {
            self.login = None;
            let secret = ["authorization", "cookie"];
            self.headers
                .retain(|(name, _)| !secret.contains(&name.to_ascii_lowercase().as_str()));
        } else {
            let mut new = Jar::default();
            new.take(url, answer);
            self.add_cookies(&new);
        }
        if self.login.is_none() {
            self.login = next.login();
        }
        self.send(Journey {
            url: next,
            hops: journey.hops + 1,
            ..journey
        })
    }

    fn add_cookies(&mut self, cookies: &Jar) {
        let pairs = cookies.all().into_iter();
        let mut all: Vec<String> = pairs
            .map(|(name, value)| match value {
                Some(value) => format!("{name}={value}"),
                None => name.to_owned(),
            })
            .collect();
        if all.is_empty() {
            return;
        }
        let is_cookie = |name: &str| name.eq_ignore_ascii_case("cookie");
        if let Some(at) = self.headers.iter().position(|(name, _)| is_cookie(name)) {
            all.insert(0, self.headers.remove(at).1);
        }
        self.headers.push(("Cookie".to_owned(), all.join("; ")));
    }
}

fn got(journey: Journey, answer: Answer, reply: Reply) -> (Then, Got) {
    let error = reply.text("error").map(|text| {
        let text = text.trim();
        let text = if text.is_empty() {
            "there was no answer"
        } else {
            text
        };
        text.trim_start_matches("curl: ").to_owned()
    });
    let got = Got {
        url: journey.url,
        cookies: journey.cookies,
        answer,
        error,
        out: journey.out,
        reply,
    };
    (journey.then, got)
}

/// The bytes as a text that can travel in a request to the shell.
fn inline(bytes: &[u8]) -> Option<String> {
    if bytes.len() > INLINE || bytes.contains(&0) {
        return None;
    }
    String::from_utf8(bytes.to_vec()).ok()
}

/// Removes the answer's file, then ends with the outcome.
pub fn forget(out: &str, outcome: crate::outcome::Outcome) -> Step {
    let script = Script::call(&HTTP, "http_forget").set("out", out);
    Step::run_any(script, |_| Ok(outcome.into()))
}
