# SPDX-License-Identifier: LGPL-2.1-or-later
"""
Makes the seeds of fuzz_ajpg, fuzz_bmc, fuzz_bmc_lan, fuzz_client, fuzz_framing, fuzz_ipmi, fuzz_iso (by xorriso),
fuzz_jpeg, fuzz_lan15, fuzz_raw, fuzz_rmcp, fuzz_scsi, fuzz_session, fuzz_upgrade and fuzz_websocket: from the frames in
tests/vectors, whole and spoilt, and from a few streams that no encoder makes. Run it in the source tree after make
vectors.
"""
import hashlib
import os
import random
import shutil
import struct
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.join(HERE, "..", "vectors")
MOST = 7000  # bytes of a seed


def head(width, height, codec, selector, second, studio, size):
    flags = (codec != "444") | studio << 1
    return bytes((width - 1, height - 1, flags, selector, second + 1)) + size.to_bytes(2, "little")


def frames(sequence):
    """Codec, head and data of each frame."""
    folder = os.path.join(VECTORS, sequence)
    with open(os.path.join(folder, "list"), encoding="ascii") as lines:
        for line in lines:
            path, width, height, codec, selector, second, swing = line.rstrip("\n").split("\t")
            with open(os.path.join(folder, path), "rb") as file:
                data = file.read()
            yield ("jpeg" if codec == "jpeg" else "ajpg",
                   head(int(width), int(height), codec, int(selector), int(second), swing == "studio", len(data)),
                   data)


def words(*values):
    return b"".join(value.to_bytes(4, "little") for value in values)


