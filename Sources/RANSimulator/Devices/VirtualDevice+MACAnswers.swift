// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

extension VirtualDevice {
    /// Follows the MAC commands of a downlink; the answers go with the next uplinks.
    mutating func follow(_ octets: [UInt8]) {
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
        if answers.confirmsVersion { session.announcement = nil }
        self.session = session
    }
}
