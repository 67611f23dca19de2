import Testing

@testable import MusterAgent

@Suite struct WhereaboutsTests {
    private let known = Whereabouts(addresses: ["192.0.2.7", "2001:db8::7"], asleep: .seconds(100))

    @Test func aNewAddressAndASleepAreNews() {
        func news(_ addresses: [String], asleep: Duration = .seconds(100)) -> Bool {
            Whereabouts(addresses: addresses, asleep: asleep).isNews(after: known)
        }
        #expect(!news(known.addresses))
        #expect(news(["198.51.100.7"]))
        #expect(news(known.addresses + ["198.51.100.7"]))
        #expect(!news(["192.0.2.7"]), "one that went away")
        #expect(!news([]), "all went away")
        #expect(news(known.addresses, asleep: .seconds(700)))
        #expect(!news(known.addresses, asleep: .seconds(101)))
    }

    @Test func thisDeviceStaysWhereItIs() {
        let here = Whereabouts.read()
        #expect(here.asleep >= .seconds(-1))
        #expect(!Whereabouts.read().isNews(after: here))
    }
}
