// SPDX-License-Identifier: Apache-2.0

/// A place on earth and how it is known.
public struct GeoLocation: Hashable, Sendable {
    /// Degrees, north positive.
    public var latitude: Double
    /// Degrees, east positive.
    public var longitude: Double
    /// Metres above sea level; nil when unknown.
    public var altitude: Double?
    /// Metres; nil when unknown.
    public var accuracy: Double?
    /// Where the coordinates come from.
    public var source: Source

    public init(
        latitude: Double,
        longitude: Double,
        altitude: Double? = nil,
        accuracy: Double? = nil,
        source: Source,
    ) {
        self.latitude = latitude
        self.longitude = longitude
        self.altitude = altitude
        self.accuracy = accuracy
        self.source = source
    }

    /// How a location became known.
    public enum Source: UInt8, Hashable, Sendable {
        /// By satellite: told by the RAN or by the device's own payload.
        case gps = 1
        /// Entered with the device's registration.
        case registry = 2
    }

    /// Whether v2 shows it: latitude or longitude differs from zero.
    var isShown: Bool { latitude != 0 || longitude != 0 }

    /// Whole metres.
    var wholeAltitude: Int32 { Int32(clamping: altitude ?? 0) }

    /// Whole metres.
    var wholeAccuracy: Int32 { Int32(clamping: accuracy ?? 0) }
}

extension Int32 {
    /// The nearest whole number; 0 for what is not a number.
    init(clamping value: Double) {
        let rounded = value.rounded()
        self = Int32(exactly: rounded) ?? (rounded > 0 ? .max : rounded < 0 ? .min : 0)
    }
}
