import MusterModel

/// The bytes are the text of an expression, as a person or a program would write it.
enum ExpressionProperties {
    static func check(_ bytes: [UInt8]) throws(PropertyViolation) {
        let text = String(decoding: bytes, as: UTF8.self)
        switch read(text) {
        case .success(let expression): try checkMeaning(of: expression, text)
        case .failure(let refusal): try checkRefusal(refusal, text)
        }
        try checkQuotation(text)
    }

    private static func read(_ text: String) -> Result<DeviceExpression, ExpressionError> {
        Result { () throws(ExpressionError) in try DeviceExpression(text) }
    }

    /// Asked by itself, denied, joined with itself: the answers belong together.
    private static func checkMeaning(of expression: DeviceExpression, _ text: String) throws(PropertyViolation) {
        try expect(expression.text == text, "an expression's text was changed")
        for condition in expression.installedConditions {
            let written = try? DeviceExpression(condition)
            try expect(written?.installedConditions == [condition], "a condition changed on its way out and in")
        }
        let denied = try? read("not (\(text))").get()
        let doubled = try? DeviceExpression.all([expression, expression])
        for facts in facts(expression) {
            let holds = expression.matches(facts)
            if let denied { try expect(denied.matches(facts) != holds, "it and its opposite are answered alike") }
            if let doubled { try expect(doubled.matches(facts) == holds, "it and it again is answered otherwise") }
        }
    }

    private static func checkRefusal(_ refusal: ExpressionError, _ text: String) throws(PropertyViolation) {
        try expect((1...text.unicodeScalars.count + 1).contains(refusal.column), "column \(refusal.column) is not in the text")
        try expect(refusal.reason.utf8.count < 1024, "a refusal of \(refusal.reason.utf8.count) bytes")
    }

    /// Any text can be a value, but for U+0000 and what is longer than an expression.
    private static func checkQuotation(_ text: String) throws(PropertyViolation) {
        let written = "name = \(DeviceExpression.quoted(text))"
        guard written.utf8.count <= DeviceExpression.maximumBytes, !text.unicodeScalars.contains("\0") else { return }
        let facts = DeviceFacts(name: text, now: now)
        try expect((try? read(written).get())?.matches(facts) == true, "a quoted value is another")
    }

    private static let now = Timestamp(milliseconds: 1_795_530_600_000)

    /// Of a device of which nothing is known, and of one with something everywhere.
    private static func facts(_ expression: DeviceExpression) -> [DeviceFacts] {
        let unknown = DeviceFacts(name: "", now: now)
        var known = DeviceFacts(name: "pc1", now: now)
        known.hostName = "pc1.example.com"
        known.operatingSystem = "Debian GNU/Linux 12 (bookworm)"
        known.agentVersion = "1.2.0"
        known.addresses = ["10.1.2.3", "2001:db8::5"]
        known.tags = ["web", "db"]
        known.group = GroupPath("/Warsaw/Office")
        known.status = .warning
        known.state = .overdue
        known.isPermanent = true
        known.lastConnection = now - .hours(2)
        known.enrolled = now - .days(100)
        known.installedCount = 1500
        known.installed = expression.installedConditions
        return [unknown, known]
    }
}
