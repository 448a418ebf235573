"""Callback plugins of others: told of a run's events with objects of the reference's own classes.

What they show through their display, or print, is the answer to each event.
"""
import os
import sys
import traceback

import play_values as values


def load(child, head):
    """Loads a callback plugin; what it says of itself."""
    from ansible import constants
    from ansible.plugins.loader import callback_loader
    for folder in head.get('places') or []:
        if os.path.isdir(folder):
            callback_loader.add_directory(folder, with_subdir=False)
    if head.get('list'):
        return {'names': beside(callback_loader, head['enabled'])}
    child.callback = Callback(child, head)
    plugin = callback_loader.get(head['name'])
    if plugin is None:
        return {'missing': True}
    constants.ANSIBLE_NOCOLOR = not head.get('colour')
    child.callback.begin(plugin, options(child, plugin))
    text, stderr = child.callback.take()
    return {'kind': getattr(plugin, 'CALLBACK_TYPE', ''), 'text': text, 'stderr': stderr,
            'implicit': bool(getattr(plugin, 'wants_implicit_tasks', False))}


def beside(loader, enabled):
    """The callbacks that are on without being named: those beside the playbook that do not want to be."""
    names = []
    for found in loader.all(class_only=True):
        name = os.path.splitext(os.path.basename(found._original_path))[0]
        wants = getattr(found, 'CALLBACK_NEEDS_ENABLED', getattr(found, 'CALLBACK_NEEDS_WHITELIST', False))
        own = os.sep + os.path.join('ansible', 'plugins', 'callback') + os.sep
        if own not in found._original_path and getattr(found, 'CALLBACK_TYPE', '') != 'stdout' \
                and (not wants or name in enabled):
            names.append(name)
    return names


def options(child, plugin):
    """The extra variables that the plugin documents as options."""
    from ansible import constants
    found = {}
    for name in constants.config.get_plugin_vars('callback', plugin._load_name):
        known, value = child.ask_variable(name)
        if known:
            found[name] = value
    return found


