import Foundation

/// Where the programs of this package are: the build puts them beside the tests.
package enum ProgramPath {
    /// The path of a built program; of one of the system's when the name is a path already.
    package static func of(_ name: String) throws -> String {
        let path = name.contains("/") ? name : "\(directory)/\(name)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw FixtureError(description: "\(path) is not there: run `swift build --build-tests` first")
        }
        return path
    }

    /// Of the tests' own executable, which is what runs them.
    package static let directory: String = {
        let here = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: here).deletingLastPathComponent().path
    }()

    /// One of the system's programs, by name.
    package static func ofSystem(_ name: String) throws -> String {
        for directory in ["/usr/bin", "/usr/sbin", "/bin", "/sbin"]
        where FileManager.default.isExecutableFile(atPath: "\(directory)/\(name)") {
            return "\(directory)/\(name)"
        }
        throw FixtureError(description: "\(name) is not installed: run `make test`, which installs what the tests need")
    }
}
