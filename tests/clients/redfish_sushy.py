#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Redfish service of a running console through OpenStack's sushy, as it comes.

usage: redfish_sushy.py URL CERTIFICATE IMAGE-URL WRITABLE-URL ACTED
ACTED is the file that the console's power commands write to.
"""
import logging
import sys

import sushy
from sushy import auth, exceptions

logging.disable(logging.CRITICAL)
url, certificate, image, writable, acted = sys.argv[1:]
count = 0


def ok(name, good):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)


def root(way, password="secret words"):
    return sushy.Sushy(url, verify=certificate, auth=way(username="admin", password=password))


def refused(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except exceptions.HTTPError as error:
        return error
    return None


def last():
    with open(acted, encoding="utf-8") as lines:
        return lines.read().splitlines()[-1]



try:
    root(auth.SessionAuth, "wrong")
    ok("a wrong password opens no session", False)
except exceptions.AccessError:
    ok("a wrong password opens no session", True)

basic = root(auth.BasicAuth)
ok("the service root is found", basic.redfish_version == "1.6.0" and len(basic.uuid) == 36)
session = root(auth.SessionAuth)
sessions = session.get_session_service().sessions.get_members()
ok("a session is open", len(sessions) == 1 and sessions[0].username == "admin")

system = session.get_system()
manager = session.get_manager()
ok("the one system is found", system.identity == "node")
ok("the one manager is found", manager.identity == "console")
ok("system and manager lead to each other",
   system.managers[0].path == manager.path and manager.systems[0].path == system.path)

media = {each.identity: each for each in manager.virtual_media.get_members()}
ok("both drives are there", sorted(media) == ["cd", "disk"])
cd = media["cd"]
ok("the CD drive takes CD and DVD",
   set(cd.media_types) == {sushy.VIRTUAL_MEDIA_CD, sushy.VIRTUAL_MEDIA_DVD})
ok("the disk takes a USB stick", media["disk"].media_types == [sushy.VIRTUAL_MEDIA_USBSTICK])
ok("it is empty", cd.inserted is False and cd.image is None)

cd.insert_media(image)
cd.refresh()
ok("an image is in when insert_media comes back", cd.inserted is True)
ok("it says which", cd.image == image and cd.image_name == image.rsplit("/", 1)[1])
ok("it is connected by its URI, read-only",
   cd.connected_via == sushy.VirtualMediaConnectedVia.URI
   if hasattr(sushy, "VirtualMediaConnectedVia") else cd.json["ConnectedVia"] == "URI")
ok("a CD is write protected", cd.write_protected is True)
cd.eject_media()
cd.refresh()
ok("it is out when eject_media comes back", cd.inserted is False and cd.image is None)
error = refused(cd.insert_media, image + ".missing")
ok("a missing image is told in the server's words", error is not None and "404" in str(error))
cd.refresh()
ok("and is not in", cd.inserted is False)
cd.insert_media(image)
cd.eject_media()
cd.refresh()
ok("the drive is good for another one afterwards", cd.inserted is False)
error = refused(cd.insert_media, "cifs://server/share/x.iso")
ok("a scheme that nobody speaks is refused", error is not None and error.status_code == 400)
error = refused(media["disk"].insert_media, image, transfer_method="Upload")
ok("upload is refused", error is not None and error.status_code == 400)
media["disk"].insert_media(writable, write_protected=False)
media["disk"].refresh()
ok("a disk may be written to", media["disk"].write_protected is False)
media["disk"].eject_media()
cd.set_verify_certificate(False)
cd.refresh()
ok("certificates may go unverified", cd.verify_certificate is False)

ok("the system is on", system.power_state == sushy.PowerState.ON)
allowed = system.get_allowed_reset_system_values()
ok("what is configured is allowed, and nothing else",
   allowed == {sushy.ResetType.ON, sushy.ResetType.FORCE_ON, sushy.ResetType.FORCE_OFF,
               sushy.ResetType.FORCE_RESTART})
system.reset_system(sushy.ResetType.FORCE_OFF)
ok("it is switched off when reset_system comes back", last() == "off none none")
system.set_system_boot_options(sushy.BootSource.CD, enabled=sushy.BootSourceOverrideEnabled.ONCE)
system.refresh()
ok("it shall boot from CD once", system.boot.target == sushy.BootSource.CD
   and system.boot.enabled == sushy.BootSourceOverrideEnabled.ONCE)
system.reset_system(sushy.ResetType.ON)
ok("the command hears of it", last() == "on cd once")
system.refresh()
ok("once is over then", system.boot.enabled == sushy.BootSourceOverrideEnabled.DISABLED)
error = refused(system.reset_system, sushy.ResetType.FORCE_RESTART)
ok("a command that fails is told in its words", error is not None and "no such relay" in str(error))
session._auth.close()
ok("a session that was closed is gone",
   not basic.get_session_service().sessions.get_members())
