#!/bin/sh
# Makes the environment of the tests of Python: the package `ansible` with its collections, in
# ~/.cache/play-reference/ansible-NN (PLAY_REFERENCE_CACHE names another place). A second run ends at
# once. It prints the environment's folder.
set -eu
cache=${PLAY_REFERENCE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/play-reference}

main() {
	python=$(newest_python)
	case $("$python" -c 'import sys; print(sys.version_info >= (3, 12))') in
	True) version=14 core='ansible-core==2.21.*' ;;
	*) version=12 core='ansible-core==2.19.*' ;;
	esac
	home=$cache/ansible-$version
	if ! "$home/bin/ansible-playbook" --version >/dev/null 2>&1; then
		mkdir -p "$cache"
		rm -rf "$home"
		"$python" -m venv "$home" >&2
		"$home/bin/pip" install -q "$core" "ansible==$version.*" >&2
	fi
	# What the modules of the cases import.
	"$home/bin/python" -c 'import cryptography, requests, netaddr, jsonschema, pymysql, psycopg2, boto3, moto, docker, lxml' 2>/dev/null ||
		"$home/bin/pip" install -q cryptography requests netaddr jsonschema PyMySQL psycopg2-binary boto3 'moto[ec2,s3,server]' docker lxml >&2
	echo "$home"
}

# The newest Python of this machine, of pyenv's too.
newest_python() {
	for minor in 14 13 12 11 10; do
		for python in "$HOME/.pyenv/versions/3.$minor".*/bin/python3 "$(command -v python3.$minor || :)"; do
			if [ -x "$python" ] && "$python" -c 'import venv' 2>/dev/null; then
				echo "$python"
				return
			fi
		done
	done
	command -v python3
}

main
