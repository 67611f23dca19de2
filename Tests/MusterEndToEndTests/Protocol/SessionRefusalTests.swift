import Foundation
import MusterModel
import MusterTestKit
import MusterTrust
import MusterWire
import Testing

/// Sessions the real server ends: each is told why, and no other notices.
@Suite("Close reasons: sessions", .fewAtATime)
struct SessionRefusalTests {
    @Test("certificates: none, unknown, of a deleted device")
    func certificates() async throws {
        let stage = try await CloseReasonStage()
        let server = stage.server
        try await stage.expect(.noCertificate, "no certificate") {
            let connection = try await RawConnection.tls(to: server, .agent([ProtocolVersion.sessionALPN]))
            try connection.send(.hello(RawDevice.hello()))
            return connection
        }
        let stranger = try RawDevice.stranger(at: server)
        try await stage.expect(.unknownCertificate, "a certificate of its own making") { try await stranger.greeting() }
        let device = try await RawDevice(enrollingAt: server)
        let id = try #require(device.id).description
        try await stage.expect(.deviceDeleted, "deleted in the middle of a session") {
            let session = try await device.session()
            try await server.muster("devices", "delete", id).succeeded()
            return session
        }
        try await stage.expect(.deviceDeleted, "a deleted device") { try await device.greeting() }
        try await server.stop()
        try await server.start()
        let again = try await device.greeting()
        #expect(try await again.goodbye()?.reason == CloseReason.deviceDeleted.rawValue, "after a restart")
    }

    /// The server's clock goes on by days; the 90 days of the first API token are over at the end, so the log is asked.
    @Test("certificates: superseded by a newer one, expired, past all renewal")
    func certificatesInTime() async throws {
        let server = try await TestServer()
        try await server.start()
        let old = try await RawDevice(enrollingAt: server)
        func afterDays(_ days: Int64) async throws {
            try await server.stop()
            try await server.start(clockAhead: .days(days))
        }
        try await afterDays(40)
        let device = try await old.renewed()
        _ = try await device.session()
        #expect(try await old.greeting().goodbye()?.reason == CloseReason.certificateSuperseded.rawValue)
        #expect(try await server.closes(CloseReason.certificateSuperseded.code) == 1)
        try await afterDays(140)
        let answer = try await device.greeting().next()
        if case .welcome(let welcome) = answer {
            #expect(welcome.renewal == .only && !welcome.hasPlan && welcome.eventCredit == 0)
        } else {
            Issue.record("an expired device is not served")
        }
        try await afterDays(600)
        #expect(try await device.greeting().goodbye()?.reason == CloseReason.certificateExpired.rawValue)
        try await eventually("it is logged") { server.log.contains("close.reason=certificateExpired") }
    }

    @Test("frames and messages that have no place")
    func messages() async throws {
        let stage = try await CloseReasonStage()
        let device = try await RawDevice(enrollingAt: stage.server)
        func expect(_ reason: CloseReason, _ what: String, _ play: (RawConnection) throws -> Void) async throws {
            try await stage.expect(reason, what) {
                let connection = try await device.session()
                try play(connection)
                return connection
            }
        }
        for (reason, what, bytes) in [
            (.malformedFrame, "garbage before Hello", [0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff]),
            (.malformedFrame, "an empty frame", [0, 0, 0, 0]),
            (.oversizeFrame, "8 KiB and a byte before Hello", [0, 0, 0x20, 1]),
            (.oversizeFrame, "a text", Array("hello".utf8)),
        ] as [(CloseReason, String, [UInt8])] {
            try await stage.expect(reason, what) {
                let connection = try await device.connection()
                connection.send(bytes)
                return connection
            }
        }
        try await stage.expect(.unexpectedMessage, "Done before Hello") {
            let connection = try await device.connection()
            try connection.send(.done(Muster_V1_Done()))
            return connection
        }
        try await stage.expect(.unsupportedVersion, "version 2") { try await device.greeting { $0.version = 2 } }
        try await stage.expect(.malformedFrame, "a root of 3 bytes") {
            try await device.greeting { $0.reportedRoot = Data([1, 2, 3]) }
        }
        try await expect(.secondHello, "a second Hello") { try $0.send(.hello(RawDevice.hello())) }
        try await expect(.oversizeFrame, "16 KiB and a byte in a session") { $0.send([0, 0, 0x40, 1]) }
        try await expect(.malformedFrame, "garbage in a session") { $0.send([0, 0, 0, 2, 0x0a, 0xff]) }
        try await expect(.unexpectedMessage, "Done before everything is") { try $0.send(.done(Muster_V1_Done())) }
        try await expect(.unexpectedMessage, "a renewal nobody asked for") { try $0.send(.renewal(Muster_V1_RenewalRequest())) }
        try await stage.expectRealDevice()
    }

