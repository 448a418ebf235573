#!/bin/sh
. "$1"
printf '{"changed": false, "name": "%s", "n": "%s"}\n' "$name" "$n"
