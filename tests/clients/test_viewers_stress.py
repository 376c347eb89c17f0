# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real viewers that come, leave, are killed and stopped at random while the node changes its mode, and hundreds that
come and go: the console lives, who stays goes on seeing, and in the end it has what it had in the beginning.
SPICERACK_STRESS: seconds for that, 20 by default. SPICERACK_CYCLES: viewers that come and go, 100 by default."""
import os
import random
import signal
import time

from consoles import Console, Folder, Tap, Viewer, need_clients, sanitized, wait

need_clients()
SECONDS = int(os.environ.get("SPICERACK_STRESS", "20"))
CYCLES = int(os.environ.get("SPICERACK_CYCLES", "100"))
MODES = [(1280, 1024), (640, 480), (1366, 768), (1920, 1200), (800, 600)]

# KiB more than in the beginning: what the C library keeps for later. The library's displays copy pictures.
MEMORY = {"direct": 32 << 10, "library": 200 << 10}
ROUND = 16 << 10  # KiB more after many that came and went
tap = Tap()
chance = random.Random(os.environ.get("SPICERACK_SEED", "1"))


class Guest:
    """One that misbehaves sometimes."""

    def __init__(self, address):
        self.viewer = Viewer(address)
        self.until = time.monotonic() + chance.choice([0, 0.05, 0.3, 1, 3, 6]) * chance.random()
        self.stopped = False

    def act(self):
        """Its next step; False: it has left."""
        self.viewer.hear()
        if time.monotonic() < self.until:
            return True
        if self.stopped:
            self.viewer.signal(signal.SIGCONT)
        elif self.viewer.screen and chance.random() < 0.25:
            self.viewer.signal(signal.SIGSTOP)
            self.stopped = True
            self.until = time.monotonic() + 3 * chance.random()
            return True
        if chance.random() < 0.5:
            self.viewer.kill()
        else:
            self.viewer.close()
        return False


class Resident:
    """One that stays from the beginning to the end, types the mode changes, and must always see."""

    def __init__(self, address):
        self.viewer = Viewer(address)
        self.viewer.settle()
        self.next, self.wanted, self.since = time.monotonic(), (800, 600), time.monotonic()
        self.slowest, self.changes = 0.0, 0

    def act(self):
        now = time.monotonic()
        self.viewer.hear()
        if self.viewer.screen == self.wanted and now >= self.next:
            self.wanted = chance.choice([mode for mode in MODES if mode != self.wanted])
            self.viewer.type("mode %dx%d" % self.wanted)
            self.since, self.next = now, now + 1.5
            self.changes += 1
        if self.viewer.screen != self.wanted:
            self.slowest = max(self.slowest, now - self.since)


def stress(console, most, name):
    start = console.usage()
    resident, guests = Resident(console.address), []
    end, joins, peak, ticks = time.monotonic() + SECONDS, 0, start, 0
    while time.monotonic() < end and console.alive() and not resident.viewer.gone:
        resident.act()
        guests = [guest for guest in guests if guest.act()]
        if len(guests) < most and chance.random() < 0.2:
            guests.append(Guest(console.address))
            joins += 1
        ticks += 1
        if ticks % 20 == 0:
            peak = max(peak, console.usage(), key=lambda usage: usage[2])
        time.sleep(0.02)
    tap.say(f"{name}: {joins} came and went in {SECONDS} s, {resident.changes} modes, a new one was seen after "
            f"{resident.slowest * 1000:.0f} ms at most; at most {peak[2] // 1024} MiB")
    tap.ok(console.alive(), f"the console lives, {name}", console.process.poll(), console.said()[-800:])
    tap.ok(not resident.viewer.gone and resident.slowest < 5 and resident.changes > SECONDS / 10,
           f"who stays sees each new mode, {name}", resident.viewer.gone, resident.slowest, console.said()[-800:])
    for guest in guests:
        guest.viewer.kill()
    resident.viewer.type("echo end")
    resident.viewer.close()
    returns(console, start, MEMORY[name], name)


def returns(console, start, more, name):
    """Descriptors and threads as in the beginning, and so much more memory at most."""
    def there():
        now = console.usage()
        return now[0] <= start[0] and now[1] <= start[1] and (now[2] <= start[2] + more or sanitized())

    good = console.alive() and wait(there, 15)
    now = console.usage() if console.alive() else (0, 0, 0)
    tap.say(f"{name}: {start[0]} -> {now[0]} descriptors, {start[1]} -> {now[1]} threads, "
            f"{start[2] / 1024:.1f} -> {now[2] / 1024:.1f} MiB")
    tap.ok(good, f"nothing is left behind, {name}", console.said()[-800:])


def cycles(console, count, name):
    """In pairs, as many at a time as may be."""
    warm = Viewer(console.address)
    warm.wait_screen()
    warm.close()
    time.sleep(0.5)
    start, seen, rounds = console.usage(), 0, []
    began = time.monotonic()
    for i in range(count // 2):
        pair = [Viewer(console.address), Viewer(console.address)]
        seen += sum(viewer.wait_screen() for viewer in pair)
        for viewer in pair:
            (viewer.kill if chance.random() < 0.3 else viewer.close)()
        if i % max(count // 10, 1) == 0:
            rounds.append(console.usage()[2] // 1024)
        if not console.alive():
            break
    tap.say(f"{name}: {count // 2 * 2} came and went in {time.monotonic() - began:.0f} s; MiB on the way: {rounds}")
    tap.ok(seen == count // 2 * 2, f"each of {count // 2 * 2} viewers gets a picture, {name}", f"{seen} did",
           console.said()[-800:])
    returns(console, start, ROUND, name)


def judge(folder, lines, name):
    console = Console(folder, f"viewers = 6\n{lines}")
    try:
        stress(console, 4, name)
        if console.alive():
            cycles(console, CYCLES, name)
        tap.ok(console.stop() == 0, f"it ends as it should, {name}", console.said()[-800:])
    finally:
        console.kill()


place = Folder()
try:
    for way in ("direct", "library"):
        judge(place, f"display = {way}", way)
finally:
    place.remove()
tap.done()
