#!/usr/bin/env python3
"""Records what the reference's `xml` does with the documents and tasks below, in src/modules/xml/cases.json.

usage: VENV/bin/python tests/reference/xml_cases.py     (a venv that has ansible 14 and lxml 6)

Of every task: what it returns (`result`; only that it failed, where it did), and the file after it.
"""

import io
import json
import multiprocessing
import pathlib
import sys
import tempfile
import contextlib

ROOT = pathlib.Path(__file__).resolve().parents[2]

BUSINESS = """<?xml version="1.0" encoding="utf-8"?>
<!-- who -->
<business type="bar">
  <name>Tasty &amp; Cold</name>
    <beers>
      <beer>Rochefort 10</beer>
      <beer>St. Bernardus</beer><!-- inside -->
      <beer kept='a "b"'>Schlitz</beer>
   </beers>
  <rating subjective="true">10</rating>
  <website>
    <mobilefriendly/>
    <address>http://a.b/?c=d&#38;e</address>
  </website>
  <note><![CDATA[a < b]]> more</note>
  <?pi some data ?>
</business>
"""
SPACES = """<foo xmlns="http://x.test" xmlns:attr="http://z.test">
  <bar>
    <baz xmlns="http://y.test" attr:mine="true" plain="1"/>
  </bar>
</foo>"""
PREFIXES = '<p:a xmlns:p="u"><p:b q="1">t</p:b><b>x</b><p:b/></p:a>'
FLAT = '<a><b/><b>x</b>tail<c d="1"/><c d="2"/></a>'
TYPED = '<!DOCTYPE log SYSTEM "log.dtd">\r\n<log level="x&#10;y"><a>é\r\n</a></log>\r\n'
EMPTY = "<a></a>"
MIXED = "<a>one<b>two</b>three <!--c--><d> <e/> </d></a>"

XYZ = {"x": "http://x.test", "y": "http://y.test", "z": "http://z.test"}
U = {"n": "u"}

