// SPDX-License-Identifier: Apache-2.0
internal import JSON
import LoRaWAN

/// The text of a v2 `payload_raw`.
enum PayloadText {
    /// Valid padded standard base64 always wins: `01AB` is D3 50 01. What else is an even number of hexadecimal digits is
    /// hexadecimal: `01ABCD` is 01 AB CD. nil for anything else.
    static func octets(_ text: String) -> [UInt8]? {
        Base64.octets(text) ?? Hex.octets(text)
    }
}
