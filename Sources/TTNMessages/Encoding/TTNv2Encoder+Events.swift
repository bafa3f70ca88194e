// SPDX-License-Identifier: Apache-2.0
internal import JSON
import LoRaWAN

extension TTNv2Encoder {
    func encode(_ activation: ActivationEvent) -> OutgoingMessage {
        var json = JSONWriter()
        json.object { json in
            json.v2Identifiers(activation.device)
            json.v2Metadata(activation.receivedAt, activation.radio, activation.effectiveLocation)
        }
        return message(activation.device, "events/activations", .activation, json)
    }

    func encode(_ event: ErrorEvent) -> OutgoingMessage {
        switch event.subject {
        case .network(let devEUI, let joinEUI):
            return OutgoingMessage(
                topic: topics.adminUplinkErrors,
                payload: adminBody(event, devEUI, joinEUI),
                kind: .error,
                format: nil,
            )
        case .device(let device):
            var json = JSONWriter()
            json.object { json in
                json.member("error", event.report.sentence)
                if event.kind == .activation {
                    json.v2Identifiers(device)
                    json.v2Metadata(event.radio == nil ? nil : event.time, event.radio, nil)
                }
                json.v2Reason(event.report)
            }
            return switch event.kind {
            case .uplink: message(device, "events/up/errors", .error, json)
            case .activation: message(device, "events/activations/errors", .error, json)
            }
        }
    }

    func encode(_ event: DeviceEvent) -> OutgoingMessage {
        var json = JSONWriter(capacity: 128)
        switch event.change {
        case .created:
            json.v2Registration(event.device.location, event.time)
            return message(event.device, "events/create", .device, json)
        case .createdOnJoin:
            json.null()
            return message(event.device, "events/create", .device, json)
        case .updated(let location):
            json.v2Registration(location, event.time)
            return message(event.device, "events/update", .device, json)
        case .deleted:
            json.null()
            return message(event.device, "events/delete", .device, json)
        }
    }

    func encode(_ event: ApplicationEvent) -> OutgoingMessage {
        OutgoingMessage(
            topic: topics.v2Event(event.applicationID, event.name),
            payload: event.body,
            kind: .application,
            format: .v2,
        )
    }

    private func adminBody(_ event: ErrorEvent, _ devEUI: EUI64?, _ joinEUI: EUI64?) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("error", event.report.sentence)
            if let devEUI { json.member("dev_eui", devEUI) }
            if let joinEUI { json.member("app_eui", joinEUI) }
            json.v2Metadata(event.time, event.radio, nil)
            json.v2Reason(event.report)
        }
        return json.bytes
    }
}

extension JSONWriter {
    /// Writes `reason`, `field` and the figures.
    mutating func v2Reason(_ report: FailureReport) {
        member("reason", report.reason)
        if let field = report.field { member("field", field) }
        members(report.figures)
    }

    /// Writes the three identifiers of an activation, empty when unknown.
    fileprivate mutating func v2Identifiers(_ device: DeviceIdentity) {
        if let joinEUI = device.joinEUI { member("app_eui", joinEUI) } else { member("app_eui", "") }
        if let devEUI = device.devEUI { member("dev_eui", devEUI) } else { member("dev_eui", "") }
        if let devAddr = device.devAddr { member("dev_addr", devAddr) } else { member("dev_addr", "") }
    }

    /// Writes a registration's place and time; v2 spells the latter `update_at`.
    fileprivate mutating func v2Registration(_ location: GeoLocation?, _ time: UnixTime) {
        object { json in
            if let location { json.v2Coordinates(location) }
            json.member("update_at", time, .trimmed)
        }
    }
}
