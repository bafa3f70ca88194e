// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// A frame for the RAN to send.
public struct Transmission: Sendable {
    public var transactionID: TransactionID
    public var coverage: Int
    public var target: Target
    public var timing: Timing
    /// Hertz.
    public var frequency: UInt32
    public var modulation: Modulation
    /// The whole PHYPayload with MIC.
    public var octets: [UInt8]

    public init(
        transactionID: TransactionID,
        coverage: Int,
        target: Target,
        timing: Timing,
        frequency: UInt32,
        modulation: Modulation,
        octets: [UInt8],
    ) {
        self.transactionID = transactionID
        self.coverage = coverage
        self.target = target
        self.timing = timing
        self.frequency = frequency
        self.modulation = modulation
        self.octets = octets
    }

    /// Who hears it.
    public enum Target: Hashable, Sendable {
        /// One device; a join-accept names the address that the RAN shall route from then on.
        case device(EUI64, targetDevAddr: DevAddr?)
        /// A multicast group.
        case multicast(DevAddr)
    }

    /// When it goes out.
    public enum Timing: Hashable, Sendable {
        /// Seconds after the device's last acknowledged uplink, 1 to 15 (class A).
        case delay(seconds: UInt8)
        /// One to eight GPS times in milliseconds (class B).
        case gpsMilliseconds([UInt64])
        /// As soon as possible (class C).
        case immediately
        /// Class C, at the latest then.
        case deadline(UnixTime)
    }
}
