// SPDX-License-Identifier: Apache-2.0
import Concurrency
import LoRaWAN
import NetworkServer
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

    @Test("the next moment after a beat is never the present one")
    func next() {
        func next(_ nanoseconds: Int64, _ offset: Duration) -> Int64 {
            Beat.next(after: MonotonicTime(nanoseconds: nanoseconds), offset: offset).nanoseconds
        }
        #expect(next(4_999_999, .zero) == 5_000_000)
        #expect(next(5_000_000, .zero) == 10_000_000)
        #expect(next(5_999_999, .milliseconds(1)) == 6_000_000)
        #expect(next(6_000_000, .milliseconds(1)) == 11_000_000)
        #expect(next(500_000, .milliseconds(1)) == 1_000_000)
    }

    @Test("the default merge window is a number of whole beats")
    func window() throws {
        let netID = try #require(NetID(rawValue: 0))
        let window = NetworkConfiguration(netID: netID).mergeWindow.wholeNanoseconds
        #expect(Beat.notBefore(window) == window)
    }
}
