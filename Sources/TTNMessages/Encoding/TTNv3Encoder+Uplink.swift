// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

extension TTNv3Encoder {
    /// Appends the `up` message, one `up/normalized` a measurement and, when the fields hold a place, `location/solved`.
    /// A retransmission gives nothing: The Things Stack publishes a frame once.
    public func encode(_ uplink: UplinkMessage, into output: inout [OutgoingMessage]) {
        if uplink.repetition == .retransmission { return }
        let decodedLocation = uplink.fields.flatMap(DecodedLocation.location)
        output.append(encode(uplink, decodedLocation))
        for index in uplink.normalized.indices {
            output.append(encode(uplink, normalized: index, decodedLocation))
        }
        guard let decodedLocation else { return }
        let solved = SolvedLocation(
            device: uplink.device,
            time: uplink.receivedAt,
            service: "frm-payload",
            location: decodedLocation,
            correlationIDs: uplink.correlationIDs,
        )
        output.append(encode(solved))
    }

    private func encode(_ uplink: UplinkMessage, _ decodedLocation: GeoLocation?) -> OutgoingMessage {
        var json = JSONWriter(capacity: 1024 + 2 * uplink.payload.count + (uplink.fields?.count ?? 0))
        let tenant = topics.tenant
        json.v3Envelope(
            uplink.device,
            uplink.correlationIDs,
            uplink.receivedAt,
            isSimulated: uplink.isSimulated,
        ) { json in
            json.member("uplink_message") { json in
                json.v3Frame(uplink)
                if let fields = uplink.fields { json.member("decoded_payload", json: fields) }
                if !uplink.fieldsWarnings.isEmpty { json.member("decoded_payload_warnings", uplink.fieldsWarnings) }
                if !uplink.normalized.isEmpty {
                    json.name("normalized_payload")
                    json.array { json in for measurement in uplink.normalized { json.json(measurement) } }
                }
                json.v3NormalizedWarnings(uplink)
                json.v3Reception(uplink)
                if let rate = uplink.packetErrorRate, rate != 0 { json.member("packet_error_rate", rate) }
                json.v3Places(uplink, decodedLocation, tenant)
                json.v3Attributes(uplink.device)
            }
        }
        return message(uplink.device, "up", .uplink, json)
    }

    private func encode(
        _ uplink: UplinkMessage,
        normalized index: Int,
        _ decodedLocation: GeoLocation?,
    ) -> OutgoingMessage {
        var json = JSONWriter(capacity: 1024)
        let tenant = topics.tenant
        json.v3Envelope(
            uplink.device,
            uplink.correlationIDs,
            uplink.receivedAt,
            isSimulated: uplink.isSimulated,
        ) { json in
            json.member("uplink_normalized") { json in
                json.v3Frame(uplink)
                json.member("normalized_payload", json: uplink.normalized[index])
                json.v3NormalizedWarnings(uplink)
                json.v3Reception(uplink)
                json.v3Places(uplink, decodedLocation, tenant)
            }
        }
        return message(uplink.device, "up/normalized", .normalized, json)
    }
}

extension JSONWriter {
    fileprivate mutating func v3Frame(_ uplink: UplinkMessage) {
        v3SessionKeyID(uplink.sessionKeyID)
        if let port = uplink.port, port != 0 { member("f_port", port) }
        if uplink.counter != 0 { member("f_cnt", uplink.counter) }
        if !uplink.payload.isEmpty { member("frm_payload", base64: uplink.payload) }
    }

    fileprivate mutating func v3NormalizedWarnings(_ uplink: UplinkMessage) {
        if !uplink.normalizedWarnings.isEmpty { member("normalized_payload_warnings", uplink.normalizedWarnings) }
    }

    fileprivate mutating func v3Reception(_ uplink: UplinkMessage) {
        if let radio = uplink.radio {
            name("rx_metadata")
            array { json in
                for reception in radio.receptions { json.object { json in json.v3Members(reception) } }
            }
            v3Settings(radio)
        }
        member("received_at", uplink.receivedAt, .inThrees)
        if uplink.isConfirmed { member("confirmed", true) }
        if let airtime = uplink.radio?.airtime, airtime != 0 { v3Duration("consumed_airtime", airtime) }
    }

