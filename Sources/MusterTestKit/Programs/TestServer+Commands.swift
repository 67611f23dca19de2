import Foundation

/// What an administrator does at the server's side.
extension TestServer {
    /// What `muster` needs in its environment.
    /// - Parameter tokenFile: nil for the first token, an administrator's.
    package func environment(tokenFile: String? = nil) throws -> [String: String] {
        let pin = try String(contentsOfFile: "\(dataDirectory)/api.pin", encoding: .utf8)
        return [
            "HOME": files.path, "MUSTER_SERVER": at(httpsPort),
            "MUSTER_TOKEN_FILE": tokenFile ?? "\(dataDirectory)/admin.token", "MUSTER_PIN": pin,
        ]
    }

    /// Runs the administrator's command.
    package func muster(_ arguments: String...) async throws -> CommandResult { try await muster(arguments) }

    package func muster(_ arguments: [String], tokenFile: String? = nil) async throws -> CommandResult {
        let line = wrapper + [try ProgramPath.of("muster")] + arguments
        return try await runProgram(line[0], Array(line.dropFirst()), environment: environment(tokenFile: tokenFile))
    }

    /// What a list prints for programs; one thing is a list of one.
    /// - Throws: what the command said when it failed.
    package func musterJSON(_ arguments: String...) async throws -> [[String: Any]] {
        let result = try await muster(arguments + ["--output", "json"]).succeeded()
        return result.output.hasPrefix("{") ? [try result.object()] : try result.objects()
    }

    /// Makes an enrolment token.
    /// - Returns: the file it is in, and the server key fingerprints to trust.
    package func makeToken(uses: Int = 1, expires: String = "1h") async throws -> (tokenFile: String, pins: [String]) {
        let created = try await musterJSON("enrolment-tokens", "create", "--uses", "\(uses)", "--expires", expires)
        guard let token = created.first?["token"] as? String, let pins = created.first?["pins"] as? [String] else {
            throw FixtureError(description: "no token was made: \(created)")
        }
        return (try secretFile(token), pins)
    }

    /// Makes an installation package and downloads its connection file.
    /// - Parameters:
    ///   - servers: nil for where this one is.
    ///   - options: of `muster packages create`.
    /// - Returns: the file.
    package func makeConnectionFile(_ name: String, at servers: [String]? = nil, _ options: String...) async throws -> String {
        let arguments = ["packages", "create", name] + (servers ?? [place]).flatMap { ["--server-address", $0] } + options
        try await muster(arguments).succeeded()
        let file = files.file("\(UUID().uuidString.lowercased()).connection")
        try await muster("packages", "download", name, "--connection-file", "--to", file).succeeded()
        return file
    }

    /// A file of its own that only the tests' user can read; removed with this value.
    package func secretFile(_ text: String) throws -> String {
        let file = files.file("\(UUID().uuidString.lowercased()).token")
        let made = FileManager.default.createFile(
            atPath: file, contents: Data((text + "\n").utf8), attributes: [.posixPermissions: 0o600])
        guard made else { throw FixtureError(description: "\(file) cannot be made") }
        return file
    }
}
