// SPDX-License-Identifier: Apache-2.0

/// A password or token. It shows itself as `***` wherever it is printed or dumped.
public struct Secret: Hashable, Sendable {
    /// The text, for those who send it. Never log it.
    public let revealed: String

    public init(_ text: String) {
        revealed = text
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "***" }
    public var debugDescription: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}
