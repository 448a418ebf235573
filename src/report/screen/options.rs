//! What the screen is told by the configuration.

use crate::error::Manner;

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// As JSON.
    #[default]
    Json,
    /// As YAML.
    Yaml,
}

/// What the screen is told by the configuration.
#[derive(Clone, Debug)]
pub struct ScreenOptions {
    /// How many `-v`.
    pub verbosity: u8,
    /// In which form errors are printed.
    pub manner: Manner,
    /// Whether to colour.
    pub colour: bool,
    /// How wide banners are, where standard output is no terminal.
    pub width: usize,
    /// Whether standard output is a terminal, whose width may change while the run goes.
    pub terminal: bool,
    /// Whether titles say that a task runs in check mode.
    pub check_marks: bool,
    /// Whether skipped hosts get a line.
    pub skipped: bool,
    /// Whether hosts that are ok get a line.
    pub ok: bool,
    /// Whether titles have the arguments of tasks.
    pub arguments: bool,
    /// Whether differences are shown.
    pub diff: bool,
    /// Whether durations are shown.
    pub durations: bool,
    /// Whether warnings and deprecations of a task are shown below it.
    pub warnings: bool,
    /// Whether deprecations that modules in Python tell of are shown (`deprecation_warnings`).
    pub deprecations: bool,
    /// Whether statistics of `set_stats` are shown.
    pub stats: bool,
    /// How results are printed.
    pub format: Format,
    /// Whether they have lines; nothing leaves it to the format, to what is printed, and to `-vvv`.
    pub pretty: Option<bool>,
    /// How far they are indented where they have lines.
    pub indent: usize,
    /// After which column lines of YAML are broken.
    pub yaml_width: usize,
}

impl Default for ScreenOptions {
    fn default() -> Self {
        ScreenOptions {
            verbosity: 0,
            manner: Manner::Own,
            colour: false,
            width: 79,
            terminal: false,
            check_marks: false,
            skipped: true,
            ok: true,
            arguments: false,
            diff: false,
            durations: false,
            warnings: true,
            deprecations: true,
            stats: false,
            format: Format::Json,
            pretty: None,
            indent: 4,
            yaml_width: 80,
        }
    }
}

impl ScreenOptions {
    /// How wide banners are now.
    pub(super) fn columns(&self) -> usize {
        let size = match self.terminal {
            true => rustix::termios::tcgetwinsize(std::io::stdout()).ok(),
            false => None,
        };
        let columns = size.map(|size| usize::from(size.ws_col).saturating_sub(1));
        columns.filter(|columns| *columns > 0).unwrap_or(self.width)
    }
}
