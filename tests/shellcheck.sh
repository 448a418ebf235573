#!/bin/sh
# Runs shellcheck on every script of the repository.
set -eu
cd "$(dirname -- "$0")/.."

# Scripts that run by themselves.
git ls-files -z -- '*.sh' .ci/run ':!src' | xargs -0 -r shellcheck

# Fragments under src/ are sent to hosts: POSIX sh without a first line, with variables that the request
# assigns (SC2154) and functions and variables that others use (SC2034, SC2317, SC2329).
git ls-files -z -- 'src/*.sh' | xargs -0 -r shellcheck -s sh -e SC2154,SC2034,SC2317,SC2329
