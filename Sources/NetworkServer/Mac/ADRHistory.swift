// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The last uplinks at one data rate and power, for adaptive data rate.
struct ADRHistory: Sendable {
    /// The first `count` are in use, oldest first.
    private var slots: [20 of Entry] = InlineArray(repeating: Entry(halfDecibels: 0, lost: 0))
    private(set) var count: UInt8 = 0

    struct Entry: Hashable, Sendable {
        /// The best SNR of all receptions in half decibels.
        var halfDecibels: Int8
        /// How many uplinks were missed right before.
        var lost: UInt8

        fileprivate var stored: UInt16 { UInt16(UInt8(bitPattern: halfDecibels)) | UInt16(lost) << 8 }
    }

    /// Uplinks that a decision rests on.
    static let size = 20

    var isFull: Bool { count == Self.size }

    /// Oldest first.
    var entries: [Entry] { (0..<Int(count)).map { slots[$0] } }

    /// dB.
    var bestSNR: Double? {
        guard count > 0 else { return nil }
        var best = Int8.min
        for index in 0..<Int(count) { best = max(best, slots[index].halfDecibels) }
        return Double(best) / 2
    }

    /// The share of uplinks that did not arrive.
    var lossRate: Double {
        guard count > 1 else { return 0 }
        // What was missed before the first entry does not belong to these uplinks.
        var lost = 0
        for index in 1..<Int(count) { lost += Int(slots[index].lost) }
        return Double(lost) / Double(Int(count) + lost)
    }

    mutating func append(snr: Float, lost: UInt32) {
        append(Entry(halfDecibels: Self.halfDecibels(snr), lost: UInt8(clamping: lost)))
    }

    /// Takes an entry in; of more than `size` the oldest goes.
    mutating func append(_ entry: Entry) {
        if isFull {
            for index in 1..<Self.size { slots[index - 1] = slots[index] }
            count -= 1
        }
        slots[Int(count)] = entry
        count += 1
    }

    /// Another gateway heard the last uplink.
    mutating func improveLast(snr: Float) {
        guard count > 0 else { return }
        let last = Int(count) - 1
        slots[last].halfDecibels = max(slots[last].halfDecibels, Self.halfDecibels(snr))
    }

    mutating func clear() {
        count = 0
    }

    /// The count, then SNR and loss of each entry; four entries at a time, as it is written with every uplink.
    func encode(into writer: inout OctetWriter) {
        writer.put(count)
        var index = 0
        while index + 4 <= Int(count) {
            var word: UInt64 = 0
            for place in 0..<4 { word |= UInt64(slots[index + place].stored) << UInt64(16 * place) }
            writer.put(word)
            index += 4
        }
        for rest in index..<Int(count) { writer.put(slots[rest].stored) }
    }

    private static func halfDecibels(_ snr: Float) -> Int8 {
        snr.isFinite ? Int8(max(-128, min(127, (snr * 2).rounded()))) : -128
    }
}

extension ADRHistory: Hashable {
    static func == (left: ADRHistory, right: ADRHistory) -> Bool { left.entries == right.entries }

    func hash(into hasher: inout Hasher) { hasher.combine(entries) }
}
