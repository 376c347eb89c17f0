# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tickets, which let one viewer in, once, and as what they say. Real clients with the fields of the file that
spicerackctl writes, SPICE by hand through websockets; the display sent directly and through the library."""
import configparser
import os
import subprocess
import time

import raw_spice as raw
from consoles import Console, Folder, Tap, Viewer, make_certificate, need_clients, program, wait

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


def others(console, folder, name, certificate):
    """One that comes too late, and one to look only; the fields of that."""
    fields, _ = ticket(console, "--seconds", "1")
    time.sleep(1.2)
    tap.ok(come(fields, folder).look_in() is None, f"{name}: after its time it is dead", console.said()[-2000:])
    fields, _ = ticket(console, "--view", "--host", "127.0.0.1")
    viewer = come(fields, folder)
    tap.ok(viewer.wait_screen() and wait(lambda: console.rights() == ["view"]),
           f"{name}: one to look only comes in to look", console.status())
    operator = Viewer(console.address, "right", certificate and certificate[0])
    tap.ok(operator.wait_screen() and operator.settle(), f"{name}: the operator comes in beside it", operator.gone)
    viewer.wait(lambda: viewer.screen == (800, 600))
    tap.ok(all([viewer.type("mode 1024x768") for _ in range(5)]), f"{name}: it has keys to type with")
    tap.ok(not viewer.wait(lambda: viewer.screen != (800, 600), 2), f"{name}: what it types goes nowhere",
           viewer.screen)
    for _ in range(5):
        operator.type("mode 1024x768")
        if viewer.wait(lambda: viewer.screen == (1024, 768), 2):
            break
    tap.ok(viewer.screen == (1024, 768), f"{name}: it sees what the operator types", viewer.screen)
    viewer.close()
    operator.close()
    return fields


def once(folder, display, certificate, short=False):
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
        tap.ok(wait(lambda: console.rights() == ["operate"]), f"{name}: it operates", console.status())
        if not short:
            tap.ok(viewer.settle(), f"{name}: what it types arrives", console.said()[-2000:])
        tap.ok(come(fields, folder).look_in() is None, f"{name}: nobody else comes in with it")
        tap.ok(viewer.gone is None, f"{name}: who was in stays", viewer.gone)
        viewer.close()
        tap.ok(come(fields, folder).look_in() is None, f"{name}: nor does the same one come in again")
        if not short:
            fields = others(console, folder, name, certificate)
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
        once(folder, "direct", None)
        once(folder, "library", None, short=True)
        if certificate:
            once(folder, "library", certificate)
            once(folder, "direct", certificate, short=True)
            by_websocket(folder, certificate)
        many(folder)
    finally:
        folder.remove()
    tap.done()


os.environ.pop("SPICERACK_PASSWORD", None)
main()
