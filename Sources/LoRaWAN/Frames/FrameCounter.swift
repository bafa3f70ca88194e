// SPDX-License-Identifier: Apache-2.0

/// Rules for the 32-bit frame counter of which only the low 16 bits travel (LoRaWAN 1.0.4 section 4.3.1.5).
public enum FrameCounter {
    /// The gap above which LoRaWAN 1.0.0 to 1.0.3 refuse an uplink (MAX_FCNT_GAP).
    public static let maximumGap: UInt32 = 16_384

    /// The counter to put into the MIC: the first one at or after `last` whose low 16 bits were received.
    ///
    /// Equal to `last` for a repeated frame. A session whose 32 bits are used up also gives `last`: the MIC of a frame with other
    /// low bits never fits that, so a spent counter cannot wrap round to a replay.
    public static func candidate(last: UInt32?, received: UInt16) -> UInt32 {
        guard let last else { return UInt32(received) }
        let gap = received &- UInt16(truncatingIfNeeded: last)
        let (counter, overflow) = last.addingReportingOverflow(UInt32(gap))
        return overflow ? last : counter
    }
}
