#!/usr/bin/python3
"""An agent made to docs/protocol.md and the .proto files; it shares no code with the other one, and proves that they are enough.

It plays one device through a fixed course against a server and prints what happened as JSON. The generated modules of the .proto files
(protoc --python_out) must be on PYTHONPATH.
"""

import argparse
import copy
import json

import documents
import session_pb2
from identity import Identity, enrol
from session import Agent

def first_documents():
    applications = [("dpkg", f"package-{n:04}", f"{n}.0-1", "amd64", 1000 * n) for n in range(1, 901)]
    applications.append(("python", "wheel", "0.38.4", "", 0))
    return {
        documents.SYSTEM: documents.fact_body(
            {"host-name": "independent", "os/name": "Independent OS", "os/version": "1", "agent-version": "independent 1"}
        ),
        documents.INSTALLED: documents.installed(applications),
        documents.HARDWARE: documents.fact_body({"cpu/count": 2, "memory/total": 1 << 34}),
    }


def changed_installed():
    applications = [("dpkg", f"package-{n:04}", f"{n}.0-1", "amd64", 1000 * n) for n in range(2, 901)]
    applications += [("python", "wheel", "0.40.0", "", 0), ("dpkg", "hello", "2.10-3", "amd64", 284672)]
    return documents.installed(applications)


def course(agent, token, pins):
    """The device's life: enrolled twice (the answer might have been lost), four sessions, and a roll-back."""
    report = {}
    enrol(agent.identity, agent.server, pins, token, "independent")
    report["device"] = agent.identity.device
    enrol(agent.identity, agent.server, pins, token, "independent")
    report["again"] = agent.identity.device

    agent.reported = first_documents()
    agent.raise_event("agent-started", 1, "the agent started", version="independent 1")
    report["first"] = agent.synchronize(session_pb2.HELLO_REASON_START)
    report["settings"] = documents.read_facts(agent.held[documents.AGENT])
    report["unchanged"] = agent.synchronize(session_pb2.HELLO_REASON_INTERVAL)

    agent.reported[documents.INSTALLED] = changed_installed()
    agent.raise_event("application-installed", 1, "hello 2.10-3 (amd64) was installed", source="dpkg", name="hello")
    report["changed"] = agent.synchronize(session_pb2.HELLO_REASON_CHANGE)

    earlier = copy.deepcopy(agent.spool)
    for number in range(500):
        agent.raise_event("independent.counted", 2, f"event {number} of a burst")
    report["events"] = agent.synchronize(session_pb2.HELLO_REASON_EVENT)

    # Put back to before the burst, it raises as many events as it lost: numbers alone would not tell.
    agent.spool = earlier
    for number in range(500):
        agent.raise_event("independent.counted-again", 2, f"event {number} after the roll-back")
    report["putBack"] = agent.synchronize(session_pb2.HELLO_REASON_EVENT)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="ADDRESS:PORT")
    parser.add_argument("--token-file", required=True)
    parser.add_argument("--pin", action="append", required=True)
    parser.add_argument("--state-dir", required=True)
    options = parser.parse_args()
    host, port = options.server.rsplit(":", 1)
    agent = Agent((host, int(port)), Identity(options.state_dir))
    with open(options.token_file, encoding="ascii") as file:
        token = file.read()
    print(json.dumps(course(agent, token, [bytes.fromhex(pin) for pin in options.pin])))


if __name__ == "__main__":
    main()
