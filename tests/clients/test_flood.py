# SPDX-License-Identifier: LGPL-2.1-or-later
"""The running console against strangers: hundreds of connections that are never finished, and thousands with garbage
at every stage of a connection. It lives, those who look go on, and nothing is left behind. SPICERACK_FLOOD: how many
times as much garbage as usual."""
import os
import random
import resource
import socket
import ssl
import struct
import threading
import time

import raw_spice as raw
from consoles import Console, Folder, Tap, Viewer, make_certificate, need_clients, wait

need_clients()
TIMES = int(os.environ.get("SPICERACK_FLOOD", "1"))
tap = Tap()
chance = random.Random(5900)
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))


def stranger():
    """Where a stranger comes from: not where the viewers do, who are not to be blamed for him."""
    return f"127.0.{chance.randrange(1, 20)}.{chance.randrange(1, 250)}"


def client_hello():
    context = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    half = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        half.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


HELLO = client_hello()
UPGRADE = (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Protocol: binary\r\n\r\n")
LINK = raw.link_message(0, raw.MAIN)


# --- Connections that are never finished ---

def half_open(address, count, source):
    beginnings = [b"", b"REDQ\2\0", HELLO[:40], UPGRADE[:60]]
    held = []
    for i in range(count):
        try:
            plain = raw.connect(address, 5, source())
            plain.sendall(beginnings[i % len(beginnings)])
            held.append(plain)
        except OSError:
            pass
    return held


def flood(console, count, source, name):
    before = console.usage()
    held = half_open(console.address, count, source)
    viewer = Viewer(console.address, "secret")
    tap.ok(viewer.wait_screen(5), f"a viewer comes in while {count} connections are half open, {name}", console.said())
    tap.say(f"{name}: {len(held)} half open, a picture {time.monotonic() - viewer.since:.2f} s after the start "
            f"of the client; {console.usage()[0]} descriptors")
    viewer.close()
    # Those who say nothing are shown the door, without their help.
    tap.ok(wait(lambda: console.usage()[0] <= before[0] + 2, 30), f"the silent ones are sent away, {name}",
           f"descriptors: {before[0]} before, {console.usage()[0]} now")
    for plain in held:
        plain.close()


def endless_flood(address, source, over):
    """They go on coming, and the console's places are always full."""
    held = []
    while not over.is_set():
        held += half_open(address, 4, source)
        while len(held) > 400:
            held.pop(0).close()
        over.wait(0.005)
    for plain in held:
        plain.close()


def during_flood(console, source, name, count=10, authority=None):
    before, over = console.usage(), threading.Event()
    strangers = threading.Thread(target=endless_flood, args=(console.address, source, over))
    strangers.start()
    time.sleep(0.5)
    seen = 0
    for _ in range(count):
        viewer = Viewer(console.address, "secret", authority)
        seen += viewer.wait_screen(5)
        viewer.kill()
    over.set()
    strangers.join()
    tap.ok(seen == count, f"viewers come in while a flood goes on, {name}", f"{seen} of {count}", console.said()[-800:])
    tap.ok(wait(lambda: console.usage()[0] <= before[0] + 2, 30), f"nothing is left of it, {name}", before,
           console.usage())


# --- Garbage ---

def damaged(data):
    """Good bytes with something wrong: cut off, changed, longer."""
    data = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 3, 20])):
        data[chance.randrange(len(data))] = chance.choice([0, 1, 127, 128, 255, chance.randrange(256)])
    if chance.random() < 0.4:
        del data[chance.randrange(len(data)):]
    if chance.random() < 0.2:
        data += chance.randbytes(chance.choice([1, 100, 70000]))
    return bytes(data)


def end(plain):
    """As a client would, by reset, or after a look at what the other side says."""
    way = chance.random()
    try:
        if way < 0.3:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif way < 0.6:
            plain.settimeout(0.02)
            plain.recv(4096)
    except OSError:
        pass
    plain.close()


def throw(address, data):
    plain = raw.connect(address, 5, stranger())
    try:
        plain.sendall(data)
    except OSError:
        pass
    end(plain)


def noise(address):
    throw(address, chance.randbytes(chance.choice([1, 4, 22, 300, 20000])))


def bad_link(address):
    throw(address, damaged(raw.link_message(chance.choice([0, 0, 1, 0xffffffff]), chance.randrange(12))))


def bad_caps(address):
    """Counts and offsets that point anywhere."""
    odd = [0, 1, 17, 18, 19, 4096, 0x3fffffff, 0x40000000, 0x7fffffff, 0xfffffff0, 0xffffffff]
    body = struct.pack("<IBBIII", 0, chance.choice([1, 2]), 0, chance.choice(odd), chance.choice(odd),
                       chance.choice(odd)) + chance.randbytes(chance.choice([0, 4, 64]))
    throw(address, struct.pack("<4sIII", b"REDQ", 2, 2, chance.choice([len(body), *odd])) + body)


def bad_ticket(address):
    plain = raw.connect(address, 5, stranger())
    try:
        plain.sendall(raw.link_message(0, chance.choice([1, 2, 3])))
        plain.recv(4096)
        plain.sendall(struct.pack("<I", chance.choice([1, 1, 1, 0, 2, 0xffffffff])) +
                      chance.randbytes(chance.choice([0, 1, 127, 128, 128, 128, 500])))
    except OSError:
        pass
    end(plain)


