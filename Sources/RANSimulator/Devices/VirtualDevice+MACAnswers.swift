// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import LoRaWAN

extension VirtualDevice {
    /// Follows the MAC commands of a downlink; the answers go with the next uplinks.
    mutating func follow(_ octets: [UInt8], at moment: MonotonicTime) {
        session?.stickyAnswers = []
        guard !octets.isEmpty, var session else { return }
        let answers = session.radio.follow(
            MACCommandSequence<DownlinkMACCommand>(parsing: octets).commands,
            version: configuration.version,
            battery: configuration.battery,
            margin: 10,
        )
        session.answers += answers.once
        session.stickyAnswers = answers.sticky
        if answers.takesPingSlots { session.hasPingSlots = configuration.deviceClass == .b }
        session.announcements.removeAll { answers.confirmed.contains($0) }
        if let adr = answers.adr { (session.adrLimit, session.adrDelay) = adr }
        self.session = session
        if let request = answers.forcedRejoin { forceRejoin(request, at: moment) }
        if let period = answers.rejoinPeriod {
            rejoinPeriod = period
            beginRejoins(at: moment)
        }
    }
}