class Callback(object):
    def __init__(self, child, head):
        from ansible.utils.display import Display
        self.verbosity = head.get('verbosity') or 0
        self.streams = child.capture()
        self.colour = head.get('colour')
        self.tasks, self.play, self.plugin, self.failures, self.included = {}, None, None, [], None
        Display().verbosity = self.verbosity
        callback = self

        def display(_self, msg, color=None, stderr=False, screen_only=False, log_only=False, newline=True, **_more):
            if log_only:
                return
            if callback.colour and color:
                from ansible.utils.color import stringc
                msg = stringc(msg, color)
            (sys.stderr if stderr else sys.stdout).write(str(msg) + ('\n' if newline else ''))

        child.told.shows(display)
        Display.columns = property(lambda _self: head.get('width') or 79, lambda _self, _value: None)

    def take(self):
        """What was shown since, on stdout and on stderr."""
        return self.streams.take()

    def begin(self, plugin, variables):
        self.plugin = plugin
        if hasattr(plugin, '_init_callback_methods'):
            plugin._init_callback_methods()
        plugin.set_options(var_options=variables)

    def hear(self, head):
        """Tells the plugin of one event; what it shows comes back."""
        if not getattr(self.plugin, 'disabled', False):
            for name, arguments, named in self.calls(head):
                self.tell(name, arguments, named)
        failures, self.failures = self.failures, []
        text, stderr = self.take()
        return {'text': text, 'stderr': stderr, 'failures': failures}

    def tell(self, name, arguments, named):
        methods = [getattr(self.plugin, name)] if self.has(name) else []
        if self.has('v2_on_any'):
            methods.append(self.plugin.v2_on_any)
        for method in methods:
            self.plugin._current_task_result = next((one for one in arguments if isinstance(one, Result)), None)
            try:
                method(*arguments, **named)
            except Exception as error:
                place = traceback.extract_tb(sys.exc_info()[2])[-1]
                self.failures.append('%s: %s (%s, line %s)' % (name, error, place.filename, place.lineno))

    def has(self, name):
        """Whether the plugin has a method of its own, by its name or by that of version 1."""
        from ansible.plugins.callback import CallbackBase
        old = name[3:]
        for one in (name, old):
            base = getattr(CallbackBase, one, None)
            if base is not None and getattr(getattr(self.plugin, one, None), '__func__', None) is not base:
                return True
        return False

    def calls(self, head):
        what = head['event']
        if what == 'playbook':
            return [('v2_playbook_on_start', [Playbook(head['path'])], {})]
        if what == 'play':
            self.play = make_play(head)
            return [('v2_playbook_on_play_start', [self.play], {})]
        if what == 'asked':
            words = values.decode(head['words'])
            named = dict({'private': True, 'encrypt': None, 'confirm': False, 'salt_size': None, 'salt': None,
                          'default': None, 'unsafe': False}, prompt=head['name'])
            named.update((name, words[name]) for name in words if name in named)
            order = ('private', 'prompt', 'encrypt', 'confirm', 'salt_size', 'salt', 'default', 'unsafe')
            return [('v2_playbook_on_vars_prompt', [head['name']] + [named[name] for name in order], {})]
        if what == 'no_hosts':
            return [('v2_playbook_on_no_hosts_matched', [], {})]
        if what == 'none_left':
            # The reference tells of it twice: when too many have failed, and because none is left then.
            return [('v2_playbook_on_no_hosts_remaining', [], {})] * 2
        if what == 'task':
            task = self.task(head)
            if head['handler']:
                return [('v2_playbook_on_handler_task_start', [task], {})]
            return [('v2_playbook_on_task_start', [task], {'is_conditional': False})]
        if what == 'implicit':
            return [('v2_playbook_on_task_start', [make_implicit(head, self.play)], {'is_conditional': False})]
        if what == 'start':
            begins = self.calls(dict(head['begins'], event='task')) if head.get('begins') else []
            return begins + [('v2_runner_on_start', [host(head['host']), self.tasks[head['task']]], {})]
        if what == 'notified':
            return [('v2_playbook_on_notify', [make_task({'name': head['handler'], 'action': ''}), host(head['host'])], {})]
        if what in ('included', 'include_failed'):
            return self.included_calls(head)
        if what == 'stats':
            return [('v2_playbook_on_stats', [stats(head)], {})]
        return self.result_calls(what, head)

    def included_calls(self, head):
        """An include is well for each of its hosts, and then is told."""
        task = self.tasks.get(head.get('task')) or make_task({'name': '', 'action': 'include_tasks'})
        calls, first = [], (task, head.get('item') is not None) != self.included
        self.included = (task, head.get('item') is not None)
        for name in head['hosts']:
            result = Result(host(name), task, {'include': head['path'], 'changed': False}, dict(head, status='ok'))
            if head.get('item') is not None:
                calls.append(('v2_runner_item_on_ok', [result], {}))
            if first or head.get('item') is None:
                calls.append(('v2_runner_on_ok', [result], {}))
        if head['event'] == 'included':
            calls.append(('v2_playbook_on_include', [Included(head, task)], {}))
        return calls

    def result_calls(self, what, head):
        task = self.tasks.get(head['task']) or make_task({'name': '', 'action': ''})
        result = Result(host(head['host']), task, values.decode(head['result']), head)
        status = head['status']
        if what == 'retry':
            return [('v2_runner_retry', [result], {})]
        polled = [('v2_runner_on_async_' + head['polled'], [result], {})] if head.get('polled') else []
        if what == 'item':
            names = {'failed': 'failed', 'ignored': 'failed', 'unreachable': 'failed', 'skipped': 'skipped'}
            return polled + [('v2_runner_item_on_' + names.get(status, 'ok'), [result], {})]
        if what == 'poll':
            return [('v2_runner_on_async_' + status, [result], {})]
        calls = polled
        if status in ('failed', 'ignored'):
            calls.append(('v2_runner_on_failed', [result], {'ignore_errors': status == 'ignored'}))
        elif status == 'unreachable':
            calls.append(('v2_runner_on_unreachable', [result], {}))
        elif status == 'skipped':
            calls.append(('v2_runner_on_skipped', [result], {}))
        else:
            if head.get('differs'):
                calls.append(('v2_on_file_diff', [result], {}))
            calls.append(('v2_runner_on_ok', [result], {}))
        return calls

    def task(self, head):
        task = self.tasks[head['task']] = make_task(head, self.play)
        return task


def host(name):
    from ansible.inventory.host import Host
    return Host(name)


def make_play(head):
    from ansible.playbook.play import Play
    play = Play()
    put(play, name=head['name'], hosts=head['hosts'], check_mode=head['check'], vars={})
    play._uuid = head['id']
    play._path = head.get('path')
    play._play_hosts = head['hosts']
    return play


