// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import TTNMessages
import Testing

@Suite struct TimeTextTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400_000_000_000, "2000-02-29T00:00:00Z"),
            (1_709_251_199_999_999_999, "2024-02-29T23:59:59.999999999Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
            (4_107_542_400_500_000_000, "2100-03-01T00:00:00.5Z"), (-2_203_891_200_000_000_000, "1900-03-01T00:00:00Z"),
            (1_583_050_500_100_000_000, "2020-03-01T08:15:00.1Z"),
        ] as [(Int64, String)]
    )
    func `moments are written and read back`(nanoseconds: Int64, text: String) {
        let time = UnixTime(nanoseconds: nanoseconds)
        #expect(RFC3339.text(time, .trimmed) == text)
        #expect(RFC3339.time(text) == time)
    }

    @Test func `every day of four centuries comes back`() {
        var day: Int64 = -98_000
        while day < 106_000 {
            let time = UnixTime(nanoseconds: (day * 86_400 + 3723) * 1_000_000_000)
            #expect(RFC3339.time(RFC3339.text(time, .inThrees)) == time)
            day += 1
        }
    }

    @Test func `offsets are taken off`() {
        #expect(RFC3339.time("2024-05-02T12:00:01+02:00") == RFC3339.time("2024-05-02T10:00:01Z"))
        #expect(RFC3339.time("2024-05-02T04:30:01-05:30") == RFC3339.time("2024-05-02T10:00:01Z"))
    }

    @Test(arguments: [
        "", "2024-05-02", "2024-05-02T10:00:01", "2024-13-02T10:00:01Z", "2024-02-30T10:00:01Z", "2023-02-29T10:00:01Z",
        "2024-05-02T24:00:01Z", "2024-05-02T10:60:01Z", "2024-05-02T10:00:61Z", "2024-05-02 10:00:01Z",
        "2024-05-02T10:00:01.Z", "2024-05-02T10:00:01.1234567890Z", "2024-05-02T10:00:01Zx", "1500-05-02T10:00:01Z",
        "9999-05-02T10:00:01Z", "2024-00-10T10:00:01Z", "2024-05-00T10:00:01Z",
    ])
    func `what is no moment is refused`(text: String) {
        #expect(RFC3339.time(text) == nil)
    }
}
