// SPDX-License-Identifier: Apache-2.0

/// All that a client needs to know before it starts.
public struct MQTTConfiguration: Sendable {
    /// The broker.
    public var broker: MQTTBrokerAddress
    /// The name under which the broker keeps our session: fixed across restarts and unique among its clients. Brokers
    /// must take 23 letters and digits; most take more.
    public var clientID: String
    public var username: String?
    public var password: MQTTPassword?
    /// True: the broker forgets subscriptions and queued messages when the connection ends.
    public var isCleanSession = false
    /// How long an MQTT 5 broker keeps the session of a client that is away; 3.1.1 brokers decide themselves.
    public var sessionExpiry: Duration = .seconds(86_400)
    /// How often a silent connection is probed: 5 s to 65,535 s. A dead one is noticed within twice this.
    public var keepAlive: Duration = .seconds(30)
    public var protocolPreference: MQTTProtocolPreference = .automatic
    /// Published by the broker when we vanish without a word, and by us before an orderly stop.
    public var will: MQTTAnnouncement?
    /// Published after each connect.
    public var birth: MQTTAnnouncement?
    /// Used with `mqtts://`.
    public var tls = MQTTTLSOptions()
    /// The most messages inside libmosquitto at once (1…1,000): a PUBACK costs it a linear search.
    public var maxInflight = 100
    /// The most unacknowledged messages an MQTT 5 broker may send us (1…65,535), and the most in one `didReceive`.
    public var receiveMaximum = 100
    /// Publications whose packet would be larger fail before they reach the wire; MQTT 5 brokers may lower it. Above a
    /// 3.1.1 broker's own limit it would cut us off each time we try again.
    public var maximumPacketBytes = 1 << 20
    /// Time for TCP, TLS and CONNACK together.
    public var connectTimeout: Duration = .seconds(10)
    /// The first and the largest wait between two attempts to connect; each is drawn at random.
    public var reconnectDelay: ClosedRange<Duration> = .seconds(1) ... .seconds(30)
    /// How long PUBACKs of received messages wait for their `DurabilityGate`.
    public var durabilityTimeout: Duration = .seconds(2)
    /// A message unacknowledged for so long on a living connection makes us reconnect and send it again.
    public var acknowledgementTimeout: Duration = .seconds(60)

    public init(broker: MQTTBrokerAddress, clientID: String) {
        self.broker = broker
        self.clientID = clientID
    }

    /// Refuses what no connection could ever be made with.
    func validate() throws(MQTTError) {
        func require(_ holds: Bool, _ key: String, _ problem: String) throws(MQTTError) {
            if !holds { throw .invalidConfiguration(key: key, problem: problem) }
        }
        try require(!clientID.utf8.contains(0) && clientID.utf8.count <= 65_535, "client_id", "is no MQTT string")
        try require(
            !clientID.isEmpty || isCleanSession,
            "client_id",
            "is empty; a session that lasts needs a fixed name",
        )
        try require(
            password == nil || username != nil,
            "password",
            "is set without a username; MQTT 3.1.1 has no such login",
        )
        let keepAliveSeconds = keepAlive.components.seconds
        try require((5...65_535).contains(keepAliveSeconds), "keep_alive", "must be 5 s to 65535 s")
        try require((1...1_000).contains(maxInflight), "max_inflight", "must be 1 to 1000")
        try require((1...65_535).contains(receiveMaximum), "receive_maximum", "must be 1 to 65535")
        try require(
            (128...268_435_455).contains(maximumPacketBytes),
            "maximum_packet_bytes",
            "must be 128 to 268435455"
        )
        try require(reconnectDelay.lowerBound > .zero, "reconnect_delay", "must be above zero")
        try require(connectTimeout > .zero, "connect_timeout", "must be above zero")
        try require(
            (0...Int64(UInt32.max)).contains(sessionExpiry.components.seconds),
            "session_expiry",
            "is no 32-bit number of seconds"
        )
        try require(
            (tls.certificateFile == nil) == (tls.privateKeyFile == nil),
            "tls",
            "needs both a certificate file and a private key file, or neither",
        )
    }
}
