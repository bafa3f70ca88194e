// SPDX-License-Identifier: Apache-2.0

/// What application and device ids may look like.
public enum IdentifierRule: Hashable, Sendable {
    /// `^[0-9a-z](?:[_-]?[0-9a-z]){1,35}$`: 2 to 36 letters and digits, which single `-` or `_` may part.
    case v2
    /// `^[a-z0-9](?:[-]?[a-z0-9]){2,}$` in at most 36 characters: as The Things Stack wants them.
    case v3

    /// The rule that serves these formats at once: v2's, unless v3 is spoken alone.
    public init(serving formats: Set<TTNFormat>) {
        self = formats == [.v3] ? .v3 : .v2
    }

    /// Whether the text may be an id.
    public func allows(_ text: String) -> Bool { fault(in: text) == nil }

    /// Checks a text and says what is wrong with it. `what` names it in the sentence: "device id".
    public func check(_ text: String, as what: String) throws(IdentifierError) {
        if let fault = fault(in: text) { throw IdentifierError(what: what, text: text, fault: fault) }
    }

    private func fault(in text: String) -> IdentifierError.Fault? {
        let characters = Array(text.utf8)
        guard let first = characters.first, let last = characters.last else { return .empty }
        var alphanumerics = 0
        var previousParts = false
        for character in characters {
            let parts = isSeparator(character)
            guard parts || isAlphanumeric(character) else { return .character }
            if parts, previousParts { return .separator }
            if !parts { alphanumerics += 1 }
            previousParts = parts
        }
        if isSeparator(first) || isSeparator(last) { return .separator }
        switch self {
        case .v2:
            if alphanumerics < 2 { return .tooShort(minimum: 2) }
            if alphanumerics > 36 { return .tooLong(maximum: 36) }
        case .v3:
            if alphanumerics < 3 { return .tooShort(minimum: 3) }
            if characters.count > 36 { return .tooLong(maximum: 36) }
        }
        return nil
    }

    private func isAlphanumeric(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    private func isSeparator(_ character: UInt8) -> Bool {
        character == UInt8(ascii: "-") || self == .v2 && character == UInt8(ascii: "_")
    }
}

/// Why a text is no id.
public struct IdentifierError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the text was meant to be.
    public let what: String
    public let text: String
    public let fault: Fault

    /// What is wrong with it.
    public enum Fault: Hashable, Sendable {
        case empty
        /// A character that is neither a lower case letter, nor a digit, nor a separator of the rule.
        case character
        /// A separator at an end, or two in a row.
        case separator
        case tooShort(minimum: Int)
        case tooLong(maximum: Int)
    }

    public var description: String {
        switch fault {
        case .empty: "the \(what) is empty"
        case .character: "the \(what) \"\(text)\" may hold only lower case letters, digits and single separators"
        case .separator: "the \(what) \"\(text)\" may have only single separators, between letters or digits"
        case .tooShort(let minimum): "the \(what) \"\(text)\" is too short: at least \(minimum) letters or digits"
        case .tooLong(let maximum): "the \(what) \"\(text)\" is too long: at most \(maximum)"
        }
    }
}
