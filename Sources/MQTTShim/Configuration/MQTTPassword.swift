// SPDX-License-Identifier: Apache-2.0

/// A password that never shows itself: its description is `***`.
public struct MQTTPassword: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// The text, for the library alone.
    let revealed: String

    public init(_ password: String) { revealed = password }
    public init(stringLiteral value: String) { revealed = value }

    public var description: String { "***" }
    public var debugDescription: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
