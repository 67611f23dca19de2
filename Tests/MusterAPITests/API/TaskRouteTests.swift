import Foundation
import MusterAPI
import MusterModel
import MusterSession
import MusterStore
import NIOHTTP1
import Testing

@testable import MusterServer

/// `tasks` and `runs`.
struct TaskRouteTests {
    private let look = #"{"name":"Look","application":"services","type":"look","group":"/","settings":{"depth":3}}"#
    private let script =
        #"{"name":"Script","application":"services","type":"script","group":"/","settings":{"text":"true\n","password":"x"}}"#

    private func create(_ api: APIFixture, _ json: String) async throws -> TaskEntry {
        let answer = try await api.client.send(.POST, APIPath.tasks, json: json)
        #expect(answer.status == 201, "\(String(decoding: answer.body, as: UTF8.self))")
        return try answer.value()
    }

    private func run(
        _ api: APIFixture, _ task: TaskEntry, _ json: String = "{}", token: String? = nil
    ) async throws -> HTTPSClient.Answer {
        try await api.client(token ?? api.administrator).send(.POST, APIPath.filled(APIPath.taskRun, task.id), json: json)
    }

    private func runs(_ api: APIFixture, _ path: String = APIPath.runs) async throws -> [RunEntry] {
        let page: Page<RunEntry> = try await api.client.get(path).value()
        return page.items
    }

