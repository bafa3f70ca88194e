// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What the simulator has seen so far.
public struct SimulatorReport: Hashable, Sendable {
    /// Upstream messages handed to a socket, copies counted apart.
    public var upstreamSent = 0
    /// Those acked with the right MIC and DevEUI.
    public var acks = 0
    /// Acks with a wrong MIC or a DevEUI that cannot have sent it.
    public var wrongAcks = 0
    /// Rejects by their result code.
    public var rejects: [String: Int] = [:]
    /// Messages without any reply in time.
    public var missingAcks = 0
    /// Replies that fit no message waiting for one.
    public var unknownReplies = 0
    /// Replies that came on another socket than their message went out on.
    public var repliesOnOtherSocket = 0
    /// Messages of clients that could not be understood, with reasons in `problems`.
    public var malformedReplies = 0
    /// What clients did wrong, in sentences: the first 100.
    public var problems: [String] = []
    /// Frames not handed over because no subscription fits.
    public var notSubscribed = 0
    /// Messages not handed over because no upstream socket was open, or all were full.
    public var withoutSocket = 0
    /// Messages that wait for their reply now.
    public var pending = 0
    /// Devices unsubscribed for failing the challenge too often.
    public var unsubscribed: [EUI64] = []
    /// Downstream messages that came, unicast and multicast.
    public var downstreamReceived = 0
    /// Downstream messages that broke the rules, with reasons in `problems`.
    public var downstreamInvalid = 0
    /// Results sent, by their code.
    public var downstreamResults: [String: Int] = [:]
    /// HTTP calls by path and status, such as `devices/insert 201`.
    public var calls: [String: Int] = [:]
    /// Handshakes and calls with a wrong or missing token.
    public var unauthorized = 0
    /// Sockets open now, and ever opened.
    public var upstreamSockets = 0
    public var downstreamSockets = 0
    public var upstreamSocketsOpened = 0
    public var downstreamSocketsOpened = 0
    /// Rows of the routing table now.
    public var subscriptions = 0
    /// The virtual devices in order of configuration.
    public var devices: [DeviceReport] = []

    public init() {}

    /// The device of that name.
    public func device(_ name: String) -> DeviceReport? { devices.first { $0.name == name } }

    /// The device with that DevEUI.
    public func device(_ devEUI: EUI64) -> DeviceReport? { devices.first { $0.devEUI == devEUI } }
}
