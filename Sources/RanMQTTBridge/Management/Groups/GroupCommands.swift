// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import TTNClient

extension ManagementSubcommand {
    static let groupList = ManagementSubcommand(
        name: "group list",
        usage: "APP [--keys]",
        summary: "Shows an application's multicast groups.",
        details: "  --keys                show their keys, too: needs the right devices:keys",
        example: "meters",
        flags: ["--keys"],
        run: { call in
            let application = try call.words("application's id")[0]
            let result = try await call.ask("multicast_groups", of: call.scope(application))
            call.answer(result) {
                ManagementTable.groups(result["multicast_groups"]?.elements ?? result.elements ?? [])
            }
            return .success
        },
    )

    static let groupAdd = ManagementSubcommand(
        name: "group add",
        usage: "APP GROUP --addr ADDR --nwk-s-key KEY --app-s-key KEY --class B|C [attributes]",
        summary: "Makes a multicast group, here and at the RAN.",
        details: GroupOptions.help,
        example: "meters lamps --addr 26011fff --class C --file lamps-keys.json",
        options: GroupOptions.options,
        effect: .changes,
        run: { call in try await call.changeGroup("create_multicast_group") },
    )

    static let groupUpdate = ManagementSubcommand(
        name: "group update",
        usage: "APP GROUP attributes",
        summary: "Changes attributes of a multicast group; those not named stay.",
        details: GroupOptions.help,
        example: "meters lamps --frequency 869525000 --data-rate 3",
        options: GroupOptions.options,
        effect: .changes,
        run: { call in try await call.changeGroup("update_multicast_group") },
    )

    static let groupRemove = ManagementSubcommand(
        name: "group remove",
        usage: "APP GROUP [--yes]",
        summary: "Deletes a multicast group, here and at the RAN.",
        example: "meters lamps --yes",
        effect: .destroys,
        run: { call in
            let words = try call.words("application's id", "group's id")
            guard try call.isConfirmed("This deletes multicast group \(words[1]).") else { return .failure }
            let body: JSONObject = ["group_id": .string(words[1])]
            return try await call.finish("delete_multicast_group", body, words[0], "group \(words[1]) is deleted")
        },
    )

    static let groupAddDevice = ManagementSubcommand(
        name: "group add-device",
        usage: "APP GROUP DEV",
        summary: "Makes a device a member of a multicast group.",
        example: "meters lamps a1",
        effect: .changes,
        run: { call in
            let words = try call.words("application's id", "group's id", "device's id")
            let body: JSONObject = ["group_id": .string(words[1]), "dev_id": .string(words[2])]
            let text = "\(words[2]) is a member of \(words[1])"
            return try await call.finish("add_device_to_multicast_group", body, words[0], text)
        },
    )

    static let groupRemoveDevice = ManagementSubcommand(
        name: "group remove-device",
        usage: "APP GROUP DEV",
        summary: "Takes a device out of a multicast group.",
        example: "meters lamps a1",
        effect: .changes,
        run: { call in
            let words = try call.words("application's id", "group's id", "device's id")
            let body: JSONObject = ["group_id": .string(words[1]), "dev_id": .string(words[2])]
            let text = "\(words[2]) is no member of \(words[1]) any more"
            return try await call.finish("remove_device_from_multicast_group", body, words[0], text)
        },
    )

    static let groupSend = ManagementSubcommand(
        name: "group send",
        usage: "APP GROUP PORT PAYLOAD",
        summary: "Sends to all members of a multicast group; the payload in hexadecimal.",
        example: "meters lamps 10 01ff",
        effect: .changes,
        run: { call in
            let words = try call.words("application's id", "group's id", "port", "payload")
            guard let port = UInt8(words[2]), port > 0 else {
                throw UsageError("the port is a whole number from 1 to 255, not '\(words[2])'")
            }
            guard let octets = Hex.octets(words[3]) else {
                throw UsageError("the payload is an even number of hexadecimal digits, not '\(words[3])'")
            }
            let body: JSONObject = [
                "group_id": .string(words[1]), "port": .integer(Int64(port)),
                "payload_raw": .string(Base64.text(octets)),
            ]
            return try await call.finish("send_multicast", body, words[0], "queued for \(words[1])")
        },
    )
}
