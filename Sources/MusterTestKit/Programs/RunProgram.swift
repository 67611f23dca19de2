import Foundation

/// Runs a program to its end.
/// - Parameters:
///   - name: one of this package's programs, or a path.
///   - input: what it can read.
/// - Throws: when it has not ended in time; it is ended then.
package func runProgram(
    _ name: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
    within bound: Duration = .seconds(180)
) async throws -> CommandResult {
    let files = try TemporaryDirectory()
    var order = try ProgramOrder(ProgramPath.of(name), arguments, environment: environment, log: files.file("output"))
    order.error = files.file("error")
    if let input {
        order.input = files.file("input")
        try input.write(toFile: files.file("input"), atomically: false, encoding: .utf8)
    }
    let program = try RunningProgram(order)
    let status = try await program.exitStatus(within: bound)
    return CommandResult(
        status: status, output: program.log, error: RunningProgram.text(of: order.error))
}
