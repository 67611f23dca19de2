/// The device's processors.
struct Processor: Hashable, Sendable {
    var model: String?
    /// Logical ones that are present, switched on or not.
    var count: Int64?

    static func read(_ root: RootPath) -> Self {
        Self(
            model: model(root.lines("proc/cpuinfo")) ?? root.line("sys/firmware/devicetree/base/model"),
            count: root.line("sys/devices/system/cpu/present").flatMap(count))
    }

    /// x86 says `model name`; some ARM boards say `Model`.
    static func model(_ lines: [Substring]) -> String? {
        for name in ["model name", "Model", "cpu model"] {
            for line in lines where line.hasPrefix(name) {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, parts[0].drop(while: { $0 != "\t" && $0 != ":" }).allSatisfy(\.isWhitespace) else {
                    continue
                }
                let text = parts[1].split(separator: " ").joined(separator: " ")
                if !text.isEmpty { return text }
            }
        }
        return nil
    }

    /// How many a list of the kernel names: `0-3,8` are 5. Nil for anything else.
    static func count(_ list: String) -> Int64? {
        var count: Int64 = 0
        for part in list.split(separator: ",") {
            let ends = part.split(separator: "-").map { UInt16($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else { return nil }
            count += Int64(last - first) + 1
        }
        return count > 0 ? count : nil
    }
}
