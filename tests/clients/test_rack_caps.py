# SPDX-License-Identifier: LGPL-2.1-or-later
"""A power budget on BMCs that are not ours: ipmi_sim for each node, which all log what limit they have and what they
draw. Demands move, and so does the budget: what the limits add up to is never above it."""
import os
import random
import shutil
import socket
import subprocess
import time

from consoles import Folder, Tap, program, skip_all, wait
from racks import Rack, built, sanitized

NODES = 12 if sanitized() else 36
FLOOR, CEILING = 60, 420        # W; the module obeys limits from 50 on
MOST, LEAST = 260, 130          # W a node, of the budget
SETTLE = 2                      # s; the module's draw follows within 0.5
REST = 4                        # s that a budget is looked at
PATIENCE = 60
MODULE = program("tests/unit/ipmi_sim_dcmi.so")
CHASSIS = """#!/bin/sh
[ "$1" = get ] && [ "$3" = power ] && echo power:1
exit 0
"""
tap = Tap()


def now():
    """As the module has it, ms."""
    return time.clock_gettime(time.CLOCK_MONOTONIC) * 1000


class Node:
    """An ipmi_sim, and what it logs."""

    def __init__(self, folder, number):
        self.path = folder.file(f"n{number}")
        os.mkdir(self.path)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.write("lan", f'name "node"\nset_working_mc 0x20\nstartlan 1\naddr 127.0.0.1 {self.port}\n'
                          'priv_limit admin\nallowed_auths_admin md5\n'
                          f'guid a123456789abcdefa123456789abc{number:03x}\nendlan\n'
                          f'chassis_control "{self.path}/chassis"\nuser 2 true "admin" "secret" admin 10 md5\n'
                          f'loadlib "{MODULE}" "{self.path}/demand"\n')
        self.write("commands", "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\n"
                               "mc_enable 0x20\n")
        os.chmod(self.write("chassis", CHASSIS), 0o755)
        self.write("demand.log", "")
        self.want(300)
        self.process = subprocess.Popen(["ipmi_sim", "-n", "-c", "lan", "-f", "commands", "-s", "."], cwd=self.path,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    def write(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def want(self, watts):
        """Whole at any time."""
        os.rename(self.write("new", f"{watts}\n"), os.path.join(self.path, "demand"))

    def logged(self):
        """When, the limit, and what is drawn."""
        with open(os.path.join(self.path, "demand.log"), encoding="ascii") as log:
            return [tuple(map(int, line.split())) for line in log]

    def stop(self):
        self.process.kill()
        self.process.wait()


class Sums:
    """What the nodes' logs add up to in the course of time."""

    def __init__(self, nodes):
        changes = sorted((when, i, limit, watts) for i, node in enumerate(nodes)
                         for when, limit, watts in node.logged())
        limits, drawn = {}, {}
        self.steps = []  # when, W of limits (none: not all have one), W drawn
        for when, i, limit, watts in changes:
            limits[i], drawn[i] = limit, watts
            whole = len(limits) == len(nodes) and all(limits.values())
            self.steps.append((when, sum(limits.values()) if whole else None, sum(drawn.values())))

    def above(self, budgets):
        """Steps above all budgets that counted then. budgets: from when until when each did, and W."""
        found = []
        for when, limits, drawn in self.steps:
            allowed = max(watts for since, until, watts in budgets if since <= when <= until)
            if limits is not None and limits > allowed:
                found.append((when, limits, drawn, allowed))
        return found


def run_for(nodes, seconds, rng):
    """Demands move: all at once at times, most of them by themselves."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        same = rng.choice((None, None, None, 110, 400))
        for node in rng.sample(nodes, len(nodes) // 3) if same is None else nodes:
            node.want(same or rng.randint(100, 400))
        wait(lambda: False, 0.7)


def configuration(nodes, secret, locked=None):
    """ipmi_sim takes limits of administrators alone, which locked is none of."""
    text = (f"[rack]\nname = test\nbudget = {NODES * MOST}\nsettle = {SETTLE}\nreclaim = 2\n"
            "[sensor-plan default]\nlimit = 5\nchassis = 60\nlog = 0\n")
    for i, node in enumerate(nodes):
        text += (f"[node n{i:02}]\naddress = 127.0.0.1\nport = {node.port}\nuser = admin\npassword-file = {secret}\n"
                 f"suite = 3\nprivilege = {'operator' if i == locked else 'administrator'}\nfloor = {FLOOR}\n"
                 f"ceiling = {CEILING}\n")
    return text


def judge_refused(rack, nodes, secret):
    def lines():
        return [line for line in rack.said().splitlines() if "no limit was taken by node n00: " in line]
    rack.reload(configuration(nodes, secret, locked=0))
    tap.ok(wait(lines, PATIENCE) and "permit" in lines()[0], "a node that takes no limit is told of", rack.said())
    tap.ok(rack.get("nodes/n00/cap")["account"] == "unlimited", "and counts at its ceiling", rack.get("nodes/n00/cap"))


def judge(rack, nodes):
    rng = random.Random(7)
    end = float("inf")
    budgets = [(0, end, NODES * MOST)]
    tap.ok(wait(lambda: set(rack.states().values()) == {"up"}, PATIENCE), "all nodes are up", rack.states(),
           rack.said())

    def held():
        return all(cap["accepted"] and cap["account"] == "limit" for cap in rack.get("power/caps")["nodes"])
    tap.ok(wait(held, PATIENCE), "and keep to their limits", rack.get("power/caps"))
    for each, seconds in (LEAST, 1.5), (MOST - 20, REST), (LEAST + 30, 1.5):
        run_for(nodes, seconds, rng)
        before = now()
        status, said = rack.ctl("budget", str(NODES * each))
        # A lower one cannot be kept before the nodes have heard of it: from when the daemon says that it is.
        tap.ok(status == 0 and wait(lambda: not rack.get("power/budget")["short"], PATIENCE),
               f"the budget is {NODES * each} W", said)
        budgets[-1] = (budgets[-1][0], now(), budgets[-1][2])
        budgets.append((before, end, NODES * each))
    run_for(nodes, REST, rng)
    judge_logs(rack, nodes, budgets)


def judge_logs(rack, nodes, budgets):
    sums = Sums(nodes)
    whole = [step for step in sums.steps if step[1] is not None]
    tap.ok(whole, "all nodes have logged limits", [node.logged()[-1:] for node in nodes])
    above = sums.above(budgets)
    tap.ok(not above, "what limits add up to is never above the budget", *above[:20], budgets)
    settled = max((limits for when, limits, _ in whole if when > budgets[-2][1]), default=0)
    changes = sum(before[1] != after[1] for node in nodes for before, after in
                  zip(node.logged(), node.logged()[1:]))
    tap.ok(changes > 3 * NODES, "limits follow the demand", changes)
    tap.ok(settled > 0.8 * budgets[-1][2], "and give what there is", settled, budgets)
    for (_, kept, _), (_, _, watts), (until, _, _) in zip(budgets, budgets[1:], budgets[2:] + [(now(), 0, 0)]):
        steps = [step for step in whole if kept < step[0] < until]
        if steps:
            tap.say(f"budget {watts} W: limits of {max(step[1] for step in steps)} W at most, drawn "
                    f"{max(step[2] for step in steps)} W")
    budget = rack.get("power/budget")
    tap.ok(not budget["failures"], "no limit was refused", budget)
    tap.say(f"{changes} changes of limits by {budget['commands']} commands")


if not built():
    skip_all("the rack was not built")
if not shutil.which("ipmi_sim"):
    skip_all("no ipmi_sim")
if not os.path.exists(MODULE):
    skip_all("ipmi_sim's module was not built")
place = Folder()
farm = []
ours = None
try:
    farm = [Node(place, i) for i in range(NODES)]
    secret = place.file("password", "secret\n")
    ours = Rack(place, configuration(farm, secret))
    judge(ours, farm)
    judge_refused(ours, farm, secret)
    tap.ok(ours.stop() == 0, "the daemon ends in good order", ours.said())
finally:
    if ours and ours.alive():
        ours.stop()
    for each in farm:
        each.stop()
    place.remove()
tap.done()
