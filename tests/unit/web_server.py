# SPDX-License-Identifier: LGPL-2.1-or-later
"""A web server with faults: web_server.py FILE [--port N] [--certificate PEM]

Prints its port, then serves the file at /KIND/NAME, where KIND says how it misbehaves. /log tells what
came, one "name value" a line. Ends with its standard input.
"""
import argparse
import base64
import http.server
import os
import ssl
import sys
import threading

arguments = argparse.ArgumentParser()
arguments.add_argument("file")
arguments.add_argument("--port", type=int, default=0)
arguments.add_argument("--certificate")
options = arguments.parse_args()
content = open(options.file, "rb").read()

BASIC = "Basic " + base64.b64encode(b"ann:s3cret").decode()
lock = threading.Condition()
seen = {}  # times that a path was asked for
log = {"connections": 0, "requests": 0, "together": 0, "most": 0, "elsewhere": 0, "leaked": 0, "cut": 0}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 20
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        with lock:
            log["connections"] += 1

    def log_message(self, *_):
        pass

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name == "Content-Length" for name, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def part(self, etag='"one"', body=None, told=None, first=None, total=None, extra=()):
        start, end = self.wanted
        if body is None:
            body = content[start:end + 1]
        first = start if first is None else first
        self.answer(206, [("Content-Range", f"bytes {first}-{first + end - start}/{total or len(content)}"),
                          ("Content-Length", str(len(body) if told is None else told)),
                          ("Last-Modified", "Sat, 01 Jan 2022 00:00:00 GMT"),
                          *([("ETag", etag)] if etag else []), *extra], body)

    def hang_up(self):
        self.wfile.flush()
        self.close_connection = True

    def do_GET(self):
        if self.path == "/log":
            with lock:
                self.answer(200, body="".join(f"{name} {value}\n" for name, value in log.items()).encode())
            return
        kind = self.path.split("?")[0].split("/")[1]
        start, _, end = self.headers.get("Range", "bytes=0-0").removeprefix("bytes=").partition("-")
        self.wanted = int(start), min(int(end), len(content) - 1)
        with lock:
            seen[self.path] = self.count = seen.get(self.path, 0) + 1
            log["requests"] += 1
        self.opening = self.wanted == (0, 0) and self.count == 1
        getattr(self, "do_" + kind)()

    def do_plain(self):
        self.part()

    def do_dates(self):
        self.part(etag=None)

    def do_whole(self):
        self.answer(200, [("ETag", '"one"'), ("Content-Length", str(1 << 40))], b"x" * 65536)
        self.hang_up()

    def do_nothing(self):
        self.answer(416, [("Content-Range", "bytes */0")])

    def do_change(self):  # after the first read
        self.part(etag='"one"' if self.count <= 2 else '"two"')

    def do_shrink(self):
        self.part(etag=None, total=len(content) - (self.count > 2))

    def do_weak(self):  # the same tag, another date
        start, end = self.wanted
        self.answer(206, [("Content-Range", f"bytes {start}-{end}/{len(content)}"), ("ETag", 'W/"one"'),
                          ("Last-Modified", "then" if self.count <= 2 else "now")], content[start:end + 1])

    def do_short(self):  # once
        if self.opening or self.count > 2:
            return self.part()
        self.part(body=content[self.wanted[0]:self.wanted[1]])

    def do_long(self):
        if self.opening:
            return self.part()
        self.part(body=content[self.wanted[0]:self.wanted[1] + 2])

    def do_shifted(self):
        if self.opening:
            return self.part()
        self.part(first=self.wanted[0] + 1)

    def do_compressed(self):
        if self.opening:
            return self.part()
        self.part(extra=[("Content-Encoding", "gzip")])

    def do_reset(self):  # in the middle of the first read
        if self.opening or self.count > 2:
            return self.part()
        size = self.wanted[1] - self.wanted[0] + 1
        self.part(body=content[self.wanted[0]:self.wanted[0] + size // 2], told=size)
        self.hang_up()

    def do_stall(self):  # in the middle of the first read, until the client goes
        if self.opening or self.count > 2:
            return self.part()
        size = self.wanted[1] - self.wanted[0] + 1
        self.part(body=content[self.wanted[0]:self.wanted[0] + size // 2], told=size)
        self.wait_for_cut()

    def do_silent(self):  # says nothing at all to a read
        if self.opening:
            return self.part()
        self.wait_for_cut()

    def wait_for_cut(self):
        self.rfile.read(1)
        with lock:
            log["cut"] += 1
        self.close_connection = True

    def do_busy(self):
        if self.count in (1, 2, 4):
            return self.answer(503)
        self.part()

    def do_patience(self):
        if self.count == 1:
            return self.answer(429, [("Retry-After", "1")])
        self.part()

    def do_together(self):  # four at once, or none
        if self.opening:
            return self.part()
        with lock:
            log["together"] += 1
            log["most"] = max(log["most"], log["together"])
            lock.notify_all()
            if not lock.wait_for(lambda: log["most"] >= 4, timeout=20):
                log["together"] -= 1
                return self.answer(404)
        self.part()
        with lock:
            log["together"] -= 1

    def redirect(self, place):
        self.answer(302, [("Location", place)])

    def do_moved(self):
        self.redirect("/plain/moved")

    def do_circle(self):
        self.redirect(self.path)

    def do_away(self):
        self.redirect("gopher://localhost/plain")

    def do_elsewhere(self):  # another name is another host
        if "Authorization" not in self.headers:
            return self.answer(401)
        self.redirect(f"http://localhost:{port}/listening/file")

    def do_listening(self):
        with lock:
            log["elsewhere"] += 1
            log["leaked"] += "Authorization" in self.headers
        self.part()

    def do_fleeting(self):  # leads to an address that is good for two requests
        self.redirect(f"/fleeting_end/{(self.count - 1)}")

    def do_fleeting_end(self):
        if self.count > 2:
            return self.answer(403)
        self.part()

    def do_private(self):
        if self.headers.get("Authorization") not in (BASIC, "Bearer t0ken"):
            return self.answer(401, [("WWW-Authenticate", "Basic")])
        self.part()

    def do_forbidden(self):
        self.answer(403)

    def do_missing(self):
        self.answer(404)

    def do_vanishing(self):
        if self.opening:
            return self.part()
        self.answer(404)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", options.port), Handler)
port = server.server_port
if options.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(port, flush=True)
sys.stdin.read()
os._exit(0)
