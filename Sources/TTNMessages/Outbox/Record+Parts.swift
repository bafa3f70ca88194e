// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

// What several kinds of messages hold. Writer and reader of each part stand side by side: their order must agree.

extension RecordWriter {
    mutating func device(_ device: DeviceIdentity) {
        text(device.applicationID)
        text(device.deviceID)
        optional(device.devEUI) { $0.fixed($1.rawValue) }
        optional(device.joinEUI) { $0.fixed($1.rawValue) }
        optional(device.devAddr) { $0.number($1.rawValue) }
        list(device.attributes) {
            $0.text($1.name)
            $0.text($1.value)
        }
        optional(device.location) { $0.location($1) }
    }
}

extension RecordReader {
    mutating func device() throws(RecordError) -> DeviceIdentity {
        var device = DeviceIdentity(applicationID: try text(), deviceID: try text())
        device.devEUI = try optional { reader throws(RecordError) in EUI64(rawValue: try reader.fixed()) }
        device.joinEUI = try optional { reader throws(RecordError) in EUI64(rawValue: try reader.fixed()) }
        device.devAddr = try optional { reader throws(RecordError) in DevAddr(rawValue: try reader.number()) }
        device.attributes = try list { reader throws(RecordError) in
            DeviceIdentity.Attribute(name: try reader.text(), value: try reader.text())
        }
        device.location = try optional { reader throws(RecordError) in try reader.location() }
        return device
    }
}

extension RecordWriter {
    mutating func location(_ location: GeoLocation) {
        double(location.latitude)
        double(location.longitude)
        optional(location.altitude) { $0.double($1) }
        optional(location.accuracy) { $0.double($1) }
        octet(location.source.rawValue)
    }
}

extension RecordReader {
    mutating func location() throws(RecordError) -> GeoLocation {
        GeoLocation(
            latitude: try double(),
            longitude: try double(),
            altitude: try optional { reader throws(RecordError) in try reader.double() },
            accuracy: try optional { reader throws(RecordError) in try reader.double() },
            source: try choice(),
        )
    }
}

extension RecordWriter {
    mutating func modulation(_ modulation: Modulation) {
        switch modulation {
        case .lora(let spreading, let bandwidth):
            octet(0)
            octet(spreading)
            number(bandwidth)
        case .fsk(let deviation, let bitRate):
            octet(1)
            number(deviation)
            number(bitRate)
        case .fhss(let width, let codingRate):
            octet(2)
            number(width)
            text(codingRate)
        }
    }
}

extension RecordReader {
    mutating func modulation() throws(RecordError) -> Modulation {
        switch try octet() {
        case 0: return .lora(spreading: try octet(), bandwidth: try number())
        case 1: return .fsk(deviation: try number(), bitRate: try number())
        case 2: return .fhss(occupiedWidth: try number(), codingRate: try text())
        default: throw damaged
        }
    }
}

extension RecordWriter {
    mutating func radio(_ radio: RadioMetadata) {
        number(radio.frequency)
        modulation(radio.modulation)
        octet(radio.codingRate.rawValue)
        number(radio.phyPayloadSize)
        list(radio.receptions) { $0.reception($1) }
    }

    private mutating func reception(_ reception: ReceptionMetadata) {
        text(reception.gatewayID)
        optional(reception.gatewayEUI) { $0.fixed($1.rawValue) }
        optional(reception.time) { $0.time($1) }
        optional(reception.receivedAt) { $0.time($1) }
        number(reception.timestamp)
        octet(reception.antenna)
        octet(reception.channel)
        float(reception.rssi)
        float(reception.snr)
        octet(reception.rfChain)
        optional(reception.location) { $0.location($1) }
    }
}

extension RecordReader {
    mutating func radio() throws(RecordError) -> RadioMetadata {
        RadioMetadata(
            frequency: try number(),
            modulation: try modulation(),
            codingRate: try choice(),
            phyPayloadSize: try number(),
            receptions: try list { reader throws(RecordError) in try reader.reception() },
        )
    }

    private mutating func reception() throws(RecordError) -> ReceptionMetadata {
        ReceptionMetadata(
            gatewayID: try text(),
            gatewayEUI: try optional { reader throws(RecordError) in EUI64(rawValue: try reader.fixed()) },
            time: try optional { reader throws(RecordError) in try reader.time() },
            receivedAt: try optional { reader throws(RecordError) in try reader.time() },
            timestamp: try number(),
            antenna: try octet(),
            channel: try octet(),
            rssi: try float(),
            snr: try float(),
            rfChain: try octet(),
            location: try optional { reader throws(RecordError) in try reader.location() },
        )
    }
}

extension RecordWriter {
    mutating func report(_ report: FailureReport) {
        text(report.sentence)
        text(report.reason)
        optional(report.field) { $0.text($1) }
        list(report.figures) { writer, figure in
            writer.text(figure.name)
            switch figure.value {
            case .integer(let value):
                writer.octet(0)
                writer.number(value)
            case .number(let value):
                writer.octet(1)
                writer.double(value)
            case .text(let text):
                writer.octet(2)
                writer.text(text)
            }
        }
    }
}

extension RecordReader {
    mutating func report() throws(RecordError) -> FailureReport {
        FailureReport(
            try text(),
            reason: try text(),
            field: try optional { reader throws(RecordError) in try reader.text() },
            figures: try list { reader throws(RecordError) in
                FailureReport.Figure(try reader.text(), try reader.figureValue())
            },
        )
    }

    private mutating func figureValue() throws(RecordError) -> FailureReport.Value {
        switch try octet() {
        case 0: return .integer(try number())
        case 1: return .number(try double())
        case 2: return .text(try text())
        default: throw damaged
        }
    }
}

extension RecordWriter {
    mutating func request(_ request: DownlinkRequest) {
        optional(request.port) { $0.octet($1) }
        optional(request.payload) { $0.bytes($1) }
        optional(request.fields) { $0.bytes($1) }
        bool(request.isConfirmed)
        octet(request.priority.rawValue)
        optional(request.ttl) { $0.number($1) }
        bool(request.forbidsClassA)
        optional(request.absoluteTime) { $0.time($1) }
        optional(request.maximumAttempts) { $0.octet($1) }
        optional(request.id) { $0.text($1) }
        texts(request.correlationIDs)
        bool(request.origin == .v3)
    }
}

extension RecordReader {
    mutating func request() throws(RecordError) -> DownlinkRequest {
        DownlinkRequest(
            port: try optional { reader throws(RecordError) in try reader.octet() },
            payload: try optional { reader throws(RecordError) in try reader.bytes() },
            fields: try optional { reader throws(RecordError) in try reader.bytes() },
            isConfirmed: try bool(),
            priority: try choice(),
            ttl: try optional { reader throws(RecordError) in try reader.number() },
            forbidsClassA: try bool(),
            absoluteTime: try optional { reader throws(RecordError) in try reader.time() },
            maximumAttempts: try optional { reader throws(RecordError) in try reader.octet() },
            id: try optional { reader throws(RecordError) in try reader.text() },
            correlationIDs: try texts(),
            origin: try bool() ? .v3 : .v2,
        )
    }
}
