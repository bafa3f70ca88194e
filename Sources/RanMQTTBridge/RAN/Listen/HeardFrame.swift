// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import RANClient
internal import TTNMessages

/// An upstream message as `ran listen` shows it.
struct HeardFrame {
    let time: UnixTime
    let message: UpstreamMessage
    /// What the octets are; nil when they are no frame, then `fault` says why.
    let frame: UplinkFrame?
    let fault: FrameError?
    /// The device whose key proved it.
    var provedBy: EUI64?

    init(_ message: UpstreamMessage, at time: UnixTime) {
        self.message = message
        self.time = time
        do throws(FrameError) {
            frame = try UplinkFrame(parsingWithoutMIC: message.payload)
            fault = nil
        } catch {
            frame = nil
            fault = error
        }
    }

    private static let widths = [13, 16, 8, 5, 9, 9, 6, 5, 5]

    static let heading = TextTable.line(
        ["TIME (UTC)", "DEVEUI", "DEVADDR", "FCNT", "RATE", "MHZ", "DBM", "DB", "ACKED", "TYPE"],
        widths: widths + [0],
    )

    /// One line for people. Several devices may have sent a frame whose address they share; all are named.
    var line: String {
        let devices = provedBy.map { [$0] } ?? message.devEUIs
        let cells = [
            String(RFC3339.text(UnixTime(milliseconds: time.milliseconds), .inThrees).dropFirst(11)),
            devices.map(\.hex).joined(separator: "|"),
            data?.devAddr.hex ?? "-",
            data.map { String($0.counter) } ?? "-",
            message.radio.modulation.word.printable,
            megahertz,
            HeardFrame.decimals(Double(message.radio.rssi)),
            HeardFrame.decimals(Double(message.radio.snr)),
            provedBy == nil ? "no" : "yes",
            type + (message.isOutdated ? ", outdated" : ""),
        ]
        return TextTable.line(cells, widths: HeardFrame.widths + [0])
    }

    /// One object for scripts; a member that the frame has no value for is null.
    var json: JSONValue {
        var json: JSONObject = [
            "time": .string(RFC3339.text(time, .trimmed)),
            "transaction_id": .unsigned(message.transactionID),
            "dev_euis": .array(message.devEUIs.map { .string($0.hex) }),
            "acked_dev_eui": provedBy.map { .string($0.hex) } ?? .null,
            "type": .string(kind),
            "dev_addr": data.map { .string($0.devAddr.hex) } ?? .null,
            "f_cnt": data.map { .integer(Int64($0.counter)) } ?? .null,
            "f_port": data?.port.map { .integer(Int64($0)) } ?? .null,
            "frequency": .integer(Int64(message.radio.frequency)),
            "data_rate": .string(message.radio.modulation.word),
            "rssi": .number(Double(message.radio.rssi)),
            "snr": .number(Double(message.radio.snr)),
            "outdated": .bool(message.isOutdated),
            "candidates": .integer(Int64(message.micChallenge.count)),
            "phy_payload_no_mic": .string(Hex.text(message.payload)),
        ]
        if let fault { json["error"] = .string(fault.reason) }
        if case .joinRequest(let join)? = frame { json["join_eui"] = .string(join.joinEUI.hex) }
        if let gps = message.gps {
            var position: JSONObject = ["latitude": .number(gps.latitude), "longitude": .number(gps.longitude)]
            if let altitude = gps.altitude { position["altitude"] = .number(altitude) }
            json["gateway_position"] = .object(position)
        }
        return .object(json)
    }

    private var data: DataFrame? {
        guard case .data(let data)? = frame else { return nil }
        return data
    }

    private var kind: String {
        switch frame {
        case .joinRequest?: "join"
        case .rejoinRequest?: "rejoin"
        case .data(let data)?: data.isConfirmed ? "confirmed" : "unconfirmed"
        case .proprietary?: "proprietary"
        case nil: "unreadable"
        }
    }

    private var type: String {
        switch frame {
        case .joinRequest(let join)?: "join of JoinEUI \(join.joinEUI), DevNonce \(join.devNonce)"
        case .rejoinRequest(let request)?: "rejoin \(request.requestType.rawValue), count \(request.count)"
        case .data(let data)?: HeardFrame.words(kind, data)
        case .proprietary?: "proprietary, \(message.payload.count) octets"
        case nil: "unreadable: \(fault?.description ?? "")"
        }
    }

    private static func words(_ kind: String, _ data: DataFrame) -> String {
        var words = [kind]
        words.append(data.port.map { "port \($0)" } ?? "no port")
        if !data.payload.isEmpty { words.append("\(data.payload.count) octets") }
        if !data.options.isEmpty { words.append("\(data.options.count) octets of commands") }
        if data.control.ack { words.append("ACK") }
        if data.control.adr { words.append("ADR") }
        if data.control.adrAckRequest { words.append("ADRACKReq") }
        if data.control.classB { words.append("class B") }
        return words.joined(separator: ", ")
    }

    /// Hertz as megahertz with as many decimals as say it, three at least.
    private var megahertz: String {
        let kilohertz = message.radio.frequency / 1000
        let rest = message.radio.frequency % 1000
        var text = "\(kilohertz / 1000).\(HeardFrame.padded(kilohertz % 1000))"
        if rest > 0 { text += HeardFrame.padded(rest) }
        return text
    }

    private static func padded(_ number: UInt32) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// A level with one decimal.
    private static func decimals(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        return String((value * 10).rounded() / 10)
    }
}
