// SPDX-License-Identifier: Apache-2.0

/// A message as the durable outbox keeps it until the broker has it: a version octet and a compact binary form.
public struct OutboxRecord: Hashable, Sendable {
    public var message: ApplicationMessage

    public init(_ message: ApplicationMessage) {
        self.message = message
    }

    /// The octets to store.
    public func encoded() -> [UInt8] {
        var writer = RecordWriter(capacity: 320)
        writer.octet(OutboxRecord.version)
        writer.message(message)
        return writer.octets
    }

    /// Reads stored octets.
    public init(decoding octets: [UInt8]) throws(RecordError) {
        var reader = RecordReader(octets)
        let version = try reader.octet()
        guard version == OutboxRecord.version else { throw .unknownVersion(version) }
        message = try reader.message()
        guard reader.isAtEnd else { throw reader.damaged }
    }

    /// The message as it is published after a restart: an uplink may have gone out before, and says so.
    public var redelivered: ApplicationMessage {
        guard case .uplink(var uplink) = message, uplink.repetition == .none else { return message }
        uplink.repetition = .redelivery
        return .uplink(uplink)
    }

    static let version: UInt8 = 1
}

extension DownlinkRequest {
    /// The octets to store with a queued downlink.
    public func encoded() -> [UInt8] {
        var writer = RecordWriter(capacity: 96)
        writer.octet(OutboxRecord.version)
        writer.request(self)
        return writer.octets
    }

    /// Reads stored octets.
    public init(decoding octets: [UInt8]) throws(RecordError) {
        var reader = RecordReader(octets)
        let version = try reader.octet()
        guard version == OutboxRecord.version else { throw .unknownVersion(version) }
        self = try reader.request()
        guard reader.isAtEnd else { throw reader.damaged }
    }
}
