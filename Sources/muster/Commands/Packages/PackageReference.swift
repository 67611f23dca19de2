import MusterAPI
import MusterModel

extension APIClient {
    /// A package by its name, its id, or the beginning of the id (at least 4 characters).
    mutating func package(_ text: String) async throws -> PackageEntry {
        if let id = InstallationPackageID(text) { return try await get(APIPath.filled(APIPath.onePackage, id)) }
        var named: [PackageEntry] = []
        var prefixed: [PackageEntry] = []
        try await forEachPage(APIPath.packages, limit: nil, of: PackageEntry.self) { page in
            named += page.filter { $0.name == text }
            if text.count >= 4 { prefixed += page.filter { $0.id.description.hasPrefix(text.lowercased()) } }
        }
        let found = named.isEmpty ? prefixed : named
        guard let package = found.first else { throw CommandError.packageNotFound(TerminalText.escaped(text), server) }
        guard found.count == 1 else {
            throw CommandError.ambiguous(
                TerminalText.escaped(text), "packages",
                candidates: found.prefix(10).map { "\($0.id)  \(TerminalText.escaped($0.name))" })
        }
        return package
    }
}
