#!/usr/bin/env python3
"""Modules and plugins in Python through the reference and through play: results key by key.

Each case is a folder's files and tasks whose results are compared, run twice and in check mode.
cases.py PLAY VENV [CASE...]
"""
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from both import Both, different  # noqa: E402

OWN = """#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.mine import double
def main():
    module = AnsibleModule(argument_spec=dict(a=dict(type='str'), n=dict(type='int', default=2)), supports_check_mode=True)
    a = module.params['a']
    if a == 'raise':
        raise ValueError('boom')
    if a == 'exit0':
        raise SystemExit(0)
    if a == 'exit3':
        print('words')
        raise SystemExit(3)
    if a == 'garbage':
        print('noise here')
    if a == 'warn':
        module.warn('careful')
        module.deprecate('old thing', version='9.0', collection_name='a.b')
    if a == 'caught':
        try:
            raise KeyError('x')
        except KeyError as error:
            module.fail_json(msg='it failed', exception=error)
    if a == 'programs':
        module.exit_json(ran=[
            module.run_command(['sh', '-c', 'umask; pwd; cat; echo err >&2; exit 3'], umask=0o077, cwd='/', data='x'),
            module.run_command('umask', use_unsafe_shell=True), module.run_command(['sh', '-c', 'kill -PIPE $$; echo alive'])])
    if a == 'missing':
        module.run_command(['/nowhere/at/all', 'x'])
    if a == 'silent':
        module.exit_json(rc='3', changed='no')
    if a == 'facts':
        module.exit_json(ansible_facts=dict(foo=1, bar='{{ x }}'))
    module.exit_json(changed=True, rc=0, stdout='a\\nb', n=double(module.params['n']), check=module.check_mode,
                     diff=dict(before='a\\n', after='b\\n'))
if __name__ == '__main__':
    main()
"""

PLUGINS = {
    'filter_plugins/mine.py': """from jinja2 import pass_context
from ansible.errors import AnsibleFilterError
def bad(value):
    raise AnsibleFilterError('no good: %s' % value)
@pass_context
def seen(context, value):
    return context.resolve('own') + value
class FilterModule(object):
    def filters(self):
        return dict(shout=lambda v, n=1: v.upper() + '!' * n, bad=bad, seen=seen, some=lambda v: (i for i in v))
""",
    'test_plugins/mine.py': """class TestModule(object):
    def tests(self):
        return dict(loud=lambda value: value.isupper())
""",
    'lookup_plugins/look.py': """from ansible.plugins.lookup import LookupBase
class LookupModule(LookupBase):
    def run(self, terms, variables=None, **named):
        return ['%s-%s-%s' % (term, variables['own'], named.get('z')) for term in terms]
""",
    'action_plugins/act.py': """from ansible.plugins.action import ActionBase
class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        said = self._low_level_execute_command('echo from the host; echo aside >&2')
        stat = self._execute_module('ansible.legacy.stat', dict(path='/'), task_vars=task_vars)
        result.update(changed=False, said=said['stdout_lines'], isdir=stat['stat']['isdir'], own=task_vars['own'],
                      args=dict(self._task.args))
        return result
""",
}

