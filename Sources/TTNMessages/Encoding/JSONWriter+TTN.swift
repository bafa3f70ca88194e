// SPDX-License-Identifier: Apache-2.0
internal import JSON
import LoRaWAN

/// The value forms that both formats share. All are written without an allocation of their own.
extension JSONWriter {
    mutating func member(_ name: StaticString, _ value: Float) {
        self.name(name)
        number(value)
    }

    mutating func member(_ name: StaticString, base64 octets: [UInt8]) {
        self.name(name)
        base64(octets)
    }

    mutating func member(_ name: StaticString, json text: [UInt8]) {
        self.name(name)
        json(text)
    }

    mutating func member(_ name: StaticString, hex value: UInt64, digits: Int) {
        self.name(name)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: digits + 2) { buffer in
            buffer[0] = UInt8(ascii: "\"")
            for index in 0..<digits {
                let nibble = UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - index)) & 15)
                buffer[1 + index] = nibble < 10 ? 0x30 + nibble : 0x37 + nibble
            }
            buffer[digits + 1] = UInt8(ascii: "\"")
            json(UnsafeBufferPointer(buffer))
        }
    }

    mutating func member(_ name: StaticString, _ value: EUI64) {
        member(name, hex: value.rawValue, digits: 16)
    }

    mutating func member(_ name: StaticString, _ value: DevAddr) {
        member(name, hex: UInt64(value.rawValue), digits: 8)
    }

    mutating func member(_ name: StaticString, _ time: UnixTime, _ decimals: RFC3339.Decimals) {
        self.name(name)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: RFC3339.capacity + 2) { buffer in
            buffer[0] = UInt8(ascii: "\"")
            let inner = UnsafeMutableBufferPointer(rebasing: buffer[1...])
            let count = RFC3339.write(time, decimals, to: inner)
            buffer[count + 1] = UInt8(ascii: "\"")
            json(UnsafeBufferPointer(rebasing: buffer[..<(count + 2)]))
        }
    }

    mutating func member(_ name: StaticString, _ texts: [String]) {
        self.name(name)
        array { json in for text in texts { json.string(text) } }
    }

    mutating func member(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        self.name(name)
        object(body)
    }

    mutating func value(_ value: FailureReport.Value) {
        switch value {
        case .integer(let value): integer(value)
        case .number(let value): number(value)
        case .text(let text): string(text)
        }
    }

    /// Writes the figures behind a failure as members.
    mutating func members(_ figures: [FailureReport.Figure]) {
        for figure in figures {
            name(figure.name)
            value(figure.value)
        }
    }
}
