"""The device's key and certificate, and how it gets them. docs/protocol.md: Enrolment."""

import base64
import os
import uuid

import session_pb2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from wire import Connection


class Identity:
    """Files in a directory: the key is there before anything is asked for."""

    def __init__(self, directory):
        self.key_file = os.path.join(directory, "device.key")
        self.certificate_file = os.path.join(directory, "device.crt")
        self.device = None
        self.pins = []
        if not os.path.exists(self.key_file):
            pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            self._write(self.key_file, pem)

    def request(self):
        """A certificate request (DER) with an empty subject."""
        with open(self.key_file, "rb") as file:
            key = serialization.load_pem_private_key(file.read(), password=None)
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def adopt(self, enrolled):
        if len(enrolled.device) != 16 or not enrolled.certificate or not enrolled.pins:
            raise ValueError("the server's answer lacks something")
        certificate = x509.load_der_x509_certificate(enrolled.certificate)
        self._write(self.certificate_file, certificate.public_bytes(serialization.Encoding.PEM))
        self.device = str(uuid.UUID(bytes=enrolled.device))
        self.pins = list(enrolled.pins)

    @staticmethod
    def _write(path, data):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def token_parts(text):
    """Id and secret of a token as bytes."""
    identifier, secret = text.strip().split(".")
    return uuid.UUID(identifier).bytes, base64.urlsafe_b64decode(secret + "=")


def enrol(identity, server, pins, token, host_name):
    token_id, secret = token_parts(token)
    with Connection(server, pins, "muster-enrol/1") as connection:
        connection.send(
            enrolment=session_pb2.EnrolmentRequest(
                version=1,
                token_id=token_id,
                token_secret=secret,
                certificate_request=identity.request(),
                agent_version="independent 1",
                host_name=host_name,
            )
        )
        identity.adopt(connection.expect("enrolled"))
        connection.end()
