// SPDX-License-Identifier: Apache-2.0

/// A place on earth (WGS 84).
public struct GPSPosition: Sendable, Hashable {
    /// In degrees, north positive.
    public let latitude: Double
    /// In degrees, east positive.
    public let longitude: Double
    /// In metres.
    public let altitude: Double?

    public init(latitude: Double, longitude: Double, altitude: Double? = nil) {
        self.latitude = latitude
        self.longitude = longitude
        self.altitude = altitude
    }
}
