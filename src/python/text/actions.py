"""Action plugins: run as they are, with the reference's own classes around them.

The connection that they get is a door to the host's session in `play`: what they run, put and
fetch, and the modules they call, are frames that are answered there.
"""
import base64
import os

import play_frames as frames
import play_plugins as plugins
import play_values as values


class Door(object):
    """What a child may ask of the host while its action runs."""

    def __init__(self, child):
        self.child = child

    def ask(self, what, **head):
        head['do'] = what
        frames.write(self.child.fd, self.child.channel, head)
        _channel, answer, _body = frames.read(self.child.fd)
        if answer.get('lost'):
            from ansible.errors import AnsibleConnectionFailure
            raise AnsibleConnectionFailure(answer['lost'])
        if answer.get('error'):
            from ansible.errors import AnsibleError
            raise AnsibleError(answer['error'])
        return answer


def connection_class():
    from ansible.plugins.connection import ConnectionBase

    class Connection(ConnectionBase):
        transport = 'play'
        has_pipelining = True
        always_pipeline_modules = True
        has_tty = False

        def __init__(self, door, play_context, shell, about):
            self.__dict__['_play_about'] = about
            self.__dict__['_play_door'] = door
            self._play_context = play_context
            self._shell = shell
            self.become = None
            self._connected = True
            self._socket_path = None
            self.allow_executable = True

        @property
        def connected(self):
            return True

        @property
        def socket_path(self):
            return None

        def _connect(self):
            return self

        def get_option(self, option, hostvars=None):
            about = self._play_about
            known = {
                'host': about.get('address'), 'remote_addr': about.get('address'),
                'remote_user': about.get('user'), 'port': about.get('port'),
            }
            return known.get(option)

        def get_options(self, hostvars=None):
            return {}

        def has_option(self, option):
            return False

        def set_options(self, task_keys=None, var_options=None, direct=None):
            pass

        def exec_command(self, cmd, in_data=None, sudoable=True):
            if isinstance(in_data, str):
                in_data = in_data.encode('utf-8', 'surrogateescape')
            if isinstance(cmd, bytes):
                cmd = cmd.decode('utf-8', 'surrogateescape')
            answer = self._play_door.ask(
                'exec', cmd=cmd, sudoable=bool(sudoable),
                data=base64.b64encode(in_data).decode('ascii') if in_data else None)
            return answer['rc'], base64.b64decode(answer['stdout']), base64.b64decode(answer['stderr'])

        def put_file(self, in_path, out_path):
            self._play_door.ask('put', source=os.path.abspath(text(in_path)), target=text(out_path))

        def fetch_file(self, in_path, out_path):
            answer = self._play_door.ask('fetch', source=text(in_path))
            with open(out_path, 'wb') as file:
                file.write(base64.b64decode(answer['data']))

        def reset(self):
            pass

        def close(self):
            pass

    Connection.__abstractmethods__ = frozenset()
    return Connection


def text(path):
    return path.decode('utf-8', 'surrogateescape') if isinstance(path, bytes) else str(path)


def make_task(head):
    from ansible.playbook.task import Task
    task = Task()
    task.action = head['name']
    task.args = {key: values.decode(item) for key, item in head['args'].items()}
    told = head['task']
    fields = {
        'name': told.get('name') or '', 'check_mode': told['check'], 'diff': told['diff'],
        'no_log': told['no_log'], 'environment': [dict(told['environment'])],
        'async_val': told.get('async') or 0, 'poll': 1 if told.get('polled') else 0, 'become': told['become'], 'become_user': told.get('become_user'),
        'become_method': told.get('become_method'), 'delegate_to': told.get('delegate_to'),
        'register': None, 'collections': told.get('collections') or [], 'timeout': told.get('timeout') or 0,
    }
    for name, value in fields.items():
        try:
            setattr(task, name, value)
        except Exception:
            task.__dict__['_' + name] = value
    task._finalized = True
    task._role = None
    for name in ('_resolved_action', 'resolved_action'):
        try:
            setattr(task, name, head['name'])
        except AttributeError:
            pass
    return task


