package import MusterModel

/// A token as it is written and handed on: `id.secret`, an API token with `muster_` before it, so that leak scanners and people know it.
/// The id is for looking it up and is no secret; `description` shows it alone, `text` shows all.
package struct TokenText<Entity: TokenEntity>: Hashable, Sendable {
    package let id: EntityID<Entity>
    package let secret: TokenSecret

    package init(id: EntityID<Entity>, secret: TokenSecret) {
        self.id = id
        self.secret = secret
    }

    /// - Parameter text: as `text` gives it; the id in either case, no spaces.
    package init(_ text: String) throws(TrustError) {
        guard text.utf8.count == Entity.prefix.utf8.count + 80, text.hasPrefix(Entity.prefix) else { throw Self.notOne }
        let parts = text.dropFirst(Entity.prefix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let id = EntityID<Entity>(String(parts[0])), let secret = TokenSecret(text: parts[1]) else {
            throw Self.notOne
        }
        self.init(id: id, secret: secret)
    }

    /// The whole token, secret included: 36 + 1 + 43 characters after the prefix.
    package var text: String { "\(Entity.prefix)\(id).\(secret.text)" }

    /// What the server keeps of the secret.
    package var hash: Fingerprint { secret.hash }

    private static var notOne: TrustError {
        .badToken(
            "this is not \(Entity.name): \(Entity.prefix)ID.SECRET is expected, 80 characters\(Entity.prefix.isEmpty ? "" : " after the prefix")"
        )
    }
}

extension TokenText: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "\(Entity.prefix)\(id).…" }
    package var debugDescription: String { description }
}

/// What kind of token an id belongs to, and how its text begins.
package protocol TokenEntity: Sendable {
    static var prefix: String { get }
    static var name: String { get }
}

extension EnrolmentTokenEntity: TokenEntity {
    package static var prefix: String { "" }
    package static var name: String { "an enrolment token" }
}

extension APITokenEntity: TokenEntity {
    package static var prefix: String { "muster_" }
    package static var name: String { "an API token" }
}

package typealias EnrolmentTokenText = TokenText<EnrolmentTokenEntity>
package typealias APITokenText = TokenText<APITokenEntity>
