//! What may be done to a host: one folder a module.
//!
//! A module does no input or output. Its `plan` turns arguments and facts into a [`Step`]; the
//! executor takes the step to the host and hands what came back to the step's `then`, until a
//! step is [`Step::Done`]. A folder holds `mod.rs` (typed arguments and `plan`), `NAME.sh` (the
//! constant POSIX sh that runs on the host), `page.md` (what the user reads) and `cases/*.yml`.

mod apt_cache;
pub mod args;
mod attributes;
mod batches;
pub mod clean;
mod commands;
mod delivery;
mod digest;
mod editing;
mod encoding;
pub mod fnmatch;
mod gathering;
pub mod ground;
pub mod http;
mod keys;
mod module;
mod node;
mod openpgp;
mod placing;
mod program;
mod random;
mod record;
pub mod rules;
mod services;
mod step;
mod texts;
pub mod words;

pub use args::{ArgKind, ArgSpec, ArgValue, FileMode, RemotePath, SecretText, check_names};
pub use module::{Cx, FreeForm, Module, Names};
pub use step::{Answer, Ask, Body, Entry, PythonModule, Step, Then};

/// Declares the modules of the house: a folder plus one word here makes a module known.
macro_rules! modules {
    ($($name:ident),* $(,)?) => {
        $(pub mod $name;)*

        /// Every module, in alphabetical order.
        pub static ALL: &[&Module] = &[$(&$name::MODULE),*];
    };
}

modules! {
    acl,
    add_host,
    alternatives,
    apk,
    apt,
    apt_key,
    apt_repository,
    archive,
    assemble,
    assert,
    async_status,
    at,
    authorized_key,
    blockinfile,
    capabilities,
    command,
    copy,
    cron,
    deb822_repository,
    debconf,
    debug,
    dnf,
    dpkg_selections,
    expect,
    fail,
    fetch,
    file,
    filesystem,
    find,
    firewalld,
    gather_facts,
    get_url,
    getent,
    git,
    group,
    group_by,
    hostname,
    htpasswd,
    ini_file,
    iptables,
    known_hosts,
    lineinfile,
    locale_gen,
    lvg,
    lvol,
    make,
    modprobe,
    mount,
    mount_facts,
    package,
    package_facts,
    pacman,
    pam_limits,
    parted,
    patch,
    pause,
    ping,
    pip,
    raw,
    reboot,
    replace,
    rpm_key,
    script,
    seboolean,
    selinux,
    service,
    service_facts,
    set_fact,
    set_stats,
    setup,
    shell,
    slurp,
    stat,
    subversion,
    sudoers,
    synchronize,
    sysctl,
    systemd_service,
    sysvinit,
    tempfile,
    template,
    timezone,
    ufw,
    unarchive,
    uri,
    user,
    wait_for,
    wait_for_connection,
    xml,
    yum_repository,
    zypper,
}

/// The module of that name: short, `ansible.builtin.NAME`, or with its collection.
pub fn find(name: &str) -> Option<&'static Module> {
    ALL.iter().copied().find(|module| module.answers_to(name))
}

#[cfg(test)]
mod attacks;
#[cfg(test)]
pub(crate) mod driver;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
