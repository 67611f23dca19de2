import MusterModel
import Testing

@testable import MusterAgent

@Suite("Connection settings on trial")
struct ConnectionTrialTests {
    private let start = ContinuousClock.now
    private let settings = ConnectionSettings(servers: [ServerAddress("muster.example.com:13000")].compactMap { $0 })

    @Test("three failures, and the old ones stay")
    func failures() throws {
        var trial = ConnectionTrial(try #require(settings), now: start)
        #expect(trial.failed(now: start) == .again(after: .seconds(5)))
        #expect(trial.failed(now: start + .seconds(6)) == .again(after: .seconds(20)))
        #expect(trial.failed(now: start + .seconds(30)) == .giveUp && trial.failures == 3)
    }

    @Test("ten minutes, and the old ones stay")
    func time() throws {
        var trial = ConnectionTrial(try #require(settings), now: start)
        #expect(trial.failed(now: start + .minutes(10)) == .giveUp)
    }

    @Test("as one text and back")
    func text() throws {
        let plain = try #require(settings)
        #expect(plain.text == "muster.example.com:13000" && ConnectionSettings(text: plain.text) == plain)
        let proxied = try #require(
            ConnectionSettings(
                servers: plain.servers + [ServerAddress("[2001:db8::1]:14000")].compactMap { $0 },
                proxy: ProxyAddress("http://anna:p%20w@proxy:8080")))
        #expect(ConnectionSettings(text: proxied.text) == proxied)
        for text in ["", "\n", "a:b:c", "muster:13000\nproxy"] { #expect(ConnectionSettings(text: text) == nil, "\(text)") }
    }
}
