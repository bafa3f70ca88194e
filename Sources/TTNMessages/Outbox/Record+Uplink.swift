// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

// Writer and reader of each kind stand side by side: their order must agree.

extension RecordWriter {
    mutating func uplink(_ uplink: UplinkMessage) {
        device(uplink.device)
        optional(uplink.port) { $0.octet($1) }
        number(uplink.counter)
        bool(uplink.isConfirmed)
        octet(uplink.repetition.rawValue)
        bool(uplink.isSimulated)
        bytes(uplink.payload)
        optional(uplink.fields) { $0.bytes($1) }
        octet(uplink.fieldsOrigin.rawValue)
        texts(uplink.fieldsWarnings)
        list(uplink.normalized) { $0.bytes($1) }
        texts(uplink.normalizedWarnings)
        optional(uplink.radio) { $0.radio($1) }
        optional(uplink.location) { $0.location($1) }
        bytes(uplink.sessionKeyID)
        time(uplink.receivedAt)
        optional(uplink.netID) { $0.number($1.rawValue) }
        optional(uplink.packetErrorRate) { $0.float($1) }
        texts(uplink.correlationIDs)
    }
}

extension RecordReader {
    mutating func uplink() throws(RecordError) -> UplinkMessage {
        UplinkMessage(
            device: try device(),
            port: try optional { reader throws(RecordError) in try reader.octet() },
            counter: try number(),
            isConfirmed: try bool(),
            repetition: try choice(),
            isSimulated: try bool(),
            payload: try bytes(),
            fields: try optional { reader throws(RecordError) in try reader.bytes() },
            fieldsOrigin: try choice(),
            fieldsWarnings: try texts(),
            normalized: try list { reader throws(RecordError) in try reader.bytes() },
            normalizedWarnings: try texts(),
            radio: try optional { reader throws(RecordError) in try reader.radio() },
            location: try optional { reader throws(RecordError) in try reader.location() },
            sessionKeyID: try bytes(),
            receivedAt: try time(),
            netID: try optional { reader throws(RecordError) in try reader.netID() },
            packetErrorRate: try optional { reader throws(RecordError) in try reader.float() },
            correlationIDs: try texts(),
        )
    }

    private mutating func netID() throws(RecordError) -> NetID {
        guard let netID = NetID(rawValue: try number()) else { throw damaged }
        return netID
    }
}

extension RecordWriter {
    mutating func activation(_ activation: ActivationEvent) {
        device(activation.device)
        time(activation.receivedAt)
        optional(activation.radio) { $0.radio($1) }
        optional(activation.location) { $0.location($1) }
        bytes(activation.sessionKeyID)
        texts(activation.correlationIDs)
    }
}

extension RecordReader {
    mutating func activation() throws(RecordError) -> ActivationEvent {
        ActivationEvent(
            device: try device(),
            receivedAt: try time(),
            radio: try optional { reader throws(RecordError) in try reader.radio() },
            location: try optional { reader throws(RecordError) in try reader.location() },
            sessionKeyID: try bytes(),
            correlationIDs: try texts(),
        )
    }
}
