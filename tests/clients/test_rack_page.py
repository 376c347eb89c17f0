# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rack's page in headless Chromium: before a rack of this test's own making, whose answers change, grow old, stop,
and carry names that a page must not take for its own words; and before spicerack-rack --simulate. With a folder's name
as argument, leaves pictures there."""
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

from consoles import Folder, Tap, program, skip_all, wait

SYSTEM_PYTHON = "/usr/bin/python3"  # the one that Debian's python3-selenium is for
try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.select import Select
except ImportError:
    if sys.executable != SYSTEM_PYTHON and os.path.exists(SYSTEM_PYTHON) and \
            not subprocess.run([SYSTEM_PYTHON, "-c", "import selenium"], check=False, capture_output=True).returncode:
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, "-B", *sys.argv])
    skip_all("no python3-selenium")

WEB = os.path.join(os.environ.get("top_srcdir", "."), "web")
PATIENCE = 30  # seconds for what is to come on the page
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
HOSTILE = "<img src=x onerror=\"document.title='taken'\">"
tap = Tap()


# --- A rack of our own making ---

def node(name, number):
    cap = 320 if number % 3 else 250
    return {"name": name, "state": "up", "why": None, "age_ms": 86400000, "power": "on", "watts": 180 + number * 7 % 90,
            "watts_age_ms": 700 + number * 13, "temperature": {"sensor": "CPU0 Temp", "value": 52.5 + number % 9},
            "sensors": 31, "generation": number + 1, "bmc": {}, "traffic": {}, "cap": cap, "accounted": cap,
            "waiting": False}


class Rack:
    """What the answers say; changed under the page."""

    def __init__(self):
        self.nodes = [node(f"n{i:02}", i) for i in range(1, 19)]
        self.accounts = {each["name"]: "limit" for each in self.nodes}
        self.budget = {"watts": 7000, "mode": "guaranteed", "unmanaged": 600, "accounted": 0, "nodes_accounted": 0,
                       "measured": 0, "floors": 2700, "short": False, "over_seconds": 0.0, "worst_over": 0,
                       "commands": 40, "failures": 0, "waiting": 0}
        self.zones = [{"name": name, "duty": 46.0, "reason": "demand", "about": "outlet", "failsafe": False,
                       "manual": None, "fans": [{"name": f"{name}-fan{i}", "duty": 46.0, "rpm": 7410 + 30 * i,
                                                 "failed": False, "fault": None} for i in range(1, 4)]}
                      for name in ("front", "rear")]
        self.board = {"SELF/inlet": self.reading(24.25), "SELF/outlet": self.reading(38.5),
                      "SELF/fan1": {**self.reading(7410), "unit": "RPM"}}
        self.token = None    # that is to be shown
        self.deaf = False    # answers 500
        self.asked = []      # (time, path) of what the API was asked
        self.seen_last = []  # Last-Event-ID of those that listen
        self.events = []     # texts
        self.hang_up = 0     # a larger number ends streams
        self.news = threading.Condition()

    @staticmethod
    def reading(value):
        return {"value": value, "unit": "degrees C", "state": "ok", "age_ms": 400, "crossed": []}

    def find(self, name):
        return next(each for each in self.nodes if each["name"] == name)

    def publish(self, kind, **data):
        with self.news:
            number = len(self.events) + 1
            text = json.dumps({"time": f"2026-11-21T10:00:{number:02}Z", **data})
            self.events.append(f"id: abc-{number}\nevent: {kind}\ndata: {text}\n\n")
            self.news.notify_all()

    def answer(self, path):
        if path == "/api/v1/rack":
            self.budget["nodes_accounted"] = sum(each["accounted"] or 0 for each in self.nodes)
            self.budget["measured"] = sum(each["watts"] for each in self.nodes if isinstance(each["watts"], int))
            self.budget["accounted"] = self.budget["nodes_accounted"] + self.budget["unmanaged"]
            nodes = [{**each, "account": self.accounts.get(each["name"])} for each in self.nodes]
            return {"name": "row 4, rack 2", "version": "0.1.0", "budget": self.budget, "nodes": nodes,
                    "zones": self.zones}
        if path == "/api/v1/storage/SELF/*":
            return {"data": self.board, "status": "ok", "message": "200 OK"}
        return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    rack = None

    def log_message(self, format, *arguments):
        pass

    def reply(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        if status == 401:  # upon which a browser asks for a password itself, unless the page does not want that
            self.send_header("WWW-Authenticate", 'Basic realm="spicerack", charset="UTF-8"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self):
        rack, last, hung = self.rack, self.headers.get("Last-Event-ID"), self.rack.hang_up
        rack.seen_last.append(last)
        at = int(last.rsplit("-", 1)[1]) if last else 0
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"retry: 2000\n\n: a comment\n\n")
        while rack.hang_up == hung:
            with rack.news:
                rack.news.wait_for(lambda: len(rack.events) > at or rack.hang_up != hung, 1)
                text = "".join(rack.events[at:])
                at = len(rack.events)
            for half in (text[:len(text) // 2], text[len(text) // 2:]):  # a client has to put them together
                self.wfile.write(half.encode())
                self.wfile.flush()

    def do_GET(self):
        rack, path = self.rack, self.path.split("?")[0]
        file = os.path.join(WEB, "rack.html" if path == "/" else path.lstrip("/"))
        if path.startswith("/api/"):
            rack.asked.append((time.monotonic(), path))
            if rack.token and self.headers.get("Authorization") != f"Bearer {rack.token}":
                self.reply(401, "application/json", b'{"error": {"code": 401, "message": "no such token"}}')
            elif rack.deaf:
                self.reply(500, "application/json", b'{"error": {"code": 500, "message": "the disk is on fire"}}')
            elif path == "/api/v1/events":
                try:
                    self.stream()
                except OSError:
                    pass
            else:
                self.reply(200, "application/json", json.dumps(rack.answer(path)).encode())
        elif os.path.isfile(file):
            with open(file, "rb") as page:
                self.reply(200, TYPES[os.path.splitext(file)[1]], page.read())
        else:
            self.reply(404, "text/plain", b"")


def serve(rack):
    """The address of a web server with the pages and the API."""
    handler = type("RackHandler", (Handler,), {"rack": rack})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


# --- A browser ---

class Browser:
    def __init__(self, folder):
        options = Options()
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--window-size=1280,1200", "--hide-scrollbars", f"--user-data-dir={folder.file('profile')}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        options.binary_location = shutil.which("chromium")
        os.environ["HOME"] = folder.path
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.driver.set_page_load_timeout(120)
        self.driver.set_script_timeout(60)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector):
        """What a person can read there; None: there is no such element, or nobody sees it."""
        return self.run("const at = document.querySelector(arguments[0]);"
                        "return at?.getClientRects().length ? at.innerText : null", selector)

    def row(self, name):
        """A node's cells by their labels."""
        return self.run("""
            const row = [...document.querySelectorAll('#nodes tbody tr')]
                .find((each) => each.children[0].textContent === arguments[0]);
            return row ? Object.fromEntries([...row.children].map((cell) => [cell.dataset.label,
                [cell.textContent, cell.className]])) : null""", name)

    def names(self):
        return self.run("return [...document.querySelectorAll('#nodes tbody tr')].map((row) => "
                        "row.children[0].textContent)")

    def shows(self, condition):
        """The same as tests wait for things, with a browser's patience."""
        return wait(condition, PATIENCE, 0.1)

    def scheme(self, scheme):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def narrow(self, width):
        if width:
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
                "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})
        else:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def picture(self, name):
        if len(sys.argv) > 1:
            height = self.run("return document.documentElement.scrollHeight")
            width = self.run("return window.innerWidth")
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
                "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
            self.driver.save_screenshot(os.path.join(sys.argv[1], f"{name}.png"))
            self.narrow(None)

    def complaints(self):
        """Of its console, without those about answers that this test refused on purpose."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if "Failed to load resource" not in entry["message"] and "ERR_" not in entry["message"]]


# --- What must hold ---

def judge_first_sight(browser, rack):
    tap.ok(browser.shows(lambda: len(browser.names() or []) == 18), "all nodes are there", browser.text("body"))
    row = browser.row("n03")
    tap.ok(row and row["State"][0] == "● up" and row["Power"][0] == "● on" and row["Cap"][0] == "250 W" and
           row["Watts"][0].startswith("2") and row["Hottest"][0] == "55.5 °C", "a node's row says how it is", row)
    tap.ok(browser.shows(lambda: "its cap" in browser.row("n03")["Counted as"][0]), "and why its cap is what it is",
           browser.row("n03"))
    tap.ok("7\u202f000 W" in browser.text("#power") and "guaranteed" in browser.text("#power"), "the budget is told",
           browser.text("#power"))
    full = rack.budget["watts"] * 1.05
    wanted = [600 / full, rack.budget["measured"] / full,
              (rack.budget["nodes_accounted"] - rack.budget["measured"]) / full]

    def parts():
        return browser.run("return [...document.querySelectorAll('#bar .part')].map((part) => "
                           "part.getBoundingClientRect().width / document.querySelector('#bar').clientWidth)")
    tap.ok(browser.shows(lambda: all(abs(a - b) < 0.02 for a, b in zip(parts(), wanted))), "the bar is to scale",
           parts(), wanted)
    tap.ok("front" in browser.text("#zones") and "7\u202f440 rpm" in browser.text("#zones"), "zones and fans are there",
           browser.text("#zones"))
    tap.ok(browser.shows(lambda: "24.3 °C" in browser.text("#air")) and "RPM" not in browser.text("#air"),
           "so are the air's temperatures", browser.text("#air"))


def judge_changes(browser, rack):
    rack.publish("node.lost", node="n05", why="no answer for 6 s")
    rack.publish("fan.failed", fan="rear-fan2")
    rack.find("n05").update(state="lost", why="no answer for 6 s", watts_age_ms=14000, temperature=None)
    rack.find("n07").update(power="off", watts=0, cap=None, accounted=0)
    rack.find("n09").update(watts=390)
    rack.accounts.update(n05="lost", n07="off", n09="disobedient")
    rack.zones[1].update(failsafe=True, reason="fan", about="rear-fan2", duty=100.0)
    rack.zones[1]["fans"][1].update(rpm=0, failed=True)
    rack.board["SELF/outlet"] = {**rack.reading(38.5), "state": "stale", "age_ms": 65000}
    tap.ok(browser.shows(lambda: browser.row("n05")["State"][0] == "▲ lost: no answer for 6 s"),
           "a lost node is told by shape, word and reason", browser.row("n05"))
    row = browser.row("n05")
    tap.ok("stale" in row["Watts"][1] and row["Age"][0].startswith("old, ") and row["Hottest"][0] == "–",
           "its last watts look old", row)
    tap.ok(browser.shows(lambda: "draws more than its cap" in browser.row("n09")["Counted as"][0]),
           "so is one that draws more than its cap", browser.row("n09"))
    tap.ok(browser.shows(lambda: browser.row("n07")["Power"][0] == "○ off"), "and one that is off", browser.row("n07"))
    tap.ok(browser.shows(lambda: "✕ rear-fan2" in browser.text("#zones") and "a fan stands still" in
                         browser.text("#zones")), "a fan that stands still is told", browser.text("#zones"))
    tap.ok(browser.shows(lambda: "stale for" in browser.text("#air")), "an old temperature is told",
           browser.text("#air"))
    tap.ok(browser.shows(lambda: "fan.failed" in browser.text("#events") and "n05" in browser.text("#events")),
           "events are there", browser.text("#events"))
    rack.publish("node.log", node="n05", record={"id": 7, "sensor": "FAN1", "text": "too slow", "raw": "07"})
    rack.publish("node.power", node="n07", on=False)
    rack.publish("power.over", watts=7312.0, budget=7000)
    tap.ok(browser.shows(lambda: "budget 7\u202f000 W" in browser.text("#events")) and
           re.search(r"n05: FAN1: too slow$", browser.text("#events"), re.M) and
           re.search(r"n07: off$", browser.text("#events"), re.M), "in words", browser.text("#events"))
    tap.ok(browser.shows(lambda: "2 with trouble, ▲ fans of rear run" in browser.text("#summary")), "troubles are counted",
           browser.text("#summary"))
    for scheme in ("light", "dark"):
        browser.scheme(scheme)
        browser.picture(scheme)
    browser.scheme("light")


def judge_budget(browser, rack):
    rack.budget.update(watts=4000, short=True, over_seconds=12.4, worst_over=310)
    tap.ok(browser.shows(lambda: "more than its budget" in (browser.text("#power-trouble") or "")),
           "a rack above its budget is told", browser.text("#power"))
    tap.ok(browser.shows(lambda: "12 s, at worst by 310 W" in browser.text("#power")), "with how long and how much",
           browser.text("#power"))
    browser.picture("over")
    rack.budget.update(watts=3000, floors=2700)
    tap.ok(browser.shows(lambda: "needs 300 W more" in browser.text("#power-trouble")), "so is one with too small a budget",
           browser.text("#power-trouble"))
    rack.budget.update(watts=0, mode="off")
    tap.ok(browser.shows(lambda: browser.text("#power-trouble") is None and "none" in browser.text("#power")),
           "without a budget nothing is above it", browser.text("#power-trouble"))
    rack.budget.update(watts=7000, short=False, mode="guaranteed")
    rack.find("n03")["operator"] = 250
    tap.ok(browser.shows(lambda: "by hand: 250 W at most" in browser.row("n03")["Counted as"][0]),
           "a cap that was set by hand is told", browser.row("n03"))


def judge_hostile(browser, rack):
    rack.nodes.append({**node(HOSTILE, 3), "state": HOSTILE, "why": HOSTILE, "power": HOSTILE, "watts": HOSTILE,
                       "temperature": {"sensor": HOSTILE, "value": HOSTILE}})
    rack.accounts[HOSTILE] = HOSTILE
    rack.zones[0]["fans"].append({"name": HOSTILE, "duty": None, "rpm": None, "failed": False, "fault": HOSTILE})
    rack.board[f"SELF/{HOSTILE}"] = rack.reading(20)
    rack.publish("node.log", node=HOSTILE, record={"text": HOSTILE})
    tap.ok(browser.shows(lambda: HOSTILE in (browser.names() or [])), "a name of markup is shown as it is",
           browser.names())
    tap.ok(browser.shows(lambda: "onerror" in browser.text("#events")), "so it is in events", browser.text("#events"))
    tap.ok(browser.shows(lambda: "onerror" in browser.text("#air")) and "onerror" in browser.text("#zones"),
           "and among fans and temperatures", browser.text("#zones"))
    tap.ok(browser.run("return document.images.length") == 0 and browser.driver.title == "row 4, rack 2",
           "and is no markup", browser.driver.title)
    rack.nodes.pop()
    del rack.board[f"SELF/{HOSTILE}"]
    rack.zones[0]["fans"].pop()
    tap.ok(browser.shows(lambda: HOSTILE not in browser.names()), "what is gone leaves the page", browser.names())


def judge_keyboard(browser):
    """Sorts and filters without a pointer."""
    body = browser.driver.find_element(By.TAG_NAME, "body")
    for _ in range(20):
        body.send_keys(Keys.TAB)
        if browser.run("return document.activeElement.parentElement.dataset.key") == "watts":
            break
        body = browser.driver.switch_to.active_element
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    tap.ok(browser.names()[0] == "n09" and
           browser.run("return document.querySelector('th[data-key=watts]').ariaSort") == "descending",
           "keys alone sort the table", browser.names())
    wait(lambda: False, 3)  # the page goes on asking
    tap.ok(browser.run("return document.activeElement.parentElement.dataset.key") == "watts",
           "and the focus stays while it changes")
    Select(browser.driver.find_element(By.ID, "filter")).select_by_value("trouble")
    tap.ok(sorted(browser.names()) == ["n05", "n09"], "a filter leaves those with trouble", browser.names())
    Select(browser.driver.find_element(By.ID, "filter")).select_by_value("all")


def judge_narrow(browser):
    browser.narrow(360)
    tap.ok(browser.run("return document.documentElement.scrollWidth") <= 360, "a narrow screen needs no scrolling aside",
           browser.run("return document.documentElement.scrollWidth"))
    tap.ok("n05" in browser.text("#nodes") and "no answer" in browser.text("#nodes"), "and shows the same")
    browser.picture("narrow")
    browser.narrow(None)


def judge_traffic(rack):
    rack.asked.clear()
    begin = time.monotonic()
    wait(lambda: False, 6)
    count = len(rack.asked)
    seconds = time.monotonic() - begin
    tap.ok(2 <= count <= seconds / 2 + 1, "it asks once in two seconds, and no more",
           f"{count} requests in {seconds:.1f} s: {rack.asked}")


def judge_silence(browser, rack):
    rack.deaf = True
    with rack.news:
        rack.hang_up += 1
        rack.news.notify_all()
    tap.ok(browser.shows(lambda: "this is old (the disk is on fire)" in browser.text("#link")) and
           browser.run("return document.querySelector('main').classList.contains('old')"),
           "what is not answered any more looks old", browser.text("#link"))
    browser.picture("old")
    rack.deaf = False
    tap.ok(browser.shows(lambda: browser.text("#link") == "● Live"), "until the rack answers again",
           browser.text("#link"))
    rack.publish("node.up", node="n05")
    tap.ok(browser.shows(lambda: "node.up" in browser.text("#events")), "and events go on", browser.text("#events"))
    tap.ok(rack.seen_last[-1] and rack.seen_last[-1].startswith("abc-"), "after the last one that it has seen",
           rack.seen_last)
    tap.ok(browser.run("return document.querySelectorAll('#events li').length") == len(rack.events),
           "none is missing, none is there twice", browser.text("#events"))


def judge_token(browser, rack, address):
    rack.token = "right"
    browser.driver.get(address)
    tap.ok(browser.shows(lambda: browser.text("#login h2")), "who has no token is asked for one", browser.text("body"))
    browser.picture("login")
    for word, good in (("wrong", False), ("right", True)):
        browser.driver.find_element(By.ID, "token").send_keys(word + Keys.ENTER)
        if good:
            tap.ok(browser.shows(lambda: len(browser.names()) == 18), "the right one is", browser.text("body"))
        else:
            tap.ok(browser.shows(lambda: "not good" in (browser.text("#login-why") or "")), "a wrong one is not good",
                   browser.text("body"))
    tap.ok(browser.shows(lambda: browser.text("#link") == "● Live"), "events come with it too", browser.text("#link"))
    browser.driver.refresh()
    tap.ok(browser.shows(lambda: len(browser.names()) == 18), "it is kept for the tab", browser.text("body"))
    browser.driver.find_element(By.ID, "forget").click()
    hidden = "return document.querySelector('main').hidden && sessionStorage.length === 0"
    tap.ok(browser.shows(lambda: browser.text("#login h2") and browser.run(hidden)), "and forgotten when asked to",
           browser.text("body"))


def judge_simulated(browser, folder):
    """The page as the daemon serves it, of the rack that it simulates."""
    daemon = program("spicerack-rack")
    if not os.path.exists(daemon):
        tap.skip("the simulated rack is shown", "spicerack-rack was not built")
        return
    config = folder.file("rack.conf", f"[api]\nsocket = {folder.file('rack.sock')}\nlisten = 127.0.0.1:0\n"
                                      f"access-file = {folder.file('access', 'operate token operate-0123456789')}\n")
    with open(folder.file("rack.log"), "wb") as log:
        process = subprocess.Popen([daemon, "--simulate", "--config", config], stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log)
    try:
        def said():
            with open(folder.file("rack.log"), encoding="utf-8", errors="replace") as log:
                return log.read()

        def address():
            return re.search(r"http://127\.0\.0\.1:\d+", said())

        if not tap.ok(wait(address, PATIENCE), "the daemon serves its page", said()):
            return
        browser.driver.get(f"{address().group()}/")
        tap.ok(browser.shows(lambda: browser.text("#login h2")), "which asks who is there", browser.text("body"), said())
        browser.driver.find_element(By.ID, "token").send_keys("operate-0123456789" + Keys.ENTER)
        tap.ok(browser.shows(lambda: "● up" in (browser.text("#nodes") or "")), "nodes of the simulated rack come up",
               browser.text("body"), said())
        tap.ok(browser.shows(lambda: re.search(r"\d W", browser.row(browser.names()[0])["Watts"][0])),
               "they tell their watts", browser.text("#nodes"))
        tap.ok(browser.shows(lambda: "rpm" in browser.text("#zones") and "°C" in browser.text("#air")),
               "its fans and its air are there", browser.text("#air"), browser.text("#zones"))
        tap.ok(browser.shows(lambda: browser.text("#link") == "● Live"), "and its events", browser.text("#link"))
        browser.picture("simulated")
    finally:
        process.terminate()
        process.wait(60)


for tool in ("chromium", "chromedriver"):
    if not shutil.which(tool):
        skip_all(f"no {tool}")
place = Folder()
try:
    ours = Rack()
    where = serve(ours)
    chrome = Browser(place)
    try:
        chrome.driver.get(where)
        judge_first_sight(chrome, ours)
        judge_changes(chrome, ours)
        judge_budget(chrome, ours)
        judge_hostile(chrome, ours)
        judge_keyboard(chrome)
        judge_narrow(chrome)
        judge_traffic(ours)
        judge_silence(chrome, ours)
        judge_token(chrome, ours, where)
        judge_simulated(chrome, place)
        said = chrome.complaints()
        tap.ok(not said, "the browser has nothing to complain about", *said)
    finally:
        chrome.driver.quit()
finally:
    place.remove()
tap.done()
