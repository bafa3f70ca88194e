// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// One `struct mosquitto`, its pointer touched nowhere else. It is used on one thread; calls only queue packets and
/// `loopWrite` writes them, because the library believes itself threaded.
struct MosquittoHandle: ~Copyable {
    private let raw: OpaquePointer
    private let callbacks: CallbackBox
    private let user: Unmanaged<CallbackBox>
    private var hasConnected = false
    /// The property list of the last publication: the next one is usually the same.
    private var lastProperties = MQTTProperties()
    private var lastList = PropertyList()

    /// `mosquitto_new` and all options but the protocol version.
    static func make(_ configuration: MQTTConfiguration) throws(MQTTError) -> MosquittoHandle {
        let callbacks = CallbackBox()
        let user = Unmanaged.passRetained(callbacks)
        let id = configuration.clientID.isEmpty ? nil : configuration.clientID
        guard libraryIsReady, let raw = mosquitto_new(id, configuration.isCleanSession, user.toOpaque()) else {
            user.release()
            throw .invalidConfiguration(key: "client_id", problem: "is refused: \(systemErrorText(of: errno))")
        }
        let handle = MosquittoHandle(raw: raw, callbacks: callbacks, user: user)
        try handle.configure(configuration)
        return handle
    }

    private init(raw: OpaquePointer, callbacks: CallbackBox, user: Unmanaged<CallbackBox>) {
        self.raw = raw
        self.callbacks = callbacks
        self.user = user
    }

    private func configure(_ configuration: MQTTConfiguration) throws(MQTTError) {
        mosquitto_threaded_set(raw, true)
        mosquitto_connect_v5_callback_set(raw, onConnect)
        mosquitto_disconnect_v5_callback_set(raw, onDisconnect)
        mosquitto_publish_v5_callback_set(raw, onPublish)
        mosquitto_subscribe_v5_callback_set(raw, onSubscribe)
        mosquitto_message_v5_callback_set(raw, onMessage)
        try check("max_inflight", mosquitto_int_option(raw, MOSQ_OPT_SEND_MAXIMUM, Int32(configuration.maxInflight)))
        try check(
            "receive_maximum",
            mosquitto_int_option(raw, MOSQ_OPT_RECEIVE_MAXIMUM, Int32(configuration.receiveMaximum)),
        )
        try check("tcp_nodelay", mosquitto_int_option(raw, MOSQ_OPT_TCP_NODELAY, 1))
        if let username = configuration.username {
            try check("username", mosquitto_username_pw_set(raw, username, configuration.password?.revealed))
        }
        if let will = configuration.will {
            let code = will.payload.withUnsafeBytes { payload in
                mosquitto_will_set(
                    raw,
                    will.topic,
                    Int32(payload.count),
                    payload.baseAddress,
                    Int32(will.qos.rawValue),
                    will.isRetained,
                )
            }
            try check("will", code)
        }
        if configuration.broker.usesTLS { try setTLS(configuration.tls) }
    }

    deinit {
        mosquitto_destroy(raw)
        user.release()
    }

    private func setTLS(_ tls: MQTTTLSOptions) throws(MQTTError) {
        let files = [tls.authorityFile, tls.authorityDirectory, tls.certificateFile, tls.privateKeyFile]
        for case let file? in files where access(file, R_OK) != 0 {
            throw .invalidConfiguration(key: "tls", problem: "names '\(file)': \(systemErrorText(of: errno))")
        }
        let directory = tls.authorityFile == nil ? tls.authorityDirectory ?? "/etc/ssl/certs" : tls.authorityDirectory
        try check(
            "tls",
            mosquitto_tls_set(raw, tls.authorityFile, directory, tls.certificateFile, tls.privateKeyFile, nil),
        )
        let verifyPeer: Int32 = 1  // SSL_VERIFY_PEER
        try check("tls", mosquitto_tls_opts_set(raw, verifyPeer, nil, nil))
        if let alpn = tls.alpn { try check("tls.alpn", mosquitto_string_option(raw, MOSQ_OPT_TLS_ALPN, alpn)) }
    }

