#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the rack's daemon costs as a whole, and how fresh it keeps its readings: spicerack-rack with simulated BMCs on
real sockets in another process, a budget, fan zones on a made-up sysfs, and HTTP clients.
What is asked once a minute only, identity and event log, is left out: commands are to be the same in each part.

It is run from a build's folder, or with --build; make check_PROGRAMS makes what it needs beside the programs. Each part
takes --seconds: the first without clients, the second with them, the third with a quarter of the nodes silent. Printed:
from start to all nodes up and read; memory, also by what it is made of (--map: by each mapping); CPU time; commands a
second; ages of power readings, as the API tells them ten times a second; how long answers take."""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import time

TICKS = os.sysconf("SC_CLK_TCK")
FRESH = 2000  # ms, a good age for what a budget is kept with
FANS = 6
CLIENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/clients")


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=48, help="BMCs (48)")
    parser.add_argument("--budget", type=int, default=300, help="W a node; 0: there is none (300)")
    parser.add_argument("--clients", type=int, default=200,
                        help="HTTP clients, a tenth of them listeners to events (200)")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two questions of a client (1)")
    parser.add_argument("--seconds", type=float, default=40, help="of each part (40), best whole times of 5 and of --sensors")
    parser.add_argument("--sensors", type=float, default=8,
                        help="seconds between two readings of a sensor (8: 2.8 commands a node and second)")
    parser.add_argument("--memcached", metavar="ADDRESS", help="share readings through this memcached too")
    parser.add_argument("--map", action="store_true", help="print the memory of each mapping")
    parser.add_argument("--build", default=".", help="the build's folder (.)")
    return parser.parse_args()


# --- The daemon, from outside ---

class Process:
    def __init__(self, pid):
        self.pid = pid

    def cpu(self):
        """Seconds of CPU time so far."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def maps(self):
        """KiB in memory of each file, or whatever it is: all, and what is not shared with a file."""
        sizes, name = collections.defaultdict(lambda: [0, 0]), ""
        with open(f"/proc/{self.pid}/smaps", encoding="utf-8") as smaps:
            for line in smaps:
                if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                    name = line.split(None, 5)[5].strip() if len(line.split(None, 5)) > 5 else "[anonymous]"
                elif line.startswith("Rss:"):
                    sizes[name][0] += int(line.split()[1])
                elif line.startswith("Anonymous:"):
                    sizes[name][1] += int(line.split()[1])
        return sizes

    def status(self, key):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(key + ":"))


def print_memory(process, whole):
    maps = process.maps()
    groups = collections.Counter()
    for name, (rss, anonymous) in maps.items():
        base = os.path.basename(name)
        if "spicerack" in base:
            groups["our program's file"] += rss - anonymous
            groups["our program's data"] += anonymous
        elif name.startswith("/"):
            groups["libraries' files"] += rss - anonymous
            groups["libraries' data"] += anonymous
        elif name == "[heap]":
            groups["heap"] += rss
        elif name.startswith("[stack"):
            groups["stack"] += rss
        else:
            groups["other anonymous memory"] += rss
    print(f"  memory: {process.status('VmRSS')} KiB, of these {process.status('RssAnon')} anonymous, "
          f"{process.status('VmHWM')} at most; threads: {process.status('Threads')}")
    print("  " + "; ".join(f"{name} {size}" for name, size in groups.most_common()))
    if whole:
        for name, (rss, anonymous) in sorted(maps.items(), key=lambda each: -each[1][0]):
            print(f"  {rss:7} KiB, {anonymous:6} anonymous  {name}")


# --- Its configuration ---

def make_sysfs(place):
    """Fans that turn, and a sensor."""
    device = os.path.join(place, "sys/devices/board")
    folder = os.path.join(device, "hwmon/hwmon0")
    os.makedirs(folder)
    os.makedirs(os.path.join(place, "sys/class/hwmon"))
    os.symlink("../../devices/board/hwmon/hwmon0", os.path.join(place, "sys/class/hwmon/hwmon0"))
    os.symlink("../..", os.path.join(folder, "device"))
    files = {"name": "board", "temp1_input": "24000"}
    for fan in range(1, FANS + 1):
        files.update({f"pwm{fan}": "178", f"pwm{fan}_enable": "1", f"fan{fan}_input": "7000"})
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text + "\n")
    return os.path.join(place, "sys")