def spoil(data, rng):
    """A cut, a few bits turned over, a part that comes twice."""
    yield "cut", data[:rng.randrange(len(data))]
    flipped = bytearray(data)
    for _ in range(4):
        flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    yield "flip", bytes(flipped)
    at = rng.randrange(len(data)) & ~3
    yield "twice", data[:at] + data[at // 2 & ~3:]


def put(codec, name, seed):
    with open(os.path.join(HERE, "corpus", codec, name), "wb") as file:
        file.write(seed)


def from_vectors(rng):
    for sequence in sorted(os.listdir(VECTORS)):
        if not os.path.exists(os.path.join(VECTORS, sequence, "list")):
            continue
        seeds = {"ajpg": b"", "jpeg": b""}
        spoilt = set()
        for codec, start, data in frames(sequence):
            if len(seeds[codec]) + len(start) + len(data) < MOST:
                seeds[codec] += start + data
            if codec not in spoilt:
                spoilt.add(codec)
                for what, bad in spoil(data[:MOST], rng):
                    put(codec, f"{sequence}-{what}", start[:5] + len(bad).to_bytes(2, "little") + bad)
        for codec, seed in seeds.items():
            if seed:
                put(codec, sequence, seed)


def pack(bits):
    """Bits, as text, to little-endian words."""
    bits += "0" * (-len(bits) % 32)
    return words(*(int(bits[at:at + 32], 2) for at in range(0, len(bits), 32)))


def longer_than_the_window(rng):
    """The decoder moves a window of 8 KiB over the data: here it must."""
    bits = ""
    while len(bits) < 7900 * 8:
        slots = "".join(f"1{slot:02b}{rng.getrandbits(24):024b}" for slot in range(4))
        flat = "0000" + "00" + "1010" + "0000" * 2  # a DCT record without detail
        bits += f"0111{slots}{rng.getrandbits(128):0128b}" + flat * rng.randrange(4)
    data = pack(bits + "1001")
    return head(256, 256, "444", 5, 9, False, len(data)) + data


def by_hand(rng):
    streams = {
        "end": words(0x90000000),
        "zeros": bytes(256),
        "ones": b"\xff" * 64,
        "code-1": words(0x10000000),
        "code-11": words(0xb0000000, 0),
        "position": words(0x80ffff00, 0, 0),
        "vq1-all": words(*[0x52a54a95] * 40),
        "vq4-defaults": words(0x70060140 | 0x00a, 0x1b1b1b1b, 0xe4e4e4e4, 0x00112233, 0x90000000),
        "low": words(0x48a28000, 0x90000000),
        "pass2": words(0x5a822801, 0x90000000),
    }
    for name, data in streams.items():
        for codec in ("444", "420"):
            start = head(33, 17, codec, 5, 9, False, len(data))
            put("ajpg", f"hand-{name}-{codec}", (start + data) * 2)
    put("ajpg", "hand-long", longer_than_the_window(rng))
    for name, data in (("empty", b""), ("start", b"\xff\xd8"), ("end", b"\xff\xd8\xff\xd9"), ("fill", b"\xff" * 40)):
        put("jpeg", f"hand-{name}", head(16, 16, "420", 0, -1, False, len(data)) + data)


def raw_frames(rng):
    """Two frames, the second changed a little, in each format, with and without padding; then cut."""
    for number, (name, size) in enumerate((("xbgr32", 4), ("bgr24", 3), ("uyvy", 2), ("yuyv", 2))):
        for width, height, padding in ((16, 16, 0), (37, 18, 6), (1, 1, 0), (48, 5, -1)):
            row = (width + 1) // 2 * 4 if size == 2 else width * size
            data = bytearray(rng.randbytes(max(0, (row + padding) * (height - 1) + row)))
            start = bytes((width - 1, height - 1, rng.randrange(8), number, row + padding - 4 * width + 128))
            seed = start + len(data).to_bytes(2, "little") + data
            data[len(data) // 2] ^= 0x80
            seed += start + len(data).to_bytes(2, "little") + data
            put("raw", f"{name}-{width}", seed)
            put("raw", f"{name}-{width}-cut", seed[:len(seed) - 1])


def scsi_commands():
    """Each command with a fitting data phase, then with others; as fuzz_scsi.c describes."""
    commands = {
        0x00: "", 0x03: "00 00 00 12", 0x08: "00 00 01 01", 0x0a: "00 00 01 01", 0x12: "00 00 00 24",
        0x15: "10 00 00 06", 0x1a: "00 3f 00 ff", 0x1b: "00 00 00 02", 0x1e: "00 00 00 01",
        0x23: "00 00 00 00 00 00 00 0c", 0x25: "", 0x28: "00 00 00 00 01 00 00 40", 0x2a: "00 00 00 00 01 00 00 40",
        0x2f: "00 00 00 00 01 00 00 01", 0x35: "", 0x42: "00 00 00 00 00 00 00 04", 0x43: "02 00 00 00 00 00 00 ff",
        0x44: "00 00 00 00 00 00 00 08", 0x46: "00 00 00 00 00 00 00 ff", 0x4a: "01 00 00 10 00 00 00 08",
        0x51: "00 00 00 00 00 00 00 22", 0x52: "01 00 00 00 01 00 00 24", 0x55: "10 00 00 00 00 00 00 0a",
        0x5a: "00 3f 00 00 00 00 00 ff", 0x88: "00 00 00 00 00 00 00 00 01 00 00 00 40", 0x8a: "08",
        0x91: "", 0x9e: "10 00 00 00 00 00 00 00 00 00 00 00 20", 0xa0: "00 00 00 00 00 00 00 00 10",
        0xa8: "00 00 00 00 01 00 00 00 40", 0xaa: "00 00 00 00 01 00 00 00 40", 0xad: "00 00 00 00 00 00 00 08 04",
        0xbd: "00 00 00 00 00 00 00 00 08", 0xbe: "00 00 00 00 01 00 00 02 10",
    }
    for opcode, rest in commands.items():
        cdb = (bytes((opcode,)) + bytes.fromhex(rest)).ljust(16, b"\0")
        for kind in (0, 1):
            seed = bytes((kind | 4, 3))
            for expected, flags in ((36, 0x80), (131072, 0x80), (131072, 0), (0, 0), (6, 0)):
                seed += b"\0" + expected.to_bytes(4, "little") + bytes((flags, 0, 16)) + cdb
            put("scsi", f"{opcode:02x}-{'disk' if kind else 'cd'}", seed)
    for opcode, flags in ((0x28, 0x80), (0x2a, 0)):
        for kind, last in ((0, 511), (1, 2047)):
            size = 512 if kind else 2048
            seed = bytes((kind | 4, 3))
            for block, count, fails in ((last, 1, 0), (last, 2, 0), (last + 1, 1, 0), (0, last + 1, 2)):
                cdb = bytes((opcode, 0)) + block.to_bytes(4, "big") + b"\0" + count.to_bytes(2, "big")
                seed += bytes((fails,)) + (count * size).to_bytes(4, "little") + bytes((flags, 0, 10)) + cdb.ljust(16, b"\0")
            put("scsi", f"end-{opcode:02x}-{'disk' if kind else 'cd'}", seed)


def partition_tables():
    """The PC's table, and GUID's with two entries in block 2."""
    table = bytearray(512)
    table[446:462] = bytes((0x80, 0, 0, 0, 0x83, 0, 0, 0)) + words(1, 5)
    table[510:512] = b"\x55\xaa"
    yield "pc", bytes(table) + bytes(512 * 6)
    table[450] = 0xee
    head = b"EFI PART" + bytes(64) + words(2, 0, 4, 128) + bytes(512 - 88)
    entries = b""
    for name, first in (("system", 3), ("data", 5)):
        entries += bytes(range(16)) + bytes(16) + words(first, 0, first + 1, 0) + bytes(8)
        entries += name.encode("utf-16-le").ljust(72, b"\0")
    yield "guid", bytes(table) + head + entries.ljust(512, b"\0") + bytes(512 * 4)


def disc_images():
    """What follows the first 16 sectors of small images; as fuzz_iso.c describes."""
    with tempfile.TemporaryDirectory() as folder:
        tree = os.path.join(folder, "tree")
        os.makedirs(os.path.join(tree, "a", "b"))
        for name in ("boot.img", "a/b/Long file name", "a/README.txt"):
            with open(os.path.join(tree, name), "w", encoding="ascii") as file:
                file.write(name * 9)
        os.symlink("a/b", os.path.join(tree, "link"))
        os.symlink("loop", os.path.join(tree, "loop"))
        for name, options in (("plain", ["--norock"]), ("rock-ridge", ["-R"]), ("joliet", ["--norock", "-J"])):
            image = os.path.join(folder, name)
            subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-no-pad", *options, "-b", "boot.img", "-no-emul-boot",
                            "-c", "boot.cat", "-V", name, "-o", image, tree], check=True, stderr=subprocess.DEVNULL)
            with open(image, "rb") as file:
                put("iso", name, b"\0" + file.read()[16 * 2048:])
    for name, data in partition_tables():
        put("iso", f"disk-{name}", b"\0" + data)
    sums = b"".join(b"0" * digits + mark + b"./a name\n" for digits in (32, 40, 64, 128, 31) for mark in (b"  ", b" *"))
    put("iso", "sums", b"\xff" + sums + b"\r\n\0")


