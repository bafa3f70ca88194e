// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// One application downlink on its way through the queue.
public struct DownlinkItem: Hashable, Sendable {
    /// Given by the shell, unique for the life of the database.
    public var id: UInt64
    public var devEUI: EUI64
    /// 1 to 223; nil takes the port of the uplink that opens the window, else 1.
    public var port: UInt8?
    /// Plain octets.
    public var payload: [UInt8]
    public var isConfirmed: Bool
    /// Transmissions of a confirmed downlink before it fails; nil takes the network's default.
    public var maximumAttempts: Int?
    /// When it is no longer wanted.
    public var expiresAt: UnixTime?
    /// Class B and C: not before this moment.
    public var notBefore: UnixTime?
    /// Refuse it when the device has no session instead of keeping it for the first one.
    public var requiresSession: Bool
    /// The request's own context, carried along untouched and given back with every outcome.
    public var context: [UInt8]

    public init(
        id: UInt64,
        devEUI: EUI64,
        port: UInt8?,
        payload: [UInt8],
        isConfirmed: Bool,
        maximumAttempts: Int? = nil,
        expiresAt: UnixTime? = nil,
        notBefore: UnixTime? = nil,
        requiresSession: Bool = false,
        context: [UInt8] = [],
    ) {
        self.id = id
        self.devEUI = devEUI
        self.port = port
        self.payload = payload
        self.isConfirmed = isConfirmed
        self.maximumAttempts = maximumAttempts
        self.expiresAt = expiresAt
        self.notBefore = notBefore
        self.requiresSession = requiresSession
        self.context = context
    }
}

/// Where a downlink enters the queue.
public enum DownlinkSchedule: String, Sendable {
    /// The queue and the current downlink give way.
    case replace
    /// Before all that waits.
    case first
    /// After all that waits.
    case last
}
