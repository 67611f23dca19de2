import MusterModel
import Testing

@testable import MusterAgent

@Suite("Answers of connectors")
struct ConnectorAnswerTests {
    private let web = ConnectorScript.web

    private func value(_ text: String) throws -> JSONValue { try JSONValue(json: Array(text.utf8)) }

    private func look(_ text: String) throws -> Result<ConnectorReading, ConnectorError> {
        let answer = try value(text)
        return Result { () throws(ConnectorError) in try ConnectorAnswer.reading(answer, of: web, now: noon) }
    }

    @Test func aLookIsReadWhole() throws {
        let reading = try look(
            """
            {"state": "failed", "problems": [{"code": "disk-full", "subject": "/srv"}], "facts": {"b": "2", "a": "1"},
             "statistics": {"hits": 7}, "events": [{"type": "gone", "severity": "error", "text": "it is gone",
             "parameters": {"port": 80, "name": "x"}}], "other": 1}
            """
        ).get()
        #expect(reading.state == .failed)
        #expect(reading.problems == [ApplicationProblem(code: "disk-full", subject: "/srv")])
        #expect(reading.facts == [ApplicationFact(name: "a", text: "1"), ApplicationFact(name: "b", text: "2")])
        #expect(reading.statistics == ["hits": 7])
        #expect(
            reading.events == [
                DeviceEvent(
                    type: "web.gone", severity: .error, occurred: noon, parameters: ["port": .integer(80), "name": .text("x")],
                    text: "it is gone")
            ])
    }

    @Test func onlyTheStateIsNeeded() throws {
        #expect(try look(#"{"state": "running", "problems": null}"#).get() == ConnectorReading(state: .running))
    }

    @Test(arguments: [
        "{}", #"{"state": "well"}"#, #"{"state": "running", "problems": [{"code": "a b"}]}"#,
        #"{"state": "running", "problems": {}}"#,
        #"{"state": "running", "problems": [1]}"#, #"{"state": "running", "facts": []}"#,
        #"{"state": "running", "facts": {"a": 1}}"#,
        #"{"state": "running", "facts": {"a": "x\ny"}}"#, #"{"state": "running", "facts": {"": "x"}}"#,
        #"{"state": "running", "statistics": {"a": "1"}}"#, #"{"state": "running", "events": [{"severity": "info"}]}"#,
        #"{"state": "running", "events": [{"type": "A", "severity": "info"}]}"#,
        #"{"state": "running", "events": [{"type": "other.a", "severity": "info"}]}"#,
        #"{"state": "running", "events": [{"type": "a", "severity": "bad"}]}"#,
        #"{"state": "running", "events": [{"type": "a", "severity": "info", "parameters": {"x": [1]}}]}"#,
    ])
    func ofOneThatIsNoneNothingIsTaken(_ text: String) throws {
        guard case .failure(let error) = try look(text) else {
            Issue.record("taken: \(text)")
            return
        }
        #expect(error.code == "answer-invalid")
    }

    @Test func limitsAreHeldAtAndPast() throws {
        func facts(_ count: Int) -> String {
            #"{"state": "running", "facts": {\#((0..<count).map { #""f\#($0)": "x""# }.joined(separator: ","))}}"#
        }
        func events(_ count: Int) -> String {
            let event = #"{"type": "a", "severity": "info", "text": "t"}"#
            return #"{"state": "running", "events": [\#(Array(repeating: event, count: count).joined(separator: ","))]}"#
        }
        func fact(_ bytes: Int) -> String {
            #"{"state": "running", "facts": {"a": "\#(String(repeating: "x", count: bytes))"}}"#
        }
        #expect(try look(facts(64)).get().facts.count == 64)
        #expect((try? look(facts(65)).get()) == nil)
        #expect(try look(events(32)).get().events.count == 32)
        #expect((try? look(events(33)).get()) == nil)
        #expect(try look(fact(255)).get().facts.count == 1)
        #expect((try? look(fact(256)).get()) == nil)
    }

    @Test func anEventAtItsLargestFitsIntoTheSpool() throws {
        let parameters = (0..<8).map {
            #""\#(String(repeating: "p", count: 39))\#($0)": "\#(String(repeating: "v", count: 200))""#
        }
        let text = String(repeating: "t", count: 1000)
        let type = String(repeating: "e", count: 23)
        let long = ApplicationID(String(repeating: "w", count: 40)) ?? web
        let answer = try value(
            """
            {"state": "running", "events": [{"type": "\(type)", "severity": "info", "text": "\(text)",
             "parameters": {\(parameters.joined(separator: ","))}}]}
            """)
        let reading = try ConnectorAnswer.reading(answer, of: long, now: noon)
        let event = try #require(reading.events.first)
        #expect(try event.fitted() == event)
    }

    @Test(arguments: [
        (#"{"protocol": 2, "manifest": {}}"#, "answer-invalid"), (#"{"manifest": {}}"#, "answer-invalid"),
        (#"{"protocol": 1}"#, "answer-invalid"), (#"{"protocol": 1, "manifest": {}}"#, "manifest-invalid"),
        (#"{"protocol": 1, "manifest": {"id": "other", "version": "1", "title": "O", "settings": []}}"#, "manifest-invalid"),
        (
            #"{"protocol": 1, "period": 4, "manifest": {"id": "web", "version": "1", "title": "O", "settings": []}}"#,
            "answer-invalid"
        ),
    ])
    func aGreetingThatIsNoneIsRefused(_ text: String, _ code: String) throws {
        let answer = try value(text)
        let error = #expect(throws: ConnectorError.self) { try ConnectorAnswer.greeting(answer, of: web) }
        #expect(error?.code == code)
    }

    @Test func aValueOfAnotherKindIsThereAndAnotherOne() throws {
        let manifest = ApplicationManifest(
            id: web, title: "Web", settings: [SettingDeclaration("port", .number(1...9), title: "Port", help: "")])
        let found = try ConnectorAnswer.settings(try value(#"{"settings": {"port": "many", "more": 1}}"#), manifest)
        #expect(found == ["port": .text("\"many\"")])
        #expect(try ConnectorAnswer.settings(try value(#"{"settings": {"port": null}}"#), manifest).isEmpty)
        #expect(try ConnectorAnswer.settings(try value(#"{"settings": {"port": 77}}"#), manifest) == ["port": .number(77)])
    }

    // MARK: Lines

    @Test(arguments: [
        "", "no", "[]", "{}", #"{"id": 1}"#, #"{"id": "1", "answer": {}}"#, #"{"id": 1, "answer": 1}"#,
        #"{"id": 1, "error": {"code": "a b"}}"#, #"{"id": 1, "error": "x"}"#,
    ])
    func aLineThatIsNoMessageIsAFault(_ line: String) {
        #expect(throws: ConnectorFault.self) { try ConnectorMessage(line: Array(line.utf8)) }
    }

    @Test func linesAreMessages() throws {
        func message(_ line: String) throws -> ConnectorMessage { try ConnectorMessage(line: Array(line.utf8)) }
        #expect(try message(#"{"id": 7, "answer": {"a": 1}}"#) == .answer(id: 7, .object(["a": .number(1)])))
        #expect(
            try message(#"{"id": 7, "error": {"code": "no", "text": "why"}}"#) == .failure(id: 7, ConnectorError("no", "why")))
        for name in ["changed", "progress", "later"] {
            let said = #"{"notice": "\#(name)"}"#
            #expect(try message(said) == .notice(name, .object(["notice": .text(name)])))
        }
    }

    // MARK: Standard error

    @Test func whatItWritesBesideIsShortAndSeldom() {
        var allowance = LogAllowance()
        let start = ContinuousClock.now
        #expect(allowance.lines(Array("one\ntwo".utf8), now: start) == ["one"])
        #expect(allowance.lines(Array("\u{1b}[1m\n".utf8), now: start) == ["two\u{fffd}[1m"])
        let long = allowance.lines(Array(repeating: UInt8(ascii: "x"), count: 100_000) + [UInt8(ascii: "\n")], now: start)
        #expect(long.map(\.utf8.count) == [LogAllowance.maximumBytes])
        let many = allowance.lines(Array(String(repeating: "x\n", count: 1000).utf8), now: start)
        #expect(many.count == 18 && many.last?.contains("left out") == true)
        #expect(allowance.lines(Array("y\n".utf8), now: start + .seconds(60)) == ["y"])
    }

    @Test func oneThatEndsAgainAndAgainIsStartedLessOften() {
        var course = RestartCourse(ConnectorLimits())
        let waits = (0..<12).map { _ in course.ended(afterWorking: nil) }
        #expect(waits.prefix(4) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
        #expect(waits.last == .minutes(5))
        #expect(course.ended(afterWorking: .seconds(59)) == .minutes(5))
        #expect(course.ended(afterWorking: .seconds(60)) == .seconds(1))
    }
}
