//! The packages of a task: names with versions and signs, and addresses.

/// A package that shall come or go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// `>=1.2`, or empty.
    pub version: String,
    /// Whether it shall be there.
    pub install: bool,
}

impl Package {
    /// As zypper takes it.
    pub fn text(&self) -> String {
        let sign = if self.install { '+' } else { '-' };
        format!("{sign}{}{}", self.name, self.version)
    }
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Packages by name.
    pub packages: Vec<Package>,
    /// Files and addresses.
    pub urls: Vec<String>,
}

impl Wanted {
    /// Reads the names. Without a sign they come, or go where `remove` says so.
    pub fn all(names: &[String], remove: bool) -> Wanted {
        let is_url = |name: &&String| name.contains("://") || name.ends_with(".rpm");
        let (urls, names): (Vec<&String>, Vec<&String>) = names.iter().partition(is_url);
        Wanted {
            packages: names.into_iter().map(|name| package(name, remove)).collect(),
            urls: urls.into_iter().cloned().collect(),
        }
    }
}

fn package(text: &str, remove: bool) -> Package {
    let (install, rest) = match (text.strip_prefix('+'), text.strip_prefix(['-', '~'])) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => (!remove, text),
    };
    let at = rest.find(['<', '>', '=']).unwrap_or(rest.len());
    let (name, version) = rest.split_at(at);
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        install,
    }
}
