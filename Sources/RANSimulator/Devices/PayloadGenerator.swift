// SPDX-License-Identifier: Apache-2.0

/// What a virtual device sends in its periodic uplinks.
public enum PayloadGenerator: Hashable, Sendable {
    /// Cayenne LPP: a temperature on channel 1 that wanders between 15 and 30 degrees, a relative humidity on channel 2.
    case cayenneLPP
    /// The same octets each time.
    case fixed([UInt8])
    /// `count` octets that hold a counter, big endian, which grows by one an uplink.
    case counter(count: Int)

    /// The payload of the uplink with that number, from 0.
    func payload(number: UInt64) -> [UInt8] {
        switch self {
        case .cayenneLPP:
            let step = Int(number % 300)
            let temperature = 150 + (step < 150 ? step : 300 - step)
            let humidity = UInt8(80 + number % 40)
            return [1, 0x67, UInt8(temperature >> 8), UInt8(temperature & 0xFF), 2, 0x68, humidity]
        case .fixed(let octets):
            return octets
        case .counter(let count):
            return (0..<count).reversed().map { $0 < 8 ? UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) : 0 }
        }
    }
}
