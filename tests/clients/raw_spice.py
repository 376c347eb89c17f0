# SPDX-License-Identifier: LGPL-2.1-or-later
"""SPICE by hand, for tests that do to a server what no client does: link, ticket, messages with mini headers
(spice/protocol.h, spice/enums.h), over TCP, unix sockets, TLS and websockets (RFC 6455). Blocks; each read has a
time limit."""
import base64
import hashlib
import os
import select
import socket
import ssl
import struct
import time

MAIN, DISPLAY, INPUTS, CURSOR = 1, 2, 3, 4
COMMON_CAPS = 0b1011  # authentication is chosen, by ticket; mini headers
DISPLAY_CAPS = 0b10  # monitors configuration

SET_ACK, PING, MAIN_INIT, DISPLAY_MARK, DRAW_COPY, SURFACE_CREATE = 3, 4, 103, 102, 304, 314
ACK_SYNC, ACK, PONG, DISPLAY_INIT, ATTACH_CHANNELS = 1, 2, 3, 101, 104


class Refused(Exception):
    """The other side ended it, or said no; the text says where."""


def connect(address, timeout=10, source=None):
    """source: which of this machine's addresses to come from."""
    if address.startswith("unix:"):
        plain = socket.socket(socket.AF_UNIX)
        plain.settimeout(timeout)
        plain.connect(address[5:])
        return plain
    host, port = address.rsplit(":", 1)
    plain = socket.create_connection((host, int(port)), timeout, (source, 0) if source else None)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return plain


def encrypt(plain, authority):
    context = ssl.create_default_context(cafile=authority)
    try:
        return context.wrap_socket(plain, server_hostname="127.0.0.1")
    except OSError as error:
        raise Refused(f"TLS: {error}") from error


class Stream:
    """Bytes as they come."""

    def __init__(self, plain):
        self.socket = plain

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Refused(f"sending: {error}") from error

    def some(self):
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            raise
        except OSError as error:
            raise Refused(f"receiving: {error}") from error
        if not data:
            raise Refused("the other side closed")
        return data

    def readable(self, timeout):
        if isinstance(self.socket, ssl.SSLSocket) and self.socket.pending():
            return True
        return bool(select.select([self.socket], [], [], timeout)[0])

    def close(self):
        self.socket.close()


