// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The devices of a shard. A device keeps its slot as long as it is registered.
///
/// Slots come in chunks, so that growing never moves what is there.
struct DeviceTable: Sendable {
    private static let chunkSize = 512

    private var index = SlotIndex()
    private var chunks: [[Device]] = []
    /// Slots whose device left.
    private var vacant: [Int32] = []

    var count: Int { index.count }

    /// All slots ever used.
    var slots: Range<Int> { 0..<((chunks.count - 1) * Self.chunkSize + (chunks.last?.count ?? Self.chunkSize)) }

    func slot(of devEUI: EUI64) -> Int? {
        index.slot(devEUI.slotHash) { slot in read(slot) { $0.devEUI == devEUI } }
    }

    /// Slots that `slot(of:)` or `insert` gave.
    subscript(slot: Int) -> Device {
        get { chunks[slot / Self.chunkSize][slot % Self.chunkSize] }
        _modify { yield &chunks[slot / Self.chunkSize][slot % Self.chunkSize] }
    }

    /// Looks at a device in place: it is large, and most questions are about little of it.
    func read<Result>(_ slot: Int, _ body: (borrowing Device) -> Result) -> Result {
        let chunk = chunks[slot / Self.chunkSize]
        return body(chunk.span[slot % Self.chunkSize])
    }

    /// Adds a device that is not there yet and tells its slot.
    mutating func insert(_ device: Device) -> Int {
        let slot: Int
        if let reused = vacant.popLast() {
            slot = Int(reused)
            self[slot] = device
        } else {
            slot = index.count
            if slot.isMultiple(of: Self.chunkSize) {
                var chunk: [Device] = []
                chunk.reserveCapacity(Self.chunkSize)
                chunks.append(chunk)
            }
            chunks[slot / Self.chunkSize].append(device)
        }
        index.insert(slot, device.devEUI.slotHash) { [chunks] slot in Self.devEUI(slot, chunks).slotHash }
        return slot
    }

    /// Gives a device's slot to the next one; until then what is left of the device stays in it.
    mutating func remove(_ devEUI: EUI64) {
        let left = index.remove(
            devEUI.slotHash,
            where: { [chunks] slot in Self.devEUI(slot, chunks) == devEUI },
            hashOf: { [chunks] slot in Self.devEUI(slot, chunks).slotHash },
        )
        if let left { vacant.append(Int32(left)) }
    }

    private static func devEUI(_ slot: Int, _ chunks: [[Device]]) -> EUI64 {
        let chunk = chunks[slot / chunkSize]
        return chunk.span[slot % chunkSize].devEUI
    }
}
