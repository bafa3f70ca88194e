// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// One readable line for a message of the v2 format.
enum WatchLine {
    static func text(topic: String, payload: [UInt8]) -> String? {
        let levels = topic.split(separator: "/").map(String.init)
        guard levels.count >= 4, levels[1] == "devices", let body = try? JSONValue(parsing: payload) else { return nil }
        let device = "\(levels[0])/\(levels[2])"
        return levels[3] == "up" ? uplink(device, body) : event(device, levels[4...].joined(separator: "/"), body)
    }

    private static func uplink(_ device: String, _ body: JSONValue) -> String {
        let metadata = body["metadata"]
        let gateways = metadata?["gateways"]?.elements ?? []
        var words = [clock(metadata?["time"]?.text), device]
        words.append("FCnt \(body["counter"]?.wholeNumber ?? 0)")
        words.append("port \(body["port"]?.wholeNumber ?? 0)")
        words.append(metadata?["data_rate"]?.text ?? metadata?["modulation"]?.text ?? "")
        if let frequency = metadata?["frequency"]?.double { words.append("\(frequency) MHz") }
        if let first = gateways.first {
            words.append("\(first["rssi"]?.double ?? 0) dBm \(first["snr"]?.double ?? 0) dB")
        }
        if gateways.count > 1 { words.append("\(gateways.count) copies") }
        if body["is_retry"]?.boolean == true { words.append("retry") }
        if let fields = body["payload_fields"] {
            words.append(fields.jsonText)
        } else if let raw = body["payload_raw"]?.text, let octets = Base64.octets(raw) {
            words.append("payload \(Hex.text(octets))")
        }
        return words.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    private static func event(_ device: String, _ name: String, _ body: JSONValue) -> String {
        var words = [clock(body["metadata"]?["time"]?.text), device, name]
        if let address = body["dev_addr"]?.text, !address.isEmpty { words.append("DevAddr \(address)") }
        if let port = body["message"]?["port"]?.wholeNumber { words.append("port \(port)") }
        if let counter = body["config"]?["counter"]?.wholeNumber { words.append("FCntDown \(counter)") }
        if let error = body["error"]?.text { words.append(error) }
        return words.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    /// The time of day of an RFC 3339 text.
    private static func clock(_ time: String?) -> String {
        guard let time, let start = time.firstIndex(of: "T") else { return "" }
        return String(time[time.index(after: start)...].prefix(8))
    }
}
