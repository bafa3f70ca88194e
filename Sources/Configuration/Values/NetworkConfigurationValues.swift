// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What the operator decides for all devices.
public struct NetworkConfigurationValues: Hashable, Sendable {
    /// Names the network in join-accepts and begins the addresses it gives.
    public var netID: NetID
    /// How long copies of an uplink are collected.
    public var mergeWindow: Duration
    /// How long identical octets count as a copy of the same transmission.
    public var copyWindow: Duration
    /// Seconds from an uplink to RX1 that a join-accept sets.
    public var rx1Delay: UInt8
    /// Seconds from an uplink to RX1 of a personalised device; as `rx1Delay` unless named.
    public var personalisedRX1Delay: UInt8
    /// How long an answer waits for an application's downlink; nil is a fifth of the RX1 delay.
    public var answerWindow: Duration?
    /// How long before a receive window a frame must be with the RAN.
    public var sendLead: Duration
    /// Downlinks that may wait for one device.
    public var queueLimit: Int
    /// Transmissions of a confirmed downlink.
    public var confirmedAttempts: Int
    /// Windows in which the RAN may refuse a downlink before it fails.
    public var ranAttempts: Int
    /// The shortest time between two class C frames to one device.
    public var classCInterval: Duration
    /// How long a class B or C device may take to acknowledge.
    public var acknowledgementTimeout: Duration
    /// dB that adaptive data rate keeps above what a data rate needs.
    public var adrMargin: Double
    /// How often a device is asked for its battery; nil never.
    public var statusInterval: Duration?
    /// How long the RAN may stay silent about a frame after it was due on the air.
    public var ranAnswerTimeout: Duration

    init(_ section: Section) {
        defer { section.finish() }
        let private0 = NetID(rawValue: 0)
        let netID = section.value(
            "net_id",
            expected: "6 hexadecimal digits, such as 000013",
            hint: { text in
                let filled = String(repeating: "0", count: max(0, 6 - text.count)) + text
                return text.count < 6 && NetID(hex: filled) != nil ? "did you mean \"\(filled)\"?" : nil
            },
            { NetID(hex: $0) },
        )
        guard let netID = netID ?? private0 else { preconditionFailure("zero is a NetID") }
        self.netID = netID
        mergeWindow = section.milliseconds("merge_window_ms", in: 0...2000) ?? .milliseconds(200)
        copyWindow = section.milliseconds("copy_window_ms", in: 100...60_000) ?? .milliseconds(2500)
        let rx1Delay = section.integer("rx1_delay_s", in: 1...15) ?? 5
        self.rx1Delay = UInt8(rx1Delay)
        personalisedRX1Delay = UInt8(section.integer("abp_rx1_delay_s", in: 1...15) ?? rx1Delay)
        answerWindow = section.milliseconds("answer_window_ms", in: 0...14_000)
        sendLead = section.milliseconds("send_lead_ms", in: 50...5000) ?? .milliseconds(500)
        queueLimit = section.integer("queue_limit", in: 1...1_000_000) ?? 10_000
        confirmedAttempts = section.integer("confirmed_attempts", in: 1...100) ?? 8
        ranAttempts = section.integer("ran_attempts", in: 1...100) ?? 3
        classCInterval = section.milliseconds("class_c_interval_ms", in: 0...3_600_000) ?? .seconds(5)
        acknowledgementTimeout = section.seconds("ack_timeout_s", in: 1...3600) ?? .seconds(30)
        adrMargin = section.double("adr_margin_db", in: 0...30) ?? 10
        let statusInterval = section.seconds("status_interval_s", in: 0...31_536_000) ?? .seconds(86_400)
        self.statusInterval = statusInterval > .zero ? statusInterval : nil
        ranAnswerTimeout = section.seconds("ran_answer_timeout_s", in: 1...600) ?? .seconds(10)
        if let answerWindow, answerWindow >= .seconds(rx1Delay) {
            section.refuse("answer_window_ms", "is not below rx1_delay_s (\(rx1Delay) s): every answer would be late")
        }
    }
}
