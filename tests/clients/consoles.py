# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests in Python begin with: a running console in a folder of its own, viewers in processes of their own, and
TAP."""
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

TOP = os.path.abspath(os.environ.get("top_builddir", "."))
SIMULATED = "[capture]\nsource = simulate\n"


def program(name):
    return os.path.join(TOP, name)


def sanitized():
    """Whether memory is checked, which keeps what was freed for long."""
    with open(program("spicerack-console"), "rb") as binary:
        return b"__asan_init" in binary.read()


def wait(condition, seconds=10.0, step=0.02):
    """What the condition comes to: true as soon as it is, else what it was at the end."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result or time.monotonic() > end:
            return result
        time.sleep(step)


class Tap:
    count = 0
    failed = False

    def ok(self, good, name, *details):
        self.count += 1
        self.failed |= not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        for detail in details if not good else ():
            self.say(detail)
        return bool(good)

    def skip(self, name, reason):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}", flush=True)

    def say(self, text):
        for line in str(text).splitlines():
            print(f"# {line}", flush=True)

    def done(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)


def skip_all(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def need_clients():
    """What a configure without spice-client-glib has not built."""
    if not os.path.exists(program("tests/clients/watch")):
        skip_all("no client was built")


class Folder:
    """A place for a test's files, until the end."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="viewers-")

    def file(self, name, text=None, mode=0o600):
        path = os.path.join(self.path, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            os.chmod(path, mode)
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


def make_certificate(folder, name="certificate"):
    """For 127.0.0.1, signed by itself; its file and its key's, or None without openssl."""
    certificate, key = folder.file(f"{name}.pem"), folder.file(f"{name}.key")
    try:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    os.chmod(key, 0o600)
    return certificate, key


class Console:
    """The daemon as it is shipped. spice: lines for [spice]; rest: the other sections; listen: addresses."""

    def __init__(self, folder, spice="", rest=SIMULATED, listen="127.0.0.1:0", arguments=(), environment=None):
        self.folder = folder
        self.log = folder.file("console.log")
        text = f"[spice]\nlisten = {listen}\n{spice}\n{rest}\n[api]\nsocket = {folder.file('api.sock')}\n"
        config = folder.file("console.conf", text)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([program("spicerack-console"), "--config", config, *arguments],
                                            stdin=subprocess.DEVNULL, stderr=log, stdout=log,
                                            env={**os.environ, **(environment or {})})
        count = listen.count(";") + 1
        wait(lambda: (len(self.addresses) >= count and "api: on" in self.said()) or not self.alive())
        if len(self.addresses) < count or not self.alive():
            self.kill()
            raise RuntimeError(f"the console does not start: {self.said()}")

    @property
    def addresses(self):
        return [line.split("listening on ", 1)[1].split()[0] for line in self.said().splitlines()
                if "listening on " in line]

    @property
    def address(self):
        return next(each for each in self.addresses if not each.startswith("unix:"))

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def alive(self):
        return self.process.poll() is None

    def usage(self):
        """Descriptors, threads, KiB of memory that are its own; nothing of all when it has ended."""
        if not self.alive():
            return 0, 0, 0
        base = f"/proc/{self.process.pid}"
        with open(f"{base}/status", encoding="ascii") as status:
            fields = dict(line.split(":", 1) for line in status)
        if "RssAnon" not in fields:
            return 0, 0, 0
        return (len(os.listdir(f"{base}/fd")), len(os.listdir(f"{base}/task")),
                int(fields["RssAnon"].split()[0]))

    def ask(self, method, path, body=b"", timeout=60):
        """What the API answers; its main loop does that."""
        with socket.socket(socket.AF_UNIX) as api:
            api.settimeout(timeout)
            api.connect(self.folder.file("api.sock"))
            api.sendall(f"{method} {path} HTTP/1.1\r\nHost: console\r\nConnection: close\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = b""
            while chunk := api.recv(65536):
                answer += chunk
        return json.loads(answer.split(b"\r\n\r\n", 1)[1])

    def status(self, timeout=60):
        return self.ask("GET", "/api/v1/console", timeout=timeout)

    def rights(self):
        """Of each viewer."""
        return [viewer["right"] for viewer in self.status()["viewers"]]

    def put(self, name, values):
        return self.ask("PUT", f"/api/v1/console/{name}", json.dumps(values).encode())

    def stop(self):
        """Its exit status after a friendly word; negative: the signal that killed it."""
        if self.alive():
            self.process.terminate()
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def kill(self):
        if self.alive():
            self.process.kill()
        self.process.wait()


class Viewer:
    """A spice-client-glib viewer in a process of its own; tests/clients/watch.c says what it understands."""

    def __init__(self, address, password=None, authority=None):
        command = [program("tests/clients/watch"), address]
        command += ["-p", password] if password is not None else []
        command += ["-a", authority] if authority else []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.since, self.rest = time.monotonic(), b""
        self.screen = self.gone = None
        self.screens = 0
        self.answer = []
        self.ended = False

    def hear(self, timeout=0.0):
        """Takes what it has said; whether there was something."""
        if self.ended or not select.select([self.process.stdout], [], [], timeout)[0]:
            return False
        data = os.read(self.process.stdout.fileno(), 65536)
        if not data:
            self.ended = True
            self.gone = self.gone or "the client's process ended"
            return False
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            word, _, rest = line.decode(errors="replace").partition(" ")
            if word == "screen":
                self.screen = tuple(map(int, rest.split()))
                self.screens += 1
            elif word == "gone":
                self.gone = rest
            elif word == "=":
                self.answer.append(rest)
        return True

    def wait(self, condition, seconds=10.0):
        end = time.monotonic() + seconds
        while not condition() and not self.ended and time.monotonic() < end:
            self.hear(0.05)
        return bool(condition())

    def wait_screen(self, seconds=30.0):
        return self.wait(lambda: self.screen or self.gone, seconds) and self.screen is not None

    def look_in(self):
        """Leaves as soon as it knows: True: it saw a picture; None: its password was refused; else what happened."""
        seen = self.wait_screen(20)
        gone = self.gone or ""
        self.close()
        if seen:
            return True
        return None if "password" in gone or "Authentication" in gone else f"gone: {gone}"

    def wait_gone(self, seconds=10.0):
        return self.wait(lambda: self.gone, seconds)

    def ask(self, question, seconds=10.0):
        """What it answers; None: nothing in time."""
        self.answer.clear()
        try:
            self.process.stdin.write(question.encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            return None
        return self.answer.pop(0) if self.wait(lambda: self.answer, seconds) else None

    def updates(self):
        return int((self.ask("count") or "0").split()[0])

    def bytes(self):
        return int((self.ask("count") or "0 0 0").split()[2])

    def psnr(self, path):
        return float(self.ask(f"psnr {path}") or 0)

    def type(self, text):
        return self.ask(f"type {text}") == "yes"

    def settle(self):
        """Waits for the simulated node's prompt: keys go nowhere before. It is in 800x600 then."""
        for _ in range(20):
            self.type("mode 800x600")
            if self.wait(lambda: self.screen == (800, 600), 1):
                return True
        return False

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.end()

    def close(self):
        """Leaves as a user does."""
        try:
            self.process.stdin.close()
        except OSError:
            pass
        self.end()

    def end(self):
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        if not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except OSError:
                pass
