// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Names one upstream message of the RAN: the shell maps it to a socket and a TransactionID.
public struct ReceptionID: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// One upstream message: one copy of a frame.
public struct UpstreamFrame: Sendable {
    public var id: ReceptionID
    /// Index of the coverage that delivered it.
    public var coverage: Int
    /// The devices that may have sent it, as the RAN lists them. Those that are not in this shard are passed over.
    public var candidates: [EUI64]
    /// The PHYPayload without its MIC.
    public var octets: [UInt8]
    /// The candidate MICs, each read as a big-endian number.
    public var challenge: [UInt32]
    /// More than 2.5 s old: no class A window is left.
    public var isOutdated: Bool
    public var radio: ReceivedRadio

    public init(
        id: ReceptionID,
        coverage: Int,
        candidates: [EUI64],
        octets: [UInt8],
        challenge: [UInt32],
        isOutdated: Bool,
        radio: ReceivedRadio,
    ) {
        self.id = id
        self.coverage = coverage
        self.candidates = candidates
        self.octets = octets
        self.challenge = challenge
        self.isOutdated = isOutdated
        self.radio = radio
    }
}

/// How one copy was heard.
public struct ReceivedRadio: Hashable, Sendable {
    /// Hertz.
    public var frequency: UInt32
    public var modulation: Modulation
    /// dBm.
    public var rssi: Float
    /// dB.
    public var snr: Float
    /// Where the device was when it sent, if the RAN tells.
    public var position: Position?
    /// Index of the coverage that heard it.
    public var coverage: Int
    /// When this copy arrived here.
    public var receivedAt: UnixTime

    public init(
        frequency: UInt32,
        modulation: Modulation,
        rssi: Float,
        snr: Float,
        position: Position?,
        coverage: Int,
        receivedAt: UnixTime,
    ) {
        self.frequency = frequency
        self.modulation = modulation
        self.rssi = rssi
        self.snr = snr
        self.position = position
        self.coverage = coverage
        self.receivedAt = receivedAt
    }
}

/// A place on earth.
public struct Position: Hashable, Sendable {
    /// Degrees, north positive.
    public var latitude: Double
    /// Degrees, east positive.
    public var longitude: Double
    /// Metres.
    public var altitude: Double?

    public init(latitude: Double, longitude: Double, altitude: Double?) {
        self.latitude = latitude
        self.longitude = longitude
        self.altitude = altitude
    }
}
