import Testing

extension BadDays {
    /// The account itself: it finds what the other tests look for.
    struct AccountTests {
        private func event(_ sequence: Int, _ number: Int, at position: Int? = nil) -> EventAccount.Event {
            .init(
                position: position ?? sequence, sequence: sequence, count: 1, type: EventSource.type,
                text: EventSource.text(number))
        }

        private func raised(_ outcomes: EventSource.Outcome...) -> [EventSource.Raised] {
            outcomes.enumerated().map { .init(number: $0.offset + 1, outcome: $0.element) }
        }

        @Test func aRightAccountHasNoFaults() {
            let account = EventAccount(events: [event(1, 1), event(2, 2), event(3, 4)])
            let raised = raised(.stored(sequence: 1), .unknown, .unknown, .stored(sequence: 3), .refused("storageFull"))
            #expect(account.faults(against: raised).isEmpty)
        }

        @Test func everyFaultIsFound() {
            let two = raised(.stored(sequence: 1), .stored(sequence: 2))
            #expect(EventAccount(events: [event(1, 1)]).faults(against: two) == ["event 2 is lost"])
            #expect(EventAccount(events: [event(1, 1), event(2, 2), event(3, 2)]).faults(against: two).count == 2)
            #expect(EventAccount(events: [event(1, 2), event(2, 1)]).faults(against: two).count == 3)
            #expect(EventAccount(events: [event(1, 1), event(3, 2)]).faults(against: two).count == 2)
            #expect(EventAccount(events: [event(1, 1), event(2, 2, at: 1)]).faults(against: two).count == 1)
            #expect(EventAccount(events: [event(1, 1), event(2, 2), event(3, 3)]).faults(against: two).count == 1)
            #expect(EventAccount(events: [event(1, 1)]).faults(against: raised(.refused("storageFull"))).count == 1)
            #expect(EventAccount(events: [event(1, 1), event(2, 1)]).faults(against: raised(.unknown)).count == 2)
        }

        @Test func aNewEpochLeavesOutWhatIsStored() {
            let events = [event(1, 1), event(2, 2), event(2, 3, at: 3)]
            let raised = raised(.stored(sequence: 1), .stored(sequence: 2), .stored(sequence: 3))
            #expect(EventAccount(events: events).faults(against: raised, rolledBack: 1).isEmpty)
            #expect(EventAccount(events: events).faults(against: raised, rolledBack: 2).count == 1)
        }
    }
}
