#!/usr/bin/env python3
"""Modules in Python on real parts: check mode, first and second run, results compared with the
reference key by key. A part that is not installed is said and left out.

depth.py PLAY VENV [PART...]
"""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from both import Both  # noqa: E402
import cases  # noqa: E402


class Missing(Exception):
    """A part that is not installed here."""


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Missing(program)


def wait_for(test, what):
    for _ in range(300):
        if test():
            return
        time.sleep(0.2)
    raise Missing(what + ' does not answer')


@contextlib.contextmanager
def ended(process):
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def quiet(*command, **more):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more).returncode == 0


@contextlib.contextmanager
def mariadb(folder):
    """A MariaDB of our own on a socket."""
    need('mariadbd', 'mariadb-install-db', 'mariadb-admin')
    data, socket = os.path.join(folder, 'data'), os.path.join(folder, 'socket')
    user = 'mysql' if os.getuid() == 0 else None
    os.chmod(folder, 0o755)
    quiet('mariadb-install-db', '--no-defaults', '--datadir=' + data, '--auth-root-authentication-method=normal',
          *(['--user=mysql'] if user else []), check=True)
    if user:
        shutil.chown(folder, 'mysql')
    server = subprocess.Popen(['mariadbd', '--no-defaults', '--datadir=' + data, '--socket=' + socket, '--skip-networking',
                               '--pid-file=' + os.path.join(folder, 'pid')] + (['--user=mysql'] if user else []),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with ended(server):
        wait_for(lambda: quiet('mariadb-admin', '--no-defaults', '--socket=' + socket, '-uroot', 'ping'), 'mariadbd')
        at = 'login_unix_socket: "%s", login_user: root' % socket
        yield [
            'community.mysql.mysql_db: {name: shop, encoding: utf8mb4, %s}' % at,
            'community.mysql.mysql_user: {name: clerk, password: hard, priv: "shop.*:SELECT,INSERT", %s}' % at,
            'community.mysql.mysql_user: {name: clerk, password: harder, priv: "shop.*:ALL", append_privs: true, %s}' % at,
            'community.mysql.mysql_query: {query: "CREATE TABLE IF NOT EXISTS shop.t (id int primary key, w varchar(9))", %s}' % at,
            'community.mysql.mysql_query: {query: ["REPLACE INTO shop.t VALUES (1, %%s)", "SELECT * FROM shop.t"], '
            'positional_args: ["x"], %s}' % at,
            'community.mysql.mysql_variables: {variable: max_connections, value: "77", %s}' % at,
            'community.mysql.mysql_variables: {variable: max_connections, %s}' % at,
            'community.mysql.mysql_db: {name: shop, state: absent, %s}' % at,
            'community.mysql.mysql_user: {name: clerk, state: absent, %s}' % at,
            'community.mysql.mysql_db: {name: shop, login_unix_socket: /nowhere, login_user: root}',
        ]


@contextlib.contextmanager
def postgresql(folder):
    """A PostgreSQL of our own on a socket."""
    homes = sorted('/usr/lib/postgresql/' + name + '/bin' for name in os.listdir('/usr/lib/postgresql')) \
        if os.path.isdir('/usr/lib/postgresql') else []
    if not homes:
        raise Missing('postgresql')
    os.chmod(folder, 0o777)
    data = os.path.join(folder, 'data')
    become = ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] if os.getuid() == 0 else []
    if not quiet(*become, homes[-1] + '/initdb', '-D', data, '-A', 'trust', '-U', 'postgres'):
        raise Missing('initdb')
    server = subprocess.Popen(become + [homes[-1] + '/postgres', '-D', data, '-k', folder, '-p', '54329', '-h', ''],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with ended(server):
        wait_for(lambda: quiet('psql', '-h', folder, '-p', '54329', '-U', 'postgres', '-c', 'select 1'), 'postgres')
        at = 'login_host: "%s", port: 54329, login_user: postgres' % folder
        yield [
            'community.postgresql.postgresql_db: {name: shop, encoding: UTF-8, template: template0, %s}' % at,
            'community.postgresql.postgresql_user: {name: clerk, password: hard, role_attr_flags: "CREATEDB,NOSUPERUSER", %s}' % at,
            'community.postgresql.postgresql_query: {db: shop, query: "CREATE TABLE IF NOT EXISTS t (id int primary key)", %s}' % at,
            'community.postgresql.postgresql_query: {db: shop, query: "SELECT 1 AS one, %%(w)s AS w", named_args: {w: x}, %s}' % at,
            'community.postgresql.postgresql_privs: {db: shop, roles: clerk, type: table, objs: t, privs: "SELECT,INSERT", %s}' % at,
            'community.postgresql.postgresql_ext: {name: pg_trgm, db: shop, %s}' % at,
            'community.postgresql.postgresql_set: {name: work_mem, value: 8MB, %s}' % at,
            'community.postgresql.postgresql_db: {name: shop, state: absent, force: true, %s}' % at,
            'community.postgresql.postgresql_user: {name: clerk, state: absent, %s}' % at,
        ]


@contextlib.contextmanager
def crypto(folder):
    """Keys, requests and certificates."""
    key = folder + '/key'
    yield [
        'community.crypto.openssl_privatekey: {path: "%s", size: 2048}' % key,
        'community.crypto.openssl_csr: {path: "%s/csr", privatekey_path: "%s", common_name: a.example, '
        'subject_alt_name: ["DNS:a.example"]}' % (folder, key),
        'community.crypto.x509_certificate: {path: "%s/crt", csr_path: "%s/csr", privatekey_path: "%s", provider: selfsigned}'
        % (folder, folder, key),
        'community.crypto.openssh_keypair: {path: "%s/ssh", type: ed25519}' % folder,
        'community.crypto.openssl_privatekey_pipe: {size: 2048}',
        'community.crypto.openssl_csr_pipe: {privatekey_path: "%s", common_name: b.example}' % key,
        'community.crypto.x509_certificate_info: {path: "%s/crt"}' % folder,
        'community.crypto.openssl_privatekey_pipe: {size: 1}',
    ]


@contextlib.contextmanager
def general(folder):
    """Modules of community.general and ansible.utils on files."""
    need('git')
    with open(folder + '/pam', 'w') as file:
        file.write('auth required pam_unix.so nullok\n')
    yield [
        'community.general.git_config: {name: user.name, value: x, scope: file, file: "%s/git"}' % folder,
        'community.general.git_config: {name: user.name, state: absent, scope: file, file: "%s/git"}' % folder,
        'community.general.pamd: {path: "%s", name: pam, type: auth, control: required, module_path: pam_unix.so, '
        'module_arguments: [try_first_pass], state: args_present}' % folder,
        'community.general.dpkg_divert: {path: "%s/diverted"}' % folder,
        'community.general.dpkg_divert: {path: "%s/diverted", state: absent}' % folder,
        'community.general.seport: {ports: 80, proto: tcp, setype: http_port_t, state: present}',
        'community.general.npm: {path: "%s", executable: /no/npm}' % folder,
        'community.general.gem: {name: rake, executable: /no/gem}',
        'community.general.composer: {command: install, working_dir: "%s"}' % folder,
        'community.general.apache2_module: {name: no_such_module, state: present}',
        'ansible.utils.fact_diff: {before: "a", after: "b"}',
        'ansible.utils.update_fact: {updates: [{path: some.where, value: 2}]}',
        'ansible.utils.validate: {data: {a: 1}, criteria: [{type: object, required: [b]}], engine: ansible.utils.jsonschema}',
        'debug: {msg: "{{ \'10.1.2.0/24\' | ansible.utils.ipsubnet(26, 1) }}"}',
        'debug: {msg: "{{ {\'a\': {\'b\': [1]}} | ansible.utils.to_paths }}"}',
    ]


@contextlib.contextmanager
def aws(folder):
    """amazon.aws against moto's server on loopback."""
    server = os.path.join(VENV, 'bin/moto_server')
    if not os.path.exists(server):
        raise Missing('moto_server')
    port = '54330'
    process = subprocess.Popen([server, '-H', '127.0.0.1', '-p', port], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with ended(process):
        import urllib.request
        url = 'http://127.0.0.1:' + port

        def answers():
            try:
                return urllib.request.urlopen(url + '/moto-api/data.json', timeout=2).status == 200
            except OSError:
                return False
        wait_for(answers, 'moto')
        # Each of play and the reference begins with nothing.
        urllib.request.urlopen(urllib.request.Request(url + '/moto-api/reset', method='POST'))
        at = 'region: eu-west-1, endpoint_url: "%s", access_key: x, secret_key: y' % url
        yield [
            'amazon.aws.s3_bucket: {name: shop, %s}' % at,
            'amazon.aws.s3_bucket: {name: shop, tags: {a: b}, %s}' % at,
            'amazon.aws.ec2_vpc_net: {name: net, cidr_block: 10.0.0.0/16, %s}' % at,
            'amazon.aws.ec2_instance_info: {%s}' % at,
            'amazon.aws.ec2_key: {name: none, state: absent, %s}' % at,
            'amazon.aws.s3_bucket: {name: shop, state: absent, %s}' % at,
        ]


@contextlib.contextmanager
def docker(folder):
    """community.docker with the Docker daemon that answers here."""
    need('docker')
    if not quiet('docker', 'version'):
        raise Missing('a Docker daemon')
    yield [
        'community.docker.docker_network: {name: play-depth}',
        'community.docker.docker_volume: {name: play-depth}',
        'community.docker.docker_image_info: {name: play-no-such-image}',
        'community.docker.docker_container_info: {name: play-no-such-container}',
        'community.docker.docker_network_info: {name: play-depth}',
        'community.docker.docker_compose_v2: {project_src: "%s"}' % folder,
        'community.docker.docker_network: {name: play-depth, state: absent}',
        'community.docker.docker_volume: {name: play-depth, state: absent}',
    ]


PARTS = [general, crypto, mariadb, postgresql, aws, docker]
# What is another each time: keys, dates, addresses, places.
CHANGING = ('fingerprint', 'public_key', 'privatekey', 'csr', 'certificate', 'serial_number', 'notBefore', 'notAfter', 'not_before',
            'not_after', 'Created', 'CreatedAt', 'Id', 'ID', 'id', 'vpc', 'execution_time_ms', 'public_key_fingerprints',
            'comment', 'request_id', 'modulus', 'fingerprints', 'subject_key_identifier',
            'extensions_by_oid', 'response_metadata', 'creation_date')
# What each command says in its own way.
OWN = ('invocation', 'exception', 'warnings', 'deprecations')


def compare(name, tasks, wanted, got):
    wrong = 0
    for turn, one, other in zip(('check', 'first', 'second'), wanted, got):
        if isinstance(one, str) or isinstance(other, str):
            print('%s, %s: no results\n%s' % (name, turn, one if isinstance(one, str) else other))
            return wrong + 1
        if not len(tasks) == len(one) == len(other):
            print('%s, %s: %d tasks, %d results of the reference, %d of play' % (name, turn, len(tasks), len(one), len(other)))
            wrong += 1
        for task, left, right in zip(tasks, one, other):
            for side in (left, right):
                if isinstance(side.get('msg'), str):
                    side['msg'] = cases.OWN_WORDS.sub('', side['msg'])
            differ = different(left, right)
            for path, reference, play in differ[:5]:
                print('%s, %s run, %s: %s\n  reference %.400r\n  play      %.400r' % (
                    name, turn, task[:70], path, reference, play))
            wrong += bool(differ)
    return wrong


class LeftOut:
    """Stands for a key that is not there."""

    def __repr__(self):
        return '(left out)'


LEFT_OUT = LeftOut()


def different(left, right, path=''):
    """The paths at which two values differ. Of what changes each time only the kind is compared, and of
    what each command says in its own way nothing."""
    if isinstance(left, dict) and isinstance(right, dict):
        found = []
        for key in sorted(set(left) | set(right)):
            if key in OWN:
                continue
            below, one, other = '%s.%s' % (path, key), left.get(key, LEFT_OUT), right.get(key, LEFT_OUT)
            if key not in CHANGING:
                found += different(one, other, below)
            elif type(one) is not type(other):
                found.append((below, one, other))
        return found
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return [one for number, (a, b) in enumerate(zip(left, right)) for one in different(a, b, '%s[%d]' % (path, number))]
    return [] if left == right and type(left) is type(right) else [(path, left, right)]


def turns(both, who, part):
    """The results of a check, a first and a second run of a part of its own."""
    with tempfile.TemporaryDirectory() as folder, part(folder) as tasks:
        found = []
        for options in (['--check'], [], []):
            value, said, _seconds = both.run(who, cases.book(tasks, folder), folder=folder, options=options)
            found.append(value if value is not None else said[-3000:])
        return tasks, [cases.str_without(value, folder) for value in found]


def main():
    global VENV
    VENV = sys.argv[2]
    both = Both(sys.argv[1], VENV)
    wrong = 0
    for part in PARTS:
        if sys.argv[3:] and part.__name__ not in sys.argv[3:]:
            continue
        try:
            tasks, wanted = turns(both, 'reference', part)
            tasks, got = turns(both, 'play', part)
        except Missing as missing:
            print('%s: left out, there is no %s' % (part.__name__, missing))
            continue
        differ = compare(part.__name__, tasks, wanted, got)
        print('%s: %d tasks three times, %d differ' % (part.__name__, len(tasks), differ), flush=True)
        wrong += differ
    return wrong > 0


if __name__ == '__main__':
    sys.exit(main())
