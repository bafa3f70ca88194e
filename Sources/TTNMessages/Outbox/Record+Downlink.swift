// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

// Writer and reader of each kind stand side by side: their order must agree.

extension RecordWriter {
    mutating func downlink(_ event: DownlinkEvent) {
        device(event.device)
        time(event.time)
        optional(event.request) { $0.request($1) }
        stage(event.stage)
        optional(event.port) { $0.octet($1) }
        optional(event.counter) { $0.number($1) }
        number(event.attempt)
        optional(event.ranResult) { $0.text($1) }
        bytes(event.sessionKeyID)
        texts(event.correlationIDs)
    }

    private mutating func stage(_ stage: DownlinkEvent.Stage) {
        switch stage {
        case .scheduled: octet(0)
        case .sent(let transmission):
            octet(1)
            bytes(transmission.phyPayload)
            text(transmission.gatewayID)
            number(transmission.frequency)
            modulation(transmission.modulation)
            octet(transmission.codingRate.rawValue)
            number(transmission.power)
        case .acknowledged: octet(2)
        case .notAcknowledged: octet(3)
        case .failed(let report):
            octet(4)
            self.report(report)
        }
    }
}

extension RecordReader {
    mutating func downlink() throws(RecordError) -> DownlinkEvent {
        DownlinkEvent(
            device: try device(),
            time: try time(),
            request: try optional { reader throws(RecordError) in try reader.request() },
            stage: try stage(),
            port: try optional { reader throws(RecordError) in try reader.octet() },
            counter: try optional { reader throws(RecordError) in try reader.number() },
            attempt: try number(),
            ranResult: try optional { reader throws(RecordError) in try reader.text() },
            sessionKeyID: try bytes(),
            correlationIDs: try texts(),
        )
    }

    private mutating func stage() throws(RecordError) -> DownlinkEvent.Stage {
        switch try octet() {
        case 0: return .scheduled
        case 1:
            return .sent(
                DownlinkTransmission(
                    phyPayload: try bytes(),
                    gatewayID: try text(),
                    frequency: try number(),
                    modulation: try modulation(),
                    codingRate: try choice(),
                    power: try number(),
                ),
            )
        case 2: return .acknowledged
        case 3: return .notAcknowledged
        case 4: return .failed(try report())
        default: throw damaged
        }
    }
}

extension RecordWriter {
    mutating func invalidation(_ invalidation: QueueInvalidation) {
        device(invalidation.device)
        time(invalidation.time)
        list(invalidation.requests) { $0.request($1) }
        number(invalidation.lastCounter)
        bytes(invalidation.sessionKeyID)
        texts(invalidation.correlationIDs)
    }
}

extension RecordReader {
    mutating func invalidation() throws(RecordError) -> QueueInvalidation {
        QueueInvalidation(
            device: try device(),
            time: try time(),
            requests: try list { reader throws(RecordError) in try reader.request() },
            lastCounter: try number(),
            sessionKeyID: try bytes(),
            correlationIDs: try texts(),
        )
    }
}
