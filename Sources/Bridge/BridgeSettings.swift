// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN
public import MQTTShim
public import NetworkServer
public import PayloadCodec
public import RANClient
public import Store
public import TTNMessages

/// All that a bridge needs to know before it starts, checked and typed.
public struct BridgeSettings: Sendable {
    public var coverages: [CoverageSettings]
    public var mqtt: MQTTConfiguration
    /// Which formats are published and listened to.
    public var formats: Set<TTNFormat>
    public var topics: TopicSpace
    /// Whether v2 publishes each decoded field on a topic of its own, too.
    public var publishesFields: Bool
    /// Quality, retention and expiry of each kind of message.
    public var delivery = DeliveryRules()
    public var network: NetworkConfiguration
    public var codec: CodecConfiguration
    /// Formatters that devices refer to by name.
    public var formatters: FormatterRepository?
    /// Registered at start when the store does not hold them.
    public var imports: [ImportedApplication]
    /// Threads that own sessions.
    public var shardCount: Int
    /// Messages that may be in memory on their way to the broker; more wait in the store.
    public var publishLimit = 8192
    /// Octets of payload that may wait on disk for the broker; beyond that the oldest messages are given up.
    public var queueBytes: Int {
        get { queueLimits.bytes }
        set { queueLimits.bytes = newValue }
    }
    /// How old a message that waits on disk for the broker may grow.
    public var queueAge: Duration {
        get { queueLimits.age }
        set { queueLimits.age = newValue }
    }
    var queueLimits = QueueLimits()
    /// Whether the broker's users are kept in line with access keys.
    public var accessControl = AccessControlMode.automatic
    /// Upstream messages that may be inside unanswered.
    public var upstreamLimit = 16_384
    /// Where the figures can be read; nil for nowhere.
    public var metricsAddress: MetricsAddress?
    /// The longest time an orderly stop may take.
    public var drainTime: Duration = .seconds(8)

    public init(
        coverages: [CoverageSettings],
        mqtt: MQTTConfiguration,
        formats: Set<TTNFormat>,
        topics: TopicSpace,
        publishesFields: Bool,
        network: NetworkConfiguration,
        codec: CodecConfiguration,
        imports: [ImportedApplication],
        shardCount: Int,
    ) {
        self.coverages = coverages
        self.mqtt = mqtt
        self.formats = formats
        self.topics = topics
        self.publishesFields = publishesFields
        self.network = network
        self.codec = codec
        self.imports = imports
        self.shardCount = shardCount
    }
}

/// One coverage as configured.
public struct CoverageSettings: Sendable {
    /// Stands for the gateways in messages.
    public var name: String
    public var endpoint: RANEndpoint
    /// Of the devices that name no other.
    public var region: Region
    /// Upstream sockets that share the coverage's load.
    public var upstreamConnections: Int
    public var deadlineForm: DeadlineForm
    /// What becomes of rows of the routing table that this service did not make.
    public var foreignRows = ForeignRows.leave
    /// Between comparisons of the whole routing table.
    public var compareInterval: Duration = .seconds(600)

    public init(
        name: String,
        endpoint: RANEndpoint,
        region: Region,
        upstreamConnections: Int,
        deadlineForm: DeadlineForm,
    ) {
        self.name = name
        self.endpoint = endpoint
        self.region = region
        self.upstreamConnections = upstreamConnections
        self.deadlineForm = deadlineForm
    }
}

/// An application of the configuration file with its devices.
public struct ImportedApplication: Sendable {
    public var record: ApplicationRecord
    public var devices: [DeviceRecord]

    public init(record: ApplicationRecord, devices: [DeviceRecord]) {
        self.record = record
        self.devices = devices
    }
}
