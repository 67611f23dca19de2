import FoundationEssentials
import MusterAPI

/// Decodes a body whose members must all be known; says by name what is unknown, missing or wrong.
enum StrictBody {
    static func decode<Body: ChangeRequest>(_ type: Body.Type, from data: Data) throws(Problem) -> Body {
        let names: [String]
        do { names = try JSONDecoder().decode(MemberNames.self, from: data).names } catch { throw .bodyNotJSON }
        let unknown = names.filter { !Body.members.contains($0) }.sorted()
        guard unknown.isEmpty else {
            throw .members(
                unknown.map {
                    .init(
                        field: String($0.prefix(64)), detail: "There is no such member.",
                        allowed: Body.members.joined(separator: ", "))
                })
        }
        do { return try JSONDecoder().decode(type, from: data) } catch let error as DecodingError {
            throw problem(error)
        } catch {
            throw .bodyNotJSON
        }
    }

    private static func problem(_ error: DecodingError) -> Problem {
        switch error {
        case .keyNotFound(let key, _): .member(key.stringValue, "It is missing.")
        case .typeMismatch(_, let context): .member(name(context), "It is of another type.")
        case .valueNotFound(_, let context): .member(name(context), "It has no value.")
        // A number past every type has no path: Foundation gives up before it knows the member.
        case .dataCorrupted(let context) where context.codingPath.isEmpty: .bodyNotJSON
        case .dataCorrupted(let context): .member(name(context), "It is not a value this member takes.")
        @unknown default: .bodyNotJSON
        }
    }

    private static func name(_ context: DecodingError.Context) -> String {
        context.codingPath.map(\.stringValue).joined(separator: ".")
    }

    private struct MemberNames: Decodable {
        let names: [String]

        init(from decoder: any Decoder) throws {
            names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        }
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
