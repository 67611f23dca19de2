import MusterModel
import SwiftProtobuf

/// Documents made of named facts (`system`, `hardware`, `agent`): a name in ASCII, a text or a number.
extension Document {
    package enum FactValue: Hashable, Sendable {
        case text(String)
        case integer(Int64)
    }

    package init(facts: [String: FactValue]) {
        self.init(sorting: facts.map { Item(key: Array($0.key.utf8), value: Muster_V1_Fact($0.value).bytes) })
    }

    /// Items that are not facts are left out.
    package func facts() -> [String: FactValue] {
        var facts: [String: FactValue] = [:]
        for item in items() {
            guard let value = (try? Muster_V1_Fact(serializedBytes: item.value))?.value else { continue }
            facts[String(decoding: item.key, as: UTF8.self)] = value
        }
        return facts
    }
}

extension Muster_V1_Fact {
    fileprivate init(_ value: Document.FactValue) {
        self.init()
        switch value {
        case .text(let text): self.text = text
        case .integer(let integer): self.integer = integer
        }
    }

    fileprivate var bytes: [UInt8] { (try? serializedBytes()) ?? [] }

    fileprivate var value: Document.FactValue? {
        switch kind {
        case .text(let text): .text(text)
        case .integer(let integer): .integer(integer)
        case nil: nil
        }
    }
}
