// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Store
import Testing

@testable import Bridge

@Suite struct NumberRangeTests {
    @Test("numbers of a later run lie above those of an earlier one, wherever the clock goes")
    func clock() throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        let hour: Int64 = 3_600_000_000_000
        let noon = UnixTime(nanoseconds: 1_790_000_000_000_000_000)
        let first = try NumberRange.reserve(in: store, at: noon, above: 0)
        let back = UnixTime(nanoseconds: noon.nanoseconds - hour)
        let second = try NumberRange.reserve(in: store, at: back, above: 0)
        #expect(second > first + 1_000_000_000)
        let ahead = UnixTime(nanoseconds: noon.nanoseconds + 100 * hour)
        let third = try NumberRange.reserve(in: store, at: ahead, above: 0)
        #expect(third == ahead.nanoseconds / 1000)
        let fourth = try NumberRange.reserve(in: store, at: noon, above: 5)
        #expect(fourth > third)
        #expect(try NumberRange.reserve(in: store, at: noon, above: .max / 2) == .max / 2)
        try store.close()
    }
}
