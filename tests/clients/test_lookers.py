# SPDX-License-Identifier: LGPL-2.1-or-later
"""Those who may only look, by a password of their own or by where they come to: they see, and no key of theirs gets to
the node, not even from a client by hand."""
import struct

import raw_spice as raw
from consoles import Console, Folder, Tap, Viewer, need_clients, wait

USBREDIR = 9  # SPICE_CHANNEL_USBREDIR
KEY_DOWN, KEY_UP = 101, 102  # SPICE_MSGC_INPUTS_*
CODES = {letter: code for code, letter in enumerate("..1234567890....qwertyuiop....asdfghjkl.....zxcvbnm")}

need_clients()
tap = Tap()


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
            tap.ok(viewer.wait_screen() and wait(lambda: console.rights() == [right]),
                   f"{password} may {right} at {address.split(':')[0]}", viewer.gone, console.status())
            viewer.close()
            wait(lambda: not console.rights())
        tap.ok(Viewer(watching, "wrong").look_in() is None, "who looks is asked for a password")
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
        tap.ok(wait(lambda: "runs by the configuration" in console.said()) and
               wait(lambda: Viewer(watching, "eye").look_in() is None),
               "another password to look with is read at SIGHUP", console.said()[-2000:])
        tap.ok(console.stop() == 0, "it ends as it should after lookers")
    finally:
        console.kill()


def open_to_look(folder):
    console = Console(folder, f"password-file = {folder.file('password', 'right')}\nview-listen = 127.0.0.1:0")
    try:
        wait(lambda: len(console.addresses) == 2)
        viewer = Viewer(console.addresses[1])
        tap.ok(viewer.wait_screen() and wait(lambda: console.rights() == ["view"]),
               "without a password for that whoever comes there may look", viewer.gone)
        viewer.close()
        tap.ok(Viewer(console.addresses[0]).look_in() is None, "and not come in where one may operate")
        tap.ok(console.stop() == 0, "it ends as it should after all who looked")
    finally:
        console.kill()


def main():
    folder = Folder()
    try:
        looking(folder)
        open_to_look(folder)
    finally:
        folder.remove()
    tap.done()


main()
