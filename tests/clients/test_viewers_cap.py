# SPDX-License-Identifier: LGPL-2.1-or-later
"""The configured number of viewers, when some are killed at any moment: whoever comes next has the place, and nobody
has more places than there are. SPICERACK_CYCLES: how many are killed, 80 by default."""
import os
import random
import socket
import struct
import time

import raw_spice as raw
from consoles import Console, Folder, Tap, Viewer, need_clients, wait

need_clients()
CYCLES = int(os.environ.get("SPICERACK_CYCLES", "80"))
tap = Tap()
chance = random.Random(os.environ.get("SPICERACK_SEED", "1"))


def vanish(plain):
    """As a killed client's connection does, with or without something unread."""
    if chance.random() < 0.3:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    plain.close()


def killed_while_connecting(address):
    """At some point before its password was looked at, or just when it is."""
    plain = raw.connect(address)
    plain.sendall(raw.link_message(0, raw.MAIN))
    stage = chance.randrange(4)
    if stage > 0:
        reply = b""
        while len(reply) < 194 and (more := plain.recv(194 - len(reply))):
            reply += more
        if stage > 1 and reply[16:20] == bytes(4):
            plain.sendall(struct.pack("<I", 1) + raw.ticket(reply[32:194], "secret")[:128 if stage > 2 else 60])
    vanish(plain)


def killed_while_in(address):
    """May be refused itself: this is not about him."""
    try:
        client = raw.Client(address, "secret")
        if chance.random() < 0.5:
            client.open(client.connection, raw.DISPLAY)
    except (raw.Refused, OSError):
        return
    for channel in client.channels:
        vanish(channel.stream.socket)


def comes_in(address):
    """How long that took; None: it was refused."""
    began = time.monotonic()
    try:
        client = raw.Client(address, "secret")
    except (raw.Refused, OSError) as error:
        tap.say(f"{time.monotonic() - began:.3f} s: {error}")
        return None
    took = time.monotonic() - began
    for channel in client.channels:
        vanish(channel.stream.socket)
    return took


def judge(console, kill, name):
    times = []
    for _ in range(CYCLES):
        kill(console.address)
        times.append(comes_in(console.address))
        time.sleep(chance.choice([0, 0, 0, 0.02, 0.1]) * chance.random())
    refused = times.count(None)
    slowest = max([each for each in times if each is not None], default=0)
    tap.say(f"{name}: {refused} of {CYCLES} refused, the others were in after {slowest * 1000:.0f} ms at most")
    tap.ok(refused == 0, f"who comes after {name} is let in", console.said()[-800:])


def limit_holds(console):
    """Among strangers too, who have a few places of their own."""
    strangers = [raw.connect(console.address) for _ in range(6)]
    for plain in strangers:
        plain.sendall(raw.link_message(0, raw.MAIN))
    second = Viewer(console.address, "secret")
    tap.ok(second.wait_screen(), "strangers take no viewer's place", second.gone, console.said()[-800:])
    third = Viewer(console.address, "secret")
    tap.ok(third.wait_gone(5) and not third.screen, "one too many is refused", third.screen)
    third.kill()
    second.kill()
    again = Viewer(console.address, "secret")
    tap.ok(again.wait_screen(), "right after a kill another one sees", again.gone, console.said()[-800:])
    again.close()
    for plain in strangers:
        plain.close()


def all_at_once(address, count, clients):
    """Each has its link's answer before the first one shows a password."""
    clients.append(raw.Client(address, "secret",
                              before_ticket=lambda: count > 1 and all_at_once(address, count - 1, clients)))


def come_together(console, count):
    clients = []
    try:
        all_at_once(console.address, count, clients)
    except (raw.Refused, OSError) as error:
        tap.say(str(error))
    tap.ok(len(clients) == count, f"{count} come in at the same moment", f"{len(clients)} did", console.said()[-800:])
    for client in clients:
        client.close()


folder = Folder()
server = Console(folder, f"viewers = 2\npassword-file = {folder.file('password', 'secret' + chr(10))}\n")
try:
    resident = Viewer(server.address, "secret")
    resident.wait_screen()
    before = server.usage()
    judge(server, killed_while_connecting, "one that was killed while it connected")
    judge(server, killed_while_in, "one that was killed when it was in")
    limit_holds(server)
    tap.ok(not resident.gone, "who stays is not disturbed", resident.gone)
    tap.ok(wait(lambda: server.usage()[0] <= before[0] and server.usage()[1] <= before[1], 15),
           "nothing is left behind", before, server.usage())
    resident.close()
    tap.ok(server.stop() == 0, "it ends as it should", server.said()[-800:])
    server = Console(folder, f"viewers = 6\npassword-file = {folder.file('password', 'secret' + chr(10))}\n")
    come_together(server, 6)
    server.stop()
finally:
    server.kill()
    folder.remove()
tap.done()
