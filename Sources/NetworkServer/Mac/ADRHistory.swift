// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The last uplinks at one data rate and power, for adaptive data rate.
struct ADRHistory: Hashable, Sendable {
    private(set) var entries: [Entry] = []

    struct Entry: Hashable, Sendable {
        /// The best SNR of all receptions in half decibels.
        var halfDecibels: Int8
        /// How many uplinks were missed right before.
        var lost: UInt8
    }

    /// Uplinks that a decision rests on.
    static let size = 20

    var isFull: Bool { entries.count == Self.size }

    /// dB.
    var bestSNR: Double? { entries.map(\.halfDecibels).max().map { Double($0) / 2 } }

    /// The share of uplinks that did not arrive.
    var lossRate: Double {
        // What was missed before the first entry does not belong to these uplinks.
        let lost = entries.dropFirst().reduce(0) { $0 + Int($1.lost) }
        return Double(lost) / Double(max(1, entries.count + lost))
    }

    mutating func append(snr: Float, lost: UInt32) {
        if isFull { entries.removeFirst() }
        entries.append(Entry(halfDecibels: Self.halfDecibels(snr), lost: UInt8(clamping: lost)))
    }

    /// Another gateway heard the last uplink.
    mutating func improveLast(snr: Float) {
        guard let last = entries.indices.last else { return }
        entries[last].halfDecibels = max(entries[last].halfDecibels, Self.halfDecibels(snr))
    }

    mutating func restore(_ entry: Entry) {
        entries.append(entry)
    }

    mutating func clear() {
        entries = []
    }

    private static func halfDecibels(_ snr: Float) -> Int8 {
        snr.isFinite ? Int8(max(-128, min(127, (snr * 2).rounded()))) : -128
    }
}
