import MusterModel
import Testing

@testable import MusterAgent

@Suite struct InstalledDifferenceTests {
    private func events(_ old: [InstalledApplication], _ new: [InstalledApplication]) -> [DeviceEvent] {
        InstalledDifference(from: old, to: new).events(at: noon)
    }

    @Test func installed() {
        #expect(
            events([], [application("hello", "2.10-3")]) == [
                DeviceEvent(
                    type: EventType.applicationInstalled, severity: .info, occurred: noon,
                    parameters: [
                        "source": .text("dpkg"), "name": .text("hello"), "version": .text("2.10-3"),
                        "architecture": .text("amd64"),
                    ], text: "hello 2.10-3 (amd64) was installed")
            ])
    }

    @Test func updatedUpOrDown() {
        for (old, new) in [("1", "2"), ("2", "1")] {
            let event = events([application("hello", old)], [application("hello", new)]).first
            #expect(event?.type == EventType.applicationUpdated)
            #expect(event?.parameters["version"] == .text(new))
            #expect(event?.parameters["previousVersion"] == .text(old))
            #expect(event?.text == "hello \(new) (amd64) was updated from \(old)")
        }
    }

    @Test func removedWithoutArchitecture() {
        let event = events([application("six", "1.16", "", source: "python")], []).first
        #expect(event?.type == EventType.applicationRemoved)
        #expect(event?.text == "six 1.16 was removed")
    }

    @Test func sizeAloneIsNoEvent() {
        #expect(InstalledDifference(from: [application("hello")], to: [application("hello", size: 1)]).isEmpty)
    }

    @Test func sameNameOfAnotherSourceIsAnotherApplication() {
        let texts = events([application("six", "1", "all")], [application("six", "1", "", source: "python")]).map(\.type)
        #expect(Set(texts) == [EventType.applicationInstalled, EventType.applicationRemoved])
    }

    @Test func changeBetweenAllAndAnArchitectureIsAnUpdate() {
        #expect(events([application("a", "1", "all")], [application("a", "2")]).map(\.text) == ["a 2 (amd64) was updated from 1"])
        #expect(events([application("a", "1")], [application("a", "2", "all")]).map(\.text) == ["a 2 (all) was updated from 1"])
        #expect(events([application("a", "1")], [application("a", "1", "i386")]).count == 2)
    }

    @Test func atTheLimitEveryChangeHasItsEvent() {
        let new = (0..<InstalledDifference.maximumSingleEvents).map { application("p\($0)") }
        #expect(events([], new).count == 200)
        #expect(events([], new).allSatisfy { $0.parameters["count"] == nil })
    }

    @Test func pastTheLimitTheRestIsCounted() {
        let old = (0..<150).map { application("a\($0)") } + [application("z")]
        let new = (0..<150).map { application("a\($0)", "2") } + (0..<60).map { application("b\($0)") }
        let events = events(old, new)
        #expect(events.count == 202)
        #expect(events.suffix(2).map(\.type) == [EventType.applicationInstalled, EventType.applicationRemoved])
        #expect(events.suffix(2).map { $0.parameters["count"] } == [.integer(10), .integer(1)])
        #expect(events.suffix(2).map(\.text) == ["10 more applications were installed", "1 more application was removed"])
    }

    @Test func everyEventFitsTheSpool() throws {
        let absurd = String(repeating: "ü", count: 5000)
        for event in events([], [application(absurd, absurd, absurd)]) { _ = try event.fitted() }
    }
}
