import MusterLabKit
import Testing

/// The lab on paper.
struct PlanTests {
    @Test func takesEachNameOnceAndOnlyHostNames() {
        let plan = LabPlan([
            ("krk-pc-01", .home), ("krk-pc-01", .cafe), ("muster", .home), ("internet", .home), ("router-home", .home),
            ("-x", .home),
            ("a b", .home), ("$(x)", .home), ("", .home), (String(repeating: "a", count: 33), .home), ("b", .hotel),
        ])
        #expect(plan.devices.map(\.name) == ["krk-pc-01", "b"])
        #expect(plan.devices.map(\.place) == [.home, .hotel])
    }

    @Test func placesShareNoAddress() {
        let all = LabPlace.allCases.flatMap { [$0.outside, $0.address(1), $0.address(20)] }
        #expect(Set(all).count == all.count)
    }

    @Test func everyPlaceIsWired() {
        for place in LabPlace.allCases {
            let router = LabWiring.namespace(of: place)
            #expect(LabWiring.networks.contains("ip netns add \(router)\n"))
            #expect(LabWiring.networks.contains("ip -n \(router) address add \(place.outside)/24 dev outside\n"))
        }
    }

    @Test func everywhereHasADeviceInEachPlaceButTheHotel() {
        #expect(Set(LabPlan.everywhere.devices.map(\.place)) == Set(LabPlace.allCases).subtracting([.hotel]))
    }
}
