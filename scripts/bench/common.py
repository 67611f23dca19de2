"""What the measurements share: the programs, a server and a fleet on 127.0.0.x, the CPU a process took, medians, tables.

BENCH_QUICK=1        small numbers, one round: to see that everything runs
BENCH_CONFIGURATION  release (default) or debug
BENCH_PROGRAMS       a directory with built programs: nothing is built
BENCH_DIR            where fleets are kept between measurements (.bench in the checkout)
"""
import atexit
import contextlib
import datetime
import json
import math
import mmap
import os
import resource
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QUICK = os.environ.get("BENCH_QUICK") == "1"
ROUNDS = 1 if QUICK else 5
CONFIGURATION = os.environ.get("BENCH_CONFIGURATION", "release")
DIRECTORY = os.environ.get("BENCH_DIR", os.path.join(ROOT, ".bench"))
TICKS = os.sysconf("SC_CLK_TCK")
# A measurement is of the server, not of how it paces a fleet that comes all at once from one machine.
UNPACED = {"enrolment-rate": 400, "source-rate": 100_000}

# A server with 15,000 connections and a client of as many: as many files as the system lets each have.
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)

# Who a server is stands in the process table: it was started here.
API_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
API_TLS.check_hostname, API_TLS.verify_mode = False, ssl.CERT_NONE

running = []


