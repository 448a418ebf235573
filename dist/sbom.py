#!/usr/bin/env python3
"""Prints what is in the binary as CycloneDX 1.5: sbom.py REPOSITORY

sbom.py --check REPOSITORY says instead whether every crate comes from crates.io and has a licence that we may
hand out; `cargo deny` does that and looks for advisories too, where it is installed (deny.toml)."""
import json
import subprocess
import sys

ALLOWED = {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "Unicode-3.0", "Unlicense", "0BSD",
           "CC0-1.0", "MPL-2.0", "BSL-1.0", "MIT-0", "CDLA-Permissive-2.0", "Apache-2.0 WITH LLVM-exception"}


def crates(root):
    answer = subprocess.run(
        ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu",
         "--manifest-path", root + "/Cargo.toml"], check=True, capture_output=True, text=True)
    data = json.loads(answer.stdout)
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    wanted, queue = set(), [data["resolve"]["root"]]
    while queue:
        name = queue.pop()
        if name in wanted:
            continue
        wanted.add(name)
        for need in nodes[name]["deps"]:
            # What only tests need is not in the binary.
            if any(kind["kind"] != "dev" for kind in need["dep_kinds"]):
                queue.append(need["pkg"])
    return sorted((p for p in data["packages"] if p["id"] in wanted), key=lambda p: (p["name"], p["version"]))


def fits(text):
    """One of the licences of an expression (`MIT OR Apache-2.0`, `(A OR B) AND C`) is allowed."""
    words = text.replace("/", " OR ").replace("(", " ( ").replace(")", " ) ")
    parts = [part for part in words.split(" AND ")]
    return all(any(choice.strip(" ()") in ALLOWED for choice in part.split(" OR ")) for part in parts)


def main():
    if sys.argv[1] == "--check":
        wrong = []
        packages = crates(sys.argv[2])
        for package in packages[:]:
            source = package["source"] or "here"
            if source != "here" and not source.startswith("registry+https://github.com/rust-lang/crates.io-index"):
                wrong.append(f"{package['name']} comes from {source}")
            if not fits(package["license"] or ""):
                wrong.append(f"{package['name']} has the licence {package['license']}")
        print("\n".join(wrong) or f"{len(packages)} crates: sources and licences are fine")
        sys.exit(bool(wrong))
    components = [{
        "type": "library",
        "name": package["name"],
        "version": package["version"],
        "purl": f"pkg:cargo/{package['name']}@{package['version']}",
        "licenses": [{"expression": (package["license"] or "NOASSERTION").replace("/", " OR ")}],
    } for package in crates(sys.argv[1]) if package["source"]]
    own = next(package for package in crates(sys.argv[1]) if not package["source"])
    system = [{"type": "library", "name": name, "description": "linked in, of the machine that builds"}
              for name in ("glibc", "openssl", "zlib")]
    print(json.dumps({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": own["name"], "version": own["version"]}},
        "components": components + system,
    }, indent=1))


main()
