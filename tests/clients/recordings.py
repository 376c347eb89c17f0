# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recordings made for a test, and what the exact decoder makes of them."""
import os
import subprocess

from consoles import program


class Recording:
    """So many frames of each scene (tests/clients/record.c), and the picture after the last one as a PPM."""

    def __init__(self, folder, name, size, codec, selector, frames, scenes):
        self.folder = folder.file(name)
        os.mkdir(self.folder)
        subprocess.run([program("tests/clients/record"), str(size[0]), str(size[1]), codec, str(selector),
                        str(frames), *scenes], cwd=self.folder, check=True)
        self.size, self.list = size, os.path.join(self.folder, "frames.list")
        with open(self.list, encoding="utf-8") as lines:
            self.frames = len(lines.readlines())
        subprocess.run([program("tools/spicerack-decode"), "--list", self.list, "--output",
                        os.path.join(self.folder, "%d.ppm")], check=True, stdout=subprocess.DEVNULL)
        for number in range(self.frames - 1):
            os.unlink(os.path.join(self.folder, f"{number}.ppm"))
        self.last = os.path.join(self.folder, f"{self.frames - 1}.ppm")

    def lines(self, rate=30):
        """Of a configuration."""
        return f"[capture]\nsource = replay\nreplay-list = {self.list}\nreplay-rate = {rate}\nreplay-loop = false\n"
