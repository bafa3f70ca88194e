// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import NetworkServer
import Testing

@Suite struct YearTests {
    @Test("a year of 200 devices of all regions, classes and versions on a lossy radio is without fault")
    func year() throws {
        var year = try Year(seed: 2026, deviceCount: 200)
        try year.run(days: 365)
        let report = year.report
        #expect(report.faults.count == 0, "\(report.faults.prefix(10).joined(separator: "\n"))")
        #expect(report.uplinks > 40_000)
        let kinds =
            Region.names + LoRaWANVersion.allCases.map(\.rawValue) + DeviceClass.allCases.map { "class \($0.rawValue)" }
            + ["OTAA", "ABP"]
        for kind in kinds { #expect(report.uplinksOf[kind, default: 0] > 500, "\(kind) took no part") }
        #expect(report.retries > 500)
        #expect(report.failed.keys.allSatisfy { DownlinkFailureReason(rawValue: $0) != nil })
        #expect(report.acknowledged > 1000)
        #expect(report.replays > 1000)
        #expect(report.restarts == 7)
    }

    @Test("the same seed gives the same month to the bit")
    func repeats() throws {
        var first = try Year(seed: 5, deviceCount: 60)
        try first.run(days: 20)
        var second = try Year(seed: 5, deviceCount: 60)
        try second.run(days: 20)
        #expect(first.report == second.report)
        #expect(first.report.uplinks > 500)
    }
}
