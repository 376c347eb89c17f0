# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fans of spicerack-rack from outside, on a folder that pretends to be /sys: how soon they are safe after the
start, at the end and after a death; what lost sensors and fans that stand still come to; operators, another
configuration, and the service manager's watchdog."""
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import threading
import time

from consoles import Folder, Tap, program, skip_all, wait

DAEMON, CONTROL = program("spicerack-rack"), program("tools/spicerackctl")
UNIT = os.path.join(os.environ.get("top_srcdir", "."), "packaging", "spicerack-rack.service")
PATIENCE = 30       # seconds for what takes a moment; how long it took is printed
SAFE, END = 70, 77  # percent: before anything is known, and as the configuration says for the end
SENSOR, WALL = "bus/i2c/devices/7-0048", "bus/i2c/devices/3-002f"
CURVE = "20:30; 30:50; 40:80"
tap = Tap()


def raw(percent):
    """As a driver has it, in halves that may go either way."""
    return percent * 255 / 100


class Board:
    """A folder like /sys with a temperature and four fans."""

    def __init__(self, folder):
        self.root = os.path.join(folder.path, "sys")
        os.makedirs(os.path.join(self.root, "class/hwmon"))
        for number, device in enumerate((SENSOR, WALL)):
            os.makedirs(os.path.join(self.root, device, f"hwmon/hwmon{number}"))
            os.symlink(f"../../{device}/hwmon/hwmon{number}", os.path.join(self.root, f"class/hwmon/hwmon{number}"))
        self.temperature = self.path(SENSOR, 0, "temp1_input")
        self.warm(32)
        for fan in range(1, 5):
            self.put(self.path(WALL, 1, f"pwm{fan}"), "10")
            self.put(self.path(WALL, 1, f"pwm{fan}_enable"), "2")
            self.speed(fan, 4000)

    def path(self, device, number, name):
        return os.path.join(self.root, device, f"hwmon/hwmon{number}", name)

    @staticmethod
    def put(path, text):
        """At once, as a driver's files are."""
        with open(path + "~", "w", encoding="ascii") as out:
            out.write(text + "\n")
        os.rename(path + "~", path)

    def warm(self, degrees):
        self.put(self.temperature, str(int(degrees * 1000)))

    def speed(self, fan, rpm):
        self.put(self.path(WALL, 1, f"fan{fan}_input"), str(rpm))

    def duties(self):
        """0 to 255; 0 too where a file is being written, or is none."""
        values = []
        for fan in range(1, 5):
            try:
                with open(self.path(WALL, 1, f"pwm{fan}"), encoding="ascii") as file:
                    values.append(int((file.read().split() or [0])[0]))
            except OSError:
                values.append(0)
        return values

    def let_go(self):
        """As if nobody had ever controlled them. Files stay the same: they are open."""
        for fan in range(1, 5):
            with open(self.path(WALL, 1, f"pwm{fan}"), "w", encoding="ascii") as file:
                file.write("10\n")

    def at(self, percent, fans=range(1, 5)):
        duties = self.duties()
        return all(abs(duties[fan - 1] - raw(percent)) <= 1 for fan in fans)

    def written(self):
        """When the last of them was, of the clock of time.time()."""
        return max(os.stat(self.path(WALL, 1, f"pwm{fan}")).st_mtime_ns for fan in range(1, 5)) / 1e9


