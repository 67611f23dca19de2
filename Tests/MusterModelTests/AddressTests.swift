import MusterModel
import Testing

@Suite("Addresses of servers and proxies")
struct AddressTests {
    @Test(
        "IPv6 by its form",
        arguments: [
            ("::", true), ("::1", true), ("fe80::1", true), ("2001:db8:0:0:0:0:0:1", true), ("::ffff:192.0.2.1", true),
            ("1:2:3:4:5:6:7:8", true), ("1:2:3:4:5:6:7::", true), ("", false), (":", false), (":::", false), ("1::2::3", false),
            ("1:2:3:4:5:6:7", false), ("1:2:3:4:5:6:7:8:9", false), ("12345::", false), ("g::", false), ("::1.2.3", false),
            ("1:2:3:4::5:6:7:8", false),
            ("1:2:3:4:5:6:7:8::", false), ("1.2.3.4::", false), ("1.2.3.4:5:6:7:8:9:10", false), ("192.0.2.1", false),
        ])
    func ipv6(_ text: String, _ isOne: Bool) {
        #expect(InternetAddress.isIPv6(text) == isOne)
    }

    @Test("IPv4 by its form", arguments: [("192.0.2.1", true), ("256.0.0.1", false), ("1.2.3", false), ("1.2.3.x", false)])
    func ipv4(_ text: String, _ isOne: Bool) {
        #expect(InternetAddress.isIPv4(text) == isOne)
    }

    @Test("a proxy keeps its credentials and does not show the password")
    func proxy() throws {
        let proxy = try #require(ProxyAddress("http://anna:p%40ss%3a@proxy.example.com:8080"))
        #expect(proxy.user == "anna" && proxy.password == "p@ss:" && proxy.address.port == 8080)
        #expect("\(proxy)" == "http://anna@proxy.example.com:8080")
        #expect(ProxyAddress(proxy.url) == proxy)
        #expect(ProxyAddress("http://proxy.example.com/")?.address.port == 3128)
        #expect(ProxyAddress("http://[2001:db8::1]:8080")?.address.host == "2001:db8::1")
        #expect(ProxyAddress("http://[2001:db8::1]")?.address.port == 3128)
        for text in ["", "proxy:3128", "https://proxy", "http://", "http://:pw@proxy", "http://a%0d%0a@proxy", "http://a%4@p"] {
            #expect(ProxyAddress(text) == nil, "\(text)")
        }
    }
}