@atexit.register
def stop_all():
    for process in reversed(running):
        stop(process)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def stop(process):
    """SIGTERM, then SIGKILL after 20 s; only what was started here."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process in running:
        running.remove(process)


def start(command, log, **more):
    with open(log, "ab") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, **more)
    running.append(process)
    return process


def say(text):
    print(text, file=sys.stderr, flush=True)


# -- The programs

def build():
    if "BENCH_PROGRAMS" not in os.environ:
        say(f"Building ({CONFIGURATION}) …")
        subprocess.run(["swift", "build", "-c", CONFIGURATION], cwd=ROOT, check=True, stdout=sys.stderr)


def program(name):
    return os.path.join(os.environ.get("BENCH_PROGRAMS", os.path.join(ROOT, ".build", CONFIGURATION)), name)


def compile_c(name, *flags):
    """Compiles scripts/bench/NAME.c, optimized."""
    source = os.path.join(ROOT, "scripts", "bench", name + ".c")
    target = os.path.join(DIRECTORY, name)
    os.makedirs(DIRECTORY, exist_ok=True)
    subprocess.run([shutil.which("cc") or "clang", "-O2", "-Wall", "-o", target, source, *flags], check=True)
    return target


class Invalid(Exception):
    """A run of the fleet that does not count."""

    def __init__(self, problems):
        super().__init__("not valid: " + "; ".join(problems))
        self.problems = problems


def run_json(command, environment=None):
    """What a command prints as JSON; its exit code says whether the figures count."""
    result = subprocess.run(command, stdout=subprocess.PIPE, env={**os.environ, **(environment or {})})
    if result.returncode == 0:
        return json.loads(result.stdout)
    with contextlib.suppress(ValueError):
        raise Invalid(json.loads(result.stdout)["problems"])
    sys.exit(f"failed: {' '.join(command)}\n{result.stdout.decode()}")


# -- The server

class Server:
    """A muster-server of the real program in a directory of its own, and what its administrator does."""

    def __init__(self, directory, address="127.0.0.1", database=None, settings=None, preload=None, environment=None):
        self.directory = directory
        self.address = address
        self.data = os.path.join(directory, "server")
        os.makedirs(directory, exist_ok=True)
        # As the first start got them; every later one asks for the same: devices are told where to send shutdown notices.
        self.known_ports = os.path.join(directory, "ports.json")
        self.ports = {"agentPort": 0, "httpsPort": 0, "udpPort": 0}
        if os.path.exists(self.known_ports):
            with open(self.known_ports) as file:
                self.ports = json.load(file)
        if not os.path.exists(os.path.join(self.data, "server.json")):
            more = ["--database", database] if database else []
            subprocess.run(
                [program("muster-server"), "init", "--data-dir", self.data, "--external-address", address, *more],
                check=True, stdout=subprocess.DEVNULL)
        self.start(settings or UNPACED, preload, environment)

    @property
    def ready_file(self):
        return os.path.join(self.directory, "ready.json")

    def start(self, settings, preload=None, environment=None):
        config, ready = os.path.join(self.directory, "settings.json"), self.ready_file
        with open(config, "w") as file:
            json.dump(settings, file)
        with contextlib.suppress(FileNotFoundError):
            os.remove(ready)
        variables = {**os.environ, **(environment or {})}
        if preload:
            variables["LD_PRELOAD"] = preload
        self.process = start(
            [program("muster-server"), "run", "--data-dir", self.data, "--config", config, "--listen", self.address,
             "--agent-port", str(self.ports["agentPort"]), "--udp-port", str(self.ports["udpPort"]),
             "--https-port", str(self.ports["httpsPort"]), "--ready-file", ready, "--log-level", "notice"],
            os.path.join(self.directory, "server.log"), env=variables)
        self.ports = wait_for(lambda: os.path.exists(ready) and json.load(open(ready)), "the server is ready", self.process)
        with open(self.known_ports, "w") as file:
            json.dump(self.ports, file)

    @property
    def agents(self):
        return f"{self.address}:{self.ports['agentPort']}"

    @property
    def pins(self):
        with open(os.path.join(self.data, "server.json")) as file:
            return json.load(file)["pins"]

    def muster(self, *arguments):
        with open(os.path.join(self.data, "api.pin")) as file:
            pin = file.read().strip()
        return run_json([program("muster"), *arguments, "--output", "json"], {
            "MUSTER_SERVER": f"{self.address}:{self.ports['httpsPort']}", "MUSTER_PIN": pin,
            "MUSTER_TOKEN_FILE": os.path.join(self.data, "admin.token")})

    def token_file(self, uses):
        token = self.muster("enrolment-tokens", "create", "--name", "bench", "--uses", str(uses), "--expires", "1d")
        path = os.path.join(self.directory, "token")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(token["token"])
        return path

    def permanent_token_file(self, uses, *more):
        """Of an installation package: what it enrols has 'Do not disconnect' ticked. more: options of the package."""
        name, file = f"bench-{time.time_ns()}", os.path.join(self.directory, "connection.json")
        self.muster("packages", "create", "--server-address", self.agents, "--permanent-connection", "on",
                    "--token-uses", str(uses), *more, name)
        self.muster("packages", "download", "--connection-file", "--to", file, name)
        path = os.path.join(self.directory, "token")
        with open(file) as text, open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as token:
            token.write(json.load(text)["token"])
        return path

    def call(self, path, body=None, method=None):
        """One request of the API on a connection of its own, as a program makes it that is not ours: GET, or POST with a body."""
        with open(os.path.join(self.data, "admin.token")) as file:
            token = file.read().strip()
        request = urllib.request.Request(
            f"https://{self.address}:{self.ports['httpsPort']}/api/v1/{path}", data=body and json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60, context=API_TLS) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def act(self, **devices):
        """Orders a manual synchronization."""
        return Order(self, self.call("actions", {"kind": "synchronize", **devices})["id"])

    def items(self, path, page=1000):
        """All pages of a list."""
        cursor = ""
        while True:
            answer = self.call(f"{path}?limit={page}{cursor}")
            yield from answer["items"]
            if "next" not in answer:
                return
            cursor = f"&cursor={answer['next']}"

    def stop(self):
        stop(self.process)

    def kill(self):
        self.process.kill()
        self.process.wait()
        running.remove(self.process)


class Order:
    """An action that was ordered of many devices; its times are the server's own, as it stored them."""

    def __init__(self, server, order):
        self.server, self.order = server, order

    def count(self, *states):
        counts = self.server.call(f"actions/{self.order}")["counts"]
        return sum(counts.get(state, 0) for state in states)

    def wait(self, devices, process, pause=0.5, seconds=300):
        """Until so many are done."""
        wait_for(lambda: self.count("done") == devices, "all are done", process, seconds, pause)

    def seconds(self, until, since="created"):
        """Of each device, from one of its times to another: created, sent, accepted, ended; in order."""
        entries = list(self.server.items(f"actions/{self.order}/devices"))
        return sorted(instant(entry[until]) - instant(entry[since]) for entry in entries)


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def percentile(values, fraction):
    return sorted(values)[max(0, math.ceil(len(values) * fraction) - 1)]


