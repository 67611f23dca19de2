import ArgumentParser
import MusterAPI
import MusterModel

extension Devices {
    /// `muster devices copies`
    struct Copies: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists devices that come from several machines: copies of one disk.",
            discussion: """
                One of the machines is served, the others are refused until it is decided: 'muster devices split' gives each of them an \
                identity of its own, 'muster devices same' says that it was one device.
                """)
        @OptionGroup var global: GlobalOptions
        @OptionGroup var limit: LimitOption

        func run() async throws {
            try await global.withClient { client in
                try await client.printList(
                    of: CopiedDeviceEntry.self, at: APIPath.copies, limit: limit.limit, global.output,
                    empty: "No device comes from several machines.")
            }
        }
    }

    /// `muster devices split`
    struct Split: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives copies of a device an identity of their own.",
            discussion: """
                Machines that are refused as copies of the device enrol as new devices by themselves when they come next, within 24 \
                hours from now. The machine that is served stays what it is.
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .device) var device: String

        func run() async throws { try await global.decideOnCopies(device, APIPath.deviceSplit, said: "Split") }
    }

    /// `muster devices same`
    struct Same: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says that a device that was taken for several is one.",
            discussion: "What is known of copies is forgotten; the machine that comes next is the device.")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .device) var device: String

        func run() async throws { try await global.decideOnCopies(device, APIPath.deviceSame, said: "One device") }
    }
}

extension GlobalOptions {
    /// Without copies there is nothing to decide, and that is said: not an error.
    fileprivate func decideOnCopies(_ device: String, _ path: String, said: String) async throws {
        do { try await decide(device, path, said: said) } catch let error as CommandError
            where error.problem?.knownCode == .noCopies
        {
            try ItemPrinter.print(
                ["copies": "none"], output,
                members: [("Copies", "none: no machine was taken for a copy of '\(device)', there is nothing to decide")])
        }
    }

    /// What is said to the server of one device, without more.
    func decide(_ device: String, method: APIRequest.Method = .post, _ path: String, said: String) async throws {
        let entry = try await withClient { client in
            let id = try await client.device(device)
            let entry = try await client.get(APIPath.filled(APIPath.device, id), as: DeviceEntry.self)
            try await client.perform(.init(method: method, path: APIPath.filled(path, id)))
            return entry
        }
        try ItemPrinter.print(
            ["id": entry.id.description], output, members: [(said, Shown.named(entry.name, entry.id))])
    }
}
