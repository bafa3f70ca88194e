// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import RANClient
internal import TTNMessages

extension RoutingEntry {
    /// For scripts.
    var json: JSONValue {
        [
            "dev_eui": .string(devEUI.hex),
            "join_eui": joinEUI.map { .string($0.hex) } ?? .null,
            "active_dev_addr": activeDevAddr.map { .string($0.hex) } ?? .null,
            "target_dev_addr": targetDevAddr.map { .string($0.hex) } ?? .null,
            "details": details.map { .string($0) } ?? .null,
            "created_at": .string(RFC3339.text(createdAt, .trimmed)),
        ]
    }

    /// Rows for people.
    static func table(_ entries: [RoutingEntry]) -> String {
        var table = TextTable(["DevEUI", "JoinEUI", "active", "target", "created", "details"])
        for entry in entries {
            table.add([
                entry.devEUI.hex, entry.joinEUI?.hex ?? "-", entry.activeDevAddr?.hex ?? "-",
                entry.targetDevAddr?.hex ?? "-",
                RFC3339.text(UnixTime(milliseconds: entry.createdAt.seconds * 1000), .trimmed), entry.details ?? "",
            ])
        }
        return table.text
    }
}

extension RANCall {
    /// Prints one row of the routing table.
    func answer(_ entry: RoutingEntry) {
        answer(entry.json, RoutingEntry.table([entry]))
    }
}
