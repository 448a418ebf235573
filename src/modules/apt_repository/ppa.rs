//! Personal package archives of Launchpad: `ppa:OWNER/NAME`.

use super::{Args, SHELL, State};
use super::sources::Source;
use crate::error::{Error, Result};
use crate::modules::{Answer, Ask, Cx, Step};
use crate::shell::{Reply, Script};
use crate::template::Fetch;
use crate::value::from_json;

/// An archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    owner: String,
    name: String,
}

impl Archive {
    /// Reads `ppa:OWNER/NAME`, or `ppa:OWNER` for the archive called `ppa`.
    ///
    /// # Errors
    /// It begins so, and goes on with what no name can be.
    pub fn read(text: &str) -> Result<Option<Archive>> {
        let Some(rest) = text.strip_prefix("ppa:") else {
            return Ok(None);
        };
        let (owner, name) = rest.split_once('/').unwrap_or((rest, "ppa"));
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-+.".contains(c));
        match plain(owner) && plain(name) {
            true => Ok(Some(Archive { owner: owner.to_owned(), name: name.to_owned() })),
            false => Err(Error::input(format!("Invalid repository string: {text}"))),
        }
    }

    /// The archive's source for the release of the host.
    ///
    /// # Errors
    /// Nobody knows the release.
    pub fn source(&self, args: &Args, reply: &Reply) -> Result<Source> {
        let codename = args.codename.clone().or_else(|| reply.text("codename"));
        let codename = codename.filter(|name| !name.is_empty()).ok_or_else(|| {
            Error::input("the host does not tell its release; say it with `codename`")
        })?;
        let line = format!(
            "deb http://ppa.launchpad.net/{}/{}/ubuntu {codename} main",
            self.owner, self.name
        );
        Source::read(&line).ok_or_else(|| Error::bug("the source of an archive cannot be read"))
    }

    /// The step, after the archive's key has been brought to the host, where the source is added.
    pub fn with_key(self, step: Step, args: &Args, reply: &Reply, cx: &Cx) -> Step {
        let adds = matches!(&step, Step::Run(..)) && args.state == State::Present && !cx.check;
        if !adds {
            return step;
        }
        let parts = reply.text("parts").unwrap_or_default();
        let folder = parts.rsplit_once('/').map_or("/etc/apt", |(folder, _)| folder).to_owned();
        let path = format!("{folder}/trusted.gpg.d/ppa_{}_{}.asc", self.owner, self.name);
        let verify = args.validate_certs;
        let about = format!("https://api.launchpad.net/1.0/~{}/+archive/{}", self.owner, self.name);
        Step::ask(fetch(about, verify), move |answer| {
            let fingerprint = fingerprint(&answer)?;
            let url = format!("https://keyserver.ubuntu.com/pks/lookup?op=get&options=mr&search=0x{fingerprint}");
            Ok(Step::ask(fetch(url, verify), move |answer| {
                let key = armoured(&answer)?;
                let script = Script::call(&SHELL, "apt_repository_put").set("mode", "0644").arg(path).arg(key);
                Ok(Step::run(script, |_| Ok(step)))
            }))
        })
    }
}

fn fetch(url: String, verify: bool) -> Ask {
    Ask::Fetch(Fetch {
        url,
        headers: vec![("Accept".to_owned(), "application/json, */*".to_owned())],
        verify,
        timeout: 30,
        follow: true,
        ..Fetch::default()
    })
}

fn body(answer: &Answer) -> Result<String> {
    match answer {
        Answer::Fetched(fetched) if fetched.status == 200 => {
            Ok(String::from_utf8_lossy(&fetched.body).into_owned())
        }
        Answer::Fetched(fetched) => {
            Err(Error::input(format!("failed to fetch PPA information, error was: status {}", fetched.status)))
        }
        _ => Err(Error::bug("no page came back for an address")),
    }
}

fn fingerprint(answer: &Answer) -> Result<String> {
    let about = from_json(&body(answer)?)?;
    let fingerprint = about.get("signing_key_fingerprint").and_then(|value| value.as_str());
    let plain = fingerprint.filter(|text| text.chars().all(|c| c.is_ascii_hexdigit()));
    plain.map(str::to_owned).ok_or_else(|| Error::input("Launchpad tells no key for the archive"))
}

fn armoured(answer: &Answer) -> Result<String> {
    let text = body(answer)?;
    let start = text.find("-----BEGIN PGP PUBLIC KEY BLOCK-----");
    let end = text.find("-----END PGP PUBLIC KEY BLOCK-----");
    match (start, end) {
        (Some(start), Some(end)) if start < end => {
            Ok(format!("{}-----END PGP PUBLIC KEY BLOCK-----\n", &text[start..end]))
        }
        _ => Err(Error::input("the key server did not answer with the archive's key")),
    }
}

