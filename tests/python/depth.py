#!/usr/bin/env python3
"""Modules in Python on real parts: check mode, first and second run, results compared with the
reference key by key. A part that is not installed is said and left out.

depth.py PLAY VENV [PART...]
"""
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from both import Both, different  # noqa: E402
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
            'community.mysql.mysql_user: {name: clerk, priv: "shop.*:SELECT", subtract_privs: true, %s}' % at,
            'community.mysql.mysql_db: {name: shop, state: dump, target: "%s/dump.sql", %s}' % (folder, at),
            'community.mysql.mysql_info: {filter: [version, engines], %s}' % at,
            'community.mysql.mysql_query: {query: "SELECT nonsense", %s}' % at,
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
            'community.postgresql.postgresql_schema: {name: acme, db: shop, owner: clerk, %s}' % at,
            'community.postgresql.postgresql_table: {name: acme.rows, db: shop, columns: ["id int", "w text"], %s}' % at,
            'community.postgresql.postgresql_owner: {db: shop, new_owner: clerk, obj_name: t, obj_type: table, %s}' % at,
            'community.postgresql.postgresql_query: {db: shop, query: "SELECT nonsense", %s}' % at,
            'community.postgresql.postgresql_ping: {%s}' % at,
            'community.postgresql.postgresql_privs: {db: shop, roles: clerk, type: table, objs: t, privs: INSERT, state: absent, %s}' % at,
            'community.postgresql.postgresql_schema: {name: acme, db: shop, state: absent, cascade_drop: true, %s}' % at,
            'community.postgresql.postgresql_table: {name: t, db: shop, state: absent, %s}' % at,
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
        'community.crypto.openssl_privatekey_pipe: {size: 2048, content: "{{ lookup(\'file\', \'%s\', errors=\'ignore\') | default(\'\', true) }}"}' % key,
        'community.crypto.x509_certificate_pipe: {csr_path: "%s/csr", privatekey_path: "%s", provider: selfsigned}' % (folder, key),
        'community.crypto.openssl_publickey: {path: "%s/pub", privatekey_path: "%s"}' % (folder, key),
        'community.crypto.openssl_privatekey: {path: "%s", size: 2048, mode: "0640"}' % key,
        'debug: {msg: "{{ (lookup(\'file\', \'%s/crt\', errors=\'ignore\') | default(\'\', true) | community.crypto.x509_certificate_info).subject }}"}' % folder,
        'debug: {msg: "{{ (lookup(\'file\', \'%s\', errors=\'ignore\') | default(\'\', true) | community.crypto.openssl_privatekey_info).type }}"}' % key,
        'debug: {msg: "{{ \'nonsense\' | community.crypto.x509_certificate_info }}"}',
        'community.crypto.openssl_csr: {path: "%s/csr", state: absent}' % folder,
    ]


GEMSPEC = """Gem::Specification.new do |s|
  s.name, s.version, s.summary, s.authors, s.files = 'own', '%s', 'a gem', ['play'], []
end
"""


