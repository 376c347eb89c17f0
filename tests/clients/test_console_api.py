# SPDX-License-Identifier: LGPL-2.1-or-later
"""A console's API as others use it: every route that its OpenAPI document has, asked rightly and wrongly; events,
metrics, quality and viewers as they are told."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

from consoles import Console, Folder, Tap, Viewer, need_clients, program, wait

try:
    import jsonschema
except ImportError:
    jsonschema = None

PATIENCE = 60
BODY_MOST = 64 * 1024
tap = Tap()


def talk(console, data, timeout=PATIENCE):
    """Status, headers and body of what is answered to these bytes."""
    with socket.socket(socket.AF_UNIX) as api:
        api.settimeout(timeout)
        api.connect(console.folder.file("api.sock"))
        try:
            api.sendall(data)
            api.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has answered and hung up before all of it was there
        answer = b""
        try:
            while chunk := api.recv(65536):
                answer += chunk
        except OSError:
            pass
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode(errors="replace").split("\r\n")
    status = int(lines[0].split()[1]) if len(lines[0].split()) > 1 else 0
    return status, {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}, body


def ask(console, method, path, body=None):
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return talk(console, f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                         f"Content-Length: {len(data)}\r\n\r\n".encode() + data)


# --- The document ---

def plain(schema):
    """As JSON Schema has it: OpenAPI 3.0 writes null in a way of its own."""
    if not isinstance(schema, dict):
        return schema
    result = {}
    for name, value in schema.items():
        if name == "properties":
            result[name] = {key: plain(each) for key, each in value.items()}
        elif name != "nullable":
            result[name] = plain(value)
    if schema.get("nullable"):
        result["type"] = [result["type"], "null"]
    return result


def fits(value, schema):
    """None, or what does not."""
    try:
        jsonschema.validate(value, plain(schema))
    except jsonschema.ValidationError as error:
        return f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
    return None


def schema_of(operation, status):
    answers = operation["responses"]
    return answers.get(f"{status // 100}XX", answers["default"])["content"]


def good_value(schema):
    return {"integer": schema.get("minimum", 1), "boolean": False}.get(schema["type"], "cd")


def wrong_values(schema):
    if schema["type"] == "integer":
        return [schema["minimum"] - 1, schema["maximum"] + 1, "many", 1.5, None, [], {}]
    return ["perhaps", 1, None, [1], {}] if schema["type"] == "boolean" else [1, True, None, ["x"], {"x": 1}]


def requests_of(path, operation):
    """(path, body, None or the status that must come) of what is to be tried."""
    place, query = path, []
    for each in operation["parameters"]:
        if each["in"] == "path":
            place = place.replace("{" + each["name"] + "}", str(good_value(each["schema"])))
        elif each["name"] != "follow":
            query.append(each)
    follow = "?follow=false" if any(each["name"] == "follow" for each in operation["parameters"]) else ""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    whole = {name: good_value(each) for name, each in body["properties"].items()} if body else None
    yield place + follow, whole, None
    for each in query:
        if each["schema"]["type"] != "string":
            yield f"{place}?{each['name']}=perhaps", whole, 400
    yield f"{place}?no-such-thing=1", whole, 400
    if not body:
        return
    for name in body.get("required", []):
        yield place, {key: value for key, value in whole.items() if key != name}, 400
    for name, each in body["properties"].items():
        for wrong in wrong_values(each):
            if wrong is not None or name in body.get("required", []):
                yield place, {**whole, name: wrong}, 400
    yield place, {**whole, "no-such-thing": 1}, 400


def judge_answer(operation, status, headers, body):
    """None, or what is not as the document says."""
    if not 200 <= status < 500:
        return f"status {status}"
    content = schema_of(operation, status)
    kind = headers.get("content-type", "").split(";")[0]
    if status == 204:
        return None if not body else "a body with 204"
    if kind not in content:
        return f"{kind} instead of {list(content)}"
    if kind != "application/json":
        return None
    try:
        return fits(json.loads(body), content[kind]["schema"])
    except ValueError as error:
        return f"no JSON: {error}"


def document(console):
    status, _, body = ask(console, "GET", "/api/v1/openapi.json")
    openapi = json.loads(body)
    tap.ok(status == 200 and openapi["openapi"].startswith("3.0."), "there is an OpenAPI document", openapi)
    listed = {(each["method"].lower(), re.sub(r"\.\.\.}", "}", each["path"]))
              for each in json.loads(ask(console, "GET", "/api/v1")[2])["routes"]}
    told = {(method, path) for path, methods in openapi["paths"].items() for method in methods}
    tap.ok(told == listed, "it has every route", told ^ listed)
    if not jsonschema:
        tap.skip("every route answers as it says", "no jsonschema for Python")
        tap.skip("whatever is wrong is refused", "no jsonschema for Python")
        return
    wrong, let_pass, count = [], [], 0
    for path, methods in sorted(openapi["paths"].items()):
        if path.startswith("/redfish"):
            continue  # judged by its own clients; switches the node
        for method, operation in sorted(methods.items()):
            for place, body, must in requests_of(path, operation):
                status, headers, answer = ask(console, method.upper(), place, body)
                count += 1
                fault = judge_answer(operation, status, headers, answer)
                if fault:
                    wrong.append(f"{method} {place} {body}: {fault}")
                if must and status != must:
                    let_pass.append(f"{method} {place} {body}: {status} instead of {must}")
    tap.say(f"{count} requests")
    tap.ok(not wrong, "every route answers as it says", *wrong)
    tap.ok(not let_pass, "whatever is wrong is refused", *let_pass)


# --- Bodies ---

def bodies(console):
    path = "/api/v1/console/quality"
    shapes = {
        "empty": (b"", 400), "blank": (b"   ", 400), "no JSON": (b"selector=1", 400), "a number": (b"7", 400),
        "an array": (b"[]", 400), "a text": (b'"x"', 400), "null": (b"null", 400), "cut": (b'{"selector": 1', 400),
        "two": (b'{"selector": 1}{"selector": 2}', 400), "deep": (b"[" * 30000, 400),
        "nested": (b'{"selector":' * 5000 + b"1" + b"}" * 5000, 400),
        "zero bytes": (b"\0" * 1000, 400), "not UTF-8": (b'{"selector": "\xff\xfe"}', 400),
        "a huge number": (b'{"selector": 1' + b"0" * 400 + b"}", 400),
        "twice the same": (b'{"selector": 1, "selector": 2}', 400),
        "many members": (json.dumps({f"m{i}": i for i in range(4000)}).encode(), 400),
        "as much as may be": (b'{"selector": 3}'.ljust(BODY_MOST), 200),
        "a byte more": (b'{"selector": 3}'.ljust(BODY_MOST + 1), 413),
        "far too much": (b"x" * (8 << 20), 413),
    }
    wrong = []
    for name, (body, must) in shapes.items():
        status, headers, answer = ask(console, "PUT", path, body)
        if status != must and not (must == 413 and status == 0):
            wrong.append(f"{name}: {status} instead of {must}: {answer[:200]}")
        elif status >= 400 and "message" not in json.loads(answer)["error"]:
            wrong.append(f"{name}: {answer[:200]}")
    tap.ok(not wrong, "bodies of any shape and size are answered", *wrong)
    raw = {
        "chunks": b"PUT " + path.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"1\r\n" + bytes([c]) + b"\r\n"
                                                                for c in b'{"selector":5}') + b"0\r\n\r\n",
        "a length that lies": b"PUT " + path.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        "no HTTP": b"\x16\x03\x01\x02\x00" * 40,
        "an endless line": b"GET /" + b"a" * 70000,
        "too many headers": b"GET /api/v1 HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 20000 + b"\r\n",
    }
    # What has no end yet is waited for, and is not worth that here.
    answers = {name: talk(console, data, PATIENCE if name == "chunks" else 1)[0] for name, data in raw.items()}
    tap.ok(answers["chunks"] == 200 and console.status()["quality"]["selector"] == 5, "one that comes in chunks is taken",
           answers)
    tap.ok(all(status == 0 or 400 <= status < 600 for name, status in answers.items() if name != "chunks") and
           console.alive(), "what is no HTTP ends nothing", answers)


# --- What is told ---

def events(console):
    _, headers, body = ask(console, "GET", "/api/v1/events?since=0&follow=false")
    told = []
    for block in body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in fields and fields.get("event") != "events.lost":
            told.append((fields["event"], json.loads(fields["data"]), fields["id"]))
    return told


def heard(console, kind, **members):
    return [each for each in events(console) if each[0] == kind and members.items() <= each[1].items()]


def news(console, place):
    image = place.file("image", "x" * 1048576)
    viewer = Viewer(console.address)
    came = viewer.wait_screen(PATIENCE)
    tap.ok(came and wait(lambda: heard(console, "viewer.joined", encrypted=False), PATIENCE), "a viewer who comes is told")
    tap.ok(wait(lambda: heard(console, "capture.started") and heard(console, "mode.changed"), PATIENCE),
           "and what there is to see", events(console))
    viewer.settle()
    mode = heard(console, "mode.changed", width=800, height=600)
    tap.ok(mode, "another mode is told", events(console))
    listed = json.loads(ask(console, "GET", "/api/v1/console/viewers")[2])["viewers"]
    tap.ok(len(listed) == 1 and listed[0]["sent"] > 0 and listed[0]["updates"] > 0, "so is what a viewer was sent", listed)
    tap.ok(wait(lambda: console.status()["damage_rate"] > 0, PATIENCE), "how much changes is told", console.status())
    shown = subprocess.run([program("tools/spicerackctl"), "--socket", place.file("api.sock"), "viewers"], check=False,
                           capture_output=True, text=True, timeout=PATIENCE).stdout
    tap.ok(re.search(r"^ +\d+ +127\.0\.0\.1:\d+ .* MiB .*looking$", shown, re.M), "spicerackctl has a table of it", shown)
    metrics(console, place)
    ask(console, "POST", "/api/v1/drives/disk/insert", {"source": image})
    tap.ok(wait(lambda: heard(console, "drive.inserted", drive="disk"), PATIENCE), "an image that is in is told",
           events(console))
    ask(console, "POST", "/api/v1/drives/disk/eject", {"force": True})
    tap.ok(wait(lambda: heard(console, "drive.ejected", drive="disk"), PATIENCE), "and one that is out", events(console))
    ask(console, "POST", "/api/v1/drives/cd/insert", {"source": place.file("nothing")})
    tap.ok(wait(lambda: heard(console, "drive.failed", drive="cd"), PATIENCE), "one that cannot be had, with the reason",
           events(console))
    ask(console, "PUT", "/api/v1/console/password", {"password": "other", "seconds": 1})
    tap.ok(wait(lambda: heard(console, "password.changed") and heard(console, "password.expired"), PATIENCE),
           "a password is told when it is set and when it ends")
    viewer.type("nosignal 1")
    tap.ok(wait(lambda: heard(console, "signal.lost") and heard(console, "signal.returned"), PATIENCE),
           "a signal that is lost and comes back", events(console))
    tap.ok(heard(console, "input.changed", keyboard="listening", absolute="listening"),
           "and which devices the node listens to", events(console))
    viewer.close()
    tap.ok(wait(lambda: heard(console, "viewer.left") and heard(console, "capture.stopped"), PATIENCE),
           "one who leaves is told, and that nobody looks", events(console))
    told = events(console)
    tap.ok("other" not in json.dumps([each for each in told if each[0].startswith("password")]), "no event has a secret")
    # It goes on where it was.
    middle = told[len(told) // 2]
    _, _, body = talk(console, f"GET /api/v1/events?follow=false HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                               f"Last-Event-ID: {middle[2]}\r\n\r\n".encode())
    tap.ok(body.decode().count("\nevent: ") + body.decode().startswith("event: ") == len(told) - len(told) // 2 - 1,
           "who comes back is told the rest", body.decode())


def quality(console):
    answers = [json.loads(ask(console, "PUT", "/api/v1/console/quality", body)[2])
               for body in ({"selector": 11}, {"automatic": True}, {"automatic": False})]
    tap.ok([(each["selector"], each["automatic"]) for each in answers] == [(11, False), (4, True), (4, False)],
           "quality is set by hand, and followed again", answers)
    tap.ok(ask(console, "PUT", "/api/v1/console/quality", {"selector": 3, "automatic": True})[0] == 400,
           "not both at a time")
    tap.ok(heard(console, "quality.changed", selector=11, automatic=False) and
           heard(console, "quality.changed", selector=4, automatic=True), "events tell of it", events(console))


def metrics(console, place):
    status, headers, body = ask(console, "GET", "/metrics")
    text = body.decode()
    tap.ok(status == 200 and headers["content-type"].startswith("text/plain; version=0.0.4"), "there are metrics", headers)
    wanted = [r'state\{state="streaming"\} 1', r"frames_total [1-9]", r"changed_pixels_total [1-9]", "viewers 1",
              r'viewer_sent_bytes_total\{viewer="\d+",peer="127\.0\.0\.1:\d+"\} [1-9]',
              r'drive_state\{drive="cd",state="empty"\} 1', r'drive_errors_total\{drive="disk"\} 0',
              r'input_listening\{device="keyboard"\} 1']
    missing = [each for each in wanted if not re.search(f"^spicerack_console_{each}", text, re.M)]
    missing += [each for each in ("cpu_seconds_total", "resident_memory_bytes", "start_time_seconds", "open_fds")
                if not re.search(f"^process_{each} [0-9.]+$", text, re.M)]
    tap.ok(not missing, "of picture, viewers, drives and the process", *missing, text)
    start = re.search(r"^process_start_time_seconds (\S+)", text, re.M)
    tap.ok(start and abs(time.time() - float(start.group(1))) < 600, "it knows when it began", start)
    if not shutil.which("promtool"):
        tap.skip("promtool likes them", "no promtool; the package prometheus has it")
        return
    said = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, check=False)
    tap.ok(said.returncode == 0 and not said.stdout + said.stderr, "promtool likes them", said.stdout + said.stderr)


def watchdog(place):
    """As a manager hears it, which starts it anew when the loop stands still."""
    path = place.file("notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(PATIENCE)
        console = Console(place, environment={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "800000"})
        try:
            words = [manager.recv(4096) for _ in range(4)]
            tap.ok(any(b"READY=1" in each for each in words) and words[-1] == b"WATCHDOG=1\n",
                   "the service manager hears that the loop turns", words)
            console.process.send_signal(signal.SIGSTOP)
            time.sleep(0.1)
            manager.settimeout(0.0)
            try:
                while True:
                    manager.recv(4096)
            except BlockingIOError:
                pass
            time.sleep(1)
            try:
                word = manager.recv(4096)
            except BlockingIOError:
                word = None
            tap.ok(word is None, "and nothing while it stands still", word)
            console.process.send_signal(signal.SIGCONT)
        finally:
            console.kill()


def manual():
    """The page has each event and each metric that the sources have."""
    def read(*parts):
        with open(os.path.join(os.environ.get("top_srcdir", "."), *parts), encoding="utf-8") as file:
            return file.read()
    page = read("man", "spicerack-api.7").replace("\\-", "-")
    names = re.findall(r'"([a-z]+\.[a-z]+)"', read("src", "news.c"))
    names += re.findall(r'NAME\("([a-z_]+)"\)', read("src", "console_metrics.c"))
    names += re.findall(r'\{\{?"(process_[a-z_]+)"', read("src", "process_metrics.c"))
    missing = [each for each in names if not re.search(rf"(?<![\w.]){re.escape(each)}(?![\w.])", page)]
    tap.ok(len(names) > 30 and not missing, "the manual has every event and metric", len(names), *missing)


need_clients()
folder = Folder()
subject = Console(folder)
try:
    quality(subject)
    news(subject, folder)
    bodies(subject)
    document(subject)
    tap.ok(subject.alive() and subject.status()["state"] == "stopped" and subject.stop() == 0,
           "after all that it is well, and ends well", subject.said()[-2000:])
    watchdog(folder)
    manual()
finally:
    subject.kill()
    folder.remove()
tap.done()
