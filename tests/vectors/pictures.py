# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pictures as packed R, G, B bytes: read, drawn, reduced and compared, with the standard library alone."""
import collections
import math
import operator
import zlib


class Picture:
    def __init__(self, width, height, rgb=None):
        self.width = width
        self.height = height
        self.rgb = rgb if rgb is not None else bytes(3 * width * height)

    def rows(self, x, y, width, height):
        """The rows of a part."""
        for top in range(y, y + height):
            start = (top * self.width + x) * 3
            yield self.rgb[start:start + 3 * width]

    def crop(self, x, y, width, height):
        return Picture(width, height, b"".join(self.rows(x, y, width, height)))

    def pixel(self, x, y):
        return tuple(self.rgb[(y * self.width + x) * 3:][:3])


def read_ppm(path):
    with open(path, "rb") as file:
        magic, size, depth, rgb = file.read().split(b"\n", 3)
    width, height = map(int, size.split())
    if magic != b"P6" or depth != b"255" or len(rgb) != 3 * width * height:
        raise ValueError(f"{path} is no PPM of this size")
    return Picture(width, height, rgb)


def _paeth(line, former):
    for i in range(3, len(line)):
        left, up, corner = line[i - 3], former[i], former[i - 3]
        near_left, near_up, near_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
        if near_left <= near_up and near_left <= near_corner:
            line[i] = line[i] + left & 255
        elif near_up <= near_corner:
            line[i] = line[i] + up & 255
        else:
            line[i] = line[i] + corner & 255


def _unfilter(kind, line, former):
    """PNG's filters (ISO 15948, 9.2) for three bytes a pixel; both lines begin with a pixel of zeros."""
    if kind == 1:
        for i in range(3, len(line)):
            line[i] = line[i] + line[i - 3] & 255
    elif kind == 2:
        line[:] = bytes(a + b & 255 for a, b in zip(line, former))
    elif kind == 3:
        for i in range(3, len(line)):
            line[i] = line[i] + (line[i - 3] + former[i]) // 2 & 255
    elif kind == 4:
        _paeth(line, former)


def read_png(path):
    """8-bit RGB, not interlaced."""
    with open(path, "rb") as file:
        data = file.read()
    at, packed = 8, b""
    while at < len(data):
        size, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
            if body[8:] != b"\x08\x02\0\0\0":
                raise ValueError(f"{path} is a PNG of another kind")
        elif kind == b"IDAT":
            packed += body
        at += size + 12
    raw = zlib.decompress(packed)
    step, rows, former = 3 * width + 1, [], bytearray(3 * width + 3)
    for start in range(0, step * height, step):
        line = bytearray(3) + raw[start + 1:start + step]
        _unfilter(raw[start], line, former)
        rows.append(bytes(line[3:]))
        former = line
    return Picture(width, height, b"".join(rows))


def reduce(picture):
    """Averages of 8x8 pixels; what is left over at the edges is dropped."""
    width, height = picture.width // 8, picture.height // 8
    result = bytearray()
    for row in range(height):
        total = 0  # eight rows, added in lanes of 16 bits
        for line in picture.rows(0, row * 8, width * 8, 8):
            lanes = bytearray(2 * len(line))
            lanes[::2] = line
            total += int.from_bytes(lanes, "little")
        lanes = total.to_bytes(48 * width, "little")
        sums = list(map(operator.add, lanes[::2], (256 * high for high in lanes[1::2])))
        averages = bytearray(3 * width)
        for channel in range(3):
            columns = zip(*(sums[channel + 3 * i::24] for i in range(8)))
            averages[channel::3] = bytes((column + 32) // 64 for column in map(sum, columns))
        result += averages
    return Picture(width, height, bytes(result))


def compare(a, b):
    """The largest difference, and PSNR in dB."""
    if (a.width, a.height) != (b.width, b.height):
        raise ValueError(f"{a.width}x{a.height} is not {b.width}x{b.height}")
    if a.rgb == b.rgb:
        return 0, math.inf
    differences = collections.Counter(map(operator.sub, a.rgb, b.rgb))
    squares = sum(count * d * d for d, count in differences.items())
    return max(map(abs, differences)), 10 * math.log10(255 * 255 * len(a.rgb) / squares)


def _ramp(left, right, part, whole):
    return bytes((a * (whole - part) + b * part) // whole for a, b in zip(left, right))


def play(script):
    """Draws a script (make_vectors.c says what one is). Yields each frame's picture, measure and bound."""
    width = height = 0
    rgb = bytearray()
    for line in script:
        words = line.split()
        command = words[0] if words else "#"
        if command == "size":
            width, height = int(words[1]), int(words[2])
            rgb = bytearray(3 * width * height)
        elif command == "frame":
            yield Picture(width, height, bytes(rgb)), words[1], int(words[2])
        elif command in ("fill", "ramp", "check"):
            x, y, across, down = map(int, words[1:5])
            colours = [bytes.fromhex(word) for word in words[5:7]]
            edge = int(words[7]) if command == "check" else 1
            for j in range(down):
                if command == "fill":
                    row = colours[0] * across
                elif command == "ramp":
                    row = b"".join(_ramp(*colours, i, across - 1) for i in range(across))
                else:
                    row = b"".join(colours[(i // edge + j // edge) % 2] for i in range(across))
                start = ((y + j) * width + x) * 3
                rgb[start:start + len(row)] = row
