// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The DevNonces that a device used under its root key.
///
/// Up to LoRaWAN 1.0.3 they are random and none may come twice; from 1.0.4 on they count up (1.0.4 section 6.2.5).
struct DevNonceHistory: Hashable, Sendable {
    private var storage = Storage.none

    /// Most devices use few in their life, and those that count up need one: no array for them.
    private enum Storage: Hashable, Sendable {
        case none
        case one(UInt16)
        case many([UInt16])
    }

    /// Sorted; every one used, or only the highest where nonces count up.
    private var used: [UInt16] {
        get {
            switch storage {
            case .none: []
            case .one(let nonce): [nonce]
            case .many(let nonces): nonces
            }
        }
        set { storage = newValue.count > 1 ? .many(newValue) : newValue.first.map(Storage.one) ?? .none }
    }

    /// The highest one used.
    var last: UInt16? {
        switch storage {
        case .none: nil
        case .one(let nonce): nonce
        case .many(let nonces): nonces.last
        }
    }

    var isEmpty: Bool { storage == .none }

    /// Whether a join-request may come with this nonce.
    func allows(_ nonce: UInt16, countsUp: Bool) -> Bool {
        guard let last else { return true }
        if countsUp { return nonce > last }
        let used = used
        let place = Self.place(of: nonce, in: used)
        return place == used.count || used[place] != nonce
    }

    mutating func insert(_ nonce: UInt16, countsUp: Bool) {
        if countsUp {
            used = [max(nonce, used.last ?? 0)]
            return
        }
        var used = used
        let place = Self.place(of: nonce, in: used)
        guard place == used.count || used[place] != nonce else { return }
        used.insert(nonce, at: place)
        self.used = used
    }

    /// The first place whose nonce is not below.
    private static func place(of nonce: UInt16, in used: [UInt16]) -> Int {
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
        let used = used
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
        var used: [UInt16] = []
        let count = reader.take(UInt16.self)
        if count < .max {
            for _ in 0..<count { used.append(reader.take()) }
        } else {
            for high in UInt16(0)..<8192 {
                let octet = reader.take(UInt8.self)
                for bit in UInt16(0)..<8 where octet >> UInt8(bit) & 1 == 1 { used.append(high << 3 | bit) }
            }
        }
        history.used = used.sorted()
        return history
    }
}