class Caller:
    """Asks the API every 50 ms, each time on a connection of its own, and notes how long the answer took; a call that fails is an answer
    that never came."""

    def __init__(self, server, path="devices?limit=10"):
        self.server, self.path, self.times, self.failed, self.ends = server, path, [], 0, False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ends:
            began = time.monotonic()
            try:
                self.server.call(self.path)
                self.times.append(time.monotonic() - began)
            except OSError:
                self.failed += 1
            time.sleep(0.05)

    def end(self):
        self.ends = True
        self.thread.join(60)
        if not self.times:
            return "no answer"
        return (f"p99 {percentile(self.times, 0.99) * 1000:.0f} ms, longest {max(self.times) * 1000:.0f} ms of {len(self.times)}; "
                f"{self.failed} failed")


class Statements:
    """What a server does in SQLite, counted there by a library loaded before it."""

    def __init__(self):
        self.path = os.path.join(DIRECTORY, "statements")
        self.preload = compile_c("count-statements", "-shared", "-fPIC", "-ldl")
        with open(self.path, "wb") as file:
            file.write(bytes(32))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 32)

    @property
    def server(self):
        """What a counted server is started with."""
        return {"preload": self.preload, "environment": {"COUNT_STATEMENTS": self.path}}

    def number(self, place):
        return int.from_bytes(self.memory[8 * place:8 * place + 8], "little")

    @property
    def count(self):
        return self.number(0)

    @property
    def commits(self):
        return self.number(1)

    @property
    def data(self):
        """Statements that read or write data."""
        return self.number(2)

    @property
    def rows(self):
        """Rows that were read."""
        return self.number(3)


def wait_for(condition, what, process=None, seconds=60, pause=0.1):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        if process is not None and process.poll() is not None:
            break
        time.sleep(pause)
    sys.exit(f"not within {seconds} s: {what}")


# -- The fleet

class Fleet:
    """Kept devices of muster-swarm and the server that knows them."""

    def __init__(self, server, devices):
        self.server = server
        self.devices = devices
        self.state = os.path.join(server.directory, "fleet")

    def command(self, command, *arguments, server=None):
        pins = [word for pin in self.server.pins for word in ("--pin", pin)]
        return [program("muster-swarm"), command, "--server", server or self.server.agents, *pins, "--state-dir", self.state,
                "--output", "json", *map(str, arguments)]

    def swarm(self, command, *arguments, server=None, core=None):
        return run_json(pinned(core) + self.command(command, *arguments, server=server))

    def begin(self, command, *arguments, saying, core=None, relay=None, seconds=900):
        """In the background; returns once it has said that on stderr. core: it runs on that one alone."""
        return Background(pinned(core) + self.command(command, "--devices", self.devices, *arguments, server=relay),
                          self.server.directory, saying, seconds)

    def run(self, *arguments, devices=None, token=None):
        devices = devices or self.devices
        rate = 200 if "--packages" in arguments else 60
        # A first list is some 900 rows: a database writes some 100 of them a second.
        return self.swarm("run", "--token-file", token or self.server.token_file(max(1, devices)), "--devices", devices,
                          "--enrolments-per-second", rate, "--returns-per-second", rate, *arguments)

    def synchronizations(self, count, curves, concurrency=8):
        return self.swarm("synchronizations", "--count", count, "--concurrency", concurrency, "--curves", curves)


def pinned(core):
    return [] if core is None else ["taskset", "-c", str(core)]