MODULE = """#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
%s
def main():
    module = AnsibleModule(argument_spec=dict(a=dict(type='str'), b=dict(type='str')), supports_check_mode=True)
    module.exit_json(changed=False, a=module.params['a'], b=module.params['b'], found=%s)
if __name__ == '__main__':
    main()
"""
ROOT = 'collections/ansible_collections/my/own/'
# What people reported of modules and plugins of their own; the numbers are those of ansible/ansible.
REPORTS = {
    # 57351, 12738, 53668: a role brings its filters, tests, modules and module_utils.
    'roles/r/tasks/main.yml': "- set_fact: {from_role: \"{{ 'x' | of_role }}\"}\n- of_role: {a: 1}\n  register: of_role_result\n"
                              "- include_tasks: more.yml\n",
    'roles/r/tasks/more.yml': "- set_fact: {from_more: \"{{ 'x' | of_role is of_role }}\"}\n",
    'roles/r/filter_plugins/f.py': "class FilterModule(object):\n    def filters(self):\n        return dict(of_role=lambda v: v + ' of role')\n",
    'roles/r/test_plugins/t.py': "class TestModule(object):\n    def tests(self):\n        return dict(of_role=lambda v: v.endswith('role'))\n",
    'roles/r/library/of_role.py': MODULE % ('from ansible.module_utils.deep.down import word', 'word'),
    'roles/r/module_utils/deep/__init__.py': '',
    'roles/r/module_utils/deep/down.py': 'from .beside import word\n',
    'roles/r/module_utils/deep/beside.py': "word = 'found'\n",
    # 69821: what is imported in `try` may be missing.
    'library/tries.py': MODULE % ("try:\n    from ansible_collections.no.such.plugins.module_utils.x import y\nexcept ImportError:\n    y = 'none'", 'y'),
    # 35188, 68244: files beside a module, and modules, are no module_utils.
    'library/beside.py': MODULE % ('import helper', 'helper.x'),
    'library/helper.py': 'x = 1\n',
    'library/missing.py': MODULE % ('from ansible.module_utils.no_such_thing import x', 'x'),
    # Collections: redirections, groups, relative imports.
    ROOT + 'meta/runtime.yml': "requires_ansible: '>=2.15'\naction_groups:\n  all: [real, other]\n"
                               "plugin_routing:\n  modules:\n    old: {redirect: my.own.real}\n"
                               "    gone: {tombstone: {removal_version: 2.0.0, warning_text: Use real.}}\n",
    ROOT + 'plugins/modules/real.py': MODULE % ('from ..module_utils.helper import WORD', 'WORD'),
    ROOT + 'plugins/modules/other.py': MODULE % ('from ansible_collections.my.own.plugins.module_utils import helper', 'helper.WORD'),
    ROOT + 'plugins/module_utils/helper.py': "WORD = 'helped'\n",
    ROOT + 'plugins/filter/f.py': "class FilterModule(object):\n    def filters(self):\n        return dict(up=lambda v: v.upper())\n",
    ROOT + 'plugins/lookup/l.py': "from ansible.plugins.lookup import LookupBase\nclass LookupModule(LookupBase):\n"
                                  "    def run(self, terms, variables=None, **named):\n        return [t * 2 for t in terms]\n",
    ROOT + 'plugins/action/act.py': "from ansible.plugins.action import ActionBase\nclass ActionModule(ActionBase):\n"
                                    "    def run(self, tmp=None, task_vars=None):\n        super().run(tmp, task_vars)\n"
                                    "        one = self._execute_module(module_name='my.own.real', module_args=dict(a='1'), task_vars=task_vars)\n"
                                    "        two = self._execute_module(module_name='command', module_args=dict(_raw_params='echo x'), task_vars=task_vars)\n"
                                    "        return dict(changed=False, one=one['found'], two=two.get('stdout'), check=self._task.check_mode,\n"
                                    "                    templated=self._templar.template(task_vars['own']), **rendered(self))\n"
                                    "def rendered(self):\n    from ansible.template import is_trusted_as_template, trust_as_template as mine\n"
                                    "    render = lambda text: self._templar.template(mine(text))\n"
                                    "    return dict(lone=render('{{ own }}'), mixed=render('x {{ far.deep }} {{ items_ | last }}'), bent=render('{{ nope | default(1) }}'),\n"
                                    "                looped=render('{% for i in items_ %}{{ i }},{% endfor %}'), whole=render('{{ far }}'), said=self._templar.evaluate_expression(mine('own ~ 1')),\n"
                                    "                local=self._templar.copy_with_new_env(available_variables=dict(own=2)).template(mine('{{ own }}')),\n"
                                    "                trust=[is_trusted_as_template(self._task.args.get(name, '')) for name in 'xyz'])\n",
    ROOT + 'plugins/modules/act.py': 'DOCUMENTATION = "module: act"\n',
}
REPORTED = [
    'include_role: {name: r}',
    'debug: {msg: "{{ from_role }} {{ from_more }} {{ of_role_result.found }}"}',
    'debug: {msg: "{{ item }}"}\n      with_items: "{{ [\'b\', \'a\'] | map(\'my.own.up\') | list }}"',
    'tries: {a: 1}', 'beside: {a: 1}', 'missing: {a: 1}',
    'my.own.real: {a: 1}', 'my.own.old: {a: 1}', 'my.own.other: {a: 1}',
    'my.own.real: {a: 1}\n      module_defaults: {group/my.own.all: {b: of group}}',
    'my.own.old: {a: 1}\n      module_defaults: {my.own.real: {b: of real}}',
    'real: {a: 1}\n      collections: [my.own]',
    'my.own.act: {x: plain, y: "{{ own }}", z: "a{{ own }}"}',
    'debug: {msg: "{{ lookup(\'my.own.l\', \'ab\') }} {{ query(\'my.own.l\', \'a\', \'b\') }}"}',
    'debug: {msg: "{{ \'x\' | my.own.no_such }}"}',
    'debug: {msg: "{{ 1 | my.own.up }}"}',
    'debug: {msg: "{{ not_there | my.own.up }}"}',
    'my.own.real: {a: "{{ \'x\' | my.own.up }}"}\n      delegate_to: localhost\n      run_once: true',
]

