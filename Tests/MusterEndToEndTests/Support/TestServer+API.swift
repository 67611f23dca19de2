import Foundation
import MusterTestKit

/// One request to the server's API.
struct APIRequest {
    var method = "POST"
    let path: String
    var body: [String: Any] = [:]
}

extension TestServer {
    /// Sends many over one connection, one after the other: a command for each would take longer than what is to be shown.
    /// - Returns: the answers.
    /// - Throws: at the first that is refused.
    func api(_ requests: [APIRequest]) async throws -> [[String: Any]] {
        let lines = try requests.map { request in
            let line: [Any] = [request.method, "/api/v1" + request.path, request.body]
            return String(decoding: try JSONSerialization.data(withJSONObject: line), as: UTF8.self)
        }
        let result = try await runProgram(
            "/usr/bin/python3", ["-c", Self.client], environment: environment(), input: lines.joined(separator: "\n"),
            within: .seconds(300))
        return try result.succeeded().objects()
    }

    private static let client = """
        import http.client, json, os, ssl, sys
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(os.environ["MUSTER_SERVER"], context=context)
        token = open(os.environ["MUSTER_TOKEN_FILE"]).read().strip()
        answers = []
        for line in sys.stdin:
            method, path, body = json.loads(line)
            headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body) if method != "GET" else None, headers)
            response = connection.getresponse()
            text = response.read()
            if response.status >= 300: sys.exit(f"{method} {path}: {response.status} {text.decode()}")
            answers.append(json.loads(text or b"{}"))
        print(json.dumps(answers))
        """
}
