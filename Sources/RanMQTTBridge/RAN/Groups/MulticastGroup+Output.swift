// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import RANClient
internal import TTNMessages

extension MulticastGroup {
    /// For scripts.
    var json: JSONValue {
        [
            "addr": .string(address.hex),
            "name": .string(name),
            "created_at": .string(RFC3339.text(createdAt, .trimmed)),
            "devices": .array(devices.map { .string($0.hex) }),
        ]
    }

    /// Rows for people; a group of many devices is told by their number.
    static func table(_ groups: [MulticastGroup]) -> String {
        var table = TextTable(["address", "name", "created", "devices"])
        for group in groups {
            let devices = group.devices.prefix(4).map(\.hex).joined(separator: " ")
            let rest = group.devices.count > 4 ? " and \(group.devices.count - 4) more" : ""
            table.add([
                group.address.hex, group.name,
                RFC3339.text(UnixTime(milliseconds: group.createdAt.seconds * 1000), .trimmed),
                group.devices.isEmpty ? "-" : devices + rest,
            ])
        }
        return table.text
    }
}
