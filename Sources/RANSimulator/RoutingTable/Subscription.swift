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
