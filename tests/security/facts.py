"""A host's facts that would rule the connection, becoming, or names of the language."""
import json

# Each would run `touch PWNED` on the controller, or stand for something else than the user said.
EVIL = {
    "ansible_connection": "ssh",
    "ansible_ssh_common_args": "-oProxyCommand='touch {pwned}'",
    "ansible_ssh_args": "-oProxyCommand='touch {pwned}'",
    "ansible_ssh_extra_args": "-oProxyCommand='touch {pwned}'",
    "ansible_ssh_host_key_checking": False,
    "ansible_host": "evil.invalid",
    "ansible_port": 1,
    "ansible_user": "nobody-at-all",
    "ansible_password": "x",
    "ansible_become": True,
    "ansible_become_exe": "{touch}",
    "ansible_become_method": "su",
    "ansible_sudo_exe": "{touch}",
    "ansible_shell_executable": "{touch}",
    "ansible_python_interpreter": "{touch}",
    "ansible_rsync_path": "{touch}",
    "ansible_timeout": 1,
    "ansible_remote_tmp": "/nowhere",
    "ansible_delegated_vars": {"h": {"ansible_connection": "ssh"}},
    "discovered_interpreter_python": "{touch}",
    "inventory_hostname": "zz",
    "groups": {"all": []},
    "hostvars": {},
    "playbook_dir": "/evil",
    "vars": {"a": 1},
    "role_path": "/evil",
    "omit": "x",
    "lookup": "x",
    "item": "x",
    "okfact": "{{{{ lookup('pipe', 'touch {pwned}') }}}}",
}

AFTER = """
    - command: id -un
      register: after
    - debug:
        msg: "id={{ after.stdout }} ok={{ okfact is defined }} ih={{ inventory_hostname }} pd={{ playbook_dir }} all={{ groups.all | length }}"
    - assert:
        that:
          - "ansible_become is not defined"
          - "ansible_user | default('root') != 'nobody-at-all'"
          - "ansible_port | default(22) | int != 1"
          - "role_path is not defined"
          - "ansible_python_interpreter | default('') is not search('touch')"
          - "inventory_hostname in ['h', 'other']"
          - "(groups.all | length) == 2"
          - "playbook_dir != '/evil'"
"""


def evil(stage):
    pwned = stage.folder / "PWNED"
    touch = stage.write("touch.sh", f"#!/bin/sh\ntouch {pwned}\nexec /bin/sh \"$@\"\n", 0o755)
    fill = lambda value: value.format(pwned=pwned, touch=touch) if isinstance(value, str) else value
    return {key: fill(value) for key, value in EVIL.items()}


def ground(stage):
    facts = evil(stage)
    stage.write("facts.json", json.dumps({"ansible_facts": facts}))
    stage.write("library/evilfacts", f"#!/bin/sh\ncat {stage.folder}/facts.json\n", 0o755)
    stage.write("hosts", "h ansible_connection=local\nother ansible_connection=local\n")
    return facts


def judge(stage, code, said, facts, warned=True):
    stage.expect(code == 0, f"exit code {code}:\n{said[-3000:]}")
    stage.expect("ok=True ih=" in said, f"a harmless fact is lost:\n{said[-2000:]}")
    stage.expect(not (stage.folder / "PWNED").exists(), "the host ran a program on the controller")
    for key in facts:
        if warned and key != "okfact":
            stage.expect(key in said.split("Removed restricted key", 1)[-1], f"no warning names {key}")
    stage.note(f"{len(facts)} facts tried")


def attack_of_a_custom_module(stage):
    facts = ground(stage)
    play = "- hosts: h\n  gather_facts: false\n  tasks:\n    - evilfacts:\n" + AFTER
    stage.write("p.yml", play + "\n- hosts: h\n  gather_facts: false\n  tasks:\n" + AFTER)
    judge(stage, *stage.run("run", "-i", "hosts", "p.yml"), facts)


