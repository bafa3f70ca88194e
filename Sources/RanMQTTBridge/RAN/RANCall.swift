// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import RANClient

/// A `ran` command under way: its words, whom it speaks to, and how it answers.
struct RANCall: Sendable {
    let arguments: Arguments
    let access: RANAccess
    let client: RANClient

    /// For scripts.
    var isJSON: Bool { arguments.flags.contains("--json") }

    // MARK: - Words

    /// The words that are no options, at least that many of them and at most.
    func words(_ range: ClosedRange<Int>, _ what: String) throws(UsageError) -> [String] {
        let words = arguments.positional
        guard words.count >= range.lowerBound else { throw UsageError("\(what) is missing") }
        guard words.count <= range.upperBound else {
            throw UsageError("'\(words[range.upperBound])' is one word too many")
        }
        return words
    }

    /// All words as DevEUIs.
    func devEUIs(_ words: some Sequence<String>) throws(UsageError) -> [EUI64] {
        var devEUIs: [EUI64] = []
        for word in words { devEUIs.append(try RANCall.eui(word, "DevEUI")) }
        return devEUIs
    }

    /// All words as addresses.
    func addresses(_ words: some Sequence<String>) throws(UsageError) -> [DevAddr] {
        var addresses: [DevAddr] = []
        for word in words { addresses.append(try RANCall.devAddr(word, "address")) }
        return addresses
    }

    static func eui(_ text: String, _ what: String) throws(UsageError) -> EUI64 {
        guard let eui = EUI64(hex: text.filter { !"-: ".contains($0) }) else {
            throw UsageError("'\(text)' is no \(what): 16 hexadecimal digits, such as 70b3d57ed0000001")
        }
        return eui
    }

    static func devAddr(_ text: String, _ what: String) throws(UsageError) -> DevAddr {
        guard let address = DevAddr(hex: text) else {
            throw UsageError("'\(text)' is no \(what): 8 hexadecimal digits, such as 26011a01")
        }
        return address
    }

    func eui(option name: String) throws(UsageError) -> EUI64? {
        guard let text = arguments.options[name] else { return nil }
        return try RANCall.eui(text, "value of \(name)")
    }

    func devAddr(option name: String) throws(UsageError) -> DevAddr? {
        guard let text = arguments.options[name] else { return nil }
        return try RANCall.devAddr(text, "value of \(name)")
    }

    func integer(option name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = arguments.options[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError("\(name) is a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }

    // MARK: - Answers

    /// Prints a result: an object or a list for scripts, lines for people.
    func answer(_ json: @autoclosure () -> JSONValue, _ text: @autoclosure () -> String) {
        Console.print(isJSON ? json().jsonText : text())
    }

    /// Asks before something is destroyed, unless `--yes` was given. False ends the command.
    func isConfirmed(_ question: String) throws(UsageError) -> Bool {
        let isConfirmed = try Confirmation.ask(question, isGiven: arguments.flags.contains("--yes"))
        if !isConfirmed { Console.complain("nothing was done") }
        return isConfirmed
    }
}
