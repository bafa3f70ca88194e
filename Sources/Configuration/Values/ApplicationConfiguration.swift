// SPDX-License-Identifier: Apache-2.0

/// An application that is registered at start when the store does not hold it.
public struct ApplicationConfiguration: Hashable, Sendable {
    /// How payloads become fields.
    public enum PayloadFormat: String, Hashable, Sendable {
        case none, custom, cayennelpp

        static let words: KeyValuePairs<String, PayloadFormat> = [
            "none": .none, "custom": .custom, "cayennelpp": .cayennelpp, "cayenne": .cayennelpp,
        ]
    }

    public var id: String
    public var payloadFormat: PayloadFormat
    /// JavaScript sources; empty for none.
    public var decoder: String
    public var converter: String
    public var validator: String
    public var encoder: String
    /// The key that registers unknown devices as they join; nil when that is off.
    public var registerOnJoinAccessKey: Secret?
    public var devices: [DeviceConfiguration]

    init?(_ section: Section, _ context: DeviceContext) {
        defer { section.finish() }
        let id = section.value(
            "id",
            expected: IdentifierForm.expected,
            hint: IdentifierForm.hint,
            { IdentifierForm.allows($0) ? $0 : nil },
        )
        decoder = section.script("decoder") ?? ""
        converter = section.script("converter") ?? ""
        validator = section.script("validator") ?? ""
        encoder = section.script("encoder") ?? ""
        let hasFunctions = ![decoder, converter, validator, encoder].allSatisfy(\.isEmpty)
        payloadFormat = section.choice("payload_format", among: PayloadFormat.words) ?? (hasFunctions ? .custom : .none)
        registerOnJoinAccessKey = section.secret("register_on_join_access_key", expected: "an access key")
        devices = section.sections("devices", namedBy: "id").compactMap { DeviceConfiguration($0, context) }
        if let id, ["admin", "v3"].contains(id) {
            section.refuse("id", "\(id) is a word of the topics; expected another name")
        }
        if id == nil { section.require("id", expected: IdentifierForm.expected) }
        guard let id else { return nil }
        self.id = id
    }
}
