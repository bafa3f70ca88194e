// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import TTNClient

extension ManagementSubcommand {
    static let deviceList = ManagementSubcommand(
        name: "device list",
        usage: "APP [--attribute NAME=TEXT] [--after DEV] [--limit N] [--keys]",
        summary: "Shows an application's devices in the order of their ids.",
        details: """
              --attribute NAME=TEXT only devices with this attribute; repeatable
              --after DEV           begin behind this device
              --limit N             show at most that many; all without it
              --keys                show their keys, too: needs the right devices:keys
            """,
        example: "meters --attribute site=roof",
        options: ["--attribute", "--after", "--limit"],
        flags: ["--keys"],
        run: { call in
            let application = try call.words("application's id")[0]
            let devices = try await call.devices(of: application)
            call.answer(.array(devices)) { ManagementTable.devices(devices) }
            return .success
        },
    )

    static let deviceGet = ManagementSubcommand(
        name: "device get",
        usage: "APP DEV [--keys]",
        summary: "Shows all that is known of a device.",
        details: "  --keys                show its keys, too: needs the right devices:keys",
        example: "meters a1 --json",
        flags: ["--keys"],
        run: { call in
            let words = try call.words("application's id", "device's id")
            let result = try await call.ask("device", ["dev_id": .string(words[1])], of: call.scope(words[0]))
            call.answer(result) { ManagementTable.members(of: result) }
            return .success
        },
    )

    static let deviceAdd = ManagementSubcommand(
        name: "device add",
        usage: "APP DEV --dev-eui EUI [attributes] [--overwrite]",
        summary: "Registers a device, here and in the RAN's routing table.",
        details: DeviceOptions.help + "\n  --overwrite             replace a device of that id that differs",
        example: "meters a1 --dev-eui 70b3d57ed0000004 --join-eui 70b3d57ed0f00001 --file a1-key.json",
        options: DeviceOptions.options,
        flags: ["--overwrite"],
        effect: .changes,
        run: { call in
            let words = try call.words("application's id", "device's id")
            var body: JSONObject = [
                "dev_id": .string(words[1]), "device": .object(try DeviceOptions.device(call.arguments)),
            ]
            if call.arguments.flags.contains("--overwrite") { body["overwrite"] = true }
            return try await call.changeDevice("register_device", body, of: words[0])
        },
    )

    static let deviceUpdate = ManagementSubcommand(
        name: "device update",
        usage: "APP DEV attributes",
        summary: "Changes attributes of a device; those not named stay.",
        details: DeviceOptions.help,
        example: "meters a1 --description 'roof, north' --set altitude=null",
        options: DeviceOptions.options,
        effect: .changes,
        run: { call in
            let words = try call.words("application's id", "device's id")
            let device = try DeviceOptions.device(call.arguments)
            guard !device.isEmpty else { throw UsageError("nothing to change: give at least one attribute") }
            let body: JSONObject = ["dev_id": .string(words[1]), "device": .object(device)]
            return try await call.changeDevice("update_device", body, of: words[0])
        },
    )

    static let deviceRemove = ManagementSubcommand(
        name: "device remove",
        usage: "APP DEV… [--yes]",
        summary: "Deletes devices, here and from the RAN's routing table.",
        details: "Exit code 3 when one of them was not there; the others are deleted all the same.",
        example: "meters a1 a2 --yes",
        effect: .destroys,
        run: { call in
            let words = try call.words("application's id", "device's id…")
            let devices = Array(words.dropFirst())
            let what = devices.count == 1 ? "device \(devices[0])" : "\(devices.count) devices"
            guard try call.isConfirmed("This deletes \(what) of application \(words[0]).") else { return .failure }
            return try await call.remove(devices, of: words[0])
        },
    )
}

extension ManagementCall {
    /// Where devices are asked for: with `--keys` where keys are shown.
    func scope(_ application: String) -> RequestScope {
        arguments.flags.contains("--keys") ? .keys(application) : .application(application)
    }

    /// Devices that the options choose, page by page.
    fileprivate func devices(of application: String) async throws -> [JSONValue] {
        var body = JSONObject()
        body["attributes"] = try DeviceOptions.pairs(arguments, "--attribute").map { .object($0) }
        body["after"] = arguments.options["--after"].map { .string($0) }
        let limit = try integer(option: "--limit", in: 1...Int64.max)?.wholeNumber.map { Int(clamping: $0) } ?? .max
        var devices: [JSONValue] = []
        repeat {
            // More than a page is never asked for at once.
            if limit - devices.count < 100 { body["limit"] = .integer(Int64(limit - devices.count)) }
            let page = try await ask("devices", body, of: scope(application))
            devices += page["devices"]?.elements ?? []
            body["after"] = page["next"]
        } while body["after"] != nil && devices.count < limit
        return Array(devices.prefix(limit))
    }

    fileprivate func changeDevice(
        _ method: String,
        _ body: JSONObject,
        of application: String,
    ) async throws -> ExitCode {
        guard let result = try await change(method, body, of: .application(application)) else { return .success }
        answer(result) { ManagementTable.devices([result]) }
        if result["ran"]?["state"]?.text == "refused" {
            Console.complain("the RAN does not take it: \(result["ran"]?["error"]?.text ?? "no reason given")")
            return .failure
        }
        return .success
    }

    fileprivate func remove(_ devices: [String], of application: String) async throws -> ExitCode {
        var removed: [JSONValue] = []
        var missing: [String] = []
        for device in devices {
            do throws(TTNClientError) {
                let body: JSONObject = ["dev_id": .string(device)]
                if let result = try await change("delete_device", body, of: .application(application)) {
                    removed.append(result)
                }
            } catch {
                guard ExitCode(error) == .notFound else { throw error }
                missing.append(device)
            }
        }
        if !isDryRun { answer(.array(removed)) { "\(removed.count) of \(devices.count) deleted" } }
        guard !missing.isEmpty else { return .success }
        Console.complain("not there: \(missing.joined(separator: ", "))")
        return .notFound
    }
}
