// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

extension Simulation {
    /// Answers a call below `/control/`, which needs no token.
    func control(_ call: String, _ request: HTTPRequest) -> HTTPResponse {
        do throws(SimulatorError) {
            switch (request.method, call) {
            case (.get, "report"):
                return try answer(200, reportJSON(request))
            case (.post, "uplink"):
                try requestUplink(body(of: request))
                return answer(200, ["queued": true])
            case (.post, "join"):
                let devEUI = try devEUI(in: body(of: request))
                guard join(devEUI) else { throw .badRequest("there is no OTAA device \(devEUI)") }
                return answer(200, ["queued": true])
            case (.post, "rejoin"):
                let body = try body(of: request)
                let devEUI = try devEUI(in: body)
                guard let number = body["type"]?.unsignedNumber.flatMap({ UInt8(exactly: $0) }), number <= 2,
                    let type = JoinRequestType(rawValue: number)
                else { throw .badRequest("type must be 0, 1 or 2") }
                guard rejoin(devEUI, type) else {
                    throw .badRequest("there is no OTAA device \(devEUI) of LoRaWAN 1.1 that can rejoin")
                }
                return answer(200, ["queued": true])
            case (.post, "devices"):
                let added = try Scenario.devices(parsing: request.body, called: "body")
                for device in added { try add(device) }
                return answer(200, ["added": .integer(Int64(added.count))])
            case (.post, "faults"):
                for fault in try Fault.reading(body(of: request)) { inject(fault) }
                return answer(200, ["injected": true])
            default:
                return answer(404, ["error": "there is no such control call"])
            }
        } catch {
            return answer(400, ["error": .string(error.description)])
        }
    }

    /// The report; `dev_eui=` limits its devices to one, `brief=true` leaves their frames out.
    private func reportJSON(_ request: HTTPRequest) throws(SimulatorError) -> JSONValue {
        var report = report()
        if let text = request.argument("dev_eui") {
            guard let devEUI = EUI64(hex: text) else { throw .badRequest("dev_eui must be 16 hexadecimal digits") }
            report.devices.removeAll { $0.devEUI != devEUI }
        }
        if request.argument("brief") == "true" {
            for index in report.devices.indices {
                report.devices[index].uplinks = []
                report.devices[index].downlinks = []
                report.devices[index].fCntDownSeen = []
            }
        }
        return report.json
    }

    private func requestUplink(_ body: JSONValue) throws(SimulatorError) {
        let devEUI = try devEUI(in: body)
        var port: UInt8?
        if let value = body["port"], value != .null {
            guard let number = value.unsignedNumber.flatMap({ UInt8(exactly: $0) }) else {
                throw .badRequest("port must be 0 to 255")
            }
            port = number
        }
        let hex = body["payload_hex"].map { $0.text.flatMap { Hex.octets($0) } } ?? []
        guard let payload = hex, payload.count <= 242, port != nil || payload.isEmpty else {
            throw .badRequest("payload_hex must be up to 242 octets in hexadecimal digits, and needs a port")
        }
        var counter: UInt32?
        if let value = body["fcnt"], value != .null {
            guard let number = value.unsignedNumber.flatMap({ UInt32(exactly: $0) }) else {
                throw .badRequest("fcnt must be an unsigned 32-bit number")
            }
            counter = number
        }
        guard let commands = body["fopts_hex"].map({ $0.text.flatMap { Hex.octets($0) } }) ?? [], commands.count <= 15
        else {
            throw .badRequest("fopts_hex must be up to 15 octets in hexadecimal digits")
        }
        let uplink = VirtualDevice.QueuedUplink(
            port: port,
            payload: payload,
            isConfirmed: body["confirmed"]?.boolean ?? false,
            counter: counter,
            commands: commands,
        )
        guard enqueue(uplink, devEUI) else { throw .badRequest("there is no device \(devEUI)") }
    }

    private func body(of request: HTTPRequest) throws(SimulatorError) -> JSONValue {
        do {
            return try JSONValue(parsing: request.body)
        } catch {
            throw .badRequest("the body is \(error)")
        }
    }

    private func devEUI(in body: JSONValue) throws(SimulatorError) -> EUI64 {
        guard let devEUI = body["dev_eui"]?.text.flatMap({ EUI64(hex: $0) }) else {
            throw .badRequest("dev_eui must be 16 hexadecimal digits")
        }
        return devEUI
    }

    private func answer(_ status: Int, _ value: JSONValue) -> HTTPResponse {
        HTTPResponse(status: status, body: Array(value.jsonText.utf8))
    }
}