def bad_upgrade(address):
    texts = [damaged(UPGRADE), UPGRADE.replace(b"13", b"99"), UPGRADE.replace(b"binary", b"chat"),
             UPGRADE[:-2] + b"X: " + b"y" * 100000, UPGRADE.replace(b"\r\n", b"\n"), b"GET " + b"/" * 20000,
             UPGRADE[:-2] + b"X: y\r\n" * 3000 + b"\r\n"]
    throw(address, chance.choice(texts))


def bad_frames(address):
    frames = [raw.frame(damaged(LINK)), raw.frame(LINK, masked=False), raw.frame(LINK, opcode=chance.randrange(16)),
              raw.frame(LINK[:9], final=False) + raw.frame(LINK[9:], opcode=0), raw.frame(chance.randbytes(126), 9),
              struct.pack(">BBQ", 0x82, 0xff, 1 << 63) + chance.randbytes(40), chance.randbytes(50),
              raw.frame(b"", 8), b"".join(raw.frame(bytes([byte])) for byte in LINK) + raw.frame(chance.randbytes(200)),
              raw.frame(b"") * 2000]
    throw(address, UPGRADE + chance.choice(frames))


def bad_tls(address):
    throw(address, chance.choice([damaged(HELLO), b"\x16\x03\x01" + chance.randbytes(chance.choice([2, 60, 5000])),
                                  HELLO[:5] + damaged(HELLO[5:]), HELLO + chance.randbytes(200),
                                  bytes([0x16, 3, 1, 0xff, 0xff]) + chance.randbytes(70000)]))


def inside_tls(address, authority):
    plain = raw.connect(address, 5, stranger())
    try:
        secret = raw.encrypt(plain, authority)
    except raw.Refused:
        plain.close()
        return
    try:
        secret.sendall(chance.choice([damaged(LINK), chance.randbytes(40), damaged(UPGRADE),
                                      UPGRADE + raw.frame(damaged(LINK)), HELLO]))
    except OSError:
        pass
    end(secret)


def bad_messages(address, way, authority):
    """From one who knows the password."""
    try:
        client = raw.Client(address, "secret", way, authority, source=stranger())
        channel = chance.choice([client.main, client.display(False), client.open(client.connection, raw.INPUTS)])
        kind = chance.choice([1, 2, 3, 101, 102, 103, 104, 112, 65535, chance.randrange(120)])
        channel.stream.send(struct.pack("<HI", kind, chance.choice([0, 4, 40, 5000, 0xffffffff])) +
                            chance.randbytes(chance.choice([0, 4, 40, 5000])))
        client.close()
    except (raw.Refused, OSError):
        pass


def garbage(console, viewer, kind, count, name, *more):
    before, began = console.usage(), time.monotonic()
    refused = 0
    for _ in range(count * TIMES):
        try:
            kind(console.address, *more)
        except OSError:
            refused += 1  # back-off, and limits
    good = console.alive() and not viewer.gone
    tap.say(f"{count * TIMES} of {name}: {time.monotonic() - began:.1f} s, {refused} not even accepted")
    back = wait(lambda: console.alive() and console.usage()[0] <= before[0], 15)
    tap.ok(good and back, f"the console takes {name} and loses nothing",
           f"descriptors: {before[0]} before, {console.usage()[0]} now", console.said()[-2000:])


def still_works(console, viewer):
    updates = viewer.updates()
    tap.ok(viewer.type("echo hello") and viewer.wait(lambda: viewer.updates() > updates, 5),
           "who looked before still types and sees", viewer.gone, console.said()[-2000:])


folder = Folder()
folder.file("password", "secret\n")
certificate = make_certificate(folder)
spice = f"password-file = {folder.file('password')}\n"
if certificate:
    spice += f"certificate = {certificate[0]}\nkey = {certificate[1]}\nallow-plain = true\n"
server = Console(folder, spice)
try:
    flood(server, 500, stranger, "from everywhere")
    flood(server, 500, lambda: "127.0.0.1", "from where the viewer is")
    during_flood(server, stranger, "from everywhere")
    during_flood(server, lambda: "127.0.0.1", "from where the viewer is")
    if certificate:
        during_flood(server, stranger, "from everywhere, by TLS", authority=certificate[0])
        during_flood(server, lambda: "127.0.0.1", "from where the viewer is, by TLS", authority=certificate[0])
    watcher = Viewer(server.address, "secret")
    watcher.settle()
    garbage(server, watcher, noise, 1000, "noise")
    garbage(server, watcher, bad_link, 1000, "damaged link messages")
    garbage(server, watcher, bad_caps, 1000, "link messages with wild numbers")
    garbage(server, watcher, bad_ticket, 200, "wrong tickets")
    garbage(server, watcher, bad_upgrade, 1000, "upgrades that are none")
    garbage(server, watcher, bad_frames, 1000, "websocket frames that are none")
    garbage(server, watcher, bad_tls, 1000, "TLS records that are none")
    if certificate:
        garbage(server, watcher, inside_tls, 100, "garbage within TLS", certificate[0])
    garbage(server, watcher, bad_messages, 60, "messages of one who came in", "plain", None)
    garbage(server, watcher, bad_messages, 20, "messages by websocket of one who came in", "ws", None)
    still_works(server, watcher)
    watcher.close()
    tap.ok(server.stop() == 0, "it ends as it should", server.said()[-2000:])
finally:
    server.kill()
    folder.remove()
tap.done()