TASKS = {
    BUSINESS: [
        {"xpath": "/business/rating", "value": "11"},
        {"xpath": "/business/rating", "value": "10"},
        {"xpath": "/business/rating", "value": "<&>\"'é"},
        {"xpath": "/business/rating", "value": ""},
        {"xpath": "/business/rating", "value": 11},
        {"xpath": "/business/phone", "value": "555"},
        {"xpath": "/business/phone", "value": "555", "create_if_missing": False},
        {"xpath": "/business/phone/number", "value": "555"},
        {"xpath": "/business/beers/beer", "value": "same"},
        {"xpath": "/business/note", "value": "new"},
        {"xpath": "/business/rating/@subjective", "state": "absent"},
        {"xpath": "/business/rating/@none", "state": "absent"},
        {"xpath": "/business/website/*", "state": "absent"},
        {"xpath": "/business/beers/beer[2]", "state": "absent"},
        {"xpath": "/business/beers/beer[. = 'Schlitz']", "state": "absent"},
        {"xpath": "//beer", "state": "absent"},
        {"xpath": "//comment()", "state": "absent"},
        {"xpath": "/business", "state": "absent"},
        {"xpath": "/nowhere", "state": "absent"},
        {"xpath": "/business/website", "set_children": []},
        {"xpath": "/business/beers", "set_children": [{"beer": "Rochefort 10"}, {"beer": "St. Bernardus"}]},
        {"xpath": "/business/website", "set_children": [{"mobilefriendly": None}, {"address": "http://a.b/?c=d&e"}]},
        {"xpath": "/business/beers", "add_children": [{"beer": "Old"}, {"beer": "New"}, "wine"]},
        {"xpath": "/business/beers/beer[text()='Rochefort 10']", "insertbefore": True, "add_children": [{"beer": "Old"}]},
        {"xpath": "/business/beers/beer[text()='Rochefort 10']", "insertafter": True, "add_children": [{"beer": "Old"}]},
        {"xpath": "/business/beers/beer", "insertbefore": True, "add_children": ["x", "y"]},
        {"xpath": "/business/beers/beer", "insertafter": True, "add_children": ["x", "y"]},
        {"xpath": "/business/beers/wine", "add_children": ["x"]},
        {"xpath": "/business", "add_children": [{"building": {"name": "Scumm bar", "at": "here", "+value": "unreal", "_": [{"floor": "Pirate hall"}, "grog"]}}, {"building": "Grog factory"}]},
        {"xpath": "/business", "add_children": [{"building": 5}]},
        {"xpath": "/business", "add_children": [{"a b": "c"}]},
        {"xpath": "/business", "add_children": [{"a": "b", "c": "d"}]},
        {"xpath": "/business", "input_type": "xml", "add_children": ["<x y='1'>z<![CDATA[w]]></x>", "<v/>"]},
        {"xpath": "/business", "input_type": "xml", "add_children": ["<x>"]},
        {"xpath": "/business/beers/beer", "count": True},
        {"xpath": "/beer", "count": True},
        {"xpath": "//beer", "count": True},
        {"xpath": "//nothing", "count": True},
        {"xpath": "/business/beers/beer", "print_match": True},
        {"xpath": "//*", "print_match": True},
        {"xpath": "//comment() | //processing-instruction()", "print_match": True},
        {"xpath": "/none", "print_match": True},
        {"xpath": "/business/beers/beer", "content": "text"},
        {"xpath": "/business/*", "content": "text"},
        {"xpath": "/business/*", "content": "attribute"},
        {"xpath": "/none", "content": "text"},
        {"xpath": "/business/website/validxhtml"},
        {"xpath": "/business/website/validxhtml/@on"},
        {"xpath": "/business/website/validxhtml/@on='now'"},
        {"xpath": "/business/website/validxhtml/text()='now'"},
        {"xpath": "/business/website[@a='b and c']/x"},
        {"xpath": "/business/website/page[@a='b' and @c='d' and e]/x[text()='t']"},
        {"xpath": "/business/rating", "attribute": "subjective", "value": "false"},
        {"xpath": "/business/rating", "attribute": "new", "value": "<\"&\n\t>"},
        {"xpath": "/business/made", "attribute": "new", "value": "x"},
        {"xpath": "/business/rating", "value": "12", "pretty_print": True},
        {"pretty_print": True},
        {"xpath": "/business/beers", "pretty_print": True, "add_children": ["x"]},
        {"xpath": "/business/note", "strip_cdata_tags": True, "value": "a < b more"},
        {"xpath": "/business/name", "strip_cdata_tags": True, "value": "new"},
        {"xpath": "/business/rating["},
        {"xpath": "/business/q:rating"},
        {"xpath": "rating", "value": "9"},
        {"xpath": "//beer[last()]", "value": "l"},
        {"xpath": "//beer[position() < 3]", "attribute": "n", "value": "l"},
        {"xpath": "//beer[contains(., 'o') and not(@kept)]", "attribute": "n", "value": "l"},
        {"xpath": "//beer[@kept]/preceding-sibling::beer", "print_match": True},
        {"xpath": "//address/ancestor::*", "print_match": True},
        {"xpath": "//*[starts-with(name(), 'be')]", "print_match": True},
        {"xpath": "//*[count(*) > 1]", "print_match": True},
        {"xpath": "//*[string-length(normalize-space(text())) = 2]", "print_match": True},
        {"xpath": "(//beer)[2]/..", "print_match": True},
        {"xpath": "//rating[number(.) >= 10]/following::*", "print_match": True},
        {"xpath": "//*[translate(local-name(), 'abc', 'ABC') = 'BeerS']", "print_match": True},
        {"xpath": "//beer[substring-after(., '. ') = 'Bernardus']", "print_match": True},
        {"xpath": "id('x') | /business/name", "print_match": True},
    ],
    SPACES: [
        {"xpath": "/x:foo/x:bar/y:baz", "namespaces": XYZ, "attribute": "z:mine", "value": "false"},
        {"xpath": "/x:foo/x:bar/y:baz", "namespaces": XYZ, "attribute": "y:new", "value": "false"},
        {"xpath": "/x:foo/x:bar/x:new", "namespaces": XYZ, "value": "v"},
        {"xpath": "/x:foo/x:bar/y:new", "namespaces": XYZ, "value": "v"},
        {"xpath": "/x:foo/x:bar/z:new", "namespaces": XYZ, "value": "v"},
        {"xpath": "/x:foo/x:bar/y:baz/@z:mine", "namespaces": XYZ, "state": "absent"},
        {"xpath": "/x:foo/x:bar/y:baz/@z:other", "namespaces": XYZ},
        {"xpath": "/x:foo/x:bar", "namespaces": XYZ, "set_children": [{"{http://y.test}baz": {"{http://z.test}mine": "true", "plain": "1"}}]},
        {"xpath": "/x:foo", "namespaces": XYZ, "add_children": ["new", "{http://x.test}own", "{http://w.test}far"]},
        {"xpath": "/x:foo", "namespaces": XYZ, "input_type": "xml", "add_children": ["<n xmlns='http://x.test' xmlns:r='r'><m/><r:m/></n>"]},
        {"xpath": "//*", "print_match": True},
        {"xpath": "//y:*", "namespaces": XYZ, "content": "attribute"},
        {"xpath": "//x:bar", "namespaces": XYZ, "content": "text"},
        {"xpath": "/foo/bar", "value": "v"},
        {"xpath": "//*[namespace-uri() = 'http://y.test']", "print_match": True},
        {"pretty_print": True},
    ],
    PREFIXES: [
        {"xpath": "/n:a/n:b", "namespaces": U, "value": "v"},
        {"xpath": "/n:a/n:c", "namespaces": U, "value": "v"},
        {"xpath": "/n:a/c", "namespaces": U, "value": "v"},
        {"xpath": "/n:a/n:c/@n:d='e'", "namespaces": U},
        {"xpath": "//*", "print_match": True},
        {"xpath": "/n:a", "namespaces": U, "add_children": [{"{u}x": {"{u}y": "1", "_": ["{u}z", "{v}z"]}}]},
        {"xpath": "/n:a", "namespaces": U, "attribute": "n:k", "value": "1"},
        {"xpath": "/n:a/n:b", "namespaces": U, "attribute": "o:k", "value": "1"},
    ],
    FLAT: [
        {"xpath": "/a/b", "state": "absent"},
        {"xpath": "/a/b[2]", "state": "absent"},
        {"xpath": "/a/c/@d", "state": "absent"},
        {"xpath": "/a/b", "value": ""},
        {"xpath": "/a/b", "value": "x"},
        {"xpath": "/a/c", "add_children": ["e"]},
        {"xpath": "/a/b[2]", "insertafter": True, "add_children": ["e"]},
        {"xpath": "/a/c[1]", "insertbefore": True, "add_children": ["e"]},
        {"xpath": "/a/c[2]", "insertafter": True, "add_children": ["e", "f"]},
        {"xpath": "/a", "insertafter": True, "add_children": ["e"]},
        {"xpath": "/a/c[@d='2']/e[@f='1']/g", "value": "deep"},
        {"xpath": "/a/c[@d='3']/e", "value": "deep"},
        {"xpath": "/a", "set_children": ["b", {"b": "x"}, {"c": {"d": "1"}}, {"c": {"d": "2"}}]},
        {"xpath": "/a", "set_children": [{"k": None}]},
        {"pretty_print": True},
        {"xpath": "/z/y", "value": "1"},
        {"xpath": "/a/b/text()", "state": "absent"},
        {"xpath": "/a/@x", "value": "1"},
        {"xpath": "/a/c/@d"},
    ],
    TYPED: [
        {"xpath": "/log", "attribute": "level", "value": "info"},
        {"xpath": "/log/b"},
        {"pretty_print": True},
        {"xpath": "/log/a", "content": "text"},
    ],
    EMPTY: [
        {"xpath": "/a", "value": ""},
        {"xpath": "/a", "value": "x"},
        {"xpath": "/a/b/c/d", "value": "x"},
        {"xpath": "/a/b/c/d", "value": "x", "pretty_print": True},
        {"pretty_print": True},
    ],
    MIXED: [
        {"xpath": "/a/d/e", "state": "absent"},
        {"xpath": "/a/b", "state": "absent"},
        {"xpath": "/a", "value": "z"},
        {"xpath": "//comment()", "state": "absent"},
        {"pretty_print": True},
        {"xpath": "/a/d", "add_children": ["f"], "pretty_print": True},
        {"xpath": "/a", "content": "text"},
    ],
}

