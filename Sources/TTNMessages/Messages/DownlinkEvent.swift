// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Something happened to a downlink.
public struct DownlinkEvent: Hashable, Sendable {
    public var device: DeviceIdentity
    public var time: UnixTime
    /// What was asked for; nil for frames that only carry an acknowledgement or MAC commands.
    public var request: DownlinkRequest?
    public var stage: Stage
    /// The FPort used, once it is known.
    public var port: UInt8?
    /// FCntDown of the frame concerned, once it is known.
    public var counter: UInt32?
    /// Which transmission this is about, from 1; 0 before the first.
    public var attempt: Int
    /// The RAN's result code and message, verbatim.
    public var ranResult: String?
    /// Names the session; empty when there is none.
    public var sessionKeyID: [UInt8]
    /// The bridge's own; the request's are added.
    public var correlationIDs: [String]

    public init(
        device: DeviceIdentity,
        time: UnixTime,
        request: DownlinkRequest?,
        stage: Stage,
        port: UInt8? = nil,
        counter: UInt32? = nil,
        attempt: Int = 0,
        ranResult: String? = nil,
        sessionKeyID: [UInt8] = [],
        correlationIDs: [String] = [],
    ) {
        self.device = device
        self.time = time
        self.request = request
        self.stage = stage
        self.port = port
        self.counter = counter
        self.attempt = attempt
        self.ranResult = ranResult
        self.sessionKeyID = sessionKeyID
        self.correlationIDs = correlationIDs
    }

    /// Where a downlink stands.
    public enum Stage: Hashable, Sendable {
        /// It waits in the queue; with `attempt` above 0 a transmission failed and it will be sent again.
        case scheduled
        /// A gateway sent it.
        case sent(DownlinkTransmission)
        /// The device acknowledged a confirmed downlink.
        case acknowledged
        /// The device's next uplink did not acknowledge it.
        case notAcknowledged
        /// It was refused, or will not be sent again.
        case failed(FailureReport)

        var isSent: Bool { if case .sent = self { true } else { false } }
    }

    /// The bridge's correlation ids and the request's, each once.
    var givenCorrelationIDs: [String] {
        guard let request else { return correlationIDs }
        var ids = correlationIDs
        for id in request.correlationIDs where !ids.contains(id) { ids.append(id) }
        return ids
    }

    /// The same and the request's `id`, for v3, which has no member for it.
    var allCorrelationIDs: [String] {
        var ids = givenCorrelationIDs
        if let id = request?.id, !ids.contains(id) { ids.append(id) }
        return ids
    }
}
