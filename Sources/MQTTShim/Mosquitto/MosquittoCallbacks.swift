// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc
internal import Synchronization

/// The user pointer of a handle: callbacks copy what they are lent into it and leave.
final class CallbackBox: Sendable {
    private let events = Mutex(MosquittoEvents())

    func change(_ body: (inout MosquittoEvents) -> Void) { events.withLock { body(&$0) } }

    func take() -> MosquittoEvents {
        events.withLock { events in
            defer { events = MosquittoEvents() }
            return events
        }
    }

    static func of(_ user: UnsafeMutableRawPointer?) -> CallbackBox? {
        user.map { Unmanaged<CallbackBox>.fromOpaque($0).takeUnretainedValue() }
    }
}

/// CONNACK.
func onConnect(
    _: OpaquePointer?,
    _ user: UnsafeMutableRawPointer?,
    _ code: Int32,
    _ flags: Int32,
    _ properties: OpaquePointer?,
) {
    var answer = MosquittoEvents.ConnectAnswer(code: code, isSessionPresent: flags & 1 != 0)
    if properties != nil {
        var number: UInt32 = 0
        if mosquitto_property_read_int32(properties, Int32(MQTT_PROP_MAXIMUM_PACKET_SIZE), &number, false) != nil {
            answer.limits.maximumPacketBytes = Int(number)
        }
        var byte: UInt8 = 0
        if mosquitto_property_read_byte(properties, Int32(MQTT_PROP_MAXIMUM_QOS), &byte, false) != nil {
            answer.limits.highestQoS = MQTTQoS(rawValue: byte) ?? .exactlyOnce
        }
        if mosquitto_property_read_byte(properties, Int32(MQTT_PROP_RETAIN_AVAILABLE), &byte, false) != nil {
            answer.limits.isRetainAvailable = byte != 0
        }
        answer.reasonText = readString(properties, MQTT_PROP_REASON_STRING)
    }
    CallbackBox.of(user)?.change { $0.connectAnswer = answer }
}

/// The end of a connection, or DISCONNECT from the broker.
func onDisconnect(
    _: OpaquePointer?,
    _ user: UnsafeMutableRawPointer?,
    _ code: Int32,
    _ properties: OpaquePointer?,
) {
    CallbackBox.of(user)?.change { $0.disconnectCode = code }
}

/// PUBACK or PUBCOMP; for QoS 0, the packet is written.
func onPublish(
    _: OpaquePointer?,
    _ user: UnsafeMutableRawPointer?,
    _ messageID: Int32,
    _ code: Int32,
    _ properties: OpaquePointer?,
) {
    let published = MosquittoEvents.Published(
        messageID: UInt16(truncatingIfNeeded: messageID),
        reason: MQTTReasonCode(rawValue: UInt8(truncatingIfNeeded: code)),
        reasonText: properties == nil ? nil : readString(properties, MQTT_PROP_REASON_STRING),
    )
    CallbackBox.of(user)?.change { $0.published.append(published) }
}

/// SUBACK.
func onSubscribe(
    _: OpaquePointer?,
    _ user: UnsafeMutableRawPointer?,
    _ messageID: Int32,
    _ count: Int32,
    _ granted: UnsafePointer<Int32>?,
    _ properties: OpaquePointer?,
) {
    let subscribed = MosquittoEvents.Subscribed(
        messageID: UInt16(truncatingIfNeeded: messageID),
        granted: Array(UnsafeBufferPointer(start: granted, count: Int(count))),
    )
    CallbackBox.of(user)?.change { $0.subscribed.append(subscribed) }
}

/// PUBLISH; topic, payload and properties are borrowed until this returns.
func onMessage(
    _: OpaquePointer?,
    _ user: UnsafeMutableRawPointer?,
    _ pointer: UnsafePointer<mosquitto_message>?,
    _ properties: OpaquePointer?,
) {
    guard let pointer, let topic = pointer.pointee.topic else { return }
    let message = MQTTInboundMessage(
        topic: String(cString: topic),
        payload: Array(
            UnsafeRawBufferPointer(start: pointer.pointee.payload, count: Int(pointer.pointee.payloadlen)),
        ),
        qos: MQTTQoS(rawValue: UInt8(truncatingIfNeeded: pointer.pointee.qos)) ?? .atMostOnce,
        isRetained: pointer.pointee.retain,
        properties: properties == nil ? MQTTProperties() : readProperties(properties),
    )
    CallbackBox.of(user)?.change { $0.messages.append(message) }
}

/// A line of the library's own log.
func onLog(
    _: OpaquePointer?,
    _ user: UnsafeMutableRawPointer?,
    _ level: Int32,
    _ text: UnsafePointer<CChar>?,
) {
    guard level == MOSQ_LOG_ERR, let text else { return }
    let line = String(cString: text)
    CallbackBox.of(user)?.change { $0.errorText = line }
}

private func readProperties(_ list: OpaquePointer?) -> MQTTProperties {
    var properties = MQTTProperties(
        contentType: readString(list, MQTT_PROP_CONTENT_TYPE),
        responseTopic: readString(list, MQTT_PROP_RESPONSE_TOPIC),
    )
    var seconds: UInt32 = 0
    if mosquitto_property_read_int32(list, Int32(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL), &seconds, false) != nil {
        properties.messageExpiry = seconds
    }
    var data: UnsafeMutableRawPointer?
    var count: UInt16 = 0
    if mosquitto_property_read_binary(list, Int32(MQTT_PROP_CORRELATION_DATA), &data, &count, false) != nil {
        properties.correlationData = Array(UnsafeRawBufferPointer(start: data, count: Int(count)))
        free(data)
    }
    var next = list
    var isFollowing = false
    var name: UnsafeMutablePointer<CChar>?
    var value: UnsafeMutablePointer<CChar>?
    while true {
        // Strings are ours, the entry returned is borrowed.
        next = mosquitto_property_read_string_pair(next, Int32(MQTT_PROP_USER_PROPERTY), &name, &value, isFollowing)
        guard next != nil, let name, let value else { break }
        properties.userProperties.append(.init(String(cString: name), String(cString: value)))
        free(name)
        free(value)
        isFollowing = true
    }
    return properties
}

private func readString(_ list: OpaquePointer?, _ property: mqtt5_property) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard mosquitto_property_read_string(list, Int32(property), &text, false) != nil, let text else { return nil }
    defer { free(text) }
    return String(cString: text)
}
