// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// An uplink or an activation was refused, or its formatter failed. Failed downlinks are `DownlinkEvent`s.
public struct ErrorEvent: Hashable, Sendable {
    public var subject: Subject
    public var kind: Kind
    public var report: FailureReport
    public var time: UnixTime
    /// How the frame was heard, when it is about one.
    public var radio: RadioMetadata?
    public var correlationIDs: [String]

    public init(
        subject: Subject,
        kind: Kind,
        report: FailureReport,
        time: UnixTime,
        radio: RadioMetadata? = nil,
        correlationIDs: [String] = [],
    ) {
        self.subject = subject
        self.kind = kind
        self.report = report
        self.time = time
        self.radio = radio
        self.correlationIDs = correlationIDs
    }

    /// Whom the event is told.
    public enum Subject: Hashable, Sendable {
        /// The device's own topics.
        case device(DeviceIdentity)
        /// No single device: the operator's topic `admin/events/up/errors`. The EUIs of the frame are shown when known.
        case network(devEUI: EUI64? = nil, joinEUI: EUI64? = nil)
    }

    /// What was refused.
    public enum Kind: UInt8, Hashable, Sendable {
        /// An uplink, or its payload's formatter.
        case uplink = 0
        /// A join or rejoin request.
        case activation = 1
    }
}
