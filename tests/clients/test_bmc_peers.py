# SPDX-License-Identifier: LGPL-2.1-or-later
"""RMCP+ judged by others. Clients: ipmitool, FreeIPMI's tools and pyghmi ask simulated BMCs on real sockets, with both
cipher suites. Server: our session asks pyghmi's BMC, which speaks suite 3 as it is; a copy is changed to suite 17. What
is not installed is skipped."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("top_builddir", ".")
FARM = os.path.join(BUILD, "tests/unit/bmc_farm")
ASK = os.path.join(BUILD, "tests/clients/bmc_ask")
# Debian's modules are Debian's interpreter's, whatever else is found first.
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
PATIENCE = 120
SUITES = ("3", "17")
folder = tempfile.mkdtemp()
count = 0


def verdict(good, name, said=""):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)
    if not good:
        print("".join(f"# {line}\n" for line in str(said).splitlines()[-20:]), end="", flush=True)


def skip(name, why):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {why}", flush=True)


def run(*words, env=None):
    """The status, and all that it said."""
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=PATIENCE, env=env)
    except subprocess.TimeoutExpired as late:
        return 124, f"{late}"
    return done.returncode, done.stdout


class Farm:
    def __init__(self, nodes):
        self.process = subprocess.Popen([FARM, f"--nodes={nodes}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        said = []
        while (answer := self.process.stdout.readline().strip()) not in ("done", "what?", ""):
            said.append(answer)
        assert answer == "done", line
        return "\n".join(said)

    def count(self, nodes="all"):
        words = self.tell(f"sum {nodes}").split()[1:]
        return dict(zip(words[::2], map(int, words[1::2])))

    def limit(self, node):
        return int(self.tell(f"count {node}").split()[-1])

    def close(self):
        self.process.stdin.close()
        return self.process.wait(PATIENCE)


def has(name, *programs):
    for program in programs:
        if not shutil.which(program):
            skip(name, f"no {program}")
            return False
    return True


# --- Clients ---

def ipmitool(farm, suite, *words, node=0, password="secret", more=()):
    suites = ("-C", suite) if suite else ()
    return run("ipmitool", "-I", "lanplus", "-H", "127.0.0.1", "-p", str(farm.port + node), "-U", "admin", "-P", password,
               *suites, *more, *words)


def try_ipmitool(farm):
    for suite in SUITES:
        name = f"ipmitool, suite {suite}:"
        status, said = ipmitool(farm, suite, "mc", "info")
        verdict(status == 0 and re.search(r"IPMI Version +: 2\.0", said), f"{name} mc info", said)
        for wanted in ("on", "off", "on"):
            if wanted != "on" or farm_power(farm, suite) != "on":
                status, said = ipmitool(farm, suite, "chassis", "power", wanted)
                verdict(status == 0, f"{name} chassis power {wanted}", said)
            status, said = ipmitool(farm, suite, "chassis", "power", "status")
            verdict(status == 0 and said.strip() == f"Chassis Power is {wanted}", f"{name} and the power is {wanted}", said)
        status, said = ipmitool(farm, suite, "sensor", "list")
        verdict(status == 0 and re.search(r"^CPU0_TEMP +\| \d+\.", said, re.M) and re.search(r"^12V +\| 1[12]\.", said, re.M),
                f"{name} sensor list", said)
        status, said = ipmitool(farm, suite, "sel", "list")
        verdict(status == 0 and len(said.splitlines()) >= 2, f"{name} sel list", said)
        status, said = ipmitool(farm, suite, "dcmi", "power", "reading")
        watts = re.search(r"Instantaneous power reading: +(\d+) Watts", said)
        verdict(status == 0 and watts and 50 < int(watts[1]) < 500, f"{name} dcmi power reading", said)
        limit = 240 + int(suite)
        status, said = ipmitool(farm, suite, "dcmi", "power", "set_limit", "limit", str(limit))
        verdict(status == 0, f"{name} dcmi power set_limit", said)
        status, said = ipmitool(farm, suite, "dcmi", "power", "activate")
        verdict(status == 0 and farm.limit(0) == limit, f"{name} dcmi power activate: the node has the limit", said)
        status, said = ipmitool(farm, suite, "dcmi", "power", "get_limit")
        verdict(re.search(rf"Power Limit: +{limit} Watts", said) and "Limit Active" in said, f"{name} dcmi power get_limit", said)
        status, said = ipmitool(farm, suite, "dcmi", "power", "deactivate")
        verdict(status == 0 and farm.limit(0) == 0, f"{name} dcmi power deactivate: it has none", said)
        status, said = ipmitool(farm, suite, "mc", "info", password="Secret")
        verdict(status != 0, f"{name} a wrong password is refused", said)
    status, said = ipmitool(farm, None, "session", "info", "active")
    verdict(status == 0 and re.search(r"ADMINISTRATOR", said), "ipmitool: finds the suite by itself", said)


def farm_power(farm, suite):
    return ipmitool(farm, suite, "chassis", "power", "status")[1].split()[-1]


def free(farm, suite, program, *words):
    return run(program, "-h", f"127.0.0.1:{farm.port + 1}", "-D", "LAN_2_0", "-u", "admin", "-p", "secret", "-l", "ADMIN",
               "-I", suite, *words)


def try_freeipmi(farm):
    for suite in SUITES:
        name = f"FreeIPMI, suite {suite}:"
        for order, after in (("--off", "off"), ("--on", "on")):
            status, said = free(farm, suite, "ipmipower", order, "--wait-until-" + after)
            verdict(status == 0 and "ok" in said, f"{name} ipmipower {order}", said)
            status, said = free(farm, suite, "ipmipower", "--stat")
            verdict(status == 0 and said.strip().endswith(f": {after}"), f"{name} ipmipower --stat is {after}", said)
        status, said = free(farm, suite, "ipmi-chassis", "--get-chassis-status")
        verdict(status == 0 and re.search(r"^System Power +: on$", said, re.M), f"{name} ipmi-chassis", said)
        status, said = free(farm, suite, "ipmi-sensors", "-Q", "--sdr-cache-recreate", f"--sdr-cache-directory={folder}")
        verdict(status == 0 and re.search(r"\| CPU0_TEMP +\|.*\| \d+\.\d+ +\| C ", said) and
                re.search(r"\| 12V +\|.*\| 1[12]\.", said), f"{name} ipmi-sensors", said)
        status, said = free(farm, suite, "ipmi-dcmi", "--get-system-power-statistics")
        watts = re.search(r"^Current Power +: (\d+) Watts", said, re.M)
        verdict(status == 0 and watts and 50 < int(watts[1]) < 500, f"{name} ipmi-dcmi: power", said)
        limit = 260 + int(suite)
        status, said = free(farm, suite, "ipmi-dcmi", "--set-power-limit", f"--power-limit-requested={limit}",
                            "--exception-actions=NO_ACTION", "--correction-time-limit=1000",
                            "--statistics-sampling-period=1")
        verdict(status == 0, f"{name} ipmi-dcmi: set a limit", said)
        status, said = free(farm, suite, "ipmi-dcmi", "--activate-deactivate-power-limit=ACTIVATE")
        verdict(status == 0 and farm.limit(1) == limit, f"{name} ipmi-dcmi: activate it", said)
        status, said = free(farm, suite, "ipmi-dcmi", "--get-power-limit")
        verdict(status == 0 and re.search(rf"Power Limit Requested +: {limit} ", said), f"{name} ipmi-dcmi: read it back", said)


PYGHMI_CLIENT = """
import sys
from pyghmi.ipmi import command
bmc = command.Command("127.0.0.1", "admin", "secret", port=int(sys.argv[1]))
print("codes", bmc.ipmi_session.currhashlen)
print("power", bmc.get_power()["powerstate"])
for state in "off", "on":
    bmc.set_power(state, wait=30)
    print(state, bmc.get_power()["powerstate"])
