#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who did what: each act is one line of the audit, and nothing that a peer sends makes another."""
import base64
import http.client
import json
import os
import re
import subprocess
import time

import raw_spice as raw
from consoles import SIMULATED, Console, Folder, Tap, Viewer, make_certificate, need_clients, program, wait

need_clients()
tap = Tap()
VALUE = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\["\\]|\\x[0-9a-f]{2})*"|[A-Za-z0-9._:/@+,%\[\]-]+)(?: |$)')


def plain(value):
    if not value.startswith('"'):
        return value
    text = re.sub(rb'\\(x[0-9a-f]{2}|.)', lambda found: bytes([int(found[1][1:], 16)]) if len(found[1]) > 1 else found[1],
                  value[1:-1].encode())
    return text.decode(errors="replace")


def parse(line):
    """A line's values; None: it is none."""
    values, at = {}, 0
    while at < len(line):
        found = VALUE.match(line, at)
        if not found or found[1] in values:
            return None
        values[found[1]], at = plain(found[2]), found.end()
    return values


class Audit:
    def __init__(self, console):
        self.console, self.seen = console, 0

    def lines(self):
        return [line[7:] for line in self.console.said().splitlines() if line.startswith("audit: ")]

    def expect(self, name, *wanted):
        """These lines since the last time, each with at least these values, and no other."""
        wait(lambda: len(self.lines()) >= self.seen + len(wanted))
        time.sleep(0.3)
        new = self.lines()[self.seen:]
        self.seen += len(new)
        read = [parse(line) for line in new]
        good = len(read) == len(wanted) and all(
            values is not None and all(values.get(key) == value for key, value in each.items())
            for values, each in zip(read, wanted))
        tap.ok(good, name, *new)
        return read


def ask(console, *words):
    """What spicerackctl prints."""
    return subprocess.run([program("tools/spicerackctl"), "--socket", console.folder.file("api.sock"), *words],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60).stdout


