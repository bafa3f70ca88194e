// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import JSON
internal import LoRaWAN

/// One row of the routing table, with what the RAN remembers about the device.
struct Subscription {
    let devEUI: EUI64
    /// The JoinEUI of an OTAA device.
    let joinEUI: EUI64?
    var activeDevAddr: DevAddr?
    /// The address of the join that is under way, until the first uplink from it.
    var targetDevAddr: DevAddr?
    var details: String?
    let createdAt: APITime
    /// How many candidates the next MIC challenge holds.
    var challengeSize: Int
    /// Failed challenges in a row.
    var failures = 0
    /// When the frame last acknowledged arrived at the gateway.
    var lastAcknowledged: MonotonicTime?

    /// Writes the row: a table of a million is read in a few seconds.
    ///
    /// - Parameter created: the text of `createdAt`.
    func write(to json: inout JSONWriter, created: String) {
        json.object { json in
            json.member("DevEUI", devEUI.hex)
            for (name, value) in [
                ("JoinEUI", joinEUI?.hex), ("ActiveDevAddr", activeDevAddr?.hex), ("TargetDevAddr", targetDevAddr?.hex),
                ("Details", details),
            ] as [(StaticString, String?)] {
                json.name(name)
                if let value { json.string(value) } else { json.null() }
            }
            json.member("CreatedAt", created)
        }
    }

    var json: JSONValue {
        [
            "DevEUI": .string(devEUI.hex),
            "JoinEUI": joinEUI.map { .string($0.hex) } ?? .null,
            "ActiveDevAddr": activeDevAddr.map { .string($0.hex) } ?? .null,
            "TargetDevAddr": targetDevAddr.map { .string($0.hex) } ?? .null,
            "Details": details.map { .string($0) } ?? .null,
            "CreatedAt": .string(createdAt.text),
        ]
    }
}
