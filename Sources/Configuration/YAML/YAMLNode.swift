// SPDX-License-Identifier: Apache-2.0

/// One value of a YAML document, with where it begins. Scalars stay the text they were written as.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        case scalar(String, Style)
        case sequence([YAMLNode])
        case mapping([Member])
    }

    enum Style: Sendable {
        /// Without quotes: may stand for a number, a truth value or nothing.
        case plain
        /// In quotes, or as a block: a text.
        case text
    }

    struct Member: Sendable {
        var key: String
        var keyMark: YAMLMark
        var value: YAMLNode
    }

    var content: Content
    var mark: YAMLMark

    /// What it is, for people.
    var kind: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a group of keys"
        }
    }

    /// Whether it is an empty place, `~` or `null`: a key without a value is a key that was not given.
    var isNull: Bool {
        guard case .scalar(let text, .plain) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The value of a key, if this is a mapping that has it.
    func member(_ key: String) -> YAMLNode? {
        guard case .mapping(let members) = content else { return nil }
        return members.first { $0.key == key }?.value
    }
}

/// A place in a file; both figures from 1.
struct YAMLMark: Hashable, Sendable, Comparable {
    var line: Int
    var column: Int

    static func < (left: YAMLMark, right: YAMLMark) -> Bool { (left.line, left.column) < (right.line, right.column) }
}

/// Why a text is not the YAML that a configuration may be.
struct YAMLProblem: Error {
    var mark: YAMLMark
    var message: String
}
