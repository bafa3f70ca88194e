// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// One downlink that an application asks for, out of either format.
public struct DownlinkRequest: Hashable, Sendable {
    /// 1 to 255; nil lets the formatter, else the uplink that opens the window decide.
    public var port: UInt8?
    /// Plain octets for the FRMPayload. With `fields` present they are what goes out: the encoder's result, or in v3 the
    /// raw payload that wins.
    public var payload: [UInt8]?
    /// JSON text of the object to encode, or that was encoded.
    public var fields: [UInt8]?
    public var isConfirmed: Bool
    public var priority: Priority
    /// Seconds after which it is no longer wanted.
    public var ttl: UInt32?
    /// Whether class A windows are not to be used (v3's `class_b_c`).
    public var forbidsClassA: Bool
    /// Class B and C: when it shall go out.
    public var absoluteTime: UnixTime?
    /// Transmissions of a confirmed downlink before it is given up, 1 to 100; nil takes the network's default.
    public var maximumAttempts: UInt8?
    /// The application's own name for it. Every event gives it back.
    public var id: String?
    /// The application's own correlation ids. Every event gives them back.
    public var correlationIDs: [String]
    /// Which format asked.
    public var origin: TTNFormat

    public init(
        port: UInt8? = nil,
        payload: [UInt8]? = nil,
        fields: [UInt8]? = nil,
        isConfirmed: Bool = false,
        priority: Priority = .lowest,
        ttl: UInt32? = nil,
        forbidsClassA: Bool = false,
        absoluteTime: UnixTime? = nil,
        maximumAttempts: UInt8? = nil,
        id: String? = nil,
        correlationIDs: [String] = [],
        origin: TTNFormat,
    ) {
        self.port = port
        self.payload = payload
        self.fields = fields
        self.isConfirmed = isConfirmed
        self.priority = priority
        self.ttl = ttl
        self.forbidsClassA = forbidsClassA
        self.absoluteTime = absoluteTime
        self.maximumAttempts = maximumAttempts
        self.id = id
        self.correlationIDs = correlationIDs
        self.origin = origin
    }

    /// How soon among others, as v3 has it.
    public enum Priority: UInt8, CaseIterable, Hashable, Sendable, Comparable {
        case lowest = 0
        case low = 1
        case belowNormal = 2
        case normal = 3
        case aboveNormal = 4
        case high = 5
        case highest = 6

        public static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }

        /// v3's name for it.
        public var name: String {
            switch self {
            case .lowest: "LOWEST"
            case .low: "LOW"
            case .belowNormal: "BELOW_NORMAL"
            case .normal: "NORMAL"
            case .aboveNormal: "ABOVE_NORMAL"
            case .high: "HIGH"
            case .highest: "HIGHEST"
            }
        }
    }
}
