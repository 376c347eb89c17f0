# SPDX-License-Identifier: LGPL-2.1-or-later
"""Requests that nobody should send, to a simulated rack: each is refused in words, and the daemon stays small and
quick."""
import json
import os
import signal
import socket
import subprocess

from consoles import Folder, Tap, program, skip_all, wait

PATIENCE = 60  # seconds for an answer that takes milliseconds
GROWTH = 8 << 10  # KiB that the daemon may have more of at the end
tap = Tap()


class Rack:
    def __init__(self, folder):
        self.socket, self.log = folder.file("rack.sock"), folder.file("rack.log")
        # Somebody else has the address until later.
        self.other = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.other.getsockname()[1]
        access = folder.file("access", "read token 0123456789abcdef0123456789abcdef\n")
        config = folder.file("rack.conf", f"[api]\nlisten = {self.address}\naccess-file = {access}\n")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program("spicerack-rack"), "--simulate", "--nodes", "8", "--config", config, "--socket", self.socket],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait(lambda: os.path.exists(self.socket) or self.process.poll() is not None, PATIENCE)

    def connect(self):
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(PATIENCE)
        link.connect(self.socket)
        return link

    def send(self, method, path, body=b"", length=None):
        """(status, text) of the answer; (0, why) when there is none. length: that is said of the body."""
        text = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        if body or method != "GET":
            text += f"Content-Length: {length or len(body)}\r\n"
        with self.connect() as link:
            try:
                link.sendall(text.encode("latin-1") + b"\r\n" + body)
            except OSError:
                pass  # it has heard enough, and may have said so
            answer = b""
            try:
                while part := link.recv(1 << 16):
                    answer += part
            except OSError as error:
                if not answer:
                    return 0, str(error)
        head, _, rest = answer.partition(b"\r\n\r\n")
        status = head.split()[1] if head.startswith(b"HTTP/1.1 ") else b"0"
        return int(status), rest.decode("utf-8", "replace")

    def ask(self, path):
        status, text = self.send("GET", path)
        return json.loads(text) if status == 200 else None

    def is_up(self):
        answer = self.ask("/api/v1/rack")
        return answer and all(each["state"] == "up" for each in answer["nodes"])

    def memory(self):
        """KiB of its own."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()


def judge_words(rack):
    """Refused with a status and a sentence that has these words."""
    def refuses(status, words, name, *request):
        code, text = rack.send(*request)
        try:
            message = json.loads(text)["error"]["message"]
        except (ValueError, KeyError, TypeError):
            message = text if status in (0, 414, 431) else ""  # the library's own words
        tap.ok(code == status and words in message, name, request[:2], code, text[:500], rack.said()[-500:])

    budget, power = "/api/v1/power/budget", "/api/v1/nodes/r1n01/power"
    refuses(404, 'no node "r9"', "a node that is not there", "GET", "/api/v1/nodes/r9/sensors")
    refuses(404, "no node", "a node that is a way out", "GET", "/api/v1/nodes/..%2f..%2fetc/log")
    refuses(404, "GET /api/v1 lists", "a path that is not there", "GET", "/api/v1/nonsense")
    refuses(405, "GET", "a method that is not allowed", "DELETE", "/api/v1/nodes")
    refuses(405, "", "a method that there is not", "BREW", "/api/v1/rack")
    refuses(404, 'no zone "side"', "a zone that is not there", "PUT", "/api/v1/fans/side", b'{"duty": 50}')
    refuses(400, "duty", "a duty beyond 100", "PUT", "/api/v1/fans/wall", b'{"duty": 101}')
    refuses(400, "either a duty", "a duty and none", "PUT", "/api/v1/fans/wall", b'{"duty": 50, "auto": true}')
    refuses(400, "not JSON: line 1", "what is no JSON", "PUT", budget, b'{"watts": 9e')
    refuses(400, "", "a body that is a list", "PUT", budget, b'[1]')
    refuses(400, "", "a body as deep as a well", "PUT", budget, b"[" * 60000)
    refuses(400, "watts", "watts that are no number", "PUT", budget, b'{"watts": "many"}')
    refuses(400, "watts", "watts below 1", "PUT", budget, b'{"watts": -1}')
    refuses(400, "", "watts beyond any number", "PUT", budget, b'{"watts": 99999999999999999999999}')
    refuses(400, "mode must be", "a mode that there is not", "PUT", budget, b'{"mode": "turbo"}')
    refuses(400, "wats", "a member that there is not", "PUT", budget, b'{"wats": 5}')
    refuses(400, "power must be", "a power that there is not", "PUT", power, b'{"power": "up"}')
    refuses(400, "", "a name that is no text", "PUT", power, b'{"power": "\xff\xfe"}')
    refuses(400, "since", "a number that is none", "GET", "/api/v1/events?since=yesterday")
    refuses(400, "1024 keys", "too many keys", "GET", f"/api/v1/storage/{',' * 2000}")
    refuses(414, "", "a megabyte of keys", "GET", f"/api/v1/storage/{'r1n01/X,' * (1 << 17)}")
    refuses(413, "are allowed", "a body of twenty megabytes", "PUT", budget, b'{"watts": 1}' + b" " * (20 << 20))
    refuses(413, "are allowed", "a body that says it is endless", "PUT", budget, b"", 99999999999)
    code, text = rack.send("GET", f"/api/v1/storage/{'*?' * 200}".replace("?", "%3f"))
    tap.ok(code == 200 and json.loads(text)["data"] == {}, "a pattern of stars is answered", code, text[:200])


def judge_crowd(rack):
    """Those who say half a request, or nothing, or do not read, are in nobody's way."""
    crowd = [rack.connect() for _ in range(100)]
    for i, link in enumerate(crowd):
        if i % 3 == 1:
            link.sendall(b"GET /api/v1/ra")
        elif i % 3 == 2:
            link.sendall(b"GET /api/v1/rack HTTP/1.1\r\nHost: x\r\n\r\n" * 20)  # and never reads
    answer = rack.ask("/api/v1/rack")
    tap.ok(answer and len(answer["nodes"]) == 8, "others are answered beside a crowd that is not listening", rack.said())
    for link in crowd:
        link.close()