def attack_while_the_task_is_judged(stage):
    ground(stage)
    stage.write(
        "p.yml",
        """
- hosts: h
  gather_facts: false
  tasks:
    - evilfacts:
      register: r
      changed_when: inventory_hostname == 'zz' or playbook_dir == '/evil' or ansible_become is defined
      failed_when: groups.all | length == 0
      until: inventory_hostname == 'h'
      retries: 1
      delay: 0
    - assert: {that: not r.changed}
""",
    )
    code, said = stage.run("run", "-i", "hosts", "p.yml")
    stage.expect(code == 0, said[-2000:])


def attack_by_delegate_facts(stage):
    facts = ground(stage)
    stage.write(
        "p.yml",
        "- hosts: h\n  gather_facts: false\n  tasks:\n"
        "    - evilfacts:\n      delegate_to: other\n      delegate_facts: true\n"
        "- hosts: other\n  gather_facts: false\n  tasks:\n" + AFTER,
    )
    judge(stage, *stage.run("run", "-i", "hosts", "p.yml"), facts)


def attack_of_an_async_result(stage):
    facts = ground(stage)
    stage.write(
        "p.yml",
        """
- hosts: h
  gather_facts: false
  tasks:
    - evilfacts:
      async: 20
      poll: 0
      register: job
    - async_status: {jid: "{{ job.ansible_job_id }}"}
      register: done
      until: done.finished
      retries: 30
      delay: 0.2
"""
        + AFTER,
    )
    judge(stage, *stage.run("run", "-i", "hosts", "p.yml"), facts)


def attack_of_a_fact_cache(stage):
    facts = ground(stage)
    env = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(stage.folder / "cache")}
    stage.write("cache/s1_h", json.dumps({"__payload__": json.dumps(facts)}))
    stage.write("p.yml", "- hosts: h\n  gather_facts: false\n  tasks:\n" + AFTER)
    judge(stage, *stage.run("run", "-i", "hosts", "p.yml", env=env), facts)


def attack_without_injected_facts(stage):
    facts = ground(stage)
    stage.write(
        "p.yml",
        "- hosts: h\n  gather_facts: false\n  tasks:\n    - evilfacts:\n"
        + AFTER.replace("okfact is defined", "ansible_facts.okfact is defined"),
    )
    env = {"ANSIBLE_INJECT_FACT_VARS": "False"}
    judge(stage, *stage.run("run", "-i", "hosts", "p.yml", env=env), facts)


def attack_by_wishes(stage):
    ground(stage)
    wish = {
        "changed": True,
        "add_host": {"host_name": "evil", "groups": ["web"], "host_vars": {}},
        "add_group": "evilgroup",
        "ansible_stats": {"data": {"a": 1}, "per_host": False, "aggregate": False},
        "_ansible_notify": ["h"],
    }
    stage.write("library/wishes", f"#!/bin/sh\necho '{json.dumps(wish)}'\n", 0o755)
    stage.write(
        "p.yml",
        "- hosts: h\n  gather_facts: false\n  tasks:\n    - wishes:\n"
        "    - assert: {that: [\"'evil' not in groups.all\", \"'evilgroup' not in groups\", \"'web' not in groups\"]}\n",
    )
    code, said = stage.run("run", "-i", "hosts", "p.yml")
    stage.expect(code == 0, said[-2000:])


def attack_nobody_by_the_user_s_own_words(stage):
    """What the user sets still counts: set_fact, include_vars, add_host."""
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("v.yml", "ansible_remote_tmp: /own\n")
    stage.write(
        "p.yml",
        """
- hosts: h
  gather_facts: false
  tasks:
    - set_fact: {ansible_become_user: root, ansible_shell_executable: /bin/sh, cacheable: true}
    - include_vars: v.yml
    - assert: {that: [ansible_become_user == 'root', ansible_shell_executable == '/bin/sh', ansible_remote_tmp == '/own']}
""",
    )
    code, said = stage.run("run", "-i", "hosts", "p.yml")
    stage.expect(code == 0, said[-2000:])
