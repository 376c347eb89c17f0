# SPDX-License-Identifier: LGPL-2.1-or-later
"""
Judges spicerack-decode: on sequences of our own, by the pictures they were made from, and on a larger set of
vectors by its manifests, when it is found: in $SPICERACK_VECTORS, or beside the source tree.
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import pictures

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.environ.get("top_srcdir", os.path.join(HERE, "..", ".."))
DECODE = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "tools", "spicerack-decode"))
SHARED = os.environ.get("SPICERACK_VECTORS", os.path.join(TOP, "..", "shared", "vectors"))
SECONDS = 120  # for one sequence, also with sanitizers on a busy machine


class Failure(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Failure(what)


class Decoded:
    """What the program makes of a list: pictures, exit status, messages."""

    def __init__(self, lines, folder=None):
        self.folder = tempfile.TemporaryDirectory()
        text = "".join("\t".join(map(str, line)) + "\n" for line in lines)
        run = subprocess.run(
            [DECODE, "--list", "-", "--output", os.path.join(self.folder.name.replace("%", "%%"), "%03d.ppm")],
            input=text.encode(), cwd=folder, capture_output=True, timeout=SECONDS, check=False)
        self.status = run.returncode
        self.messages = (run.stdout + run.stderr).decode(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.folder.cleanup()

    def picture(self, number):
        return pictures.read_ppm(os.path.join(self.folder.name, f"{number:03d}.ppm"))

    def require_good(self):
        require(self.status == 0 and not self.messages, f"exit status {self.status}: {self.messages}")


def frame_line(frame, name=None):
    return (name or frame["file"], frame["w"], frame["h"], frame["sub"], frame["q"], frame.get("hq", -1),
            frame.get("range", "full"))


def require_near(a, b, what, most, least=0.0):
    worst, psnr = pictures.compare(a, b)
    require(worst <= most and psnr >= least, f"{what}: off by up to {worst}, {psnr:.1f} dB")


# Our own sequences

def own(name):
    folder = os.path.join(HERE, name)
    with open(os.path.join(folder, "list"), encoding="ascii") as file:
        lines = [line.rstrip("\n").split("\t") for line in file]
    with open(os.path.join(folder, "script"), encoding="ascii") as file:
        frames = list(pictures.play(file))
    require(len(lines) == len(frames), "list and script are not of one length: make vectors")
    with Decoded(lines, folder) as decoded:
        decoded.require_good()
        for number, (drawn, measure, bound) in enumerate(frames):
            seen = decoded.picture(number)
            if measure == "psnr":
                require_near(seen, drawn, f"frame {number}", 255, bound)
            else:
                require_near(seen, drawn, f"frame {number}", bound)


# The larger set

def sequence(entry):
    folder = os.path.join(SHARED, "ajpg", entry["name"])
    frames = entry["frames"]
    exact = not any(frame["blocks"][kind] for frame in frames for kind in ("dct", "low", "pass2"))
    refined = False
    with Decoded([frame_line(frame) for frame in frames], folder) as decoded:
        decoded.require_good()
        for number, frame in enumerate(frames):
            seen = decoded.picture(number)
            refined = refined or frame["hq"] >= 0
            thumb = pictures.read_png(os.path.join(folder, frame["file"].replace(".ajpg", ".thumb.png")))
            require_near(pictures.reduce(seen), thumb, frame["file"], 2 if refined else 1)
            for crop in frame.get("crops", []):
                gold = pictures.read_png(os.path.join(folder, crop["file"]))
                part = seen.crop(crop["x"], crop["y"], crop["w"], crop["h"])
                require_near(part, gold, crop["file"], 1 if exact else 6 if refined else 4, 50)


def untouched(entry):
    """Left, top and right, bottom of each macroblock that must stay."""
    unit = 8 if entry["sub"] == "444" else 16
    columns, rows = -(-entry["w"] // unit), -(-entry["h"] // unit)
    touched = {at for first, count in entry["touched"] for at in range(first, first + count)}
    for at in range(columns * rows):
        if at not in touched:
            x, y = at % columns * unit, at // columns * unit
            yield x, y, min(unit, entry["w"] - x), min(unit, entry["h"] - y)


def malformed(entry):
    folder = os.path.join(SHARED, "ajpg", "malformed")
    with Decoded([frame_line(entry, entry["after"]), frame_line(entry)], folder) as decoded:
        good = entry["result"] == "ok"
        require(decoded.status == (0 if good else 1),
                f"exit status {decoded.status}, expected was {entry['result']}: {decoded.messages}")
        require(good or decoded.messages.startswith(entry["file"] + ": fault at word "), decoded.messages)
        before, after = decoded.picture(0), decoded.picture(1)
        for box in untouched(entry):
            require(list(before.rows(*box)) == list(after.rows(*box)), f"the macroblock at {box[:2]} changed")


def jpeg(entry):
    folder = os.path.join(SHARED, "jpeg")
    whole = entry["file"].replace("-cut", "")
    line = frame_line(entry)
    with Decoded([line[:3] + ("jpeg",) + line[4:]], folder) as decoded:
        if not entry.get("truncated"):
            decoded.require_good()
            require(hashlib.sha256(decoded.picture(0).rgb).hexdigest() == entry["sha256_rgb_islow_replicate"],
                    "not the picture of the accurate integer transform with replicated chroma")
            return
        require(decoded.status == 1 and "fault at word " in decoded.messages, decoded.messages)
        rows = 16 * int(decoded.messages.split("macroblock ")[1].split(":")[0].split(",")[1])
        seen = decoded.picture(0).crop(0, 0, entry["w"], rows)
    require(rows > 0, "nothing of a cut frame was kept")
    with Decoded([(whole,) + line[1:3] + ("jpeg",) + line[4:]], folder) as decoded:
        require_near(seen, decoded.picture(0).crop(0, 0, entry["w"], rows), "above the cut", 0)


def real(entry):
    """Captures of real hardware: one macroblock of a text cursor, grey in studio swing."""
    with Decoded([frame_line(entry)], os.path.join(SHARED, "ajpg", "real-ast")) as decoded:
        decoded.require_good()
        seen = decoded.picture(0)
    column, row = entry["macroblock"]
    for y, line in enumerate(entry["gold_luma"]):
        for x, luma in enumerate(line):
            grey = min(max((luma - 16) * 255 / 219, 0), 255)
            pixel = seen.pixel(column * len(line) + x, row * len(line) + y)
            require(all(abs(sample - grey) <= 2 for sample in pixel), f"{pixel} at {x},{y}, not {grey:.0f}")


def manifest(*path):
    with open(os.path.join(SHARED, *path, "manifest.json"), encoding="utf-8") as file:
        return json.load(file)


def shared_cases():
    for entry in manifest("ajpg")["sequences"]:
        yield f"ajpg {entry['name']}", sequence, entry
    for entry in manifest("ajpg", "malformed"):
        yield f"malformed {entry['file']}", malformed, entry
    for entry in manifest("jpeg"):
        yield f"jpeg {entry['file']}", jpeg, entry
    for entry in manifest("ajpg", "real-ast"):
        # The interface has one selector for both.
        if entry["q"] == entry["q_chroma"]:
            yield f"real {entry['file']}", real, entry


def main():
    failed = 0
    cases = [(f"own {name}", own, name) for name in sorted(os.listdir(HERE))
             if os.path.exists(os.path.join(HERE, name, "script"))]
    found = os.path.exists(os.path.join(SHARED, "ajpg", "manifest.json"))
    if found:
        cases += shared_cases()
    print(f"1..{len(cases) + (not found)}")
    for number, (name, check, argument) in enumerate(cases, 1):
        try:
            check(argument)
            print(f"ok {number} {name}", flush=True)
        except (Failure, ValueError, OSError, subprocess.SubprocessError) as error:
            failed = 1
            print("\n".join(f"# {line}" for line in str(error).splitlines()))
            print(f"not ok {number} {name}", flush=True)
    if not found:
        print(f"ok {len(cases) + 1} # SKIP the larger set of vectors is not there (SPICERACK_VECTORS)")
    return failed


sys.exit(main())
