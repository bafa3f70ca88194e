// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// A frame that the RAN has and has not told the fate of.
struct OpenTransmission: Sendable {
    let id: TransactionID
    let content: Content
    let octets: [UInt8]
    let coverage: Int
    /// Hertz.
    let frequency: UInt32
    let modulation: Modulation
    /// The second window, if the first one was tried and the frame fits there too.
    let fallback: DownlinkWindow?
    /// When the RAN's silence means that the frame is lost, monotonic nanoseconds.
    let deadline: Int64

    enum Content: Sendable {
        case joinAccept(targetDevAddr: DevAddr)
        /// A data frame; `item` is the queued downlink it carries.
        case data(item: UInt64?, counter: UInt32, port: UInt8?, devAddr: DevAddr, sessionNumber: UInt32)
    }

    /// The queued downlink that the frame carries.
    var item: UInt64? {
        if case .data(let item, _, _, _, _) = content { item } else { nil }
    }
}
