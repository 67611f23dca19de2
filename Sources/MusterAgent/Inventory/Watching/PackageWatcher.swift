import Glibc

/// Says when directories have changed, those of the databases of installed applications or of configuration: by inotify, several changes in a
/// row as one.
///
/// A thread of its own sleeps in `poll` until there is something; nothing runs while nothing changes. Where inotify cannot be had
/// (no instances or watches left), it looks at the directories' stamps every 30 s instead.
package struct PackageWatcher: Sendable {
    private let directories: @Sendable () -> [String]
    private let quiet: Duration
    private let cap: Duration
    private let pollInterval: Duration
    private let usesInotify: Bool
    private let seesWrites: Bool

    /// - Parameters:
    ///   - sources: whose directories to watch; asked again after each change, since directories come and go.
    ///   - quiet: how long after the last change to say so.
    ///   - cap: how long after the first one at the latest.
    ///   - pollInterval: between two looks where inotify cannot be had.
    ///   - usesInotify: false in tests of what happens without.
    package init(
        sources: [any InstalledSource], quiet: Duration = .milliseconds(300), cap: Duration = .milliseconds(1500),
        pollInterval: Duration = .seconds(30), usesInotify: Bool = true
    ) {
        self.init(
            directories: { sources.flatMap(\.watchedDirectories) }, quiet: quiet, cap: cap, pollInterval: pollInterval,
            usesInotify: usesInotify)
    }

    /// - Parameter seesWrites: what is added to a file in them is a change too, also when nobody closes it, and directories that come or go are
    ///   seen within `pollInterval`.
    init(
        directories: @escaping @Sendable () -> [String], quiet: Duration = .milliseconds(300),
        cap: Duration = .milliseconds(1500), pollInterval: Duration = .seconds(30), usesInotify: Bool = true,
        seesWrites: Bool = false
    ) {
        self.seesWrites = seesWrites
        self.directories = directories
        self.quiet = quiet
        self.cap = cap
        self.pollInterval = pollInterval
        self.usesInotify = usesInotify
    }

    /// Changes from this call on: read the inventory after it. Several that nobody took are one. Ends, and its thread with it, when the
    /// task that reads it is cancelled or nobody has it any more; ends at once if the system has no thread or descriptor left.
    package func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        var watch = DirectoryWatch(directories: directories, usingInotify: usesInotify, seesWrites: seesWrites)
        watch.arm()
        guard let bell = Bell() else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { _ in bell.ring() }
        let loop = WatchLoop(
            watch: watch, debounce: Debounce(quiet: quiet, cap: cap), pollInterval: pollInterval, bell: bell
        ) { continuation.yield() }
        let started = WatchThread.start {
            var loop = loop
            loop.run()
            continuation.finish()
        }
        if !started { continuation.finish() }
        return stream
    }
}
