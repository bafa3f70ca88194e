// SPDX-License-Identifier: Apache-2.0
package import LoRaWAN

/// Finds the slots in which things stand by keys that the things themselves hold: a hash table of four octets a place.
///
/// Its owner gives hashes and compares keys, so that no key is kept twice. No two slots have the same key.
package struct SlotIndex: Sendable {
    @usableFromInline static let vacant: Int32 = -1

    /// Slots at or behind the places that their hashes name; the number of places is a power of two.
    @usableFromInline var places: [Int32] = []
    /// How many slots are in it.
    package internal(set) var count = 0

    package init() {}

    /// The slot with a key.
    ///
    /// - Parameter isWanted: whether the thing in a slot has the key.
    @inlinable
    package func slot(_ hash: UInt64, where isWanted: (Int) -> Bool) -> Int? {
        place(hash, where: isWanted).map { Int(places[$0]) }
    }

    /// Adds a slot whose key is not in it.
    ///
    /// - Parameter hashOf: the hash of what stands in a slot.
    @inlinable
    package mutating func insert(_ slot: Int, _ hash: UInt64, hashOf: (Int) -> UInt64) {
        reserve(count + 1, hashOf: hashOf)
        put(slot, hash)
        count += 1
    }

    /// Takes the slot with a key out; tells which it was.
    @discardableResult
    package mutating func remove(
        _ hash: UInt64,
        where isWanted: (Int) -> Bool,
        hashOf: (Int) -> UInt64,
    ) -> Int? {
        guard var gap = place(hash, where: isWanted) else { return nil }
        let slot = Int(places[gap])
        let mask = places.count - 1
        var next = (gap + 1) & mask
        // Those behind move up, unless they would stand before the place that their hash names.
        while places[next] != Self.vacant {
            let home = Int(truncatingIfNeeded: hashOf(Int(places[next]))) & mask
            if (next - home) & mask >= (next - gap) & mask {
                places[gap] = places[next]
                gap = next
            }
            next = (next + 1) & mask
        }
        places[gap] = Self.vacant
        count -= 1
        return slot
    }

    /// Makes room for that many slots at once.
    @inlinable
    package mutating func reserve(_ wanted: Int, hashOf: (Int) -> UInt64) {
        // At most three places of four are taken: the way to a free one stays short.
        guard wanted * 4 > places.count * 3 else { return }
        var size = max(16, places.count)
        while wanted * 4 > size * 3 { size *= 2 }
        let former = places
        places = [Int32](repeating: Self.vacant, count: size)
        for slot in former where slot != Self.vacant { put(Int(slot), hashOf(Int(slot))) }
    }

    @inlinable
    func place(_ hash: UInt64, where isWanted: (Int) -> Bool) -> Int? {
        guard count > 0 else { return nil }
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != Self.vacant {
            if isWanted(Int(places[place])) { return place }
            place = (place + 1) & mask
        }
        return nil
    }

    @inlinable
    mutating func put(_ slot: Int, _ hash: UInt64) {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != Self.vacant { place = (place + 1) & mask }
        places[place] = Int32(slot)
    }
}

extension EUI64 {
    /// A hash for `SlotIndex`. It differs from run to run, so that nobody can choose EUIs that meet.
    package var slotHash: UInt64 {
        var bits = rawValue ^ Self.slotSeed
        bits = (bits ^ bits >> 32) &* 0xD6E8_FEB8_6659_FD93
        bits = (bits ^ bits >> 32) &* 0xD6E8_FEB8_6659_FD93
        return bits ^ bits >> 32
    }

    private static let slotSeed = UInt64(bitPattern: Int64(Hasher().finalize()))
}
