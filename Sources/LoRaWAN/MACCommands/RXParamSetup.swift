// SPDX-License-Identifier: Apache-2.0

/// RXParamSetupReq: the receive windows (LoRaWAN 1.0.4 section 5.5).
public struct RXParamSetup: Hashable, Sendable {
    /// RX1DROffset, 0 to 7.
    public var rx1DataRateOffset: UInt8
    /// The second window; its data rate 0 to 15.
    public var rx2: ReceiveWindow

    /// A request from its fields.
    public init(rx1DataRateOffset: UInt8, rx2: ReceiveWindow) {
        self.rx1DataRateOffset = rx1DataRateOffset
        self.rx2 = rx2
    }
}
