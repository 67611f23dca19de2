import Testing

@testable import MusterModel

@Suite("The fields of expressions")
struct ExpressionFieldTests {
    @Test(
        "of the office's device these hold, and what they are the opposite of does not",
        arguments: [
            // Text, whatever the case of ASCII letters.
            "name = pc1", "name != pc2", "name ~ p*", "name ~ ?C1", "name != PC", "host-name = PC1.EXAMPLE.com",
            "host-name != pc1", "host-name ~ *.example.*", "os ~ debian*12*", #"os = "debian gnu/linux 12 (BOOKWORM)""#,
            "os != Debian", #"os ~ "*(bookworm)""#,
            // Versions, in their order.
            "agent-version = 1.2.0", "agent-version = 1.2.0-0", "agent-version != 1.2", "agent-version < 1.10",
            "agent-version <= 1.2.0", "agent-version > 1.2.0~rc1", "agent-version >= 1.2.0", "agent-version ~ 1.*",
            // Any address; none for !=.
            "address = 10.1.2.3", "address = 10.0.0.0/8", "address = 10.99.0.0/8", "address = 2001:DB8:1:0::5",
            "address = 2001:db8::/32", "address = 0.0.0.0/0", "address != 10.1.2.4", "address != 10.2.0.0/16", "address ~ 10.1.*",
            "address ~ *::5", "address = ::ffff:10.1.2.3",
            // A set.
            "tag = web", "tag = WEB", "tag = warsaw-2", "tag != we", "tag ~ w?b", "tag ~ *-2",
            // Groups, exactly.
            "group = /Warsaw/Office", "group != /Warsaw", "group != /warsaw/office", "group != /", "group != unassigned",
            "group under /Warsaw/Office", "group under /Warsaw", "group under /", #"group = "/Warsaw/Office""#,
            // Choices.
            "status = warning", "status != ok", "state = on-schedule", "state != overdue", "permanent = yes", "permanent = on",
            "permanent = true", "permanent != no", "permanent != off", "permanent != false", #"status = "warning""#,
            // Durations: 2 hours, 3 days, 100 days.
            "since-connection < 3h", "since-connection <= 2h", "since-connection > 1h59m", "since-connection >= 120m",
            "since-synchronization > 2d", "since-synchronization <= 3d", "since-enrolment > 99d", "since-enrolment < 101d",
            "since-enrolment >= 100d",
            // A number.
            "installed-count = 1500", "installed-count != 15", "installed-count < 1501", "installed-count <= 1500",
            "installed-count > 999", "installed-count >= 1500",
            // The inventory, as the evaluator found it.
            "installed openssl", "installed openssl < 3.0.17-1~deb12u2", #"installed "openssl" < "3.0.17-1~deb12u2""#,
            "installed libstdc++6>=12",
        ])
    func holds(_ text: String) throws {
        #expect(try DeviceFacts.office.matches(text))
        #expect(try !DeviceFacts.office.matches("not \(text)"))
    }

    @Test(
        "of the office's device these do not hold",
        arguments: [
            "name = pc", "name != PC1", "name ~ pc", "name ~ pc?*?", "host-name ~ *.org", "os = Debian",
            "agent-version < 1.2.0", "agent-version > 1.2.0", "agent-version >= 1.10", "agent-version <= 1.2",
            "agent-version != 1.2.0",
            "address = 10.1.2.30", "address = 11.0.0.0/8", "address = 2001:db8:2::/48", "address != 10.0.0.0/8",
            "address != 2001:db8:1::5", "address = ::/0 and address = 1.0.0.0/8", "tag = warsaw", "tag != web", "tag ~ web?",
            "group = /Warsaw", "group = /warsaw/office", "group = unassigned", "group = /", "group under /Warsaw/Office/Floor",
            "group under /War", "group under /warsaw", "status = ok", "status = critical", "status != warning",
            "state = connected", "permanent = no", "permanent = off", "permanent != true", "since-connection > 2h",
            "since-connection < 2h", "since-synchronization < 3d", "since-enrolment >= 101d", "installed-count = 0",
            "installed-count > 1500", "installed OpenSSL", "installed openssl < 3", "installed openssl <= 3.0.17-1~deb12u2",
        ])
    func holdsNot(_ text: String) throws {
        #expect(try !DeviceFacts.office.matches(text))
        #expect(try DeviceFacts.office.matches("not (\(text))"))
    }

    @Test(
        "of a device of which nothing is known yet these hold",
        arguments: [
            #"host-name = """#, #"os = """#, "os != Debian", "os ~ *", "not os ~ ?*", #"agent-version = """#,
            "agent-version != 1",
            "not agent-version = 0", "not agent-version < 9", "not agent-version <= 9", "not agent-version > 0",
            "not agent-version >= 0", "address != 0.0.0.0/0", "not address ~ *", "tag != web", "not tag ~ *",
            "group = unassigned",
            "group != /", "not group under /", "status = ok", "state = never-connected", "permanent = no",
            "since-connection > 36525d", "since-connection >= 36525d", "not since-connection < 36525d",
            "not since-synchronization <= 36525d", "since-enrolment > 0s", "installed-count = 0", "not installed openssl",
        ])
    func unknown(_ text: String) throws {
        #expect(try DeviceFacts.unknown.matches(text))
    }

    @Test("a version of the empty text equals no known one")
    func emptyVersion() throws {
        for text in [#"agent-version = """#, #"agent-version >= """#, #"agent-version < """#] {
            #expect(try !DeviceFacts.office.matches(text), "\(text)")
        }
        #expect(try !DeviceFacts.unknown.matches(#"agent-version >= """#))
    }

    @Test("what a clock put back makes lie ahead was just now")
    func ahead() throws {
        var facts = DeviceFacts.office
        facts.lastConnection = facts.now + .hours(1)
        #expect(try facts.matches("since-connection <= 0s and not since-connection < 0s"))
        facts.lastConnection = Timestamp(milliseconds: .max)
        #expect(try facts.matches("since-connection <= 0s"))
        facts.lastConnection = Timestamp(milliseconds: .min)
        #expect(try facts.matches("since-connection > 36525d"))
    }

    @Test("an address that is none is like nothing but a pattern")
    func strangeAddress() throws {
        var facts = DeviceFacts.unknown
        facts.addresses = ["", "%", "10.1.2", "fe80::1%eth0"]
        #expect(try facts.matches("address ~ 10.1.2 and address != 0.0.0.0/0 and address = fe80::/10"))
    }

    @Test("every choice is taken, by its code")
    func choices() throws {
        for state in ConnectionState.allCases {
            var facts = DeviceFacts.office
            facts.state = state
            #expect(try facts.matches("state = \(state.code)"))
        }
        for status in DeviceStatusLevel.allCases {
            var facts = DeviceFacts.office
            facts.status = status
            #expect(try facts.matches("status = \(status.code)"))
        }
        #expect(DeviceStatusLevel.allCases.sorted() == [.revoked, .ok, .warning, .critical])
        #expect(DeviceStatusLevel(code: "critical") == .critical && DeviceStatusLevel(code: "bad") == nil)
    }
}
