// SPDX-License-Identifier: Apache-2.0

/// The functions that the dialects of formatters define. The raw value is the digit by which the harness knows them.
enum ScriptFunction: UInt8, CaseIterable, Sendable {
    case decodeUplink = 0
    case normalizeUplink
    case encodeDownlink
    case decodeDownlink
    case decoder
    case converter
    case validator
    case encoder
    case decode
    case encode

    /// The name in the script.
    var name: String {
        switch self {
        case .decodeUplink: "decodeUplink"
        case .normalizeUplink: "normalizeUplink"
        case .encodeDownlink: "encodeDownlink"
        case .decodeDownlink: "decodeDownlink"
        case .decoder: "Decoder"
        case .converter: "Converter"
        case .validator: "Validator"
        case .encoder: "Encoder"
        case .decode: "Decode"
        case .encode: "Encode"
        }
    }

    init?(name: String) {
        guard let function = ScriptFunction.allCases.first(where: { $0.name == name }) else { return nil }
        self = function
    }

    /// Whether it turns fields into octets.
    var encodes: Bool { self == .encoder || self == .encode || self == .encodeDownlink }
}
