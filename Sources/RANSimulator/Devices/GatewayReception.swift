// SPDX-License-Identifier: Apache-2.0

/// How one gateway hears a device: each gateway makes one upstream message of every frame.
public struct GatewayReception: Hashable, Sendable {
    /// Received signal strength in dBm.
    public var rssi: Double
    /// Signal to noise ratio in dB.
    public var snr: Double
    /// Where the message says it was heard; nil sends no position.
    public var position: GPSPosition?
    /// How long after the frame's end the RAN hands this copy over.
    public var delay: Duration

    public init(rssi: Double = -60, snr: Double = 9.5, position: GPSPosition? = nil, delay: Duration = .zero) {
        self.rssi = rssi
        self.snr = snr
        self.position = position
        self.delay = delay
    }
}

/// A position of an upstream message.
public struct GPSPosition: Hashable, Sendable {
    /// Degrees north.
    public var latitude: Double
    /// Degrees east.
    public var longitude: Double
    /// Metres above sea level; nil leaves it out.
    public var altitude: Double?

    public init(latitude: Double, longitude: Double, altitude: Double? = nil) {
        self.latitude = latitude
        self.longitude = longitude
        self.altitude = altitude
    }
}
