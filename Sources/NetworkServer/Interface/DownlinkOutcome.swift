// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What became of an application downlink.
public enum DownlinkOutcome: Sendable {
    /// It is in the queue. Also for each failed attempt that will be tried again: then `attempt` is above 0 and
    /// `ranResult` says what the RAN said.
    case scheduled(attempt: Int, ranResult: String?)
    /// A gateway sent it.
    case sent(SentDownlink)
    /// The device acknowledged a confirmed downlink.
    case acknowledged
    /// The device's next uplink did not acknowledge it; `willRetry` tells whether it is sent again.
    case notAcknowledged(attempt: Int, willRetry: Bool)
    /// It will not be sent.
    case failed(DownlinkFailure)
}

/// What went on the air.
public struct SentDownlink: Hashable, Sendable {
    /// The whole PHYPayload.
    public var octets: [UInt8]
    public var coverage: Int
    /// Hertz.
    public var frequency: UInt32
    public var modulation: Modulation
    /// The full FCntDown used.
    public var counter: UInt32
    /// The FPort used.
    public var port: UInt8
    /// dBm: the highest the region's plan states for the frequency.
    public var power: Int
    public var devAddr: DevAddr
    public var sessionNumber: UInt32

    public init(
        octets: [UInt8],
        coverage: Int,
        frequency: UInt32,
        modulation: Modulation,
        counter: UInt32,
        port: UInt8,
        power: Int,
        devAddr: DevAddr,
        sessionNumber: UInt32,
    ) {
        self.octets = octets
        self.coverage = coverage
        self.frequency = frequency
        self.modulation = modulation
        self.counter = counter
        self.port = port
        self.power = power
        self.devAddr = devAddr
        self.sessionNumber = sessionNumber
    }
}

/// Why a downlink will not be sent.
public struct DownlinkFailure: Hashable, Sendable {
    public var reason: DownlinkFailureReason
    /// A sentence for people.
    public var message: String
    /// The RAN's result code and message, verbatim.
    public var ranResult: String?
    /// Figures by name, such as `size` and `limit`.
    public var figures: [Refusal.Figure]

    public init(
        reason: DownlinkFailureReason,
        message: String,
        ranResult: String? = nil,
        figures: [Refusal.Figure] = [],
    ) {
        self.reason = reason
        self.message = message
        self.ranResult = ranResult
        self.figures = figures
    }
}

/// The stable words of `docs/outcomes.md`.
public enum DownlinkFailureReason: String, Sendable, CaseIterable {
    /// The device is not registered.
    case unknownDevice = "unknown_device"
    /// Longer than any data rate of the region, or than the one that its window has.
    case payloadTooLong = "payload_too_long"
    /// The queue holds as many as it may.
    case queueFull = "queue_full"
    /// Its time had passed.
    case expired = "expired"
    /// A confirmed downlink was sent as often as it may be without an acknowledgement.
    case attemptsExhausted = "attempts_exhausted"
    /// The RAN refused it for good.
    case ranRefused = "ran_refused"
    /// Another request replaced it, or the queue was cleared.
    case replaced = "replaced"
    /// The port is outside 1 to 223.
    case invalidPort = "invalid_port"
    /// The device was deleted.
    case deviceDeleted = "device_deleted"
    /// The multicast group is not registered.
    case unknownGroup = "unknown_group"
    /// The multicast group was deleted.
    case groupDeleted = "group_deleted"
    /// The device never joined and no session is stored.
    case noSession = "no_session"
    /// All 2^32 downlink counters of the session were used.
    case countersUsedUp = "f_cnt_down_used_up"
}
