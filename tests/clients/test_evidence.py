# SPDX-License-Identifier: LGPL-2.1-or-later
"""Screenshots and recordings of a real console, looked at by ffmpeg: that they are there, whole, and show what the exact
decoder makes of the same frames."""
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

from consoles import SIMULATED, Console, Folder, Tap, need_clients, program, wait
from recordings import Recording

need_clients()
tap = Tap()
CTL = program("tools/spicerackctl")
FFMPEG = shutil.which("ffmpeg") and shutil.which("ffprobe")


def get(console, path, headers=(), method="GET", body=b""):
    """Status, headers and body, as they came."""
    with socket.socket(socket.AF_UNIX) as api:
        api.settimeout(60)
        api.connect(console.folder.file("api.sock"))
        lines = "".join(f"{header}\r\n" for header in headers)
        api.sendall(f"{method} {path} HTTP/1.0\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body)
        answer = b""
        while chunk := api.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return int(lines[0].split()[1]), dict(line.split(": ", 1) for line in lines[1:]), body


def shoot(console, headers=()):
    return get(console, "/api/v1/console/screenshot", headers)


def recording(console):
    return console.ask("GET", "/api/v1/console/recording/status")


def ctl(console, *words):
    done = subprocess.run([CTL, "--socket", console.folder.file("api.sock"), *words], capture_output=True, text=True,
                          check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


def probe(path):
    """What ffprobe says of a video, and what it complains about."""
    done = subprocess.run(["ffprobe", "-v", "warning", "-count_frames", "-show_entries",
                           "stream=codec_name,width,height,nb_read_frames:format=duration:chapter=start_time",
                           "-show_chapters", "-of", "json", path], capture_output=True, text=True, check=False)
    said = json.loads(done.stdout)
    stream = (said.get("streams") or [{}])[0]
    return (stream.get("codec_name"), int(stream.get("nb_read_frames", 0)),
            float(said.get("format", {}).get("duration", 0)), len(said.get("chapters", [])), done.stderr)


def decibels(path, ppm, seek=()):
    """How near the last frame of a file, by ffmpeg's decoder, is to a picture."""
    with open(ppm, "rb") as picture:
        kind, size, _, wanted = picture.read().split(b"\n", 3)
    assert kind == b"P6"
    width, height = map(int, size.split())
    done = subprocess.run(["ffmpeg", "-v", "error", *seek, "-i", path, "-sws_flags",
                           "accurate_rnd+full_chroma_int+full_chroma_inp", "-pix_fmt", "rgb24", "-fps_mode",
                           "passthrough", "-f", "rawvideo", "-"],
                          capture_output=True, check=False)
    shown = done.stdout[-width * height * 3:]
    if len(shown) != len(wanted):
        return 0.0
    # A sum over all bytes takes Python long: every seventh is as good.
    off = sum((a - b) ** 2 for a, b in zip(shown[::7], wanted[::7])) / len(wanted[::7])
    return 10 * math.log10(255 * 255 / off) if off else 99.0


def test_screenshots(place):
    console = Console(place)
    try:
        status, headers, jpeg = shoot(console)
        tap.ok(status == 200 and headers["Content-Type"] == "image/jpeg" and jpeg[:2] == b"\xff\xd8" and
               jpeg[-2:] == b"\xff\xd9" and int(headers["Content-Length"]) == len(jpeg),
               "a screenshot is a JPEG though nobody looks", status, headers)
        tap.ok(wait(lambda: console.status()["state"] == "stopped"), "and capture stops again")
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(shoot(console))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tap.ok([answer[0] for answer in answers] == [200] * 8, "several at once get one each")
        tap.ok("the node sends a picture" not in console.said(), "which is nothing to speak of", console.said())
        path = place.file("shot.jpg")
        code, said = ctl(console, "screenshot", path)
        tap.ok(code == 0 and open(path, "rb").read(2) == b"\xff\xd8" and not os.path.exists(f"{path}.part"),
               "spicerackctl puts it into a file", said)
        code, said = ctl(console, "screenshot", place.file("no/such.jpg"))
        tap.ok(code == 1 and "No such file" in said, "a file that cannot be is said", said)
        code, said = ctl(console, "recording", "freeze")
        tap.ok(code == 1 and "[recording]" in said, "without memory there is no recording", said)
        tap.ok(console.stop() == 0, "it ends as it should")
    finally:
        console.kill()


def test_no_picture(place):
    lines = f"[capture]\nsource = v4l2\ndevice = {place.file('video')}\n[input]\ndevices = none\n"
    console = Console(place, rest=lines)
    try:
        status, _, body = shoot(console)
        tap.ok(status == 409 and "no picture of the node" in json.loads(body)["error"]["message"],
               "without a device it says why there is no picture", status, body)
        code, said = ctl(console, "screenshot", place.file("none.jpg"))
        tap.ok(code == 1 and "no picture" in said and not os.path.exists(place.file("none.jpg")),
               "and so does spicerackctl", said)
        tap.ok(console.stop() == 0, "it ends as it should without a device")
    finally:
        console.kill()


def test_what_it_shows(place, kind, need, display):
    made = Recording(place, f"{kind}-{display}", (1280, 720), kind, 7, 8, ["type", "scroll", "window"])
    file = place.file(f"{kind}-{display}.file.mkv")
    lines = f"{made.lines(60)}[recording]\nmemory = 32\nalways = true\nfile = {file}\nfile-rate = 30\n"
    console = Console(place, f"display = {display}", lines)
    name = f"{kind}, {display}"
    try:
        wait(lambda: recording(console)["live"]["frames"] >= made.frames)
        count = recording(console)["live"]["frames"]
        status, headers, jpeg = shoot(console)
        path = place.file(f"{kind}-{display}.jpg")
        with open(path, "wb") as out:
            out.write(jpeg)
        if status == 200:
            best = decibels(path, made.last)
        else:
            best = 0
        tap.ok(best >= need, f"a screenshot shows the last frame, {name}", status, jpeg[:200], best)
        again = shoot(console, [f"If-None-Match: {headers.get('ETag')}"])
        tap.ok(again[0] == 304 and not again[2], f"who has it is not sent it again, {name}", again[0])
        status, headers, video = get(console, "/api/v1/console/recording")
        path = place.file(f"{kind}-{display}.mkv")
        with open(path, "wb") as out:
            out.write(video)
        codec, frames, seconds, chapters, complaints = probe(path)
        tap.ok(status == 200 and codec == "mjpeg" and frames == count and not complaints,
               f"a recording has each frame, {name}", status, codec, frames, count, complaints)
        tap.ok(frames / 60 * 0.5 < seconds < 120 and chapters >= 1, f"and says how long it lasts, {name}", seconds,
               chapters)
        best = decibels(path, made.last)
        tap.ok(best >= need, f"its last frame is what the exact decoder shows, {name}", best)
        # What it writes all the time is good at any time.
        wait(lambda: recording(console)["file"]["frames"] > 1)
        time.sleep(0.3)
        console.process.send_signal(signal.SIGKILL)
        console.process.wait()
        codec, frames, *_, complaints = probe(file)
        tap.ok(codec == "mjpeg" and frames > 1 and decibels(file, made.last) >= need and not complaints,
               f"after a kill -9 the file plays to the last frame, {name}", codec, frames, complaints)
    finally:
        console.kill()


def test_freezing(place):
    console = Console(place, rest=f"{SIMULATED}[recording]\nmemory = 4\nalways = true\n")
    try:
        wait(lambda: recording(console)["live"]["frames"] > 2)
        tap.ok(recording(console)["frozen"] is None, "nothing is kept as it begins")
        reset = get(console, "/redfish/v1/Systems/node/Actions/ComputerSystem.Reset", method="POST",
                    body=b'{"ResetType": "ForceOff"}')
        frozen = wait(lambda: recording(console)["frozen"])
        tap.ok(frozen and frozen["reason"] == "the node is switched off" and frozen["frames"] > 2 and
               not frozen["saved"], "switching the node off keeps what it showed", reset, frozen)
        tap.ok(wait(lambda: console.status()["state"] == "no-signal") and
               recording(console)["frozen"]["reason"] == "the node is switched off",
               "the signal that is lost then does not take its place", recording(console))
        status, _, body = shoot(console)
        tap.ok(status == 409 and "no picture" in json.loads(body)["error"]["message"],
               "a screenshot of a node that is off is refused in words", status, body)
        path = place.file("off.mkv")
        code, said = ctl(console, "recording", "save", path)
        codec, frames, *_, complaints = probe(path)
        tap.ok(code == 0 and codec == "mjpeg" and frames >= frozen["frames"] and not complaints,
               "spicerackctl saves it", said, codec, frames, complaints)
        code, said = ctl(console, "recording", "status")
        tap.ok(code == 0 and "(saved)" in said, "and says so", said)
        code, said = ctl(console, "recording", "resume")
        tap.ok(code == 0 and recording(console)["frozen"] is None, "resuming drops it", said)
        tap.ok(console.stop() == 0, "it ends as it should with a recording")
    finally:
        console.kill()


def test_files(place):
    made = Recording(place, "motion", (1280, 720), "444", 7, 8, ["motion", "scroll"])
    file = place.file("limited.mkv")
    lines = made.lines(60).replace("replay-loop = false", "replay-loop = true")
    console = Console(place, rest=f"{lines}[recording]\nalways = true\nfile = {file}\nfile-rate = 30\nfile-limit = 8\n")
    try:
        # First the full one gets its other name, then there is another.
        wait(lambda: os.path.exists(f"{file}.1") and os.path.exists(file), 30)
        size = os.path.getsize(file) + os.path.getsize(f"{file}.1")
        codec, frames, *_, complaints = probe(f"{file}.1")
        tap.ok(codec == "mjpeg" and frames > 1 and not complaints and size <= 8 << 20,
               "a file that is full makes place for another", codec, frames, complaints, size)
        tap.ok(console.stop() == 0, "it ends as it should with a file")
    finally:
        console.kill()
    console = Console(place, rest=f"{lines}[recording]\nalways = true\nfile = {place.file('no/such.mkv')}\n")
    try:
        fault = wait(lambda: recording(console)["file"]["fault"])
        tap.ok("No such file" in (fault or "") and shoot(console)[0] == 200,
               "a file that cannot be written is said, and stops nothing else", fault)
        tap.ok(console.said().count("no/such.mkv") == 1, "once", console.said()[-1000:])
    finally:
        console.kill()


where = Folder()
try:
    test_screenshots(where)
    test_no_picture(where)
    if FFMPEG:
        test_what_it_shows(where, "444", 50, "direct")
        test_what_it_shows(where, "420", 34, "direct")
        test_what_it_shows(where, "jpeg", 34, "direct")
        test_what_it_shows(where, "444", 45, "library")
        test_freezing(where)
        test_files(where)
    else:
        tap.skip("recordings", "ffmpeg is not there (package ffmpeg)")
finally:
    where.remove()
tap.done()
