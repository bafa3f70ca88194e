// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Testing

@testable import Bridge

@Suite struct BeatTests {
    @Test("a moment is a beat itself, or waits for the one after it")
    func beats() {
        #expect(Beat.notBefore(0) == 0)
        #expect(Beat.notBefore(1) == 5_000_000)
        #expect(Beat.notBefore(5_000_000) == 5_000_000)
        #expect(Beat.notBefore(5_000_001) == 10_000_000)
        #expect(Beat.notBefore(.max) == .max)
    }

    @Test("the next beat is never the present moment")
    func next() {
        func next(_ nanoseconds: Int64) -> Int64 {
            Beat.next(after: MonotonicTime(nanoseconds: nanoseconds)).nanoseconds
        }
        #expect(next(4_999_999) == 5_000_000)
        #expect(next(5_000_000) == 10_000_000)
    }
}
