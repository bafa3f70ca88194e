// SPDX-License-Identifier: Apache-2.0

/// An application of the registry: how the payloads of its devices are read and written.
public struct ApplicationRecord: Hashable, Sendable {
    /// How payloads become fields.
    public enum PayloadFormat: String, Hashable, Sendable, CaseIterable {
        /// Payloads stay octets.
        case none
        /// The application's own JavaScript functions.
        case custom
        /// CayenneLPP.
        case cayennelpp
    }

    /// The identifier in topics, unique in the registry.
    public var id: String
    public var payloadFormat: PayloadFormat
    /// JavaScript source; empty when there is none. Kept also while the format is another.
    public var decoder: String
    public var converter: String
    public var validator: String
    public var encoder: String
    /// The key that registers unknown devices as they join; empty when that is off.
    public var registerOnJoinAccessKey: String

    public init(
        id: String,
        payloadFormat: PayloadFormat = .none,
        decoder: String = "",
        converter: String = "",
        validator: String = "",
        encoder: String = "",
        registerOnJoinAccessKey: String = "",
    ) {
        self.id = id
        self.payloadFormat = payloadFormat
        self.decoder = decoder
        self.converter = converter
        self.validator = validator
        self.encoder = encoder
        self.registerOnJoinAccessKey = registerOnJoinAccessKey
    }
}