def make_task(head, play=None):
    from ansible.playbook.handler import Handler
    from ansible.playbook.task import Task
    task = (Handler if head.get('handler') else class_of(head['action'], Task))()
    task._uuid = head.get('task') or 'none'
    task.args = {}
    put(task, name=head['name'], action=head['action'], no_log=head.get('no_log'), check_mode=head.get('check'), args={},
        delegate_to=None)
    task._finalized = True
    for attribute in ('_resolved_action', 'resolved_action'):
        try:
            setattr(task, attribute, head['action'])
        except AttributeError:
            pass
    task._role = Role(head['role']) if head.get('role') else None
    path = head.get('path')
    task.get_path = lambda: path or ''
    task.get_name = lambda include_role_fqcn=True: head.get('full') or head['name']
    task._parent = Parent(play)
    return task


def make_implicit(head, play):
    """A task that nobody has written: `meta` at the end of a role or of a section."""
    task = make_task(head, play)
    task.implicit = True
    put(task, args={'_raw_params': head['words']}, tags=[] if head['words'] == 'noop' else ['always'])
    for attribute in ('_resolved_action', 'resolved_action'):
        try:
            setattr(task, attribute, 'ansible.builtin.meta')
        except AttributeError:
            pass
    return task


def class_of(action, ordinary):
    """The class of a task: callbacks tell includes by it."""
    from ansible.playbook.role_include import IncludeRole
    from ansible.playbook.task_include import TaskInclude
    short = action.rpartition('.')[2]
    return {'include_tasks': TaskInclude, 'include_role': IncludeRole}.get(short, ordinary)


def put(thing, **fields):
    for name, value in fields.items():
        try:
            setattr(thing, name, value)
        except Exception:
            thing.__dict__['_' + name] = value


class Parent(object):
    def __init__(self, play):
        self._play = play
        self._parent = None


class Role(object):
    def __init__(self, name):
        self._role_name = name
        self._role_path = ''

    def get_name(self, include_role_fqcn=True):
        return self._role_name

    def __str__(self):
        return self._role_name

    __repr__ = __str__


class Playbook(object):
    def __init__(self, path):
        self._file_name = path
        self._basedir = os.path.dirname(os.path.abspath(path))
        self._entries = []

    def get_plays(self):
        return []


class Included(object):
    def __init__(self, head, task):
        self._filename = head['path']
        self._hosts = [host(name) for name in head['hosts']]
        self._args, self._vars, self._is_role = {}, {}, False
        self._task = task


class Result(object):
    """What the reference's TaskResult has, of any version."""

    def __init__(self, host_, task, result, head):
        self._host = self.host = host_
        self._task = self.task = task
        self._result = self.result = result
        self._task_fields = self.task_fields = {
            'name': head.get('name') or '', 'action': task.action, 'args': {}, 'ignore_errors': head['status'] == 'ignored',
            'delegate_to': head.get('delegated'), 'no_log': bool(task.no_log), 'check_mode': bool(task.check_mode),
        }
        if head.get('delegated'):
            put(task, delegate_to=head['delegated'])
        if head.get('connection'):
            put(task, connection=head['connection'])
        self.status = head['status']
        self.exception, self.warnings, self.deprecations = None, result.get('warnings') or [], result.get('deprecations') or []

    @property
    def task_name(self):
        return self.task.get_name()

    def is_changed(self):
        return bool(self._result.get('changed'))

    def is_skipped(self):
        return self.status == 'skipped'

    def is_failed(self):
        return self.status in ('failed', 'ignored')

    def is_unreachable(self):
        return self.status == 'unreachable'

    def needs_debugger(self, globally_enabled=False):
        return False

    def clean_copy(self):
        return self


def stats(head):
    from ansible.executor.stats import AggregateStats
    made = AggregateStats()
    for name, counts in head['hosts']:
        made.processed[name] = 1
        for here, there in (('ok', 'ok'), ('failed', 'failures'), ('unreachable', 'dark'), ('changed', 'changed'),
                            ('skipped', 'skipped'), ('rescued', 'rescued'), ('ignored', 'ignored')):
            if counts.get(here):
                getattr(made, there)[name] = counts[here]
    made.custom.update(values.decode(head.get('custom') or {}))
    return made
