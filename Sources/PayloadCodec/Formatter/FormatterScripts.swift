// SPDX-License-Identifier: Apache-2.0

/// The JavaScript of a formatter: four texts as The Things Network v2 stores them, or one text that holds every function.
public struct FormatterScripts: Hashable, Sendable {
    /// Text that defines `Decoder` (or `decodeUplink`, `Decode`); of a single script, all functions.
    public let decoder: String?
    /// Text that defines `Converter`; v2 only.
    public let converter: String?
    /// Text that defines `Validator`; v2 only.
    public let validator: String?
    /// Text that defines `Encoder` (or `encodeDownlink`, `Encode`).
    public let encoder: String?
    /// Whether `decoder` holds every function of the formatter.
    public let isSingle: Bool
    /// Octets of UTF-8 in all texts.
    public let byteCount: Int

    /// Four texts of their own scope. Empty texts count as absent.
    public init(decoder: String?, converter: String? = nil, validator: String? = nil, encoder: String? = nil) {
        self.decoder = FormatterScripts.presence(decoder)
        self.converter = FormatterScripts.presence(converter)
        self.validator = FormatterScripts.presence(validator)
        self.encoder = FormatterScripts.presence(encoder)
        isSingle = false
        byteCount = [self.decoder, self.converter, self.validator, self.encoder].reduce(0) {
            $0 + ($1?.utf8.count ?? 0)
        }
    }

    /// One text whose functions are found by their names.
    public init(script: String) {
        decoder = script
        converter = nil
        validator = nil
        encoder = nil
        isSingle = true
        byteCount = script.utf8.count
    }

    /// The texts in the order decoder, converter, validator, encoder.
    var parts: [String?] { [decoder, converter, validator, encoder] }

    private static func presence(_ text: String?) -> String? {
        guard let text, text.utf8.contains(where: { $0 > 0x20 }) else { return nil }
        return text
    }
}