def packages(folder):
    """What npm, gem, composer and Apache are asked for, made here: nothing comes from a network."""
    cases.fill(folder, {
        'npm/package.json': '{"name": "app", "version": "1.0.0", "dependencies": {"own": "file:../npm-own"}}\n',
        'npm-own/package.json': '{"name": "own", "version": "1.2.3"}\n',
        'composer/composer.json': '{"name": "play/app", "config": {"allow-plugins": false}, "repositories": '
                                  '[{"packagist.org": false}, {"type": "path", "url": "../composer-own"}], "require": {"play/own": "*"}}\n',
        'composer-own/composer.json': '{"name": "play/own", "version": "1.2.3"}\n'})
    found = ['community.general.npm: {path: "%s", executable: /no/npm}' % folder, 'community.general.gem: {name: rake, executable: /no/gem}',
             'community.general.composer: {command: install, working_dir: "%s", executable: /no/php}' % folder]
    if shutil.which('npm'):
        found += ['community.general.npm: {path: "%s/npm"}' % folder, 'community.general.npm: {path: "%s/npm", ci: true}' % folder,
                  'community.general.npm: {path: "%s/npm", name: own, state: absent}' % folder,
                  # Its error names a file for its log, with the time, where it writes one.
                  'community.general.npm: {path: "%s/npm-missing"}\n      environment: {NPM_CONFIG_LOGS_MAX: "0"}' % folder]
    if shutil.which('gem'):
        for version in ('1.0.0', '1.1.0'):
            cases.fill(folder, {'gem/own.gemspec': GEMSPEC % version})
            quiet('gem', 'build', 'own.gemspec', cwd=folder + '/gem', check=True)
        at = 'name: own, user_install: false, install_dir: "%s/gems"' % folder
        found += ['community.general.gem: {gem_source: "%s/gem/own-%s.gem", %s}' % (folder, version, at) for version in ('1.0.0', '1.1.0')]
        found += ['community.general.gem: {version: 1.0.0, state: absent, %s}' % at, 'community.general.gem: {state: absent, %s}' % at,
                  'community.general.gem: {name: own, gem_source: "%s/no.gem", user_install: false}' % folder]
    if shutil.which('composer'):
        found += ['community.general.composer: {command: %s, working_dir: "%s/composer"}\n      environment: {COMPOSER_ALLOW_SUPERUSER: "1", '
                  'COMPOSER_HOME: "%s/composer-home"}' % (command, folder, folder) for command in ('validate', 'install', 'nonsense')]
    if shutil.which('a2enmod'):
        shutil.copytree('/etc/apache2', folder + '/apache2', symlinks=True)
        found += ['community.general.apache2_module: {name: %s}\n      environment: {APACHE_CONFDIR: "%s/apache2"}' % (words, folder)
                  for words in ('status, state: absent', 'status', 'expires', 'expires, state: absent', 'no_such_module')]
    else:
        found.append('community.general.apache2_module: {name: no_such_module, state: present}')
    return found


@contextlib.contextmanager
def general(folder):
    """Modules of community.general on files and packages of our own."""
    need('git')
    pam = 'community.general.pamd: {path: "%s", name: pam, type: auth, control: required, module_path: pam_unix.so, ' % folder
    cases.fill(folder, {'pam': 'auth required pam_unix.so nullok\nsession optional pam_motd.so noupdate\n', 'some.ini': '[a]\nb = 1\n',
                        'some.xml': '<a><b c="1"/></a>\n'})
    git = 'scope: file, file: "%s/git"' % folder
    yield [
        'community.general.git_config: {name: user.name, value: x, %s}' % git,
        'community.general.git_config: {name: user.name, value: y, add_mode: add, %s}' % git,
        'community.general.git_config_info: {name: user.name, scope: file, path: "%s/git"}' % folder,
        'community.general.git_config: {name: user.name, state: absent, %s}' % git,
        pam + 'module_arguments: [try_first_pass], state: args_present}',
        pam + 'module_arguments: [nullok], state: args_absent}',
        pam + 'new_type: auth, new_control: sufficient, new_module_path: pam_own.so, state: before}',
        'community.general.pamd: {path: "%s", name: pam, type: session, control: optional, module_path: pam_motd.so, state: absent, '
        'backup: true}' % folder,
        'community.general.dpkg_divert: {path: "%s/diverted"}' % folder,
        'community.general.dpkg_divert: {path: "%s/diverted", divert: "%s/elsewhere"}' % (folder, folder),
        'community.general.dpkg_divert: {path: "%s/diverted", divert: "%s/elsewhere", force: true}' % (folder, folder),
        'community.general.dpkg_divert: {path: "%s/diverted", state: absent}' % folder,
        'community.general.seport: {ports: 80, proto: tcp, setype: http_port_t, state: present}',
        'community.general.ini_file: {path: "%s/some.ini", section: a, option: b, value: "2"}' % folder,
        'community.general.xml: {path: "%s/some.xml", xpath: /a/b, attribute: c, value: "2"}' % folder,
        'community.general.archive: {path: "%s/some.ini", dest: "%s/some.tar", format: tar}' % (folder, folder),
        'debug: {msg: "{{ {\'a\': {\'b\': [1, 2]}} | community.general.json_query(\'a.b[1]\') }}"}',
        'debug: {msg: "{{ [{\'a\': 1, \'b\': 2}] | community.general.lists_mergeby([{\'a\': 1, \'c\': 3}], \'a\') }}"}',
        'debug: {msg: "{{ lookup(\'community.general.random_string\', length=4, seed=\'x\') }}"}',
        'debug: {msg: "{{ \'1.2.3\' is community.general.a_module }}"}',
    ] + packages(folder)


