// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer

/// Devices by DevEUI. A device keeps its slot as long as it is there.
struct DeviceEntries: Sendable {
    private var slots: [DeviceEntry?] = []
    private var index = SlotIndex()
    /// Slots whose device left.
    private var vacant: [Int32] = []

    var count: Int { index.count }

    /// All of them, in no order.
    var all: [DeviceEntry] { slots.compactMap(\.self) }

    subscript(devEUI: EUI64) -> DeviceEntry? { slot(of: devEUI).flatMap { slots[$0] } }

    /// A slot that `slot(of:)` or `put` gave.
    subscript(slot: Int) -> DeviceEntry? { slots[slot] }

    func slot(of devEUI: EUI64) -> Int? {
        index.slot(devEUI.slotHash) { slots[$0]?.devEUI == devEUI }
    }

    /// Adds or replaces a device and tells its slot.
    @discardableResult
    mutating func put(_ entry: DeviceEntry) -> Int {
        if let slot = slot(of: entry.devEUI) {
            slots[slot] = entry
            return slot
        }
        let slot: Int
        if let reused = vacant.popLast() {
            slot = Int(reused)
            slots[slot] = entry
        } else {
            slot = slots.count
            slots.append(entry)
        }
        index.insert(slot, entry.devEUI.slotHash) { [slots] in slots[$0]?.devEUI.slotHash ?? 0 }
        return slot
    }

    mutating func remove(_ devEUI: EUI64) {
        let left = index.remove(
            devEUI.slotHash,
            where: { [slots] in slots[$0]?.devEUI == devEUI },
            hashOf: { [slots] in slots[$0]?.devEUI.slotHash ?? 0 },
        )
        guard let left else { return }
        slots[left] = nil
        vacant.append(Int32(left))
    }

    /// Makes room for that many at once.
    mutating func reserve(_ count: Int) {
        slots.reserveCapacity(count)
        index.reserve(count) { [slots] in slots[$0]?.devEUI.slotHash ?? 0 }
    }
}
