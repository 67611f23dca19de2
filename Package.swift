// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

extension Target.Dependency {
    static let arguments = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let collections = product(name: "Collections", package: "swift-collections")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let logging = product(name: "Logging", package: "swift-log")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let nioTLS = product(name: "NIOTLS", package: "swift-nio")
    static let signals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let protobuf = product(name: "SwiftProtobuf", package: "swift-protobuf")
    static let asn1 = product(name: "SwiftASN1", package: "swift-asn1")
    static let x509 = product(name: "X509", package: "swift-certificates")
}

let package = Package(
    name: "muster",
    products: [
        .executable(name: "muster", targets: ["muster"]),
        .executable(name: "muster-agent", targets: ["muster-agent"]),
        .executable(name: "muster-server", targets: ["muster-server"]),
        // For tests alone: preloaded into a program it shifts its clock.
        .library(name: "MusterShiftedClock", type: .dynamic, targets: ["CShiftedClock"]),
        .executable(name: "muster-swarm", targets: ["muster-swarm"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // Without its traits it needs no full Foundation, which the agent must not carry (docs/decisions/0001).
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The vocabulary, the wire, the trust and the rules: values, no sockets, no clock.
        .target(name: "MusterModel", swiftSettings: settings),
        .target(
            name: "MusterWire",
            dependencies: ["MusterModel", "CZlib", .crypto, .nioCore, .protobuf],
            exclude: ["Proto"], swiftSettings: settings),
        .target(
            name: "MusterTrust", dependencies: ["MusterModel", .crypto, .asn1, .x509], exclude: ["README.md"],
            swiftSettings: settings),
        .target(
            name: "MusterSession", dependencies: ["MusterWire", "MusterTrust", "MusterModel", .collections],
            swiftSettings: settings),

        // The server's rooms.
        .target(
            name: "MusterStore",
            dependencies: ["MusterModel", "CPostgreSQL", "CSQLite", .grdb, .logging, .nioPosix],
            exclude: ["README.md"], swiftSettings: settings),
        .target(name: "MusterAPI", dependencies: ["MusterModel"], exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "MusterServer",
            dependencies: [
                "CMalloc", "MusterAPI", "MusterModel", "MusterSession", "MusterStore", "MusterTrust", "MusterWire",
                .crypto, .httpTypes, .hummingbird, .hummingbirdCore, .lifecycle, .signals, .logging, .nioCore,
                .nioPosix, .nioSSL, .nioTLS, .x509, .asn1, .collections,
            ], exclude: ["README.md"], resources: [.embedInCode("API/openapi.json")], swiftSettings: settings),

        // The agent's room: free of full Foundation.
        .target(name: "CFileStatus"),
        .target(name: "CProcess"),
        .target(name: "CDescriptor"),
        .target(
            name: "MusterAgent",
            dependencies: [
                "CDescriptor", "CFileStatus", "CProcess", "CSQLite", "MusterModel", "MusterSession", "MusterTrust", "MusterWire",
                .collections,
                .crypto, .lifecycle, .signals, .logging, .nioCore, .nioPosix, .nioSSL, .nioTLS, .x509,
            ], exclude: ["README.md"], swiftSettings: settings),

        // The fleet simulator: the agent's session, many times over.
        .target(
            name: "MusterSwarm",
            dependencies: [
                "MusterAgent", "MusterModel", "MusterSession", "MusterTrust", "MusterWire", .collections, .nioCore, .nioPosix,
                .nioSSL, .nioTLS,
            ], exclude: ["README.md"], resources: [.embedInCode("Resources/packages.txt")], swiftSettings: settings),
        .testTarget(
            name: "MusterSwarmTests",
            dependencies: ["MusterSwarm", "MusterAgent", "MusterModel", "MusterSession", "MusterTrust", "MusterWire"],
            swiftSettings: settings),

        // What tests share.
        .target(name: "CShiftedClock"),
        .target(
            name: "MusterTestKit", dependencies: ["MusterModel"], exclude: ["README.md"], swiftSettings: settings),
        .testTarget(
            name: "MusterStoreTests",
            dependencies: ["CSQLite", "MusterModel", "MusterStore", "MusterTestKit", .grdb, .logging], swiftSettings: settings),

        // The programs.
        .executableTarget(
            name: "muster-server", dependencies: ["MusterServer", .arguments, .logging], swiftSettings: settings),
        .executableTarget(
            name: "muster-agent", dependencies: ["MusterAgent", "MusterModel", .arguments, .logging], swiftSettings: settings),
        .executableTarget(
            name: "muster",
            dependencies: [
                "MusterAPI", "MusterModel", .arguments, .nioCore, .nioPosix, .nioHTTP1, .nioSSL, .nioTLS, .crypto,
            ], exclude: ["README.md"], swiftSettings: settings),
        .executableTarget(
            name: "muster-swarm",
            dependencies: ["MusterAgent", "MusterModel", "MusterSwarm", "MusterTrust", .arguments, .nioSSL, .signals],
            swiftSettings: settings),

        // Tests: one target a module.
        .testTarget(
            name: "MusterFuzzTests",
            dependencies: ["MusterFuzz", "MusterModel", "MusterTrust", "MusterWire", .nioCore, .protobuf],
            swiftSettings: settings),
        .testTarget(name: "MusterModelTests", dependencies: ["MusterModel", "MusterTestKit"], swiftSettings: settings),
        .testTarget(
            name: "MusterWireTests",
            dependencies: ["MusterWire", "MusterModel", "MusterTestKit", "MusterTrust", .nioCore, .nioEmbedded, .protobuf],
            swiftSettings: settings),
        .testTarget(name: "MusterTrustTests", dependencies: ["MusterTrust", "MusterModel"], swiftSettings: settings),
        .testTarget(
            name: "MusterSessionTests",
            dependencies: ["MusterSession", "MusterWire", "MusterModel", "MusterTestKit", "MusterTrust", .nioCore],
            swiftSettings: settings),
        .testTarget(
            name: "MusterServerTests",
            dependencies: [
                "CMalloc", "MusterAPI", "MusterServer", "MusterModel", "MusterSession", "MusterStore", "MusterTestKit",
                "MusterWire",
            ], swiftSettings: settings),
        .testTarget(
            name: "MusterAgentTests",
            dependencies: [
                "MusterAgent", "MusterModel", "MusterSession", "MusterTestKit", "MusterTrust", "MusterWire", .logging,
            ], swiftSettings: settings),
        .testTarget(
            name: "MusterAgentControlTests", dependencies: ["MusterAgent", "MusterModel", "MusterTrust", .logging, .nioPosix],
            swiftSettings: settings),

        .testTarget(
            name: "MusterRenewalTests",
            dependencies: [
                "MusterAgent", "MusterModel", "MusterServer", "MusterStore", "MusterTestKit", "MusterTrust", "MusterWire",
                .lifecycle, .logging, .nioCore, .nioPosix, .nioSSL,
            ], swiftSettings: settings),

        // What fuzzing checks; the program that fuzzes is added below.
        .target(
            name: "MusterFuzz", dependencies: ["MusterModel", "MusterTrust", "MusterWire", .nioCore, .protobuf],
            path: "Fuzz/Targets", swiftSettings: settings),

        .testTarget(
            name: "MusterAPITests",
            dependencies: [
                "muster", "MusterAPI", "MusterModel", "MusterServer", "MusterSession", "MusterStore", "MusterTestKit",
                "MusterTrust", .httpTypes,
                .lifecycle, .logging, .nioCore, .nioHTTP1, .nioPosix, .nioSSL,
            ], swiftSettings: settings),

        // The real programs, end to end; depends on them so that they are built.
        .testTarget(
            name: "MusterEndToEndTests",
            dependencies: [
                "muster", "muster-agent", "muster-server", "muster-swarm", "MusterAgent", "MusterModel", "MusterSession",
                "MusterTestKit", "MusterTrust", "MusterWire",
                .nioCore, .nioPosix, .nioSSL, .nioTLS,
            ], exclude: ["IndependentAgent"], swiftSettings: settings),

        // Booted Debian systems in networks of their own, and what happens on the Internet.
        .target(
            name: "MusterLabKit", dependencies: ["MusterTestKit"], exclude: ["README.md"], swiftSettings: settings),
        .executableTarget(
            name: "muster-lab", dependencies: ["MusterLabKit", "MusterTestKit", .arguments, .signals], swiftSettings: settings),
        .testTarget(
            name: "MusterLabTests",
            dependencies: ["muster", "muster-agent", "muster-lab", "muster-server", "MusterLabKit", "MusterTestKit"],
            swiftSettings: settings),

        // System libraries, from Debian's -dev packages; CMalloc is glibc's own malloc.h.
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    ]
)

// Links only with libFuzzer: scripts/fuzz.sh asks for it and passes the flags.
if Context.environment["MUSTER_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(name: "muster-fuzz", dependencies: ["MusterFuzz"], path: "Fuzz/Runner", swiftSettings: settings))
}
