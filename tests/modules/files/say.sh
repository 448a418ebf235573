#!/bin/sh
printf "%s\n" "$@"
test $# -gt 1 || touch "$1"
