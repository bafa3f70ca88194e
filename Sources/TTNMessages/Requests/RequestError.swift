// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// Why a downlink request is refused as a whole, and what could be read of it.
public struct RequestError: Error, Hashable, Sendable, CustomStringConvertible {
    public var reason: RequestReason
    /// The sentence, the word, the member and the figures.
    public var report: FailureReport
    /// As much of each downlink as could be read, in the request's order; never empty.
    public var requests: [DownlinkRequest]

    init(
        _ reason: RequestReason,
        _ sentence: String,
        field: String? = nil,
        figures: [FailureReport.Figure] = [],
        requests: [DownlinkRequest] = [],
    ) {
        self.reason = reason
        self.report = FailureReport(sentence, reason: reason.rawValue, field: field, figures: figures)
        self.requests = requests
    }

    public var description: String { report.sentence }

    /// The answer under the names that the request used: one failure for each of its downlinks.
    public func events(for device: DeviceIdentity, at time: UnixTime) -> [DownlinkEvent] {
        requests.map { DownlinkEvent(device: device, time: time, request: $0, stage: .failed(report)) }
    }
}