def judge_reload(rack):
    """What the API needs to try again is still there when the configuration is another."""
    rack.process.send_signal(signal.SIGHUP)
    tap.ok(wait(lambda: "runs by the configuration as it is now" in rack.said(), PATIENCE), "it reads its configuration",
           rack.said())
    rack.other.close()
    tap.ok(wait(lambda: f"api: on http://{rack.address}" in rack.said(), PATIENCE),
           "and listens where it could not before", rack.said())


if not os.path.exists(program("spicerack-rack")):
    skip_all("spicerack-rack was not built")
place = Folder()
subject = Rack(place)
try:
    tap.ok(wait(subject.is_up, PATIENCE, 0.2), "the nodes are up", subject.said())
    before, budget = subject.memory(), subject.ask("/api/v1/power/budget")["watts"]
    judge_words(subject)
    judge_crowd(subject)
    judge_reload(subject)
    after = subject.ask("/api/v1/power/budget")
    tap.ok(after and after["watts"] == budget and subject.ask("/api/v1/fans")["zones"][0]["reason"] != "manual",
           "nothing of all that had an effect", after)
    with open(program("spicerack-rack"), "rb") as binary:
        checked = b"__asan_init" in binary.read()
    if checked:
        tap.skip("and it has not grown", "memory is checked, which keeps what was freed")
    else:
        tap.ok(subject.memory() < before + GROWTH, "and it has not grown", before, subject.memory())
finally:
    subject.process.terminate()
    status = subject.process.wait(PATIENCE)
    tap.ok(status == 0, "it ends as it should", status, subject.said())
    place.remove()
tap.done()
