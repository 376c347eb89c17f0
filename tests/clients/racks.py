# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of the rack's daemon begin with: a farm of BMCs on real sockets, the daemon as it is shipped, and who asks
it over its unix socket."""
import asyncio
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

from consoles import program, wait

NAME, PASSWORD = "admin", "secret"  # that the farm lets in


class Farm:
    """tests/unit/bmc_farm, which says what it understands."""

    def __init__(self, nodes, *options):
        self.process = subprocess.Popen([program("tests/unit/bmc_farm"), f"--nodes={nodes}", *options],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.nodes = nodes
        self.port = int(self.process.stdout.readline().split()[1])

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        said = []
        while (answer := self.process.stdout.readline().strip()) not in ("done", "what?", ""):
            said.append(answer)
        if answer != "done":
            raise RuntimeError(f"the farm does not understand: {line}")
        return said

    def sum(self, nodes="all"):
        """What the nodes have seen together, by word."""
        words = self.tell(f"sum {nodes}")[0].split()[1:]
        return dict(zip(words[::2], map(int, words[1::2])))

    def each(self, nodes="all"):
        """What each has seen, by number and word."""
        lines = [line.split() for line in self.tell(f"count {nodes}")]
        return {int(words[1]): dict(zip(words[2::2], map(int, words[3::2]))) for words in lines}

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Connection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path, timeout=60):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Events(threading.Thread):
    """Listens to the daemon's events. Each is kept as its type, what it says, and when it was heard; seen, where it is
    given, is called with each in the very moment, before the next one is heard."""

    def __init__(self, path, seen=None):
        super().__init__(daemon=True)
        self.heard = []
        self.seen = seen
        self.connection = Connection(path, None)
        self.connection.request("GET", "/api/v1/events?since=0")
        self.answer = self.connection.getresponse()
        self.start()

    def run(self):
        kind = None
        try:
            while line := self.answer.readline():
                word, _, rest = line.decode().rstrip("\n").partition(": ")
                if word == "event":
                    kind = rest
                elif word == "data":
                    event = (kind, json.loads(rest), time.monotonic())
                    if self.seen:
                        self.seen(*event)
                    self.heard.append(event)
        except (OSError, ValueError, http.client.HTTPException, AttributeError):
            pass  # closed under it

    def of(self, kind, **values):
        """Those of a type, with such values."""
        return [event for event in list(self.heard)
                if event[0] == kind and all(event[1].get(key) == value for key, value in values.items())]

    def close(self):
        try:
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        except (OSError, AttributeError):
            pass
        self.join(10)


class Rack:
    """The daemon as it is shipped, on a configuration of the test's own. text: all but [api]; sysfs: where the devices
    are, none unless told."""
    options = ()

    def __init__(self, folder, text, sysfs=None):
        self.folder = folder
        self.sysfs = sysfs or folder.path
        self.socket = folder.file("rack.sock")
        self.log = folder.file("rack.log", "")
        self.process = None
        self.configure(text)
        self.start()

    def configure(self, text):
        self.config = self.folder.file("rack.conf", f"[api]\nsocket = {self.socket}\n{text}\n")

    def start(self):
        self.began = time.monotonic()
        before = self.said().count("api: on")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([program("spicerack-rack"), "--sysfs", self.sysfs, "--config",
                                             self.config, *self.options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait(lambda: self.said().count("api: on") > before or not self.alive(), 60)
        if not self.alive() or self.said().count("api: on") == before:
            self.stop()
            raise RuntimeError(f"the rack does not start: {self.said()}")

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def alive(self):
        return self.process.poll() is None

    def ask(self, method, path, values=None, timeout=120):
        """The answer's status, and what it says."""
        connection = Connection(self.socket, timeout)
        try:
            connection.request(method, path, json.dumps(values) if values is not None else None)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def get(self, path):
        return self.ask("GET", f"/api/v1/{path}")[1]

    def nodes(self):
        """By name."""
        return {node["name"]: node for node in self.get("nodes")["nodes"]}

    def states(self):
        return {name: node["state"] for name, node in self.nodes().items()}

    def storage(self, keys):
        return self.get(f"storage/{keys}")["data"]

    def events(self, seen=None):
        return Events(self.socket, seen)

    def ctl(self, *words, timeout=120):
        """spicerackctl's status, and what it said."""
        done = subprocess.run([program("tools/spicerackctl"), "--socket", self.socket, *words], text=True, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=timeout)
        return done.returncode, done.stdout.strip()

    def reload(self, text):
        """Gives it another configuration; what it says of that."""
        before = len(self.said())
        self.configure(text)
        self.process.send_signal(signal.SIGHUP)
        wait(lambda: re.search("configuration (as it is now|stays)", self.said()[before:]), 30)
        return self.said()[before:]

    def stop(self):
        """Its exit status after a friendly word; negative: the signal that killed it."""
        if self.alive():
            self.process.terminate()
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait() and -signal.SIGKILL


