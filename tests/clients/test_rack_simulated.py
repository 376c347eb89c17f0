# SPDX-License-Identifier: LGPL-2.1-or-later
"""spicerack-rack --simulate as it is shipped, with things that go wrong at their time: the daemon tells each of them
rightly, the budget holds, and fans are safe meanwhile."""
import os

from consoles import Folder, Tap, program, skip_all, wait
from racks import Rack

SPEED = 10
PATIENCE = 60  # seconds of this machine's time, for what takes a few
NODES = 10
BEGIN = 30     # seconds of the rack's time: it is up and at rest before that on any machine
FAULTS = (("fan2", "dead", 30), ("r1n01", "hung", 60), ("r1n02", "replaced", None), ("r1n03", "dead-sensor", 60),
          ("r1n04", "disobeys", None), ("r1n05", "reset", None), ("r1n06", "no-power-reading", None),
          ("r1n07", "stuck-sensor", None), ("r1n08", "lossy", 30), ("r1n09", "drifting-sensor", None),
          ("room", "warm", 40))
ENDS = {what: fault for what, fault, seconds in FAULTS if seconds or fault == "reset"}
tap = Tap()


class Simulated(Rack):
    """The same daemon, without devices."""

    options = ("--simulate",)


def configuration():
    items = "; ".join(f"{BEGIN} {what} {fault} {seconds or ''}" for what, fault, seconds in FAULTS)
    return f"[simulate]\nnodes = {NODES}\nspeed = {SPEED}\nfaults = {items}\n"


def heard(events, kind, **values):
    return wait(lambda: events.of(kind, **values), PATIENCE)


def judge_each(rack, events, duties):
    for what, fault, _ in FAULTS:
        tap.ok(heard(events, "fault.struck", what=what, fault=fault), f"{what} is {fault}, and that is told",
               rack.said())
    tap.ok(heard(events, "fan.failed", fan="fan2"), "a dead fan is told", rack.said())
    tap.ok(heard(events, "fan.failsafe", about="fan2", reason="fan") and wait(lambda: 100 in duties(), PATIENCE),
           "and the others run at full duty", events.heard)
    for node in ("r1n01", "r1n05"):
        tap.ok(heard(events, "node.lost", node=node), f"{node} is lost", rack.said())
    tap.ok(heard(events, "node.replaced", node="r1n02"), "another machine is noticed", rack.said())
    tap.ok(heard(events, "power.disobedient", node="r1n04"), "a node that does not keep to its limit is told",
           rack.said())
    ceiling = 420
    tap.ok(wait(lambda: rack.nodes()["r1n06"]["accounted"] == ceiling, PATIENCE),
           "a node whose power nobody knows counts at its ceiling", rack.nodes()["r1n06"])


def judge_end(rack, events, duties):
    for what, fault in ENDS.items():
        tap.ok(heard(events, "fault.ended", what=what, fault=fault), f"{what} is no longer {fault}", rack.said())
    tap.ok(heard(events, "fan.runs", fan="fan2"), "the fan runs again", rack.said())
    for node in ("r1n01", "r1n05", "r1n08"):
        tap.ok(wait(lambda: rack.states()[node] == "up", PATIENCE), f"{node} is up again", rack.states())
    tap.ok(wait(lambda: duties()[0] < 100, PATIENCE), "fans slow down", rack.said())
    power = rack.get("power/budget")
    tap.ok(power["measured"] <= power["watts"], "the rack draws no more than its budget", power)
    hot = [(node["name"], node["temperature"]) for node in rack.nodes().values() if node["temperature"] and node["temperature"]["value"] > 85]
    tap.ok(not hot, "no processor got hot", hot)


def main():
    if not os.path.exists(program("spicerack-rack")):
        skip_all("spicerack-rack was not built")
    folder = Folder()
    rack = Simulated(folder, configuration())
    events = rack.events()

    def duties():
        return [zone["duty"] for zone in rack.get("fans")["zones"]]

    try:
        judge_each(rack, events, duties)
        judge_end(rack, events, duties)
        tap.ok(rack.stop() == 0, "it ends as it should", rack.said())
    finally:
        events.close()
        rack.stop()
        folder.remove()
    tap.done()


main()
