"""Documents, digests, patches, and how they travel. docs/protocol.md: Documents."""

import hashlib
import struct
import zlib

import documents_pb2
import session_pb2

SYSTEM, INSTALLED, HARDWARE, AGENT = 1, 2, 3, 32
CHUNK = 8192
DEFLATE_ABOVE = 1024
MAXIMUM = 16 * 1024 * 1024


def counted(data):
    return struct.pack(">I", len(data)) + data


def body(items):
    """The bytes of a document; items is a dictionary of bytes."""
    return b"".join(counted(key) + counted(value) for key, value in sorted(items.items()))


def read(data):
    """The items of a document."""
    items, position = {}, 0

    def take():
        nonlocal position
        (length,) = struct.unpack_from(">I", data, position)
        piece = data[position + 4 : position + 4 + length]
        if len(piece) != length:
            raise ValueError("an item ends past the end")
        position += 4 + length
        return piece

    previous = None
    while position < len(data):
        key = take()
        if previous is not None and key <= previous:
            raise ValueError("keys do not rise")
        items[key] = take()
        previous = key
    return items


def digest(data):
    return hashlib.sha256(b"\x01" + data).digest()[:16]


def root(bodies):
    """bodies: number -> bytes."""
    parts = (struct.pack(">I", number) + digest(data) for number, data in sorted(bodies.items()))
    return hashlib.sha256(b"\x01" + b"".join(parts)).digest()[:16]


def digests(bodies):
    return [session_pb2.DocumentDigest(document=number, digest=digest(data)) for number, data in sorted(bodies.items())]


def patch(old, new):
    """The bytes that make `new` of `old`, both bodies."""
    before, after = read(old), read(new)
    changes = b""
    for key in sorted(before.keys() | after.keys()):
        if key not in after:
            changes += b"\x00" + counted(key)
        elif before.get(key) != after[key]:
            changes += b"\x01" + counted(key) + counted(after[key])
    return changes




def fact_body(values):
    def value(one):
        fact = documents_pb2.Fact(integer=one) if isinstance(one, int) else documents_pb2.Fact(text=one)
        return fact.SerializeToString()

    return body({name.encode(): value(one) for name, one in values.items()})


def read_facts(data):
    result = {}
    for key, value in read(data).items():
        fact = documents_pb2.Fact.FromString(value)
        kind = fact.WhichOneof("kind")
        if kind:
            result[key.decode()] = getattr(fact, kind)
    return result


def installed(applications):
    """applications: (source, name, version, architecture, size)."""
    items = {}
    for source, name, version, architecture, size in applications:
        key = b"\x00".join(part.encode() for part in (source, name, architecture))
        items[key] = documents_pb2.InstalledItem(version=version, size=size).SerializeToString()
    return body(items)


def transfer(number, data, basis=None):
    """Head and chunks: as a patch against the body `basis` when that is shorter."""
    head = session_pb2.DocumentHead(document=number, digest=digest(data))
    payload = data
    if basis is not None:
        changes = patch(basis, data)
        if len(changes) < len(payload):
            payload, head.basis = changes, digest(basis)
    head.inflated_size = len(payload)
    if len(payload) > DEFLATE_ABOVE and len(zlib.compress(payload)) < len(payload):
        payload, head.encoding = zlib.compress(payload), session_pb2.ENCODING_DEFLATE
    head.size = len(payload)
    chunks = [session_pb2.DocumentChunk(data=payload[at : at + CHUNK]) for at in range(0, len(payload), CHUNK)]
    return head, chunks


def assembled(head, payload):
    """The body of a whole document that came."""
    if max(head.size, head.inflated_size) > MAXIMUM or head.basis:
        raise ValueError("too large, or a patch that was not expected")
    if head.encoding == session_pb2.ENCODING_DEFLATE:
        inflater = zlib.decompressobj()
        payload = inflater.decompress(payload, head.inflated_size + 1)
    if len(payload) != head.inflated_size or digest(payload) != head.digest:
        raise ValueError("not what its head says")
    read(payload)
    return payload
