#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a console's API costs beside viewers: spicerack-console with a recording of a desktop, over and over;
real SPICE clients, each a process; and HTTP clients that ask for the console's status once a second each, all in turn.

It is run from a build's folder, or with --build; make check_PROGRAMS makes what it needs beside the programs. Each part
takes --seconds: the first without HTTP clients, the second with them. Printed: frames of the node, updates that the
viewers got of them and how many they missed; CPU time and memory of the console; how long answers take, as the clients
see it, and what one costs the console. A client is late itself on a machine that has much to do: see what it says of
the least busy run."""
import argparse
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tests/clients"))
TICKS = os.sysconf("SC_CLK_TCK")


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=4, help="SPICE clients (4)")
    parser.add_argument("--clients", type=int, default=200, help="HTTP clients (200)")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two questions of a client (1)")
    parser.add_argument("--seconds", type=float, default=20, help="of each part (20)")
    parser.add_argument("--path", default="/api/v1/console", help="what is asked (/api/v1/console)")
    parser.add_argument("--size", default="1280x720", help="of the desktop (1280x720)")
    parser.add_argument("--rate", type=int, default=30, help="frames per second (30)")
    parser.add_argument("--build", default=".", help="the build's folder (.)")
    return parser.parse_args()


given = options()
os.environ["top_builddir"] = given.build
from consoles import Console, Folder, Viewer, wait  # noqa: E402 pylint: disable=wrong-import-position
from racks import Crowd  # noqa: E402 pylint: disable=wrong-import-position
from recordings import Recording  # noqa: E402 pylint: disable=wrong-import-position


class Clients(Crowd):
    @staticmethod
    def request(number):
        return f"GET {given.path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def cpu(console):
    with open(f"/proc/{console.process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def figures(console):
    status = console.status()
    return {"frames": status["frames"], "updates": [each.get("updates", 0) for each in status["viewers"]],
            "cpu": cpu(console), "time": time.monotonic()}


def part(console, name, clients=None):
    time.sleep(1)
    if clients:
        clients.times.clear()
    before = figures(console)
    time.sleep(given.seconds)
    after = figures(console)
    span = after["time"] - before["time"]
    frames = after["frames"] - before["frames"]
    updates = [now - then for now, then in zip(after["updates"], before["updates"])]
    used = after["cpu"] - before["cpu"]
    print(f"{name}: {frames / span:.1f} frames/s; updates of the viewers "
          f"{', '.join(f'{each / span:.1f}' for each in updates)}, at most {max(0, frames - min(updates))} of {frames} "
          f"missed; CPU {used / span * 100:.1f} % of a core, {console.usage()[2]} KiB", flush=True)
    return used / span


def main():
    place = Folder()
    film = Recording(place, "film", tuple(map(int, given.size.split("x"))), "420", 7, 60, ["scroll"])
    console = Console(place, spice=f"viewers = {max(given.viewers, 1)}\n",
                      rest=film.lines(given.rate).replace("loop = false", "loop = true"))
    viewers = []
    try:
        for _ in range(given.viewers):
            viewers.append(Viewer(console.address))
            if not viewers[-1].wait_screen(20):
                sys.exit(f"a viewer does not come in: {viewers[-1].gone}")
        alone = part(console, "alone")
        crowd = Clients(place.file("api.sock"), given.clients, 0, given.pause)
        wait(lambda: len(crowd.times) >= given.clients or crowd.failed, 30)
        beside = part(console, f"with {given.clients} clients", crowd)
        crowd.close()
        if crowd.failed:
            sys.exit(f"not answered: {crowd.failed[:3]}")
        each = (beside - alone) / (len(crowd.times) / given.seconds) * 1e6 if crowd.times else 0
        print(f"answers: {len(crowd.times)}, p50 {crowd.percentile(50):.2f} ms, p99 {crowd.percentile(99):.2f} ms, "
              f"most {max(crowd.times):.2f} ms; each costs about {each:.0f} us of CPU")
    finally:
        for viewer in viewers:
            viewer.kill()
        console.kill()
        place.remove()


main()
