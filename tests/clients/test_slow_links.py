# SPDX-License-Identifier: LGPL-2.1-or-later
"""A viewer at the end of a slow and long line: it skips states and shows the newest; when the scene stops, the last
state is there soon, for nothing waits in between. SPICERACK_LINKS=all: every rate with every delay."""
import os
import subprocess
import time

from consoles import Console, Folder, Tap, Viewer, need_clients, program, wait
from recordings import Recording

need_clients()
tap = Tap()
NEAR = {"direct": 40, "library": 32}  # decibels: the last picture, and no other
ALL = os.environ.get("SPICERACK_LINKS") == "all"


class Line:
    """A relay to the console with a rate in Mbit/s and a delay of each way in ms."""

    def __init__(self, address, rate, delay):
        self.process = subprocess.Popen([program("tests/clients/relay"), address.rsplit(":", 1)[1], str(2 * delay),
                                         str(rate)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.address = f"127.0.0.1:{int(self.process.stdout.readline())}"

    def close(self):
        self.process.stdin.close()
        self.process.wait(5)
        self.process.stdout.close()


def judge(folder, recording, display, rate, delay):
    """The longest line holds two updates, of a screen of detail each, which a slow link takes its time for."""
    name = f"{display}, {rate} Mbit/s, {delay} ms"
    bound = 3 + 3 * 1.3e6 * 8 / (rate * 1e6)
    console = Console(folder, f"display = {display}", recording.lines(30))
    line = Line(console.address, rate, delay)
    try:
        viewer = Viewer(line.address)
        came = viewer.wait(lambda: viewer.screen == recording.size, 20)
        wait(lambda: console.status()["frames"] >= recording.frames, 20, 0.1)
        stopped, updates, size = time.monotonic(), viewer.updates(), viewer.bytes()
        seen = viewer.wait(lambda: viewer.psnr(recording.last) >= NEAR[display], 40)
        late = time.monotonic() - stopped
        tap.say(f"{name}: the last state {late:.2f} s after it was; {updates} rectangles, {size / 1e6:.1f} MB before")
        tap.ok(came and seen and late < bound, f"the last state is there soon after the scene stops, {name}",
               f"{late:.1f} s of {bound:.1f} s", viewer.gone, console.said()[-2000:])
        viewer.close()
        tap.ok(console.stop() == 0, f"it ends as it should, {name}")
    finally:
        line.close()
        console.kill()


place = Folder()
try:
    film = Recording(place, "film", (1920, 1080), "420", 7, 15, ["window", "scroll", "motion"])
    tap.say(f"{film.frames} frames")
    cases = [("direct", rate, delay) for rate in (8, 20, 100) for delay in (10, 50)]
    if not ALL:
        cases = [cases[1], cases[2], cases[5]]
    cases.append(("library", 8, 50))
    for case in cases:
        judge(place, film, *case)
finally:
    place.remove()
tap.done()