    @Test func aTaskIsMadeChangedAndDeleted() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let made = try await create(api, script)
            #expect(made.scope.group?.path == "/" && made.schedule == "manual" && made.revision == 1)
            #expect(made.settings["password"] == .secret && made.expiresAfterSeconds == 7 * 86_400)
            let path = APIPath.filled(APIPath.task, made.id)
            let changed: TaskEntry = try await api.client.send(
                .PATCH, path, json: #"{"schedule":"daily 03:00","runMissed":true,"settings":{"text":"false"}}"#,
                headers: [("If-Match", "\"1\"")]
            ).value()
            #expect(changed.schedule == "daily 03:00" && changed.runMissed && changed.revision == 2)
            #expect(changed.settings == ["text": .text("false"), "password": .secret])
            let stale = try await api.client.send(.PATCH, path, json: #"{"name":"x"}"#, headers: [("If-Match", "\"1\"")])
            #expect(stale.status == 412)
            let page: Page<TaskEntry> = try await api.client.get(APIPath.tasks).value()
            #expect(page.items == [changed])
            #expect(try await api.client.send(.DELETE, path).status == 204)
            #expect(try await api.client.get(path).status == 404)
        }
    }

    @Test(arguments: [
        (#""type":"dance","group":"/""#, "type"), (#""type":"look","group":"/Nowhere""#, "group"),
        (#""type":"look""#, "group"), (#""type":"look","group":"/","selection":"s""#, "group"),
        (#""type":"look","group":"/","settings":{"depth":99}"#, "settings.depth"),
        (#""type":"look","group":"/","settings":{"colour":1}"#, "settings.colour"),
        (#""type":"script","group":"/""#, "settings.text"),
        (#""type":"look","group":"/","schedule":"fortnightly""#, "schedule"),
        (#""type":"look","group":"/","stopAfterSeconds":1"#, "stopAfterSeconds"),
        (#""type":"look","group":"/","randomDelaySeconds":-1"#, "randomDelaySeconds"),
        (#""type":"look","group":"/","expiresAfterSeconds":0"#, "expiresAfterSeconds"),
    ])
    func whatIsWrongIsRefusedByName(_ members: String, _ field: String) async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let answer = try await api.client.send(
                .POST, APIPath.tasks, json: #"{"name":"T","application":"services",\#(members)}"#)
            #expect(answer.status == 400)
            #expect(answer.problem?.errors?.first?.field == field, "\(answer.problem?.detail ?? "")")
        }
    }

    @Test func aRunIsOrderedFollowedAndRead() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let devices = try await api.managedDevices("a", "b")
            let task = try await create(api, look)
            let order: ActionOrderEntry = try await run(api, task).value()
            #expect(order.total == 2 && order.kind == "runTask")
            let ordered = try await runs(api, APIPath.runs + "?order=\(order.id)")
            #expect(ordered.map(\.state) == ["pending", "pending"] && ordered.allSatisfy { $0.origin == "order" })
            let first = try #require(ordered.first { $0.device == devices[0] })
            let report = RunReport(
                run: first.id, task: task.id, revision: 1, application: .services, type: "look")
            try await api.say([report], of: devices[0], from: 1)
            api.backend.with {
                $0.statistics[devices[0]] = DeviceStatistics(
                    collected: APIFixture.now, applications: [:], runs: [RunProgress(run: first.id, share: 450, step: "/home")])
            }
            let path = APIPath.filled(APIPath.run, first.id)
            let running: RunEntry = try await api.client.get(path).value()
            #expect(running.state == "running" && running.share == 450 && running.step == "/home")

            var ended = report
            ended.end = RunReport.End(
                result: .failed, exitCode: 2, code: "exitCode", text: "it ended with 2", duration: .seconds(3), outputBytes: 9)
            try await api.say([ended], of: devices[0], from: 2)
            let outputPath = APIPath.filled(APIPath.runOutput, first.id)
            #expect(try await api.client.get(outputPath).problem?.knownCode == .noOutput)
            #expect(
                try await api.store.storeRunOutput(
                    RunOutput(bytes: Array("begin".utf8) + [0xff] + Array("end".utf8), total: 100, cut: 5), of: first.id,
                    device: devices[0]))
            let output: RunOutputEntry = try await api.client.get(outputPath).value()
            #expect(output.head == "begin" && output.tail == "\u{fffd}end" && output.leftOutBytes == 91)
            let failed = try await runs(api, APIPath.filled(APIPath.deviceRuns, devices[0]) + "?state=failed")
            #expect(failed.map(\.id) == [first.id] && failed.first?.exitCode == 2 && failed.first?.hasOutput == true)
            #expect(try await runs(api, APIPath.filled(APIPath.taskRuns, task.id)).count == 2)
            #expect(try await api.client.get(APIPath.runs + "?state=dancing").status == 400)

            let other = try #require(ordered.first { $0.device == devices[1] })
            let stopped: RunEntry = try await api.client.send(.POST, APIPath.filled(APIPath.runStop, other.id)).value()
            #expect(stopped.state == "cancelled")
        }
    }

    @Test func whereItCanBeRun() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let devices = try await api.managedDevices("a", "b")
            let task = try await create(api, look)
            func total(_ json: String) async -> Int64? {
                (try? await run(api, task, json).value(ActionOrderEntry.self))?.total
            }
            #expect(await total(#"{"devices":["\#(devices[0])"]}"#) == 1)
            #expect(await total(#"{"all":true}"#) == 2)
            #expect(await total(#"{"filter":"name = b"}"#) == 1)
            for json in [
                #"{"filter":"name = nobody"}"#, #"{"devices":[]}"#, #"{"all":true,"filter":"name = a"}"#,
                #"{"devices":["\#(DeviceID.random())"]}"#,
            ] {
                #expect(try await run(api, task, json).status == 400, "\(json)")
            }
            // In Unassigned nothing is run.
            _ = try await api.store.moveDevice(devices[1], api)
            #expect(try await run(api, task, #"{"devices":["\#(devices[1])"]}"#).status == 400)
            #expect(await total("{}") == 1)
        }
    }

    @Test func operatorsRunWhatIsNotLimitedByReach() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            _ = try await api.managedDevices("a")
            let token = try await api.token(.operator)
            #expect(try await run(api, try await create(api, look), token: token).status == 201)
            let limited = try await run(api, try await create(api, script), token: token)
            #expect(limited.status == 403 && limited.problem?.knownCode == .roleInsufficient)
        }
    }

    /// Decided at the server, for orders and for schedules alike; nothing is changed past it.
    @Test func moreDevicesThanTheReachAreRefused() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let devices = try await api.managedDevices("a", "b", "c")
            let created: CreatedAPIToken = try await api.client.send(
                .POST, APIPath.apiTokens, json: #"{"name":"small","role":"administrator","reach":2}"#
            ).value()
            let task = try await create(api, script)
            let refused = try await run(api, task, token: created.token)
            #expect(refused.status == 409 && refused.problem?.knownCode == .reachExceeded)
            #expect(refused.problem?.detail.contains("--reach") == true)
            #expect(try await runs(api).isEmpty)
            let named = #"{"devices":["\#(devices[0])","\#(devices[1])"]}"#
            #expect(try await run(api, task, named, token: created.token).status == 201)
            let client = api.client(created.token)
            let scheduled = try await client.send(
                .PATCH, APIPath.filled(APIPath.task, task.id), json: #"{"schedule":"daily 03:00"}"#)
            #expect(scheduled.problem?.knownCode == .reachExceeded)
            let narrow = try await client.send(
                .PATCH, APIPath.filled(APIPath.task, task.id),
                json: #"{"schedule":"daily 03:00","devices":["\#(devices[0])"]}"#)
            #expect(narrow.status == 200)
            let wider = try await client.send(.PATCH, APIPath.filled(APIPath.task, task.id), json: #"{"group":"/"}"#)
            #expect(wider.problem?.knownCode == .reachExceeded)
            api.clock.now = APIFixture.now + .hours(2)
            #expect(
                try await client.send(
                    .PATCH, APIPath.filled(APIPath.task, task.id), json: #"{"devices":["\#(devices[2])"]}"#
                ).status == 200)
            let kept: TaskEntry = try await api.client.get(APIPath.filled(APIPath.task, task.id)).value()
            #expect(kept.scope.devices == [devices[2]])
        }
    }

    /// A device has it written down, and another run of the task is under way there.
    @Test func whatItsDeviceHasNotBegunIsStoppedWithItsOrderAndItsTask() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let devices = try await api.managedDevices("a", "b")
            let task = try await create(api, look)
            func accepted(_ order: ActionOrderEntry) async throws -> RunID {
                let all = try await runs(api, APIPath.runs + "?order=\(order.id)")
                let run = try #require(all.first { $0.device == devices[0] })
                _ = try await api.store.storeActionReport(
                    ActionID(run.id), of: devices[0], progress: .done, code: "", text: "", mark: nil, now: APIFixture.now)
                return run.id
            }
            let first = try await accepted(run(api, task).value())
            try await api.say(
                [RunReport(run: first, task: task.id, revision: 1, application: .services, type: "look")], of: devices[0], from: 1
            )
            let order: ActionOrderEntry = try await run(api, task).value()
            let second = try await accepted(order)
            #expect(try await api.client.send(.DELETE, APIPath.filled(APIPath.action, order.id)).status == 200)
            #expect(api.backend.with { $0.stopped } == [second], "the one under way goes on")
            let third = try await accepted(run(api, task).value())
            #expect(try await api.client.send(.DELETE, APIPath.filled(APIPath.task, task.id)).status == 204)
            #expect(Set(api.backend.with { $0.stopped }) == [second, third])
        }
    }

    @Test func howATaskStandsOnADevice() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let devices = try await api.managedDevices("a")
            let task = try await create(api, look)
            api.backend.with {
                $0.standings[devices[0]] = [
                    task.id: TaskStanding(task: task.id, revision: 1, state: .refused, code: "ceiling", text: "forbidden")
                ]
            }
            let page: Page<DeviceTaskEntry> = try await api.client.get(APIPath.filled(APIPath.deviceTasks, devices[0])).value()
            #expect(page.items.map(\.state) == ["refused"] && page.items.first?.code == "ceiling")
        }
    }

    @Test func oneThatIsOrderedAloneStandsAsItsRunsSay() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let device = try #require(try await api.managedDevices("a").first)
            let task = try await create(api, look)
            func standing() async throws -> [String?] {
                let page: Page<DeviceTaskEntry> = try await api.client.get(APIPath.filled(APIPath.deviceTasks, device)).value()
                return page.items.flatMap { [$0.state, $0.lastResult, $0.code] }
            }
            #expect(try await standing() == ["waiting", nil, nil])
            _ = try await run(api, task)
            let id = try #require(try await runs(api).first?.id)
            _ = try await api.store.storeActionReport(
                ActionID(id), of: device, progress: .done, code: "", text: "", mark: nil, now: APIFixture.now)
            var report = RunReport(run: id, task: task.id, revision: 1, application: .services, type: "look")
            try await api.say([report], of: device, from: 1)
            #expect(try await standing() == ["running", nil, nil])
            report.end = RunReport.End(result: .failed, duration: .seconds(3))
            try await api.say([report], of: device, from: 2)
            #expect(try await standing() == ["waiting", "failed", nil])
            let forbidden = try await create(api, look.replacingOccurrences(of: "Look", with: "Other"))
            _ = try await run(api, forbidden)
            let other = try #require(try await runs(api).first { $0.task == forbidden.id }?.id)
            _ = try await api.store.storeActionReport(
                ActionID(other), of: device, progress: .failed, code: "ceiling", text: "no", mark: nil, now: APIFixture.now)
            #expect(try await standing() == ["waiting", "failed", nil, "refused", nil, "ceiling"])
        }
    }
}

