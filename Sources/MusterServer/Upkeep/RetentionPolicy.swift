import MusterModel

/// How long and how many events are kept; both are settings.
package struct RetentionPolicy: Hashable, Sendable {
    package var age = Duration.days(90)
    /// By position, over all devices; 10 million events of 300 bytes are 3 GB with their indexes.
    package var events = 10_000_000

    package init() {}
}
