# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a real viewer shows after a recording, against what the exact decoder makes of it: of the direct display hardly
a difference (the client's JPEG decoder rounds, and smooths half-size colour), through the library what its own JPEGs
leave."""
import time

from consoles import Console, Folder, Tap, Viewer, need_clients
from recordings import Recording

need_clients()
tap = Tap()

# Decibels, least. The finest steps leave nothing to round away, so that a letter's edge differs by a level or two
# wherever two decoders round differently.
FINE, FINE_NEED = 9, 50
NEED = {("direct", "444"): 60, ("direct", "420"): 45, ("direct", "jpeg"): 45,
        ("library", "444"): 34, ("library", "420"): 34, ("library", "jpeg"): 34}


def judge(folder, recording, need, lines, name):
    console = Console(folder, lines, recording.lines(60))
    try:
        viewer, best = Viewer(console.address), 0.0
        end = time.monotonic() + 15
        viewer.wait(lambda: viewer.screen == recording.size)
        while best < need and time.monotonic() < end and not viewer.gone:
            best = max(best, viewer.psnr(recording.last))
            viewer.hear(0.1)
        # It stays like that.
        viewer.wait(lambda: False, 0.3)
        last = viewer.psnr(recording.last)
        tap.say(f"{name}: {last:.1f} dB")
        tap.ok(best >= need and last >= need, f"the picture is the recording's last, {name}",
               f"{best:.1f} dB at best, {last:.1f} dB at the end, {need} dB wanted", console.said()[-2000:])
        viewer.close()
        tap.ok(console.stop() == 0, f"it ends as it should, {name}")
    finally:
        console.kill()


place = Folder()
try:
    # What scrolled stays, or a window comes where it was.
    endings = [["type", "window", "scroll"], ["type", "scroll", "window"]]
    for number, (kind, size, selector) in enumerate([("444", (1280, 720), 7), ("444", (1366, 768), 11),
                                                     ("420", (1280, 720), 7), ("420", (1366, 768), 9),
                                                     ("420", (1920, 1080), 4), ("jpeg", (1280, 720), 7)]):
        made = Recording(place, f"recording-{number}", size, kind, selector, 8, endings[number % 2])
        for way in ("direct", "library"):
            wanted = NEED[way, kind]
            judge(place, made, min(wanted, FINE_NEED) if selector > FINE else wanted, f"display = {way}",
                  f"{way}, {kind}, {size[0]}x{size[1]}, selector {selector}")
finally:
    place.remove()
tap.done()
