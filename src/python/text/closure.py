"""A module of Ansible's and everything it imports of Ansible's, as texts.

The rules are those of the reference's executor/module_common.py: what is below
`ansible.module_utils` and below a collection's `plugins/module_utils` goes along; folders
`module_utils/` beside playbook and roles come before Ansible's own; what `meta/runtime.yml`
sends elsewhere is followed.
"""
import ast
import hashlib
import json
import os
import re
import zlib

PACKAGE = "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"
STUB = PACKAGE + "__version__ = %r\n__author__ = 'Ansible, Inc.'\n"
# Loaded by name, so that no import shows them.
BY_NAME = (
    'module_utils/_internal/_ansiballz/_loader', 'module_utils/_internal/_ansiballz',
    'module_utils/_internal/_json/_profiles/_module_legacy_c2m',
    'module_utils/_internal/_json/_profiles/_module_legacy_m2c',
)
MAY_IMPORT = re.compile(r'module_utils|ansible_collections|^\s*from\s+\.', re.M)


class Missing(Exception):
    """A text that has to go along is not there."""


def read(path):
    try:
        with open(path, 'rb') as file:
            return file.read().decode('utf-8', 'replace')
    except (IOError, OSError):
        return None


def pack(texts):
    return zlib.compress(json.dumps(texts).encode('utf-8'), 6)


class Imports(ast.NodeVisitor):
    """The names that a text imports below Ansible's roots, and which of them it must have."""

    def __init__(self, name, is_package, tree):
        self.parts = name.split('.')
        if not is_package:
            self.parts = self.parts[:-1]
        self.found = {}
        self.look(tree, 0)

    def look(self, node, depth):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    self.add(alias.name, depth)
            elif isinstance(child, ast.ImportFrom):
                self.add_from(child, depth)
            elif isinstance(child, (ast.stmt, ast.ExceptHandler)):
                self.look(child, depth + 1)

    def add_from(self, node, depth):
        module = node.module or ''
        if node.level:
            parts = self.parts[:len(self.parts) - node.level + 1]
            module = '.'.join(parts + ([module] if module else []))
        for alias in node.names:
            self.add(module + '.' + alias.name, depth)

    def add(self, name, depth):
        below = name.startswith('ansible.module_utils.') or (
            name.startswith('ansible_collections.') and '.plugins.module_utils' in name)
        if below:
            self.found[name] = self.found.get(name, False) or depth == 0


class Closure(object):
    """What one controller's ansible-core and collections hold."""

    def __init__(self, core, version):
        self.core = core
        self.version = version
        self.trees = {}
        self.routes = {}
        self.base = None

    def imports(self, name, is_package, text, path):
        if not MAY_IMPORT.search(text):
            return {}
        key = (path, name)
        if key not in self.trees:
            self.trees[key] = Imports(name, is_package, ast.parse(text, path)).found
        return self.trees[key]

    def routing(self, folder, file):
        """`plugin_routing.module_utils` of a collection, or of ansible-core."""
        if folder not in self.routes:
            found = {}
            text = read(os.path.join(folder, file))
            if text and 'module_utils' in text:
                import yaml
                loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
                data = yaml.load(text, Loader=loader) or {}
                found = (data.get('plugin_routing') or {}).get('module_utils') or {}
            self.routes[folder] = found
        return self.routes[folder]

    def get_base(self):
        """The texts that every module uses."""
        if self.base is None:
            seek = Seek(self, [], [])
            wanted = ['ansible.module_utils.basic']
            for path in BY_NAME:
                full = os.path.join(self.core, *path.split('/'))
                if os.path.isfile(full + '.py') or os.path.isfile(os.path.join(full, '__init__.py')):
                    wanted.append('ansible.' + path.replace('/', '.'))
            seek.follow([(name, True) for name in wanted])
            if 'ansible.module_utils.basic' not in seek.texts:
                raise Missing('ansible-core %s in %s is broken: it has no module_utils/basic.py' % (
                    self.version, self.core))
            release = read(os.path.join(self.core, 'release.py'))
            if release is not None:
                seek.texts['ansible.release'] = ['ansible/release.py', False, release]
            self.base = seek.texts
        return self.base

    def minimum(self):
        """The oldest Python that basic.py takes, where it says so in a way that can be read."""
        text = self.get_base()['ansible.module_utils.basic'][2]
        found = re.search(r'^_PY_MIN = \((\d+), *(\d+)', text, re.M)
        return [int(found.group(1)), int(found.group(2))] if found else None

    def internal_names(self):
        """The names of what a module is told beside its arguments."""
        text = read(os.path.join(self.core, 'module_utils', 'common', 'parameters.py')) or ''
        for node in ast.parse(text).body:
            target = getattr(node, 'target', None) or (getattr(node, 'targets', None) or [None])[0]
            if getattr(target, 'id', '') == 'PASS_VARS':
                return [ast.literal_eval(key) for key in node.value.keys]
        return []

    def module(self, path, name, collections, utils):
        """The texts that a module adds to the base: (dotted name, texts, whether it changes the base)."""
        text = read(path)
        if text is None:
            raise Missing('cannot read %s' % path)
        text = text.replace('#<<INCLUDE_ANSIBLE_MODULE_COMMON>>', 'from ansible.module_utils.basic import *')
        dotted = dotted_name(path, self.core) or 'ansible.legacy.' + name.rpartition('.')[2]
        try:
            tree = ast.parse(text, path)
        except SyntaxError as error:
            raise Missing('%s, line %s: %s' % (path, error.lineno, error.msg))
        seek = Seek(self, collections, utils)
        found = Imports(dotted, False, tree).found
        seek.follow(sorted(found.items()), dotted)
        base = self.get_base()
        texts, fresh = {}, False
        for key, value in seek.texts.items():
            if base.get(key) != value:
                texts[key] = value
                fresh = fresh or key in base
        parts = dotted.split('.')
        for end in range(1, len(parts)):
            package = '.'.join(parts[:end])
            if package not in base and package not in texts:
                texts[package] = [package.replace('.', '/') + '/__init__.py', True, '']
        texts[dotted] = [dotted.replace('.', '/') + '.py', False, text]
        return dotted, texts, fresh


