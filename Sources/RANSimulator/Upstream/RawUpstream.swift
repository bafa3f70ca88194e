// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// An upstream message to inject as it is, right or wrong.
public struct RawUpstream: Hashable, Sendable {
    /// Nil takes the next one.
    public var transactionID: UInt64?
    /// `Outdated`; nil leaves it out.
    public var isOutdated: Bool?
    public var devEUIs: [EUI64]
    public var frequency: UInt64 = 868_100_000
    public var modulation: Modulation = .lora(spreading: 7, bandwidth: 125_000)
    /// Writes `OCW` in place of `Ocw` in an FHSS radio, as the specification does.
    public var writesCapitalOCW = false
    public var rssi = -60.0
    public var snr = 9.5
    /// PHYPayload without MIC.
    public var octets: [UInt8]
    /// The candidates; nil makes a list of the simulator's own that holds `mic`.
    public var challenge: [UInt32]?
    /// The right MIC as a big-endian number: an ack must hold it to be right.
    public var mic: UInt32
    public var position: GPSPosition?

    public init(devEUIs: [EUI64], octets: [UInt8], mic: UInt32) {
        self.devEUIs = devEUIs
        self.octets = octets
        self.mic = mic
    }

    /// Takes a whole PHYPayload: its last four octets are the MIC.
    public init(devEUIs: [EUI64], phyPayload: [UInt8]) {
        self.init(
            devEUIs: devEUIs,
            octets: Array(phyPayload.dropLast(4)),
            mic: phyPayload.suffix(4).reduce(0) { $0 << 8 | UInt32($1) },
        )
    }
}

/// How a client replied to an upstream message.
public enum UpstreamReply: Hashable, Sendable {
    case ack(devEUI: EUI64, mic: UInt32, isRight: Bool)
    case reject(code: String, message: String?)
    /// No reply came in time.
    case missing
    /// It went to nobody: no upstream socket is open.
    case undelivered
}
