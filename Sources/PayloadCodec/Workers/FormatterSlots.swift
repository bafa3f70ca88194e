// SPDX-License-Identifier: Apache-2.0

/// Which formatters one worker keeps compiled: the parent decides, the worker obeys, so that no call finds its script gone.
struct FormatterSlots {
    private struct Entry {
        let slot: UInt32
        let byteCount: Int
        var lastUse: UInt64
    }

    private let scriptLimit: Int
    private let byteLimit: Int
    private var entries: [Formatter: Entry] = [:]
    private var byteCount = 0
    private var nextSlot: UInt32 = 1
    /// Slots of dropped formatters, used again: the worker keeps an array.
    private var freeSlots: [UInt32] = []
    private var clock: UInt64 = 0
    /// The formatter asked for last: calls of an application come together.
    private var latest: (storage: Formatter.Storage, slot: UInt32)?

    init(scripts: Int, bytes: Int) {
        scriptLimit = max(1, scripts)
        byteLimit = bytes
    }

    var count: Int { entries.count }

    /// Whether the worker has a formatter.
    func contains(_ formatter: Formatter) -> Bool {
        formatter.storage === latest?.storage || entries[formatter] != nil
    }

    /// Forgets all: the worker is a new one.
    mutating func removeAll() {
        entries.removeAll()
        latest = nil
        freeSlots.removeAll()
        nextSlot = 1
        byteCount = 0
    }

    /// The slot of a formatter, with what the worker must be told first appended to the frame; nil for one without scripts.
    mutating func slot(of formatter: Formatter, frame: inout WireBuffer) -> UInt32? {
        if let latest, latest.storage === formatter.storage { return latest.slot }
        guard case .javascript(let scripts) = formatter.kind else { return nil }
        let slot = slot(of: formatter, scripts, &frame)
        latest = (formatter.storage, slot)
        return slot
    }

    private mutating func slot(of formatter: Formatter, _ scripts: FormatterScripts, _ frame: inout WireBuffer)
        -> UInt32
    {
        clock += 1
        if let index = entries.index(forKey: formatter) {
            entries.values[index].lastUse = clock
            return entries.values[index].slot
        }
        makeRoom(for: scripts.byteCount, &frame)
        let entry = Entry(slot: freeSlots.popLast() ?? nextSlot, byteCount: scripts.byteCount, lastUse: clock)
        if entry.slot == nextSlot { nextSlot += 1 }
        entries[formatter] = entry
        byteCount += entry.byteCount
        frame.append8(WireOperation.load.rawValue)
        frame.append32(entry.slot)
        frame.append8(scripts.isSingle ? 1 : 0)
        for part in scripts.parts {
            frame.append8(part == nil ? 0 : 1)
            if let part { frame.append(part) }
        }
        return entry.slot
    }

    /// Tells the worker to forget everything.
    mutating func dropAll(frame: inout WireBuffer) {
        for entry in entries.values { drop(entry, &frame) }
        removeAll()
    }

    // Evicts an eighth at a time: the search for the oldest is then paid once for many.
    private mutating func makeRoom(for bytes: Int, _ frame: inout WireBuffer) {
        guard entries.count >= scriptLimit || byteCount + bytes > byteLimit else { return }
        let oldestFirst = entries.sorted { $0.value.lastUse < $1.value.lastUse }
        for (index, old) in oldestFirst.enumerated() {
            let isRoomy = entries.count < scriptLimit && byteCount + bytes <= byteLimit
            if isRoomy, index >= oldestFirst.count / 8 { return }
            // A formatter used in this very frame comes last; dropping it is in order, the worker performs in order.
            drop(old.value, &frame)
            freeSlots.append(old.value.slot)
            entries[old.key] = nil
            byteCount -= old.value.byteCount
        }
    }

    private func drop(_ entry: Entry, _ frame: inout WireBuffer) {
        frame.append8(WireOperation.drop.rawValue)
        frame.append32(entry.slot)
    }
}
