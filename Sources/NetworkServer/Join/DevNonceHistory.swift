// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The DevNonces that a device used under its root key.
///
/// Up to LoRaWAN 1.0.3 they are random and none may come twice; from 1.0.4 on they count up (1.0.4 section 6.2.5).
struct DevNonceHistory: Hashable, Sendable {
    /// Sorted; every one used, or only the highest where nonces count up.
    private var used: [UInt16] = []

    /// The highest one used.
    var last: UInt16? { used.last }

    var isEmpty: Bool { used.isEmpty }

    /// Whether a join-request may come with this nonce.
    func allows(_ nonce: UInt16, countsUp: Bool) -> Bool {
        guard let last else { return true }
        if countsUp { return nonce > last }
        let place = place(of: nonce)
        return place == used.count || used[place] != nonce
    }

    mutating func insert(_ nonce: UInt16, countsUp: Bool) {
        if countsUp {
            used = [max(nonce, used.last ?? 0)]
            return
        }
        let place = place(of: nonce)
        if place == used.count || used[place] != nonce { used.insert(nonce, at: place) }
    }

    /// The first place whose nonce is not below.
    private func place(of nonce: UInt16) -> Int {
        var (low, high) = (0, used.count)
        while low < high {
            let middle = (low + high) / 2
            if used[middle] < nonce { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Stored form

    /// Above this many the stored form is a map of all 65,536 bits, which is shorter.
    private static let longestList = 4096

    func encode(into writer: inout OctetWriter) {
        guard used.count > Self.longestList else {
            writer.put(UInt16(used.count))
            for nonce in used { writer.put(nonce) }
            return
        }
        writer.put(UInt16.max)
        var map = [UInt8](repeating: 0, count: 8192)
        for nonce in used { map[Int(nonce >> 3)] |= 1 << UInt8(nonce & 7) }
        writer.put(map)
    }

    static func decode(from reader: inout OctetReader) -> DevNonceHistory {
        var history = DevNonceHistory()
        let count = reader.take(UInt16.self)
        guard count == .max else {
            for _ in 0..<count { history.insert(reader.take(), countsUp: false) }
            return history
        }
        for high in UInt16(0)..<8192 {
            let octet = reader.take(UInt8.self)
            for bit in UInt16(0)..<8 where octet >> UInt8(bit) & 1 == 1 { history.used.append(high << 3 | bit) }
        }
        return history
    }
}
