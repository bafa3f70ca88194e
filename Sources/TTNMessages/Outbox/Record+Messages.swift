// SPDX-License-Identifier: Apache-2.0

// A tag and then the message. Tags are never given anew.

extension RecordWriter {
    mutating func message(_ message: ApplicationMessage) {
        switch message {
        case .uplink(let uplink):
            octet(1)
            self.uplink(uplink)
        case .activation(let activation):
            octet(2)
            self.activation(activation)
        case .downlink(let event):
            octet(3)
            downlink(event)
        case .invalidation(let invalidation):
            octet(4)
            self.invalidation(invalidation)
        case .error(let event):
            octet(5)
            error(event)
        case .device(let event):
            octet(6)
            registration(event)
        case .application(let event):
            octet(7)
            text(event.applicationID)
            text(event.name)
            bytes(event.body)
        case .service(let data):
            octet(8)
            service(data)
        case .location(let solved):
            octet(9)
            self.solved(solved)
        }
    }
}

extension RecordReader {
    mutating func message() throws(RecordError) -> ApplicationMessage {
        switch try octet() {
        case 1: return .uplink(try uplink())
        case 2: return .activation(try activation())
        case 3: return .downlink(try downlink())
        case 4: return .invalidation(try invalidation())
        case 5: return .error(try error())
        case 6: return .device(try registration())
        case 7: return .application(ApplicationEvent(applicationID: try text(), name: try text(), body: try bytes()))
        case 8: return .service(try service())
        case 9: return .location(try solved())
        default: throw damaged
        }
    }
}
