//! Which Python of the controller has ansible-core: looked for in the file system, without
//! starting any.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Where one might be, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The program.
    pub program: PathBuf,
    /// Who names it, in words.
    pub source: &'static str,
}

/// A Python as far as its files tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interpreter {
    /// The program.
    pub program: PathBuf,
    /// Who names it, in words.
    pub source: &'static str,
    /// Where its packages are.
    pub places: Vec<PathBuf>,
    /// The folder of ansible-core, where it has one that can be seen.
    pub core: Option<PathBuf>,
    /// The version of ansible-core.
    pub version: Option<String>,
}

/// What the surroundings say.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// `python` in `[play]`, or `PLAY_PYTHON`.
    pub setting: Option<String>,
    /// `$VIRTUAL_ENV`.
    pub virtual_env: Option<PathBuf>,
    /// The folders of `$PATH`.
    pub path: Vec<PathBuf>,
    /// `$HOME`.
    pub home: Option<PathBuf>,
    /// `$PYTHONPATH`.
    pub pythonpath: Vec<PathBuf>,
}

impl Surroundings {
    /// What this process sees.
    pub fn of_process(setting: Option<String>) -> Self {
        let folders = |name: &str| -> Vec<PathBuf> {
            let value = std::env::var_os(name).unwrap_or_default();
            let folders = std::env::split_paths(&value);
            folders.filter(|f| !f.as_os_str().is_empty()).collect()
        };
        let folder = |name: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        Surroundings {
            setting,
            virtual_env: folder("VIRTUAL_ENV"),
            path: folders("PATH"),
            home: folder("HOME"),
            pythonpath: folders("PYTHONPATH"),
        }
    }

    /// The programs that come into question, best first.
    pub fn candidates(&self) -> Vec<Candidate> {
        let mut all = Vec::new();
        if let Some(setting) = &self.setting {
            // What the user names is the only one.
            let program = self.on_path(setting).unwrap_or_else(|| setting.into());
            let source = "the setting `python`";
            return vec![Candidate { program, source }];
        }
        let mut add = |program: Option<PathBuf>, source| {
            let program = program.filter(|program| program.is_file());
            if let Some(program) = program
                && all.iter().all(|c: &Candidate| c.program != program)
            {
                all.push(Candidate { program, source });
            }
        };
        let venv = self.virtual_env.as_ref();
        add(venv.map(|venv| venv.join("bin/python3")), "VIRTUAL_ENV");
        let command = self.every_on_path("ansible-playbook");
        for command in command {
            add(
                interpreter_of(&command),
                "the first line of ansible-playbook",
            );
        }
        add(self.on_path("python3"), "python3 on PATH");
        all
    }

    /// The first of them whose ansible-core can be seen; else the first of all.
    pub fn find(&self) -> Option<Interpreter> {
        let mut first = None;
        for candidate in self.candidates() {
            let interpreter = self.look_at(candidate);
            if interpreter.core.is_some() {
                return Some(interpreter);
            }
            first = first.or(Some(interpreter));
        }
        first
    }

    fn look_at(&self, candidate: Candidate) -> Interpreter {
        let places = self.places(&candidate.program);
        let core = places
            .iter()
            .map(|place| place.join("ansible"))
            .find(|core| core.join("release.py").is_file());
        Interpreter {
            version: core.as_deref().and_then(version_of),
            program: candidate.program,
            source: candidate.source,
            places,
            core,
        }
    }

    /// The folders that a Python takes its packages from, as they are laid out everywhere.
    fn places(&self, program: &Path) -> Vec<PathBuf> {
        let mut prefixes = Vec::new();
        let mut own = program.parent().and_then(Path::parent);
        if own.is_some_and(|prefix| !prefix.join("pyvenv.cfg").is_file()) {
            own = None;
        }
        prefixes.extend(own.map(Path::to_owned));
        if own.is_none_or(sees_the_system) {
            let real = std::fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
            let prefix = real.parent().and_then(Path::parent).map(Path::to_owned);
            prefixes.extend(self.home.iter().map(|home| home.join(".local")));
            prefixes.extend(prefix.iter().map(|prefix| prefix.join("local")));
            prefixes.extend(prefix);
        }
        let minor = minor_of(program);
        let mut places = self.pythonpath.clone();
        for prefix in prefixes {
            places.extend(packages_below(&prefix, minor.as_deref()));
        }
        places
    }

    fn on_path(&self, name: &str) -> Option<PathBuf> {
        self.every_on_path(name).into_iter().next()
    }

    fn every_on_path(&self, name: &str) -> Vec<PathBuf> {
        if name.contains('/') {
            return vec![PathBuf::from(name)];
        }
        let all = self.path.iter().map(|folder| folder.join(name));
        all.filter(|program| program.is_file()).collect()
    }
}

