import Foundation

/// The beginning of a Debian package: what comes before its last member, `data.tar.*`, which holds the files and is never looked at.
///
/// A package is an `ar` archive of `debian-binary`, `control.tar` and `data.tar.*`, in this order. Only a control member that is not
/// compressed can be changed, so `make packages` makes the agent's package with such a one.
package struct DebianPackageHead: Hashable, Sendable {
    /// Why a file is no package to start from.
    package struct Unfit: Error, Hashable, Sendable {
        package var reason: String
    }

    private static let magic = Array("!<arch>\n".utf8)
    private static let headerSize = 60
    /// Scripts and lists of an agent's package take 20 KB.
    private static let largestControl = 4 * 1024 * 1024
    /// Bytes of a package that hold all of its head.
    package static let longest = largestControl + 1024

    package private(set) var control: TarArchive
    /// Where in the file the header of the data member begins.
    package let dataOffset: Int

    /// - Parameter bytes: the first `longest` bytes of the file, or all of it.
    package init(_ bytes: [UInt8]) throws(Unfit) {
        guard bytes.starts(with: Self.magic) else { throw Unfit(reason: "it is no Debian package") }
        var offset = Self.magic.count
        let version = try Self.member(in: bytes, at: &offset)
        guard version.name == "debian-binary", version.content.starts(with: "2.0\n".utf8) else {
            throw Unfit(reason: "it is no Debian package of format 2.0")
        }
        let member = try Self.member(in: bytes, at: &offset)
        guard member.name == "control.tar" else {
            throw Unfit(reason: "its control member is \(member.name), and only control.tar, not compressed, can be added to")
        }
        guard let control = TarArchive(member.content), control["control"] != nil else {
            throw Unfit(reason: "its control member is damaged")
        }
        guard control["connection"] == nil else { throw Unfit(reason: "it carries a connection file already") }
        self.control = control
        dataOffset = offset
    }

    private static func member(in bytes: [UInt8], at offset: inout Int) throws(Unfit) -> (
        name: String, content: ArraySlice<UInt8>
    ) {
        let cut = Unfit(reason: "it is cut short")
        guard offset + headerSize <= bytes.count else { throw cut }
        let header = bytes[offset..<offset + headerSize]
        func field(_ range: Range<Int>) -> String {
            let text = bytes[(offset + range.lowerBound)..<(offset + range.upperBound)]
            return String(String(decoding: text, as: UTF8.self).reversed().drop { $0 == " " }.reversed())
        }
        guard header.suffix(2).elementsEqual("`\n".utf8), let size = Int(field(48..<58)), size >= 0, size <= largestControl else {
            throw Unfit(reason: "it is damaged: a member has no size, or one past \(largestControl) bytes")
        }
        // Some writers end a name with a slash.
        var name = field(0..<16)
        if name.hasSuffix("/") { name.removeLast() }
        let start = offset + headerSize
        guard start + size <= bytes.count else { throw cut }
        offset = start + size + size % 2
        return (name, bytes[start..<start + size])
    }

    /// Adds a connection file, root's alone. dpkg puts it, like every control file, beside its scripts, and the package's own script
    /// takes it from there.
    ///
    /// apt takes two packages of one version for the same unless what they depend on or replace differs: so that a later download is
    /// installed over an earlier one, each says that it replaces a package that nobody has.
    /// - Parameter mark: lower-case letters, digits and hyphens; another for each download.
    package mutating func add(connectionFile: [UInt8], mark: String, modified: Int64) throws(Unfit) {
        guard let fields = control["control"] else { throw Unfit(reason: "its control member is damaged") }
        var text = String(decoding: fields, as: UTF8.self)
        while text.hasSuffix("\n") { text.removeLast() }
        let nobody = "muster-connection-\(mark)"
        if let field = text.range(of: "\nReplaces: ") {
            text.insert(contentsOf: nobody + ", ", at: field.upperBound)
        } else {
            text += "\nReplaces: " + nobody
        }
        text += "\n"
        _ = control.replace("control", with: Array(text.utf8))
        control.append("connection", mode: 0o600, modified: modified, connectionFile)
    }

    /// What stands before the data member in the new package.
    package func bytes(modified: Int64) -> [UInt8] {
        Self.magic + Self.member("debian-binary", Array("2.0\n".utf8), modified)
            + Self.member("control.tar", control.bytes, modified)
    }

    private static func member(_ name: String, _ content: [UInt8], _ modified: Int64) -> [UInt8] {
        func field(_ text: String, _ width: Int) -> String {
            text.prefix(width) + String(repeating: " ", count: max(0, width - text.utf8.count))
        }
        let header =
            field(name, 16) + field("\(modified)", 12) + field("0", 6) + field("0", 6) + field("100644", 8)
            + field("\(content.count)", 10) + "`\n"
        return Array(header.utf8) + content + (content.count % 2 == 1 ? [UInt8(ascii: "\n")] : [])
    }
}
