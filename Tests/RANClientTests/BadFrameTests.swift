// SPDX-License-Identifier: Apache-2.0
import JSON
import TestSupport
import Testing

@testable import RANClient

/// What a frame may lack and what it may not, straight through the parser.
struct BadFrameTests {
    private static let radio = #""Radio":{"Frequency":1,"LoRa":{"Spreading":7,"Bandwidth":1},"RSSI":0,"SNR":0}"#
    private static let rest = #""PHYPayloadNoMIC":[1],"MICChallenge":[1]"#

    private static func frame(challenge list: String) -> String {
        #"{\#(radio),"PHYPayloadNoMIC":[1],"MICChallenge":\#(list),"DevEUIs":[1],"TransactionID":7}"#
    }

    private func decode(_ text: String, with parser: StreamParser) -> Decoded<UpstreamMessage> {
        var octets = Array(text.utf8)
        let count = octets.count
        // The padding that the parser asks for.
        octets += [UInt8](repeating: 0, count: 256)
        return octets.withUnsafeBytes { parser.upstreamMessage(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    @Test(
        "a frame that is not as documented is refused with its reason and, where readable, its transaction",
        arguments: [
            ("", nil, nil), ("{", nil, nil), ("[]", nil, nil), ("null", nil, nil), ("\u{0}", nil, nil),
            (#"{"TransactionID":7"#, nil, nil), (#"{"TransactionID":7,"#, 7, nil),
            (#"{"TransactionID" : 18446744073709551615 ,,}"#, .max, nil),
            (#"{"TransactionID":18446744073709551616,"DevEUIs":[1]}"#, nil, nil),
            (#"{"TransactionID":-1,"DevEUIs":[1]}"#, nil, nil), (#"{"TransactionID":"7"}"#, nil, nil),
            (#"{\#(radio),\#(rest),"DevEUIs":[1]}"#, nil, "TransactionID is missing"),
            (#"{\#(radio),\#(rest),"TransactionID":7}"#, 7, "DevEUIs is missing or empty"),
            (#"{\#(radio),\#(rest),"DevEUIs":[],"TransactionID":7}"#, 7, "DevEUIs is missing or empty"),
            (#"{\#(radio),\#(rest),"DevEUIs":[-1],"TransactionID":7}"#, 7, nil),
            (#"{\#(radio),\#(rest),"DevEUIs":[1.5],"TransactionID":7}"#, 7, nil),
            (#"{\#(radio),"PHYPayloadNoMIC":[256],"MICChallenge":[1],"DevEUIs":[1],"TransactionID":7}"#, 7, nil),
            (#"{\#(radio),"PHYPayloadNoMIC":"QUI=","MICChallenge":[1],"DevEUIs":[1],"TransactionID":7}"#, 7, nil),
            (#"{\#(radio),"PHYPayloadNoMIC":[1],"MICChallenge":[4294967296],"DevEUIs":[1],"TransactionID":7}"#, 7, nil),
            (
                #"{\#(radio),"PHYPayloadNoMIC":[1],"DevEUIs":[1],"TransactionID":7}"#, 7,
                "MICChallenge is missing or empty"
            ),
            (#"{\#(rest),"DevEUIs":[1],"TransactionID":7}"#, 7, "Radio is missing"),
            (#"{\#(rest),"Radio":{"Frequency":1,"RSSI":0,"SNR":0},"DevEUIs":[1],"TransactionID":7}"#, 7, nil),
            (
                #"{\#(rest),"Radio":{"Frequency":1,"LoRa":{"Spreading":7},"RSSI":0,"SNR":0},"DevEUIs":[1],"TransactionID":7}"#,
                7, nil
            ),
            (#"{\#(radio),\#(rest),"DevEUIs":[1],"Outdated":1,"TransactionID":7}"#, 7, "Outdated is not a truth value"),
            (#"{\#(radio),\#(rest),"DevEUIs":[1],"GPS":{"Lat":1},"TransactionID":7}"#, 7, "GPS lacks Lat or Lng"),
            (#"{\#(radio),\#(rest),"DevEUIs":[1],"TransactionID":7} x"#, 7, nil),
            (#"{\#(radio),\#(rest),"DevEUIs":[1],"TransactionID":7} {}"#, 7, nil),
        ] as [(String, UInt64?, String?)]
    )
    func bad(text: String, transactionID: UInt64?, reason: String?) {
        guard case .bad(let said, let found) = decode(text, with: StreamParser(maximumMessageBytes: 1 << 20)) else {
            Issue.record("\(text) was accepted")
            return
        }
        #expect(found == transactionID)
        #expect(!said.isEmpty)
        if let reason { #expect(said == reason) }
    }

    @Test(
        "what is optional may be null or absent, whole numbers may have a point, unknown members are ignored",
        arguments: [
            #"{\#(radio),\#(rest),"DevEUIs":[1],"TransactionID":7,"X":"\"MICChallenge\":[2]"}"#,
            #"{"X":{"MICChallenge":[2,3]},\#(radio),\#(rest),"DevEUIs":[1],"TransactionID":7}"#,
            #"{"a\"MICChallenge":[2],\#(radio),\#(rest),"DevEUIs":[1],"TransactionID":7}"#,
            #"{\#(radio),\#(rest),"DevEUIs":[18446744073709551615],"TransactionID":18446744073709551615}"#,
            #"{\#(radio),\#(rest),"DevEUIs":[1],"TransactionID":7,"Outdated":null,"GPS":null,"X":{"Y":[{}]}}"#,
            #"{\#(rest),"DevEUIs":[1],"TransactionID":7,"Radio":{"Frequency":868100000.0,"LoRa":null,"FSK":null,"#
                + #""FHSS":{"Ocw":1,"CodingRate":"1/3"},"RSSI":-1e2,"SNR":-0.5}}"#,
        ]
    )
    func good(text: String) {
        guard case .message(let message) = decode(text, with: StreamParser(maximumMessageBytes: 1 << 20)) else {
            Issue.record("\(text) was refused")
            return
        }
        #expect(message.micChallenge == [1])
    }

    @Test(
        "a challenge that is not a list of whole numbers of 32 bits is refused",
        arguments: [
            "[007]", "[1,]", "[1,,2]", "[,1]", "[1", "[1 2]", "[42949672950]", "[4294967296]", "[-1]", "[1x]", "[[1]]",
            "7", "[1.5]", "[true]", "[]", "[ ]", "{}", "[null]", "null",
        ]
    )
    func badChallenge(list: String) {
        let parser = StreamParser(maximumMessageBytes: 1000)
        guard case .bad(_, 7) = decode(BadFrameTests.frame(challenge: list), with: parser) else {
            Issue.record("\(list) was accepted")
            return
        }
    }

    @Test(
        "candidates of one to ten digits are read as they are, with and without blanks",
        arguments: [",", ", ", " , ", ",\n\t"]
    )
    func challenge(separator: String) {
        var numbers: [UInt32] = [0, 9, 10, .max]
        var generator = SeededGenerator(seed: 2)
        for bits in 1...32 {
            for _ in 0..<64 { numbers.append(.random(in: 0...(.max >> (32 - bits)), using: &generator)) }
        }
        let list = numbers.map(String.init).joined(separator: separator)
        let parser = StreamParser(maximumMessageBytes: 1 << 20)
        guard case .message(let message) = decode(BadFrameTests.frame(challenge: "[\(list)]"), with: parser) else {
            Issue.record("refused: \(list)")
            return
        }
        #expect(message.micChallenge == numbers)
    }

    @Test(
        "blanks in a challenge mean nothing",
        arguments: ["[1, 2,34]", "[1,2, 34]", "[ 1,2,34]", "[1,2,34 ]", "[1 ,2,34]", "[1,\n2,\t34]", "[1,  2,34]"]
    )
    func blanks(list: String) {
        let parser = StreamParser(maximumMessageBytes: 1000)
        guard case .message(let message) = decode(BadFrameTests.frame(challenge: list), with: parser) else {
            Issue.record("refused: \(list)")
            return
        }
        #expect(message.micChallenge == [1, 2, 34])
    }

    @Test("a long challenge with one fault in it is refused, wherever the fault is", arguments: 0..<80)
    func faultInChallenge(position: Int) {
        let parser = StreamParser(maximumMessageBytes: 1 << 20)
        for fault in ["", "x", "1 ", "-1", "01", "4294967296", "12345678901", "99999999999999999999", "1:", "/9", "1]"]
        {
            var numbers = (0..<80).map { String(1 << ($0 % 32)) }
            numbers[position] = fault
            let list = numbers.joined(separator: position.isMultiple(of: 2) ? "," : ", ")
            let result = decode(BadFrameTests.frame(challenge: "[\(list)]"), with: parser)
            if fault == "1 " {
                // A blank before a comma is JSON.
                guard case .message = result else {
                    Issue.record("refused: \(list)")
                    return
                }
            } else if case .message = result {
                Issue.record("accepted: \(list)")
            }
        }
    }

    @Test("a challenge may be cut off anywhere, with what looks like its rest behind the end")
    func cutChallenge() {
        let list = (0..<70).map { String(UInt32.max >> ($0 % 32)) }.joined(separator: ",")
        let whole = Array(#"{"TransactionID":7,"MICChallenge":[\#(list)],"X":1}"#.utf8)
        let parser = StreamParser(maximumMessageBytes: 1 << 20)
        for count in 40..<whole.count {
            whole.withUnsafeBytes { bytes in
                // What follows the end here is the rest of the text, where a reader may look but not believe it.
                let padded = Array(bytes) + [UInt8](repeating: 0x31, count: 64)
                padded.withUnsafeBytes { text in
                    guard case .bad(_, 7) = parser.upstreamMessage(UnsafeRawBufferPointer(rebasing: text[..<count]))
                    else {
                        Issue.record("accepted at \(count)")
                        return
                    }
                }
            }
        }
    }

    @Test("a parser goes on after bad frames, and a frame above its capacity is refused")
    func reuse() {
        let parser = StreamParser(maximumMessageBytes: 1000)
        let good = "{\(BadFrameTests.radio),\(BadFrameTests.rest),\"DevEUIs\":[1],\"TransactionID\":7}"
        for _ in 0..<3 {
            guard case .bad = decode("{\"TransactionID\":", with: parser),
                case .message = decode(good, with: parser),
                case .bad(_, 7) = decode(good + String(repeating: " ", count: 1000), with: parser)
            else {
                Issue.record("a parser must judge each frame by itself")
                return
            }
        }
    }
}