@contextlib.contextmanager
def utils(folder):
    """Actions, filters, tests and lookups of ansible.utils."""
    cases.fill(folder, {'facts.yaml': '- example: "Interface eth0"\n  getval: "Interface (?P<name>\\\\S+)"\n  result:\n    "{{ name }}": {name: "{{ name }}"}\n'})
    yield [
        'ansible.utils.fact_diff: {before: "a", after: "b"}',
        'ansible.utils.fact_diff: {before: {a: 1, b: [1, 2]}, after: {a: 1, b: [1, 3]}}',
        'ansible.utils.update_fact: {updates: [{path: some.where, value: 2}]}',
        'ansible.utils.update_fact: {updates: [{path: own, value: 2}]}',
        'ansible.utils.update_fact: {}',
        'ansible.utils.validate: {data: {a: 1}, criteria: [{type: object, required: [b]}], engine: ansible.utils.jsonschema}',
        'ansible.utils.validate: {data: {a: 1}, criteria: [{type: object, required: [a]}], engine: ansible.utils.jsonschema}',
        'ansible.utils.cli_parse: {text: "{\\"a\\": [1, 2]}", parser: {name: ansible.utils.json}, set_fact: parsed}',
        'ansible.utils.cli_parse: {command: "echo <a><b>1</b></a>", parser: {name: ansible.utils.xml}}',
        'ansible.utils.cli_parse: {command: "echo Interface eth0", parser: {name: ansible.utils.none}}',
        'debug: {msg: "{{ \'10.1.2.0/24\' | ansible.utils.ipsubnet(26, 1) }}"}',
        'debug: {msg: "{{ [\'10.1.2.3/24\', \'x\', \'::1\'] | ansible.utils.ipaddr(\'address\') }}"}',
        'debug: {msg: "{{ {\'a\': {\'b\': [1]}} | ansible.utils.to_paths }}"}',
        'debug: {msg: "{{ lookup(\'ansible.utils.get_path\', {\'a\': {\'b\': [1]}}, \'a.b[0]\') }}"}',
        'debug: {msg: "{{ [1, 2, 3] | ansible.utils.index_of(\'gt\', 1) }}"}',
        'debug: {msg: "{{ {\'a\': 1, \'b\': 2} | ansible.utils.remove_keys(target=[\'a\']) }}"}',
        'debug: {msg: "{{ \'<a><b>1</b></a>\' | ansible.utils.from_xml }}"}',
        'debug: {msg: "{{ \'10.1.2.3\' is ansible.utils.in_network(\'10.0.0.0/8\') }} {{ \'x\' is ansible.utils.ip }}"}',
        'debug: {msg: "{{ \'<nonsense\' | ansible.utils.from_xml }}"}',
    ]


