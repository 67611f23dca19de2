"""A device and its sessions. docs/protocol.md: A session."""

import secrets
import time

import documents
import session_pb2
from spool import BATCHES, Spool, random_bits
from wire import Connection

KNOWN = [documents.SYSTEM, documents.INSTALLED, documents.HARDWARE, documents.AGENT]


def now():
    return int(time.time() * 1000)


def event(kind, severity, text, **parameters):
    made = session_pb2.Event(type=kind, severity=severity, occurred=now(), text=text)
    for name, value in parameters.items():
        made.parameters[name].text = value
    return made


class Agent:
    def __init__(self, server, identity):
        self.server, self.identity = server, identity
        self.spool = Spool()
        self.run_id = random_bits()
        self.session = 0
        self.reported, self.acknowledged, self.held = {}, {}, {}
        self.common = set(KNOWN)

    def raise_event(self, kind, severity, text, **parameters):
        self.spool.append(event(kind, severity, text, **parameters))

    def digests(self):
        def shared(bodies):
            return {number: data for number, data in bodies.items() if number in self.common}

        return session_pb2.DocumentDigests(
            reported=documents.digests(shared(self.reported)), held=documents.digests(shared(self.held))
        )

    def hello(self, reason):
        shared = self.common
        hello = session_pb2.Hello(
            version=1,
            agent_version="independent 1",
            features=session_pb2.Features(documents=KNOWN),
            run_id=self.run_id,
            boot_id=secrets.token_bytes(16),
            reason=reason,
            reported_root=documents.root({n: d for n, d in self.reported.items() if n in shared}),
            held_root=documents.root({n: d for n, d in self.held.items() if n in shared}),
            events=self.spool.position(),
            session=self.session,
            time=now(),
        )
        if self.reported != self.acknowledged:
            hello.digests.CopyFrom(self.digests())
        return hello

    def synchronize(self, reason):
        with Connection(self.server, self.identity.pins, "muster/1", self.identity) as connection:
            synchronization = Synchronization(self, connection)
            synchronization.run(reason)
            connection.end()
            return synchronization.report

    def take_settings(self, number, data):
        """The pins in `agent` replace those held, when there is one."""
        if number != documents.AGENT:
            return
        pins = [bytes.fromhex(name[4:]) for name in documents.read_facts(data) if name.startswith("pin/")]
        if pins:
            self.identity.pins = pins


class Synchronization:
    """One session, from Hello to Done."""

    def __init__(self, agent, connection):
        self.agent, self.connection = agent, connection
        self.waiting = {}  # reported documents sent, without a result: number -> (body, whole)
        self.coming = set()
        self.head, self.payload = None, b""
        self.unacknowledged = []  # (last, bytes)
        self.report = {"transcript": connection.transcript, "sent": {}, "held": [], "rolledBack": False}

    def run(self, reason):
        agent, sent_at = self.agent, now()
        self.connection.send(hello=agent.hello(reason))
        welcome = self.connection.expect("welcome")
        self.offset = welcome.time - (sent_at + now()) // 2
        agent.session = welcome.session
        agent.common = set(KNOWN) & set(welcome.features.documents)
        self.credit = welcome.event_credit
        self.report.update(session=welcome.session, next=welcome.next_synchronization, eventsStored=welcome.events_stored)
        self.learn_position(welcome)
        plan = welcome.plan
        if welcome.want_digests:
            self.connection.send(digests=agent.digests())
            plan = self.connection.expect("plan")
        self.follow(plan)
        self.send_events()
        while self.waiting or self.coming or self.unacknowledged:
            name, message = self.connection.receive()
            getattr(self, "on_" + name)(message)
        self.connection.send(done=session_pb2.Done())

    def learn_position(self, welcome):
        spool, last = self.agent.spool, welcome.events_stored
        if spool.is_ours(last, welcome.stored_stamp):
            spool.acknowledge(last)
            self.sent_through = last
            return
        parameters = {"previousEpoch": str(spool.epoch), "last": str(last), "next": str(spool.next)}
        spool.begin_epoch(event("device-rolled-back", 2, "this device was put back to an earlier copy", **parameters))
        self.report["rolledBack"] = True
        self.sent_through = 0

    def follow(self, plan):
        self.coming = set(plan.coming)
        wanted = {entry.document: entry.digest for entry in plan.wanted}
        for number, data in self.agent.reported.items():
            if number not in wanted and number in self.agent.common:
                self.agent.acknowledged[number] = data
        for number, basis in wanted.items():
            known = self.agent.acknowledged.get(number)
            self.send_document(number, known if known is not None and documents.digest(known) == basis else None)

    def send_document(self, number, basis):
        data = self.agent.reported[number]
        head, chunks = documents.transfer(number, data, basis)
        self.report["sent"].setdefault(str(number), []).append("patch" if head.basis else "whole")
        self.waiting[number] = (data, not head.basis)
        self.connection.send(document=head)
        for chunk in chunks:
            self.connection.send(chunk=chunk)

    def send_events(self):
        for batch, size in list(self.agent.spool.batches(self.sent_through, self.offset)):
            under_way = sum(size for _, size in self.unacknowledged)
            if self.unacknowledged and (under_way + size > self.credit or len(self.unacknowledged) == BATCHES):
                return
            self.connection.send(events=batch)
            self.sent_through = batch.first + len(batch.events) - 1
            self.unacknowledged.append((self.sent_through, size))

    def on_events_stored(self, stored):
        if stored.epoch != self.agent.spool.epoch:
            return
        self.agent.spool.acknowledge(stored.last)
        self.unacknowledged = [(last, size) for last, size in self.unacknowledged if last > stored.last]
        self.send_events()

    def on_result(self, result):
        data, whole = self.waiting.pop(result.document)
        if result.status == session_pb2.DOCUMENT_STATUS_STORED:
            self.agent.acknowledged[result.document] = data
        elif not whole and result.status in (
            session_pb2.DOCUMENT_STATUS_BASIS_UNKNOWN,
            session_pb2.DOCUMENT_STATUS_DIGEST_MISMATCH,
        ):
            self.send_document(result.document, None)

    def on_document(self, head):
        self.head, self.payload = head, b""
        self.hold_if_complete()

    def on_chunk(self, chunk):
        self.payload += chunk.data
        self.hold_if_complete()

    def hold_if_complete(self):
        head = self.head
        if len(self.payload) < head.size:
            return
        data = documents.assembled(head, self.payload)
        self.agent.held[head.document] = data
        self.agent.take_settings(head.document, data)
        self.coming.discard(head.document)
        self.report["held"].append(head.document)
        result = session_pb2.DocumentResult(
            document=head.document, digest=head.digest, status=session_pb2.DOCUMENT_STATUS_STORED
        )
        self.connection.send(result=result)
