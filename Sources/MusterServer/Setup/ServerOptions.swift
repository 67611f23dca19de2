import Foundation
import MusterModel
import MusterTrust

/// Where the server listens and how much it takes: from a JSON file of settings by name (docs/settings.md), then from the command line.
package struct ServerOptions: Hashable, Sendable {
    package var listen = "0.0.0.0"
    package var agentPort = 13000
    package var udpPort = 13000
    package var httpsPort = 13299
    package var limits = GatewayLimits()
    package var retention = RetentionPolicy()
    /// The names and addresses this server is reached by, for its certificate of the API; none: those that `init` was given.
    package var externalAddresses: [String] = []
    package var agentBase = PackageSources.standardAgentBase

    package init() {}

    private struct Setting {
        let allowed: String
        let apply: (inout ServerOptions, SettingValue) -> Bool
    }

    /// - Throws: `badSetting` naming the setting, its value and what is allowed.
    package mutating func read(file: String) throws(ServerError) {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ServerError(.badSetting, "--config \(file) cannot be read")
        }
        guard let values = try? JSONDecoder().decode([String: SettingValue].self, from: data) else {
            throw ServerError(.badSetting, "--config \(file) is not a JSON object of settings")
        }
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let setting = Self.settings[name] else {
                let known = Self.settings.keys.sorted().joined(separator: ", ")
                throw ServerError(.badSetting, "\(file): the setting '\(name)' is not known; known are \(known)")
            }
            guard setting.apply(&self, value) else {
                throw ServerError(.badSetting, "\(file): '\(name)' is \(value); \(setting.allowed) is allowed")
            }
        }
    }

    /// - Throws: `badSetting` for a port that is none.
    package func check() throws(ServerError) {
        for (name, port) in [("agent-port", agentPort), ("udp-port", udpPort), ("https-port", httpsPort)]
        where !(0...65_535).contains(port) {
            throw ServerError(.badSetting, "\(name) is \(port); 0 to 65535 is allowed (0 picks a free one)")
        }
    }

    private static var settings: [String: Setting] {
        [
            "listen": text(\.listen, "an address"),
            "external-addresses": names(\.externalAddresses),
            "packages.agent-base": text(\.agentBase, "a path"),
            "agent-port": number(\.agentPort, 0...65_535),
            "udp-port": number(\.udpPort, 0...65_535),
            "https-port": number(\.httpsPort, 0...65_535),
            "connection-limit": number(\.limits.connections, 1...1_000_000),
            "backlog": number(\.limits.backlog, 1...65_535),
            "handshakes-at-once": number(\.limits.handshakes, 0...65_535),
            "accept-rate": rate(\.limits.acceptRate),
            "accept-burst": rate(\.limits.acceptBurst),
            "enrolment-rate": rate(\.limits.enrolmentRate),
            "source-rate": rate(\.limits.sourceRate),
            "bad-token-rate": rate(\.limits.badTokenRate),
            "bad-token-burst": rate(\.limits.badTokenBurst),
            "connection-request-rate": rate(\.limits.connectionRequestRate),
            "handshake-timeout": duration(\.limits.handshakeTimeout),
            "first-frame-timeout": duration(\.limits.firstFrameTimeout),
            "idle-timeout": duration(\.limits.idleTimeout),
            "ping-interval": duration(\.limits.pingInterval),
            "event-age": duration(\.retention.age, .hours(1) ... .days(3650)),
            "event-limit": number(\.retention.events, 1000...1_000_000_000),
            "connection-history-age": duration(\.retention.connectionAge, .hours(1) ... .days(3650)),
            "connection-history-limit": number(\.retention.connections, 10...10_000),
        ]
    }

    private static func text(_ path: WritableKeyPath<ServerOptions, String>, _ allowed: String) -> Setting {
        Setting(allowed: allowed) { options, value in
            guard let value = value.text, !value.isEmpty else { return false }
            options[keyPath: path] = value
            return true
        }
    }

    private static func names(_ path: WritableKeyPath<ServerOptions, [String]>) -> Setting {
        Setting(allowed: "host names or addresses with commas between, 16 at most,") { options, value in
            guard let text = value.text else { return false }
            let names = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            guard ServerCertificate.accepts(names) else { return false }
            options[keyPath: path] = names
            return true
        }
    }

    private static func number(_ path: WritableKeyPath<ServerOptions, Int>, _ allowed: ClosedRange<Int>) -> Setting {
        Setting(allowed: "a whole number from \(allowed.lowerBound) to \(allowed.upperBound)") { options, value in
            guard let value = value.integer, allowed.contains(value) else { return false }
            options[keyPath: path] = value
            return true
        }
    }

    private static func rate(_ path: WritableKeyPath<ServerOptions, Double>) -> Setting {
        Setting(allowed: "a number from 1 to 1000000") { options, value in
            guard let value = value.number, (1...1_000_000).contains(value) else { return false }
            options[keyPath: path] = value
            return true
        }
    }

    private static func duration(
        _ path: WritableKeyPath<ServerOptions, Duration>, _ allowed: ClosedRange<Duration> = .seconds(1) ... .hours(1)
    ) -> Setting {
        Setting(allowed: "a duration from \(allowed.lowerBound.text) to \(allowed.upperBound.text)") { options, value in
            guard let value = value.text.flatMap(Duration.init(text:)), allowed.contains(value)
            else { return false }
            options[keyPath: path] = value
            return true
        }
    }
}