def run(child, head):
    """Runs one action; gives its result."""
    from ansible.playbook.play_context import PlayContext
    from ansible.plugins import loader
    from ansible.plugins.action import ActionBase
    from ansible.utils.display import Display

    told = head['task']
    Display().verbosity = told['verbosity']
    variables = plugins.Variables(child, head['names'])
    for folder in head.get('folders') or []:
        loader.add_all_plugin_dirs(folder)
    templar = child.templar(variables)
    context = PlayContext()
    about = head['host']
    for name, value in (
            ('remote_addr', about.get('address')), ('remote_user', about.get('user')),
            ('port', about.get('port')), ('check_mode', told['check']), ('diff', told['diff']),
            ('become', told['become']), ('become_user', told.get('become_user')),
            ('become_method', told.get('become_method')), ('executable', '/bin/sh'),
            ('connection', about.get('connection')), ('no_log', told['no_log']),
            ('verbosity', told['verbosity'])):
        try:
            setattr(context, name, value)
        except Exception:
            context.__dict__['_' + name] = value
    shell = loader.shell_loader.get('sh')
    shell.set_options()
    connection = connection_class()(Door(child), context, shell, about)
    replace_modules(ActionBase, child, told)
    task = make_task(head)
    given = dict(task=task, connection=connection, play_context=context, loader=child.loader,
                 templar=templar, shared_loader_obj=loader)
    handler = loader.action_loader.get(head['action'], **given)
    if handler is None:
        raise KeyError('the action plugin %s is not there' % head['action'])
    with around(task, variables, head):
        try:
            return with_job(task, handler.run(task_vars=variables))
        except frames.Gone:
            raise
        except Exception as error:
            return failed(error)
        finally:
            handler.cleanup()


def with_job(task, result):
    """What came of an action that is polled: one that left nothing to the background has no job to ask for."""
    result = as_dict(result)
    polled = task.async_val and task.poll and not result.get('skipped') and not result.get('failed')
    if polled:
        if not result.get('ansible_job_id'):
            return {'failed': True, 'msg': 'No job id was returned by the async task'}
        return dict(getattr(task, '_play_background', None) or result, ansible_job_id=result['ansible_job_id'])
    return result


def failed(error):
    """The result of an action that raised: skipped, done early, or failed."""
    from ansible.errors import AnsibleActionSkip, AnsibleConnectionFailure
    result = dict(getattr(error, 'result', None) or {})
    kind = type(error).__name__
    if isinstance(error, AnsibleActionSkip):
        result.update(skipped=True)
    elif kind in ('_ActionDone', '_AnsibleActionDone'):
        return result
    elif isinstance(error, AnsibleConnectionFailure):
        result.update(unreachable=True)
    else:
        result.update(failed=True)
        if not kind.startswith('Ansible'):
            import traceback
            place = traceback.extract_tb(error.__traceback__)[-1]
            result.update(exception='%s\n%s, line %s' % (traceback.format_exc(), place.filename, place.lineno))
    text, cause = str(getattr(error, 'message', None) or error), error.__cause__
    while cause is not None and str(cause) not in text:
        text, cause = '%s: %s' % (text.rstrip('.: '), cause), cause.__cause__
    result.setdefault('msg', text)
    return result


def around(task, variables, head):
    """What ansible-core 2.19 and later look at while a task runs."""
    import contextlib
    stack = contextlib.ExitStack()
    try:
        from ansible._internal._task import TaskContext
    except ImportError:
        return stack
    try:
        made = TaskContext.create(task=task, task_vars=variables, host_name=head['host']['name']) \
            if hasattr(TaskContext, 'create') else TaskContext(task)
        stack.enter_context(made)
    except Exception:
        pass
    return stack


def replace_modules(base, child, told):
    """Modules that an action calls are run by `play`."""

    def execute(self, module_name=None, module_args=None, tmp=None, task_vars=None, persist_files=False,
                delete_remote_tmp=None, wrap_async=False, ignore_unknown_opts=False, **_more):
        name = module_name or self._task.action
        args = self._task.args if module_args is None else module_args
        if self._task.check_mode and not self._supports_check_mode:
            from ansible.errors import AnsibleError
            raise AnsibleError('check mode is not supported for this operation')
        answer = self._connection._play_door.ask(
            'module', name=name, args={str(key): values.encode(value) for key, value in args.items()},
            check=bool(self._task.check_mode), ignore_unknown=bool(ignore_unknown_opts), alone=bool(wrap_async),
            environment=[[key, str(value)] for part in self._task.environment or []
                         for key, value in (part or {}).items()])
        result = values.decode(answer['result'])
        result['_ansible_parsed'] = True
        if wrap_async:
            # It is done already: what is asked for later is this result.
            self._task._play_background = result
            return {'ansible_job_id': told['job'], 'started': 1, 'finished': 0, 'changed': True, '_ansible_parsed': True,
                    'results_file': '~/.ansible_async/' + told['job']}
        return result

    def make_tmp_path(self, remote_user=None):
        # Whoever ends us in the middle removes it.
        path = made(self, remote_user)
        self._connection._play_door.ask('made', path=path)
        return path

    made = base._make_tmp_path
    base._execute_module = execute
    base._make_tmp_path = make_tmp_path


def answer_of(result):
    """A result as it crosses; exceptions and the like have become text."""
    return {'result': values.encode(as_dict(result))}


def as_dict(result):
    if not isinstance(result, dict) and hasattr(result, 'as_result_dict'):
        result = result.as_result_dict()
    return dict(result or {})
