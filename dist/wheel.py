#!/usr/bin/env python3
"""Makes the wheels: wheel.py FOLDER VERSION

`play` holds the binary as a script, as ruff's and uv's wheels do; its extra `names` brings `play-names`,
whose scripts are Ansible's commands. It is no extra by itself since a wheel's extra can only name others."""
import base64
import hashlib
import os
import pathlib
import sys
import time
import zipfile

NAMES = ["ansible", "ansible-config", "ansible-console", "ansible-doc", "ansible-galaxy", "ansible-inventory",
         "ansible-playbook", "ansible-pull", "ansible-vault"]
# argv[0] says which command it is; the binary lies beside this script.
SCRIPT = """#!python
import os
import sys
here = os.path.dirname(os.path.abspath(__file__))
os.execv(os.path.join(here, "play"), [os.path.join(here, "{name}"), *sys.argv[1:]])
"""


def wheel(folder, name, version, tag, scripts, metadata):
    base = f"{name.replace('-', '_')}-{version}"
    info = f"{base}.dist-info"
    files = {f"{base}.data/scripts/{script}": (content, 0o755) for script, content in scripts.items()}
    files[f"{info}/METADATA"] = (metadata.encode(), 0o644)
    files[f"{info}/WHEEL"] = (f"Wheel-Version: 1.0\nGenerator: play\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(), 0o644)
    record = ""
    for path, (content, _) in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(content)}\n"
    files[f"{info}/RECORD"] = ((record + f"{info}/RECORD,,\n").encode(), 0o644)
    when = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", 1700000000)))[:6]
    path = folder / f"{base}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name_in, (content, mode) in files.items():
            entry = zipfile.ZipInfo(name_in, when)
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    print(path.name)


def main():
    folder, version = pathlib.Path(sys.argv[1]), sys.argv[2]
    head = "Metadata-Version: 2.1\nName: {}\nVersion: {}\nSummary: {}\nLicense: MIT OR Apache-2.0\nRequires-Python: >=3.8\n"
    what = "Runs Ansible playbooks from one native binary"
    extra = f"Provides-Extra: names\nRequires-Dist: play-names=={version}; extra == 'names'\n"
    binary = {"play": (folder / "play").read_bytes()}
    # A static binary runs wherever the kernel is: the oldest tag that pip knows.
    wheel(folder, "play", version, "py3-none-manylinux2014_x86_64", binary, head.format("play", version, what) + extra)
    scripts = {name: SCRIPT.format(name=name).encode() for name in NAMES}
    what = "The names of Ansible's commands, for play"
    needs = f"Requires-Dist: play=={version}\n"
    wheel(folder, "play-names", version, "py3-none-any", scripts, head.format("play-names", version, what) + needs)


main()
