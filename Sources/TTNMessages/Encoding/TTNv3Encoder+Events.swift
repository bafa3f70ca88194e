// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

extension TTNv3Encoder {
    func encode(_ activation: ActivationEvent) -> OutgoingMessage {
        var json = JSONWriter()
        json.v3Envelope(activation.device, activation.correlationIDs, activation.receivedAt) { json in
            json.member("join_accept") { json in
                json.v3SessionKeyID(activation.sessionKeyID)
                json.member("received_at", activation.receivedAt, .inThrees)
            }
        }
        return message(activation.device, "join", .activation, json)
    }

    func encode(_ data: ServiceData) -> OutgoingMessage {
        var json = JSONWriter(capacity: 384 + data.data.count)
        json.v3Envelope(data.device, data.correlationIDs, data.time) { json in
            json.member("service_data") { json in
                json.member("service", data.service)
                json.member("data", json: data.data)
            }
        }
        return message(data.device, "service/data", .service, json)
    }

    func encode(_ solved: SolvedLocation) -> OutgoingMessage {
        var json = JSONWriter()
        json.v3Envelope(solved.device, solved.correlationIDs, solved.time) { json in
            json.member("location_solved") { json in
                json.member("service", solved.service)
                json.name("location")
                json.v3Location(solved.location)
            }
        }
        return message(solved.device, "location/solved", .location, json)
    }

    /// nil for what concerns no device: the operator's topic tells that.
    func encode(_ event: ErrorEvent) -> OutgoingMessage? {
        guard case .device(let device) = event.subject else { return nil }
        var json = JSONWriter()
        json.v3Envelope(device, event.correlationIDs, event.time) { json in
            json.member("service_data") { json in
                json.member("service", event.kind == .uplink ? "up-errors" : "join-errors")
                json.member("data") { json in
                    json.member("error", event.report.sentence)
                    json.v2Reason(event.report)
                }
            }
        }
        return message(device, "service/data", .error, json)
    }
}
