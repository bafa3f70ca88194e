// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
public import LoRaWAN

/// A frame that the RAN shall transmit.
public struct DownstreamRequest: Sendable, Hashable {
    /// Ours, above 0 and unique over device and multicast requests; see `TransactionCounter`.
    public let transactionID: UInt64
    /// Whom it is for.
    public let target: DownstreamTarget
    /// When and how it shall be sent.
    public let window: TransmissionWindow
    /// The whole frame with its MIC, 1 to 255 octets: `PHYPayload`.
    public let payload: [UInt8]

    /// A request from its parts; what the RAN would refuse is refused when it is sent.
    public init(transactionID: UInt64, target: DownstreamTarget, window: TransmissionWindow, payload: [UInt8]) {
        self.transactionID = transactionID
        self.target = target
        self.window = window
        self.payload = payload
    }

    /// What the RAN would refuse and the types do not exclude.
    func check() throws(RANError) {
        guard transactionID > 0 else { throw .invalidParameter(name: "transactionID", problem: "must be above 0") }
        guard (1...255).contains(payload.count) else {
            throw .invalidParameter(name: "payload", problem: "has \(payload.count) octets; a frame has 1 to 255")
        }
        if case .multicast = target, case .delay = window.timing {
            throw .invalidParameter(name: "timing", problem: "cannot be a delay for a multicast group")
        }
        guard window.frequency > 0 else {
            throw .invalidParameter(name: "frequency", problem: "is 0; it is given in hertz")
        }
        if case .deadline(.until(let moment)) = window.timing {
            let ahead = moment.nanoseconds - WallClock.nanoseconds
            guard ahead <= TransmissionDeadline.horizon.wholeNanoseconds else {
                throw .invalidParameter(
                    name: "timing",
                    problem: "has a deadline \(ahead / 1_000_000_000) s ahead; the RAN holds a frame 512 s at most",
                )
            }
        }
        if case .lora(let spreading, _) = window.modulation, !(5...12).contains(spreading) {
            throw .invalidParameter(name: "modulation", problem: "has spreading factor \(spreading); LoRa has 5 to 12")
        }
    }
}

/// Whom a frame is for.
public enum DownstreamTarget: Sendable, Hashable {
    /// One device. With a join accept `targetDevAddr` is the address it gives: the RAN moves the device's routing to it
    /// when its first uplink from there arrives.
    case device(EUI64, targetDevAddr: DevAddr? = nil)
    /// The devices of a multicast group.
    case multicast(DevAddr)
}
