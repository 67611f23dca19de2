"""Frames over TLS 1.3, to a server known by its public key. docs/protocol.md: Transport, Frames."""

import hashlib
import socket
import ssl
import struct

import session_pb2
from cryptography import x509
from cryptography.hazmat.primitives import serialization

IN_SESSION = 16384
PIECE = 4096
TIMEOUT = 90


class Refused(Exception):
    """The server said Goodbye."""

    def __init__(self, goodbye):
        super().__init__(f"close reason {goodbye.reason}: {goodbye.text}")
        self.reason = goodbye.reason


def pin_of(certificate):
    """SHA-256 of the public key of a certificate (DER)."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).digest()


class Connection:
    """One connection; `transcript` keeps the names of the messages: '> hello', '< welcome'."""

    def __init__(self, server, pins, alpn, identity=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        # Names, dates and signers are not looked at: the pin says who it is.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols([alpn])
        if identity:
            context.load_cert_chain(identity.certificate_file, identity.key_file)
        plain = socket.create_connection(server, timeout=10)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain)
        self.transcript = []
        try:
            self._check(pins, alpn)
        except Exception:
            self.socket.close()
            raise
        self.socket.settimeout(TIMEOUT)

    def _check(self, pins, alpn):
        pin = pin_of(self.socket.getpeercert(binary_form=True))
        if pin not in pins:
            raise ConnectionError(f"the server's key is {pin.hex()}, which is not in the pin set")
        if self.socket.selected_alpn_protocol() != alpn:
            raise ConnectionError("this is not the agents' port of a Muster server")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, **body):
        frame = session_pb2.Frame(**body)
        self.transcript.append("> " + frame.WhichOneof("body"))
        data = frame.SerializeToString()
        data = struct.pack(">I", len(data)) + data
        for start in range(0, len(data), PIECE):
            self.socket.sendall(data[start : start + PIECE])

    def receive(self):
        """The next message and its name; answers pings, passes over what is not known."""
        while True:
            (length,) = struct.unpack(">I", self._read(4))
            if not 0 < length <= IN_SESSION:
                raise ConnectionError(f"a frame of {length} bytes")
            frame = session_pb2.Frame.FromString(self._read(length))
            name = frame.WhichOneof("body")
            self.transcript.append(f"< {name}")
            if name == "goodbye":
                raise Refused(frame.goodbye)
            if name == "ping":
                self.send(pong=session_pb2.Pong(id=frame.ping.id))
            elif name is not None and name != "pong":
                return name, getattr(frame, name)

    def expect(self, wanted):
        name, message = self.receive()
        if name != wanted:
            raise ConnectionError(f"{name} came, {wanted} was expected")
        return message

    def end(self):
        """Closes so that nothing said last is lost: says so, and waits for the other side's end."""
        self.socket.settimeout(10)
        try:
            self.socket.unwrap().close()
        except (OSError, ValueError):
            pass

    def _read(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise ConnectionError("the server closed the connection")
            data += piece
        return data
