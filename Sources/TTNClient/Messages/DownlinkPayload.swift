// SPDX-License-Identifier: Apache-2.0
public import JSON
internal import LoRaWAN

/// What to send to a device.
public enum DownlinkPayload: Sendable, Hashable {
    /// Octets as they are.
    case octets([UInt8])
    /// An even number of hexadecimal digits of either case.
    case hexadecimal(String)
    /// Padded base64 of the standard alphabet.
    case base64(String)
    /// Fields for the application's encoder.
    case fields(JSONObject)

    /// Its member of a `down` request. Octets always travel as base64, so that hexadecimal text is never taken for it.
    func member() throws(TTNClientError) -> (name: String, value: JSONValue) {
        switch self {
        case .octets(let octets): return ("payload_raw", .string(Base64.text(octets)))
        case .hexadecimal(let text):
            guard let octets = Hex.octets(text) else {
                throw .invalidArgument(name: "payload", problem: "it is no even number of hexadecimal digits")
            }
            return ("payload_raw", .string(Base64.text(octets)))
        case .base64(let text):
            guard Base64.octets(text) != nil else {
                throw .invalidArgument(name: "payload", problem: "it is no padded base64")
            }
            return ("payload_raw", .string(text))
        case .fields(let fields): return ("payload_fields", .object(fields))
        }
    }
}

/// Where a downlink goes in its device's queue.
public enum DownlinkSchedule: String, Sendable, Hashable, CaseIterable {
    /// In place of all that waits.
    case replace
    /// Before all that waits.
    case first
    /// Behind all that waits.
    case last
}