MARKERS = {
    'lookup_plugins/blind.py': """from ansible.plugins.lookup import LookupBase
class LookupModule(LookupBase):
    def run(self, terms, variables=None, **named):
        return terms
""",
    'lookup_plugins/sees.py': """from ansible.plugins.lookup import LookupBase
class LookupModule(LookupBase):
    accept_args_markers = True
    def run(self, terms, variables=None, **named):
        return ['%s' % type(term).__name__ for term in terms] + sorted('%s=%s' % (k, type(v).__name__) for k, v in named.items())
""",
    'action_plugins/late.py': """from ansible.plugins.action import ActionBase
class ActionModule(ActionBase):
    _supports_async = True
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        what = self._task.args.get('what')
        if what == 'module':
            result.update(self._execute_module('ansible.builtin.command', dict(_raw_params='echo x'), task_vars=task_vars,
                                               wrap_async=self._task.async_val))
        if what == 'skip':
            result['skipped'] = True
        if what == 'fail':
            result.update(failed=True, msg='of its own')
        keys = ('failed', 'msg', 'skipped', 'stdout', 'ansible_job_id')
        return {key: result[key] for key in keys if key in result}
""",
    'library/late.py': 'DOCUMENTATION = "module: late"\n',
    'action_plugins/never.py': """from ansible.plugins.action import ActionBase
class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return super().run(tmp, task_vars)
""",
    'library/never.py': 'DOCUMENTATION = "module: never"\n',
    'action_plugins/hides.py': """from ansible.plugins.action import ActionBase
class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        return dict(msg='hidden', _ansible_no_log='yeppers')
""",
    'library/hides.py': 'DOCUMENTATION = "module: hides"\n',
}
TELLS = {
    'filter_plugins/tells.py': """from ansible.utils.display import Display
display = Display()
def told(value, **words):
    display.deprecated('the filter is going', **words)
    return value
def warns(value):
    display.warning('the filter warns')
    return value
class FilterModule(object):
    def filters(self):
        return dict(told=told, warns=warns)
""",
    'lookup_plugins/tells.py': """from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
class LookupModule(LookupBase):
    def run(self, terms, variables=None, **named):
        Display().deprecated('the lookup is going', version='3.0', collection_name='a.b')
        return terms
""",
    'action_plugins/tells.py': """from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        Display().deprecated('the action is going', date='2031-01-01', collection_name='a.b')
        Display().warning('the action warns')
        return dict(changed=False)
""",
    'library/tells.py': 'DOCUMENTATION = "module: tells"\n',
    ROOT + 'meta/runtime.yml': "requires_ansible: '>=2.15'\nplugin_routing:\n  filter:\n"
                               "    goes: {deprecation: {removal_version: 9.0.0, warning_text: Use up.}}\n",
    ROOT + 'plugins/filter/f.py': "class FilterModule(object):\n    def filters(self):\n        return dict(goes=lambda v: v)\n",
}
TELLING = [
    'debug: {msg: "{{ \'a\' | told }}"}', 'debug: {msg: "{{ \'a\' | told(version=\'2.0\') }}"}',
    'debug: {msg: "{{ \'a\' | told(version=\'2.0\', collection_name=\'a.b\') }}"}',
    'debug: {msg: "{{ \'a\' | told(date=\'2030-01-01\', collection_name=\'ansible.builtin\') }}"}',
    'debug: {msg: "{{ [\'a\', \'b\'] | map(\'told\') | list }}"}',
    'debug: {msg: "{{ \'a\' | told(removed=true) }}"}', 'debug: {msg: "{{ \'a\' | warns }}"}',
    'debug: {msg: "{{ lookup(\'tells\', 1) }}"}', 'tells: {}',
    'debug: {msg: "{{ item | told }}"}\n      loop: [1, 2]', 'debug: {msg: "{{ \'a\' | my.own.goes }}"}',
]
# What each of them told stands in its result.
SAYS = 'debug: {msg: "{{ LAST.deprecations | default(none) }} {{ LAST.warnings | default(none) }}"}'
CASES = {
    'tells': (TELLS, [task for one in TELLING for task in (one, SAYS)]),
    'own module': ({'library/own.py': OWN, 'module_utils/mine.py': 'def double(n):\n    return 2 * n\n'}, [
        'own: {a: "%s"}' % word
        for word in ('x', 'raise', 'exit0', 'exit3', 'garbage', 'warn', 'caught', 'facts', 'programs', 'missing', 'silent')
    ] + ['own: {b: 1}', 'own: {n: word}']),
    'general': ({}, [
        'community.general.git_config: {name: user.name, value: x, scope: file, file: "{dir}/config"}',
        'community.general.git_config: {}',
        'community.general.seport: {ports: 80, proto: tcp, setype: http_port_t, state: present}',
        'community.general.dpkg_divert: {path: /nowhere/at/all, state: absent}',
    ]),
    'reports': (REPORTS, REPORTED),
    'crypto': ({}, [
        'community.crypto.openssl_privatekey: {path: "{dir}/key", size: 2048}',
        'community.crypto.openssl_privatekey: {path: "{dir}/key", size: 2048}',
        'community.crypto.openssl_csr: {path: "{dir}/csr", privatekey_path: "{dir}/key", common_name: a.example}',
        'community.crypto.openssl_privatekey_pipe: {size: 1}',
    ]),
    'utils': ({}, [
        'ansible.utils.fact_diff: {before: "a", after: "b"}',
        'ansible.utils.update_fact: {updates: []}',
        'ansible.utils.validate: {data: {}, criteria: [], engine: nope}',
    ]),
    'markers': (MARKERS, [
        'debug: {msg: "{{ lookup(\'blind\', [nobody, 42])[1] }}"}',
        'debug: {msg: "{{ lookup(\'blind\', {\'k\': nobody, \'l\': 7}).l }}"}',
        'debug: {msg: "{{ lookup(\'blind\', nobody) is undefined }}"}',
        'debug: {msg: "{{ lookup(\'blind\', nobody) }}"}',
        'debug: {msg: "{{ lookup(\'blind\', [nobody, 42]) }}"}',
        'debug: {msg: "{{ lookup(\'blind\', 1, z=nobody) is undefined }}"}',
        'debug: {msg: "{{ lookup(\'sees\', nobody, 1, z=nobody, y=2) }}"}',
        'late: {what: none}\n      async: 60\n      poll: 1', 'late: {what: module}\n      async: 60\n      poll: 1',
        'late: {what: module}', 'late: {what: skip}\n      async: 60\n      poll: 1',
        'late: {what: fail}\n      async: 60\n      poll: 1', 'late: {what: none}', 'never: {}\n      async: 60\n      poll: 1', 'never: {}',
        'hides: {}',
    ]),
    'plugins': (PLUGINS, [
        'debug: {msg: "{{ \'a\' | shout(n=2) }}"}',
        'debug: {msg: "{{ \'a\' | bad }}"}',
        'debug: {msg: "{{ \'a\' | seen }}"}',
        'debug: {msg: "{{ [1, 2] | some | list }}"}',
        'debug: {msg: "{{ \'A\' is loud }}"}',
        'debug: {msg: "{{ lookup(\'look\', \'a\', \'b\', z=1) }}"}',
        'debug: {msg: "{{ query(\'look\', \'a\') }}"}',
        'debug: {msg: "{{ \'v\' | community.general.dict_kv(\'k\') }}"}',
        'act: {x: 1}',
    ]),
}
# What differs in the words around, which are each command's own.
OWN_WORDS = re.compile(r'^(Task failed: |Syntax error in template: |Finalization of .*?failed: |Error while resolving .*?: |Error rendering template: )*', re.S)


