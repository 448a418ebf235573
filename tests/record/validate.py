"""Other people's parsers read what play writes: validate.py SCHEMA EVENTS JUNIT METRICS

Fails where a line of EVENTS is not as SCHEMA says or has a field that SCHEMA does not name, where
junitparser does not read JUNIT, or prometheus_client METRICS. Prints what was read.
"""

import json
import sys

import jsonschema
import junitparser
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as plain_families


def closed(node):
    """The same schema, with no field allowed that is not named."""
    if isinstance(node, dict):
        node = {key: closed(value) for key, value in node.items()}
        if "properties" in node:
            node.setdefault("additionalProperties", False)
    elif isinstance(node, list):
        node = [closed(value) for value in node]
    return node


def events(schema_path, path):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    by_event = {}
    for line in closed(schema["oneOf"]):
        one = {"$schema": schema["$schema"], "$defs": closed(schema["$defs"]), **line}
        by_event[line["properties"]["event"]["const"]] = jsonschema.Draft202012Validator(one)
    whole = jsonschema.Draft202012Validator(schema)
    seen = {}
    with open(path, encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            line = json.loads(text, parse_constant=lambda name: sys.exit(f"line {number} holds {name}"))
            assert line["number"] == number, f"line {number} says it is {line['number']}"
            by_event[line["event"]].validate(line)
            if number % 25 == 1:
                whole.validate(line)
            seen[line["event"]] = seen.get(line["event"], 0) + 1
    return seen


def main():
    schema, lines, junit, metrics = sys.argv[1:]
    print("events:", json.dumps(events(schema, lines), sort_keys=True))
    suites = junitparser.JUnitXml.fromfile(junit)
    cases = [case for suite in suites for case in suite]
    failed = [case for case in cases if any(isinstance(it, junitparser.Failure) for it in case.result)]
    assert sum(suite.tests for suite in suites) == len(cases)
    print(f"junit: {len(cases)} cases, {len(failed)} failed")
    with open(metrics, encoding="utf-8") as file:
        text = file.read()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert families["play_tasks"].type == "counter", families["play_tasks"].type
    # The textfile collector reads the older format.
    assert list(plain_families(text))
    total = sum(sample.value for sample in families["play_tasks"].samples)
    print(f"metrics: {len(families)} families, {int(total)} tasks")


main()