/// The Python in the first line of a script; a long path stands in the second, by pip's trick.
fn interpreter_of(script: &Path) -> Option<PathBuf> {
    use std::io::Read;
    let mut start = [0; 1024];
    let mut file = std::fs::File::open(script).ok()?;
    let count = file.read(&mut start).ok()?;
    let text = String::from_utf8_lossy(&start[..count]);
    let mut lines = text.lines();
    let first = lines.next()?.strip_prefix("#!")?.trim();
    let program = match first {
        "/bin/sh" => lines.next()?.strip_prefix("'''exec' ")?.split('"').nth(1)?,
        other => other.split_whitespace().next()?,
    };
    let name = Path::new(program).file_name()?.to_str()?;
    name.starts_with("python").then(|| PathBuf::from(program))
}

/// `3.11` of `/usr/bin/python3.11`, behind links.
fn minor_of(program: &Path) -> Option<String> {
    let real = std::fs::canonicalize(program).ok()?;
    let name = real.file_name()?.to_str()?.to_owned();
    let minor = name.strip_prefix("python")?;
    minor.starts_with("3.").then(|| minor.to_owned())
}

/// Whether a virtual environment also sees the packages of its Python.
fn sees_the_system(environment: &Path) -> bool {
    let text = std::fs::read_to_string(environment.join("pyvenv.cfg")).unwrap_or_default();
    text.lines()
        .any(|line| line.replace(' ', "").to_lowercase() == "include-system-site-packages=true")
}

fn packages_below(prefix: &Path, minor: Option<&str>) -> Vec<PathBuf> {
    let library = prefix.join("lib");
    let mut names: Vec<String> = match minor {
        Some(minor) => vec![format!("python{minor}"), "python3".to_owned()],
        None => {
            let entries = std::fs::read_dir(&library).into_iter().flatten().flatten();
            let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
            names.filter(|name| name.starts_with("python3")).collect()
        }
    };
    names.sort();
    let both = names.iter().flat_map(|name| {
        ["site-packages", "dist-packages"].map(|packages| library.join(name).join(packages))
    });
    both.filter(|place| place.is_dir()).collect()
}

/// The version that a folder of ansible-core says of itself.
pub fn version_of(core: &Path) -> Option<String> {
    let text = std::fs::read_to_string(core.join("release.py")).ok()?;
    let line = text.lines().find(|line| line.starts_with("__version__"))?;
    let version = line.split(['"', '\'']).nth(1)?;
    Some(version.to_owned())
}

/// Whether we can work with an ansible-core of this version.
///
/// # Errors
/// It is older than 2.15; what to do about it.
pub fn check_version(version: &str, program: &str) -> Result<()> {
    let mut numbers = version.split('.').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().unwrap_or(0)
    });
    let (major, minor) = (numbers.next(), numbers.next());
    if (major, minor) >= (Some(2), Some(15)) {
        return Ok(());
    }
    Err(Error::input(format!(
        "ansible-core {version} of `{program}` is too old: 2.15 or later is needed"
    ))
    .hint(format!(
        "run: {program} -m pip install --upgrade ansible-core"
    )))
}

#[cfg(test)]
mod tests {
    use super::{Surroundings, check_version};
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn venv(root: &Path, version: Option<&str>) {
        write(
            &root.join("pyvenv.cfg"),
            "include-system-site-packages = false\n",
        );
        write(&root.join("bin/python3"), "");
        fs::create_dir_all(root.join("lib/python3.12/site-packages")).unwrap();
        if let Some(version) = version {
            let text = format!("from x import y\n__version__ = '{version}'\n");
            write(
                &root.join("lib/python3.12/site-packages/ansible/release.py"),
                &text,
            );
        }
    }

    #[test]
    fn the_first_line_of_ansible_playbook_leads_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        venv(&root.join("bare"), None);
        venv(&root.join("full"), Some("2.18.1"));
        let line = format!(
            "#!{}\nimport sys\n",
            root.join("full/bin/python3").display()
        );
        write(&root.join("path/ansible-playbook"), &line);
        symlink(root.join("bare/bin/python3"), root.join("path/python3")).unwrap();
        let mut around = Surroundings {
            path: vec![root.join("path")],
            virtual_env: Some(root.join("bare")),
            ..Surroundings::default()
        };
        let found = around.find().unwrap();
        assert_eq!(found.version.as_deref(), Some("2.18.1"));
        assert_eq!(found.source, "the first line of ansible-playbook");
        let long = format!(
            "#!/bin/sh\n'''exec' \"{}/full/bin/python3\" \"$0\" \"$@\"\n",
            root.display()
        );
        write(&root.join("path/ansible-playbook"), &long);
        assert_eq!(around.find().unwrap(), found);
        // `play` itself under that name is no Python, and what the user names is the only one.
        write(&root.join("path/ansible-playbook"), "\u{7f}ELF");
        assert_eq!(around.find().unwrap().core, None);
        around.setting = Some("/no/python".to_owned());
        assert_eq!(around.find().unwrap().program, Path::new("/no/python"));
    }

    #[test]
    fn old_versions_are_told() {
        for (version, good) in [
            ("2.15.0", true),
            ("2.21.5", true),
            ("2.14.18", false),
            ("2.9.27", false),
            ("2.22.0.dev0", true),
        ] {
            assert_eq!(check_version(version, "python3").is_ok(), good, "{version}");
        }
    }
}
