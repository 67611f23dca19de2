import MusterModel
import MusterStore
import Testing

@Suite struct ActionTests {
    private let start = StoreFixture.start

    private func order(expires: Duration = .hours(1)) -> ActionOrderRecord {
        ActionOrderRecord(
            id: .random(), kind: .synchronize, created: start, expires: start + expires, principal: StoreFixture.administrator)
    }

    @Test(arguments: DatabaseKind.allCases)
    func oneForEachDevice(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let (a, b) = (try await fixture.enrol("a"), try await fixture.enrol("b"))
            let gone = try await fixture.enrol("gone")
            _ = try await store.deleteDevice(gone, principal: StoreFixture.administrator, now: start)
            let first = try await store.createActions(order(), devices: [a, a, gone, .random()])
            #expect(first.new.map(\.device) == [a] && first.order.counts == [.pending: 1])
            // b is new; a, which has not begun, shares what it waits for.
            let second = try await store.createActions(order(), devices: nil)
            #expect(second.new.map(\.device) == [b] && second.order.counts == [.pending: 2])
            let both = try await store.fetchActions(of: second.order, after: nil, limit: 10, now: start)
            #expect(Set(both.map(\.deviceName)) == ["a", "b"] && both.allSatisfy { $0.reach == nil })
            let page = try await store.fetchActions(of: second.order, after: both[0].id, limit: 10, now: start)
            #expect(page.map(\.id) == [both[1].id])
            #expect(try await store.fetchActionOrder(.random(), now: start) == nil)
            #expect(try await store.fetchOpenActions().count == 2)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func theWayOfAnAction(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol("a")
            let created = try await store.createActions(order(), devices: [device])
            let id = try #require(created.new.first?.id)
            try await store.markActions([ActionMark(id: id, sent: nil, reach: ActionReach(.noAnswer))])
            #expect(try await store.fetchActions(of: device, limit: 1).first?.progress == .pending)
            let reach = ActionReach(.connectionRequest, connectedAfter: .milliseconds(38))
            try await store.markActions([ActionMark(id: id, sent: start, reach: reach)])
            let sent = try #require(try await store.fetchActions(of: device, limit: 1).first)
            #expect(sent.progress == .sent && sent.sent == start && sent.reach == reach)

            func report(_ progress: ActionProgress, of device: DeviceID, at time: Duration = .zero) async throws -> Bool {
                try await store.storeActionReport(id, of: device, progress: progress, code: "", text: "", now: start + time)
            }
            #expect(try await report(.done, of: .random()) == false)
            #expect(try await report(.accepted, of: device, at: .seconds(1)))
            #expect(try await report(.accepted, of: device, at: .seconds(2)) == false)
            #expect(try await report(.done, of: device, at: .seconds(3)))
            #expect(try await report(.failed, of: device, at: .seconds(4)) == false)
            // Marks that come late change nothing of how far it is.
            try await store.markActions([ActionMark(id: id, sent: start + .seconds(9), reach: reach)])
            let done = try #require(try await store.fetchActions(of: device, limit: 1).first)
            #expect(done.progress == .done && done.accepted == start + .seconds(1) && done.ended == start + .seconds(3))
            #expect(try await store.fetchActionOrder(created.order.id, now: start)?.counts == [.done: 1])
            #expect(try await store.fetchOpenActions().isEmpty)
        }
    }

    /// What an answer brings along of how it was reached is written with it; what is written already stays.
    @Test(arguments: DatabaseKind.allCases)
    func anAnswerBringsItsMark(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol("a")
            let id = try #require(try await store.createActions(order(), devices: [device]).new.first?.id)
            let reach = ActionReach(.connectionRequest, connectedAfter: .milliseconds(38))
            let mark = ActionMark(id: id, sent: start + .seconds(1), reach: reach)
            for (progress, mark) in [(ActionProgress.accepted, mark), (.done, nil)] {
                #expect(
                    try await store.storeActionReport(
                        id, of: device, progress: progress, code: "", text: "", mark: mark, now: start + .seconds(2)))
            }
            let done = try #require(try await store.fetchActions(of: device, limit: 1).first)
            #expect(done.progress == .done && done.sent == start + .seconds(1) && done.reach == reach)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func expiryCancellingAndDeletion(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let (a, b, c) = (try await fixture.enrol("a"), try await fixture.enrol("b"), try await fixture.enrol("c"))
            let short = try await store.createActions(order(expires: .seconds(1)), devices: [a])
            let long = try await store.createActions(order(), devices: [b, c])
            #expect(try await store.expireActions(now: start).isEmpty)
            #expect(try await store.expireActions(now: start + .seconds(1)) == short.new.map(\.id))
            // Shared with the other order: it goes on for that one.
            let shared = try await store.createActions(order(), devices: [b])
            #expect(shared.new.isEmpty)
            _ = try await store.deleteDevice(c, principal: StoreFixture.administrator, now: start)
            let cancelled = try await store.cancelActions(long.order.id, principal: StoreFixture.administrator, now: start)
            #expect(cancelled == [])
            let counts = try await store.fetchActionOrder(long.order.id, now: start)?.counts
            #expect(counts == [.cancelled: 1, .failed: 1], "for this order it is over")
            #expect(try await store.fetchActionOrder(shared.order.id, now: start)?.counts == [.pending: 1])
            let rest = try await store.cancelActions(shared.order.id, principal: StoreFixture.administrator, now: start)
            #expect(rest?.count == 1, "nobody wants it any more")
            #expect(try await store.fetchOpenActions().isEmpty)
            #expect(
                try await store.cancelActions(.random(), principal: StoreFixture.administrator, now: start) == nil)
            let alone = try await store.createActions(order(), devices: [a])
            #expect(
                try await store.cancelActions(alone.order.id, principal: StoreFixture.administrator, now: start)
                    == alone.new.map(\.id))
        }
    }

    /// Two orders share what the device has not begun: it is there as long as one of them wants it, and over for each at its own time.
    @Test(arguments: DatabaseKind.allCases)
    func ordersThatShareAnAction(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol("a")
            let short = try await store.createActions(order(expires: .seconds(3)), devices: [device])
            let long = try await store.createActions(order(), devices: [device])
            #expect(long.shared == short.new.map(\.id))
            let later = start + .seconds(5)
            #expect(try await store.expireActions(now: later).isEmpty)
            let ofShort = try await store.fetchActions(of: short.order, after: nil, limit: 10, now: later)
            #expect(ofShort.map(\.progress) == [.expired] && ofShort[0].ended == start + .seconds(3))
            #expect(try await store.fetchActions(of: long.order, after: nil, limit: 10, now: later).map(\.progress) == [.pending])
            #expect(try await store.fetchActionOrder(short.order.id, now: later)?.counts == [.expired: 1])
            // The longer one cancelled, the shorter one's time holds again.
            let other = try await store.createActions(order(expires: .seconds(9)), devices: [device])
            #expect(
                try await store.cancelActions(long.order.id, principal: StoreFixture.administrator, now: later) == [])
            #expect(try await store.expireActions(now: start + .seconds(9)) == other.shared)
            let listed = try await store.fetchActionOrders(before: nil, limit: 2, now: later)
            #expect(listed.count == 2)
            let rest = try await store.fetchActionOrders(before: listed[1].cursor, limit: 2, now: later)
            #expect(Set((listed + rest).map(\.id)) == Set([short, long, other].map(\.order.id)))
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func aRevokedDeviceIsOrderedNothing(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol("a")
            _ = try await store.revokeDevice(device, principal: StoreFixture.administrator, now: start)
            let created = try await store.createActions(order(), devices: [device])
            #expect(created.new.isEmpty && created.order.counts == [.failed: 1])
            let action = try await store.fetchActions(of: created.order, after: nil, limit: 10, now: start).first
            #expect(action?.code == "deviceRevoked" && action?.ended == start)
            await #expect(throws: StoreError.self) {
                try await store.setPermanentConnection(
                    device, to: true, expectedRevision: nil, principal: StoreFixture.administrator, now: start)
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func oldOnesAreForgotten(_ kind: DatabaseKind) async throws {
        try await StoreFixture.with(kind) { fixture in
            let store = fixture.store
            let device = try await fixture.enrol("a")
            let done = try await store.createActions(order(), devices: [device])
            let id = try #require(done.new.first?.id)
            _ = try await store.storeActionReport(id, of: device, progress: .done, code: "", text: "", now: start)
            let open = try await store.createActions(order(), devices: [device])
            let later = start + .days(30)
            #expect(try await store.deleteActions(before: start, limit: 10) == 0)
            #expect(try await store.deleteActions(before: later, limit: 10) == 1)
            #expect(try await store.deleteActions(before: later, limit: 10) == 0)
            #expect(try await store.fetchActionOrder(done.order.id, now: start) == nil)
            #expect(try await store.fetchActionOrder(open.order.id, now: start) != nil)
        }
    }
}
