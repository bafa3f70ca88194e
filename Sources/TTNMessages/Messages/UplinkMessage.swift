// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// An uplink as applications hear it, before it takes the form of v2 or v3.
public struct UplinkMessage: Hashable, Sendable {
    public var device: DeviceIdentity
    /// FPort; nil when the frame had none.
    public var port: UInt8?
    /// FCntUp, all 32 bits.
    public var counter: UInt32
    public var isConfirmed: Bool
    /// Whether, and why, this uplink may have been published before.
    public var repetition: Repetition
    /// Made by a request, not by a device.
    public var isSimulated: Bool
    /// Deciphered FRMPayload; empty for port 0.
    public var payload: [UInt8]
    /// JSON text of the object that the device's formatter made; nil without a formatter or when it failed.
    public var fields: [UInt8]?
    /// What kind of formatter made the fields.
    public var fieldsOrigin: FieldsOrigin
    /// Warnings of the formatter.
    public var fieldsWarnings: [String]
    /// JSON texts of the normalized measurements, each an object.
    public var normalized: [[UInt8]]
    /// Warnings of the normalizer.
    public var normalizedWarnings: [String]
    /// nil for simulated uplinks.
    public var radio: RadioMetadata?
    /// Where the RAN says the device was when it sent. Goes before the registry's location.
    public var location: GeoLocation?
    /// Names the session; empty when there is none.
    public var sessionKeyID: [UInt8]
    /// When the first copy arrived here.
    public var receivedAt: UnixTime
    /// The network that serves the device.
    public var netID: NetID?
    /// Share of lost frames, 0 to 1.
    public var packetErrorRate: Float?
    public var correlationIDs: [String]

    public init(
        device: DeviceIdentity,
        port: UInt8?,
        counter: UInt32,
        isConfirmed: Bool = false,
        repetition: Repetition = .none,
        isSimulated: Bool = false,
        payload: [UInt8],
        fields: [UInt8]? = nil,
        fieldsOrigin: FieldsOrigin = .script,
        fieldsWarnings: [String] = [],
        normalized: [[UInt8]] = [],
        normalizedWarnings: [String] = [],
        radio: RadioMetadata?,
        location: GeoLocation? = nil,
        sessionKeyID: [UInt8] = [],
        receivedAt: UnixTime,
        netID: NetID? = nil,
        packetErrorRate: Float? = nil,
        correlationIDs: [String] = [],
    ) {
        self.device = device
        self.port = port
        self.counter = counter
        self.isConfirmed = isConfirmed
        self.repetition = repetition
        self.isSimulated = isSimulated
        self.payload = payload
        self.fields = fields
        self.fieldsOrigin = fieldsOrigin
        self.fieldsWarnings = fieldsWarnings
        self.normalized = normalized
        self.normalizedWarnings = normalizedWarnings
        self.radio = radio
        self.location = location
        self.sessionKeyID = sessionKeyID
        self.receivedAt = receivedAt
        self.netID = netID
        self.packetErrorRate = packetErrorRate
        self.correlationIDs = correlationIDs
    }

    /// Why an uplink may come a second time.
    public enum Repetition: UInt8, Hashable, Sendable {
        /// It comes for the first time.
        case none = 0
        /// The device sent the same frame counter again. v2 publishes it with `is_retry`, v3 does not publish it.
        case retransmission = 1
        /// A bridge that was stopped cannot know whether it went out: both formats publish it, v2 with `is_retry`.
        case redelivery = 2
    }

    /// What kind of formatter made the fields.
    public enum FieldsOrigin: UInt8, Hashable, Sendable {
        case script = 0
        /// Nested values of these get no field topics of their own, as in v2.
        case cayenneLPP = 1
    }

    /// Shown as `is_retry` in v2.
    public var isRetry: Bool { repetition != .none }

    /// Where the device is: what the RAN told, else what its registration says. The two zeros of a receiver without a
    /// fix are no place.
    public var effectiveLocation: GeoLocation? { location.flatMap { $0.isShown ? $0 : nil } ?? device.location }
}
