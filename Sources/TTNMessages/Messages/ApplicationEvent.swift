// SPDX-License-Identifier: Apache-2.0

/// An event of an application as a whole, on `<app>/events/<name>`. Only v2 has these.
public struct ApplicationEvent: Hashable, Sendable {
    public var applicationID: String
    /// Levels of the topic after `events/`, of `a-z`, `0-9` and `/`.
    public var name: String
    /// JSON text.
    public var body: [UInt8]

    public init(applicationID: String, name: String, body: [UInt8]) {
        self.applicationID = applicationID
        self.name = name
        self.body = body
    }
}
