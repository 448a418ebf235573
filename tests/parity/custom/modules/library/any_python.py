#!/usr/bin/python
# WANT_JSON
import json
import sys

with open(sys.argv[1]) as arguments:
    given = json.load(arguments)
print(json.dumps({"changed": False, "given": given["a"]}))
