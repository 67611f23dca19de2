#!/usr/bin/python3
"""Makes the test vectors of docs/protocol.md with this implementation: vectors.py PAGE. Prints how many agree; fails at one that does not."""

import hashlib
import re
import struct
import sys
import uuid
import zlib

import documents
import session_pb2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from identity import token_parts

TIME = 1795530600250
EPOCH, STAMP = 0x1112131415161718, 0x2122232425262728


def fact(value):
    return next(iter(documents.read(documents.fact_body({"name": value})).values()))


def bodies():
    system = documents.fact_body({"agent-version": "0.1.0", "host-name": "web-1", "os/name": "Debian", "os/version": "12"})
    wheel = ("python", "wheel", "0.38.4", "", 0)
    before = [("dpkg", "bash", "5.2.15-2+b7", "amd64", 7163904), ("dpkg", "hello", "2.10-3", "amd64", 0), wheel]
    after = [("dpkg", "bash", "5.2.15-2+b8", "amd64", 7163904), ("dpkg", "curl", "7.88.1-10", "amd64", 0), wheel]
    return system, documents.installed(before), documents.installed(after)


def document_vectors():
    system, old, new = bodies()
    key, value = next(iter(documents.read(old).items()))
    return {
        "fact.text": fact("web-1"), "fact.integer": fact(900), "fact.negative": fact(-3),
        "system": system, "system.digest": documents.digest(system), "installed.key": key, "installed.value": value,
        "installed.a": old, "installed.a.digest": documents.digest(old), "installed.patch": documents.patch(old, new),
        "installed.b": new, "installed.b.digest": documents.digest(new),
        "root.none": documents.root({}), "root.reported": documents.root({1: system, 2: old}),
    }  # fmt: skip


def framed(**body):
    return documents.counted(session_pb2.Frame(**body).SerializeToString())


def hello():
    nothing = documents.root({})
    return session_pb2.Hello(
        version=1, agent_version="0.1.0", features=session_pb2.Features(documents=[1, 2, 3, 32]),
        run_id=0x0102030405060708, boot_id=bytes(range(16)), reason=session_pb2.HELLO_REASON_START, reported_root=nothing,
        held_root=nothing, events=session_pb2.EventPosition(epoch=EPOCH, first_held=1, next=1), time=TIME,
    )  # fmt: skip


def batch(first, offset, event):
    return session_pb2.EventBatch(epoch=EPOCH, first=first, clock_offset=offset, events=[event]).SerializeToString()


def message_vectors():
    event = session_pb2.Event(type="application-installed", severity=1, occurred=TIME, stamp=STAMP)
    event.text = "hello 2.10-3 (amd64) was installed"
    event.parameters["name"].text = "hello"
    event.formerly.add(epoch=1, number=3)
    gap = session_pb2.Event(gap=session_pb2.EventGap(count=12, to=TIME + 60000, **{"from": TIME}), stamp=STAMP)
    gap.gap.by_severity[1] = 12
    return {
        "frame.ping": framed(ping=session_pb2.Ping(id=1)), "frame.hello": framed(hello=hello()),
        "events.batch": batch(7, -250, event), "events.gap": batch(8, 0, gap),
    }  # fmt: skip


def secret_vectors(page, given):
    token_id, secret = token_parts(re.search(r"of the token `([^`]+)`", page).group(1))
    pin = hashlib.sha256(given["key.public"]).digest()
    device = uuid.UUID("6a5d0c1e-2f3b-4a4c-8d9e-fedcba987654").bytes
    signed = b"MUS1\x01\x00\x00\x00" + pin[:16] + device + struct.pack(">QqQQ", TIME, TIME, 0x0102030405060708, 0)
    signature = given["datagram"][72:]
    key = serialization.load_der_public_key(given["key.public"])
    numbers = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    key.verify(utils.encode_dss_signature(*numbers), signed, ec.ECDSA(hashes.SHA256()))
    return {
        "token.id": token_id, "token.secret": secret, "token.hash": hashlib.sha256(secret).digest(),
        "key.public": given["key.public"], "key.pin": pin, "datagram": signed + signature,
    }  # fmt: skip


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        page = file.read()
    rows = re.findall(r"^\| `([a-z.]+)` \| `([0-9a-f]+)` \|$", page, re.MULTILINE)
    given = {name: bytes.fromhex(text) for name, text in rows}
    deflated = given.pop("installed.a.deflated")
    made = document_vectors() | message_vectors() | secret_vectors(page, given)
    wrong = sorted(name for name in made.keys() | given.keys() if made.get(name) != given.get(name))
    if wrong or zlib.decompress(deflated) != made["installed.a"]:
        sys.exit(f"not as the page says: {', '.join(wrong) or 'installed.a.deflated'}")
    print(len(made) + 1)


if __name__ == "__main__":
    main()
