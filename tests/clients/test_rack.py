# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rack's daemon as it is shipped, with BMCs on real sockets: what it reads and switches, BMCs that are silent, let
nobody in, or are replaced by others, a memcached that readings are shared through, configurations that are read anew,
and the end. ipmitool and memcached judge from outside, where they are installed."""
import os
import re
import shutil
import socket
import subprocess
import time

from consoles import Folder, Tap, skip_all, wait
from racks import NAME, PASSWORD, Rack, Farm, built, farm_node

NODES = 9
HUNG = (5, 6)       # that are silent for a while
LOCKED = 8          # that has another password
REPLACED = 3        # that another machine comes in place of
PATIENCE = 60       # seconds for what takes some on a busy machine
SENSORS = 12        # of a node of the farm, with its own reading of power
PLAN = "[sensor-plan default]\npoll = * 1 10\nchassis = 1\nlog = 2\n"
tap = Tap()


class Memcached:
    def __init__(self, folder):
        self.path = folder.file("memcached.sock")
        user = ("-u", "root") if os.geteuid() == 0 else ()
        self.process = subprocess.Popen(["memcached", *user, "-s", self.path], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait(lambda: os.path.exists(self.path), PATIENCE)

    def get(self, *keys):
        """Those values that there are."""
        with socket.socket(socket.AF_UNIX) as server:
            server.settimeout(PATIENCE)
            server.connect(self.path)
            server.sendall(f"get {' '.join(keys)}\r\n".encode())
            answer = b""
            while not answer.endswith(b"END\r\n"):
                answer += server.recv(65536)
        lines = answer.decode().split("\r\n")
        return {head.split()[1]: value for head, value in zip(lines[:-2:2], lines[1:-2:2])}

    def sensor(self, node, name):
        """As who shares readings does it; none: it is not there, or the node was replaced meanwhile."""
        head = f"rack-test/{node}"
        generation = self.get(head).get(head)
        key = f"{head}@{generation}/{name}"
        values = self.get(key, head)
        return values.get(key) if values.get(head) == generation else None

    def close(self):
        self.process.kill()
        self.process.wait()


def configuration(farm, folder, memcached, nodes=range(NODES), more=""):
    good, wrong = folder.file("password", PASSWORD + "\n"), folder.file("wrong", "Secret\n")
    text = "[rack]\nname = test\n"
    if memcached:
        text += f"memcached = {memcached.path}\nmemcached-prefix = rack-test\n"
    text += more + PLAN
    return text + "".join(farm_node(farm, i, wrong if i == LOCKED else good) for i in nodes)


# --- What it reads ---

def judge_start(rack, farm):
    good = wait(lambda: list(rack.states().values()) == ["up"] * (NODES - 1) + ["refused"], PATIENCE)
    tap.ok(good, "nodes come up, and one is refused", rack.states(), rack.said())
    tap.say(f"that took {time.monotonic() - rack.began:.2f} s")

    def known():
        return all(node["sensors"] == SENSORS and node["watts"] for node in list(rack.nodes().values())[:-1])
    tap.ok(wait(known, PATIENCE), "their sensors and their power are known", rack.nodes())
    node = rack.nodes()[f"n{LOCKED:02}"]
    tap.ok(node["why"] and "password" in node["why"], "a wrong password is called one", node)
    farm.locked = farm.sum(str(LOCKED))["packets"], time.monotonic()


def ipmitool(farm, node, *words):
    done = subprocess.run(["ipmitool", "-I", "lanplus", "-C", "17", "-H", "127.0.0.1", "-p", str(farm.port + node),
                           "-U", NAME, "-P", PASSWORD, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=False, timeout=PATIENCE)
    return done.stdout


def judge_values(rack, farm):
    """They move: each has to be the same once."""
    name = "ipmitool reads the same values"
    if not shutil.which("ipmitool"):
        tap.skip(name, "no ipmitool")
        return
    differ, seen = {}, set()

    def all_same():
        for line in ipmitool(farm, 0, "sensor", "list").splitlines():
            sensor, theirs, unit = (word.strip() for word in line.split("|")[:3])
            ours = rack.storage(f"n00/{sensor}")[f"n00/{sensor}"]
            if ours and unit != "discrete":
                same = abs(ours["value"] - float(theirs)) <= 0.0005 and ours["unit"] == unit
            else:
                same = ours is not None
            if same:
                seen.add(sensor)
            else:
                differ[sensor] = line, ours
        return len(seen) >= SENSORS
    tap.ok(wait(all_same, PATIENCE), name, sorted(seen), {key: differ[key] for key in differ if key not in seen})
    said = ipmitool(farm, 0, "sensor", "list").splitlines()
    tap.ok({f"n00/{line.split('|')[0].strip()}" for line in said} | {"n00/POWER"} == set(rack.storage("n00/*")),
           "and the same sensors", said, rack.storage("n00/*"))


# --- Nodes that are switched ---

def judge_power(rack, farm, events):
    def cpus():
        return [reading["state"] for key, reading in rack.storage("n02/CPU*").items()]

    status, said = rack.ctl("power", "n02")
    tap.ok(status == 0 and said == "on", "spicerackctl says that a node is on", said)
    status, said = rack.ctl("power", "n02", "off")
    tap.ok(status == 0 and wait(lambda: rack.ctl("power", "n02")[1] == "off", PATIENCE), "switches it off", said,
           rack.ctl("power", "n02"))
    tap.ok(wait(lambda: farm.each("2")[2]["watts"] < 50, PATIENCE), "so that it draws nothing", farm.each("2"))
    tap.ok(wait(lambda: events.of("node.power", node="n02", on=False), PATIENCE), "of which an event tells")
    status, said = rack.ctl("power", "n02", "on")
    tap.ok(status == 0 and wait(lambda: rack.ctl("power", "n02")[1] == "on", PATIENCE), "on again", said)
    tap.ok(wait(lambda: events.of("node.power", node="n02", on=True), PATIENCE) and
           wait(lambda: farm.each("2")[2]["watts"] >= 50, PATIENCE), "so that it draws something", farm.each("2"))
    status, said = rack.ctl("power", "n02", "cycle")
    tap.ok(status == 0, "and off and on", said)
    tap.ok(wait(lambda: rack.ctl("power", "n02")[1] == "on", PATIENCE), "after which it is on")
    status, said = rack.ctl("power", "n99", "off")
    tap.ok(status == 1 and "n99" in said, "a node that there is not is named", said)

    def entries():
        return rack.get("nodes/n02/log")
    tap.ok(wait(lambda: len(json_list(entries())) >= 3, PATIENCE), "its event log tells of that", entries())
    tap.ok(wait(lambda: events.of("node.log", node="n02"), PATIENCE), "and so do events", events.heard)


def json_list(answer):
    return next((value for value in answer.values() if isinstance(value, list)), [])


# --- Nodes that are silent ---

def judge_hung(rack, farm, events):
    """The others are to be none the worse; what they are waits for the end of this."""
    hung = [f"n{i:02}" for i in HUNG]
    before = {name: len(events.of("node.lost", node=name)) for name in hung}
    worst, since = 0, time.monotonic()
    farm.tell(f"hang {HUNG[0]}-{HUNG[1]}")

    def lost():
        nonlocal worst
        worst = max(worst, *(node["watts_age_ms"] for name, node in rack.nodes().items()
                             if name not in hung and node["state"] == "up"))
        return all(len(events.of("node.lost", node=name)) > before[name] for name in hung)
    tap.ok(wait(lost, PATIENCE, 0.05), "nodes that are silent are lost", events.heard)
    took = max(events.of("node.lost", node=name)[-1][2] for name in hung) - since
    # 5 s are asked for; the machine may be busy.
    tap.ok(took < 8, "within 5 s", f"{took:.2f} s")
    tap.say(f"lost after {took:.2f} s; power of the others was {worst} ms old at most")
    tap.ok(worst < 5000, "while power of others is read as before", worst)
    tap.ok([rack.states()[name] for name in hung] == ["lost"] * 2, "who asks is told", rack.states())
    tap.ok(not [name for name, state in rack.states().items() if state == "lost" and name not in hung],
           "of nobody else", rack.states())
    farm.tell(f"well {HUNG[0]}-{HUNG[1]}")


def judge_back(rack, farm):
    hung = [f"n{i:02}" for i in HUNG]
    tap.ok(wait(lambda: all(rack.states()[name] == "up" for name in hung), PATIENCE), "they come back", rack.states())
    seen = farm.sum(f"0-{LOCKED - 1}")
    tap.ok(seen["flight"] == 1, "one packet is under way for a node, and no more", seen)
    tap.ok(seen["outside"] == 0 and seen["bad"] == 0, "nothing goes outside a session", seen)


# --- A wrong password ---

def judge_locked(rack, farm):
    count, since = farm.locked
    packets, seconds = farm.sum(str(LOCKED))["packets"] - count, time.monotonic() - since
    tap.ok(packets <= 8 + seconds, "a BMC that lets nobody in is not stormed", f"{packets} packets in {seconds:.0f} s")
    tap.say(f"{packets} packets in {seconds:.0f} s")
    tap.ok(rack.states()[f"n{LOCKED:02}"] == "refused", "and stays refused")


# --- Another machine in a node's place ---

class Replacement:
    """Replaces a node's machine, and reads all that there is of it from the very moment on in which that is told, until
    all is there. That is a matter of its own thread."""

    def __init__(self, rack, farm, memcached):
        self.rack, self.name = rack, f"n{REPLACED:02}"
        self.before = rack.nodes()[self.name]
        self.shared = memcached.get(f"rack-test/{self.name}") if memcached else None
        self.stale, self.looks, self.known, self.event = [], 0, None, None
        self.done = False
        self.listener = rack.events(self.seen)
        self.began = time.monotonic()
        farm.tell(f"replace {REPLACED} 77")

    def look(self):
        """Nothing can be known of the new machine that is older than it is."""
        values = self.rack.storage(f"{self.name}/*")
        age = (time.monotonic() - self.began) * 1000
        self.looks += 1
        self.stale += [(key, value) for key, value in values.items()
                       if value["age_ms"] is not None and value["age_ms"] > age]
        return len([value for value in values.values() if value["state"] == "ok"]) > SENSORS

    def seen(self, kind, values, when):
        if kind != "node.replaced" or values["node"] != self.name or self.event:
            return
        self.event = values, when
        if wait(self.look, PATIENCE, 0.001):
            self.known = time.monotonic() - when
        self.done = True


def judge_replaced(rack, events, memcached, replacement):
    name, before = replacement.name, replacement.before
    tap.ok(wait(lambda: replacement.done, 2 * PATIENCE), "a BMC with another GUID is another machine's", events.heard)
    replacement.listener.close()
    tap.ok(not replacement.stale, "of the former one nothing can be read any more", replacement.stale)
    # 5 s are asked for; the machine may be busy.
    tap.ok(replacement.known is not None and replacement.known < 15, "the new one's sensors are there within 5 s",
           replacement.known, rack.storage(f"{name}/*"))
    values, when = replacement.event or ({}, 0)
    tap.say(f"{when - replacement.began:.2f} s until it was seen, {replacement.known or 0:.2f} s until all was read, "
            f"{replacement.looks} looks")
    node = rack.nodes()[name]
    tap.ok(node["bmc"]["guid"] == values.get("guid") != before["bmc"]["guid"] and
           node["generation"] > before["generation"], "it is another one by GUID and generation", before, node, values)
    judge_shared(rack, memcached, name, replacement.shared)
    judge_told(rack, events)


def judge_shared(rack, memcached, name, old):
    if not memcached:
        tap.skip("in memcached it is another generation", "no memcached")
        return
    head = f"rack-test/{name}"
    tap.ok(old and wait(lambda: memcached.get(head).get(head) not in (None, old[head]), PATIENCE),
           "in memcached it is another generation", old, memcached.get(head))

    def same():
        ours = rack.storage(f"{name}/*")
        return len(ours) > SENSORS and all(
            memcached.sensor(*key.split("/")) == f"{value['value']:.10g}" for key, value in ours.items()
            if not key.endswith("POWER"))
    tap.ok(wait(same, PATIENCE), "with the values that the daemon has", rack.storage(f"{name}/*"),
           {key: memcached.sensor(*key.split("/")) for key in rack.storage(f"{name}/*")})


def judge_told(rack, events):
    """An operator says so: how long that takes can be seen from outside."""
    begin = time.monotonic()
    status, _ = rack.ask("POST", "/api/v1/nodes/n01/replace")
    took = (time.monotonic() - begin) * 1000
    values = rack.storage("n01/*")
    age = (time.monotonic() - begin) * 1000 + 1  # of whole ms
    tap.ok(status in (200, 204) and all(value["age_ms"] is None or value["age_ms"] <= age for value in values.values()),
           "when an operator says so, it is the same", status, values)
    tap.ok(took < 1000, "in 50 ms", f"{took:.1f} ms")
    tap.say(f"told within {took:.1f} ms")
    tap.ok(wait(lambda: events.of("node.replaced", node="n01"), PATIENCE), "of which an event tells")
    tap.ok(wait(lambda: len(rack.storage("n01/*")) > SENSORS, PATIENCE), "and all is read again", rack.storage("n01/*"))


# --- Configurations ---

def judge_reload(rack, farm, folder, memcached):
    kept = range(NODES - 2)
    before = {i: seen["sessions"] for i, seen in farm.each().items()}
    known = rack.nodes()
    broken = configuration(farm, folder, memcached, kept) + "[node nn]\naddress = 127.0.0.1\nprot = 1\n"
    said = rack.reload(broken)
    tap.ok(re.search(r"rack\.conf:\d+: .*prot.*port", said) and "stays" in said,
           "a configuration with an error is told", said)
    tap.ok(set(rack.states()) == set(known) and {i: seen["sessions"] for i, seen in farm.each().items()} == before,
           "and changes nothing", rack.states())
    said = rack.reload(configuration(farm, folder, memcached, kept, "budget = 5000\n") +
                       farm_node(farm, NODES - 2, folder.file("password"), name="other"))
    tap.ok("as it is now" in said, "a good one is taken", said)
    tap.ok(wait(lambda: rack.states().get("other") == "up", PATIENCE), "its new node comes up", rack.states())
    tap.ok(list(rack.states()) == [f"n{i:02}" for i in kept] + ["other"], "what is not in it is gone", rack.states())
    tap.ok(not rack.storage("n07/*,n08/*"), "with its readings", rack.storage("n07/*"))
    tap.ok({i: seen["sessions"] for i, seen in farm.each(f"0-{NODES - 3}").items()} == {i: before[i] for i in kept} and
           all(rack.nodes()[f"n{i:02}"]["traffic"]["links"] == known[f"n{i:02}"]["traffic"]["links"] for i in kept),
           "those that stay keep their sessions", before, farm.each())
    tap.ok(rack.get("power/budget")["watts"] == 5000, "the budget is the new one", rack.get("power/budget"))
    seen = farm.each(str(NODES - 2))[NODES - 2]
    tap.ok(seen["sessions"] == before[NODES - 2] + 1 and seen["up"] == 1, "who goes closes its session", seen, before)


def sessions(farm):
    """How many each BMC has now. One that was silent keeps its former one for a minute, of which nobody else knows."""
    return {seen["up"] for i, seen in farm.each(f"0-{NODES - 2}").items() if i not in HUNG}


def judge_end(rack, farm):
    tap.ok(sessions(farm) == {1}, "there is one session with each BMC", farm.each())
    status = rack.stop()
    tap.ok(status == 0, "it ends in good order", status, rack.said())
    tap.ok(wait(lambda: sessions(farm) == {0}, PATIENCE), "and closes its sessions", farm.each())
    rack.start()
    tap.ok(wait(lambda: set(rack.states().values()) == {"up"}, PATIENCE), "when it starts again all come up",
           rack.states(), rack.said())
    tap.ok(sessions(farm) == {1}, "with one session again", farm.each())
    status = rack.stop()
    tap.ok(status == 0 and wait(lambda: sessions(farm) == {0}, PATIENCE), "and it ends again", status, rack.said())


if not built():
    skip_all("the rack was not built")
place = Folder()
bmcs = Farm(NODES, "--suite=17")
cache = Memcached(place) if shutil.which("memcached") else None
ours = None
try:
    ours = Rack(place, configuration(bmcs, place, cache))
    heard = ours.events()
    judge_start(ours, bmcs)
    judge_values(ours, bmcs)
    judge_hung(ours, bmcs, heard)
    other = Replacement(ours, bmcs, cache)
    judge_power(ours, bmcs, heard)
    judge_replaced(ours, heard, cache, other)
    judge_back(ours, bmcs)
    judge_locked(ours, bmcs)
    judge_reload(ours, bmcs, place, cache)
    heard.close()
    judge_end(ours, bmcs)
finally:
    if ours and ours.alive():
        ours.stop()
    if cache:
        cache.close()
    bmcs.close()
    place.remove()
tap.done()
