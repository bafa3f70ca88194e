// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What the operator decides for all devices. Every duration is zero or more.
public struct NetworkConfiguration: Sendable {
    /// Names the network in join-accepts and begins the addresses it gives.
    public var netID: NetID
    /// Seconds from an uplink to RX1 that a join-accept sets, 1 to 15.
    public var rx1Delay: UInt8 = 5
    /// Seconds from an uplink to RX1 of a personalised device as it leaves the factory, 1 to 15.
    public var personalisedRX1Delay: UInt8 = 1
    /// How long copies of an uplink are collected before it is released; zero releases at once.
    public var mergeWindow: Duration = .milliseconds(200)
    /// How long identical octets count as a copy of the same transmission.
    public var copyWindow: Duration = .milliseconds(2500)
    /// How long an answer waits for an application's downlink; nil is a fifth of the RX1 delay.
    public var answerWindow: Duration?
    /// How long before a receive window a frame must be with the RAN.
    public var sendLead: Duration = .milliseconds(500)
    /// How many downlinks may wait for one device.
    public var queueLimit: Int = 10_000
    /// Transmissions of a confirmed downlink that names no number itself.
    public var confirmedAttempts: Int = 8
    /// Windows in which the RAN may refuse a downlink before it fails.
    public var ranAttempts: Int = 3
    /// The shortest time between two class C frames to one device, and between a class A answer and one.
    public var classCInterval: Duration = .seconds(5)
    /// How long a class B or C device may take to acknowledge.
    public var acknowledgementTimeout: Duration = .seconds(30)
    /// How long after a frame was due on the air the RAN may stay silent about it.
    public var ranAnswerTimeout: Duration = .seconds(10)

    /// dB that adaptive data rate keeps above what a data rate needs.
    public var adrMargin: Double = 10
    /// How often a device is asked for its battery, with a frame that goes out anyway; nil never.
    public var statusInterval: Duration? = .seconds(86_400)
    /// What is wanted of devices, by the name of their region; a region without an entry leaves them as they are.
    public var wanted: [String: WantedParameters] = [:]

    public init(netID: NetID) {
        self.netID = netID
    }
}

/// Which of the shards this one is: keeps what all shards give out apart.
public struct ShardPlace: Hashable, Sendable {
    /// 0 to `count` - 1.
    public let index: Int
    public let count: Int

    /// An index outside 0 to `count` - 1 is a defect of the caller.
    public init(index: Int, count: Int) {
        precondition(index >= 0 && index < count, "a shard's index lies below the number of shards")
        self.index = index
        self.count = count
    }
}
