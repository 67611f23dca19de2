package import MusterWire

/// What a device holds of its events: the spool's epoch, the first number not yet acknowledged, the number the next event will get.
package struct EventPosition: Hashable, Sendable {
    package var epoch: UInt64
    /// Equal to `next` when nothing is held.
    package var firstHeld: UInt64
    package var next: UInt64

    package init(epoch: UInt64, firstHeld: UInt64, next: UInt64) {
        self.epoch = epoch
        self.firstHeld = firstHeld
        self.next = next
    }

    package init(_ message: Muster_V1_EventPosition) {
        self.init(epoch: message.epoch, firstHeld: message.firstHeld, next: message.next)
    }

    package var message: Muster_V1_EventPosition {
        var message = Muster_V1_EventPosition()
        message.epoch = epoch
        message.firstHeld = firstHeld
        message.next = next
        return message
    }

    /// Numbers start at 1, the first held is not past the next, and epoch 0 is that of the server's own events.
    package var isValid: Bool { epoch != 0 && firstHeld >= 1 && firstHeld <= next && next < 1 << 63 }
}

/// What the server makes of a device's position, given the last number it stored of that epoch.
///
/// Whether the device was put back to an earlier copy is the device's to see, by the stamp of that last event: `EventStream`.
package enum EventPositionVerdict: Hashable, Sendable {
    /// Goes on after `last`.
    case goesOn(last: UInt64)
    /// Numbers `first` to `last` were acknowledged once and are not stored here (any more): the server was put back, or the device
    /// comes with a spool this server never saw the beginning of.
    case lostAtServer(first: UInt64, last: UInt64)

    /// - Parameter stored: 0 when nothing of the device's epoch was ever stored.
    package init(device: EventPosition, stored: UInt64) {
        let isHole = device.firstHeld > stored && device.firstHeld - stored > 1
        self = isHole ? .lostAtServer(first: stored + 1, last: device.firstHeld - 1) : .goesOn(last: stored)
    }
}
