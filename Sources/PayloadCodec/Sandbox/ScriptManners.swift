// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore

/// Tells scripts that change built-ins from the others.
///
/// In the shared realm built-ins are immutable, so a polyfill such as `String.prototype.pad = …` would be lost there. Such
/// a script gets a realm of its own for every call: slower, but as it was written. This is about compatibility alone:
/// nothing that is overlooked here can leave the call, because the shared realm does not let it.
enum ScriptManners {
    private static let builtIns: Set<String> = [
        "Array", "ArrayBuffer", "BigInt", "Boolean", "Buffer", "DataView", "Date", "Error", "EvalError", "Float32Array",
        "Float64Array", "Function", "Int16Array", "Int32Array", "Int8Array", "Intl", "Iterator", "JSON", "Map", "Math",
        "Number",
        "Object", "Promise", "Proxy", "RangeError", "ReferenceError", "Reflect", "RegExp", "Set", "String", "Symbol",
        "SyntaxError", "TypeError", "URIError", "Uint16Array", "Uint32Array", "Uint8Array", "Uint8ClampedArray",
        "WeakMap",
        "WeakSet", "console", "decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "escape",
        "isFinite", "isNaN",
        "parseFloat", "parseInt", "unescape",
    ]

    /// Whether the script may run in the shared realm.
    static func isPlain(_ source: String) -> Bool {
        var text = source
        return text.withUTF8 { isPlain(Scanner(text: $0)) }
    }

    /// Whether the script may have promises without naming them: then what it leaves to be done ends its turn.
    static func leavesJobs(_ source: String) -> Bool { source.mentions("async") || source.mentions("import") }

    private static func isPlain(_ scanner: Scanner) -> Bool {
        var scanner = scanner
        var previous = ""
        while let word = scanner.nextWord() {
            defer { previous = word }
            switch word {
            case "__proto__", "setPrototypeOf", "stackTraceLimit", "caller": return false
            case "prototype":
                // Through `x.constructor.prototype` any built-in can be reached.
                if scanner.isMember, previous == "constructor" { return false }
            default:
                guard builtIns.contains(word), !scanner.isMember, changes(word, previous, &scanner) else { continue }
                return false
            }
        }
        return true
    }

    /// Whether a built-in's name is followed by something that changes it or hands it on to be changed.
    private static func changes(_ word: String, _ previous: String, _ scanner: inout Scanner) -> Bool {
        var ahead = scanner
        if ahead.assignment() { return true }
        guard ahead.take(UInt8(ascii: ".")), var member = ahead.nextWord() else {
            return isHandedOn(previous, scanner)
        }
        if word == "RegExp", member != "prototype", member != "escape" { return true }
        if member == "prototype" {
            guard ahead.take(UInt8(ascii: ".")), let method = ahead.nextWord() else { return true }
            member = method
        }
        return ahead.assignment()
    }

    // `Object.assign(Math, …)`, `x = Array;`
    private static func isHandedOn(_ previous: String, _ scanner: Scanner) -> Bool {
        var ahead = scanner
        if ahead.take(UInt8(ascii: "[")) { return true }
        switch previous {
        case "assign", "defineProperty", "defineProperties": return true
        default: return scanner.followsAssignment && !scanner.isCalled
        }
    }
}

extension ScriptManners {
    /// Reads identifiers out of a script without telling comments and strings apart: what looks like a change in a comment
    /// only costs speed.
    struct Scanner {
        private let text: UnsafeBufferPointer<UInt8>
        private var offset = 0
        private var start = 0

        init(text: UnsafeBufferPointer<UInt8>) {
            self.text = text
        }

        /// The next identifier.
        mutating func nextWord() -> String? {
            while offset < text.count, !Scanner.isLetter(text[offset]) { offset += 1 }
            guard offset < text.count else { return nil }
            start = offset
            while offset < text.count, Scanner.isLetter(text[offset]) { offset += 1 }
            return String(decoding: UnsafeBufferPointer(rebasing: text[start..<offset]), as: UTF8.self)
        }

        /// Whether the last word comes after a dot.
        var isMember: Bool {
            guard let before = octet(before: start) else { return false }
            guard text[before] == UInt8(ascii: ".") else { return false }
            return before == 0 || text[before - 1] != UInt8(ascii: ".")
        }

        /// Whether the last word comes after a single `=`.
        var followsAssignment: Bool {
            guard let before = octet(before: start), text[before] == UInt8(ascii: "="), before > 0 else { return false }
            return !"=!<>".utf8.contains(text[before - 1])
        }

        /// Whether an opening parenthesis follows.
        var isCalled: Bool {
            var ahead = self
            return ahead.take(UInt8(ascii: "("))
        }

        /// Steps over that octet when it is the next one that is not white space.
        mutating func take(_ octet: UInt8) -> Bool {
            let next = indexAfterSpace(offset)
            guard next < text.count, text[next] == octet else { return false }
            offset = next + 1
            return true
        }

        /// Whether an assignment operator follows.
        func assignment() -> Bool {
            var index = indexAfterSpace(offset)
            let operators = "+-*/%&|^?<>".utf8
            var length = 0
            while index < text.count, operators.contains(text[index]), length < 3 {
                index += 1
                length += 1
            }
            guard index < text.count, text[index] == UInt8(ascii: "=") else { return false }
            if length == 1, "<>".utf8.contains(text[index - 1]) { return false }
            let next = index + 1
            return next >= text.count || (text[next] != UInt8(ascii: "=") && text[next] != UInt8(ascii: ">"))
        }

        private func octet(before index: Int) -> Int? {
            var index = index - 1
            while index >= 0, text[index] <= 0x20 { index -= 1 }
            return index >= 0 ? index : nil
        }

        private func indexAfterSpace(_ index: Int) -> Int {
            var index = index
            while index < text.count, text[index] <= 0x20 { index += 1 }
            return index
        }

        private static func isLetter(_ octet: UInt8) -> Bool {
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...0xFF:
                true
            default: false
            }
        }
    }
}

extension String {
    /// Whether the octets of a word occur anywhere in the text.
    func mentions(_ word: String) -> Bool {
        var (text, word) = (self, word)
        return text.withUTF8 { octets in
            word.withUTF8 { word in
                guard let base = octets.baseAddress, let start = word.baseAddress else { return false }
                return memmem(base, octets.count, start, word.count) != nil
            }
        }
    }
}
