import Foundation
import MusterTestKit

/// What Python's `zoneinfo` makes of the same file: another implementation, asked for every change it sees between 1970 and 2100, and for
/// when local times come.
struct ZoneOracle {
    /// Of `offset` from 1970-01-01 on, and each time another begins: when, and seconds east of UTC.
    private(set) var offsets: [(second: Int64, offset: Int64)] = []
    /// Around every change and at random: seconds on the clock on the wall, and when it shows them or first shows more.
    private(set) var locals: [(local: Int64, instant: Int64)] = []

    init(file: String, seed: UInt64) async throws {
        let result = try await runProgram("/usr/bin/python3", ["-c", Self.script, file, "\(seed)"]).succeeded()
        for line in result.output.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, let first = Int64(words[1]), let second = Int64(words[2]) else {
                throw FixtureError(description: "python3 said: \(line)")
            }
            if words[0] == "offset" { offsets.append((first, second)) } else { locals.append((first, second)) }
        }
    }

    private static let script = """
        import random, sys, zoneinfo
        from datetime import datetime, timedelta, timezone

        zone = zoneinfo.ZoneInfo.from_file(open(sys.argv[1], "rb"))
        epoch = datetime(1970, 1, 1)
        end = int((datetime(2100, 1, 1) - epoch).total_seconds())

        def offset(second):
            there = (epoch + timedelta(seconds=second)).replace(tzinfo=timezone.utc).astimezone(zone)
            return int(there.utcoffset().total_seconds())

        def first_change(low, high):
            before = offset(low)
            while high - low > 1:
                middle = (low + high) // 2
                if offset(middle) == before: low = middle
                else: high = middle
            return high

        def instant(local):
            naive = epoch + timedelta(seconds=local)
            candidates = [local - int(naive.replace(tzinfo=zone, fold=fold).utcoffset().total_seconds()) for fold in (0, 1)]
            shown = [second for second in candidates if second + offset(second) == local]
            return min(shown) if shown else first_change(min(candidates), max(candidates))

        changes, last, step = [0], offset(0), 43200
        for second in range(step, end, step):
            here = offset(second)
            if here != last: changes.append(first_change(second - step, second))
            last = here
        for second in changes: print("offset", second, offset(second))

        random = random.Random(int(sys.argv[2]))
        locals = [random.randrange(86400 * 2, end) for _ in range(300)]
        for change in changes[1:]:
            for before in (offset(change - 1), offset(change)):
                locals += [change + before + minutes * 60 for minutes in (-180, -60, -31, -1, 0, 1, 15, 30, 59, 60, 61, 180)]
        for local in locals: print("local", local // 60 * 60, instant(local // 60 * 60))
        """
}
