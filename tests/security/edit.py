"""What an editor shows of a vault does not stay when `play vault edit` is ended."""
import pathlib
import subprocess

PLAIN = "PLANTEDopen44"


def left():
    """The folders of open vaults."""
    folders = [pathlib.Path("/dev/shm"), pathlib.Path("/tmp")]
    return {path for folder in folders if folder.is_dir() for path in folder.glob("play-vault-*")}


def attack_by_ending_it(stage):
    stage.write("vault.pw", "sesame\n", 0o600)
    stage.write("v.yml", f"a: {PLAIN}\n")
    done = subprocess.run([stage.play, "vault", "encrypt", "--vault-password-file", "vault.pw", "v.yml"], cwd=stage.folder, env=stage.environment(), capture_output=True)
    stage.expect(done.returncode == 0, done.stderr)
    sealed = (stage.folder / "v.yml").read_bytes()
    for signal, code, then in [
        ("TERM", 143, "exec sleep 30"),
        ("HUP", 129, "exec sleep 30"),
        ("TERM", 143, "trap '' TERM; kill -STOP $$"),
        ("TERM", 143, "exit 0"),
        ("INT", 0, "exit 0"),
        ("QUIT", 0, "exit 0"),
    ]:
        before = left()
        ignores = "grep -q '^SigIgn:.*[02468ace]$' /proc/$$/status || exit 9"
        stage.write("editor", f"#!/bin/sh\ncat \"$1\" >> seen\n{ignores}\nkill -{signal} $PPID\n{then}\n", 0o755)
        ended, said = stage.run("vault", "edit", "--vault-password-file", "vault.pw", "v.yml", env={"EDITOR": "./editor"}, timeout=20)
        stage.expect(ended == code, f"{signal}, {then}: ends with {ended}: {said}")
        stage.expect(PLAIN in (stage.folder / "seen").read_text(), "the editor saw nothing")
        stage.expect(left() <= before, f"{signal}, {then}: {left() - before} is left")
        stage.expect((stage.folder / "v.yml").read_bytes() == sealed, f"{signal}, {then}: the vault has changed")
        (stage.folder / "seen").unlink()
    stage.note("TERM, HUP, INT and QUIT while an editor runs, one that ends, one that does not, one that is stopped")
