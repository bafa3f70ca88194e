// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN

/// A frame a virtual device sends, and what its receive windows follow from.
struct Transmission {
    enum Kind {
        case joinRequest
        case rejoinRequest(RejoinRequestFrame)
        /// The uplink with that number in the device's report, from 0.
        case data(number: Int, devAddr: DevAddr)

        /// Whether a join-accept may answer it.
        var isActivation: Bool { if case .data = self { false } else { true } }
    }

    var kind: Kind
    /// PHYPayload without MIC.
    var octets: [UInt8]
    var mic: MIC
    /// The index of the channel it went out on.
    var channel: Int
    var frequency: UInt32
    var dataRate: UInt8
    var modulation: Modulation
    /// When the frame ended.
    var end: MonotonicTime
}

/// What became of a frame sent to a device.
enum Reception {
    case joined(DevAddr)
    case received(DeviceReport.Downlink)
    /// It could not be heard, or was dropped; the reason.
    case missed(String)
}