def dotted_name(path, core):
    """The name of a module of ansible-core or of a collection, by the place where it stands."""
    inside = os.path.relpath(path, os.path.join(core, 'modules'))
    if not inside.startswith('..'):
        return 'ansible.modules.' + inside[:-3].replace(os.sep, '.')
    found = re.search(r'/(ansible_collections/[^/]+/[^/]+/plugins/modules/.*)\.py$', path)
    if found and '.' not in found.group(1):
        return found.group(1).replace('/', '.')
    return None


class Seek(object):
    """One search for all that some names need."""

    def __init__(self, closure, collections, utils):
        self.closure = closure
        self.collections = collections
        self.utils = utils
        self.texts = {
            'ansible': ['ansible/__init__.py', True, STUB % closure.version],
            'ansible.module_utils': ['ansible/module_utils/__init__.py', True, PACKAGE],
        }
        self.missing = set()

    def follow(self, wanted, wanted_by=None):
        wanted = list(wanted)
        while wanted:
            name, needed = wanted.pop()
            if name in self.missing and not needed:
                continue
            found = self.find(name)
            if found is None:
                self.missing.add(name)
                if needed:
                    raise Missing('Could not find imported module support code for %s. Looked for (%s)' % (
                        wanted_by or 'a module', [name, name.rpartition('.')[0]]))
                continue
            wanted.extend(self.take(found))

    def take(self, found):
        """Keeps a text and its packages; gives what they import in turn."""
        more = []
        for name, file, is_package, text in self.with_parents(found):
            if name in self.texts:
                continue
            ending = '/__init__.py' if is_package else '.py'
            self.texts[name] = [name.replace('.', '/') + ending, is_package, text]
            more.extend(sorted(self.closure.imports(name, is_package, text, file).items()))
        return more

    def with_parents(self, found):
        yield found
        parts = found[0].split('.')
        for end in range(len(parts) - 1, 0, -1):
            name = '.'.join(parts[:end])
            if name in self.texts:
                continue
            yield self.exact(name) or (name, '', True, '')

    def find(self, name):
        """A module of that name, or the one whose member it is."""
        if name.startswith('ansible.module_utils.six.'):
            name = 'ansible.module_utils.six'
        for candidate in (name, name.rpartition('.')[0]):
            if candidate in self.texts:
                return (candidate, '', self.texts[candidate][1], self.texts[candidate][2])
            if candidate.count('.') < 2:
                continue
            found = self.exact(candidate) or self.redirected(candidate)
            if found:
                return found
        return None

    def exact(self, name):
        parts = name.split('.')
        if parts[0] == 'ansible_collections':
            if len(parts) < 6:
                return (name, '', True, '')
            roots = [os.path.join(root, *parts[:5]) for root in self.collections]
            below = parts[5:]
        else:
            roots = self.utils + [os.path.join(self.closure.core, 'module_utils')]
            below = parts[2:]
        for root in roots:
            stem = os.path.join(root, *below)
            for file, is_package in ((os.path.join(stem, '__init__.py'), True), (stem + '.py', False)):
                text = read(file)
                if text is not None:
                    return (name, file, is_package, text)
        return None

    def redirected(self, name):
        parts = name.split('.')
        if parts[0] == 'ansible_collections':
            folders = [os.path.join(root, *parts[:3]) for root in self.collections]
            folders = [folder for folder in folders if os.path.isdir(folder)][:1]
            file, below = 'meta/runtime.yml', '.'.join(parts[5:])
        else:
            folders, file = [os.path.join(self.closure.core, 'config')], 'ansible_builtin_runtime.yml'
            below = '.'.join(parts[2:])
        for folder in folders:
            entry = self.closure.routing(folder, file).get(below) if below else None
            if entry and entry.get('redirect'):
                return self.shim(name, entry['redirect'])
        return None

    def shim(self, name, target):
        if not target.startswith('ansible_collections'):
            first, second, rest = target.split('.', 2)
            target = 'ansible_collections.%s.%s.plugins.module_utils.%s' % (first, second, rest)
        found = self.find(target)
        if found is None:
            return None
        for name_, _file, is_package, text in self.with_parents(found):
            self.take((name_, _file, is_package, text))
        text = 'import sys\nimport %s as mod\nsys.modules[%r] = mod\n' % (target, name)
        return (name, target, True, text)


def digest(data):
    return hashlib.sha256(data).hexdigest()
