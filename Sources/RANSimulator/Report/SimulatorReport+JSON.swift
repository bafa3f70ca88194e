// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

extension SimulatorReport {
    /// The report as the control API gives it.
    var json: JSONValue {
        [
            "upstream_sent": .integer(Int64(upstreamSent)),
            "acks": .integer(Int64(acks)),
            "wrong_acks": .integer(Int64(wrongAcks)),
            "rejects": counts(rejects),
            "missing_acks": .integer(Int64(missingAcks)),
            "unknown_replies": .integer(Int64(unknownReplies)),
            "replies_on_other_socket": .integer(Int64(repliesOnOtherSocket)),
            "malformed_replies": .integer(Int64(malformedReplies)),
            "problems": .array(problems.map { .string($0) }),
            "not_subscribed": .integer(Int64(notSubscribed)),
            "without_socket": .integer(Int64(withoutSocket)),
            "pending": .integer(Int64(pending)),
            "unsubscribed": .array(unsubscribed.map { .string($0.hex) }),
            "downstream_received": .integer(Int64(downstreamReceived)),
            "downstream_invalid": .integer(Int64(downstreamInvalid)),
            "downstream_results": counts(downstreamResults),
            "calls": counts(calls),
            "unauthorized": .integer(Int64(unauthorized)),
            "upstream_sockets": .integer(Int64(upstreamSockets)),
            "downstream_sockets": .integer(Int64(downstreamSockets)),
            "upstream_sockets_opened": .integer(Int64(upstreamSocketsOpened)),
            "downstream_sockets_opened": .integer(Int64(downstreamSocketsOpened)),
            "subscriptions": .integer(Int64(subscriptions)),
            "devices": .array(devices.map(\.json)),
        ]
    }

    private func counts(_ counts: [String: Int]) -> JSONValue {
        var object = JSONObject()
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { object[name] = .integer(Int64(count)) }
        return .object(object)
    }
}

extension DeviceReport {
    /// The device's part of the report.
    var json: JSONValue {
        [
            "name": .string(name),
            "dev_eui": .string(devEUI.hex),
            "join_state": .string(joinState.rawValue),
            "dev_addr": devAddr.map { .string($0.hex) } ?? .null,
            "next_fcnt_up": .integer(Int64(nextFCntUp)),
            "joins": .integer(Int64(joins)),
            "join_requests": .integer(Int64(joinRequests)),
            "rejoin_requests": .integer(Int64(rejoinRequests)),
            "frames_sent": .integer(Int64(framesSent)),
            "uplink_count": .integer(Int64(uplinkCount)),
            "downlink_count": .integer(Int64(downlinkCount)),
            "acks": .integer(Int64(acks)),
            "rejects": .integer(Int64(rejects)),
            "missing_acks": .integer(Int64(missingAcks)),
            "undelivered": .integer(Int64(undelivered)),
            "missed_downlinks": .array(missedDownlinks.map { .string($0) }),
            "fcnt_down_reused": .integer(Int64(fCntDownReused)),
            "fcnt_down_seen": .array(fCntDownSeen.map { .integer(Int64($0)) }),
            "repeated_downlinks": .integer(Int64(repeatedDownlinks)),
            "owes_ack": .bool(owesAck),
            "uplinks": .array(uplinks.map(\.json)),
            "downlinks": .array(downlinks.map(\.json)),
        ]
    }
}

extension DeviceReport.Uplink {
    var json: JSONValue {
        [
            "fcnt": .integer(Int64(fCnt)),
            "port": port.map { .integer(Int64($0)) } ?? .null,
            "payload_hex": .string(Hex.text(payload)),
            "confirmed": .bool(isConfirmed),
            "session": .integer(Int64(session)),
            "attempts": .integer(Int64(attempts)),
            "delivered": .integer(Int64(delivered)),
            "acked": .bool(isAcked),
            "acks": .integer(Int64(acks)),
            "rejects": .integer(Int64(rejects)),
            "answered": .bool(isAnswered),
        ]
    }
}

extension DeviceReport.Downlink {
    var json: JSONValue {
        [
            "fcnt_down": .integer(Int64(fCntDown)),
            "port": port.map { .integer(Int64($0)) } ?? .null,
            "payload_hex": .string(Hex.text(payload)),
            "confirmed": .bool(isConfirmed),
            "ack": .bool(isAck),
            "session": .integer(Int64(session)),
            "window": .string(window),
            "options_hex": .string(Hex.text(options)),
        ]
    }
}
