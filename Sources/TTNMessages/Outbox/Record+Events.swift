// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

// Writer and reader of each kind stand side by side: their order must agree.

extension RecordWriter {
    mutating func error(_ event: ErrorEvent) {
        switch event.subject {
        case .device(let device):
            octet(0)
            self.device(device)
        case .network(let devEUI, let joinEUI):
            octet(1)
            optional(devEUI) { $0.fixed($1.rawValue) }
            optional(joinEUI) { $0.fixed($1.rawValue) }
        }
        octet(event.kind.rawValue)
        report(event.report)
        time(event.time)
        optional(event.radio) { $0.radio($1) }
        texts(event.correlationIDs)
    }
}

extension RecordReader {
    mutating func error() throws(RecordError) -> ErrorEvent {
        ErrorEvent(
            subject: try subject(),
            kind: try choice(),
            report: try report(),
            time: try time(),
            radio: try optional { reader throws(RecordError) in try reader.radio() },
            correlationIDs: try texts(),
        )
    }

    private mutating func subject() throws(RecordError) -> ErrorEvent.Subject {
        switch try octet() {
        case 0: return .device(try device())
        case 1:
            return .network(
                devEUI: try optional { reader throws(RecordError) in EUI64(rawValue: try reader.fixed()) },
                joinEUI: try optional { reader throws(RecordError) in EUI64(rawValue: try reader.fixed()) },
            )
        default: throw damaged
        }
    }
}

extension RecordWriter {
    mutating func registration(_ event: DeviceEvent) {
        device(event.device)
        time(event.time)
        switch event.change {
        case .created: octet(0)
        case .createdOnJoin: octet(1)
        case .updated(let location):
            octet(2)
            optional(location) { $0.location($1) }
        case .deleted: octet(3)
        }
    }
}

extension RecordReader {
    mutating func registration() throws(RecordError) -> DeviceEvent {
        let device = try device()
        let time = try time()
        return DeviceEvent(device: device, change: try change(), time: time)
    }

    private mutating func change() throws(RecordError) -> DeviceEvent.Change {
        switch try octet() {
        case 0: return .created
        case 1: return .createdOnJoin
        case 2: return .updated(location: try optional { reader throws(RecordError) in try reader.location() })
        case 3: return .deleted
        default: throw damaged
        }
    }
}

extension RecordWriter {
    mutating func service(_ data: ServiceData) {
        device(data.device)
        time(data.time)
        text(data.service)
        bytes(data.data)
        texts(data.correlationIDs)
    }

    mutating func solved(_ solved: SolvedLocation) {
        device(solved.device)
        time(solved.time)
        text(solved.service)
        location(solved.location)
        texts(solved.correlationIDs)
    }
}

extension RecordReader {
    mutating func service() throws(RecordError) -> ServiceData {
        ServiceData(
            device: try device(),
            time: try time(),
            service: try text(),
            data: try bytes(),
            correlationIDs: try texts(),
        )
    }

    mutating func solved() throws(RecordError) -> SolvedLocation {
        SolvedLocation(
            device: try device(),
            time: try time(),
            service: try text(),
            location: try location(),
            correlationIDs: try texts(),
        )
    }
}
