# Everything a developer does by hand: `make` alone lists it. Two commands do all set-up on a fresh
# Debian machine with Rust: make demo, make test.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test check unit modules python end-to-end machines machines-reference slurm plans clients bench dist dist-check clean

# nextest where it is installed; it runs no documentation tests, so cargo does those.
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Build, and run a playbook on this computer twice: changed, then changed=0
	@tests/setup.sh build
	cargo build --locked
	@tests/demo.sh

test: ## All tests; installs what they need (Debian packages, PyPI), starts the machines
	@tests/setup.sh
	@$(MAKE) --no-print-directory check
	@vagrant/up.sh --reference machine1 machine2 modules
	@PLAY_MACHINES="$(CURDIR)/vagrant/.vagrant" $(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory modules
	@tests/end_to_end.sh
	@tests/zookeeper.sh

check: ## What needs no run: formatting, clippy, shellcheck, the dependencies' faults and licences
	cargo fmt --all --check
	cargo clippy --locked --all-targets -- -D warnings
	@# The fuzz targets are a package of their own; that they compile needs no libFuzzer.
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	CUSTOM_LIBFUZZER_PATH=/nonexistent/libfuzzer.a cargo check --locked --manifest-path fuzz/Cargo.toml --bins --target-dir target
	tests/shellcheck.sh
	tests/deny.sh
	python3 dist/sbom.py --check .

# tests/.cache/reference is Ansible; PLAY_MACHINES, a folder with ssh-config, known_hosts and hosts, is set
# where machines run. Property tests take the same way each time.
unit: export PROPTEST_RNG_SEED = 20261122
unit: ## cargo's tests; those that lack the machines or Ansible say so
ifeq ($(NEXTEST),yes)
	cargo nextest run --locked
	cargo test --locked --doc
else
	cargo test --locked
endif

# The reference's answers are recorded: tests/modules/run.py --record VENV asks it anew.
modules: ## Every module on a machine, and modules that are broken on purpose
	cargo build --locked
	@vagrant/down.sh modules # A new one: the groups of packages stay where those are purged.
	@vagrant/up.sh modules
	@tests/.cache/reference/bin/python tests/modules/run.py --trips
	@tests/.cache/reference/bin/python tests/modules/run.py --broken

# PyPI's package `ansible` is large; tests/python/setup.sh installs it once.
python: ## Modules and plugins in Python: compared with the reference, and how fast
	cargo build --locked
	@venv=$$(tests/python/setup.sh) && \
	 tests/python/able.py && \
	 tests/python/cases.py target/debug/play "$$venv" && \
	 tests/python/faults.py target/debug/play "$$venv" && \
	 tests/python/depth.py target/debug/play "$$venv" && \
	 tests/python/breadth.py target/debug/play "$$venv" && \
	 tests/python/speed.py target/debug/play "$$venv"

end-to-end: ## The playbooks on the machines
	cargo build --locked
	@tests/end_to_end.sh
	@tests/zookeeper.sh

machines: ## Start machine1 and machine2 (Vagrant; see vagrant/README.md)
	@vagrant/up.sh

machines-reference: ## Start reference1 and reference2, which have Python
	@vagrant/up.sh --reference

slurm: ## A real Slurm on this machine runs examples/slurm (HOSTS=10000 for many)
	cargo build --locked
	@tests/slurm/run.sh $(HOSTS)

plans: ## How well a plan says what will be: the parity playbooks planned and applied (root)
	@tests/setup.sh
	cargo build --locked
	@python3 tests/record/plans.py --play target/debug/play

bench: ## play and the reference in turn: twenty tasks (and plain ssh), big inventories
	@tests/setup.sh
	cargo build --locked --release
	@vagrant/up.sh --reference
	@benches/compare.sh
	@python3 benches/load.py target/release/play tests/.cache/reference/bin/ansible-inventory

dist: ## What is handed out: a static binary, .deb, wheels, image, SBOM (target/dist)
	@dist/build.sh

dist-check: ## Run that in bare Debian 11, 12 and 13 roots, with BusyBox alone, beside sox
	@dist/check.sh

clients: ## Ansible's own clients with play in its place: runner, molecule, Vagrant, lint
	@tests/setup.sh
	cargo build --locked
	@tests/clients/run.sh

clean: ## Remove the machines, the build and the tests' cache; the image stays for the next time
	vagrant/down.sh
	cargo clean
	rm -rf tests/.cache
