// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import Store

/// Which outbox rows are in memory and which only in the database, so that a broker that is away costs disk, not memory.
///
/// Rows of one device go out in the order in which they were released: once one had to stay behind, all later ones of
/// that device follow it. Other devices do not wait for it. What stayed behind is loaded device by device in turn, so
/// that a device with little of it is soon up to date.
struct Backlog {
    /// Rows in memory that may be on their way at once.
    let limit: Int
    private(set) var inMemory = 0
    /// Rows that only the database holds.
    private(set) var countBehind = 0
    private var lines: [EUI64: Line] = [:]
    private var nodes: [Node] = []
    private var vacant: Int32 = -1
    /// Devices with rows behind, the next one first, from `turn` on.
    private var round: [EUI64] = []
    private var turn = 0

    /// How many rows a device has loaded in its turn.
    private static let share = 4

    /// The rows of one device: places of nodes, linked.
    private struct Line {
        var first: Int32
        var last: Int32
    }

    private struct Node {
        var row: Int64
        var next: Int32
    }

    init(limit: Int, behind: [OutboxHead] = []) {
        self.limit = limit
        nodes.reserveCapacity(behind.count)
        for head in behind { leaveBehind(head.id, of: head.devEUI) }
    }

    /// Whether a released row may stay in memory; if not it is noted as left behind.
    mutating func admit(_ row: Int64, of device: EUI64) -> Bool {
        guard inMemory < limit, countBehind == 0 || lines[device] == nil else {
            leaveBehind(row, of: device)
            return false
        }
        inMemory += 1
        return true
    }

    /// Notes rows that left memory.
    mutating func leave(_ count: Int) {
        inMemory -= count
    }

    /// The next rows to load when memory is half free; they count as in memory from now on.
    mutating func take(atMost count: Int) -> [(row: Int64, device: EUI64)] {
        guard countBehind > 0, inMemory <= limit / 2 else { return [] }
        var rows: [(row: Int64, device: EUI64)] = []
        while rows.count < count, turn < round.count {
            let device = round[turn]
            turn += 1
            for _ in 0..<Self.share {
                guard rows.count < count, let row = removeFirst(of: device) else { break }
                rows.append((row, device))
            }
            if lines[device] != nil { round.append(device) }
            if turn > 4096, turn > round.count / 2 {
                round.removeFirst(turn)
                turn = 0
            }
        }
        inMemory += rows.count
        return rows
    }

    /// Brings rows that were taken back to the front, in their order, device by device.
    mutating func putBack(_ rows: [(row: Int64, device: EUI64)]) {
        for (row, device) in rows.reversed() {
            let place = newNode(row)
            countBehind += 1
            inMemory -= 1
            nodes[Int(place)].next = lines[device]?.first ?? -1
            if lines[device] != nil {
                lines[device]?.first = place
            } else {
                lines[device] = Line(first: place, last: place)
                round.append(device)
            }
        }
    }

    /// Gives up a row that stayed behind. False when it did not, or when an older one of its device did.
    mutating func giveUp(_ row: Int64, of device: EUI64) -> Bool {
        guard let line = lines[device], nodes[Int(line.first)].row == row else { return false }
        // The device keeps its turn; an empty line is passed over then.
        return removeFirst(of: device) != nil
    }

    private mutating func leaveBehind(_ row: Int64, of device: EUI64) {
        let place = newNode(row)
        countBehind += 1
        if let line = lines[device] {
            nodes[Int(line.last)].next = place
            lines[device]?.last = place
        } else {
            lines[device] = Line(first: place, last: place)
            round.append(device)
        }
    }

    private mutating func removeFirst(of device: EUI64) -> Int64? {
        guard let line = lines[device] else { return nil }
        let node = nodes[Int(line.first)]
        nodes[Int(line.first)].next = vacant
        vacant = line.first
        countBehind -= 1
        if node.next < 0 { lines[device] = nil } else { lines[device]?.first = node.next }
        if countBehind == 0 { forgetAll() }
        return node.row
    }

    /// Gives the memory of a long backlog back.
    private mutating func forgetAll() {
        lines = [:]
        nodes = []
        vacant = -1
        round = []
        turn = 0
    }

    private mutating func newNode(_ row: Int64) -> Int32 {
        guard vacant >= 0 else {
            nodes.append(Node(row: row, next: -1))
            return Int32(nodes.count - 1)
        }
        let place = vacant
        vacant = nodes[Int(place)].next
        nodes[Int(place)] = Node(row: row, next: -1)
        return place
    }
}
