// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import TestSupport
import Testing

@Suite struct SlotIndexTests {
    @Test("it holds what was put in and not taken out, also when many hashes meet", arguments: [1, 3, 16, UInt64.max])
    func model(_ hashes: UInt64) {
        var random = SeededGenerator(seed: hashes)
        var index = SlotIndex()
        // Slot n stands for the key n.
        func hash(_ slot: Int) -> UInt64 { EUI64(rawValue: UInt64(slot)).slotHash % hashes }
        var present: Set<Int> = []
        for _ in 0..<4000 {
            let slot = Int.random(in: 0..<200, using: &random)
            if present.contains(slot) {
                #expect(index.remove(hash(slot), where: { $0 == slot }, hashOf: hash) == slot)
                present.remove(slot)
            } else {
                #expect(index.remove(hash(slot), where: { $0 == slot }, hashOf: hash) == nil)
                index.insert(slot, hash(slot), hashOf: hash)
                present.insert(slot)
            }
            #expect(index.count == present.count)
            let other = Int.random(in: 0..<200, using: &random)
            #expect(index.slot(hash(other)) { $0 == other } == (present.contains(other) ? other : nil))
        }
        for slot in 0..<200 {
            #expect(index.slot(hash(slot)) { $0 == slot } == (present.contains(slot) ? slot : nil))
        }
    }

    @Test("EUIs in a row spread over all places")
    func spread() {
        var used: Set<UInt64> = []
        for number in UInt64(0)..<4096 { used.insert(EUI64(rawValue: 0x70B3_D57E_D000_0000 + number).slotHash & 4095) }
        // Of random hashes 63 % of the places are met.
        #expect((2200...3000).contains(used.count))
    }
}
