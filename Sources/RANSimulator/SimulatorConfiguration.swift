// SPDX-License-Identifier: Apache-2.0

/// Everything a simulator is made of.
public struct SimulatorConfiguration: Sendable {
    /// An IPv4 address of this machine to listen on.
    public var address = "127.0.0.1"
    /// The port for HTTP and websockets; 0 picks a free one.
    public var port: UInt16 = 0
    /// Serves https and wss with that certificate; nil serves http and ws.
    public var tls: TLSFiles?
    /// The access token that clients must show.
    public var token: String
    public var devices: [VirtualDeviceConfiguration] = []
    /// How many MIC candidates the first challenge of a subscription holds, 2 to 4096. Each correct ack halves it, down
    /// to 2. The deployed service starts at 4096; a smaller list keeps tests quick.
    public var challengeSize = 64
    /// The list never gets shorter than this.
    public var smallestChallengeSize = 2
    /// How long an upstream message may stay without ack or reject before it counts as missing.
    public var ackTimeout: Duration = .seconds(10)
    /// After how many failed challenges in a row (missing, wrong ack, MICFailed) a device is unsubscribed; nil: never.
    public var unsubscribeAfter: Int?
    /// How many rows the routing table may have; nil: any number.
    public var subscriptionLimit: Int?
    /// The least time before a transmission at which the gateway can still take it.
    public var gatewayLead: Duration = .milliseconds(20)
    /// Factor on all times of the air: window delays, join and retry intervals. 0.1 runs windows ten times faster; the
    /// interval of uplinks is not changed.
    public var timeScale = 1.0
    /// How many sent uplinks and received downlinks the report keeps of each device, the newest ones.
    public var historyLimit = 10_000
    /// Sends upstream messages as binary frames in place of text.
    public var sendsBinaryFrames = false
    /// Splits upstream messages into websocket fragments of at most that many octets, a ping between each two.
    public var fragmentSize: Int?
    /// Reports multicast transmissions device by device, as the newest revision of the API does.
    public var reportsMulticastByDevice = false
    /// How many octets may wait on one upstream socket; further messages go elsewhere or are counted undelivered.
    public var socketBacklogLimit = 64 << 20
    /// Starts the random numbers, so that a run can be repeated; nil draws one. With a fixed seed an OTAA device uses the
    /// same DevNonces in each run, which a network that remembers them refuses.
    public var seed: UInt64?
    /// Is told one readable line for each thing that happens; called on the simulator's thread.
    public var narrate: (@Sendable (String) -> Void)?

    public init(token: String) {
        self.token = token
    }
}
