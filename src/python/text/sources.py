"""Inventory and vars plugins, by the reference's own loader, in a child of the worker."""
import os

import play_values as values


def inventory(child, head):
    """What an inventory plugin says of a source; `declined` where it does not want it."""
    from ansible.inventory.data import InventoryData
    from ansible.parsing.dataloader import DataLoader
    loader = child.plugin_loader('inventory', head)
    plugin = loader.get(head['name'])
    if plugin is None:
        return {'missing': True}
    path = head['path']
    try:
        wanted = bool(plugin.verify_file(path))
    except Exception:
        wanted = False
    if not wanted:
        return {'declined': True}
    data = so_far(InventoryData(), head.get('so_far') or {})
    before = of_inventory(data)
    data.current_source = path
    reader = DataLoader()
    reader.set_basedir(os.path.dirname(os.path.abspath(path)))
    plugin.parse(wrapped(data, plugin, path), reader, path, cache=bool(head.get('cache')))
    try:
        plugin.update_cache_if_changed()
    except AttributeError:
        pass
    return {'inventory': without(of_inventory(data), before)}


def so_far(data, said):
    """The inventory of the sources before, as the plugin may look at it."""
    for name, _variables in said.get('hosts') or []:
        data.add_host(name)
    for name, _group in said.get('groups') or []:
        data.add_group(name)
    for name, variables in said.get('hosts') or []:
        for key, value in values.decode(variables).items():
            data.set_variable(name, key, value)
    for name, group in said.get('groups') or []:
        for below in list(group['hosts']) + list(group['children']):
            data.add_child(name, below)
        for key, value in values.decode(group['vars']).items():
            data.set_variable(name, key, value)
    return data


def without(now, before):
    """What of an inventory is new: what is as it was stays the caller's, with its places and its vaults."""
    hosts, groups = dict(map(tuple, before['hosts'])), dict(map(tuple, before['groups']))
    nothing = {'hosts': [], 'children': [], 'vars': {}}
    return {
        'hosts': [[name, new_in(variables, hosts.get(name, {}))] for name, variables in now['hosts']],
        'groups': [[name, {
            'hosts': [host for host in group['hosts'] if host not in groups.get(name, nothing)['hosts']],
            'children': [below for below in group['children'] if below not in groups.get(name, nothing)['children']],
            'vars': new_in(group['vars'], groups.get(name, nothing)['vars']),
        }] for name, group in now['groups']],
    }


def new_in(variables, before):
    """A mapping whose keys are no text crosses as a list of pairs, and goes back whole."""
    if '!' in variables or '!' in before:
        return variables
    return {key: value for key, value in variables.items() if key not in before or before[key] != value}


def wrapped(data, plugin, path):
    """ansible-core 2.19 and later mark there which texts may be rendered."""
    try:
        from ansible._internal._datatag._tags import Origin
        from ansible.inventory.manager import _InventoryDataWrapper
    except ImportError:
        return data
    return _InventoryDataWrapper(data, target_plugin=plugin, origin=Origin(description='<inventory plugin for %s>' % path))


def of_inventory(data):
    groups, hosts = [], []
    for name, group in data.groups.items():
        variables = dict(group.vars)
        if group.priority != 1:
            variables['ansible_group_priority'] = group.priority
        groups.append([str(name), {
            'hosts': [str(host.name) for host in group.hosts],
            'children': [str(below.name) for below in group.child_groups],
            'vars': values.encode(variables, trust=True),
        }])
    for name, host in data.hosts.items():
        variables = {key: value for key, value in host.vars.items() if key not in ('inventory_file', 'inventory_dir')}
        hosts.append([str(name), values.encode(variables, trust=True)])
    return {'groups': groups, 'hosts': hosts}


def variables(child, head):
    """What the vars plugins say of a group or a host beside a folder; `host_group_vars` is built in."""
    from ansible import constants
    from ansible.inventory.group import Group
    from ansible.inventory.host import Host
    from ansible.parsing.dataloader import DataLoader
    from ansible.vars import plugins
    for folder in head.get('places') or []:
        child.plugin_loader('vars', {'places': [folder]})
    enabled = [name for name in head['enabled'] if name.rpartition('.')[2] != 'host_group_vars']
    constants.VARIABLE_PLUGINS_ENABLED = enabled
    reader = DataLoader()
    reader.set_basedir(head['dir'])
    entity = Host(head['name']) if head['owner'] == 'host' else Group(head['name'])
    found = {}
    for stage in ('inventory', 'task'):
        found = plugins.combine_vars(found, plugins.get_vars_from_path(reader, head['dir'], [entity], stage))
    return {'vars': values.encode(found, trust=True)}
