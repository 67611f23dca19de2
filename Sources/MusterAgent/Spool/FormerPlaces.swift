import MusterModel
import MusterWire

/// Where an event stood before roll-backs, the oldest first, as the spool's table keeps it: 16 bytes a place.
struct FormerPlaces: Hashable, Sendable {
    private(set) var places: [EventSequence]

    init(_ places: [EventSequence]) { self.places = places }

    /// Damaged bytes give the places before the damage: the worst that comes of it is an event stored twice.
    init(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        places = []
        while let epoch = reader.readInteger(UInt64.self), let number = reader.readInteger(UInt64.self) {
            places.append(EventSequence(epoch: epoch, number: number))
        }
    }

    /// Past the most that are kept the oldest goes: the server has had eight chances to store the event under it.
    func adding(_ place: EventSequence) -> FormerPlaces {
        FormerPlaces((places + [place]).suffix(NumberedEvent.maximumFormerPlaces))
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for place in places {
            bytes.append(bigEndian: place.epoch)
            bytes.append(bigEndian: place.number)
        }
        return bytes
    }
}