def book(tasks, folder):
    lines = ['- hosts: localhost', '  gather_facts: false', '  connection: local', '  vars: {own: mine, far: {deep: "{{ own }}2"}, items_: [1, "{{ own }}"]}', '  tasks:']
    for number, task in enumerate(tasks):
        task = task.replace('LAST', 'r%d' % (number - 1))
        lines += ['    - ' + task.replace('{dir}', folder), '      register: r%d' % number, '      ignore_errors: true']
    every = ', '.join('r%d' % number for number in range(len(tasks)))
    lines += ['    - copy: {dest: "{out}", content: "{{ [%s] | to_json }}"}' % every, '      check_mode: false']
    return '\n'.join(lines) + '\n'


def fill(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as file:
            file.write(text)


def run(both, who, files, tasks):
    """The results of a check, a first and a second run in a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, 'work'))
        fill(folder, files)
        found = []
        for options in (['--check'], [], []):
            text = book(tasks, os.path.join(folder, 'work'))
            value, said, _seconds = both.run(who, text, folder=folder, options=options)
            found.append(value if value is not None else said[-3000:])
        return [str_without(value, folder) for value in found]


def str_without(value, folder):
    """The value without the folder's own name."""
    if isinstance(value, str):
        return value.replace(folder, 'FOLDER')
    if isinstance(value, list):
        return [str_without(item, folder) for item in value]
    if isinstance(value, dict):
        return {key: str_without(item, folder) for key, item in value.items()}
    return value


def main():
    both = Both(sys.argv[1], sys.argv[2])
    wrong = 0
    for name in sys.argv[3:] or CASES:
        files, tasks = CASES[name]
        wanted, got = run(both, 'reference', files, tasks), run(both, 'play', files, tasks)
        for turn, one, other in zip(('check', 'first', 'second'), wanted, got):
            if isinstance(one, str) or isinstance(other, str):
                print('%s, %s: no results\n%s' % (name, turn, one if isinstance(one, str) else other))
                wrong += 1
                continue
            for task, left, right in zip(tasks, one, other):
                for side in (left, right):
                    if isinstance(side.get('msg'), str):
                        side['msg'] = OWN_WORDS.sub('', side['msg'])
                differ = different(left, right)
                for key, reference, play in differ:
                    print('%s, %s run, %s: %s\n  reference %r\n  play      %r' % (name, turn, task[:70], key, reference, play))
                wrong += bool(differ)
        print('%s: %d tasks' % (name, len(tasks)), flush=True)
    print('%d differ' % wrong)
    return wrong > 0


if __name__ == '__main__':
    sys.exit(main())
