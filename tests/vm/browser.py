# SPDX-License-Identifier: BSD-2-Clause
"""A browser without a screen, by WebDriver: Debian's chromium-driver."""

import base64
import json
import subprocess
import urllib.request

KEYS = {"ArrowLeft": "\ue012", "ArrowRight": "\ue014", "ArrowDown": "\ue015",
        "ArrowUp": "\ue013", "Home": "\ue011", "End": "\ue010",
        "Tab": "\ue004", "Escape": "\ue00c"}


class Browser:
    """Use as a context; opens one page after the other."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        self.start_driver()
        try:
            self.session = self.ask("", {"capabilities": {"alwaysMatch": {
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                "goog:chromeOptions": {"args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu",
                    "--disable-dev-shm-usage", "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update", "--disable-sync",
                    f"--user-data-dir={self.folder}"]}}}})["sessionId"]
            self.call("url", {"url": "about:blank"})
            self.complaints()  # of its own first page
        except BaseException:
            self.driver.kill()
            self.driver.wait()
            raise
        return self

    def start_driver(self):
        """The port that it takes of IPv4 may be in use for IPv6; it ends
        then."""
        said = ""
        for _ in range(5):
            self.driver = subprocess.Popen(
                ["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True)
            for line in self.driver.stdout:
                said += line
                if "successfully on port " in line:
                    self.port = int(line.split("on port ")[-1].split(".")[0])
                    return
            self.driver.wait()
        raise RuntimeError(f"chromedriver does not start: {said}")

    def __exit__(self, *_):
        try:
            self.ask(f"/{self.session}", method="DELETE")
        finally:
            self.driver.terminate()
            self.driver.wait()

    def ask(self, path, body=None, method=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/session{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def call(self, path, body=None):
        return self.ask(f"/{self.session}/{path}",
                        {} if body is None else body)

    def devtools(self, command, **params):
        return self.call("goog/cdp/execute",
                         {"cmd": command, "params": params})

    def open(self, path):
        self.call("url", {"url": path.resolve().as_uri()})

    def run(self, script):
        """What the body of a function returns."""
        return self.call("execute/sync", {"script": script, "args": []})

    def press(self, *keys):
        actions = [{"type": kind, "value": KEYS[key]} for key in keys
                   for kind in ("keyDown", "keyUp")]
        self.call("actions", {"actions": [
            {"type": "key", "id": "keys", "actions": actions}]})

    def point(self, selector, click=False):
        """Move the mouse to an element that is seen."""
        self.run(f"document.querySelector({json.dumps(selector)})"
                 ".scrollIntoView({block: 'center'})")
        element = self.call("element", {"using": "css selector",
                                        "value": selector})
        actions = [{"type": "pointerMove", "origin": element, "x": 0, "y": 0}]
        if click:
            actions += [{"type": "pointerDown", "button": 0},
                        {"type": "pointerUp", "button": 0}]
        self.call("actions", {"actions": [
            {"type": "pointer", "id": "mouse", "actions": actions}]})

    def look(self, width, height, dark):
        """How large the page is seen, and in which colours."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width,
                      height=height, deviceScaleFactor=1, mobile=width < 600)
        self.devtools("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme",
             "value": "dark" if dark else "light"}])

    def screenshot(self, path, whole=True):
        data = self.devtools("Page.captureScreenshot",
                             captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def complaints(self):
        """Lines of its console, and addresses that were asked for."""
        console = [entry["message"]
                   for entry in self.call("se/log", {"type": "browser"})]
        asked = []
        for entry in self.call("se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.append(message["params"]["request"]["url"])
        return console, asked
