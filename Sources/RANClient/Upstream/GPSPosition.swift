// SPDX-License-Identifier: Apache-2.0

/// A place on earth (WGS 84).
public struct GPSPosition: Sendable, Hashable {
    /// In degrees, north positive.
    public let latitude: Double
    /// In degrees, east positive.
    public let longitude: Double
    /// In metres above the ellipsoid; nil when the RAN does not tell.
    public let altitude: Double?

    /// A place from its degrees and metres.
    public init(latitude: Double, longitude: Double, altitude: Double? = nil) {
        self.latitude = latitude
        self.longitude = longitude
        self.altitude = altitude
    }
}
