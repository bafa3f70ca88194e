// SPDX-License-Identifier: Apache-2.0

/// One set of fields to encode as a downlink payload.
public struct EncodeCall: Sendable {
    /// The application: results of one application come in the order of its calls.
    public var applicationID: String
    public var formatter: Formatter
    /// `payload_fields` or `decoded_payload` as JSON text.
    public var fieldsJSON: [UInt8]
    /// The port of the request; 0 when it named none.
    public var port: UInt8
    /// Which network's encoder goes first (`v2`: Encoder, `v3`: encodeDownlink) and how failures are spelled.
    public var flavour: CodecFlavours
    /// Also returns console output and what the encoder returned.
    public var isDryRun: Bool

    public init(
        applicationID: String,
        formatter: Formatter,
        fieldsJSON: [UInt8],
        port: UInt8,
        flavour: CodecFlavours = .v2,
        isDryRun: Bool = false,
    ) {
        self.applicationID = applicationID
        self.formatter = formatter
        self.fieldsJSON = fieldsJSON
        self.port = port
        self.flavour = flavour
        self.isDryRun = isDryRun
    }
}
