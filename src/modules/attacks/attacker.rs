//! Somebody who owns a folder that root writes into, and does all that the owner of a folder may.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread::JoinHandle;

use rustix::process::{Gid, Uid};

use crate::modules::driver::World;

/// The attacker's number.
pub const STRANGER: u32 = 54_321;

const SECRET: &str = "only root may read and write this";

/// What the attacker swaps, over and over.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// Names that begin with `.play` become links to the victim: files to its file, folders to
    /// its folder.
    Temporary,
    /// The name is now a file of the attacker's own and now a link to the victim's.
    Target(&'static str),
    /// The folder of this name is now a folder and now a link to the victim's.
    Folder(&'static str),
}

/// A folder of the attacker's, a folder of root's, and the attacker at work.
pub struct Attack<'a> {
    world: &'a World,
    stop: Arc<AtomicBool>,
    swaps: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl<'a> Attack<'a> {
    /// Lays out `theirs` and `victim`, and begins. `None` where this process is not root, which
    /// is said.
    pub fn begin(world: &'a World, way: Way) -> Option<Attack<'a>> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: an attack on root needs root");
            return None;
        }
        for path in [world.controller(""), world.path("")] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let victim = world.path("victim");
        fs::create_dir(&victim).unwrap();
        for name in ["f", "sub"] {
            fs::write(victim.join(name), SECRET).unwrap();
            fs::set_permissions(victim.join(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let theirs = world.path("theirs");
        own_folder(&theirs);
        own_folder(&theirs.join("sub"));
        own_file(&theirs.join("f"));
        own_file(&theirs.join("sub/f"));
        Some(Attack::again(world, way))
    }

    /// Begins in a place that is laid out already.
    pub fn again(world: &'a World, way: Way) -> Attack<'a> {
        let (theirs, victim) = (world.path("theirs"), world.path("victim"));
        let stop = Arc::new(AtomicBool::new(false));
        let swaps = Arc::new(AtomicUsize::new(0));
        let thread = {
            let (stop, swaps) = (stop.clone(), swaps.clone());
            std::thread::spawn(move || {
                become_stranger();
                while !stop.load(Relaxed) {
                    swaps.fetch_add(attack(way, &theirs, &victim), Relaxed);
                }
            })
        };
        Attack {
            world,
            stop,
            swaps,
            thread: Some(thread),
        }
    }

    /// Ends the attack: nothing of root's may be other than it was, and nothing of what only root
    /// may read may be where the attacker can. Gives how often the attacker did something.
    #[track_caller]
    pub fn expect_in_vain(mut self, what: &str) -> usize {
        self.end();
        let shell = self.world.shell_name();
        let victim = self.world.path("victim");
        let about = fs::metadata(&victim).unwrap();
        assert_eq!(
            about.uid(),
            0,
            "{what} in {shell}: root's folder was given away"
        );
        assert_eq!(
            about.mode() & 0o777,
            0o755,
            "{what} in {shell}: the mode of root's folder"
        );
        let mut names: Vec<_> = fs::read_dir(&victim).unwrap().flatten().collect();
        names.sort_by_key(fs::DirEntry::file_name);
        let names: Vec<_> = names.iter().map(fs::DirEntry::file_name).collect();
        assert_eq!(
            names,
            ["f", "sub"],
            "{what} in {shell}: root's folder has other files"
        );
        for name in ["f", "sub"] {
            let path = victim.join(name);
            let about = fs::symlink_metadata(&path).unwrap();
            assert_eq!(
                about.uid(),
                0,
                "{what} in {shell}: root's file was given away"
            );
            assert_eq!(
                about.gid(),
                0,
                "{what} in {shell}: root's file was given to a group"
            );
            assert_eq!(
                about.mode() & 0o7777,
                0o600,
                "{what} in {shell}: the mode of root's file"
            );
            let content = fs::read_to_string(&path).unwrap();
            assert_eq!(
                content, SECRET,
                "{what} in {shell}: root's file was overwritten"
            );
        }
        expect_no_secret(&self.world.path("theirs"), what, shell);
        self.swaps.load(Relaxed)
    }

    fn end(&mut self) {
        self.stop.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Attack<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

fn own_folder(path: &Path) {
    fs::create_dir(path).unwrap();
    chown(path, Some(STRANGER), Some(STRANGER)).unwrap();
}

fn own_file(path: &Path) {
    fs::write(path, "their own\n").unwrap();
    chown(path, Some(STRANGER), Some(STRANGER)).unwrap();
}

/// Only this thread: the numbers belong to a thread, for the kernel.
fn become_stranger() {
    let (uid, gid) = (Uid::from_raw(STRANGER), Gid::from_raw(STRANGER));
    rustix::thread::set_thread_groups(&[]).unwrap();
    rustix::thread::set_thread_res_gid(gid, gid, gid).unwrap();
    rustix::thread::set_thread_res_uid(uid, uid, uid).unwrap();
    assert!(fs::File::create("/etc/play-attacker-is-root").is_err());
}

/// One round; gives how much of it was done.
fn attack(way: Way, theirs: &Path, victim: &Path) -> usize {
    match way {
        Way::Temporary => swap_temporary(theirs, victim),
        Way::Target(name) => {
            let spare = theirs.join(".spare");
            let _ = fs::remove_file(&spare);
            let linked = symlink(victim.join("f"), &spare)
                .and_then(|()| fs::rename(&spare, theirs.join(name)));
            std::thread::yield_now();
            let back = fs::write(&spare, "their own\n")
                .and_then(|()| fs::rename(&spare, theirs.join(name)));
            usize::from(linked.is_ok() && back.is_ok())
        }
        Way::Folder(name) => {
            let (place, spare) = (theirs.join(name), theirs.join(".spare"));
            if fs::symlink_metadata(&spare).is_err() {
                let _ = symlink(victim, &spare);
            }
            usize::from(exchange(&place, &spare))
        }
    }
}

fn exchange(a: &Path, b: &Path) -> bool {
    let how = rustix::fs::RenameFlags::EXCHANGE;
    rustix::fs::renameat_with(rustix::fs::CWD, a, rustix::fs::CWD, b, how).is_ok()
}

fn swap_temporary(theirs: &Path, victim: &Path) -> usize {
    let names = fs::read_dir(theirs).into_iter().flatten().flatten();
    let names: Vec<PathBuf> = names.map(|entry| entry.path()).collect();
    let mut done = 0;
    for path in names {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with(".play") || name.ends_with(".x") {
            continue;
        }
        let Ok(about) = fs::symlink_metadata(&path) else {
            continue;
        };
        let aside = theirs.join(format!("{name}.x"));
        if about.is_symlink() || fs::rename(&path, &aside).is_err() {
            continue;
        }
        let to = if about.is_dir() {
            victim.to_owned()
        } else {
            victim.join("f")
        };
        done += usize::from(symlink(to, &path).is_ok());
    }
    done
}

/// Nothing below the folder that the attacker could read has root's secret in it.
#[track_caller]
fn expect_no_secret(folder: &Path, what: &str, shell: &str) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let Ok(about) = fs::symlink_metadata(&path) else {
            continue;
        };
        if about.is_dir() {
            expect_no_secret(&path, what, shell);
        }
        let readable = about.uid() == STRANGER || about.mode() & 0o004 != 0;
        if about.is_file() && readable {
            let content = fs::read(&path).unwrap_or_default();
            let content = String::from_utf8_lossy(&content);
            assert!(
                !content.contains(SECRET),
                "{what} in {shell}: root's file can be read in {}",
                path.display()
            );
        }
    }
}
