// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// A frame that was accepted a moment ago: copies of it are known by their octets.
struct RecentFrame: Sendable {
    /// The PHYPayload without MIC.
    let octets: [UInt8]
    let mic: MIC
    /// When the first copy came, monotonic nanoseconds.
    let firstHeard: Int64
    /// nil for a join-request, which is not collected.
    let uplink: UplinkID?
    /// The copies so far, the first one first; empty once released.
    var receptions: [ReceivedRadio]

    /// Whether copies still join the uplink.
    var isCollecting: Bool { !receptions.isEmpty }

    /// Octets alone do not tell: two devices on one address may send the same ones, with different MICs.
    func isCopied(by frame: UpstreamFrame) -> Bool {
        octets == frame.octets && frame.challenge.holds(mic)
    }
}

extension [UInt32] {
    /// Whether a MIC is among the candidates. Compares in blocks without a branch, which the compiler turns into vectors.
    func holds(_ mic: MIC) -> Bool {
        let wanted = mic.rawValue
        let candidates = span
        let blockSize = 64
        var start = 0
        while start + blockSize <= candidates.count {
            var difference: UInt32 = 0
            for index in start..<start + blockSize {
                difference |= candidates[unchecked: index] == wanted ? 1 : 0
            }
            if difference != 0 { return true }
            start += blockSize
        }
        for index in start..<candidates.count where candidates[index] == wanted {
            return true
        }
        return false
    }
}
