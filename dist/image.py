#!/usr/bin/env python3
"""Makes a container image for `docker load`: image.py FOLDER VERSION

Nothing is in it but the binary, the authorities that this machine trusts, and a /tmp."""
import hashlib
import io
import json
import os
import pathlib
import sys
import tarfile

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def add(archive, name, content=None, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.mtime = int(os.environ.get("SOURCE_DATE_EPOCH", 1700000000))
    entry.mode = mode
    if content is None:
        entry.type = tarfile.DIRTYPE
        archive.addfile(entry)
    else:
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))


def main():
    folder, version = pathlib.Path(sys.argv[1]), sys.argv[2]
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        for name, mode in [("tmp", 0o1777), ("root", 0o700), ("work", 0o755), ("usr", 0o755), ("usr/bin", 0o755),
                           ("etc", 0o755), ("etc/ssl", 0o755), ("etc/ssl/certs", 0o755)]:
            add(archive, name, mode=mode)
        add(archive, "usr/bin/play", (folder / "play").read_bytes(), 0o755)
        add(archive, "etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
        add(archive, "etc/group", b"root:x:0:\n")
        if os.path.exists(CERTIFICATES):
            add(archive, "etc/ssl/certs/ca-certificates.crt", pathlib.Path(CERTIFICATES).read_bytes())
    layer = layer.getvalue()
    digest = hashlib.sha256(layer).hexdigest()
    config = json.dumps({
        "architecture": "amd64",
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": {"Entrypoint": ["/usr/bin/play"], "WorkingDir": "/work", "Env": ["HOME=/root", "PATH=/usr/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        "history": [{"created_by": "play"}],
    }).encode()
    name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = json.dumps([{"Config": name, "RepoTags": [f"play:{version}", "play:latest"], "Layers": [f"{digest}/layer.tar"]}])
    path = folder / f"play-{version}-image.tar"
    with tarfile.open(path, "w") as archive:
        add(archive, "manifest.json", manifest.encode())
        add(archive, name, config)
        add(archive, digest, mode=0o755)
        add(archive, f"{digest}/layer.tar", layer)
    print(path.name)


main()