def configuration(given, farm, racks, password):
    budget = f"budget = {given.nodes * given.budget}\n" if given.budget else ""
    text = (f"[rack]\nname = bench\n{budget}"
            f"[sensor-plan default]\npoll = * {given.sensors} 30\nlog = 0\nidentity = 0\n"
            "[sensor inlet]\ndevice = /sys/devices/board\nattribute = temp1\n")
    if given.memcached:
        text = text.replace("[sensor-plan", f"memcached = {given.memcached}\n[sensor-plan")
    for i in range(given.nodes):
        text += racks.farm_node(farm, i, password, "floor = 110\nceiling = 420" if given.budget else "")
    for zone in (1, 2):
        text += (f"[zone z{zone}]\n[input cpus{zone}]\nzone = z{zone}\nsensor = n*/CPU*_TEMP\ncontrol = pid\n"
                 f"setpoint = 65\ntimeout = 30\n[input inlet{zone}]\nzone = z{zone}\nsensor = SELF/inlet\n"
                 "curve = 20:25; 30:50; 40:100\n")
        for fan in range(FANS // 2 * (zone - 1) + 1, FANS // 2 * zone + 1):
            text += (f"[fan fan{fan}]\nzone = z{zone}\ndevice = /sys/devices/board\npwm = pwm{fan}\n"
                     f"tachometer = fan{fan}\n")
    return text


# --- Figures ---

def percentile(sorted_values, percent):
    if not sorted_values:
        return float("nan")
    return sorted_values[min(int(len(sorted_values) * percent / 100), len(sorted_values) - 1)]


class Part:
    """Measures for some seconds."""

    @staticmethod
    def limits(rack):
        return rack.get("power/budget")["commands"]

    def __init__(self, title, rack, farm, seconds, but=()):
        self.process = Process(rack.process.pid)
        ages, looks = [], 0
        cpu, begin, sums, limits = self.process.cpu(), time.monotonic(), farm.sum(), self.limits(rack)
        while time.monotonic() < begin + seconds:
            nodes = rack.nodes()
            ages += [node["watts_age_ms"] if node["watts_age_ms"] is not None else 10 ** 6
                     for name, node in nodes.items() if name not in but]
            looks += 1
            time.sleep(0.1)
        took, after = time.monotonic() - begin, farm.sum()
        cpu = self.process.cpu() - cpu
        limits = (self.limits(rack) - limits) / took
        ages.sort()
        commands = (after["commands"] - sums["commands"]) / took
        self.readings = commands - 3 * limits  # a limit is set, activated and read back
        fresh = 100 * sum(age <= FRESH for age in ages) / len(ages)
        print(f"{title}:")
        print(f"  {commands:.1f} commands/s, of these {3 * limits:.1f} for limits; {100 * cpu / took:.2f} % CPU; "
              f"sessions {after['sessions'] - sums['sessions']} more, {after['up']} now; "
              f"packets under way for a node {after['flight']} at most")
        print(f"  power readings: {fresh:.3f} % within {FRESH / 1000:g} s, 50 of 100 within {percentile(ages, 50)} ms, "
              f"99.9 within {percentile(ages, 99.9)} ms, all within {ages[-1]} ms ({looks} looks)")


class Crowd:
    """Clients, in a process of their own: what they do must not make them see answers late."""

    def __init__(self, path, given):
        code = (f"import json, sys; sys.path.insert(0, {CLIENTS!r}); from racks import Crowd\n"
                f"crowd = Crowd({path!r}, {given.clients}, {given.clients // 10}, {given.pause})\n"
                "sys.stdin.read(); crowd.close(); print(json.dumps([sorted(crowd.times), len(crowd.failed)]))")
        self.process = subprocess.Popen([sys.executable, "-B", "-c", code], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def end(self):
        """How long answers took, ms, and how many were none."""
        return json.loads(self.process.communicate()[0])


def print_times(times, failed):
    print(f"  {len(times)} answers: 50 of 100 within {percentile(times, 50):.2f} ms, 99 within "
          f"{percentile(times, 99):.2f} ms, all within {percentile(times, 100):.2f} ms; {failed} failed")


def align(given, read):
    """All sensors were read in one go, and are so again each time: a part begins in the middle between two."""
    time.sleep((read + given.sensors / 2 - time.monotonic()) % given.sensors)


def measure(given, racks, consoles, folder):
    farm = racks.Farm(given.nodes, "--suite=17")
    rack = None
    try:
        sysfs = make_sysfs(folder.path)
        rack = racks.Rack(folder, configuration(given, farm, racks, folder.file("password", "secret\n")), sysfs)
        consoles.wait(lambda: all(node["state"] == "up" and node["watts"] is not None
                                  for node in rack.nodes().values()), 60)
        up = time.monotonic() - rack.began
        consoles.wait(lambda: len(rack.storage("*")) >= given.nodes * 13, 60)
        print(f"from start until all {given.nodes} nodes are up, with their power: {up:.2f} s; until all "
              f"{len(rack.storage('*'))} readings are there: {time.monotonic() - rack.began:.2f} s")
        read = time.monotonic()
        align(given, read)
        alone = Part("without clients", rack, farm, given.seconds)
        print_memory(alone.process, given.map)
        crowd = Crowd(rack.socket, given)
        time.sleep(2 * given.pause)
        align(given, read)
        served = Part(f"with {given.clients} clients", rack, farm, given.seconds)
        print(f"  {100 * (served.readings / alone.readings - 1):+.2f} % commands, but for limits")
        print_memory(served.process, given.map)
        print_times(*crowd.end())
        hung = given.nodes // 4
        if hung:
            listener, begin = rack.events(), time.monotonic()
            farm.tell(f"hang 0-{hung - 1}")
            but = [f"n{i:02}" for i in range(hung)]
            part = Part(f"with {hung} nodes that are silent, the others", rack, farm, given.seconds, but)
            lost = [event[2] - begin for event in listener.of("node.lost") if event[2] > begin]
            print(f"  {len(lost)} lost, after {min(lost, default=0):.2f} to {max(lost, default=0):.2f} s")
            print_memory(part.process, False)
            listener.close()
        print(f"it ended with {rack.stop()}")
    finally:
        if rack and rack.alive():
            rack.stop()
        farm.close()


def main():
    given = options()
    os.environ["top_builddir"] = os.path.abspath(given.build)
    sys.path.insert(0, CLIENTS)
    import consoles
    import racks
    if not racks.built():
        sys.exit(f"{given.build}: no spicerack-rack, tools/spicerackctl and tests/unit/bmc_farm there")
    folder = consoles.Folder()
    try:
        measure(given, racks, consoles, folder)
    finally:
        folder.remove()


main()
