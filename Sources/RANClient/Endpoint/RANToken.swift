// SPDX-License-Identifier: Apache-2.0

/// The access token of one coverage. It describes itself as `***` and leaves the process only inside requests.
public struct RANToken: Hashable, Sendable {
    /// The secret itself, for requests only.
    let secret: String

    /// - Throws: `RANError.invalidParameter` when the text is empty or holds blanks or control characters, which no header
    ///   can carry.
    public init(_ text: String) throws(RANError) {
        guard !text.isEmpty else {
            throw .invalidParameter(name: "token", problem: "is empty; ask the operator of the coverage for one")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalidParameter(name: "token", problem: "holds a blank, a control or a non-ASCII character")
        }
        secret = text
    }

    /// The text without the token in it, plain or as a URL writes it: for what servers and libraries say.
    func scrubbing(_ text: String) -> String {
        [secret, percentEncoded(uppercase: true), percentEncoded(uppercase: false)].uniqued().reduce(text) {
            $0.replacing($1, with: "***")
        }
    }

    private func percentEncoded(uppercase: Bool) -> String {
        secret.utf8.reduce(into: "") { result, octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(octet))
            default:
                let digits = String(octet, radix: 16, uppercase: uppercase)
                result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
    }
}

extension RANToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "***" }
    public var debugDescription: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
