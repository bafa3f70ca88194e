// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

extension TTNv2Encoder {
    /// Appends the `up` message and, when wanted, those of its single fields.
    public func encode(_ uplink: UplinkMessage, into output: inout [OutgoingMessage]) {
        var json = JSONWriter(capacity: 640 + 2 * uplink.payload.count + (uplink.fields?.count ?? 0))
        let fields = uplink.fields.flatMap { $0.isEmptyObject ? nil : $0 }
        json.object { json in
            let device = uplink.device
            json.member("app_id", device.applicationID)
            json.member("dev_id", device.deviceID)
            if let devEUI = device.devEUI, devEUI.rawValue != 0 { json.member("hardware_serial", devEUI) }
            json.member("port", uplink.port ?? 0)
            json.member("counter", uplink.counter)
            if uplink.isConfirmed { json.member("confirmed", true) }
            if uplink.isRetry { json.member("is_retry", true) }
            if uplink.payload.isEmpty || uplink.port ?? 0 == 0 {
                json.name("payload_raw")
                json.null()
            } else {
                json.member("payload_raw", base64: uplink.payload)
            }
            if let fields { json.member("payload_fields", json: fields) }
            json.v2Metadata(uplink.receivedAt, uplink.radio, uplink.effectiveLocation)
            // As in v2 the attributes ride along with a successful payload format only.
            if uplink.fields != nil, !device.attributes.isEmpty {
                json.member("attributes") { json in
                    for attribute in device.attributes {
                        json.name(attribute.name)
                        json.string(attribute.value)
                    }
                }
            }
        }
        let message = message(uplink.device, "up", .uplink, json)
        output.append(message)
        guard publishesFields, let fields else { return }
        output += FieldTopics.messages(
            fields: fields,
            under: message.topic,
            descends: uplink.fieldsOrigin != .cayenneLPP,
        )
    }
}

extension JSONWriter {
    /// Writes `metadata`; `time` is there even when unknown.
    mutating func v2Metadata(_ time: UnixTime?, _ radio: RadioMetadata?, _ location: GeoLocation?) {
        member("metadata") { json in
            json.v2Time(time)
            if let radio { json.v2Members(radio) }
            if let location { json.v2Members(location) }
        }
    }

    private mutating func v2Time(_ time: UnixTime?) {
        if let time { member("time", time, .trimmed) } else { member("time", "") }
    }

    private mutating func v2Members(_ radio: RadioMetadata) {
        if radio.frequency != 0 { member("frequency", Float(Double(radio.frequency) / 1_000_000)) }
        v2Members(radio.modulation)
        let airtime = radio.airtime
        if airtime != 0 { member("airtime", airtime) }
        switch radio.modulation {
        case .lora: member("coding_rate", radio.codingRate.text)
        case .fhss(_, let codingRate): member("coding_rate", codingRate)
        case .fsk: break
        }
        if radio.receptions.isEmpty { return }
        name("gateways")
        array { json in
            for reception in radio.receptions { json.object { json in json.v2Members(reception) } }
        }
    }

    private mutating func v2Members(_ reception: ReceptionMetadata) {
        member("gtw_id", reception.gatewayID)
        // The RAN answers for its gateways: its own log-in vouches for them.
        member("gtw_trusted", true)
        if reception.timestamp != 0 { member("timestamp", reception.timestamp) }
        v2Time(reception.time)
        if reception.antenna != 0 { member("antenna", reception.antenna) }
        member("channel", reception.channel)
        member("rssi", reception.rssi)
        member("snr", reception.snr)
        member("rf_chain", reception.rfChain)
        if let location = reception.location { v2Members(location) }
    }

    private mutating func v2Members(_ location: GeoLocation) {
        guard location.isShown else { return }
        v2Coordinates(location)
        if location.wholeAccuracy != 0 { member("location_accuracy", location.wholeAccuracy) }
        switch location.source {
        case .gps: member("location_source", "gps")
        case .registry: member("location_source", "registry")
        }
    }

    /// Writes `latitude`, `longitude` and `altitude`, those that are not zero.
    mutating func v2Coordinates(_ location: GeoLocation) {
        if location.latitude != 0 { member("latitude", Float(location.latitude)) }
        if location.longitude != 0 { member("longitude", Float(location.longitude)) }
        if location.wholeAltitude != 0 { member("altitude", location.wholeAltitude) }
    }
}

extension [UInt8] {
    /// Whether this JSON text is `{}`, blanks aside.
    var isEmptyObject: Bool {
        guard count < 16 else { return false }
        return filter { $0 > 0x20 } == [UInt8(ascii: "{"), UInt8(ascii: "}")]
    }
}
