// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// What a client sends on an upstream socket.
enum ClientReply {
    case ack(transactionID: UInt64, devEUI: EUI64, mic: UInt32)
    case reject(transactionID: UInt64, code: String, message: String?)

    /// Reads a reply. The error is what is wrong with it.
    init(_ message: Span<UInt8>) throws(ReplyError) {
        if let quick = ClientReply(quick: message) {
            self = quick
            return
        }
        var octets: [UInt8] = []
        octets.reserveCapacity(message.count)
        for index in message.indices { octets.append(message[index]) }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: octets)
        } catch {
            throw ReplyError(sentence: "the reply is \(error)")
        }
        guard value.object != nil else { throw ReplyError(sentence: "the reply is not an object") }
        guard let version = value["ProtocolVersion"]?.unsignedNumber, version > 0 else {
            throw ReplyError(sentence: "ProtocolVersion must be a number above 0")
        }
        guard let transactionID = value["TransactionID"]?.unsignedNumber else {
            throw ReplyError(sentence: "TransactionID must be an unsigned 64-bit number")
        }
        if let code = value["ResultCode"] {
            guard let code = code.text, code == "MICFailed" || code == "Other" else {
                throw ReplyError(sentence: "ResultCode must be MICFailed or Other")
            }
            if let message = value["ResultMessage"], message.text == nil {
                throw ReplyError(sentence: "ResultMessage must be a string when it is there")
            }
            self = .reject(transactionID: transactionID, code: code, message: value["ResultMessage"]?.text)
            return
        }
        guard let devEUI = value["DevEUI"]?.unsignedNumber else {
            throw ReplyError(sentence: "DevEUI must be an unsigned 64-bit number")
        }
        guard let mic = value["MIC"]?.unsignedNumber.flatMap({ UInt32(exactly: $0) }) else {
            throw ReplyError(sentence: "MIC must be an unsigned 32-bit number")
        }
        self = .ack(transactionID: transactionID, devEUI: EUI64(rawValue: devEUI), mic: mic)
    }

    /// Reads an ack of the usual form, a flat object of the four numbers, without building a JSON value. Nil for
    /// anything else, which is then read in full.
    private init?(quick message: Span<UInt8>) {
        var reader = FlatReader()
        guard reader.skip(UInt8(ascii: "{"), in: message) else { return nil }
        var version: UInt64?
        var transactionID: UInt64?
        var devEUI: UInt64?
        var mic: UInt64?
        repeat {
            guard let key = reader.key(in: message), let number = reader.number(in: message) else { return nil }
            switch key {
            case FlatReader.hash("ProtocolVersion"): version = number
            case FlatReader.hash("TransactionID"): transactionID = number
            case FlatReader.hash("DevEUI"): devEUI = number
            case FlatReader.hash("MIC"): mic = number
            default: return nil
            }
        } while reader.skip(UInt8(ascii: ","), in: message)
        guard reader.skip(UInt8(ascii: "}"), in: message), reader.isAtEnd(of: message), let version, version > 0,
            let transactionID, let devEUI,
            let mic, let mic = UInt32(exactly: mic)
        else { return nil }
        self = .ack(transactionID: transactionID, devEUI: EUI64(rawValue: devEUI), mic: mic)
    }
}

/// What is wrong with a client's message.
struct ReplyError: Error {
    var sentence: String
}

/// Steps through a flat JSON object of plain keys and whole numbers. The text is lent to each step.
private struct FlatReader {
    private var index = 0

    static func hash(_ key: StaticString) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for offset in 0..<key.utf8CodeUnitCount { hash = (hash ^ UInt64(key.utf8Start[offset])) &* 0x100_0000_01B3 }
        return hash
    }

    mutating func isAtEnd(of text: Span<UInt8>) -> Bool {
        skipBlanks(in: text)
        return index == text.count
    }

    mutating func skip(_ character: UInt8, in text: Span<UInt8>) -> Bool {
        skipBlanks(in: text)
        guard index < text.count, text[index] == character else { return false }
        index += 1
        return true
    }

    /// The hash of a quoted key without escapes, and the colon behind it.
    mutating func key(in text: Span<UInt8>) -> UInt64? {
        guard skip(UInt8(ascii: "\""), in: text) else { return nil }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        while index < text.count, text[index] != UInt8(ascii: "\"") {
            guard text[index] != UInt8(ascii: "\\") else { return nil }
            hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01B3
            index += 1
        }
        return skip(UInt8(ascii: "\""), in: text) && skip(UInt8(ascii: ":"), in: text) ? hash : nil
    }

    mutating func number(in text: Span<UInt8>) -> UInt64? {
        skipBlanks(in: text)
        let start = index
        var value: UInt64 = 0
        while index < text.count, text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") {
            let (scaled, isTooBig) = value.multipliedReportingOverflow(by: 10)
            let (sum, isOver) = scaled.addingReportingOverflow(UInt64(text[index] - UInt8(ascii: "0")))
            guard !isTooBig, !isOver else { return nil }
            value = sum
            index += 1
        }
        return index > start && (index == start + 1 || text[start] != UInt8(ascii: "0")) ? value : nil
    }

    private mutating func skipBlanks(in text: Span<UInt8>) {
        while index < text.count,
            text[index] == 0x20 || text[index] == 0x09 || text[index] == 0x0A || text[index] == 0x0D
        {
            index += 1
        }
    }
}
