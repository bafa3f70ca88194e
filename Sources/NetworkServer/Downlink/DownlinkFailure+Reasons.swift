// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The failures with their sentences and figures.
extension DownlinkFailure {
    static let unknownDevice = DownlinkFailure(
        reason: .unknownDevice,
        message: "The device is not registered.",
    )
    static let noSession = DownlinkFailure(
        reason: .noSession,
        message: "The device never joined, so there is no session to send the downlink in.",
    )
    static let replaced = DownlinkFailure(
        reason: .replaced,
        message: "Another request replaced the downlink, or the queue was cleared.",
    )
    static let deviceDeleted = DownlinkFailure(
        reason: .deviceDeleted,
        message: "The device was deleted.",
    )
    static let unknownGroup = DownlinkFailure(
        reason: .unknownGroup,
        message: "The multicast group is not registered.",
    )
    static let groupDeleted = DownlinkFailure(
        reason: .groupDeleted,
        message: "The multicast group was deleted.",
    )
    static let countersUsedUp = DownlinkFailure(
        reason: .countersUsedUp,
        message: "The session's downlink counter is used up; the device must be activated again.",
    )
    static let expired = DownlinkFailure(
        reason: .expired,
        message: "The downlink expired before the device could be reached.",
    )
    static let expiredUnacknowledged = DownlinkFailure(
        reason: .expired,
        message: "The downlink was sent and expired before the device acknowledged it.",
    )

    static func invalidPort(_ port: UInt8) -> DownlinkFailure {
        DownlinkFailure(
            reason: .invalidPort,
            message: "Port \(port) cannot be used: application ports are 1 to 223.",
            figures: [Refusal.Figure("port", port)],
        )
    }

    /// `dataRate` is that of the window; nil when no data rate of the region carries the payload.
    static func payloadTooLong(size: Int, limit: Int, _ dataRate: DataRateIndex?, _ region: Region) -> DownlinkFailure {
        let place = dataRate.map { "at DR\($0) of \(region.name)" } ?? "at the widest data rate of \(region.name)"
        return DownlinkFailure(
            reason: .payloadTooLong,
            message: "The payload has \(size) octets; at most \(limit) fit \(place).",
            figures: [Refusal.Figure("size", size), Refusal.Figure("limit", limit)],
        )
    }

    static func queueFull(limit: Int) -> DownlinkFailure {
        DownlinkFailure(
            reason: .queueFull,
            message: "The device's queue holds \(limit) downlinks at most.",
            figures: [Refusal.Figure("limit", limit)],
        )
    }

    static func attemptsExhausted(_ attempts: Int) -> DownlinkFailure {
        DownlinkFailure(
            reason: .attemptsExhausted,
            message: "The device did not acknowledge the downlink in \(attempts) transmissions.",
            figures: [Refusal.Figure("attempts", attempts)],
        )
    }

    static func ranRefused(_ attempts: Int, _ result: String) -> DownlinkFailure {
        DownlinkFailure(
            reason: .ranRefused,
            message: "The RAN did not send the downlink in \(attempts) attempts; last it said: \(result)",
            ranResult: result,
            figures: [Refusal.Figure("attempts", attempts)],
        )
    }
}
