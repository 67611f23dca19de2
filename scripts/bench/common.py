"""What the measurements share: the programs, a server and a fleet on 127.0.0.x, the CPU a process took, medians, tables.

BENCH_QUICK=1        small numbers, one round: to see that everything runs
BENCH_CONFIGURATION  release (default) or debug
BENCH_PROGRAMS       a directory with built programs: nothing is built
BENCH_DIR            where fleets are kept between measurements (.bench in the checkout)
"""
import atexit
import contextlib
import json
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
UNPACED = {"enrolment-rate": 400, "accept-rate": 100_000, "accept-burst": 100_000, "source-rate": 100_000}

# A server with 15,000 connections and a client of as many: as many files as the system lets each have.
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)

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
        # As the first start got them; every later one asks for the same.
        self.ports = {"agentPort": 0, "httpsPort": 0, "udpPort": 0}
        os.makedirs(directory, exist_ok=True)
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

    def permanent_token_file(self, uses):
        """Of an installation package: what it enrols has 'Do not disconnect' ticked."""
        name, file = f"bench-{time.time_ns()}", os.path.join(self.directory, "connection.json")
        self.muster("packages", "create", "--server-address", self.agents, "--permanent-connection", "on",
                    "--token-uses", str(uses), name)
        self.muster("packages", "download", "--connection-file", "--to", file, name)
        path = os.path.join(self.directory, "token")
        with open(file) as text, open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as token:
            token.write(json.load(text)["token"])
        return path

    def call(self, path, body=None):
        """One request of the API on a connection of its own, as a program makes it that is not ours: GET, or POST with a body."""
        with open(os.path.join(self.data, "admin.token")) as file:
            token = file.read().strip()
        context = ssl.create_default_context()
        # Who it is stands in the process table: it was started here.
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        request = urllib.request.Request(
            f"https://{self.address}:{self.ports['httpsPort']}/api/v1/{path}", data=body and json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:
            return json.load(answer)

    def act(self, **devices):
        """Orders a manual synchronization. - Returns: how many devices are so far, to be asked again and again."""
        order = self.call("actions", {"kind": "synchronize", **devices})["id"]

        def count(*states):
            counts = self.call(f"actions/{order}")["counts"]
            return sum(counts.get(state, 0) for state in states)

        return count

    def stop(self):
        stop(self.process)

    def kill(self):
        self.process.kill()
        self.process.wait()
        running.remove(self.process)


def wait_for(condition, what, process=None, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        if process is not None and process.poll() is not None:
            break
        time.sleep(0.1)
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

    def swarm(self, command, *arguments, server=None):
        return run_json(self.command(command, *arguments, server=server))

    def begin(self, command, *arguments, saying, core=None, relay=None, seconds=900):
        """In the background; returns once it has said that on stderr. core: it runs on that one alone."""
        prefix = [] if core is None else ["taskset", "-c", str(core)]
        return Background(prefix + self.command(command, "--devices", self.devices, *arguments, server=relay),
                          self.server.directory, saying, seconds)

    def run(self, *arguments, devices=None, token=None):
        devices = devices or self.devices
        return self.swarm("run", "--token-file", token or self.server.token_file(max(1, devices)), "--devices", devices,
                          "--enrolments-per-second", 200, "--returns-per-second", 200, *arguments)

    def synchronizations(self, count, curves, concurrency=8):
        return self.swarm("synchronizations", "--count", count, "--concurrency", concurrency, "--curves", curves)


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
        if permanent:
            fleet.server.muster("settings", "set", "permanent-connections.limit", str(devices))
            fleet.run("--duration", 1, token=fleet.server.permanent_token_file(devices))
        else:
            fleet.run("--duration", 1)
        open(os.path.join(directory, "complete"), "w").close()
    return fleet


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
    return {"rss": found["VmRSS"], "file": found["RssFile"], "anonymous": found["RssAnon"],
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
