// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// One upstream message of an `UpstreamStream`, with its way back. Answer each one.
public struct UpstreamDelivery: Sendable {
    /// What the RAN heard.
    public let message: UpstreamMessage
    /// The websocket that delivered it.
    public let source: UpstreamSource

    /// The frame is this device's: its key gave `mic`. Never blocks; dropped when the websocket is gone, then the RAN
    /// delivers the message again.
    public func ack(devEUI: EUI64, mic: UInt32) {
        source.send([.ack(transactionID: message.transactionID, devEUI: devEUI, mic: mic)])
    }

    /// The frame is refused. Never blocks; dropped when the websocket is gone.
    public func reject(_ code: UpstreamRejectCode, message words: String? = nil) {
        source.send([.reject(transactionID: message.transactionID, code: code, message: words)])
    }
}