for name in "CPU0_TEMP", "12V":
    reading = bmc.get_sensor_reading(name)
    print(name, reading.value, reading.units)
print("dcmi", bytes(bmc.raw_command(netfn=0x2c, command=2, data=(0xdc, 1, 0, 0))["data"]).hex())
bmc.ipmi_session.logout()
"""


def has_pyghmi(name):
    if run(PYTHON, "-c", "import pyghmi.ipmi.command")[0] != 0:
        skip(name, "no python3-pyghmi")
        return False
    return True


def try_pyghmi(farm):
    # It takes the best that there is: codes of 16 bytes are suite 17's.
    status, said = run(PYTHON, "-c", PYGHMI_CLIENT, str(farm.port + 2))
    verdict(status == 0, "pyghmi: comes to its end", said)
    for name, pattern in (("has suite 17", "^codes 16$"), ("power status", "^power on$"), ("power off", "^off off$"),
                          ("power on", "^on on$"), ("a temperature", r"^CPU0_TEMP \d+\.\d+ .C$"),
                          ("a voltage", r"^12V 1[12]\.\d+ V$"), ("a power reading", r"^dcmi dc([0-9a-f]{2}){16}")):
        verdict(re.search(pattern, said, re.M), f"pyghmi: {name}", said)


# --- Faults, seen by others ---

def try_faults(farm):
    quick = ("-N", "1", "-R", "1")
    farm.tell("full 3")
    status, said = ipmitool(farm, "17", "mc", "info", node=3, more=quick)
    verdict(status != 0 and re.search("resources", said), "a BMC without room says so", said)
    farm.tell("well 3")
    farm.tell("damage 3")
    status, said = ipmitool(farm, "17", "mc", "info", node=3, more=quick)
    verdict(status != 0, "wrong signatures are not taken", said)
    farm.tell("well 3")
    farm.tell("hang 3")
    status, said = ipmitool(farm, "17", "mc", "info", node=3, more=quick)
    verdict(status != 0, "a silent BMC is none", said)
    farm.tell("well 3")
    before = ipmitool(farm, "17", "mc", "guid", node=3)[1]
    farm.tell("replace 3 99")
    after = ipmitool(farm, "17", "mc", "guid", node=3)[1]
    verdict("GUID" in before and "GUID" in after and before != after, "a replaced BMC has another GUID", before + after)


def try_old(farm):
    """IPMI 1.5 alone, by MD5."""
    def old(*words, password="secret", more=()):
        return run("ipmitool", "-I", "lan", "-A", "MD5", "-H", "127.0.0.1", "-p", str(farm.port + 3), "-U", "admin",
                   "-P", password, *more, *words)

    quick = ("-N", "1", "-R", "1")
    farm.tell("old 3 1")
    status, said = ipmitool(farm, "17", "mc", "info", node=3, more=quick)
    verdict(status != 0, "one that speaks IPMI 1.5 alone has no RMCP+", said)
    status, said = old("sensor", "list")
    verdict(status == 0 and re.search(r"^CPU0_TEMP +\| \d+\.", said, re.M), "ipmitool, IPMI 1.5: sensor list", said)
    status, said = old("chassis", "power", "status")
    verdict(status == 0 and "Chassis Power is" in said, "ipmitool, IPMI 1.5: chassis power status", said)
    status, said = old("mc", "info", password="Secret", more=quick)
    verdict(status != 0, "ipmitool, IPMI 1.5: a wrong password is refused", said)
    farm.tell("old 3 0")


def ask(port, suite, password, *requests, name="admin"):
    return run(ASK, str(port), suite, name, password, *requests)


def try_ours(farm):
    for suite in SUITES:
        status, said = ask(farm.port + 4, suite, "secret", "0601", "0001", "2c02dc010000")
        verdict(status == 0 and re.search(r"^up [0-9a-f]{32}\n00 20.*\n00 .*\n00 dc.*\nclosed$", said.strip()),
                f"our session, suite {suite}, on the same BMCs", said)


def try_counts(farm):
    # What was damaged or hung is not among them.
    seen = farm.count("0-2")
    verdict(seen["outside"] == 0, "nobody asks outside a session", seen)
    # On a busy machine they may lose patience, and send a packet again.
    verdict(seen["bad"] == 0 and seen["repeated"] * 20 <= seen["commands"], "all packets are taken", seen)
    seen = farm.count("4")
    verdict(seen["flight"] == 1 and seen["up"] == 0 and seen["sessions"] >= 2,
            "ours has one packet under way, and closes its sessions", seen)


# --- pyghmi's BMC, asked by us ---

# Get Channel Authentication Capabilities, by IPMI 1.5: to see whether it listens.
CAPABILITIES = bytes.fromhex("0600ff07000000000000000000092018c88100388e04b5")


def free_port():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::", 0))
        return probe.getsockname()[1]


def listens(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.5)
        for _ in range(PATIENCE * 2):
            try:
                probe.sendto(CAPABILITIES, ("127.0.0.1", port))
                probe.recv(512)
                return True
            except OSError:
                time.sleep(0.05)
    return False


def changed_to_sha256():
    """A copy of pyghmi whose BMC speaks suite 17 instead of 3; None: it is not the one we know."""
    status, said = run(PYTHON, "-c", "import pyghmi; print(pyghmi.__path__[0])")
    copy = os.path.join(folder, "pyghmi")
    shutil.copytree(said.strip(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    path = os.path.join(copy, "ipmi/private/serversession.py")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for pattern, new, times in ((r"digest\(\)\[:12\]", "digest()[:16]", 1),
                                (r"hashlib\.sha1", "hashlib.sha256", 7),
                                (r"0, 0, 0, 8, 1, 0, 0, 0,  # auth", "0, 0, 0, 8, 3, 0, 0, 0,", 1),
                                (r"1, 0, 0, 8, 1, 0, 0, 0,  # integrity", "1, 0, 0, 8, 4, 0, 0, 0,", 1),
                                (r"currhashlen = 12", "currhashlen = 16", 1)):
        text, changes = re.subn(pattern, new, text)
        if changes != times:
            return None
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return folder


def try_server(suite, path):
    name = f"pyghmi's BMC, suite {suite}:"
    port = free_port()
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **({"PYTHONPATH": path} if path else {}))
    log = open(os.path.join(folder, f"fakebmc-{suite}.log"), "w+", encoding="utf-8")
    server = subprocess.Popen([PYTHON, "-m", "pyghmi.cmd.fakebmc", "--port", str(port)], stdin=subprocess.DEVNULL,
                              stdout=log, stderr=log, env=environment)
    try:
        good = listens(port)
        log.seek(0)
        verdict(good, f"{name} listens", log.read())
        if not good:
            return
        # Device ID; power on; chassis status; a command that it has not.
        status, said = ask(port, suite, "password", "0601", "000201", "0001", "042d01")
        answers = re.fullmatch(r"up [0-9a-f]{32}\n00 [0-9a-f]{22,}\n00 .*\n00 ([0-9a-f]{2}).*\n(..) .*\nclosed", said.strip())
        verdict(status == 0 and answers, f"{name} comes up, answers and closes", said)
        verdict(answers and int(answers[1], 16) & 1, f"{name} its node is on", said)
        verdict(answers and answers[2] != "00", f"{name} an unknown command has its code", said)
        status, said = ask(port, suite, "Password", "0601")
        verdict(status == 1 and "another password" in said, f"{name} another password is known as such", said)
        if shutil.which("ipmitool"):
            status, said = run("ipmitool", "-I", "lanplus", "-H", "127.0.0.1", "-p", str(port), "-U", "admin", "-P",
                               "password", "-C", suite, "chassis", "power", "status")
            verdict(status == 0 and said.strip() == "Chassis Power is on", f"{name} ipmitool agrees", said)
        else:
            skip(f"{name} ipmitool agrees", "no ipmitool")
    finally:
        server.kill()
        server.wait()
        log.close()


def try_servers():
    try_server("3", None)
    path = changed_to_sha256()
    if path:
        try_server("17", path)
    else:
        skip("pyghmi's BMC, suite 17", "another pyghmi than the one that can be changed")


def main():
    farm = Farm(5)
    try:
        if has("ipmitool", "ipmitool"):
            try_ipmitool(farm)
            try_faults(farm)
            try_old(farm)
        if has("FreeIPMI", "ipmipower", "ipmi-chassis", "ipmi-sensors", "ipmi-dcmi"):
            try_freeipmi(farm)
        if has_pyghmi("pyghmi"):
            try_pyghmi(farm)
        try_ours(farm)
        try_counts(farm)
        verdict(farm.close() == 0, "the BMCs come to their end")
        if has_pyghmi("pyghmi's BMC"):
            try_servers()
    finally:
        farm.process.kill()
        farm.process.wait()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"1..{count}")


main()
