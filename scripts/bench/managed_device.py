"""A device whose agent manages all that it can: services, APT, ClamAV with a clamd that runs, scripts, and an application by a connector of
somebody else's, each with a policy, with tasks that have run and one that goes on running.

In a mount namespace of its own (root): what policies set is set in copies of the machine's files, made in a directory. Where systemd does not
run, a script says what systemctl would; the agent calls it as often."""
import os
import re
import shutil
import subprocess

import common as bench

UNITS = ["ssh.service", "cron.service", "dbus.service", "systemd-journald.service"]
POLICIES = {
    "network-agent": ["sync-interval=15m", "request-port=15002"],
    "services": [f"watched={','.join(UNITS)}", "period=15s"],
    "apt": ["automatic-updates=off"],
    "clamav": ["maximum-file-size=100", "maximum-threads=4", "outdated-after=30d"],
    "sshd": ["max-auth-tries=3", "login-grace-time=1m"],
    "device-status": ["unit-failed=critical"],
}
SYSTEMCTL = """#!/bin/sh
case "$*" in *property=Version*) echo 'Version=252 (252.39-1~deb12u1)'; exit 0 ;; show*) ;; *) exit 0 ;; esac
while [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done
for unit in "$@"; do
    [ "$unit" = -- ] || printf '%s\\n' "Names=$unit" LoadState=loaded ActiveState=active Result=success NRestarts=0 MemoryCurrent=5242880 \\
        UnitFileState=enabled ActiveEnterTimestampMonotonic=1000000 ''
done
"""
SYSTEMD_RUN = """#!/bin/sh
while case "$1" in --*) ;; *) false ;; esac; do shift; done
exec setsid --fork sh -c 'exec "$0" "$@" >/dev/null 2>&1' "$@"
"""
NAMESPACE = """set -e
mount --bind "$0/clamav" /etc/clamav
mount --bind "$0/apt" /etc/apt/apt.conf.d
if [ ! -d /run/systemd/system ]; then
    mount -t tmpfs tmpfs /run
    mkdir -p /run/systemd/system
    for program in systemctl systemd-run; do mount --bind "$0/bin/$program" "/usr/bin/$program"; done
fi
exec "$@"
"""


def is_possible():
    """Why not, where it is not."""
    if os.geteuid() != 0:
        return "not measured: it needs root"
    missing = [tool for tool in ("clamd", "sigtool", "systemctl", "systemd-run", "unshare") if shutil.which(tool) is None]
    return f"not measured: {', '.join(missing)} not there" if missing else None


class ManagedDevice:
    def __init__(self, directory, server, agent):
        self.directory, self.server, self.agent = directory, server, agent
        self.state = os.path.join(directory, "agent")
        os.makedirs(directory)
        self.write("bin/systemctl", SYSTEMCTL, 0o755)
        self.write("bin/systemd-run", SYSTEMD_RUN, 0o755)
        self.write("files/plain", "nothing\n")
        shutil.copytree("/etc/apt/apt.conf.d", self.path("apt"))
        self.start_clamd()
        self.make_connector()

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def start_clamd(self):
        """Debian's, with one signature: the agent's memory does not know how many clamd has."""
        self.write("threat", "the one thing that is found\n")
        sums = subprocess.run(["sigtool", "--md5", self.path("threat")], capture_output=True, text=True, check=True).stdout
        self.write("db/bench.hdb", ":".join(sums.split(":")[:2]) + ":Bench\n")
        self.write("log/clamd.log", "")
        self.write("clamav/freshclam.conf", f"DatabaseDirectory {self.path('db')}\n")
        self.write("clamav/clamd.conf", "".join(f"{line}\n" for line in (
            f"LocalSocket {self.path('clamd.ctl')}", f"DatabaseDirectory {self.path('db')}", f"LogFile {self.path('log/clamd.log')}",
            "LogTime yes", "ExtendedDetectionInfo yes", "Foreground yes", "User root")))
        self.clamd = bench.start(["clamd", "--config-file", self.path("clamav/clamd.conf")], self.path("clamd.out"))
        bench.wait_for(lambda: os.path.exists(self.path("clamd.ctl")), "clamd listens", self.clamd)

    def make_connector(self):
        """The example, for an sshd in a directory that is always content."""
        for folder in ("ssh/etc/ssh/sshd_config.d", "ssh/run"):
            os.makedirs(self.path(folder))
        self.write("ssh/usr/sbin/sshd", "#!/bin/sh\n", 0o755)
        self.write("ssh/run/sshd.pid", "1\n")
        with open(os.path.join(bench.ROOT, "examples", "connectors", "sshd")) as file:
            text = file.read()
        self.write("connectors/sshd", text.replace('ROOT = "/"', f'ROOT = "{self.path("ssh")}/"'), 0o755)

    def start(self, *options):
        """Enrols, starts the agent, and returns when all settings are in force and each task has run."""
        subprocess.run([self.agent, "enrol", "--state-dir", self.state, *options], check=True, stdout=subprocess.DEVNULL)
        self.process = bench.start(
            ["unshare", "-m", "sh", "-c", NAMESPACE, self.directory, self.agent, "run", "--state-dir", self.state,
             "--config-dir", self.path("config"), "--connector-dir", self.path("connectors")], self.path("agent.log"))
        manifests = lambda: [item for item in self.server.call("applications")["items"] if item["id"] == "sshd"]
        bench.wait_for(manifests, "the connector's manifest is there", self.process)
        self.server.muster("applications", "accept", "sshd")
        for application, values in POLICIES.items():
            words = [word for value in values for word in ("--set", value)]
            self.server.muster("policies", "create", f"Bench {application}", "--application", application, "--group", "/", *words)
        bench.wait_for(self.is_in_force, "all settings are in force", self.process, seconds=120, pause=2)
        self.run_tasks()
        return self

    @property
    def applications(self):
        devices = [item["id"] for item in self.server.items("devices")]
        return {item["application"]: item for item in self.server.call(f"devices/{devices[0]}/applications")["items"]}

    def is_in_force(self):
        subprocess.run([self.agent, "sync", "--state-dir", self.state], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        applications = self.applications
        return all(applications.get(name, {}).get("delivery") == "applied" for name in POLICIES if name != "device-status")

    def run_tasks(self):
        """Of each kind once; one of them goes on every two minutes."""
        create = lambda name, *words: self.server.muster("tasks", "create", name, "--group", "/", *words)
        create("Script", "--application", "scripts", "--type", "run", "--set", "text=echo here", "--schedule", "every 2m")
        create("Scan", "--application", "clamav", "--type", "scan", "--set", f"paths={self.path('files')}")
        for task in ("Script", "Scan"):
            self.server.muster("tasks", "run", task)
        bench.wait_for(lambda: {run["taskName"] for run in self.server.items("runs") if run["state"] == "succeeded"} == {"Script", "Scan"},
                       "both tasks have run", self.process, seconds=120, pause=2)

    def problems(self):
        """What is not as it should be: then the figures say nothing."""
        wrong = [f"{name} is {item['state']}" for name, item in self.applications.items()
                 if item["state"] not in ("running",) and name in POLICIES]
        with open(self.path("agent.log")) as file:
            wrong += [line.strip() for line in file if re.search(r" (error|critical) ", line)]
        return wrong

    def connector_memory(self):
        """Of the process that the agent runs for the example."""
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    if self.path("connectors/sshd").encode() in file.read():
                        return bench.memory(entry)["rss"]
            except (OSError, KeyError):
                continue
        return 0
