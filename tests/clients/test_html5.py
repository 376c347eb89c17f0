# SPDX-License-Identifier: LGPL-2.1-or-later
"""The console in a browser: spice-html5 as Debian has it, in headless Chromium, by websocket and by websocket over TLS.
What its canvas shows is what a native viewer shows. With a folder's name as argument, leaves pictures there."""
import functools
import http.server
import os
import re
import shutil
import ssl
import subprocess
import sys
import threading

import raw_spice as raw
from consoles import Console, Folder, Tap, Viewer, make_certificate, need_clients, skip_all

PAGES = "/usr/share/spice-html5"
PYTHON = "/usr/bin/python3"  # the one that Debian's python3-selenium is for
need_clients()
tap = Tap()


def skip_without_tools():
    for tool in ("chromium", "chromedriver", "convert", "openssl"):
        if not shutil.which(tool):
            skip_all(f"no {tool}")
    if not os.path.isdir(PAGES):
        skip_all("no spice-html5")
    if subprocess.run([PYTHON, "-c", "import selenium"], check=False, capture_output=True).returncode:
        skip_all("no python3-selenium")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *arguments):
        pass


def serve(certificate=None):
    """A web server for the pages; its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=PAGES))
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def browse(folder, console, page, password="secret", seconds=15, text=None, name="html5"):
    """page: where the pages are. What html5_look.py says, and the canvas's file."""
    host, port = console.address.rsplit(":", 1)
    file = folder.file(name)
    command = [PYTHON, "-B", os.path.join(os.path.dirname(os.path.abspath(__file__)), "html5_look.py"),
               f"{page}/spice_auto.html?host={host}&port={port}&password={password}", file, str(seconds)]
    try:
        run = subprocess.run(command + ([text] if text else []), check=False, capture_output=True, text=True,
                             timeout=90, env={**os.environ, "HOME": folder.path})
        said = run.stdout + run.stderr[-1000:]
    except subprocess.TimeoutExpired:
        said = "nothing: the browser does not end"
    if len(sys.argv) > 1:
        for each in (f"{file}.png", f"{file}-page.png"):
            if os.path.exists(each):
                shutil.copy(each, sys.argv[1])
    return said.strip(), f"{file}.png"


def compare(folder, console, canvas, password, authority, name):
    ppm = folder.file("canvas.ppm")
    subprocess.run(["convert", canvas, "-depth", "8", ppm], check=False)
    viewer = Viewer(console.address, password, authority)
    viewer.wait(lambda: viewer.screen == (1920, 1080))
    viewer.wait(lambda: viewer.psnr(ppm) > 34, 5)
    level = viewer.psnr(ppm)
    tap.say(f"{name}: {level:.1f} dB between the browser's picture and a native viewer's")
    tap.ok(level > 34, f"the browser shows what a native viewer shows, {name}", f"{level:.1f} dB")
    viewer.close()


def judge(folder, lines, certificate, name, password="secret"):
    page = f"{'https' if certificate else 'http'}://127.0.0.1:{serve(certificate)}"
    console = Console(folder, f"password-file = {folder.file('password')}\n{lines}")
    try:
        for _ in range(4):
            said, canvas = browse(folder, console, page, password, text="desktop", name=name.replace(" ", "-"))
            if said.startswith("canvas 1920") or not re.search("decrypt|password", console.said()):
                break
            # One of 256 of the page's tickets is none: it puts a number's missing zeros at the wrong end.
            tap.say(f"{name}: the page made a bad ticket; again")
            console.kill()
            console = Console(folder, f"password-file = {folder.file('password')}\n{lines}")
        lit = int(said.split()[3]) if said.startswith("canvas") else 0
        good = tap.ok(said.startswith("canvas 1920 1080 ") and lit > 1920 * 1080 / 2,
                      f"typing into the page brings the node's desktop, {name}", said, console.said()[-2000:])
        if good:
            compare(folder, console, canvas, password, certificate and certificate[0], name)
        tap.ok(console.stop() == 0, f"it ends as it should, {name}", console.said()[-1000:])
    finally:
        console.kill()


def strangers(folder, certificate):
    """Pages of another host come in only where they are told."""
    port = serve(certificate)
    lines = (f"password-file = {folder.file('password')}\ncertificate = {certificate[0]}\n"
             f"key = {certificate[1]}\n")
    console = Console(folder, lines)
    try:
        said, _ = browse(folder, console, f"https://localhost:{port}", seconds=4, name="stranger")
        tap.ok(said.startswith("nothing"), "a page of another host gets no picture", said)
        said, _ = browse(folder, console, f"https://127.0.0.1:{port}", "wrong", seconds=4, name="wrong")
        tap.ok(said.startswith("nothing"), "a page with the wrong password gets no picture", said)
        tap.ok(console.stop() == 0, "it ends as it should after strangers")
    finally:
        console.kill()
    console = Console(folder, f"{lines}origins = https://localhost:{port}")
    try:
        client = raw.Client(console.address, "secret", "wss", certificate[0], f"https://localhost:{port}")
        tap.ok(client.display().wait([raw.DRAW_COPY]) is not None, "a page whose origin is allowed gets one")
        client.close()
        try:
            raw.Client(console.address, "secret", "wss", certificate[0], "https://localhost").close()
            tap.ok(False, "another one does not")
        except raw.Refused:
            tap.ok(True, "another one does not")
        tap.ok(console.stop() == 0, "it ends as it should after friends")
    finally:
        console.kill()


skip_without_tools()
place = Folder()
try:
    place.file("password", "secret\n")
    mine = make_certificate(place)
    for way in ("direct", "library"):
        judge(place, f"display = {way}", None, f"websocket {way}")
    judge(place, f"certificate = {mine[0]}\nkey = {mine[1]}", mine, "websocket over TLS")
    strangers(place, mine)
finally:
    place.remove()
tap.done()
