import MusterAPI
import MusterModel
import MusterSession
import MusterStore

/// `server/status`, `openapi.json` and `/metrics`.
struct ServerRoutes: Sendable {
    let services: APIServices

    @Sendable func status(_ call: APICall) async throws -> APIReply {
        let stored = try await services.store.statistics()
        let facts = services.backend.status()
        let permanent = try await services.store.fetchPermanentConnectionCount()
        let closes = facts.closes.filter { $0.value > 0 }.map { ($0.key.code, $0.value) }
        var status = ServerStatus(
            version: facts.version, started: facts.started,
            uptimeSeconds: max(0, (services.now() - facts.started).components.seconds),
            database: .init(
                kind: stored.kind.rawValue, schemaVersion: stored.schemaVersion, sizeBytes: stored.databaseBytes,
                calls: Int64(clamping: services.store.callCount)),
            devices: stored.devices,
            connectionStates: Dictionary(facts.states.map { ($0.key.code, Int64($0.value)) }) { first, _ in first },
            installedItems: stored.installedItems, events: stored.events,
            connections: Int64(facts.connections), sessions: Int64(clamping: facts.sessions),
            enrolments: Int64(clamping: facts.enrolments), eventsStored: Int64(clamping: facts.eventsStored),
            closes: Dictionary(closes) { first, _ in first }, devicesAhead: Int64(facts.devicesAhead),
            udpReceiveBufferBytes: facts.udpReceiveBufferBytes.map(Int64.init), udpReceived: facts.udpReceived,
            permanentConnections: .init(
                ticked: permanent.ticked, connected: Int64(facts.permanentlyConnected), limit: permanent.limit),
            pins: services.backend.pins)
        status.datagrams = Dictionary(uniqueKeysWithValues: facts.notices.map { ($0.key.rawValue, $0.value) })
        status.lastNotice = facts.lastNotice
        return try .ok(status)
    }

    @Sendable func openAPI(_ call: APICall) async throws -> APIReply {
        .text(contentType: "application/json", body: OpenAPIDocument.text)
    }

    @Sendable func metrics(_ call: APICall) async throws -> APIReply {
        let stored = try await services.store.statistics()
        let facts = services.backend.status()
        var metrics = MetricsText()
        metrics.add("muster_start_time_seconds", .gauge, "When the server started, Unix time.", facts.started.milliseconds / 1000)
        metrics.add("muster_connections", .gauge, "TCP connections of agents open now.", facts.connections)
        metrics.add("muster_sessions_total", .counter, "Sessions begun.", facts.sessions)
        metrics.add("muster_enrolments_total", .counter, "Devices enrolled.", facts.enrolments)
        metrics.add("muster_events_stored_total", .counter, "Events stored.", facts.eventsStored)
        metrics.add(
            "muster_closes_total", .counter, "Connections ended, by close reason.", label: "reason",
            CloseReason.allCases.map { ($0.code, facts.closes[$0] ?? 0) })
        metrics.add(
            "muster_datagrams_total", .counter, "Datagrams that came to the UDP port, by what became of them.", label: "outcome",
            NoticeOutcome.allCases.map { ($0.rawValue, facts.notices[$0] ?? 0) })
        metrics.add(
            "muster_devices_ahead", .gauge, "Devices served by a later state than the database held at start.", facts.devicesAhead
        )
        let permanent = try await services.store.fetchPermanentConnectionCount()
        metrics.add("muster_permanent_connections_ticked", .gauge, "Devices ticked 'Do not disconnect'.", permanent.ticked)
        metrics.add(
            "muster_permanent_connections", .gauge, "Of those, connected with the connection in force.",
            facts.permanentlyConnected)
        metrics.add("muster_permanent_connections_limit", .gauge, "How many devices may be ticked.", permanent.limit)
        metrics.add("muster_event_followers", .gauge, "Readers following events now.", services.followers.count)
        metrics.add("muster_devices", .gauge, "Devices in the database.", stored.devices)
        metrics.add(
            "muster_devices_by_state", .gauge, "Devices by their connection state.", label: "state",
            ConnectionState.allCases.map { ($0.code, facts.states[$0] ?? 0) })
        metrics.add(
            "muster_connections_unrecorded_total", .counter, "Entries of the history of connections that were lost.",
            facts.connectionsUnrecorded)
        metrics.add("muster_events", .gauge, "Events in the database.", stored.events)
        metrics.add("muster_installed_items", .gauge, "Installed applications in the database.", stored.installedItems)
        metrics.add("muster_database_calls_total", .counter, "Reads and changes of the database.", services.store.callCount)
        metrics.add("muster_database_bytes", .gauge, "Size of the database.", stored.databaseBytes)
        if let bytes = facts.udpReceiveBufferBytes {
            metrics.add("muster_udp_receive_buffer_bytes", .gauge, "What the system gave for the UDP socket.", bytes)
        }
        return .text(contentType: MetricsText.contentType, body: metrics.text)
    }
}
