// SPDX-License-Identifier: Apache-2.0

/// The FCntDown values a network has used in a session, with what it used them for.
struct SeenCounters {
    /// What the network's use of its counter looks like.
    enum Use {
        case fresh(UInt32)
        /// The same frame again.
        case repeated
        /// Another frame with a used counter.
        case reused
        /// The frame is of another session or its MIC is wrong.
        case foreign
    }

    /// How far behind the highest counter frames are remembered.
    private static let depth: UInt32 = 65_536
    private(set) var highest: UInt32?
    private var frames: [UInt32: [UInt8]] = [:]

    mutating func note(_ counter: UInt32, _ phyPayload: [UInt8]) -> Use {
        if let known = frames[counter] { return known == phyPayload ? .repeated : .reused }
        frames[counter] = phyPayload
        let top = max(highest ?? counter, counter)
        highest = top
        if frames.count > 2 * Int(SeenCounters.depth), top > SeenCounters.depth {
            frames = frames.filter { $0.key >= top - SeenCounters.depth }
        }
        return .fresh(counter)
    }
}
