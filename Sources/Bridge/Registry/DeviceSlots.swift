// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer

/// What `DeviceSlots` holds of a device.
protocol DeviceKeyed: Sendable {
    var devEUI: EUI64 { get }
}

/// Things by the DevEUIs that they hold, found through four octets each. A thing keeps its slot as long as it is there.
struct DeviceSlots<Element: DeviceKeyed>: Sendable {
    private var slots: [Element?] = []
    private var index = SlotIndex()
    /// Slots whose thing left.
    private var vacant: [Int32] = []

    var count: Int { index.count }

    /// All of them, in no order.
    var all: some Sequence<Element> { slots.lazy.compactMap(\.self) }

    subscript(devEUI: EUI64) -> Element? { slot(of: devEUI).flatMap { slots[$0] } }

    /// A slot that `slot(of:)` or `put` gave.
    subscript(slot: Int) -> Element? { slots[slot] }

    func slot(of devEUI: EUI64) -> Int? {
        index.slot(devEUI.slotHash) { slots[$0]?.devEUI == devEUI }
    }

    /// Adds or replaces a thing and tells its slot.
    @discardableResult
    mutating func put(_ element: Element) -> Int {
        if let slot = slot(of: element.devEUI) {
            slots[slot] = element
            return slot
        }
        let slot: Int
        if let reused = vacant.popLast() {
            slot = Int(reused)
            slots[slot] = element
        } else {
            slot = slots.count
            slots.append(element)
        }
        index.insert(slot, element.devEUI.slotHash) { [slots] in slots[$0]?.devEUI.slotHash ?? 0 }
        return slot
    }

    /// Takes a thing out and gives it back.
    @discardableResult
    mutating func remove(_ devEUI: EUI64) -> Element? {
        let left = index.remove(
            devEUI.slotHash,
            where: { [slots] in slots[$0]?.devEUI == devEUI },
            hashOf: { [slots] in slots[$0]?.devEUI.slotHash ?? 0 },
        )
        guard let left else { return nil }
        vacant.append(Int32(left))
        defer { slots[left] = nil }
        return slots[left]
    }

    /// Makes room for that many at once.
    mutating func reserve(_ count: Int) {
        slots.reserveCapacity(count)
        index.reserve(count) { [slots] in slots[$0]?.devEUI.slotHash ?? 0 }
    }
}