@contextlib.contextmanager
def moto():
    """moto's server on loopback, without anything in it, and the same random numbers each time: its address."""
    server = os.path.join(VENV, 'bin/moto_server')
    if not os.path.exists(server):
        raise Missing('moto_server')
    process = subprocess.Popen([server, '-H', '127.0.0.1', '-p', '54330'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = 'http://127.0.0.1:54330'

    def answers():
        try:
            return urllib.request.urlopen(url + '/moto-api/data.json', timeout=2).status == 200
        except OSError:
            return False
    with ended(process):
        wait_for(answers, 'moto')
        urllib.request.urlopen(urllib.request.Request(url + '/moto-api/reset', method='POST'))
        urllib.request.urlopen(urllib.request.Request(url + '/moto-api/seed?a=42', method='POST'))
        yield url


@contextlib.contextmanager
def aws(folder):
    """amazon.aws against moto's server on loopback."""
    with moto() as url:
        at = 'region: eu-west-1, endpoint_url: "%s", access_key: x, secret_key: y' % url
        web = 'amazon.aws.ec2_instance: {name: web, image_id: ami-12c6146b, instance_type: t3.micro, wait: false, %s, ' % at
        yield [
            'amazon.aws.s3_bucket: {name: shop, %s}' % at,
            'amazon.aws.s3_bucket: {name: shop, tags: {a: b}, %s}' % at,
            'amazon.aws.s3_object: {bucket: shop, object: /some, content: words, mode: put, %s}' % at,
            'amazon.aws.s3_object_info: {bucket_name: shop, %s}' % at,
            'amazon.aws.ec2_vpc_net: {name: net, cidr_block: 10.0.0.0/16, %s}' % at,
            web + 'state: present, tags: {role: web}}',
            web + 'state: present, tags: {role: web}}',
            web + 'state: stopped}',
            'amazon.aws.ec2_instance_info: {%s}' % at,
            'amazon.aws.ec2_key: {name: none, state: absent, %s}' % at,
            'amazon.aws.ec2_security_group: {name: web, description: x, rules: [{proto: tcp, ports: [80], cidr_ip: 0.0.0.0/0}], %s}' % at,
            'debug: {msg: "{{ query(\'amazon.aws.ssm_parameter\', \'/none\', on_missing=\'skip\', region=\'eu-west-1\', '
            'endpoint_url=\'%s\', access_key=\'x\', secret_key=\'y\') }}"}' % url,
            'community.aws.ssm_parameter: {name: /some, value: word, string_type: String, %s}' % at,
            'debug: {msg: "{{ lookup(\'amazon.aws.ssm_parameter\', \'/some\', region=\'eu-west-1\', '
            'endpoint_url=\'%s\', access_key=\'x\', secret_key=\'y\') }}"}' % url,
            web + 'state: absent}',
            'amazon.aws.s3_object: {bucket: shop, object: /some, mode: delobj, %s}' % at,
            'amazon.aws.s3_bucket: {name: shop, state: absent, %s}' % at,
        ]


INSTANCES = """import boto3, sys
ec2 = boto3.client('ec2', region_name='eu-west-1', endpoint_url=sys.argv[1], aws_access_key_id='x', aws_secret_access_key='y')
for name, role in (('one', 'web'), ('two', 'web'), ('three', 'db')):
    ec2.run_instances(ImageId='ami-12c6146b', MinCount=1, MaxCount=1, InstanceType='t3.micro', TagSpecifications=[
        dict(ResourceType='instance', Tags=[dict(Key='Name', Value=name), dict(Key='role', Value=role)])])
"""
SOURCE = """plugin: amazon.aws.aws_ec2
regions: [eu-west-1]
endpoint_url: %s
access_key: x
secret_key: y
%s"""
SOURCES = ['', 'hostnames: [tag:Name]\n', """hostnames: [tag:Name]
keyed_groups:
  - {prefix: role, key: tags.role}
  - {key: placement.availability_zone, parent_group: zones}
groups: {webs: "tags.role == 'web'"}
compose: {ansible_host: private_ip_address, twice: "tags.Name * 2"}
""", 'filters: {"tag:role": db}\nhostnames: [{name: tag:Name, prefix: tag:role}]\n', 'filters: {nonsense: x}\nstrict_permissions: true\n',
           'hostvars_prefix: aws_\nexclude_filters: [{"tag:role": [db]}]\n', 'no_such_option: 1\nregions: 7\n']


def aws_inventory(both):
    """The inventory plugin amazon.aws.aws_ec2 against moto: how many questions were asked, and how many answers differ."""
    count = wrong = 0
    with moto() as url, tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.path.join(VENV, 'bin/python'), '-c', INSTANCES, url], check=True)
        source = os.path.join(folder, 'hosts.aws_ec2.yml')
        env = dict(os.environ, PLAY_PYTHON=os.path.join(VENV, 'bin/python3'), ANSIBLE_INVENTORY_UNPARSED_FAILED='1', ANSIBLE_NOCOLOR='1')
        for number, more in enumerate(SOURCES):
            with open(source, 'w') as file:
                file.write(SOURCE % (url, more))
            for shape in ('--list', '--graph'):
                said = [subprocess.run(command + ['-i', source, shape], env=env, cwd=folder, capture_output=True, text=True) for command in (
                    [os.path.join(VENV, 'bin/ansible-inventory')], [both.play, 'inventory'])]
                one, other = [inventory_of(done, shape) for done in said]
                count += 1
                for path, left, right in different(one, other)[:5]:
                    print('aws_inventory, source %d %s: %s\n  reference %.400r\n  play      %.400r' % (number, shape, path, left, right))
                wrong += bool(different(one, other))
    return count, wrong


