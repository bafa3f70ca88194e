// SPDX-License-Identifier: Apache-2.0

/// One row of the table of Cayenne LPP data types (ttn-mqtt B.2).
struct CayenneLPPType: Sendable {
    /// How the octets of a value are read.
    enum Layout: Sendable {
        /// One unsigned octet.
        case octet
        /// Two octets, unsigned.
        case unsigned16
        /// Two octets, signed.
        case signed16
        /// Three times two octets, signed: x, y, z.
        case vector
        /// Latitude, longitude, altitude of three octets each, signed.
        case position
    }

    let key: StaticString
    let layout: Layout
    /// What a raw value is divided by; a power of ten, or 2 for the half percents of humidity.
    let divisor: Int

    /// Octets of a value.
    var size: Int {
        switch layout {
        case .octet: 1
        case .unsigned16, .signed16: 2
        case .vector: 6
        case .position: 9
        }
    }

    /// The row of a type number; nil for types that The Things Network does not know either.
    static func row(_ number: UInt8) -> CayenneLPPType? {
        switch number {
        case 0: CayenneLPPType(key: "digital_in", layout: .octet, divisor: 1)
        case 1: CayenneLPPType(key: "digital_out", layout: .octet, divisor: 1)
        case 2: CayenneLPPType(key: "analog_in", layout: .signed16, divisor: 100)
        case 3: CayenneLPPType(key: "analog_out", layout: .signed16, divisor: 100)
        case 101: CayenneLPPType(key: "luminosity", layout: .unsigned16, divisor: 1)
        case 102: CayenneLPPType(key: "presence", layout: .octet, divisor: 1)
        case 103: CayenneLPPType(key: "temperature", layout: .signed16, divisor: 10)
        case 104: CayenneLPPType(key: "relative_humidity", layout: .octet, divisor: 2)
        case 113: CayenneLPPType(key: "accelerometer", layout: .vector, divisor: 1000)
        case 115: CayenneLPPType(key: "barometric_pressure", layout: .signed16, divisor: 10)
        case 134: CayenneLPPType(key: "gyrometer", layout: .vector, divisor: 100)
        case 136: CayenneLPPType(key: "gps", layout: .position, divisor: 10000)
        default: nil
        }
    }
}
