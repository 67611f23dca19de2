import MusterAPI
import MusterModel
import MusterServer
import Testing

struct AddressAdviceTests {
    private func codes(_ text: String, _ resolution: NameResolution = .failed) throws -> [String] {
        AddressAdvice.warnings(of: try #require(ServerAddress(text)), resolution).map(\.code)
    }

    @Test func namesAndAddresses() throws {
        #expect(try codes("muster.example.com", .addresses(["203.0.113.9"])) == [])
        #expect(try codes("muster.example.com", .addresses(["10.0.0.9", "203.0.113.9"])) == [])
        #expect(try codes("muster.example.com", .addresses(["10.0.0.9", "fd00::1"])) == ["privateAddress"])
        #expect(try codes("muster.example.com:443", .failed) == ["unresolved"])
        #expect(try codes("203.0.113.9") == ["addressNotName"])
        #expect(try codes("192.168.1.1:13000") == ["privateAddress", "addressNotName"])
        #expect(try codes("[2001:db8::1]") == ["addressNotName"])
        #expect(try codes("[fe80::1]:13000") == ["privateAddress", "addressNotName"])
    }

    @Test func privateAddresses() {
        for address in [
            "10.1.2.3", "127.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.1.1", "100.64.0.1", "::1", "fd12::1",
            "FE80::1",
        ] {
            #expect(AddressAdvice.isPrivate(address), "\(address)")
        }
        for address in ["8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "192.169.0.1", "2001:db8::1"] {
            #expect(!AddressAdvice.isPrivate(address), "\(address)")
        }
    }
}
