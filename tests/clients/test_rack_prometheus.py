# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real Prometheus scrapes a simulated rack by TCP, with a token from a file, and is asked what it has heard."""
import json
import os
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

from consoles import Folder, Tap, program, skip_all, wait

TOKEN = "scrape-0123456789abcdef"
NODES = 4
PATIENCE = 60  # seconds for what comes within a few
tap = Tap()


def start(folder, name, *arguments):
    """A program whose words go to a file; and a function that reads that."""
    path = folder.file(f"{name}.log")

    def said():
        with open(path, encoding="utf-8", errors="replace") as log:
            return log.read()

    with open(path, "wb") as log:
        return subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log), said


def found(process, pattern, said):
    """What it says of itself, unless it ends."""
    wait(lambda: re.search(pattern, said()) or process.poll() is not None, PATIENCE)
    match = re.search(pattern, said())
    return match.group(1) if match else None


def fetch(address):
    """JSON, or None while there is none."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


class Server:
    """A Prometheus on a port of its own choice."""

    def __init__(self, folder, rack):
        token = folder.file("token", f"{TOKEN}\n")
        config = folder.file("prometheus.yml", f"""
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: rack
    authorization: {{credentials_file: {token}}}
    static_configs: [{{targets: ["{rack}"]}}]
  - job_name: stranger
    static_configs: [{{targets: ["{rack}"]}}]
""")
        self.process, self.said = start(
            folder, "prometheus", "prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder.file('data')}",
            "--web.listen-address=127.0.0.1:0")
        self.address = found(self.process, r"address=(127\.0\.0\.1:[1-9]\d*)", self.said)

    def ask(self, query):
        """(labels, value) of each series; none while there are none."""
        answer = fetch(f"http://{self.address}/api/v1/query?query={urllib.parse.quote(query)}")
        return [(each["metric"], float(each["value"][1])) for each in answer["data"]["result"]] if answer else []

    def targets(self):
        answer = fetch(f"http://{self.address}/api/v1/targets")
        return {each["labels"]["job"]: each for each in answer["data"]["activeTargets"]} if answer else {}


def judge(server):
    def full(query, count):
        wait(lambda: len(server.ask(query)) >= count, PATIENCE, 0.2)
        return server.ask(query)

    temperatures = full("ipmi_temperature_celsius", NODES + 2)
    nodes = {labels["node"] for labels, value in temperatures if 0 < value < 120}
    tap.ok({"SELF", "r1n01", f"r1n{NODES:02}"} <= nodes, "it knows the temperatures of the nodes and of the board",
           temperatures, server.said())
    watts = full("rack_power_watts > 0", 1)
    tap.ok(len(watts) == 1 and watts[0][1] < NODES * 500, "and the rack's power", watts)
    each = full("ipmi_dcmi_power_consumption_current_watts", NODES)
    tap.ok(len(each) == NODES, "and each node's", each)
    tap.ok(len(full("rack_budget_watts - rack_accounted_watts >= 0", 1)) == 1,
           "what nodes may draw comes to be within the budget", server.ask("rack_accounted_watts"))
    tap.ok(len(full("fan_speed_rpm > 500", 6)) == 6, "fans turn", server.ask("fan_speed_rpm"))
    tap.ok(len(full("count_over_time(rack_power_watts[1m]) >= 3", 1)) == 1, "it comes back every second")
    # "down" is told too, of who has no token.
    wait(lambda: server.targets().get("stranger", {}).get("health") == "down", PATIENCE, 0.2)
    targets = server.targets()
    tap.ok(targets["rack"]["health"] == "up" and not targets["rack"]["lastError"], "nothing in it is wrong", targets)
    tap.ok("401" in targets["stranger"]["lastError"], "without a token there is nothing", targets["stranger"])


daemon = program("spicerack-rack")
if not os.path.exists(daemon):
    skip_all("spicerack-rack was not built")
if not shutil.which("prometheus"):
    skip_all("no prometheus")
place = Folder()
ended = []
try:
    configuration = place.file("rack.conf", f"[api]\nsocket = {place.file('rack.sock')}\nlisten = 127.0.0.1:0\n"
                                            f"access-file = {place.file('access', f'read token {TOKEN}')}\n")
    process, log = start(place, "rack", daemon, "--simulate", "--nodes", str(NODES), "--config", configuration)
    ended.append(process)
    address = found(process, r"on http://(127\.0\.0\.1:\d+)", log)
    if tap.ok(address, "the rack listens", log()):
        prometheus = Server(place, address)
        ended.append(prometheus.process)
        if tap.ok(prometheus.address, "Prometheus starts", prometheus.said()):
            judge(prometheus)
finally:
    for process in ended:
        process.terminate()
    for process in ended:
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
    place.remove()
tap.done()
