# SPDX-License-Identifier: LGPL-2.1-or-later
"""Holds the manual pages of the rack against the sources: events with their members, metrics, options; and shows them to
groff."""
import glob
import os
import re
import shutil
import subprocess
import sys

TOP = os.environ.get("top_srcdir", ".")
sys.path.insert(0, os.path.join(TOP, "tests/clients"))
from consoles import Tap, program  # noqa: E402  its place is known only now

PAGES = ("rack.conf.5", "spicerack-api.7", "spicerack-rack.8", "spicerackctl.1")
CALLS = ("events_publish", "rack_node_publish", "rack_node_flush", "rack_power_publish")
tap = Tap()


def read(*parts):
    with open(os.path.join(TOP, *parts), encoding="utf-8") as file:
        return file.read()


def page(name):
    """A manual page's source with its escapes for a hyphen and a backslash undone."""
    return read("man", name).replace("\\-", "-")


def published():
    """Each type of event that the sources publish, with its members beside the time."""
    events = {}
    for path in glob.glob(os.path.join(TOP, "src", "*.c")):
        for call, text in re.findall(rf"\b({'|'.join(CALLS)})\((.*?)\);\n", read(path), re.S):
            types = re.findall(r'"((?:node|sensor|fan|fault|power)\.[a-z]+)"', text)
            members = re.findall(r'"([a-z_]+)"', text.partition("json_pack")[2])
            if call.startswith("rack_node") or (call == "rack_power_publish" and "RACK_POWER_NONE" not in text):
                members.append("node")
            for each in types:
                events.setdefault(each, set()).update(members)
    return events


def told(text):
    """The same of the manual's list: .BR type " (" member ", " member )."""
    events = {}
    for line in re.findall(r'^\.BR ((?:node|sensor|fan|fault|power)\..*\))$', text, re.M):
        words = re.findall(r"[a-z_.]+", line)
        events[words[0]] = set(words[1:])
    return events


sources, manual = published(), told(page("spicerack-api.7"))
tap.ok(len(sources) > 15, "the sources publish events", sources)
tap.ok(sources == manual, "the manual has each with its members", *(
    f"{each}: published with {sources.get(each)}, in the manual with {manual.get(each)}"
    for each in sorted(sources.keys() | manual.keys()) if sources.get(each) != manual.get(each)))

metrics = re.findall(r'^\s*(?:\[\w+\] = )?\{+"([a-z_]+)",', read("src", "metrics.c"), re.M)
missing = [each for each in metrics if not re.search(rf"\b{each}\b", page("spicerack-api.7"))]
tap.ok(len(metrics) > 20 and not missing, "the manual has every metric", metrics, missing)

routes = "".join(read("src", each) for each in ("rack_api.c", "event_api.h", "metrics_api.h"))
paths = [re.sub(r"\{.*?\}", "", each) for each in re.findall(r'\.path = "([^"]+)"', routes)]
plain = re.sub(r"\\f.|[\" ]|^\.\w+ ", "", page("spicerack-api.7"), flags=re.M)
missing = [each for each in paths if each.rstrip("/").rsplit("/", 1)[-1] not in plain]
tap.ok(len(paths) > 10 and not missing, "and every path", missing)

daemon = program("spicerack-rack")
if os.path.exists(daemon):
    usage = subprocess.run([daemon, "--help"], capture_output=True, text=True, check=True).stdout
    options = set(re.findall(r"--[a-z][a-z-]+", usage))
    missing = [each for each in options if each not in page("spicerack-rack.8")]
    tap.ok(len(options) > 5 and not missing, "the daemon's page has every option", missing)
else:
    tap.skip("the daemon's page has every option", "spicerack-rack was not built")

for each in PAGES:
    if shutil.which("groff"):
        shown = subprocess.run(["groff", "-t", "-man", "-ww", "-Tutf8", "-K", "utf8", "-rLL=80n", "-z",
                                os.path.join(TOP, "man", each)], capture_output=True, text=True, check=False)
        tap.ok(shown.returncode == 0 and not shown.stderr, f"groff has nothing to say about {each}", shown.stderr)
    else:
        tap.skip(f"groff has nothing to say about {each}", "no groff")
tap.done()
