// SPDX-License-Identifier: Apache-2.0
internal import Bridge
internal import Concurrency
internal import Configuration
internal import Glibc
internal import LoRaWAN
internal import MQTTShim
internal import NetworkServer
internal import PayloadCodec
internal import RANClient
internal import Store
internal import TTNMessages

extension BridgeSettings {
    /// What the configuration file says, in the terms of the rooms.
    init(_ configuration: BridgeConfiguration) throws {
        let formats = Set(configuration.mqtt.formats.compactMap { TTNFormat(rawValue: $0.rawValue) })
        let topics = try TopicSpace(prefix: configuration.mqtt.topicPrefix, tenant: configuration.mqtt.tenant)
        let now = UnixTime(nanoseconds: WallClock.nanoseconds)
        self.init(
            coverages: try configuration.coverages.map { try CoverageSettings($0) },
            mqtt: try MQTTConfiguration(configuration.mqtt, topics: topics),
            formats: formats,
            topics: topics,
            publishesFields: configuration.mqtt.publishesFields,
            network: NetworkConfiguration(configuration.network, coverages: configuration.coverages),
            codec: CodecConfiguration(configuration.codec),
            imports: configuration.applications.map { ImportedApplication($0, at: now) },
            shardCount: configuration.service.shards ?? max(1, min(16, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))),
        )
        delivery = DeliveryRules(configuration.mqtt)
        formatters = try configuration.codec.formatters.map { try FormatterRepository(directory: $0) }
        try FormatterNames.check(configuration, formatters)
        publishLimit = configuration.service.publishLimit
        upstreamLimit = configuration.service.upstreamLimit
        queueBytes = configuration.service.queueBytes
        queueAge = configuration.service.queueAge
        accessControl = AccessControlMode(rawValue: configuration.mqtt.accessControl.rawValue) ?? .automatic
        metricsAddress = configuration.metrics.listen.map { MetricsAddress(host: $0.host, port: $0.port) }
        drainTime = configuration.service.drainTime
    }
}

extension CoverageSettings {
    init(_ coverage: CoverageConfiguration) throws {
        self.init(
            name: coverage.name,
            endpoint: try RANEndpoint(
                url: coverage.url,
                token: RANToken(coverage.token.revealed),
                allowsPlainText: coverage.allowsPlainText,
                certificateFile: coverage.authorityFile,
            ),
            region: coverage.region,
            upstreamConnections: coverage.upstreamConnections,
            deadlineForm: DeadlineForm(rawValue: coverage.deadlineForm.rawValue) ?? .nowAsOne,
        )
        foreignRows = ForeignRows(rawValue: coverage.foreignRows.rawValue) ?? .leave
        compareInterval = coverage.compareInterval
    }
}