WRONG = [
    "", "<a>", "<a></b>", "<a/><b/>", "<a/>x", "<a b=1/>", "<a b='1'c='2'/>", "<a b='1' b='2'/>", "<x:a/>", "<a>&foo;</a>",
    "<a>]]></a>", "<a><!-- -- --></a>", " <?xml version='1.0'?><a/>", "<a>&#1;</a>", "<a b='<'/>", "<1a/>", "<a b/>",
    "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "<a/><!DOCTYPE a>", "<?xml version='1.0'?><?xml version='1.0'?><a/>", "x<a/>",
    "<a>\x01</a>", "<a></a", "<![CDATA[x]]><a/>", "<a><?xml x?></a>", "<a>&#xD800;</a>", "<a b='&x'/>",
]


def answer(task, queue):
    """Runs the module in this process, which ends with it."""
    from ansible.module_utils.testing import patch_module_args
    from ansible_collections.community.general.plugins.modules import xml

    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit, Exception):
        with patch_module_args({**task, "_ansible_diff": True}):
            xml.main()
    try:
        queue.put(json.loads(out.getvalue()))
    except ValueError:
        queue.put({"failed": True})


def record(text, task):
    queue = multiprocessing.Queue()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "f"
        path.write_bytes(text.encode())
        process = multiprocessing.Process(target=answer, args=({**task, "path": str(path)}, queue))
        process.start()
        result = queue.get()
        process.join()
        after = path.read_bytes().decode()
    for key in ("invocation", "exception", "warnings", "deprecations"):
        result.pop(key, None)
    if result.get("failed"):
        result = {"failed": True}
    return {"task": task, "result": result, "after": None if after == text else after}


def main():
    documents = []
    for text, tasks in [*TASKS.items(), *((text, [{"xpath": "/a"}]) for text in WRONG)]:
        documents.append({"text": text, "cases": [record(text, task) for task in tasks]})
    place = ROOT / "src/modules/xml/cases.json"
    place.write_text(json.dumps(documents, ensure_ascii=False, indent=1) + "\n")
    print(sum(len(document["cases"]) for document in documents), "cases", file=sys.stderr)


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main()