extension Store {
    fileprivate func moveDevice(_ device: DeviceID, _ api: APIFixture) async throws {
        _ = try await setPlacement(of: [device], to: .fixed(nil), principal: APIFixture.principal, now: APIFixture.now)
        try await api.backend.devicesEdited([device])
    }
}

extension TaskRouteTests {
    /// Who comes into the scope of such a schedule by hand counts too.
    @Test func devicesThatAreMovedIntoASchedulesScopeAreCounted() async throws {
        try await APIFixture.with(configure: TaskManifests.use) { api in
            let devices = try await api.managedDevices("a", "b")
            let created: CreatedAPIToken = try await api.client.send(
                .POST, APIPath.apiTokens, json: #"{"name":"small","role":"administrator","reach":1}"#
            ).value()
            let client = api.client(created.token)
            let group = try await client.send(.POST, APIPath.groups, json: #"{"path":"/Few"}"#)
            #expect(group.status == 201)
            let task = try await client.send(
                .POST, APIPath.tasks,
                json:
                    #"{"name":"S","application":"services","type":"script","group":"/Few","schedule":"daily 03:00","settings":{"text":"true"}}"#
            )
            #expect(task.status == 201)
            func move(_ devices: [DeviceID]) async throws -> HTTPSClient.Answer {
                let ids = devices.map { "\"\($0)\"" }.joined(separator: ",")
                return try await client.send(.PATCH, APIPath.devices, json: #"{"devices":[\#(ids)],"group":"/Few"}"#)
            }
            #expect(try await move(devices).problem?.knownCode == .reachExceeded)
            #expect(try await move([devices[0]]).status == 200)
            #expect(try await move([devices[1]]).problem?.knownCode == .reachExceeded)
            #expect(api.backend.place(of: devices[1])?.group == .root)
        }
    }
}
