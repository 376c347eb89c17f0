# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients that do not finish what they began: spice-server reads freed memory when a display channel goes before its
first message, and stands still for half a minute when that message never comes. Neither may harm the console, or those
who look at it, whichever way the display takes."""
import threading
import time

import raw_spice as raw
from consoles import Console, Folder, Tap, Viewer, need_clients, wait

need_clients()
tap = Tap()

# Freed memory is overwritten, so that reading it does not go well by accident (mallopt(3)).
# The library's encoders for such a channel are never freed, which a sanitizer would complain of.
ENVIRONMENT = {"MALLOC_PERTURB_": "165", "MALLOC_ARENA_MAX": "2", "ASAN_OPTIONS": "abort_on_error=0:detect_leaks=0"}


class Pulse(threading.Thread):
    """The longest time that the console's main loop took for an answer."""

    def __init__(self, console):
        super().__init__(daemon=True)
        self.console, self.longest, self.stopped = console, 0.0, False

    def run(self):
        while not self.stopped:
            began = time.monotonic()
            try:
                self.console.status()
            except (OSError, ValueError):
                pass
            self.longest = max(self.longest, time.monotonic() - began)
            time.sleep(0.02)

    def stop(self):
        self.stopped = True
        self.join(40)
        return self.longest


def drop_display(console, times):
    """Begins a display channel and ends it before its first message; how often it came in."""
    for i in range(times):
        try:
            drop_once(console, i)
        except (raw.Refused, OSError):
            return i
    return times


def drop_once(console, i):
    client = raw.Client(console.address, "secret")
    display = client.display(init=False)
    if i % 2:
        time.sleep(0.02)
    display.close()
    time.sleep(0.02 if i % 3 else 0)
    client.close()


def silent_display(console):
    """Begins a display channel, says nothing on it, and leaves."""
    client = raw.Client(console.address, "secret")
    display = client.display(init=False)
    time.sleep(0.3)
    client.main.close()
    time.sleep(3)
    display.close()


def judge(folder, lines, name):
    console = Console(folder, f"password-file = {folder.file('password')}\n{lines}", environment=ENVIRONMENT)
    try:
        watcher = Viewer(console.address, "secret")
        watcher.settle()
        before = console.usage()
        dropped = drop_display(console, 40)
        tap.say(f"{name}: dropped {dropped} times")
        time.sleep(0.3)
        tap.ok(console.alive() and dropped == 40 and wait(lambda: console.usage()[:2] <= before[:2]),
               f"a display that goes before its first message does no harm, {name}",
               f"ended with {console.process.poll()}; {before}, {console.usage()}", console.said()[-2000:])
        if not console.alive():
            return
        pulse = Pulse(console)
        pulse.start()
        silent_display(console)
        updates = watcher.updates()
        longest = pulse.stop()
        tap.say(f"{name}: {longest * 1000:.0f} ms is the longest that the main loop took")
        tap.ok(console.alive() and longest < 5, f"a display that never speaks keeps nobody waiting, {name}",
               f"{longest:.1f} s", console.said()[-2000:])
        watcher.type("echo again")
        tap.ok(watcher.wait(lambda: watcher.updates() > updates, 5) and not watcher.gone,
               f"another viewer's picture goes on, {name}", watcher.gone)
        watcher.close()
        client = Viewer(console.address, "secret")
        tap.ok(client.wait_screen(5), f"the next one comes in, {name}", console.said()[-2000:])
        client.close()
        tap.ok(console.stop() == 0, f"it ends as it should, {name}", console.said()[-2000:])
    finally:
        console.kill()


place = Folder()
place.file("password", "secret\n")
try:
    judge(place, "display = direct", "direct")
    judge(place, "display = library", "through the library")
finally:
    place.remove()
tap.done()
