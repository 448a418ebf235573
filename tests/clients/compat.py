"""ansible-compat on play: version, configuration, an installed requirement."""
import pathlib
import sys

from ansible_compat.config import AnsibleConfig, ansible_version
from ansible_compat.runtime import Runtime

project = pathlib.Path(sys.argv[1])
assert str(ansible_version()) == "2.21.5", ansible_version()
config = AnsibleConfig()
assert config.default_forks, config
runtime = Runtime(project_dir=project, isolated=True)
assert str(runtime.version) == "2.21.5", runtime.version
done = runtime.run(["ansible-playbook", "--version"])
assert done.returncode == 0 and "play version" in done.stdout, done
print("version, configuration, runtime")
