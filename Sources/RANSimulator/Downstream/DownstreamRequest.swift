// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// A Downstream or MulticastDownstream message of a client, fully checked.
struct DownstreamRequest {
    enum Target {
        case device(EUI64)
        case group(DevAddr)
    }

    enum Timing {
        /// Seconds after the last acknowledged upstream message, 1 to 15.
        case delay(UInt8)
        /// GPS times in milliseconds, 1 to 8 of them.
        case tmms([UInt64])
        case deadline(UInt64)
    }

    var transactionID: UInt64
    var target: Target
    var targetDevAddr: DevAddr?
    var frequency: UInt64
    var modulation: Modulation
    var timing: Timing
    var phyPayload: [UInt8]

    /// Why a message is refused; the id when it could be read.
    struct Refusal: Error {
        var transactionID: UInt64?
        var sentence: String
    }

    init(_ message: [UInt8]) throws(Refusal) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: message)
        } catch {
            throw Refusal(sentence: "the message is \(error)")
        }
        guard let transactionID = value["TransactionID"]?.unsignedNumber, transactionID > 0 else {
            throw Refusal(sentence: "TransactionID must be a whole number above 0")
        }
        self.transactionID = transactionID
        func refusal(_ sentence: String) -> Refusal { Refusal(transactionID: transactionID, sentence: sentence) }

        guard value["ProtocolVersion"]?.unsignedNumber == 1 else {
            throw refusal("ProtocolVersion must be 1")
        }
        switch (value["DevEUI"], value["Addr"]) {
        case (let devEUI?, nil):
            guard let number = devEUI.unsignedNumber else { throw refusal("DevEUI must be an unsigned 64-bit number") }
            target = .device(EUI64(rawValue: number))
        case (nil, let address?):
            guard let number = address.unsignedNumber.flatMap({ UInt32(exactly: $0) }) else {
                throw refusal("Addr must be an unsigned 32-bit number")
            }
            target = .group(DevAddr(rawValue: number))
        default: throw refusal("exactly one of DevEUI and Addr must be there")
        }
        guard let elements = value["PHYPayload"]?.elements, !elements.isEmpty, elements.count <= 255 else {
            throw refusal("PHYPayload must be an array of 1 to 255 octets")
        }
        phyPayload = elements.compactMap { $0.unsignedNumber.flatMap { UInt8(exactly: $0) } }
        guard phyPayload.count == elements.count else { throw refusal("PHYPayload holds something that is no octet") }
        guard let window = value["TxWindow"], window.object != nil else { throw refusal("TxWindow must be an object") }
        guard let radio = window["Radio"], radio.object != nil else {
            throw refusal("TxWindow.Radio must be an object")
        }
        guard let frequency = radio["Frequency"]?.unsignedNumber, frequency > 0 else {
            throw refusal("Radio.Frequency must be a whole number of hertz")
        }
        self.frequency = frequency
        do {
            modulation = try DownstreamRequest.modulation(radio)
            timing = try DownstreamRequest.timing(window)
        } catch {
            throw refusal(error.sentence)
        }
        if let address = value["TargetDevAddr"] {
            guard let number = address.unsignedNumber.flatMap({ UInt32(exactly: $0) }) else {
                throw refusal("TargetDevAddr must be an unsigned 32-bit number")
            }
            targetDevAddr = DevAddr(rawValue: number)
        }
        switch target {
        case .device:
            if phyPayload[0] >> 5 == 1, targetDevAddr == nil {
                throw refusal("TargetDevAddr must be there with a join accept")
            }
        case .group:
            if targetDevAddr != nil { throw refusal("TargetDevAddr has no place in a multicast message") }
            if case .delay = timing { throw refusal("Delay has no place in a multicast message") }
        }
    }

    private static func modulation(_ radio: JSONValue) throws(ReplyError) -> Modulation {
        let present = ["LoRa", "FSK", "FHSS"].filter { radio[$0] != nil }
        guard present.count == 1, let name = present.first, let value = radio[name], value.object != nil else {
            throw ReplyError(sentence: "Radio must hold exactly one of LoRa, FSK and FHSS")
        }
        func number(_ key: String) -> UInt32? { value[key]?.unsignedNumber.flatMap { UInt32(exactly: $0) } }
        switch name {
        case "LoRa":
            guard let spreading = number("Spreading"), (5...12).contains(spreading),
                let bandwidth = number("Bandwidth"), bandwidth > 0
            else {
                throw ReplyError(sentence: "LoRa needs Spreading from 5 to 12 and Bandwidth in hertz")
            }
            return .lora(spreading: UInt8(spreading), bandwidth: bandwidth)
        case "FSK":
            guard let deviation = number("FrequencyDeviation"), let bitRate = number("BitRate"),
                deviation > 0, bitRate > 0
            else {
                throw ReplyError(sentence: "FSK needs FrequencyDeviation and BitRate")
            }
            return .fsk(deviation: deviation, bitRate: bitRate)
        default:
            guard let width = number("Ocw") ?? number("OCW"), width > 0, let codingRate = value["CodingRate"]?.text
            else {
                throw ReplyError(sentence: "FHSS needs Ocw and CodingRate")
            }
            return .fhss(occupiedWidth: width, codingRate: codingRate)
        }
    }

    private static func timing(_ window: JSONValue) throws(ReplyError) -> Timing {
        let present = ["Delay", "TMMS", "Deadline"].filter { window[$0] != nil }
        guard present.count == 1, let name = present.first, let value = window[name] else {
            throw ReplyError(sentence: "TxWindow must hold exactly one of Delay, TMMS and Deadline")
        }
        switch name {
        case "Delay":
            guard let delay = value.unsignedNumber, (1...15).contains(delay) else {
                throw ReplyError(sentence: "Delay must be 1 to 15 seconds")
            }
            return .delay(UInt8(delay))
        case "TMMS":
            let times = (value.elements ?? []).compactMap(\.unsignedNumber)
            guard (1...8).contains(times.count), times.count == value.elements?.count else {
                throw ReplyError(sentence: "TMMS must be an array of 1 to 8 GPS times in milliseconds")
            }
            return .tmms(times)
        default:
            guard let deadline = value.unsignedNumber, deadline > 0 else {
                throw ReplyError(sentence: "Deadline must be a whole number above 0")
            }
            return .deadline(deadline)
        }
    }
}
