// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import TTNClient

extension ManagementSubcommand {
    static let deviceQueue = ManagementSubcommand(
        name: "device queue",
        usage: "APP DEV",
        summary: "Shows the downlinks that wait for a device, the next one first.",
        example: "meters a1",
        run: { call in
            let words = try call.words("application's id", "device's id")
            let result = try await call.ask(
                "downlink_queue",
                ["dev_id": .string(words[1])],
                of: .application(words[0]),
            )
            call.answer(result) { ManagementTable.downlinks(result["downlinks"]?.elements ?? result.elements ?? []) }
            return .success
        },
    )

    static let deviceClearQueue = ManagementSubcommand(
        name: "device clear-queue",
        usage: "APP DEV [--yes]",
        summary: "Removes the downlinks that wait for a device.",
        example: "meters a1 --yes",
        effect: .destroys,
        run: { call in
            let words = try call.words("application's id", "device's id")
            guard try call.isConfirmed("This removes all downlinks that wait for device \(words[1]).") else {
                return .failure
            }
            let body: JSONObject = ["dev_id": .string(words[1])]
            guard let result = try await call.change("clear_downlink_queue", body, of: .application(words[0])) else {
                return .success
            }
            call.answer(result) { "\(result["cleared"]?.wholeNumber ?? 0) downlinks removed" }
            return .success
        },
    )

    static let deviceSimulate = ManagementSubcommand(
        name: "device simulate",
        usage: "APP DEV PORT PAYLOAD",
        summary: "Publishes an uplink as if the device had sent it; the payload in hexadecimal.",
        example: "meters a1 1 0167010f",
        effect: .changes,
        run: { call in
            let words = try call.words("application's id", "device's id", "port", "payload")
            guard let port = UInt8(words[2]), port > 0 else {
                throw UsageError("the port is a whole number from 1 to 255, not '\(words[2])'")
            }
            guard let octets = Hex.octets(words[3]) else {
                throw UsageError("the payload is an even number of hexadecimal digits, not '\(words[3])'")
            }
            let body: JSONObject = [
                "dev_id": .string(words[1]), "payload_raw": .string(Base64.text(octets)), "port": .integer(Int64(port)),
            ]
            guard let result = try await call.change("simulate_uplink", body, of: .application(words[0])) else {
                return .success
            }
            call.answer(result) { "an uplink of \(words[1]) is on its way" }
            return .success
        },
    )
}

extension ManagementTable {
    /// One row a downlink.
    static func downlinks(_ downlinks: [JSONValue]) -> String {
        var table = TextTable(["port", "confirmed", "payload", "fields", "sent", "id"])
        for downlink in downlinks {
            let octets = downlink["payload_raw"]?.text.flatMap { Base64.octets($0) }
            table.add([
                cell(downlink["port"]), cell(downlink["confirmed"] ?? false), octets.map { Hex.text($0) } ?? "-",
                cell(downlink["payload_fields"]), cell(downlink["transmissions"]), cell(downlink["id"]),
            ])
        }
        return table.text
    }
}