class Manager:
    """What a service manager hears by NOTIFY_SOCKET."""

    def __init__(self, folder):
        self.path = folder.file("notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)

    def hear(self, seconds):
        """The next word, or None."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(4096).decode()
        except socket.timeout:
            return None

    def waits_for(self, word, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if word in (self.hear(max(end - time.monotonic(), 0.01)) or ""):
                return True
        return False

    def close(self):
        self.socket.close()


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


class Rack:
    """The daemon, with its board."""

    def __init__(self, folder, name="rack"):
        self.folder, self.board, self.name = folder, Board(folder), name
        self.api, self.log = folder.file("rack.sock"), folder.file("rack.log")
        self.config = folder.file("rack.conf")
        self.process, self.started = None, 0

    def configure(self, curve=CURVE, fans=3, more=""):
        text = (f"[rack]\nsafe-duty = {END}\n[api]\nsocket = {self.api}\n"
                f"[sensor inlet]\ndevice = /sys/{SENSOR}\nattribute = temp1\nevery = 0.2\n"
                "[zone wall]\nleast = 25\nfall = 100\nfailsafe-time = 0.5\n"
                f"[input inlet]\nzone = wall\nsensor = SELF/inlet\ncurve = {curve}\ncritical = 60\ntimeout = 2\n")
        for fan in range(1, fans + 1):
            text += f"[fan fan{fan}]\nzone = wall\ndevice = /sys/{WALL}\npwm = pwm{fan}\ntachometer = fan{fan}\n"
        self.folder.file("rack.conf", text + more)

    def start(self, environment=None):
        with open(self.log, "ab") as log:
            self.started = time.time()
            self.process = subprocess.Popen([DAEMON, "--config", self.config, "--sysfs", self.board.root],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, **(environment or {})})

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def ask(self, path):
        connection = Unix(self.api)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        except OSError:
            return ""
        finally:
            connection.close()

    def zone(self):
        answer = self.ask("/api/v1/fans")
        if not answer:
            return {}
        answer = json.loads(answer)
        return answer.get("data", answer)["zones"][0]

    def events(self):
        """Types and data of those so far."""
        kind, all_of_them = None, []
        for line in self.ask("/api/v1/events?since=0&follow=false").splitlines():
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: "):
                all_of_them.append((kind, json.loads(line[6:])))
        return all_of_them

    def heard(self, kind, **data):
        return any(one == kind and data.items() <= told.items() for one, told in self.events())

    def control(self, *words):
        return subprocess.run([CONTROL, "--socket", self.api, *words], capture_output=True, text=True, check=False,
                              timeout=PATIENCE)

    def after(self, condition):
        """Seconds until then, or None."""
        begin = time.monotonic()
        return time.monotonic() - begin if wait(condition, PATIENCE, 0.005) else None

    def settles(self, percent=50, fans=(1, 2, 3)):
        return wait(lambda: self.board.at(percent, fans) and self.zone().get("reason") == "demand", PATIENCE)

    def end(self, number=signal.SIGKILL):
        if self.process:
            self.process.send_signal(number)
            self.process.wait(PATIENCE)
        self.process = None


def judge(name, seconds, limit, rack):
    tap.ok(seconds is not None and seconds <= PATIENCE, name, rack.board.duties(), rack.said())
    if seconds is not None:
        tap.say(f"{seconds * 1000:.0f} ms (to be within {limit} ms)")


# --- The start ---

def start_is_safe(rack):
    """Before anything is read of the configuration, whatever that is."""
    for what in ("that is good", "that is missing", "that is broken", "that does not come"):
        rack.configure()
        if what == "that is missing":
            os.remove(rack.config)
        elif what == "that is broken":
            rack.folder.file("rack.conf", "[fan\n")
        elif what == "that does not come":
            os.remove(rack.config)
            os.mkfifo(rack.config)
        rack.board.let_go()
        rack.start()
        done = wait(lambda: rack.board.at(SAFE), PATIENCE, 0.001)
        judge(f"fans are safe at the start with a configuration {what}",
              max(rack.board.written() - rack.started, 0) if done else None, 100, rack)
        if what in ("that is missing", "that is broken"):
            tap.ok(rack.process.wait(PATIENCE) == 1 and rack.board.at(SAFE), "and stay so when it cannot go on",
                   rack.board.duties(), rack.said())
        rack.end()
        if os.path.exists(rack.config):
            os.remove(rack.config)


# --- Its work ---

def sensor_is_lost(rack):
    board = rack.board

    def failsafe():
        return board.at(80, (1, 2, 3))

    def recovers(what):
        tap.ok(rack.settles(), f"{what} is trusted again when it is back", board.duties(), rack.zone(), rack.said())
        tap.ok(wait(lambda: rack.heard("fan.recovered", zone="wall"), PATIENCE), "which is told", rack.events())

    for what in ("a temperature that vanishes", "one that says nonsense", "one that cannot be", "one that hangs"):
        before = len(rack.events())
        fifo = None
        if what == "a temperature that vanishes":
            os.remove(board.temperature)
        elif what == "one that says nonsense":
            board.put(board.temperature, "warm")
        elif what == "one that cannot be":
            board.warm(190)
        else:
            fifo = board.temperature + ".fifo"
            os.mkfifo(fifo)
            os.link(fifo, fifo + "2")
            os.rename(fifo, board.temperature)
        judge(f"{what} is failsafe", rack.after(failsafe), 3000, rack)
        zone = rack.zone()
        tap.ok(zone["failsafe"] and zone["about"] == "inlet" and zone["reason"] in ("stale", "broken", "range") and
               abs(zone["duty"] - 80) < 0.01, "its zone says so", zone)
        tap.ok(any(kind == "fan.failsafe" and data["about"] == "inlet" for kind, data in rack.events()[before:]),
               "and an event", rack.events())
        board.warm(32)
        if fifo:
            # Who waits for its other end gets that, and nothing to read.
            os.close(os.open(fifo + "2", os.O_WRONLY | os.O_NONBLOCK))
        recovers(what)


def fan_stands_still(rack):
    board = rack.board
    board.speed(2, 0)
    judge("a fan that stands still makes the others run", rack.after(lambda: board.at(100, (1, 3))), 3000, rack)
    fans = {fan["name"]: fan for fan in rack.zone()["fans"]}
    tap.ok(fans["fan2"]["failed"] and fans["fan2"]["rpm"] == 0 and not fans["fan1"]["failed"], "it is known which",
           fans)
    tap.ok(rack.heard("fan.failed", fan="fan2") and rack.heard("fan.failsafe", about="fan2", reason="fan"),
           "and told", rack.events())
    board.speed(2, 4000)
    tap.ok(rack.settles() and rack.heard("fan.runs", fan="fan2"), "until it runs again", board.duties(), rack.events())


def fan_cannot_be_written(rack):
    board = rack.board
    path = board.path(WALL, 1, "pwm3")
    os.remove(path)
    os.mkdir(path)
    judge("a fan that cannot be written makes the others run",
          rack.after(lambda: [fan for fan in rack.zone()["fans"] if fan["duty"] == 100 and fan["failed"]]), 5000, rack)
    tap.ok("cannot be written" in rack.control("rack").stdout, "and is a problem of the rack", rack.control("rack"))
    os.rmdir(path)
    board.put(path, "10")
    tap.ok(rack.settles(), "until it can be", board.duties(), rack.zone())


def operator_decides(rack):
    done = rack.control("fan", "wall", "60")
    tap.ok(done.returncode == 0 and wait(lambda: rack.board.at(60, (1, 2, 3)), PATIENCE), "an operator sets a duty",
           done, rack.board.duties())
    tap.ok(rack.zone()["manual"] == 60, "which the zone tells", rack.zone())
    done = rack.control("fan", "wall", "auto")
    tap.ok(done.returncode == 0 and rack.settles(), "and gives it back", done, rack.board.duties())


class Watch(threading.Thread):
    """The least that was ever to be seen of some fans."""

    def __init__(self, board, fans):
        super().__init__(daemon=True)
        self.board, self.fans, self.ends = board, fans, False
        self.least, self.most, self.looks = 1000, 0, 0
        self.start()

    def run(self):
        while not self.ends:
            values = [value for fan, value in enumerate(self.board.duties(), 1) if fan in self.fans and value]
            self.least, self.most = min([self.least, *values]), max([self.most, *values])
            self.looks += 1
            time.sleep(0.001)

    def end(self):
        self.ends = True
        self.join()


def configuration_changes(rack):
    board = rack.board

    def reload(count):
        rack.process.send_signal(signal.SIGHUP)
        return wait(lambda: rack.said().count("configuration as it is now") >= count, PATIENCE)

    watch = Watch(board, (1, 2, 3))
    rack.configure("20:30; 30:60; 40:80", 4)
    tap.ok(reload(1) and wait(lambda: board.at(60), PATIENCE), "another curve and another fan are obeyed",
           board.duties(), rack.said())
    watch.end()
    tap.ok(watch.least >= raw(50) - 1 and watch.most <= raw(60) + 1, "with no other duty in between",
           f"{watch.least} to {watch.most} in {watch.looks} looks")
    watch = Watch(board, (1, 2, 3))
    rack.configure("20:30; 30:60; 40:80", 3)
    tap.ok(reload(2) and wait(lambda: board.at(END, (4,)), PATIENCE), "a fan that is not named any more is safe",
           board.duties())
    time.sleep(0.5)
    watch.end()
    tap.ok(watch.least >= raw(60) - 1 and watch.most <= raw(60) + 1, "the others do not hear of it",
           f"{watch.least} to {watch.most} in {watch.looks} looks")
    rack.configure("20:30; 30:60; 40:90", 3, "[zone empty]\n")
    rack.process.send_signal(signal.SIGHUP)
    tap.ok(wait(lambda: "the former configuration stays" in rack.said(), PATIENCE) and board.at(60, (1, 2, 3)),
           "one that is wrong changes nothing", rack.said())


# --- The end ---

def end_is_safe(rack):
    rack.board.speed(1, 4000)
    before = time.monotonic()
    rack.process.send_signal(signal.SIGTERM)
    status = rack.process.wait(PATIENCE)
    tap.ok(status == 0 and rack.board.at(END, (1, 2, 3)), "SIGTERM leaves the fans at their safe duty",
           status, rack.board.duties(), rack.said())
    tap.say(f"{(time.monotonic() - before) * 1000:.0f} ms")
    rack.process = None


def stop_post(rack, config):
    """As the unit says it, with the program that was built."""
    with open(UNIT, encoding="utf-8") as unit:
        line = next(line for line in unit if line.startswith("ExecStopPost="))
    words = shlex.split(line.split("=", 1)[1])
    if os.path.basename(words[0]) != "spicerack-rack":
        raise ValueError(line)
    return subprocess.run([DAEMON, *words[1:], "--sysfs", rack.board.root, "--config", config], capture_output=True,
                          text=True, check=False, timeout=PATIENCE)


def death_is_made_up_for(rack):
    before = time.time()
    rack.end(signal.SIGKILL)
    tap.ok(rack.board.at(50, (1, 2, 3)), "who is killed can do nothing", rack.board.duties())
    done = stop_post(rack, rack.config)
    judge("what the unit runs then sets a safe duty",
          max(rack.board.written() - before, 0) if done.returncode == 0 and rack.board.at(END) else None, 2000, rack)
    rack.board.let_go()
    done = stop_post(rack, rack.folder.file("broken.conf", "[fan\n"))
    tap.ok(done.returncode == 0 and rack.board.at(SAFE), "without a configuration too", done, rack.board.duties())


def manager_watches(rack):
    manager = Manager(rack.folder)
    try:
        rack.start({"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"})
        tap.ok(manager.waits_for("READY=1"), "the manager hears that it is ready", rack.said())
        tap.ok(all(manager.waits_for("WATCHDOG=1") for _ in range(5)), "and that it is alive")
        os.kill(rack.process.pid, signal.SIGSTOP)
        wait(lambda: manager.hear(0.5) is None, PATIENCE)
        tap.ok(manager.hear(1) is None, "but not while its loop stands still")
        os.kill(rack.process.pid, signal.SIGCONT)
        tap.ok(manager.waits_for("WATCHDOG=1"), "and again when it goes on")
        tap.ok(rack.settles(), "its fans are controlled", rack.board.duties(), rack.said())
    finally:
        manager.close()


if not os.path.exists(DAEMON):
    skip_all("spicerack-rack was not built")
place = Folder()
daemon = Rack(place)
try:
    start_is_safe(daemon)
    daemon.configure()
    daemon.start()
    tap.ok(daemon.settles(), "fans follow the temperature", daemon.board.duties(), daemon.said())
    sensor_is_lost(daemon)
    fan_stands_still(daemon)
    fan_cannot_be_written(daemon)
    operator_decides(daemon)
    configuration_changes(daemon)
    end_is_safe(daemon)
    daemon.configure()
    manager_watches(daemon)
    death_is_made_up_for(daemon)
finally:
    if daemon.process:
        daemon.process.kill()
        daemon.process.wait()
    place.remove()
tap.done()
