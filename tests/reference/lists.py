#!/usr/bin/env python3
"""Records the reference's own lists: keywords with where they may stand, the flags of its programs,
the arguments of its modules. Names, types, choices and defaults; none of its sentences.

usage: lists.py VENV > lists.json        (VENV has the package `ansible`, for the collections)
"""

import json
import os
import re
import subprocess
import sys

MODULES = """
add_host apt apt_key apt_repository assemble assert async_status blockinfile command copy cron
deb822_repository debconf debug dnf dnf5 dpkg_selections expect fail fetch file find gather_facts get_url
getent git group group_by hostname include_vars iptables known_hosts lineinfile meta mount_facts package
package_facts pause ping pip raw reboot replace rpm_key script service service_facts set_fact set_stats
setup shell slurp stat subversion systemd_service sysvinit tempfile template unarchive uri user
validate_argument_spec wait_for wait_for_connection yum_repository
ansible.posix.acl ansible.posix.at ansible.posix.authorized_key ansible.posix.firewalld ansible.posix.mount
ansible.posix.patch ansible.posix.seboolean ansible.posix.selinux ansible.posix.synchronize
ansible.posix.sysctl
community.general.alternatives community.general.apk community.general.archive
community.general.capabilities community.general.filesystem community.general.htpasswd
community.general.ini_file community.general.locale_gen community.general.lvg community.general.lvol
community.general.make community.general.modprobe community.general.pacman community.general.pam_limits
community.general.parted community.general.sudoers community.general.timezone community.general.ufw
community.general.xml community.general.zypper
""".split()


def ask(venv, *words):
    env = dict(os.environ, ANSIBLE_NOCOLOR="1", LC_ALL="C.UTF-8")
    return subprocess.run([f"{venv}/bin/{words[0]}", *words[1:]], env=env, check=True, capture_output=True, text=True).stdout


def keywords(venv):
    names = list(json.loads(ask(venv, "ansible-doc", "-t", "keyword", "-l", "-j")))
    docs = json.loads(ask(venv, "ansible-doc", "-t", "keyword", "-j", *names))
    return {name: sorted(doc["applies_to"]) for name, doc in sorted(docs.items())}


def modules(venv):
    full = [name if "." in name else f"ansible.builtin.{name}" for name in MODULES]
    docs = json.loads(ask(venv, "ansible-doc", "-j", *full))
    result = {}
    for name in full:
        options = docs[name]["doc"].get("options") or {}
        result[name] = {
            option: {
                key: spec[key]
                for key in ("aliases", "type", "required", "default", "choices", "elements")
                if spec.get(key) not in (None, [], False) or key == "default" and spec.get(key) is False
            }
            for option, spec in sorted(options.items())
        }
        for spec in result[name].values():
            if isinstance(spec.get("choices"), dict):
                spec["choices"] = list(spec["choices"])
    return result


def flags(venv):
    found = {}
    for program in ("ansible", "ansible-playbook", "ansible-inventory", "ansible-vault"):
        text = ask(venv, program, "--help")
        text += "".join(
            ask(venv, program, verb, "--help")
            for verb in (("create", "decrypt", "edit", "view", "encrypt", "encrypt_string", "rekey") if program == "ansible-vault" else ())
        )
        body = text.split("\noptions:", 1)[-1]
        names = set()
        for line in body.splitlines():
            if re.match(r"^  -", line):
                names.update(re.findall(r"(?<![\w-])(--?[a-zA-Z][\w-]*)", line.split("  ", 2)[1] if "  " in line.strip() else line))
        found[program] = sorted(names)
    return found


def plugins(venv):
    """Filters, lookups and tests of the collections that everybody has, by their full names."""
    collections = ("ansible.builtin.", "ansible.posix.", "ansible.utils.", "community.general.")
    return {
        kind: sorted(name for name in json.loads(ask(venv, "ansible-doc", "-t", kind, "-l", "-j")) if name.startswith(collections))
        for kind in ("filter", "lookup", "test")
    }


def main():
    venv = sys.argv[1]
    lists = {"keywords": keywords(venv), "flags": flags(venv), "modules": modules(venv), "plugins": plugins(venv)}
    json.dump(lists, sys.stdout, indent=1, sort_keys=True)
    print()


main()