    @Test("events out of order, and ones that are none")
    func events() async throws {
        let stage = try await CloseReasonStage()
        let device = try await RawDevice(enrollingAt: stage.server)
        func expect(_ reason: CloseReason, _ what: String, first: UInt64, type: String = "raw.event") async throws {
            try await stage.expect(reason, what) {
                let connection = try await device.session()
                var batch = Muster_V1_EventBatch()
                batch.epoch = 7
                batch.first = first
                var event = Muster_V1_Event()
                event.type = type
                event.severity = 1
                batch.events = [event]
                try connection.send(.events(batch))
                return connection
            }
        }
        try await expect(.eventsOutOfOrder, "number 2 of an epoch without 1", first: 2)
        try await expect(.malformedFrame, "number 0", first: 0)
        try await expect(.malformedFrame, "a number past all", first: .max)
        try await expect(.malformedFrame, "a type that is none", first: 1, type: "No Type")
        let stored = try await stage.server.musterJSON("events", "list")
        #expect(!stored.contains { $0["type"] as? String == "raw.event" })
        try await stage.expectRealDevice()
    }

    @Test("documents: bombs, too large ones, damaged ones, ones nobody asked for")
    func documents() async throws {
        let stage = try await CloseReasonStage()
        let device = try await RawDevice(enrollingAt: stage.server)
        func expect(
            _ reason: CloseReason, _ what: String, _ payload: [UInt8] = [], _ change: (inout Muster_V1_DocumentHead) -> Void
        ) async throws {
            try await stage.expect(reason, what) {
                let connection = try await device.session()
                try connection.sendDocument(payload, change)
                return connection
            }
        }
        let bomb = try #require(Deflate.deflated([UInt8](repeating: 0, count: 12 << 20)))
        try await expect(.documentTooLarge, "a bomb", bomb) {
            $0.encoding = .deflate
            $0.inflatedSize = 1000
        }
        try await expect(.documentTooLarge, "16 MiB and a byte announced") {
            $0.encoding = .deflate
            $0.size = 100
            $0.inflatedSize = (16 << 20) + 1
        }
        try await expect(.malformedDocument, "damaged deflating", [1, 2, 3]) {
            $0.encoding = .deflate
            $0.inflatedSize = 1000
        }
        try await expect(.malformedDocument, "an item past the end", [0, 0, 0, 9, 1]) { _ in }
        try await expect(.malformedDocument, "a digest of 3 bytes") { $0.digest = Data([1, 2, 3]) }
        try await expect(.malformedDocument, "a document of the server's") { $0.document = DocumentName.agent.rawValue }
        try await expect(.malformedDocument, "a document nobody knows") { $0.document = 31 }
        try await stage.expectRealDevice()
    }

    @Test("a document with an item it cannot hold is told so, and the session goes on")
    func unreadableItem() async throws {
        let server = try await TestServer()
        try await server.start()
        let connection = try await RawDevice(enrollingAt: server).session()
        let document = Document(sorting: [Document.Item(key: Array("no zeros".utf8), value: [])])
        try connection.sendDocument(document.body) { head in
            head.document = DocumentName.installed.rawValue
            head.digest = Data(document.digest.bytes)
        }
        var status: Muster_V1_DocumentStatus?
        while status == nil, let message = try await connection.next() {
            if case .result(let result) = message { status = result.status }
        }
        #expect(status == .malformed && !connection.isClosed)
    }

    @Test("a second session of a device ends the first; a server that stops says when to come back")
    func replacedAndStopping() async throws {
        let stage = try await CloseReasonStage()
        let device = try await RawDevice(enrollingAt: stage.server)
        var second: RawConnection?
        try await stage.expect(.replaced, "another session of the same device") {
            let first = try await device.session()
            second = try await device.session()
            return first
        }
        let session = try #require(second)
        try await stage.server.stop()
        let goodbye = try #require(try await session.goodbye())
        #expect(goodbye.reason == CloseReason.serverStopping.rawValue && (1000...5000).contains(goodbye.retryAfter))
    }
}

extension RawConnection {
    /// Document `system` unless changed, with the digest of nothing.
    fileprivate func sendDocument(_ payload: [UInt8], _ change: (inout Muster_V1_DocumentHead) -> Void) throws {
        var head = Muster_V1_DocumentHead()
        head.document = DocumentName.system.rawValue
        head.digest = Data(Document.empty.digest.bytes)
        head.size = UInt32(payload.count)
        head.inflatedSize = head.size
        change(&head)
        try send(.document(head))
        for start in stride(from: 0, to: payload.count, by: OutgoingDocument.maximumChunkBytes) {
            var chunk = Muster_V1_DocumentChunk()
            chunk.data = Data(payload[start..<min(start + OutgoingDocument.maximumChunkBytes, payload.count)])
            try send(.chunk(chunk))
        }
    }
}
