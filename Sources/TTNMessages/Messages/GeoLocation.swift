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
    /// The nearest whole number, halves away from zero; 0 for what is not a number.
    init(clamping value: Double) {
        // Without `rounded()`, which would make this room need the C mathematics library.
        let shifted = value + (value < 0 ? -0.5 : 0.5)
        switch shifted {
        case ...Double(Int32.min): self = .min
        case Double(Int32.max)...: self = .max
        default: self = shifted.isNaN ? 0 : Int32(shifted)
        }
    }
}
