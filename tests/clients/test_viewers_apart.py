# SPDX-License-Identifier: LGPL-2.1-or-later
"""One viewer's trouble is nobody else's: a client that is stopped, or reads slowly, while the scene moves."""
import signal

import raw_spice as raw
from consoles import Console, Folder, Tap, Viewer, need_clients, wait
from recordings import Recording

need_clients()
tap = Tap()


def judge(folder, recording, display):
    console = Console(folder, f"viewers = 4\ndisplay = {display}", recording.lines(30))
    try:
        first, second = Viewer(console.address), Viewer(console.address)
        first.wait_screen()
        second.wait_screen()
        # Linked, and never reads a byte of its display.
        deaf = raw.Client(console.address)
        deaf.display()
        second.signal(signal.SIGSTOP)
        wait(lambda: console.status()["frames"] >= recording.frames, 20, 0.1)
        seen = first.wait(lambda: first.psnr(recording.last) > 34, 5)
        frames = console.status()["frames"]
        tap.say(f"{display}: {first.updates()} rectangles beside one that is stopped and one that is deaf; "
                f"{frames} frames")
        tap.ok(seen and not first.gone, f"who looks beside a stopped one sees the end, {display}", first.gone,
               console.said()[-1500:])
        second.signal(signal.SIGCONT)
        tap.ok(second.wait(lambda: second.psnr(recording.last) > 34, 5), f"who was stopped catches up, {display}",
               second.gone, console.said()[-1500:])
        last = Viewer(console.address)
        tap.ok(last.wait(lambda: last.psnr(recording.last) > 34, 5),
               f"who comes when nothing moves any more sees it too, {display}", last.gone, console.said()[-1500:])
        deaf.close()
        for viewer in (first, second, last):
            viewer.close()
        tap.ok(console.stop() == 0, f"it ends as it should, {display}", console.said()[-1500:])
    finally:
        console.kill()


place = Folder()
try:
    film = Recording(place, "film", (1280, 720), "420", 7, 40, ["scroll", "motion"])
    for way in ("direct", "library"):
        judge(place, film, way)
finally:
    place.remove()
tap.done()
