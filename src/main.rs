//! The door of `play`: runs the library and leaves with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    play::run(std::env::args_os())
}
