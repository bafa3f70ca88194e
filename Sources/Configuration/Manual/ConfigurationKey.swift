// SPDX-License-Identifier: Apache-2.0

/// What the manual says of one key.
public struct ConfigurationKey: Hashable, Sendable {
    /// Such as `coverages[].url`, where `[]` stands for the elements of a list.
    public var path: String
    /// What may be written, with unit and range.
    public var type: String
    /// What holds when it is not given: YAML, or words; nil where the key must be given.
    public var defaultValue: String?
    /// What the full configuration shows, as YAML; nil when that is the default.
    var example: String?
    /// What it does, and why one would change it.
    public var reason: String

    init(_ path: String, _ type: String, default value: String? = nil, example: String? = nil, _ reason: String) {
        self.path = path
        self.type = type
        defaultValue = value
        self.example = example
        self.reason = reason
    }

    /// The last part of the path.
    var name: Substring { path.split(separator: ".").last ?? "" }

    /// Whether it is written as a comment: it has no default, and the configuration is whole without it.
    var isCommentedOut: Bool { defaultValue != nil && example != nil }
}
