// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Bridge

@Suite struct EventRateTests {
    private let second: Int64 = 1_000_000_000

    @Test("so many events pass in a window; the next window's first tells how many were held back")
    func limit() {
        var rate = EventRate<String>(limit: 3, window: .seconds(60))
        let passed = (0..<10).map { rate.admit("a", at: Int64($0) * second) }
        #expect(passed == [0, 0, 0, nil, nil, nil, nil, nil, nil, nil])
        let next = rate.admit("a", at: 61 * second)
        let afterwards = rate.admit("a", at: 62 * second)
        #expect(next == 7)
        #expect(afterwards == 0)
    }

    @Test("one source does not use up another's share")
    func apart() {
        var rate = EventRate<String>(limit: 1)
        _ = rate.admit("a", at: 0)
        let second = rate.admit("a", at: 1)
        let other = rate.admit("b", at: 1)
        #expect(second == nil)
        #expect(other == 0)
    }

    @Test("a flood of sources is bounded and gives way when it is over")
    func flood() {
        var rate = EventRate<Int>(limit: 1)
        var passed = 0
        for source in 0..<100_000 where rate.admit(source, at: 0) != nil { passed += 1 }
        #expect(passed == 65_536)
        let late = rate.admit(200_000, at: 61 * second)
        #expect(late == 0)
    }
}
