// SPDX-License-Identifier: Apache-2.0

/// Delays of the receive windows that are the same in every region, in seconds after the end of the uplink (RP002).
public enum ReceiveTiming {
    /// First window after a data uplink while nothing else was set up.
    public static let defaultDelay: UInt8 = 1
    /// First window after a join-request; no setting changes it.
    public static let joinAcceptDelay: UInt8 = 5
    /// From the first window to the second.
    public static let secondWindowOffset: UInt8 = 1

    /// Seconds that an RxDelay field of 0 to 15 means: 0 stands for 1.
    public static func delay(field: UInt8) -> UInt8 { max(1, field & 15) }
}
