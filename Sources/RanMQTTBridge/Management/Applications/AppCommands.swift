// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import TTNClient

extension ManagementSubcommand {
    static let appList = ManagementSubcommand(
        name: "app list",
        usage: "",
        summary: "Shows the applications.",
        example: "--json",
        run: { call in
            _ = try call.words()
            let result = try await call.ask("applications", of: .administration)
            call.answer(result) { ManagementTable.applications(result["applications"]?.elements ?? []) }
            return .success
        },
    )

    static let appAdd = ManagementSubcommand(
        name: "app add",
        usage: "APP",
        summary: "Registers an application, without devices and access keys.",
        example: "meters",
        effect: .changes,
        run: { call in
            let application = try call.words("application's id")[0]
            guard let result = try await call.change("register", ["app_id": .string(application)], of: .administration)
            else { return .success }
            call.answer(result) { "application \(application) is registered; give it a key with: key add" }
            return .success
        },
    )

    static let appGet = ManagementSubcommand(
        name: "app get",
        usage: "APP",
        summary: "Shows an application with its payload functions.",
        example: "meters --json",
        run: { call in
            let application = try call.words("application's id")[0]
            let result = try await call.ask("get", of: .application(application))
            call.answer(result) { ManagementTable.members(of: result) }
            return .success
        },
    )

    static let appSetFormat = ManagementSubcommand(
        name: "app set-format",
        usage: "APP FORMAT",
        summary: "Sets how payloads become fields: custom, cayennelpp or none. Stored functions stay.",
        example: "meters cayennelpp",
        effect: .changes,
        run: { call in
            let words = try call.words("application's id", "format")
            return try await call.changeApplication(
                words[0],
                "set_payload_format",
                ["payload_format": .string(words[1])],
            )
        },
    )

    static let appSetFunctions = ManagementSubcommand(
        name: "app set-functions",
        usage: "APP [--decoder FILE] [--converter FILE] [--validator FILE] [--encoder FILE]",
        summary: "Sets payload functions, each from a file; those not named stay.",
        details: """
              --decoder FILE        JavaScript from octets to fields
              --converter FILE      JavaScript from decoded fields to those that are published
              --validator FILE      JavaScript that may drop an uplink
              --encoder FILE        JavaScript from the fields of a downlink to octets

            An empty file removes a function. `codec run` tries a file without a bridge.
            """,
        example: "meters --decoder climate.js",
        options: ["--decoder", "--converter", "--validator", "--encoder"],
        effect: .changes,
        run: { call in
            let application = try call.words("application's id")[0]
            var body = JSONObject()
            for name in ["decoder", "converter", "validator", "encoder"] {
                guard let file = call.arguments.options["--\(name)"] else { continue }
                body[name] = .string(try TextFile.read(file))
            }
            guard !body.isEmpty else { throw UsageError("no function to set: give --decoder FILE or another") }
            return try await call.changeApplication(application, "set_custom_payload_functions", body)
        },
    )

    static let appRemove = ManagementSubcommand(
        name: "app remove",
        usage: "APP [--yes]",
        summary: "Unregisters an application with all its devices and keys.",
        details: "Its devices leave the RAN's routing table as well: their frames come here no more.",
        example: "meters --yes",
        effect: .destroys,
        run: { call in
            let application = try call.words("application's id")[0]
            let question = "This removes application \(application) with all its devices, from the RAN as well."
            guard try call.isConfirmed(question) else { return .failure }
            guard let result = try await call.change("unregister", of: .application(application)) else {
                return .success
            }
            call.answer(result) { "application \(application) is removed" }
            return .success
        },
    )
}

extension ManagementCall {
    fileprivate func changeApplication(
        _ application: String,
        _ method: String,
        _ body: JSONObject,
    ) async throws -> ExitCode {
        guard let result = try await change(method, body, of: .application(application)) else { return .success }
        answer(result) { ManagementTable.members(of: result) }
        return .success
    }
}
