// SPDX-License-Identifier: Apache-2.0

/// One payload to decode.
public struct DecodeCall: Sendable {
    /// The application: results of one application come in the order of its calls, and no other pays for its scripts.
    public var applicationID: String
    public var formatter: Formatter
    /// The decrypted FRMPayload; at most 4,096 octets.
    public var bytes: [UInt8]
    /// FPort.
    public var port: UInt8
    /// When the network heard it, in milliseconds since 1970; the script's `recvTime`.
    public var receivedAt: Int64
    /// Which results are wanted.
    public var flavours: CodecFlavours
    /// Decodes an application's downlink (`decodeDownlink`) instead of an uplink; v3 only.
    public var isDownlink: Bool
    /// Also returns console output and every intermediate step.
    public var isDryRun: Bool

    public init(
        applicationID: String,
        formatter: Formatter,
        bytes: [UInt8],
        port: UInt8,
        receivedAt: Int64,
        flavours: CodecFlavours = .v2,
        isDownlink: Bool = false,
        isDryRun: Bool = false,
    ) {
        self.applicationID = applicationID
        self.formatter = formatter
        self.bytes = bytes
        self.port = port
        self.receivedAt = receivedAt
        self.flavours = flavours
        self.isDownlink = isDownlink
        self.isDryRun = isDryRun
    }
}