def upgrade(plain, host, origin=None, path="/", protocol="binary"):
    """The bytes of an upgrade's answer, up to the empty line; the rest of what came."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: keep-alive, Upgrade",
             f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", "Sec-WebSocket-Version: 13",
             f"Sec-WebSocket-Protocol: {protocol}"]
    if origin:
        lines.append(f"Origin: {origin}")
    stream = Stream(plain)
    stream.send("\r\n".join(lines + ["", ""]).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += stream.some()
    return answer.split(b"\r\n\r\n", 1)


def frame(data, opcode=2, final=True, masked=True):
    size = len(data)
    head = bytes([final << 7 | opcode])
    if size < 126:
        head += bytes([masked << 7 | size])
    elif size < 65536:
        head += struct.pack(">BH", masked << 7 | 126, size)
    else:
        head += struct.pack(">BQ", masked << 7 | 127, size)
    if not masked:
        return head + data
    key = os.urandom(4)
    pattern = (key * (size // 4 + 1))[:size]
    mixed = int.from_bytes(data, "big") ^ int.from_bytes(pattern, "big")
    return head + key + mixed.to_bytes(size, "big")


class Websocket(Stream):
    """Bytes in binary frames."""

    def __init__(self, plain, host, origin=None):
        super().__init__(plain)
        answer, self.rest = upgrade(plain, host, origin)
        if b" 101 " not in answer.split(b"\r\n")[0]:
            raise Refused(f"upgrade: {answer.splitlines()[0].decode(errors='replace')}")

    def send(self, data):
        super().send(frame(data))

    def take(self, size):
        while len(self.rest) < size:
            self.rest += super().some()
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def some(self):
        while True:
            first, second = self.take(2)
            size = second & 127
            if size == 126:
                size = struct.unpack(">H", self.take(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self.take(8))[0]
            data = self.take(size)
            if first & 15 == 8:
                raise Refused("the other side closed the websocket")
            if first & 15 == 9:
                super().send(frame(data, opcode=10))
            elif first & 15 in (0, 2) and data:
                return data

    def readable(self, timeout):
        return bool(self.rest) or super().readable(timeout)


def link_message(connection, channel, number=0, caps=(COMMON_CAPS,), channel_caps=()):
    body = struct.pack("<IBBIII", connection, channel, number, len(caps), len(channel_caps), 18)
    body += struct.pack(f"<{len(caps) + len(channel_caps)}I", *caps, *channel_caps)
    return struct.pack("<4sIII", b"REDQ", 2, 2, len(body)) + body


def mask(seed, size):
    out = b"".join(hashlib.sha1(seed + struct.pack(">I", i)).digest() for i in range(size // 20 + 1))
    return out[:size]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def ticket(key, password):
    """RFC 8017, 7.1.1, with SHA-1, for the key of a link reply: 162 bytes of DER, RSA of 1024 bits."""
    modulus, exponent = int.from_bytes(key[29:157], "big"), int.from_bytes(key[159:162], "big")
    message = password.encode() + b"\0"
    block = hashlib.sha1(b"").digest() + bytes(128 - len(message) - 42) + b"\1" + message
    seed = os.urandom(20)
    hidden = xor(block, mask(seed, 107))
    padded = b"\0" + xor(seed, mask(hidden, 20)) + hidden
    return pow(int.from_bytes(padded, "big"), exponent, modulus).to_bytes(128, "big")


class Channel:
    """One channel of a client, linked; messages go both ways from then on."""

    def __init__(self, stream, connection, channel, password="", before_ticket=None):
        self.stream, self.rest, self.until_ack, self.window = stream, b"", 0, 0
        caps = (DISPLAY_CAPS,) if channel == DISPLAY else ()
        stream.send(link_message(connection, channel, channel_caps=caps))
        magic, _, _, size = struct.unpack("<4sIII", self.take(16))
        reply = self.take(size)
        error = struct.unpack("<I", reply[:4])[0]
        if magic != b"REDQ" or error:
            raise Refused(f"link: error {error}")
        if before_ticket:
            before_ticket()
        stream.send(struct.pack("<I", 1) + ticket(reply[4:166], password))
        result = struct.unpack("<I", self.take(4))[0]
        if result:
            raise Refused(f"ticket: error {result}")

    def take(self, size):
        while len(self.rest) < size:
            self.rest += self.stream.some()
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def send(self, kind, data=b""):
        self.stream.send(struct.pack("<HI", kind, len(data)) + data)

    def message(self):
        """The next one, with acknowledgements and pongs given as a client does."""
        kind, size = struct.unpack("<HI", self.take(6))
        data = self.take(size)
        if kind == SET_ACK:
            self.window = struct.unpack("<II", data[:8])[1]
            self.until_ack = self.window
            self.send(ACK_SYNC, data[:4])
            return kind, data
        if kind == PING:
            self.send(PONG, data[:12])
        if self.window:
            self.until_ack -= 1
            if self.until_ack == 0:
                self.until_ack = self.window
                self.send(ACK)
        return kind, data

    def wait(self, kinds, seconds=10):
        """The first message of one of these kinds; None when none came in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.rest or self.stream.readable(0.1):
                kind, data = self.message()
                if kind in kinds:
                    return kind, data
        return None

    def init_display(self):
        self.send(DISPLAY_INIT, struct.pack("<BqBi", 1, 1 << 20, 1, 1 << 16))

    def close(self):
        self.stream.close()


class Client:
    """A main channel, and others of the same connection on demand. way: plain, tls, ws or wss. before_ticket: is called
    when the main channel is about to show its password."""

    def __init__(self, address, password="", way="plain", authority=None, origin=None, source=None,
                 before_ticket=None):
        self.address, self.password, self.way, self.source = address, password, way, source
        self.authority, self.origin, self.channels = authority, origin, []
        self.main = self.open(0, MAIN, before_ticket)
        try:
            self.connection = struct.unpack("<I", self.main.wait([MAIN_INIT])[1][:4])[0]
        except (TypeError, Refused) as error:
            self.close()
            raise Refused(f"no MAIN_INIT: {error}") from error
        self.main.send(ATTACH_CHANNELS)

    def open(self, connection, channel, before_ticket=None):
        plain = connect(self.address, source=self.source)
        try:
            if self.way in ("tls", "wss"):
                plain = encrypt(plain, self.authority)
            stream = Websocket(plain, self.address, self.origin) if self.way in ("ws", "wss") else Stream(plain)
            channel = Channel(stream, connection, channel, self.password, before_ticket)
        except (Refused, OSError):
            plain.close()
            raise
        self.channels.append(channel)
        return channel

    def display(self, init=True):
        channel = self.open(self.connection, DISPLAY)
        if init:
            channel.init_display()
        return channel

    def close(self):
        for channel in self.channels:
            channel.close()
