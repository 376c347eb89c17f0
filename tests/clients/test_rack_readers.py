# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who reads from the rack's daemon costs the nodes nothing: two hundred clients of all kinds, and as many commands to
the BMCs as without them. tools/bench/bench_rack.py measures the same in full."""
import time

from consoles import Folder, Tap, skip_all, wait
from racks import PASSWORD, Crowd, Farm, Rack, built, farm_node

NODES = 16
CLIENTS = 200
LISTENERS = 20      # of them, to events
SECONDS = 4
PATIENCE = 60
PLAN = "[sensor-plan default]\npoll = * 1 10\nlimit = 0\nchassis = 0\nlog = 0\nidentity = 0\n"
tap = Tap()


def commands(farm, seconds):
    """That a BMC gets from one question for its power to the next, which is a second where the machine is not too busy
    for that: it is as late as all the rest. And how many there were of these."""
    before = farm.sum()
    wait(lambda: False, seconds)
    after = farm.sum()
    rounds = after["rounds"] - before["rounds"]
    return (after["in-rounds"] - before["in-rounds"]) / max(rounds, 1), rounds


def judge(rack, farm):
    tap.ok(wait(lambda: set(rack.states().values()) == {"up"}, PATIENCE), "all nodes are up", rack.states())
    wait(lambda: all(node["sensors"] for node in rack.nodes().values()), PATIENCE)
    wait(lambda: False, 2)  # their logs were read
    alone, quiet = commands(farm, SECONDS)
    crowd = Crowd(rack.socket, CLIENTS, LISTENERS)
    wait(lambda: len(crowd.times) > CLIENTS, PATIENCE)
    served, busy = commands(farm, SECONDS)
    crowd.close()
    said = (f"{alone:.2f} commands a round alone, {served:.2f} with {CLIENTS} clients, {quiet} and {busy} rounds, "
            f"{len(crowd.times)} answers: 50 of 100 within {crowd.percentile(50):.1f} ms, 99 within "
            f"{crowd.percentile(99):.1f} ms")
    tap.ok(quiet >= NODES and busy >= NODES, "they are asked", said)
    # To the last command it is the same where time is not real: tests/unit/test_rack_readers.
    tap.ok(abs(served / alone - 1) <= 0.01, "clients change the traffic by no more than 1 percent", said)
    tap.ok(not crowd.failed, "all of them are answered", crowd.failed)
    # 20 ms are asked for; the machine may be busy, and this process is what measures.
    tap.ok(crowd.percentile(99) < 2000, "without waiting for long", said)
    tap.ok(set(rack.states().values()) == {"up"}, "no node is lost by that", rack.states())
    tap.say(said)


if not built():
    skip_all("the rack was not built")
place = Folder()
bmcs = Farm(NODES, "--suite=17")
ours = None
try:
    secret = place.file("password", PASSWORD + "\n")
    ours = Rack(place, "[rack]\nname = test\n" + PLAN + "".join(farm_node(bmcs, i, secret) for i in range(NODES)))
    judge(ours, bmcs)
    tap.ok(ours.stop() == 0, "and the daemon ends in good order", ours.said())
finally:
    if ours and ours.alive():
        ours.stop()
    bmcs.close()
    place.remove()
tap.done()
