"""Opens a report in a real Chromium and looks: browser.py PAGE.html [SHOTS-FOLDER]

Fails where the page does not come to its end, where a script of a host's ran, where anything is
asked of the network, where the keyboard does not go from failure to failure, or where drawing is slow.
Speaks the browser's own protocol over its pipe; needs nothing but Python and chromium.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path


class Browser:
    """Chromium on a pipe (file descriptors 3 and 4), one page."""

    def __init__(self):
        self.profile = tempfile.mkdtemp()
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        def wire():
            # What is to be 3 and 4 may be in the way of each other: go around.
            a, b = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(a, 3)
            os.dup2(b, 4)
        binary = shutil.which("chromium") or sys.exit("browser: chromium is missing")
        self.process = subprocess.Popen(
            [binary, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--disable-background-networking", "--no-first-run", "--hide-scrollbars",
             f"--user-data-dir={self.profile}", "about:blank"],
            preexec_fn=wire, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.reader, self.writer = os.fdopen(ours_in, "rb"), os.fdopen(ours_out, "wb")
        self.number, self.events, self.session = 0, [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def receive(self):
        data = bytearray()
        while (byte := self.reader.read(1)) != b"\0":
            if not byte:
                sys.exit("browser: chromium is gone")
            data += byte
            # The rest of a long answer comes at once.
            data += self.reader.peek(1).split(b"\0")[0]
            self.reader.read(len(self.reader.peek(1).split(b"\0")[0]))
        return json.loads(data)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.writer.write(json.dumps(message).encode() + b"\0")
        self.writer.flush()
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"browser: {method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def value(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            sys.exit(f"browser: {expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def key(self, key):
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=key if len(key) == 1 else "")
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def shot(self, path, width, height, dark):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        time.sleep(0.3)
        Path(path).write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        shutil.rmtree(self.profile, ignore_errors=True)


def look(browser, page, shots):
    for room in ["Page", "Network", "Runtime", "Log"]:
        browser.call(f"{room}.enable")
    began = time.monotonic()
    browser.call("Page.navigate", url=page.resolve().as_uri())
    while browser.value("document.documentElement?.dataset.ready") != "yes":
        if time.monotonic() - began > 30:
            sys.exit("browser: the page does not come to its end")
        time.sleep(0.05)
    ready = time.monotonic() - began
    assert browser.value("window.hostile") is None, "a script of a host's ran"
    for text in ["document.querySelector('#failures .item') !== null || document.querySelector('#failures').hidden",
                 "document.querySelector('#recap tbody tr') !== null"]:
        assert browser.value(text), text
    # A frame, scrolled: drawing is bounded by what is seen.
    paint = browser.value("""new Promise(done => { const view = document.getElementById('view'); const times = [];
        let number = 0; const next = () => { const at = performance.now(); view.scrollTop = number * 97;
        requestAnimationFrame(() => requestAnimationFrame(() => { times.push(performance.now() - at);
        if (++number < 12) next(); else { view.scrollTop = 0; done(times.sort((a, b) => a - b)[6]); } })); }; next(); })""")
    browser.value("document.getElementById('canvas').focus()")
    browser.key("n")
    said = browser.value("document.getElementById('said').textContent")
    failures = browser.value("!document.getElementById('failures').hidden")
    assert bool(said) == failures, f"n says {said!r}"
    browser.key("ArrowDown")
    browser.key("ArrowRight")
    assert browser.value("document.getElementById('said').textContent"), "arrows say nothing"
    browser.key("Enter")
    assert browser.value("document.activeElement.id") == "detail"
    browser.key("/")
    assert browser.value("document.activeElement.id") == "search"
    browser.value("""(() => { const it = document.getElementById('search'); it.value = 'no such thing';
        it.dispatchEvent(new Event('input')); })()""")
    time.sleep(0.3)
    assert browser.value("document.getElementById('shown').textContent").startswith("0 of")
    browser.value("""(() => { const it = document.getElementById('search'); it.value = '';
        it.dispatchEvent(new Event('input')); })()""")
    browser.key("Escape")
    assert browser.value("document.activeElement.id") == "canvas"
    time.sleep(0.3)
    asked = {event["params"]["request"]["url"] for event in browser.events
             if event.get("method") == "Network.requestWillBeSent"}
    asked.discard(page.resolve().as_uri())
    assert not asked, f"the page asks for {asked}"
    wrong = [event["params"] for event in browser.events
             if event.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded")]
    assert not wrong, wrong
    browser.key("Escape")
    browser.value("window.scrollTo(0, 0)")
    if shots:
        for name, width, height, dark in [("light", 1400, 2200, False), ("dark", 1400, 1000, True),
                                          ("narrow", 420, 900, False)]:
            browser.shot(f"{shots}/{page.stem}-{name}.png", width, height, dark)
    print(f"{page.name}: {page.stat().st_size} bytes, ready after {ready:.2f} s, a frame takes {paint:.0f} ms")


def main():
    page, shots = Path(sys.argv[1]), (sys.argv[2:] or [None])[0]
    browser = Browser()
    try:
        look(browser, page, shots)
    finally:
        browser.close()


main()
