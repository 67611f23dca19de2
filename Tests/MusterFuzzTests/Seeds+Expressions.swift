extension Seeds {
    /// Every field and operator, quotes with escapes, nesting, and the ways to be refused.
    static func expressions() -> [String: [UInt8]] {
        [
            "precedence": "not tag = web and (status != ok or since-connection > 3d) or name ~ pc?",
            "texts": #"name = "a \"b\" \\ c" or host-name ~ *.example.com and os != Debian"#,
            "versions": "agent-version >= 1.2.0~rc1 and agent-version < 2 or agent-version = 1:1.0-1",
            "addresses": "address = 10.0.0.0/8 or address = 2001:db8::/32 or address ~ 10.* or address != ::ffff:10.1.2.3",
            "groups": #"group under /Warsaw and group != "/Warsaw/Front office" or group = unassigned or group = /"#,
            "choices": "state = never-connected or permanent = yes and permanent != off or status = critical",
            "durations": "since-enrolment <= 1h30m and since-synchronization >= 90s or since-connection < 100d",
            "inventory": #"installed openssl < 3.0.17-1~deb12u2 and not installed "python3" or installed-count > 3000"#,
            "nested": "not(not((((tag=a)))))",
            "not-closed": "(name = a or (tag = \"b",
            "unknown-field": "statsu = ok",
        ].mapValues { Array($0.utf8) }
    }
}
