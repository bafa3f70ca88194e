// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// Writes the compact binary form of records: variable-length numbers, counted texts, a presence octet for optionals.
struct RecordWriter {
    private(set) var octets: [UInt8] = []

    init(capacity: Int) {
        octets.reserveCapacity(capacity)
    }

    mutating func octet(_ value: UInt8) {
        octets.append(value)
    }

    mutating func bool(_ value: Bool) {
        octets.append(value ? 1 : 0)
    }

    /// Seven bits an octet, the lowest first.
    mutating func number(_ value: some BinaryInteger) {
        var rest = UInt64(truncatingIfNeeded: value)
        while rest >= 0x80 {
            octets.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        octets.append(UInt8(rest))
    }

    mutating func fixed(_ value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { octets.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func float(_ value: Float) {
        let bits = value.bitPattern
        for shift in stride(from: UInt32(0), to: 32, by: 8) { octets.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }

    mutating func double(_ value: Double) {
        fixed(value.bitPattern)
    }

    mutating func bytes(_ value: [UInt8]) {
        number(value.count)
        octets.append(contentsOf: value)
    }

    mutating func text(_ value: String) {
        number(value.utf8.count)
        octets.append(contentsOf: value.utf8)
    }

    mutating func time(_ value: UnixTime) {
        fixed(UInt64(bitPattern: value.nanoseconds))
    }

    mutating func optional<Value>(_ value: Value?, _ body: (inout RecordWriter, Value) -> Void) {
        bool(value != nil)
        if let value { body(&self, value) }
    }

    mutating func list<Element>(_ values: [Element], _ body: (inout RecordWriter, Element) -> Void) {
        number(values.count)
        for value in values { body(&self, value) }
    }

    mutating func texts(_ values: [String]) {
        list(values) { $0.text($1) }
    }
}