class Crowd(threading.Thread):
    """Clients who ask once a second each, all in turn for what there is, and listeners to events among them; one
    thread does for all."""

    PATHS = ("storage/*", "nodes", "nodes/n00/sensors", "power/caps", "storage/n00/CPU0_TEMP,n01/POWER?flat=true",
             "metrics")

    def __init__(self, path, clients, listeners, pause=1.0):
        super().__init__(daemon=True)
        self.path, self.clients, self.listeners, self.pause = path, clients, listeners, pause
        self.times, self.failed = [], []  # ms
        self.ends = False
        self.start()

    @staticmethod
    def request(number):
        path = Crowd.PATHS[number % len(Crowd.PATHS)]
        path = f"/{path}" if path == "metrics" else f"/api/v1/{path}"
        return f"GET {path} HTTP/1.1\r\nHost: rack\r\n\r\n".encode()

    def run(self):
        try:
            asyncio.run(self.all())
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            self.failed.append(repr(error))

    async def all(self):
        await asyncio.gather(*(self.client(i) for i in range(self.clients - self.listeners)),
                             *(self.listener() for _ in range(self.listeners)))

    async def client(self, number):
        reader, writer = await asyncio.open_unix_connection(self.path)
        await asyncio.sleep(self.pause * number / self.clients)
        while not self.ends:
            begin = time.monotonic()
            writer.write(self.request(number))
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            await reader.readexactly(int(length[1]))
            took = time.monotonic() - begin
            self.times.append(took * 1000)
            if b" 200 " not in head.split(b"\r\n")[0]:
                self.failed.append(head)
            number += 1
            await asyncio.sleep(max(self.pause - took, 0))
        writer.close()

    async def listener(self):
        reader, writer = await asyncio.open_unix_connection(self.path)
        writer.write(b"GET /api/v1/events HTTP/1.1\r\nHost: rack\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n")[0]:
            self.failed.append(head)
        while not self.ends:
            await asyncio.sleep(0.1)
        writer.close()

    def percentile(self, percent):
        return sorted(self.times)[min(len(self.times) * percent // 100, len(self.times) - 1)] if self.times else 0

    def close(self):
        self.ends = True
        self.join(60)


def farm_node(farm, number, password, more="", name=None):
    """A node's section of the configuration. password: a file."""
    return (f"[node {name or f'n{number:02}'}]\naddress = 127.0.0.1\nport = {farm.port + number}\nuser = {NAME}\n"
            f"password-file = {password}\n{more}\n")


def sanitized():
    """Whether memory is checked, which keeps what was freed for long."""
    with open(program("spicerack-rack"), "rb") as binary:
        return b"__asan_init" in binary.read()


def built():
    """Whether there is all of it."""
    return all(os.path.exists(program(name)) for name in ("spicerack-rack", "tools/spicerackctl",
                                                          "tests/unit/bmc_farm"))
