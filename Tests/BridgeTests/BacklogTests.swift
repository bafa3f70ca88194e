// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Bridge

@Suite struct BacklogTests {
    @Test("rows beyond the limit stay behind, and all later ones follow them until they are loaded")
    func order() {
        var backlog = Backlog(limit: 2)
        let admitted = [backlog.admit(1), backlog.admit(2), backlog.admit(3)]
        #expect(admitted == [true, true, false])
        backlog.leave(2)
        // There is room, but row 3 goes first.
        let isFourthAdmitted = backlog.admit(4)
        #expect(!isFourthAdmitted)
        let taken = backlog.take(atMost: 10)
        #expect(taken == [3, 4])
        #expect(backlog.inMemory == 2)
        backlog.leave(2)
        let isFifthAdmitted = backlog.admit(5)
        #expect(isFifthAdmitted)
    }

    @Test("nothing is loaded before half of the memory is free")
    func room() {
        var backlog = Backlog(limit: 4, behind: [1, 2, 3, 4, 5, 6])
        let first = backlog.take(atMost: 3)
        let tooEarly = backlog.take(atMost: 3)
        backlog.leave(1)
        let second = backlog.take(atMost: 3)
        #expect(first == [1, 2, 3])
        #expect(tooEarly.isEmpty)
        #expect(second == [4, 5, 6])
        #expect(backlog.countBehind == 0)
    }
}
