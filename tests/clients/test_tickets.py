# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may come in, and as what: tickets, which let one viewer in and once, and those who may only look, by a password
of their own, by where they come to, or by such a ticket. Real clients with the fields of the file that spicerackctl
writes, SPICE by hand through websockets; the display sent directly and through the library."""
import configparser
import os
import struct
import subprocess
import time

import raw_spice as raw
from consoles import Console, Folder, Tap, Viewer, make_certificate, need_clients, program, wait

USBREDIR = 9  # SPICE_CHANNEL_USBREDIR
KEY_DOWN, KEY_UP = 101, 102  # SPICE_MSGC_INPUTS_*
CODES = {letter: code for code, letter in enumerate("..1234567890....qwertyuiop....asdfghjkl.....zxcvbnm")}

need_clients()
tap = Tap()


def ticket(console, *arguments):
    """The file that spicerackctl writes: its fields, and what came with it."""
    done = subprocess.run([program("tools/spicerackctl"), "--socket", console.folder.file("api.sock"), "ticket",
                           *arguments], capture_output=True, text=True, check=False)
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(done.stdout)
    return dict(parser["virt-viewer"]) if parser.has_section("virt-viewer") else {}, done


def come(fields, folder):
    """A viewer as the file asks for one."""
    authority = None
    if "ca" in fields:
        authority = folder.file("ca.pem", fields["ca"].replace("\\n", "\n"))
    return Viewer(f"{fields['host']}:{fields.get('tls-port') or fields['port']}", fields["password"], authority)


def refused(viewer):
    seen = viewer.wait_screen(8)
    gone = viewer.gone or ""
    viewer.close()
    return not seen and ("password" in gone or "Authentication" in gone)


def rights(console):
    return [viewer["right"] for viewer in console.status()["viewers"]]


def once(folder, display, certificate):
    name = f"{display}, {'TLS' if certificate else 'plain'}"
    spice = f"display = {display}\npassword-file = {folder.file('password', 'right')}\n"
    if certificate:
        spice += f"certificate = {certificate[0]}\nkey = {certificate[1]}\n"
    console = Console(folder, spice)
    try:
        fields, done = ticket(console)
        tap.ok(fields.get("type") == "spice" and fields.get("delete-this-file") == "1" and
               ("ca" in fields) == bool(certificate) and ("port" in fields) != bool(certificate),
               f"{name}: a ticket comes as a viewer's file", done)
        viewer = come(fields, folder)
        tap.ok(viewer.wait_screen(), f"{name}: a viewer comes in with it", viewer.gone, console.said()[-2000:])
        tap.ok(wait(lambda: rights(console) == ["operate"]), f"{name}: it operates", console.status())
        tap.ok(viewer.settle(), f"{name}: what it types arrives", console.said()[-2000:])
        tap.ok(refused(come(fields, folder)), f"{name}: nobody else comes in with it")
        tap.ok(viewer.gone is None, f"{name}: who was in stays", viewer.gone)
        viewer.close()
        tap.ok(refused(come(fields, folder)), f"{name}: nor does the same one come in again")
        fields, _ = ticket(console, "--seconds", "1")
        time.sleep(1.2)
        tap.ok(refused(come(fields, folder)), f"{name}: after its time it is dead", console.said()[-2000:])
        fields, _ = ticket(console, "--view", "--host", "127.0.0.1")
        viewer = come(fields, folder)
        tap.ok(viewer.wait_screen() and wait(lambda: rights(console) == ["view"]),
               f"{name}: one to look only comes in to look", console.status())
        operator = Viewer(console.address, "right", certificate and certificate[0])
        tap.ok(operator.wait_screen() and operator.settle(), f"{name}: the operator comes in beside it", operator.gone)
        viewer.wait(lambda: viewer.screen == (800, 600))
        for _ in range(5):
            viewer.type("mode 1024x768")
        tap.ok(not viewer.wait(lambda: viewer.screen != (800, 600), 2), f"{name}: what it types goes nowhere",
               viewer.screen)
        for _ in range(5):
            operator.type("mode 1024x768")
            if viewer.wait(lambda: viewer.screen == (1024, 768), 2):
                break
        tap.ok(viewer.screen == (1024, 768), f"{name}: it sees what the operator types", viewer.screen)
        viewer.close()
        operator.close()
        tap.ok(fields["password"] not in console.said(), f"{name}: no ticket is in the log")
        tap.ok(console.stop() == 0, f"{name}: it ends as it should")
    finally:
        console.kill()


def by_websocket(folder, certificate):
    console = Console(folder, f"password-file = {folder.file('password', 'right')}\ncertificate = {certificate[0]}\n"
                      f"key = {certificate[1]}\nallow-plain = true\n")
    try:
        for way in ("ws", "wss"):
            fields, _ = ticket(console)
            client = raw.Client(console.address, fields["password"], way, certificate[0])
            display = client.display()
            tap.ok(bool(display.wait([raw.DRAW_COPY])), f"{way}: a ticket lets in all channels of its viewer")
            try:
                raw.Client(console.address, fields["password"], way, certificate[0]).close()
                came = "came in"
            except raw.Refused as error:
                came = str(error)
            tap.ok("ticket" in came, f"{way}: and nobody else's", came)
            client.close()
        tap.ok(console.stop() == 0, "it ends as it should after websockets")
    finally:
        console.kill()


def press(inputs, text):
    for letter in text:
        code = CODES.get(letter, 0x39)
        inputs.send(KEY_DOWN, struct.pack("<I", code))
        inputs.send(KEY_UP, struct.pack("<I", code | 0x80))
    inputs.send(KEY_DOWN, struct.pack("<I", 0x1c))
    inputs.send(KEY_UP, struct.pack("<I", 0x9c))


def looking(folder):
    """By a password, or by an address; with channels that stock clients would not open then."""
    console = Console(folder, f"password-file = {folder.file('password', 'right')}\n"
                      f"view-password-file = {folder.file('view', 'eye')}\n"
                      f"view-listen = 127.0.0.1:0;unix:{folder.file('view.sock')}")
    try:
        wait(lambda: len(console.addresses) == 3)
        operating, watching, local = console.addresses
        for address, password, right in ((operating, "right", "operate"), (operating, "eye", "view"),
                                         (watching, "eye", "view"), (watching, "right", "view"),
                                         (local, "eye", "view")):
            viewer = Viewer(address, password)
            tap.ok(viewer.wait_screen() and wait(lambda: rights(console) == [right]),
                   f"{password} may {right} at {address.split(':')[0]}", viewer.gone, console.status())
            viewer.close()
            wait(lambda: not rights(console))
        tap.ok(refused(Viewer(watching, "wrong")), "who looks is asked for a password")
        client = raw.Client(operating, "eye")
        client.display()
        inputs = client.open(client.connection, raw.INPUTS)
        try:
            client.open(client.connection, USBREDIR)
            came = "came in"
        except raw.Refused as error:
            came = str(error)
        tap.ok("link: error" in came, "who looks has no USB channel", came)
        viewer = Viewer(operating, "right")
        tap.ok(viewer.wait_screen() and viewer.settle(), "an operator comes in beside it")
        press(inputs, "mode 1024x768")
        tap.ok(not viewer.wait(lambda: viewer.screen != (800, 600), 2), "keys by hand go nowhere", viewer.screen)
        other = raw.Client(operating, "right")
        press(other.open(other.connection, raw.INPUTS), "mode 1024x768")
        tap.ok(viewer.wait(lambda: viewer.screen == (1024, 768)), "an operator's by hand arrive", viewer.screen)
        client.password = "right"
        try:
            client.open(client.connection, raw.INPUTS)
            came = "came in"
        except raw.Refused as error:
            came = str(error)
        tap.ok("ticket" in came, "its channels show what it came with, not another's password", came)
        for each in (client, other, viewer):
            each.close()
        folder.file("view", "lid")
        console.process.send_signal(1)
        tap.ok(wait(lambda: "again" in console.said()) and wait(lambda: refused(Viewer(watching, "eye"))),
               "another password to look with is read at SIGHUP", console.said()[-2000:])
        tap.ok(console.stop() == 0, "it ends as it should after lookers")
    finally:
        console.kill()


def open_to_look(folder):
    console = Console(folder, f"password-file = {folder.file('password', 'right')}\nview-listen = 127.0.0.1:0")
    try:
        wait(lambda: len(console.addresses) == 2)
        viewer = Viewer(console.addresses[1])
        tap.ok(viewer.wait_screen() and wait(lambda: rights(console) == ["view"]),
               "without a password for that whoever comes there may look", viewer.gone)
        viewer.close()
        tap.ok(refused(Viewer(console.addresses[0])), "and not come in where one may operate")
        tap.ok(console.stop() == 0, "it ends as it should after all who looked")
    finally:
        console.kill()


def many(folder):
    console = Console(folder, f"password-file = {folder.file('password', 'right')}\n")
    try:
        answers = [console.ask("POST", "/api/v1/console/tickets", b'{"seconds": 2}') for _ in range(64)]
        tap.ok(len({answer.get("ticket") for answer in answers}) == 64 and
               all(answer["right"] == "operate" and answer["left_ms"] <= 2000 for answer in answers),
               "64 tickets may be out", answers[:1])
        answer = console.ask("POST", "/api/v1/console/tickets")
        tap.ok(answer.get("error", {}).get("code") == 409, "one more may not", answer)
        tap.ok(wait(lambda: "ticket" in console.ask("POST", "/api/v1/console/tickets", b'{"view": true}')),
               "until there is room again")
        tap.ok("ticket\"" not in str(console.status()), "none is ever told again")
        tap.ok(console.ask("POST", "/api/v1/console/tickets", b'{"seconds": 0}')["error"]["code"] == 400,
               "one without a time is refused")
        _, done = ticket(console, "--seconds", "1", "nonsense")
        tap.ok(done.returncode == 2, "an argument too many is refused", done)
        tap.ok(console.stop() == 0, "it ends as it should after many tickets")
    finally:
        console.kill()


def main():
    folder = Folder()
    certificate = make_certificate(folder)
    try:
        for display in ("direct", "library"):
            once(folder, display, None)
            if certificate:
                once(folder, display, certificate)
        if certificate:
            by_websocket(folder, certificate)
        looking(folder)
        open_to_look(folder)
        many(folder)
    finally:
        folder.remove()
    tap.done()


os.environ.pop("SPICERACK_PASSWORD", None)
main()
