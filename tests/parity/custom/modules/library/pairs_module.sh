#!/bin/sh
# shellcheck disable=SC1090,SC2154  # the arguments are a file of assignments
. "$1"
printf '{"changed": false, "name": "%s", "n": "%s"}\n' "$name" "$n"