class Background:
    """A swarm that runs beside what is measured."""

    def __init__(self, command, directory, saying, seconds):
        self.command, self.report = command, os.path.join(directory, "swarm.json")
        self.log = os.path.join(directory, "swarm.log")
        with open(self.log, "wb") as remarks, open(self.report, "wb") as report:
            self.process = subprocess.Popen(command, stdout=report, stderr=remarks)
        running.append(self.process)
        wait_for(lambda: saying in self.remarks(), f"the swarm says '{saying}'", self.process, seconds)

    def remarks(self):
        with open(self.log) as file:
            return file.read()

    def result(self, seconds=900):
        """What it prints at its end."""
        code = self.process.wait(seconds)
        running.remove(self.process)
        with open(self.report) as file:
            report = json.load(file)
        if code != 0:
            raise Invalid(report["problems"])
        return report

    def stop(self):
        """Before its time: what it prints does not count."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        running.remove(self.process)


def kept_fleet(devices, permanent=False, **more):
    """A server that knows so many devices; made once and kept in BENCH_DIR. Every device has synchronized."""
    directory = os.path.join(DIRECTORY, f"{'permanent' if permanent else 'fleet'}-{devices}-{CONFIGURATION}")
    is_new = not os.path.exists(os.path.join(directory, "complete"))
    fleet = Fleet(Server(directory, **more), devices)
    if is_new:
        say(f"Enrolling {devices} devices …")
        arguments = ["--duration", 1]
        if permanent:
            fleet.server.muster("settings", "set", "permanent-connections.limit", str(devices))
            # Their lists are short: what they are measured for is their connections, and the database has long ones soon enough.
            arguments += ["--packages", 20]
        for attempt in range(3):
            try:
                fleet.run(*arguments, token=fleet.server.permanent_token_file(devices) if permanent else None)
                break
            except Invalid as error:
                # Those that were put off or lost a connection come again: what counts is that all are there in the end.
                say(str(error))
                if attempt == 2:
                    raise
        open(os.path.join(directory, "complete"), "w").close()
    return fleet


def openssl(*arguments, directory):
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, stderr=subprocess.DEVNULL)


def make_certificates(directory):
    """An authority, a server and a client, P-256 as Muster's."""
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30")
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=bench", directory=directory)
    for name in ("server", "client"):
        openssl("req", "-x509", *curve, "-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", f"{name}.key", "-out", f"{name}.pem",
                "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:FALSE", directory=directory)


# -- What is measured

def cpu_seconds(*pids):
    """User and system time so far of these processes, all their threads; in steps of 10 ms."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory(pid):
    """Resident memory in MB by kind, from smaps_rollup and status."""
    found = {}
    for name in ("status", "smaps_rollup"):
        with open(f"/proc/{pid}/{name}") as file:
            for line in file:
                fields = line.split()
                if len(fields) >= 3 and fields[2] == "kB":
                    found[fields[0].rstrip(":")] = int(fields[1]) / 1024
    return {"rss": found["VmRSS"], "highest": found["VmHWM"], "file": found["RssFile"], "anonymous": found["RssAnon"],
            "shared": found["RssShmem"], "pss": found["Pss"], "private dirty": found["Private_Dirty"]}


def median(values):
    return statistics.median(values)


class Relay:
    """Passes TCP connections on and counts the payload of each, both ways."""

    def __init__(self, target, address="127.0.0.1"):
        host, port = target.rsplit(":", 1)
        self.target = (host, int(port))
        self.connections = []
        self.listener = socket.create_server((address, 0))
        self.address = f"{address}:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            counts = {"up": 0, "down": 0, "open": 2}
            self.connections.append(counts)
            server = socket.create_connection(self.target)
            for source, sink, name in ((client, server, "up"), (server, client, "down")):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.copy, args=(source, sink, counts, name), daemon=True).start()

    @staticmethod
    def copy(source, sink, counts, name):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                counts[name] += len(data)
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
        counts["open"] -= 1

    def finished(self):
        return [c["up"] + c["down"] for c in self.connections if c["open"] == 0]


# -- What is said

def table(title, columns, rows):
    """A Markdown table, ready for docs/performance.md."""
    print(f"### {title}\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


def conditions():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    return f"{os.cpu_count()} × {model}, {CONFIGURATION} build" + (", QUICK: figures mean nothing" if QUICK else "")