class Remote:
    """The API over TCP, as a user."""

    def __init__(self, console, user, password):
        self.address = re.search(r"api: on http://(\S+)", console.said())[1]
        self.head = {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}

    def ask(self, method, path, values=None):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.request(method, path, json.dumps(values or {}), {**self.head, "Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status


def wrong_password(console, password):
    try:
        client = raw.Client(console.address, password)
    except (raw.Refused, OSError):
        return
    for channel in client.channels:
        channel.stream.socket.close()


def of_viewers(console, audit, local):
    wrong_password(console, "wrong")
    audit.expect("a wrong password is one line", {"event": "password.refused", "encrypted": "no", "by": "spice"})
    one = Viewer(console.address, "secret")
    one.wait_screen()
    came = audit.expect("so is one who comes", {"event": "viewer.joined", "encrypted": "no"})[0]
    tap.ok(came["from"].startswith("127.0.0.1:"), "with its address", came)
    two = Viewer(local, "secret")
    two.wait_screen()
    audit.expect("one by a unix socket too", {"event": "viewer.joined", "from": "unix socket"})
    first = came["viewer"]
    second = str(int(first) + 1)
    one.ask("held 42")
    audit.expect("the first press", {"event": "control.taken", "viewer": first, "holder": first, "why": "touched"})
    two.ask("held 29")
    audit.expect("a take-over",
                 {"event": "control.taken", "viewer": second, "former": first, "from": "unix socket"})
    tap.ok(f"viewer {first} holds the input" in ask(console, "control", "give", first), "an operator gives it")
    audit.expect("a take-over by an operator's word",
                 {"event": "control.taken", "from": "unix socket", "holder": first, "former": second, "why": "given"})
    status = console.status()["input"]
    tap.ok(status["control"] == "latest" and status["holder"] == int(first) and status["asking"] == [],
           "the status says who holds the input", status)
    said = ask(console, "status")
    tap.ok(re.search(rf"\(viewer {first}\b.*, holds the input\)", said), "and so do its words", said)
    console.ask("DELETE", f"/api/v1/console/viewers/{first}")
    one.wait_gone()
    audit.expect("one who is sent away", {"event": "viewer.dismissed", "dismissed": first, "why": "ordered"},
                 {"event": "viewer.left", "viewer": first}, {"event": "control.released", "former": first})
    two.close()
    audit.expect("one who leaves", {"event": "viewer.left", "viewer": second, "from": "unix socket"})
    one.close()


def of_operators(console, audit, folder):
    console.put("password", {"password": "other", "seconds": 60})
    audit.expect("another password", {"event": "password.changed", "from": "unix socket", "seconds": "60"})
    tap.ok("other" not in console.said(), "which is not said")
    console.ask("POST", "/api/v1/console/wake", b"{}")
    audit.expect("what was refused is no act")
    remote = Remote(console, 'ann"x', "some words")
    tap.ok(remote.ask("POST", "/redfish/v1/Systems/node/Actions/ComputerSystem.Reset", {"ResetType": "ForceOff"}) == 204,
           "the node is switched off")
    audit.expect("switching the node", {"event": "power.ordered", "user": 'ann"x', "from": "127.0.0.1",
                                        "encrypted": "no", "action": "ForceOff"})
    tap.ok(remote.ask("POST", "/redfish/v1/Systems/node/Actions/ComputerSystem.Reset", {"ResetType": "Explode"}) == 400,
           "an order that is none is refused")
    tap.ok(Remote(console, "ann", "other words").ask("GET", "/api/v1") == 401, "a stranger is not let in")
    audit.expect("which is one line too", {"event": "password.refused", "from": "127.0.0.1", "by": "api"})
    path, medium = os.path.join(folder.path, "redfish.iso"), "/redfish/v1/Managers/console/VirtualMedia/disk/Actions"
    with open(path, "wb") as image:
        image.write(bytes(4096))
    remote.ask("POST", f"{medium}/VirtualMedia.InsertMedia", {"Image": f"file://{path}"})
    audit.expect("an image by Redfish", {"event": "medium.inserted", "user": 'ann"x', "drive": "disk", "source": path})
    remote.ask("POST", f"{medium}/VirtualMedia.EjectMedia")
    audit.expect("and out again", {"event": "medium.ejected", "user": 'ann"x', "drive": "disk", "forced": "no"})
    for name in ("x\naudit: event=forged", "y\r<0>audit: event=forged", "\x1b[2Jz"):
        tap.ok(remote.ask("POST", "/api/v1/drives/disk/insert", {"source": f"/none/{name}"}) == 400,
               "no image has control characters in its name")
    audit.expect("that is no act either")
    for name in ("plain.iso", 'x" event="forged', "y\\", "nai\u0308ve \u202e.iso"):
        path = os.path.join(folder.path, name)
        with open(path, "wb") as image:
            image.write(bytes(4096))
        tap.ok(remote.ask("POST", "/api/v1/drives/disk/insert", {"source": path}) == 202, "an image goes in")
        wait(lambda: console.ask("GET", "/api/v1/drives/disk")["state"] == "ready")
        audit.expect(f"as one line, {name!r:.40}",
                     {"event": "medium.inserted", "user": 'ann"x', "drive": "disk", "source": path})
        console.ask("POST", "/api/v1/drives/disk/eject", b'{"force": true}')
        audit.expect("and out", {"event": "medium.ejected", "from": "unix socket", "drive": "disk", "forced": "yes"})
    remote.ask("POST", "/api/v1/drives/disk/insert", {"source": "/none" + "/audit: event=forged" * 2500})
    lines = audit.expect("a long one too", {"event": "medium.inserted"})
    tap.ok(len(lines) == 1 and len(lines[0]["source"]) < 600, "which is cut")
    tap.ok(not any(line.startswith("audit: event=forged") for line in console.said().splitlines()),
           "nothing is forged", console.said()[-2000:])
    tap.ok(max(map(len, console.said().splitlines())) < 20000, "no line is so long that a journal cuts it")


def of_idle_ones(folder):
    console = Console(folder, "idle-s = 1")
    audit = Audit(console)
    viewer = Viewer(console.address)
    tap.ok(viewer.wait_gone(20), "who touches nothing is sent away")
    audit.expect("which is a line too", {"event": "viewer.joined"},
                 {"event": "viewer.dismissed", "why": "idle"}, {"event": "viewer.left"})
    viewer.close()
    tap.ok(console.stop() == 0, "the console ends well")


def encrypted(folder):
    certificate = make_certificate(folder)
    if not certificate:
        tap.skip("TLS is told", "no openssl")
        return
    console = Console(folder, f"certificate = {certificate[0]}\nkey = {certificate[1]}")
    audit = Audit(console)
    viewer = Viewer(console.address, authority=certificate[0])
    viewer.wait_screen()
    audit.expect("TLS is told", {"event": "viewer.joined", "encrypted": "yes"})
    viewer.close()
    console.stop()


def main():
    folder = Folder()
    local = "unix:" + folder.file("spice.sock")
    folder.file("password", "secret\n")
    folder.file("access", 'operate user ann"x some words\n')
    console = Console(folder, f"password-file = {folder.file('password')}",
                      f"{SIMULATED}[input]\ncontrol = latest\n[api]\nlisten = 127.0.0.1:0\n"
                      f"access-file = {folder.file('access')}\n", listen=f"127.0.0.1:0;{local}")
    try:
        wait(lambda: "api: on http:" in console.said())
        audit = Audit(console)
        of_viewers(console, audit, local)
        of_operators(console, audit, folder)
        tap.ok(console.stop() == 0, "the console ends well", console.said()[-2000:])
        of_idle_ones(folder)
        encrypted(folder)
    finally:
        console.kill()
        folder.remove()
    tap.done()


main()
