// SPDX-License-Identifier: Apache-2.0

/// The durations of the configuration as nanoseconds of the monotonic clock.
struct Timing: Sendable {
    static let second: Int64 = 1_000_000_000

    let mergeWindow: Int64
    let copyWindow: Int64
    let sendLead: Int64
    let classCInterval: Int64
    let acknowledgementTimeout: Int64
    let ranAnswerTimeout: Int64
    /// Seconds.
    let statusInterval: Int64?
    private let answerWindow: Int64?

    init(_ configuration: NetworkConfiguration) {
        mergeWindow = configuration.mergeWindow.nanoseconds
        copyWindow = configuration.copyWindow.nanoseconds
        sendLead = configuration.sendLead.nanoseconds
        classCInterval = configuration.classCInterval.nanoseconds
        acknowledgementTimeout = configuration.acknowledgementTimeout.nanoseconds
        ranAnswerTimeout = configuration.ranAnswerTimeout.nanoseconds
        statusInterval = configuration.statusInterval?.components.seconds
        answerWindow = configuration.answerWindow?.nanoseconds
    }

    /// How long after an uplink its answer is built when no application downlink waits.
    func answerWindow(rx1Delay: UInt8) -> Int64 {
        answerWindow ?? Int64(rx1Delay) * Self.second / 5
    }
}

extension Duration {
    /// Whole nanoseconds, at most 292 years.
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max / 2 : whole + attoseconds / 1_000_000_000
    }
}
