// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Store
import TestSupport
import Testing

@testable import Bridge

private let first = EUI64(rawValue: 1)
private let second = EUI64(rawValue: 2)
private let third = EUI64(rawValue: 3)

private func heads(_ rows: [Int64], of device: EUI64) -> [OutboxHead] {
    rows.map { OutboxHead(id: $0, devEUI: device, bytes: 10) }
}

@Suite struct BacklogTests {
    @Test("rows beyond the limit stay behind, and all later ones of their device follow them until they are loaded")
    func order() {
        var backlog = Backlog(limit: 2)
        let admitted = [backlog.admit(1, of: first), backlog.admit(2, of: first), backlog.admit(3, of: first)]
        #expect(admitted == [true, true, false])
        backlog.leave(2)
        // There is room, but row 3 goes first.
        let isFourthAdmitted = backlog.admit(4, of: first)
        #expect(!isFourthAdmitted)
        let taken = backlog.take(atMost: 10).map(\.row)
        #expect(taken == [3, 4])
        #expect(backlog.inMemory == 2)
        backlog.leave(2)
        let isFifthAdmitted = backlog.admit(5, of: first)
        #expect(isFifthAdmitted)
    }

    @Test("a device that has nothing behind does not wait for one that has")
    func live() {
        var backlog = Backlog(limit: 100, behind: heads(Array(1...50), of: first))
        let isLiveAdmitted = backlog.admit(51, of: second)
        #expect(isLiveAdmitted)
        let isFollowerAdmitted = backlog.admit(52, of: first)
        #expect(!isFollowerAdmitted)
    }

    @Test("devices are loaded in turn: one with little behind is up to date before a long line of another ends")
    func turns() {
        let behind = heads(Array(1...1000), of: first) + heads([1001, 1002], of: second) + heads([1003], of: third)
        var backlog = Backlog(limit: 100, behind: behind)
        let taken = backlog.take(atMost: 12).map(\.row)
        #expect(taken.contains(1002) && taken.contains(1003))
        #expect(taken.filter { $0 <= 1000 } == [1, 2, 3, 4, 5, 6, 7, 8, 9])
        let isSecondLive = backlog.admit(2000, of: second)
        #expect(isSecondLive)
    }

    @Test("nothing is loaded before half of the memory is free")
    func room() {
        var backlog = Backlog(limit: 4, behind: heads([1, 2, 3, 4, 5, 6], of: first))
        let once = backlog.take(atMost: 3).map(\.row)
        let tooEarly = backlog.take(atMost: 3).map(\.row)
        backlog.leave(1)
        let again = backlog.take(atMost: 3).map(\.row)
        #expect(once == [1, 2, 3])
        #expect(tooEarly.isEmpty)
        #expect(again == [4, 5, 6])
        #expect(backlog.countBehind == 0)
    }

    @Test("rows that could not be read are the next ones again")
    func putBack() {
        var backlog = Backlog(limit: 4, behind: heads([1, 2, 3], of: first) + heads([4], of: second))
        let taken = backlog.take(atMost: 4)
        #expect(taken.map(\.row) == [1, 2, 3, 4])
        backlog.putBack(taken)
        #expect(backlog.inMemory == 0)
        let isFollowerAdmitted = backlog.admit(5, of: first)
        #expect(!isFollowerAdmitted)
        let again = backlog.take(atMost: 10)
        #expect(again.filter { $0.device == first }.map(\.row) == [1, 2, 3, 5])
        #expect(again.filter { $0.device == second }.map(\.row) == [4])
    }

    @Test("only the oldest row of a device can be given up, and only while it is behind")
    func givenUp() {
        var backlog = Backlog(limit: 4, behind: heads([1, 2, 3], of: first))
        let isLaterGivenUp = backlog.giveUp(2, of: first)
        let isOldestGivenUp = backlog.giveUp(1, of: first)
        let taken = backlog.take(atMost: 1).map(\.row)
        let isLoadedGivenUp = backlog.giveUp(2, of: first)
        #expect(!isLaterGivenUp && isOldestGivenUp && !isLoadedGivenUp)
        #expect(taken == [2])
        #expect(backlog.countBehind == 1)
    }

    @Test("whatever comes and goes, rows of one device leave in order and none is lost")
    func random() {
        var random = SeededGenerator(seed: 7)
        var backlog = Backlog(limit: 16)
        var next: Int64 = 1
        var out: [EUI64: [Int64]] = [:]
        var sent: [EUI64: [Int64]] = [:]
        var flying = 0
        for _ in 0..<50_000 {
            if random.next() % 3 < 2 {
                let device = EUI64(rawValue: random.next() % 9)
                sent[device, default: []].append(next)
                if backlog.admit(next, of: device) {
                    out[device, default: []].append(next)
                    flying += 1
                }
                next += 1
            } else if flying > 0 {
                let count = Int(random.next() % UInt64(flying)) + 1
                backlog.leave(count)
                flying -= count
                for (row, device) in backlog.take(atMost: 5) {
                    out[device, default: []].append(row)
                    flying += 1
                }
                // Keep the lists short: what went out in order needs no more looking at.
                for (device, rows) in out where sent[device]?.starts(with: rows) == true {
                    sent[device]?.removeFirst(rows.count)
                    out[device] = []
                }
            }
        }
        backlog.leave(flying)
        while backlog.countBehind > 0 {
            let rows = backlog.take(atMost: 64)
            for (row, device) in rows { out[device, default: []].append(row) }
            backlog.leave(rows.count)
        }
        for (device, rows) in sent { #expect(out[device, default: []] == rows) }
    }
}