def inventory_of(done, shape):
    """What a command said of an inventory."""
    if done.returncode or shape != '--list':
        return {'failed': bool(done.returncode), 'said': done.stdout}
    return json.loads(done.stdout)


IMAGE = 'play-depth:base'


def image(folder):
    """An image of busybox and what it needs, made here, once for both."""
    need('busybox')
    if quiet('docker', 'image', 'inspect', IMAGE):
        return
    libraries = subprocess.run(['ldd', shutil.which('busybox')], capture_output=True, text=True).stdout
    files = ['/bin/busybox'] + [word for word in libraries.split() if word.startswith('/')]
    root = os.path.join(folder, 'root')
    for name in files:
        os.makedirs(os.path.dirname(root + name), exist_ok=True)
        shutil.copy(name, root + name)
    subprocess.run(['sh', '-c', 'tar -C "$1" -c . | docker import - "$2"', 'sh', root, IMAGE], check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def docker(folder):
    """community.docker with the Docker daemon that answers here."""
    need('docker')
    if not quiet('docker', 'version'):
        raise Missing('a Docker daemon')
    image(folder)
    cases.fill(folder, {'compose.yaml': 'services:\n  web:\n    image: %s\n    command: [/bin/busybox, sleep, "600"]\n' % IMAGE, 'file': 'words\n'})
    run = 'community.docker.docker_container: {name: play-depth, image: "%s", command: [/bin/busybox, sleep, "600"], hostname: depth, ' \
        'stop_timeout: 1, networks: [{name: play-depth}], volumes: ["play-depth:/data"], ' % IMAGE
    try:
        yield [
            'community.docker.docker_network: {name: play-depth, ipam_config: [{subnet: 172.31.77.0/24, gateway: 172.31.77.1}]}',
            'community.docker.docker_volume: {name: play-depth}',
            'community.docker.docker_image: {name: "%s", repository: "play-depth:second", source: local}' % IMAGE,
            'community.docker.docker_image_tag: {name: "%s", repository: ["play-depth:third"]}' % IMAGE,
            'community.docker.docker_image_info: {name: play-no-such-image}',
            'community.docker.docker_image_info: {name: "%s"}' % IMAGE,
            run + 'env: {A: b}}',
            run + 'env: {A: b}}',
            run + 'env: {A: c}, labels: {some: word}}',
            'community.docker.docker_container_exec: {container: play-depth, argv: [/bin/busybox, env]}',
            'community.docker.docker_container_exec: {container: play-depth, command: "/bin/busybox sh -c \'echo aside >&2; exit 3\'"}',
            'community.docker.docker_container_copy_into: {container: play-depth, path: "%s/file", container_path: /data/file}' % folder,
            'community.docker.docker_container_copy_into: {container: play-depth, content: "other", container_path: /data/other, mode: 420, '
            'owner_id: 0, group_id: 0}',
            'community.docker.docker_container_info: {name: play-depth}',
            'community.docker.docker_container_info: {name: play-no-such-container}',
            'community.docker.docker_network_info: {name: play-depth}',
            'community.docker.docker_volume_info: {name: play-depth}',
            'community.docker.docker_context_info: {}',
            'community.docker.docker_compose_v2: {project_src: "%s"}' % folder,
            'community.docker.docker_container: {name: play-depth, state: stopped, stop_timeout: 1}',
            'community.docker.docker_container: {name: play-depth, state: absent, stop_timeout: 1}',
            'community.docker.docker_container: {name: play-depth, image: "play-no-such-image:1", pull: never}',
            'community.docker.docker_image: {name: "play-depth:second", state: absent}',
            'community.docker.docker_image_remove: {name: "play-depth:third"}',
            'community.docker.docker_network: {name: play-depth, state: absent}',
            'community.docker.docker_volume: {name: play-depth, state: absent}',
        ]
    finally:
        quiet('docker', 'rm', '-f', 'play-depth')
        quiet('docker', 'network', 'rm', 'play-depth')
        quiet('docker', 'volume', 'rm', 'play-depth')
        quiet('docker', 'rmi', '-f', 'play-depth:second', 'play-depth:third')


PARTS = [general, utils, crypto, mariadb, postgresql, aws, docker]
def collection(task):
    """The collection whose module or plugin a task runs."""
    return (re.search(r'(?<![\w.])([a-z]\w+\.[a-z]\w+)\.[a-z]\w+', task) or [None, '-'])[1]


def compare(name, tasks, wanted, got, counts):
    """How many tasks differ; `counts` has per collection how many were compared, and how many of these were equal."""
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
            count = counts.setdefault(collection(task), [0, 0])
            count[0] += 1
            count[1] += not differ
    return wrong


def turns(both, who, part):
    """The results of a check, a first and a second run of a part of its own."""
    with tempfile.TemporaryDirectory() as folder, part(folder) as tasks:
        found = []
        for options in (['--check'], [], []):
            value, said, _seconds = both.run(who, cases.book(tasks, folder), folder=folder, options=options,
                                             environment={'ANSIBLE_PIPELINING': '1'})
            found.append(value if value is not None else said[-3000:])
        return tasks, [cases.str_without(value, folder) for value in found]


def main():
    global VENV
    VENV = sys.argv[2]
    both = Both(sys.argv[1], VENV)
    wrong, counts = 0, {}
    for part in PARTS + [aws_inventory]:
        if sys.argv[3:] and part.__name__ not in sys.argv[3:]:
            continue
        try:
            if part is aws_inventory:
                count, differ = aws_inventory(both)
                print('aws_inventory: %d answers, %d differ' % (count, differ), flush=True)
                wrong += differ
                continue
            tasks, wanted = turns(both, 'reference', part)
            tasks, got = turns(both, 'play', part)
        except Missing as missing:
            print('%s: left out, there is no %s' % (part.__name__, missing))
            continue
        differ = compare(part.__name__, tasks, wanted, got, counts)
        print('%s: %d tasks three times, %d differ' % (part.__name__, len(tasks), differ), flush=True)
        wrong += differ
    if shutil.which('docker'):
        quiet('docker', 'rmi', '-f', IMAGE)
    for name, (count, equal) in sorted(counts.items()):
        print('%-22s %3d results compared, %3d equal' % (name, count, equal))
    return wrong > 0


if __name__ == '__main__':
    sys.exit(main())
