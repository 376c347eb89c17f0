# SPDX-License-Identifier: LGPL-2.1-or-later
"""SIGHUP: a configuration is applied whole, or it is refused, with the reason, and the former one stays."""
import re
import signal
import subprocess
import urllib.error
import urllib.request

from consoles import Console, Folder, Tap, Viewer, make_certificate, need_clients, program, sanitized, wait

PATIENCE = 60
tap = Tap()
need_clients()


class Subject(Console):
    """One whose configuration is written anew."""

    def __init__(self, folder, **what):
        self.what = {"spice": "", "listen": "127.0.0.1:0", "api": "", "simulate": "", "input": "", **what}
        super().__init__(folder, spice=self.what["spice"], listen=self.what["listen"], rest=self.rest(),
                         arguments=())

    def rest(self):
        # Console closes with [api] and its socket.
        return f"[capture]\nsource = simulate\n[simulate]\n{self.what['simulate']}\n[input]\n{self.what['input']}\n" \
               f"[power]\npoll-s = 10\n"

    def text(self):
        return f"[spice]\nlisten = {self.what['listen']}\n{self.what['spice']}\n{self.rest()}\n[api]\n" \
               f"socket = {self.folder.file('api.sock')}\n{self.what['api']}\n"

    def reload(self, **what):
        """What it says of that."""
        self.what.update(what)
        self.folder.file("console.conf", self.text())
        before = len(self.said())
        self.process.send_signal(signal.SIGHUP)
        wait(lambda: re.search("configuration (as it is now|stays)", self.said()[before:]), PATIENCE)
        return self.said()[before:]

    def happened(self, what):
        """Whether there was such an event."""
        with open(self.events, encoding="utf-8", errors="replace") as heard:
            return what in heard.read()


def listen(console):
    """Its events go into a file, as long as nobody ends that."""
    console.events = console.folder.file("events")
    with open(console.events, "wb") as out:
        return subprocess.Popen([program("tools/spicerackctl"), "--socket", console.folder.file("api.sock"),
                                 "events", "-f"], stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)


def comes_in(console, password):
    viewer = Viewer(console.address, password)
    came = viewer.wait_screen(PATIENCE)
    viewer.close()
    return came


def good(console, place):
    secret = place.file("secret", "second\n")
    inside = Viewer(console.address, "first")
    tap.ok(inside.wait_screen(PATIENCE), "a viewer is there", inside.gone)
    said = console.reload(spice=f"password-file = {secret}\nname = other\nviewers = 1\n", input="key-limit-s = 5\n",
                          simulate="selector = 9\n")
    status = console.status()
    tap.ok("runs by the configuration as it is now" in said, "what can change is taken over", said)
    tap.ok(status["name"] == "other" and status["quality"]["selector"] == 9, "name and quality are others", status)
    tap.ok(inside.ask("count") is not None and not inside.gone, "who looks goes on looking", inside.gone)
    # One place alone: it is taken.
    second = Viewer(console.address, "second")
    tap.ok(second.wait_gone(PATIENCE) and not second.screen, "no more come in than it says now", second.gone)
    second.close()
    inside.close()
    tap.ok(wait(lambda: not console.status()["viewers"], PATIENCE), "until one leaves")
    tap.ok(comes_in(console, "second"), "the password is another one")
    tap.ok(not comes_in(console, "first"), "and the former one is none")
    tap.ok(wait(lambda: console.happened("configuration.applied"), PATIENCE), "an event tells of it")


def faulty(console):
    before = dict(console.what)
    said = console.reload(spice=before["spice"] + "viewers = 99\n")
    line = console.text().splitlines().index("viewers = 99") + 1
    tap.ok(f"console.conf:{line}: " in said and "the former configuration stays" in said,
           "one that is wrong is refused, with its line", said)
    status = console.status()
    tap.ok(status["name"] == "other", "and changes nothing", status)
    tap.ok(wait(lambda: console.happened("configuration.refused"), PATIENCE), "an event tells why")
    said = console.reload(spice=before["spice"].replace("viewers = 1", "viewers = 3").replace("other", "third"),
                          listen="127.0.0.1:1;127.0.0.1:2", simulate="selector = 9\nrate = 5\n")
    tap.ok(re.search(r"another listen in \[spice\], rate in \[simulate\] needs a restart", said),
           "what takes a restart is named, all of it", said)
    status = console.status()
    tap.ok(status["name"] == "other" and console.alive(), "and the rest does not change either", status)
    said = console.reload(spice=before["spice"] + "certificate = missing.pem\nkey = missing.pem\n",
                          listen=before["listen"], simulate=before["simulate"])
    tap.ok("missing.pem" in said and "stays" in said, "a certificate that is not there is refused", said)
    tap.ok(console.status()["name"] == "other" and comes_in(console, "second"), "and the former password is good")
    said = console.reload(spice="password-file = missing\nname = fourth\n")
    tap.ok("missing" in said and "stays" in said and console.status()["name"] == "other",
           "so is a password that cannot be read", said)
    tap.ok("as it is now" in console.reload(**before), "and then it is as it was")


def encrypted(console, place, spice):
    pair = make_certificate(place)
    if not pair:
        tap.skip("TLS is there after a reload", "no openssl")
        return
    said = console.reload(spice=f"{spice}certificate = {pair[0]}\nkey = {pair[1]}\nallow-plain = false\n")
    viewer = Viewer(console.address, "second", pair[0])
    plain = Viewer(console.address, "second")
    tap.ok(viewer.wait_screen(PATIENCE), "TLS is there after a reload", viewer.gone, said)
    tap.ok(plain.wait_gone(PATIENCE) and not plain.screen, "and nothing else", plain.gone)
    plain.close()
    viewer.close()
    console.reload(spice=spice)


def asks(address, token):
    request = urllib.request.Request(f"{address}/api/v1/console", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def tokens(console, place):
    access = place.file("access", "read token 0123456789abcdef\n")
    said = console.reload(api=f"listen = 127.0.0.1:0\naccess-file = {access}\n")
    address = re.search(r"api: on (http://\S+)", said)
    tap.ok(address and asks(address.group(1), "0123456789abcdef") == 200, "the API is where it is said to be now", said)
    place.file("access", "read token fedcba9876543210\n")
    said = console.reload()
    address = re.search(r"api: on (http://\S+)", said)
    tap.ok(address and asks(address.group(1), "fedcba9876543210") == 200 and
           asks(address.group(1), "0123456789abcdef") == 401, "with the tokens of now", said)
    tap.ok("api: on" not in console.reload(), "and left alone when they are the same")


place = Folder()
first = place.file("first", "first\n")
subject = Subject(place, spice=f"password-file = {first}\n")
listener = listen(subject)
try:
    good(subject, place)
    faulty(subject)
    encrypted(subject, place, subject.what["spice"])
    tokens(subject, place)
    usage = subject.usage()
    for turn in range(30):
        subject.reload(spice=f"password-file = {first}\nviewers = {turn % 4 + 1}\n", api="")
    wait(lambda: subject.usage()[0] <= usage[0], PATIENCE)
    tap.ok(subject.usage()[0] <= usage[0] and subject.usage()[1] <= usage[1], "thirty of them leave nothing behind",
           usage, subject.usage())
    if sanitized():
        tap.skip("no memory either", "memory is checked, which keeps what was freed")
    else:
        tap.ok(subject.usage()[2] <= usage[2] + 512, "no memory either", usage, subject.usage())
    tap.ok(subject.stop() == 0, "it ends well", subject.said()[-2000:])
finally:
    listener.terminate()
    listener.wait()
    subject.kill()
    place.remove()
tap.done()
