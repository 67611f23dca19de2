import MusterModel

/// How long and how many events and entries of the history of connections are kept; all are settings.
package struct RetentionPolicy: Hashable, Sendable {
    package var age = Duration.days(90)
    /// By position, over all devices; 10 million events of 300 bytes are 3 GB with their indexes.
    package var events = 10_000_000
    package var connectionAge = Duration.days(90)
    /// Of each device; 200 of 180 bytes, with their indexes 60 KB: 600 MB for 10,000 devices that fill it.
    package var connections = 200

    package init() {}
}
