// SPDX-License-Identifier: Apache-2.0
internal import JSON
import LoRaWAN

extension TTNv2Encoder {
    func encode(_ event: DownlinkEvent) -> OutgoingMessage {
        switch event.stage {
        case .scheduled: message(event.device, "events/down/scheduled", .downlink, body(event))
        case .sent: message(event.device, "events/down/sent", .downlink, body(event))
        case .acknowledged: message(event.device, "events/down/acks", .downlink, body(event))
        case .notAcknowledged: message(event.device, "events/down/nacks", .downlink, body(event))
        case .failed: message(event.device, "events/down/errors", .downlink, body(event))
        }
    }

    private func body(_ event: DownlinkEvent) -> JSONWriter {
        var json = JSONWriter()
        json.object { json in
            if case .failed(let report) = event.stage { json.member("error", report.sentence) }
            if case .sent(let transmission) = event.stage { json.member("payload", base64: transmission.phyPayload) }
            json.v2Message(event)
            if case .sent(let transmission) = event.stage {
                json.member("gateway_id", transmission.gatewayID)
                json.v2Config(transmission, counter: event.counter ?? 0)
            }
            if event.attempt > 0 { json.member("attempt", event.attempt) }
            if let ranResult = event.ranResult { json.member("ran_result", ranResult) }
            if case .failed(let report) = event.stage { json.v2Reason(report) }
        }
        return json
    }
}

extension JSONWriter {
    /// Writes `message`: the request as it was understood. A frame without one has the names and port 0.
    fileprivate mutating func v2Message(_ event: DownlinkEvent) {
        let isScheduled = event.stage == .scheduled
        guard event.request != nil || event.stage.isSent else { return }
        member("message") { json in
            if !isScheduled {
                json.member("app_id", event.device.applicationID)
                json.member("dev_id", event.device.deviceID)
            }
            guard let request = event.request else {
                json.member("port", 0)
                return
            }
            json.member("port", event.port ?? request.port ?? 0)
            if request.isConfirmed { json.member("confirmed", true) }
            if let payload = request.payload, !payload.isEmpty { json.member("payload_raw", base64: payload) }
            if let fields = request.fields { json.member("payload_fields", json: fields) }
            if let ttl = request.ttl { json.member("ttl", ttl) }
            if let id = request.id { json.member("id", id) }
            let correlationIDs = event.givenCorrelationIDs
            if !correlationIDs.isEmpty { json.member("correlation_ids", correlationIDs) }
        }
    }

    /// Writes `config`: how the frame was sent. The frequency is in hertz here, and a counter of 0 is left out.
    fileprivate mutating func v2Config(_ transmission: DownlinkTransmission, counter: UInt32) {
        member("config") { json in
            json.v2Members(transmission.modulation)
            if transmission.airtime != 0 { json.member("airtime", transmission.airtime) }
            if counter != 0 { json.member("counter", counter) }
            json.member("frequency", transmission.frequency)
            json.member("power", transmission.power)
        }
    }
}