    private func check(_ key: String, _ code: Int32) throws(MQTTError) {
        guard code == 0 else {
            throw .invalidConfiguration(key: key, problem: "is refused: \(MosquittoCode(rawValue: code))")
        }
    }

    // MARK: Connection

    /// Starts to connect without waiting for TCP; only a name's resolution blocks.
    mutating func connect(_ configuration: MQTTConfiguration, version: MQTTProtocolVersion) -> MosquittoCode {
        mosquitto_log_callback_set(raw, onLog)
        _ = mosquitto_int_option(raw, MOSQ_OPT_PROTOCOL_VERSION, version == .v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311)
        var properties: OpaquePointer?
        defer { mosquitto_property_free_all(&properties) }
        if version == .v5, !configuration.isCleanSession {
            let seconds = UInt32(clamping: configuration.sessionExpiry.components.seconds)
            let added = mosquitto_property_add_int32(&properties, Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL), seconds)
            guard added == 0 else { return MosquittoCode(rawValue: added) }
        }
        let broker = configuration.broker
        let keepAlive = Int32(configuration.keepAlive.components.seconds)
        // Only the blocking call takes CONNECT properties. It keeps a copy of them and then refuses the port -1 before
        // it opens a socket; the asynchronous calls below send what it kept.
        let kept = mosquitto_connect_bind_v5(raw, broker.host, -1, keepAlive, nil, properties)
        guard kept == MOSQ_ERR_INVAL.rawValue else { return MosquittoCode(rawValue: kept) }
        if hasConnected { return result(mosquitto_reconnect_async(raw)) }
        hasConnected = true
        return result(mosquitto_connect_async(raw, broker.host, Int32(broker.port), keepAlive))
    }

    /// Ends the costly log lines that only a connection in the making needs.
    func silence() { mosquitto_log_callback_set(raw, nil) }

    /// The connection's descriptor, for `poll`; -1 without one.
    var socket: Int32 { mosquitto_socket(raw) }

    /// Whether packets wait to be written.
    var wantsWrite: Bool { mosquitto_want_write(raw) }

    /// `mosquitto_loop_read`: reads packets and runs callbacks.
    func loopRead() -> MosquittoCode { result(mosquitto_loop_read(raw, 1)) }

    /// `mosquitto_loop_write`: writes what is queued, as far as the socket takes it.
    func loopWrite() -> MosquittoCode { result(mosquitto_loop_write(raw, 1)) }

    /// `mosquitto_loop_misc`: PING, and the end of a connection that does not answer it.
    func loopMisc() -> MosquittoCode { result(mosquitto_loop_misc(raw)) }

    /// Queues a DISCONNECT.
    func disconnect() -> MosquittoCode { result(mosquitto_disconnect_v5(raw, 0, nil)) }

    /// Breaks the connection without a word, so that the broker publishes the will and keeps what is unacknowledged.
    func abandon() {
        if socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// What the callbacks left since the last call.
    func takeEvents() -> MosquittoEvents { callbacks.take() }

    /// Holds packets back until they fill a segment, or lets go what is held. The library writes each packet by itself, and
    /// each segment wakes the broker.
    func hold(_ holds: Bool) {
        guard socket >= 0 else { return }
        var value: Int32 = holds ? 1 : 0
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    // MARK: Messages

    /// `mosquitto_publish_v5`: queues a PUBLISH and names it.
    mutating func publish(
        _ publication: borrowing MQTTPublication,
        version: MQTTProtocolVersion,
    ) -> (code: MosquittoCode, messageID: UInt16) {
        if version == .v311 {
            if !lastProperties.isEmpty { usePropertyList(MQTTProperties()) }
        } else if publication.properties != lastProperties {
            usePropertyList(publication.properties)
        }
        guard lastList.code == 0 else { return (MosquittoCode(rawValue: lastList.code), 0) }
        var messageID: Int32 = 0
        // A string that is passed as it is would be copied to an array first.
        let code = publication.topic.withCString { topic in
            publication.payload.withUnsafeBytes { payload in
                mosquitto_publish_v5(
                    raw,
                    &messageID,
                    topic,
                    Int32(payload.count),
                    payload.baseAddress,
                    Int32(publication.qos.rawValue),
                    publication.isRetained,
                    lastList.raw,
                )
            }
        }
        return (result(code), UInt16(truncatingIfNeeded: messageID))
    }

    private mutating func usePropertyList(_ properties: MQTTProperties) {
        lastProperties = properties
        lastList = PropertyList(properties)
    }

    /// `mosquitto_subscribe` for one filter.
    func subscribe(_ subscription: MQTTSubscription) -> (code: MosquittoCode, messageID: UInt16) {
        var messageID: Int32 = 0
        let code = mosquitto_subscribe(raw, &messageID, subscription.filter, Int32(subscription.qos.rawValue))
        return (result(code), UInt16(truncatingIfNeeded: messageID))
    }

    private func result(_ code: Int32) -> MosquittoCode {
        MosquittoCode(rawValue: code, systemError: code == MOSQ_ERR_ERRNO.rawValue ? errno : 0)
    }
}

/// A `mosquitto_property` list of ours; the library copies what it is given.
private struct PropertyList: ~Copyable {
    private(set) var raw: OpaquePointer?
    /// What the library said to an entry it did not take, such as text that is no UTF-8 for MQTT.
    private(set) var code: Int32 = 0

    init() {}

    init(_ properties: MQTTProperties) {
        if let type = properties.contentType {
            add { mosquitto_property_add_string($0, Int32(MQTT_PROP_CONTENT_TYPE), type) }
        }
        if let expiry = properties.messageExpiry {
            add { mosquitto_property_add_int32($0, Int32(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL), expiry) }
        }
        if let topic = properties.responseTopic {
            add { mosquitto_property_add_string($0, Int32(MQTT_PROP_RESPONSE_TOPIC), topic) }
        }
        if let data = properties.correlationData {
            add { list in
                data.withUnsafeBytes { bytes in
                    let count = UInt16(clamping: bytes.count)
                    guard Int(count) == bytes.count else { return Int32(MOSQ_ERR_PAYLOAD_SIZE.rawValue) }
                    return mosquitto_property_add_binary(
                        list,
                        Int32(MQTT_PROP_CORRELATION_DATA),
                        bytes.baseAddress,
                        count,
                    )
                }
            }
        }
        for property in properties.userProperties {
            add {
                mosquitto_property_add_string_pair($0, Int32(MQTT_PROP_USER_PROPERTY), property.name, property.value)
            }
        }
    }

    deinit {
        var list = raw
        mosquitto_property_free_all(&list)
    }

    private mutating func add(_ body: (UnsafeMutablePointer<OpaquePointer?>) -> Int32) {
        if code == 0 { code = body(&raw) }
    }
}

/// `mosquitto_lib_init`, once a process: it is not safe to call from two threads, and a global's initialiser is.
private let libraryIsReady = mosquitto_lib_init() == 0

extension Int32 {
    /// A property's identifier as the library's functions take it.
    init(_ property: mqtt5_property) { self.init(property.rawValue) }
}

// MARK: Texts

/// `mosquitto_strerror`.
func errorText(of code: Int32) -> String { String(cString: mosquitto_strerror(code)) }

/// `mosquitto_reason_string`.
func reasonText(of reason: MQTTReasonCode) -> String {
    String(cString: mosquitto_reason_string(Int32(reason.rawValue)))
}

/// `strerror_r`.
func systemErrorText(of number: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let base = buffer.baseAddress, strerror_r(number, base, buffer.count) == 0 else {
            return "errno \(number)"
        }
        return String(cString: base)
    }
}

/// `mosquitto_pub_topic_check`, and no NUL inside: whether a topic can be published to.
func isPublishable(topic: String) -> Bool {
    !topic.isEmpty && topic.withCString { strlen($0) == topic.utf8.count && mosquitto_pub_topic_check($0) == 0 }
}

/// `mosquitto_sub_topic_check`, and no NUL inside: whether a filter can be subscribed to.
func isSubscribable(filter: String) -> Bool {
    !filter.isEmpty && filter.withCString { strlen($0) == filter.utf8.count && mosquitto_sub_topic_check($0) == 0 }
}
