// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Glibc
internal import JSON
internal import LoRaWAN
internal import TTNClient
internal import TTNMessages

extension ManagementSubcommand {
    static let deviceEvents = ManagementSubcommand(
        name: "device events",
        usage: "APP DEV [--limit N] [--watch]",
        summary: "Shows what happened to a device lately: uplinks, joins, downlinks, refusals.",
        details: """
              --limit N             show at most that many, the latest
              --watch               go on with what happens, until interrupted: needs the right messages:up:r
            """,
        example: "meters a1 --watch",
        options: ["--limit"],
        flags: ["--watch"],
        run: { call in
            let words = try call.words("application's id", "device's id")
            let isWatching = call.arguments.flags.contains("--watch")
            // Listening begins before the past is asked for, so that nothing falls between.
            let live = isWatching ? try await LiveEvents(call.access, application: words[0], device: words[1]) : nil
            var body: JSONObject = ["dev_id": .string(words[1])]
            body["limit"] = try call.integer(option: "--limit", in: 1...10_000)
            let result = try await call.ask("events", body, of: .application(words[0]))
            for event in result["events"]?.elements ?? [] { call.show(event, of: words[0], words[1]) }
            guard let live else { return .success }
            return await live.follow(call)
        },
    )
}

extension ManagementCall {
    /// One line an event.
    fileprivate func show(_ event: JSONValue, of application: String, _ device: String) {
        answer(event) {
            let name = event["event"]?.text ?? "?"
            let topic = "\(application)/devices/\(device)/\(name)"
            let data = Array((event["data"] ?? .null).jsonText.utf8)
            let line = WatchLine.text(topic: topic, payload: data) ?? "\(application)/\(device)  \(name)"
            return "\(event["time"]?.text ?? "-")  \(line)".printable
        }
    }
}

/// A device's messages as they come.
private struct LiveEvents {
    private let client: MQTTClient
    private let uplinks: EventSequence<TTNClient.UplinkMessage>
    private let events: EventSequence<TTNClient.DeviceEvent>
    private let application: String
    private let device: String
    private let signals = SignalSource([SIGTERM, SIGINT])

    init(_ access: ManagementAccess, application: String, device: String) async throws(TTNClientError) {
        self.application = application
        self.device = device
        client = try MQTTClient(
            appID: application,
            accessKey: access.password,
            address: access.url,
            options: access.options,
            username: access.username,
        )
        uplinks = try await client.uplinks()
        events = try await client.deviceEvents()
        try await client.connect()
    }

    /// Prints what comes until a signal does.
    func follow(_ call: ManagementCall) async -> ExitCode {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await uplink in uplinks where uplink.devID == device {
                    print(call, "up", uplink.json)
                }
            }
            group.addTask {
                for await event in events where event.devID == device {
                    print(call, "events/\(event.name)", event.json)
                }
            }
            for await _ in signals.signals { break }
            await client.close()
            await group.waitForAll()
        }
        return .success
    }

    private func print(_ call: ManagementCall, _ name: String, _ body: JSONValue) {
        let time = RFC3339.text(UnixTime(nanoseconds: WallClock.nanoseconds), .inThrees)
        call.show(["time": .string(time), "event": .string(name), "data": body], of: application, device)
    }
}
