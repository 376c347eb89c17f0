# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every way to the console with every password: plain, TLS, websocket, websocket over TLS and unix socket; right,
wrong, expired, and one that was changed since; the display sent directly and through the library. Real clients where
there are some, SPICE by hand through websockets."""
import os
import shutil
import signal
import time

import raw_spice as raw
from consoles import Console, Folder, Tap, Viewer, make_certificate, need_clients, skip_all, wait

need_clients()
tap = Tap()


def by_hand(address, password, way, authority, origin=None):
    try:
        client = raw.Client(address, password, way, authority, origin)
    except (raw.Refused, OSError) as error:
        return None if "ticket" in str(error) else f"{error}"
    try:
        display = client.display()
        return bool(display.wait([raw.SURFACE_CREATE])) and bool(display.wait([raw.DRAW_COPY]))
    except (raw.Refused, OSError) as error:
        return f"display: {error}"
    finally:
        client.close()


def visit(addresses, way, password, authority):
    if way == "unix":
        return Viewer(addresses["unix"], password, None).look_in()
    if way in ("plain", "tls"):
        return Viewer(addresses["tcp"], password, authority if way == "tls" else None).look_in()
    return by_hand(addresses["tcp"], password, way, authority)


def where(console):
    unix = [address for address in console.addresses if address.startswith("unix:")]
    return {"tcp": console.address, "unix": unix[0] if unix else None}


def open_every_way(folder, certificate, way_of_display):
    secret = folder.file("password", "right\n")
    return Console(folder, f"password-file = {secret}\ndisplay = {way_of_display}\n"
                   f"certificate = {certificate[0]}\nkey = {certificate[1]}\nallow-plain = true",
                   listen=f"127.0.0.1:0;unix:{folder.file('viewer.sock')}")


def judge(folder, certificate, way_of_display):
    console = open_every_way(folder, certificate, way_of_display)
    try:
        addresses = where(console)
        for way in ("plain", "tls", "ws", "wss", "unix"):
            came = visit(addresses, way, "right", certificate[0])
            tap.ok(came is True, f"{way_of_display}, {way}: the right password gets a picture", came,
                   console.said()[-2000:])
            for password, name in (("wrong", "a wrong password"), ("", "no password")):
                came = visit(addresses, way, password, certificate[0])
                tap.ok(came is None, f"{way_of_display}, {way}: {name} is refused", came, console.said()[-2000:])
        tap.ok(console.stop() == 0, f"{way_of_display}: it ends as it should")
    finally:
        console.kill()


def expire(console, password):
    """Makes it the password, until it is no more."""
    console.put("password", {"password": password, "seconds": 1})
    return wait(lambda: console.status()["password"]["state"] == "expired")


def expired(folder, certificate, way_of_display):
    """A password lets in until it ends; then nobody comes in, and who is in stays with all his channels."""
    console = open_every_way(folder, certificate, way_of_display)
    try:
        addresses = where(console)
        for way in ("plain", "tls", "ws", "wss", "unix"):
            answer = console.put("password", {"password": "brief", "seconds": 600})
            came = visit(addresses, way, "brief", certificate[0])
            tap.ok(came is True and answer["state"] == "set" and 590000 < answer["left_ms"] <= 600000,
                   f"{way_of_display}, {way}: a password gets a picture before its end", came, answer)
            inside = raw.Client(addresses["unix" if way == "unix" else "tcp"], "brief",
                                "plain" if way == "unix" else way, certificate[0])
            tap.ok(expire(console, "brief"), f"{way_of_display}, {way}: it comes to its end", console.status())
            for password, name in (("brief", "it"), ("right", "the file's")):
                came = visit(addresses, way, password, certificate[0])
                tap.ok(came is None, f"{way_of_display}, {way}: then {name} is refused", came, console.said()[-2000:])
            try:
                display = inside.display()
                came = bool(display.wait([raw.SURFACE_CREATE])) and bool(display.wait([raw.DRAW_COPY]))
            except (raw.Refused, OSError) as error:
                came = error
            tap.ok(came is True, f"{way_of_display}, {way}: who came before still opens a display", came,
                   console.said()[-2000:])
            inside.close()
        os.chmod(folder.file("password"), 0o640)
        console.process.send_signal(signal.SIGHUP)
        wait(lambda: "the former configuration stays" in console.said())
        came = visit(addresses, "plain", "right", certificate[0])
        tap.ok(came is None, f"{way_of_display}: a file that is not read brings nothing back", came)
        os.chmod(folder.file("password"), 0o600)
        console.process.send_signal(signal.SIGHUP)
        wait(lambda: console.status()["password"]["state"] == "set")
        came = visit(addresses, "plain", "right", certificate[0])
        tap.ok(came is True, f"{way_of_display}: SIGHUP brings the file's back", came, console.said()[-2000:])
        tap.ok("brief" not in console.said(), f"{way_of_display}: no password is in the log")
        tap.ok(console.stop() == 0, f"{way_of_display}: it ends as it should after passwords that expired")
    finally:
        console.kill()


def overtaken(folder, way_of_display):
    """Who has not shown a password when it ends, or when there is another, is not let in with it."""
    console = Console(folder, f"password-file = {folder.file('password', 'right')}\ndisplay = {way_of_display}")
    try:
        for name, end in (("another", lambda: console.put("password", {"password": "other"})),
                          ("an end", lambda: expire(console, "other"))):
            console.put("password", {"password": "former"})
            try:
                raw.Client(console.address, "former", before_ticket=end).close()
                came = True
            except (raw.Refused, OSError) as error:
                came = str(error)
            tap.ok("ticket" in str(came), f"{way_of_display}: {name} overtakes a viewer on its way in", came)
            came = None
            try:
                console.put("password", {"password": "former"})
                client = raw.Client(console.address, "next", before_ticket=lambda: console.put(
                    "password", {"password": "next"}))
                came = bool(client.display().wait([raw.SURFACE_CREATE]))
                client.close()
            except (raw.Refused, OSError) as error:
                came = error
            tap.ok(came is True, f"{way_of_display}: with the new one he is let in, display and all", came)
        tap.ok(console.stop() == 0, f"{way_of_display}: it ends as it should after them")
    finally:
        console.kill()


def strict(folder, certificate, other):
    """What else keeps strangers out."""
    secret = folder.file("password", "right\n")
    console = Console(folder, f"password-file = {secret}\ncertificate = {certificate[0]}\nkey = {certificate[1]}")
    try:
        came = Viewer(console.address, "right", None).look_in()
        tap.ok(came is not True, "with a certificate nobody comes in without TLS", came)
        came = by_hand(console.address, "right", "ws", None)
        tap.ok(came is not True, "with a certificate no websocket comes in without TLS", came)
        came = Viewer(console.address, "right", other[0]).look_in()
        tap.ok(came is not True and came is not None, "a client finds out a certificate that is another's", came)
        for way, origin, good in (("wss", None, True), ("wss", "https://evil.example", False),
                                  ("wss", f"https://{console.address}", True), ("wss", "null", False)):
            came = by_hand(console.address, "right", way, certificate[0], origin)
            tap.ok((came is True) == good, f"a page of {origin or 'nowhere'} "
                   f"{'comes in' if good else 'is kept out'}", came, console.said()[-1000:])
        tap.ok(console.stop() == 0, "it ends as it should after strangers")
    finally:
        console.kill()


def wrong_again_and_again(folder):
    """Who guesses waits; the right one from elsewhere does not."""
    secret = folder.file("password", "right\n")
    console = Console(folder, f"password-file = {secret}")
    try:
        began, tries = time.monotonic(), 0
        while tries < 200 and time.monotonic() - began < 3:
            try:
                raw.Client(console.address, "guess", source="127.0.0.9").close()
            except (raw.Refused, OSError) as error:
                tries += "ticket" in str(error)
        tap.say(f"{tries} guesses in 3 s")
        tap.ok(tries < 30, "guessing is slowed down", f"{tries} guesses in 3 s")
        tap.ok(Viewer(console.address, "right", None).look_in() is True, "others are not slowed down with it")
        tap.ok(console.stop() == 0, "it ends as it should after guesses")
    finally:
        console.kill()


def in_a_hurry(folder):
    """Who leaves while channels are being opened has guessed nothing; who guesses beside one that stays has."""
    def leave():
        raise raw.Refused("in a hurry")

    def begin(client):
        try:
            client.open(client.connection, raw.INPUTS, leave)
        except raw.Refused:
            pass
    secret = folder.file("password", "right\n")
    console = Console(folder, f"password-file = {secret}")
    try:
        for _ in range(5):
            client = raw.Client(console.address, "right")
            begin(client)
            begin(client)
            client.close()
        time.sleep(1.5)
        tap.ok("password.refused" not in console.said(), "who leaves in a hurry has guessed nothing", console.said()[-2000:])
        client = raw.Client(console.address, "right")
        client.password = "guess"
        try:
            client.open(client.connection, raw.INPUTS)
        except raw.Refused:
            pass
        tap.ok(wait(lambda: "password.refused" in console.said()), "who guesses beside one that stays has",
               console.said()[-2000:])
        client.close()
        tap.ok(console.stop() == 0, "it ends as it should after a hurry")
    finally:
        console.kill()


def renewed_certificate(folder, certificate, other):
    """A new certificate in the old one's files is taken at SIGHUP; nobody who looks is sent away for it."""
    files = folder.file("current.pem"), folder.file("current.key")

    def put(pair):
        for source, target in zip(pair, files):
            shutil.copy(source, target)

    put(certificate)
    console = Console(folder, f"password-file = {folder.file('password', 'right')}\n"
                              f"certificate = {files[0]}\nkey = {files[1]}")
    try:
        viewer = Viewer(console.address, "right", certificate[0])
        tap.ok(viewer.wait_screen(), "a viewer comes in with the old certificate", viewer.gone)
        put(other)
        console.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        came = Viewer(console.address, "right", other[0]).look_in()
        tap.ok(came is True, "the next one is shown the new certificate", came, console.said()[-1000:])
        folder.file("current.pem", "nothing\n")
        console.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        came = Viewer(console.address, "right", other[0]).look_in()
        tap.ok(came is True, "a certificate that is none changes nothing", came, console.said()[-1000:])
        tap.ok(not viewer.gone and viewer.ask("count"), "who looks goes on looking")
        viewer.close()
        tap.ok(console.stop() == 0, "it ends as it should after new certificates")
    finally:
        console.kill()


def nobody_beyond(folder):
    """Without a password only this machine's users come in, unless told otherwise."""
    for lines, good in (("", False), ("allow-no-password = true", True)):
        try:
            Console(folder, lines, listen="0.0.0.0:0").kill()
            started = True
        except RuntimeError:
            started = False
        tap.ok(started == good, f"every address without a password is {'allowed when told' if good else 'refused'}",
               "it starts" if started else "it does not")


place = Folder()
mine, foreign = make_certificate(place), make_certificate(place, "foreign")
if not mine:
    place.remove()
    skip_all("no openssl")
try:
    for display in ("direct", "library"):
        judge(place, mine, display)
        expired(place, mine, display)
        overtaken(place, display)
    strict(place, mine, foreign)
    wrong_again_and_again(place)
    in_a_hurry(place)
    renewed_certificate(place, mine, foreign)
    nobody_beyond(place)
finally:
    place.remove()
tap.done()
