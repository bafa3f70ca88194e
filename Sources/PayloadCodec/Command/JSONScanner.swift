// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// Steps over JSON values without making anything of them; nesting costs an octet a level, no recursion.
struct JSONScanner {
    /// Where and why a text is not JSON.
    struct Fault: Error {
        let message: String
        let offset: Int
    }

    private let octets: ArraySlice<UInt8>
    private var index: Int

    init(_ octets: ArraySlice<UInt8>) {
        self.octets = octets
        index = octets.startIndex
    }

    /// Steps over a whole text that is one object; `member` gets the name and the place of each value.
    mutating func object(_ member: (String, Range<Int>) -> Void) throws(Fault) {
        skipSpace()
        try expect(UInt8(ascii: "{"), "an object")
        skipSpace()
        if next == UInt8(ascii: "}") {
            index += 1
        } else {
            while true {
                let start = index
                try skipName()
                let name = JSONScanner.string(octets[start..<nameEnd]) ?? ""
                skipSpace()
                let value = index
                try skipValue()
                member(name, value..<index)
                skipSpace()
                if next == UInt8(ascii: ",") {
                    index += 1
                    skipSpace()
                    continue
                }
                try expect(UInt8(ascii: "}"), "a comma or the end of the object")
                break
            }
        }
        skipSpace()
        guard next == nil else { throw fault("more text after the value") }
    }

    /// The string that a JSON string's text means.
    static func string(_ text: ArraySlice<UInt8>) -> String? {
        if text.count >= 2, !text.contains(UInt8(ascii: "\\")) {
            return String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
        }
        return (try? JSONValue(parsing: text))?.text
    }

    private var nameEnd = 0

    private mutating func skipName() throws(Fault) {
        guard next == UInt8(ascii: "\"") else { throw fault("a member's name expected") }
        try skipString()
        nameEnd = index
        skipSpace()
        try expect(UInt8(ascii: ":"), "a colon")
    }

    private mutating func skipValue() throws(Fault) {
        // The closing octets of what is open.
        var open: [UInt8] = []
        repeat {
            skipSpace()
            switch next {
            case UInt8(ascii: "{"):
                index += 1
                skipSpace()
                guard next == UInt8(ascii: "}") else {
                    open.append(UInt8(ascii: "}"))
                    try skipName()
                    continue
                }
                index += 1
            case UInt8(ascii: "["):
                index += 1
                skipSpace()
                guard next == UInt8(ascii: "]") else {
                    open.append(UInt8(ascii: "]"))
                    continue
                }
                index += 1
            case UInt8(ascii: "\""): try skipString()
            case UInt8(ascii: "t"): try skipWord("true")
            case UInt8(ascii: "f"): try skipWord("false")
            case UInt8(ascii: "n"): try skipWord("null")
            default: try skipNumber()
            }
            try closeEnded(&open)
        } while !open.isEmpty
    }

    /// After a value: ends what it completes, or steps to the next value of what is open.
    private mutating func closeEnded(_ open: inout [UInt8]) throws(Fault) {
        while let closing = open.last {
            skipSpace()
            if next == closing {
                index += 1
                open.removeLast()
                continue
            }
            try expect(UInt8(ascii: ","), "a comma")
            if closing == UInt8(ascii: "}") {
                skipSpace()
                try skipName()
            }
            return
        }
    }

    private mutating func skipString() throws(Fault) {
        index += 1
        while let octet = next {
            index += 1
            switch octet {
            case UInt8(ascii: "\""): return
            case UInt8(ascii: "\\"):
                guard let escaped = next, "\"\\/bfnrtu".utf8.contains(escaped) else { throw fault("an unknown escape") }
                index += 1
                guard escaped == UInt8(ascii: "u") else { continue }
                for _ in 0..<4 {
                    guard let digit = next, JSONScanner.isHex(digit) else { throw fault("four hex digits expected") }
                    index += 1
                }
            case 0..<0x20: throw fault("a control character in a string needs a \\u escape")
            default: break
            }
        }
        throw fault("the text ends too early")
    }

    private mutating func skipWord(_ word: StaticString) throws(Fault) {
        for position in 0..<word.utf8CodeUnitCount {
            guard next == word.utf8Start[position] else { throw fault("\(word) expected") }
            index += 1
        }
    }

    private mutating func skipNumber() throws(Fault) {
        if next == UInt8(ascii: "-") { index += 1 }
        if next == UInt8(ascii: "0") {
            index += 1
            guard !skipDigits() else { throw fault("a number must not begin with 0") }
        } else if !skipDigits() {
            throw fault(next == nil ? "the text ends too early" : "a value expected")
        }
        if next == UInt8(ascii: ".") {
            index += 1
            guard skipDigits() else { throw fault("a digit expected") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            index += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
            guard skipDigits() else { throw fault("a digit expected") }
        }
    }

    private mutating func skipDigits() -> Bool {
        let start = index
        while let octet = next, (0x30...0x39).contains(octet) { index += 1 }
        return index > start
    }

    private mutating func skipSpace() {
        while let octet = next, octet == 0x20 || octet == 0x09 || octet == 0x0A || octet == 0x0D { index += 1 }
    }

    private mutating func expect(_ octet: UInt8, _ what: String) throws(Fault) {
        guard next == octet else { throw fault(next == nil ? "the text ends too early" : "\(what) expected") }
        index += 1
    }

    private var next: UInt8? { index < octets.endIndex ? octets[index] : nil }

    private func fault(_ message: String) -> Fault { Fault(message: message, offset: index) }

    private static func isHex(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x41...0x46).contains(octet) || (0x61...0x66).contains(octet)
    }
}