    private mutating func v3Members(_ reception: ReceptionMetadata) {
        member("gateway_ids") { json in
            json.member("gateway_id", reception.gatewayID)
            if let eui = reception.gatewayEUI { json.member("eui", eui) }
        }
        if reception.antenna != 0 { member("antenna_index", reception.antenna) }
        if let time = reception.time { member("time", time, .inThrees) }
        if reception.timestamp != 0 { member("timestamp", reception.timestamp) }
        if reception.rssi != 0 {
            member("rssi", reception.rssi)
            member("channel_rssi", reception.rssi)
        }
        if reception.snr != 0 { member("snr", reception.snr) }
        if let location = reception.location {
            name("location")
            v3Location(location)
        }
        if reception.channel != 0 { member("channel_index", reception.channel) }
        if let receivedAt = reception.receivedAt { member("received_at", receivedAt, .inThrees) }
    }

    private mutating func v3Settings(_ radio: RadioMetadata) {
        member("settings") { json in
            json.v3DataRate(radio.modulation, radio.codingRate)
            if radio.frequency != 0 {
                json.name("frequency")
                json.decimalString(UInt64(radio.frequency))
            }
            if let timestamp = radio.receptions.first?.timestamp, timestamp != 0 {
                json.member("timestamp", timestamp)
            }
            if let time = radio.receptions.first?.time { json.member("time", time, .inThrees) }
        }
    }

    fileprivate mutating func v3Places(_ uplink: UplinkMessage, _ decoded: GeoLocation?, _ tenant: String?) {
        let registered = uplink.device.location.flatMap { $0.isShown ? $0 : nil }
        let told = uplink.location.flatMap { $0.isShown ? $0 : nil }
        if registered != nil || decoded != nil || told != nil {
            member("locations") { json in
                json.v3Place("user", registered)
                json.v3Place("frm-payload", decoded)
                json.v3Place("ran", told)
            }
        }
        guard uplink.netID != nil || tenant != nil else { return }
        member("network_ids") { json in
            if let netID = uplink.netID { json.member("net_id", hex: UInt64(netID.rawValue), digits: 6) }
            if let tenant { json.member("tenant_id", tenant) }
        }
    }

    private mutating func v3Place(_ name: StaticString, _ location: GeoLocation?) {
        guard let location else { return }
        self.name(name)
        v3Location(location)
    }

    fileprivate mutating func v3Attributes(_ device: DeviceIdentity) {
        if device.attributes.isEmpty { return }
        member("attributes") { json in
            for attribute in device.attributes {
                json.name(attribute.name)
                json.string(attribute.value)
            }
        }
    }

    /// Writes a 64-bit number as protobuf's JSON form does: decimal text.
    private mutating func decimalString(_ value: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 22) { buffer in
            var index = 21
            buffer[index] = UInt8(ascii: "\"")
            var rest = value
            repeat {
                index -= 1
                buffer[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            index -= 1
            buffer[index] = UInt8(ascii: "\"")
            json(UnsafeBufferPointer(rebasing: buffer[index...]))
        }
    }

    /// Writes nanoseconds as seconds with 0, 3, 6 or 9 decimals and an `s`.
    private mutating func v3Duration(_ name: StaticString, _ nanoseconds: Int64) {
        self.name(name)
        let seconds = nanoseconds / 1_000_000_000
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 34) { buffer in
            var text = DigitBuffer(buffer: buffer)
            text.character("\"")
            text.number(seconds, digits: seconds.decimalDigits)
            text.fraction(nanoseconds - seconds * 1_000_000_000, .inThrees)
            text.character("s")
            text.character("\"")
            json(UnsafeBufferPointer(rebasing: buffer[..<text.count]))
        }
    }
}

extension Int64 {
    /// How many digits a number that is not negative has.
    fileprivate var decimalDigits: Int {
        var digits = 1
        var rest = self / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        return digits
    }
}
