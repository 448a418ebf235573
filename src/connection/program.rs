//! Programs that run on the controller, to their end.

use std::path::Path;
use std::process::ExitStatus;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;
use tokio::process::Command;

use crate::error::{Error, Result};
use crate::template::Finished;

/// How much a program may print, in bytes; one that prints more is ended.
const MOST: u64 = 256 << 20;

/// Runs a program on the controller and waits for its end and for the end of its output. `env`
/// is added to our own environment.
///
/// # Errors
/// It cannot be started, prints without end, or did not end within `timeout`; it is killed then, with
/// its group.
pub async fn run_program(
    command: &[String],
    stdin: &[u8],
    cwd: Option<&Path>,
    env: &[(String, String)],
    timeout: Option<Duration>,
) -> Result<Finished> {
    let mut child = start(command, cwd, env, timeout.is_some())?;
    let group = child.id();
    let pipe = child.stdin.take();
    let feed = async {
        if let Some(mut pipe) = pipe {
            // A program that does not read to the end is not at fault.
            let _ = pipe.write_all(stdin).await;
        }
    };
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let work = async {
        let all = async { tokio::try_join!(everything(stdout), everything(stderr)) };
        let (all, ()) = tokio::join!(all, feed);
        let (stdout, stderr) = all?;
        Ok(finished(child.wait().await?, stdout, stderr))
    };
    let done: std::io::Result<Finished> = match timeout {
        None => work.await,
        Some(timeout) => match tokio::time::timeout(timeout, work).await {
            Ok(output) => output,
            Err(_) => return Err(too_long(command, group, timeout)),
        },
    };
    done.map_err(|error| Error::input(format!("failed to run `{}`", name(command))).because(error))
}

/// [`run_program`] for callers that are not async.
///
/// # Errors
/// As there.
pub fn run_program_blocking(
    command: &[String],
    stdin: &[u8],
    cwd: Option<&Path>,
    env: &[(String, String)],
    timeout: Option<Duration>,
) -> Result<Finished> {
    // A thread of its own, since the caller's may belong to a runtime already.
    std::thread::scope(|scope| {
        let work = || -> Result<Finished> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(run_program(command, stdin, cwd, env, timeout))
        };
        let thread = scope.spawn(work);
        thread
            .join()
            .unwrap_or_else(|_| Err(Error::bug("the thread that runs a program panicked")))
    })
}

/// A program of a group of its own can be ended with its children, but may not ask anything on the
/// terminal (as a vault password's script may), so only one that can be late gets one.
fn start(
    command: &[String],
    cwd: Option<&Path>,
    env: &[(String, String)],
    own_group: bool,
) -> Result<Child> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Error::input("there is no program to run"));
    };
    let mut process = Command::new(program);
    process.args(arguments);
    process.envs(env.iter().map(|(name, value)| (name, value)));
    process.stdin(Stdio::piped());
    process.stdout(Stdio::piped());
    process.stderr(Stdio::piped());
    if own_group {
        process.process_group(0);
    }
    process.kill_on_drop(true);
    if let Some(folder) = cwd {
        process.current_dir(folder);
    }
    process
        .spawn()
        .map_err(|error| Error::input(format!("cannot run `{program}`")).because(error))
}

/// What comes out of a pipe, to its end.
///
/// # Errors
/// It is more than a program may print.
async fn everything(pipe: Option<impl AsyncRead + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(MOST + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > MOST {
        let why = format!("it prints more than {} MB", MOST >> 20);
        return Err(std::io::Error::other(why));
    }
    Ok(bytes)
}

fn finished(status: ExitStatus, stdout: Vec<u8>, stderr: Vec<u8>) -> Finished {
    use std::os::unix::process::ExitStatusExt;
    let signal = status.signal().map(|signal| 128 + signal);
    Finished {
        status: status.code().or(signal).unwrap_or(-1),
        stdout,
        stderr,
    }
}

/// Ends the program's whole group: its own children may hold the output open.
fn too_long(command: &[String], group: Option<u32>, timeout: Duration) -> Error {
    let group = group.and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
    if let Some(group) = group {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    Error::input(format!(
        "`{}` did not end within {} s",
        name(command),
        timeout.as_secs_f32()
    ))
}

/// The program's name; its arguments may hold secrets.
fn name(command: &[String]) -> &str {
    command.first().map_or("", String::as_str)
}
