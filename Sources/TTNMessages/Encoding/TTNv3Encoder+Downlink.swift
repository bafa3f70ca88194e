// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

extension TTNv3Encoder {
    /// nil for frames without an application's request: The Things Stack tells nothing of those.
    func encode(_ event: DownlinkEvent) -> OutgoingMessage? {
        if event.request == nil {
            guard case .failed = event.stage else { return nil }
        }
        return switch event.stage {
        case .scheduled: message(event.device, "down/queued", .downlink, body(event, "downlink_queued"))
        case .sent: message(event.device, "down/sent", .downlink, body(event, "downlink_sent"))
        case .acknowledged: message(event.device, "down/ack", .downlink, body(event, "downlink_ack"))
        case .notAcknowledged: message(event.device, "down/nack", .downlink, body(event, "downlink_nack"))
        case .failed(let report): message(event.device, "down/failed", .downlink, failure(event, report))
        }
    }

    func encode(_ invalidation: QueueInvalidation) -> OutgoingMessage {
        var json = JSONWriter()
        json.v3Envelope(invalidation.device, invalidation.correlationIDs, invalidation.time) { json in
            json.member("downlink_queue_invalidated") { json in
                json.name("downlinks")
                json.array { json in
                    for request in invalidation.requests {
                        json.object { json in json.v3Members(request, correlationIDs: request.correlationIDs) }
                    }
                }
                if invalidation.lastCounter != 0 { json.member("last_f_cnt_down", invalidation.lastCounter) }
                json.v3SessionKeyID(invalidation.sessionKeyID)
            }
        }
        return message(invalidation.device, "down/invalidated", .downlink, json)
    }

    private func body(_ event: DownlinkEvent, _ name: StaticString) -> JSONWriter {
        var json = JSONWriter()
        json.v3Envelope(event.device, event.allCorrelationIDs, event.time) { json in
            json.name(name)
            json.v3Downlink(event)
        }
        return json
    }

    private func failure(_ event: DownlinkEvent, _ report: FailureReport) -> JSONWriter {
        var json = JSONWriter()
        json.v3Envelope(event.device, event.allCorrelationIDs, event.time) { json in
            json.member("downlink_failed") { json in
                json.name("downlink")
                json.v3Downlink(event)
                json.v3Error(report, ranResult: event.ranResult)
            }
        }
        return json
    }
}

extension JSONWriter {
    fileprivate mutating func v3Downlink(_ event: DownlinkEvent) {
        object { json in
            guard let request = event.request else { return }
            json.v3SessionKeyID(event.sessionKeyID)
            json.v3Members(
                request,
                port: event.port,
                counter: event.counter,
                attempt: event.attempt,
                correlationIDs: event.allCorrelationIDs,
            )
        }
    }

    fileprivate mutating func v3Members(
        _ request: DownlinkRequest,
        port: UInt8? = nil,
        counter: UInt32? = nil,
        attempt: Int = 0,
        correlationIDs: [String],
    ) {
        if let port = port ?? request.port { member("f_port", port) }
        if let counter, counter != 0 { member("f_cnt", counter) }
        if let payload = request.payload, !payload.isEmpty { member("frm_payload", base64: payload) }
        if let fields = request.fields { member("decoded_payload", json: fields) }
        if request.isConfirmed { member("confirmed", true) }
        if request.forbidsClassA {
            member("class_b_c") { json in
                if let time = request.absoluteTime { json.member("absolute_time", time, .inThrees) }
            }
        }
        if request.priority != .lowest { member("priority", request.priority.name) }
        if !correlationIDs.isEmpty { member("correlation_ids", correlationIDs) }
        if attempt > 0 || request.maximumAttempts != nil {
            member("confirmed_retry") { json in
                if attempt > 0 { json.member("attempt", attempt) }
                if let maximum = request.maximumAttempts { json.member("max_attempts", maximum) }
            }
        }
    }

    /// Writes `error` as The Things Stack's ErrorDetails: its name for the reason, and all figures as attributes.
    fileprivate mutating func v3Error(_ report: FailureReport, ranResult: String?) {
        let known = TTNv3ErrorName(reason: report.reason)
        member("error") { json in
            json.member("namespace", "ran-mqtt-bridge")
            json.member("name", known.name)
            json.member("message_format", report.sentence)
            json.member("attributes") { json in
                json.member("reason", report.reason)
                if let field = report.field { json.member("field", field) }
                if let ranResult { json.member("ran_result", ranResult) }
                json.members(report.figures)
                if known.name == "application_downlink_too_long" { json.v3Lengths(report.figures) }
            }
            json.member("code", known.code)
        }
    }

    /// Writes `length` and `max`, as The Things Stack calls a payload's `size` and `limit`.
    private mutating func v3Lengths(_ figures: [FailureReport.Figure]) {
        for figure in figures {
            switch figure.name {
            case "size": name("length" as StaticString)
            case "limit": name("max" as StaticString)
            default: continue
            }
            value(figure.value)
        }
    }
}