extension MQTTConfiguration {
    init(_ values: MQTTConfigurationValues, topics: TopicSpace) throws {
        self.init(broker: try MQTTBrokerAddress(url: values.url), clientID: values.clientID)
        username = values.username
        password = values.password.map { MQTTPassword($0.revealed) }
        isCleanSession = values.isCleanSession
        sessionExpiry = values.sessionExpiry
        keepAlive = values.keepAlive
        maxInflight = values.maxInflight
        protocolPreference =
            switch values.protocolVersion {
            case .automatic: .automatic
            case .v5: .only(.v5)
            case .v311: .only(.v311)
            }
        tls = MQTTTLSOptions(
            authorityFile: values.tls.authorityFile,
            authorityDirectory: values.tls.authorityDirectory,
            certificateFile: values.tls.certificateFile,
            privateKeyFile: values.tls.privateKeyFile,
            alpn: values.tls.alpn,
        )
        will = MQTTAnnouncement(topic: "\(topics.prefix)admin/status", text: #"{"state":"offline"}"#)
        birth = MQTTAnnouncement(topic: "\(topics.prefix)admin/status", text: #"{"state":"online"}"#)
    }
}

extension DeliveryRules {
    init(_ values: MQTTConfigurationValues) {
        self.init()
        func kinds(_ named: Set<MQTTConfigurationValues.Kind>) -> Set<OutgoingMessage.Kind> {
            Set(named.compactMap { OutgoingMessage.Kind(rawValue: $0.rawValue) })
        }
        atMostOnce = kinds(values.atMostOnce)
        exactlyOnce = kinds(values.exactlyOnce)
        retained = kinds(values.retained)
        expiry = values.messageExpiry.map { UInt32(clamping: $0.components.seconds) }
    }
}

extension NetworkConfiguration {
    init(_ values: NetworkConfigurationValues, coverages: [CoverageConfiguration]) {
        self.init(netID: values.netID)
        for coverage in coverages where coverage.channels != ChannelConfiguration() {
            wanted[coverage.region.name] = WantedParameters(coverage.channels, in: coverage.region)
        }
        adrMargin = values.adrMargin
        statusInterval = values.statusInterval
        rx1Delay = values.rx1Delay
        personalisedRX1Delay = values.personalisedRX1Delay
        mergeWindow = values.mergeWindow
        copyWindow = values.copyWindow
        answerWindow = values.answerWindow
        sendLead = values.sendLead
        queueLimit = values.queueLimit
        confirmedAttempts = values.confirmedAttempts
        ranAttempts = values.ranAttempts
        classCInterval = values.classCInterval
        acknowledgementTimeout = values.acknowledgementTimeout
        ranAnswerTimeout = values.ranAnswerTimeout
    }
}

extension WantedParameters {
    init(_ channels: ChannelConfiguration, in region: Region) {
        self.init()
        if !channels.subBands.isEmpty {
            enabledChannels = channels.subBands.compactMap { region.subBand($0) }.reduce(ChannelSet()) { $0.union($1) }
        }
        let first = region.defaultChannelSet.count
        extraChannels = channels.extraChannels.enumerated().map { offset, frequency in
            NewChannel(
                index: UInt8(first + offset),
                frequency: frequency,
                minimumDataRate: region.adr.minimumDataRate,
                maximumDataRate: region.adr.maximumDataRate,
            )
        }
        if channels.rx2Frequency != nil || channels.rx2DataRate != nil {
            rx2 = ReceiveWindow(
                frequency: channels.rx2Frequency ?? region.rx2.frequency,
                dataRate: channels.rx2DataRate ?? region.rx2.dataRate,
            )
        }
    }
}

extension CodecConfiguration {
    init(_ values: CodecConfigurationValues) {
        self.init()
        if let count = values.workers { workers = count }
        timeLimitMilliseconds = Int(values.timeLimit.wholeNanoseconds / 1_000_000)
        memoryLimitMiB = values.memoryLimit >> 20
    }
}

extension ImportedApplication {
    init(_ application: ApplicationConfiguration, at now: UnixTime) {
        self.init(
            record: ApplicationRecord(
                id: application.id,
                payloadFormat: ApplicationRecord.PayloadFormat(application.payloadFormat),
                decoder: application.decoder,
                converter: application.converter,
                validator: application.validator,
                encoder: application.encoder,
                registerOnJoinAccessKey: application.registerOnJoinAccessKey?.revealed ?? "",
            ),
            devices: application.devices.map { DeviceRecord($0, of: application.id, at: now) },
        )
    }
}

extension ApplicationRecord.PayloadFormat {
    init(_ format: ApplicationConfiguration.PayloadFormat) {
        self =
            switch format {
            case .none: .none
            case .custom: .custom
            case .cayennelpp: .cayennelpp
            }
    }
}

extension DeviceRecord {
    init(_ device: DeviceConfiguration, of applicationID: String, at now: UnixTime) {
        let activation: ActivationRecord =
            switch device.activation {
            case .otaa(let appKey, let nwkKey): .otaa(appKey: appKey, nwkKey: nwkKey)
            case .abp(let devAddr, let keys): .abp(devAddr: devAddr, keys: keys)
            }
        self.init(
            applicationID: applicationID,
            deviceID: device.id,
            devEUI: device.devEUI,
            joinEUI: device.joinEUI,
            activation: activation,
            lorawanVersion: device.lorawanVersion,
            deviceClass: device.deviceClass,
            region: device.region?.name,
            coverage: device.coverage,
            payloadFormat: device.payloadFormat.map { ApplicationRecord.PayloadFormat($0) },
            codec: device.formatter,
            description: device.description,
            latitude: device.latitude,
            longitude: device.longitude,
            altitude: device.altitude,
            attributes: device.attributes,
            checksFrameCounter: device.checksFrameCounter,
            uses32BitCounter: device.uses32BitCounter,
            allowsCounterReset: device.allowsCounterReset,
            adrEnabled: device.adrEnabled,
            initialFCntUp: device.initialFCntUp,
            initialFCntDown: device.initialFCntDown,
            createdAt: now,
        )
    }
}
