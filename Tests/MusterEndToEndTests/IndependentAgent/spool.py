"""Numbered events. docs/protocol.md: Events. In memory: this agent lives for one test."""

import secrets

import session_pb2

BATCH_BYTES = 12288
BATCH_EVENTS = 200
BATCHES = 32
FORMER_PLACES = 8


def random_bits():
    """64 random bits, not 0."""
    return secrets.randbelow(2**64 - 1) + 1


class Spool:
    def __init__(self):
        self.epoch = random_bits()
        self.next = 1
        self.events = {}
        self.deleted_stamp = 0

    def append(self, event):
        if event.stamp == 0:
            event.stamp = random_bits()
        self.events[self.next] = event
        self.next += 1

    def position(self):
        return session_pb2.EventPosition(epoch=self.epoch, first_held=self.first_held, next=self.next)

    @property
    def first_held(self):
        return min(self.events, default=self.next)

    def acknowledge(self, last):
        for number in [number for number in self.events if number <= last]:
            self.deleted_stamp = self.events.pop(number).stamp

    def is_ours(self, last, stamp):
        """Whether the server's last event is the one that got its number here; else this device was put back."""
        if last >= self.next:
            return False
        if last in self.events:
            known = self.events[last].stamp
        else:
            known = self.deleted_stamp if last == self.first_held - 1 else 0
        return 0 in (stamp, known) or stamp == known

    def begin_epoch(self, saying):
        """This device was put back: a new epoch, numbers from 1; each event keeps its stamp and names the places it had."""
        old, held = self.epoch, sorted(self.events.items())
        self.epoch, self.events, self.next, self.deleted_stamp = random_bits(), {}, 1, 0
        for number, event in held:
            event.formerly.add(epoch=old, number=number)
            del event.formerly[:-FORMER_PLACES]
            self.append(event)
        self.append(saying)

    def batches(self, after, offset):
        """What is held after a number, in batches within the limits."""
        batch, size = None, 0
        for number, event in sorted(self.events.items()):
            if number <= after:
                continue
            length = len(event.SerializeToString())
            if batch is None or size + length > BATCH_BYTES or len(batch.events) == BATCH_EVENTS:
                if batch is not None:
                    yield batch, size
                batch = session_pb2.EventBatch(epoch=self.epoch, first=number, clock_offset=offset)
                size = 0
            batch.events.append(event)
            size += length
        if batch is not None:
            yield batch, size