def client_channels():
    """A disc that is shared and read, and what may go wrong with it; as fuzz_client.c describes."""
    out, good, failed = b"\x05\0", b"\x07\0\0", b"\x07\0\x01"
    stall = b"\x05\x84"  # of a read, which is cleared
    begin = b"\x01\x02\x08\x04\0"
    inquiry = out + b"\x06\0\x24\x05" + good
    ready = out + good
    capacity = out + b"\x08\0\0\0\x0f\0\0\x02\0" + good
    shared = begin + inquiry + ready + capacity
    data = b"\x06\0\xf8\x11"
    sense = {"none": out + b"\x06\0\x12\x70" + good, "good": out + b"\x06\0\x12\0" + good}
    seeds = {
        "shared": shared, "read": shared + out + data + good, "again": (shared + out + data + good + b"\x03") * 2,
        "short": shared + out + b"\x06\0\x20\x11" + good, "failed": shared + out + b"\x05\x80" + failed + sense["none"],
        "unknown": shared + out + b"\x05\x80" + failed + sense["good"], "stall": shared + out + stall + b"\x05\0" + failed,
        "tag": shared + out + data + b"\x07\0\xf0", "phase": shared + out + data + b"\x07\0\x02" + b"\x04\0" + ready,
        "residue": shared + out + data + b"\x07\0\x80" + b"\x04\0", "error": shared + b"\x05\x02" + b"\x05\x82" + b"\x04\0",
        "attention": begin + inquiry + out + failed + sense["none"], "keyboard": b"\x01\x02\x03\x03\x02\x08\x04\0" + inquiry,
        "disk": begin + out + b"\x06\0\x24\0" + good, "unset": b"\x01\x02\x08\x04\x05", "bytes": b"\x01\0\x10" + bytes(16),
    }
    for name, seed in seeds.items():
        put("client", name, seed)
        put("client", f"{name}-cut", seed[:len(seed) * 2 // 3])


def doors():
    """Clients on their way to the library; the first byte is what fuzz_door.c says."""
    ticket = words(1) + bytes(range(128))
    for name, flags, data in (("selects", 3, ticket + b"behind"), ("exact", 3, ticket), ("refused", 7, ticket), ("error", 11, b""),
                              ("result", 19, ticket), ("plain", 1, ticket[4:] + b"behind"), ("slowly", 35, ticket),
                              ("mechanism", 3, words(2) + ticket[4:]), ("cut", 3, ticket[:77]),
                              ("link", 0, b"REDQ" + words(2, 2, 22) + struct.pack("<IBBIIII", 0, 1, 0, 1, 0, 18, 1)),
                              ("long", 32, b"REDQ" + words(2, 2, 4096) + bytes(64)), ("garbage", 0, b"RAD")):
        put("door", name, bytes([flags]) + data)


def connections():
    """Links and messages of SPICE, as fuzz_framing.c describes; requests and frames of websockets."""
    def pieces(server, data):
        return b"".join(bytes([len(data[at:at + 127]) | server]) + data[at:at + 127] for at in range(0, len(data), 127))

    def talk(caps, display, *messages):
        link = b"REDQ" + struct.pack("<III", 2, 2, 22) + struct.pack("<IBBIIII", 1, 2, 0, 1, 0, 18, caps)
        reply = b"REDQ" + struct.pack("<III", 2, 2, 182) + bytes(166) + struct.pack("<IIII", 1, 0, 178, 0xB)
        return bytes([display]) + pieces(0, link) + pieces(0x80, reply) + \
            pieces(0, (struct.pack("<I", 1) if caps & 1 else b"") + bytes(128)) + pieces(0x80, bytes(4)) + b"".join(messages)

    def mini(kind, size):
        return struct.pack("<HI", kind, size) + bytes(size)

    def full(kind, size):
        return struct.pack("<QHII", 1, kind, size, 0) + bytes(size)

    init, mark, ack = mini(101, 14), pieces(0x80, mini(102, 0)), mini(3, 8)
    seeds = {
        "good": talk(0xB, 1, pieces(0, init + ack), mark, pieces(0, ack)), "other": talk(0xB, 0, pieces(0, ack), mark),
        "made": talk(0xB, 1, pieces(0, ack + init + ack), b"\0", pieces(0, init)),
        "full": talk(3, 1, pieces(0, full(101, 14)), pieces(0x80, full(304, 300)), pieces(0, full(3, 8))),
        "bare": talk(8, 1, pieces(0, init)), "twice": talk(0xB, 1, pieces(0, init + init), mark),
        "short": talk(0xB, 1, pieces(0, mini(101, 3))), "large": talk(0xB, 0, pieces(0x80, mini(304, 600))),
    }
    for name, seed in seeds.items():
        put("framing", name, seed)
        put("framing", f"{name}-cut", seed[:len(seed) * 2 // 3])

    first = b"GET / HTTP/1.1\r\nHost: bmc:5900\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    key = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    page = b"Origin: https://bmc\r\nSec-WebSocket-Protocol: base64, binary\r\n"
    for name, seed in {"good": first + key + page, "bare": first + key, "page": first, "twice": first + key + key,
                       "folded": first + key + b" more: x\r\n", "old": first + key.replace(b"13", b"8")}.items():
        put("upgrade", name, seed + b"\r\nframes")
        put("upgrade", f"{name}-cut", seed)

    def frame(head, payload, form=0):
        count = len(payload)
        size = {0: bytes([0x80 | count & 0x7F]), 2: struct.pack(">BH", 0xFE, count), 8: struct.pack(">BQ", 0xFF, count)}[form]
        return bytes([head]) + size + b"mask" + bytes(byte ^ b"mask"[at & 3] for at, byte in enumerate(payload))

    for name, seed in {
        "good": frame(0x82, b"REDQ") + frame(0x82, bytes(300), 2), "close": frame(0x88, b"\x03\xe8bye"),
        "fragments": frame(2, b"RE") + frame(0x89, b"ping") + frame(0, b"") + frame(0x80, b"DQ"),
        "pong": frame(0x8A, b"") + frame(0x82, b"x"), "text": frame(0x81, b"x"), "long": frame(0x82, bytes(10), 8),
        "half": frame(0x88, b"\x03"), "bare": b"\x82\x01x", "huge": b"\x82\xff" + b"\xff" * 8,
    }.items():
        put("websocket", name, seed)
        put("websocket", f"{name}-cut", seed[:-1])


def bmc_packets():
    """What a BMC answers while a session is made, and messages in one; as fuzz_rmcp.c describes."""
    def packet(kind, payload, session=0):
        return b"\x06\0\xff\x07\x06" + struct.pack("<BIIH", kind, session, session and 6, len(payload)) + payload

    algorithms = b"".join(bytes((kind, 0, 0, 8, 1, 0, 0, 0)) for kind in range(3))
    ours = struct.pack("<I", 0x11223344)
    seeds = {
        "open": (0x11, b"\1\0\4\0" + ours + b"\x55\x66\x77\x88" + algorithms), "open-refused": (0x11, b"\1\4"),
        "rakp2": (0x13, b"\2\0\0\0" + ours + bytes(range(32)) + bytes(20)), "rakp2-refused": (0x13, b"\2\r\0\0" + ours),
        "rakp4": (0x15, b"\3\0\0\0" + ours + bytes(12)), "rakp4-refused": (0x15, b"\3\x0f\0\0" + ours),
    }
    for name, (kind, payload) in seeds.items():
        put("rmcp", name, b"\x14" + packet(kind, payload))
        put("rmcp", f"{name}-cut", b"\x14" + packet(kind, payload[:-1]))

    def summed(data):
        return data + bytes([-sum(data) & 0xff])

    message = summed(b"\x81\x1c") + summed(b"\x20\4\1\0\x20\1\2\3")
    fill = bytes(range(1, 16 - len(message) % 16))
    for code in (12, 16):
        whole = packet(0xc0, message + fill + bytes([len(fill)]), 5)
        gap = -(len(whole) - 2) % 4
        whole += b"\xff" * gap + bytes((gap, 7)) + bytes(code)
        put("rmcp", f"message-{code}", bytes([code]) + whole)
        put("rmcp", f"message-{code}-cut", bytes([code]) + whole[:-1])
    put("rmcp", "message-plain", b"\0" + packet(0, message))
    up = b"\2" * 4
    for suite in (b"\3", b"\x11"):
        for name, steps in {
            "up": up + b"\5\x2d\1\2" * 3 + b"\6\2", "again": b"\0\2\2\1\x19\2\0\2\2" + up,
            "lost": up + b"\5\x2d\1\0\0\0\0\0\0\0\2" + up, "restart": up + b"\7\5\1\1" + b"\0" * 5 + up + b"\5\1\1\2",
            "idle": up + b"\0\5\x2d\1\2\2", "changed": b"\3\x11\1\2\3\x12\1\2\3\x40\1\0\2" + up, "stop": b"\6\6\2\6\6" + up + b"\6\0\0\6",
            "others": b"\4\x10" + packet(0x11, b"") + b"\2\4\x18" + packet(0x13, b"\0\1\0\0" + ours) + b"\2\2",
        }.items():
            put("session", f"{name}-{suite[0]}", suite + steps)
    up = b"\0\0" + b"\2" * 4
    for name, steps in {
        "up": up + b"\5\x2d\1\2" * 3 + b"\6\2", "lost": up + b"\5\x2d\1\0\0\0\0\0\0\0" + up, "idle": up + b"\0\5\x2d\1\2\2",
        "again": b"\0\0\0\2\0\2\2\0\2\2", "changed": up + b"\5\x2d\1\3\x10\1\3\5\1\2\2", "restart": up + b"\7\5\1\1" + b"\0" * 5 + up,
    }.items():
        put("session", f"{name}-old", b"\x31" + steps)
    put("session", "denied-old", b"\x71" + up)
    put("rmcp", "ping", b"\0\x06\0\xff\x06\0\0\x11\xbe\x80" + bytes(7))


def old_packets():
    """What a BMC says by IPMI 1.5; as fuzz_lan15.c describes."""
    def summed(data):
        return data + bytes([-sum(data) & 0xff])

    def packet(command, data, session=0, number=0, secret=b""):
        message = summed(b"\x81\x1c") + summed(bytes((0x20, 4, command)) + data)
        head = struct.pack("<II", number, session)
        if not secret:
            return b"\x06\0\xff\x07\0" + head + bytes([len(message)]) + message
        secret = secret.ljust(16, b"\0")
        code = hashlib.md5(secret + head[4:] + message + head[:4] + secret).digest()
        return b"\x06\0\xff\x07\2" + head + code + bytes([len(message)]) + message

    for name, seed in {
        "capabilities": packet(0x38, b"\0\1\x94\4\1\0\0\0\0"), "refused": packet(0x38, b"\xcc"),
        "challenge": packet(0x39, b"\0\5\0\0\0" + bytes(range(16))), "unknown": packet(0x39, b"\x81"),
        "active": packet(0x3a, b"\0\2\6\0\0\x80\7\0\0\0\4", 5, 9, b"secret"), "full": packet(0x3a, b"\x81", 5, 9, b"secret"),
        "other": packet(0x3b, b"\0\4", 6, 10, b"Secret"), "long": packet(0x3b, bytes(240), 6, 10, b"secret"),
    }.items():
        put("lan15", name, seed)
        put("lan15", f"{name}-cut", seed[:-1])
    put("lan15", "padded", packet(0x38, b"\0\1\x94\4") + b"\0")


def bmc_requests():
    """What clients send to a BMC, and requests in a session that is up; as fuzz_bmc_lan.c describes."""
    def summed(data):
        return data + bytes([-sum(data) & 0xff])

    def message(netfn, command, data=b""):
        return summed(bytes((0x20, netfn << 2))) + summed(bytes((0x81, 0, command)) + data)

    def plus(kind, payload):
        return b"\x06\0\xff\x07\x06" + struct.pack("<BIIH", kind, 0, 0, len(payload)) + payload

    def old(payload):
        return b"\x06\0\xff\x07\0" + bytes(8) + bytes([len(payload)]) + payload

    def clear(*packets):
        return b"".join(bytes([len(packet)]) + packet for packet in packets)

    def sealed(*messages):
        return b"".join(bytes([0x80 | len(one)]) + one for one in messages)

    algorithms = b"".join(bytes((kind, 0, 0, 8, algorithm, 0, 0, 0)) for kind, algorithm in enumerate((3, 4, 1)))
    theirs = struct.pack("<I", 1 << 8 | 2)
    opens = plus(0x10, b"\7\0\0\0\x11\x22\x33\x44" + algorithms)
    rakp1 = plus(0x12, b"\x08\0\0\0" + theirs + bytes(range(16)) + b"\x14\0\0\5admin")
    rakp3 = plus(0x14, b"\x09\0\0\0" + theirs + bytes(32))
    capabilities, suites = message(6, 0x38, b"\x8e\4"), message(6, 0x54, b"\x0e\0\x80")
    for name, seed in {
        "ping": clear(b"\x06\0\xff\x06\0\0\x11\xbe\x80\x42\0\0"),
        "capabilities": clear(old(capabilities), plus(0, capabilities)), "suites": clear(plus(0, suites)),
        "challenge": clear(old(message(6, 0x39, b"\2admin" + bytes(11)))), "set-up": clear(opens, rakp1, rakp3),
        "session": sealed(message(6, 0x3b, b"\4"), message(6, 0x3d, b"\0"), message(6, 0x3d, b"\xff\2\0\0\0"),
                          message(4, 0x2d, b"\1"), suites, message(6, 0x3c, b"\2\0\0\0"), message(6, 1)),
        "session-index": sealed(message(6, 0x3d, b"\1"), message(6, 0x3d, b"\xfe\1"), message(6, 0x3d), message(6, 0x3c)),
        "close-other": clear(opens) + sealed(message(6, 0x3c, theirs)) + clear(rakp1),
    }.items():
        put("bmc_lan", name, seed)


def bmc_answers():
    """Data of a BMC's answers, and a BMC's life in steps; as fuzz_ipmi.c and fuzz_bmc.c describe."""
    sensor = bytes((1, 0, 0x51, 1, 52, 0x20, 0, 1, 3, 1, 0, 0, 1, 1)) + bytes(7) + bytes((1, 0, 0, 1)) + bytes(22) + \
        b"\xc9CPU0 Temp"
    for name, seed in {
        "device": b"\x20\1\3\x45\2\xbf\x9f\x12\0\2\x0f", "guid": bytes(range(16)), "no-guid": bytes(16),
        "store": b"\x51\5\0\0\0" + bytes(range(9)), "piece": b"\2\0" + sensor, "sensor": sensor, "reading": b"\x37\xc0\xc0",
        "factors": b"\x10\xfe\xc0\x2c\x40\0\xf1", "entry": b"\xff\xff\1\0\2" + bytes(13),
        "power": b"\xdc\x2c\1\x2c\1\x2c\1\x2c\1" + bytes(4) + b"\xe8\3\0\0\x40",
        "limit": b"\xdc\0\0\1\x2c\1\x70\x17" + bytes(4) + b"\5\0",
    }.items():
        put("ipmi", name, seed)
        put("ipmi", f"{name}-cut", seed[:-1])
    up = b"\0" * 40
    for name, steps in {
        "up": up * 3, "orders": up + b"\5\0\0\5\6\x40\5\6\x50\5\7\0\5\5\7" + up, "silent": up + b"\4" * 20 + up,
        "changed": up + b"\1\0\xc5\1\3\1\1\1\xff" * 6 + up, "cut": b"\2\1\2\5\2\x08" * 20, "down": up + b"\5\6\x20\7\1\7\0" + up,
        "another": up + b"\7\1\7\x0b\7\0" + up, "renew": up + b"\5\6\x20\7\2" + up, "pieces": b"\7\x4c" + up + up,
        "endless": b"\7\x2d" + up + up, "same": b"\7\x45" + up, "circle": b"\7\x15" + up + up, "longer": b"\7\x26" + up + up,
        "again": up + b"\7\x0e\6\x60" + up, "hangs": b"\7\x0f" + up + b"\7\0" + up, "raw": up + b"\3\0\4\x37\xc0\xc0\0\3\x80\1\xdc" * 8,
    }.items():
        for flags in (0x0f, 0x0e, 0x03):
            put("bmc", f"{name}-{flags}", bytes([flags]) + steps)


def main():
    for codec in ("ajpg", "bmc", "bmc_lan", "client", "door", "framing", "ipmi", "iso", "jpeg", "lan15", "raw", "rmcp", "scsi",
                  "session", "upgrade", "websocket"):
        shutil.rmtree(os.path.join(HERE, "corpus", codec), ignore_errors=True)
        os.makedirs(os.path.join(HERE, "corpus", codec))
    rng = random.Random(1)
    from_vectors(rng)
    by_hand(rng)
    raw_frames(rng)
    scsi_commands()
    disc_images()
    client_channels()
    doors()
    connections()
    bmc_packets()
    old_packets()
    bmc_requests()
    bmc_answers()


main()
