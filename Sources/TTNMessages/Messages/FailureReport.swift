// SPDX-License-Identifier: Apache-2.0

/// Why something was refused or failed: a sentence for people, a stable word for programs, and the figures behind it.
public struct FailureReport: Hashable, Sendable, CustomStringConvertible {
    /// Shown as `error`.
    public var sentence: String
    /// A stable lower_snake word, shown as `reason`; all are listed in `docs/outcomes.md`.
    public var reason: String
    /// The member of the request that is wrong, such as `downlinks[1].f_port`.
    public var field: String?
    /// Shown as further members under their own names, in this order.
    public var figures: [Figure]

    public init(_ sentence: String, reason: String, field: String? = nil, figures: [Figure] = []) {
        self.sentence = sentence
        self.reason = reason
        self.field = field
        self.figures = figures
    }

    public var description: String { sentence }

    /// One figure behind a failure, such as the frame counter and the last one accepted.
    public struct Figure: Hashable, Sendable {
        /// A lower_snake name that is a valid identifier in common languages.
        public var name: String
        public var value: Value

        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }

        /// A whole number.
        public init(_ name: String, _ value: some BinaryInteger) {
            self.init(name, .integer(Int64(clamping: value)))
        }

        /// A text, such as a DevEUI.
        public init(_ name: String, _ value: String) {
            self.init(name, .text(value))
        }
    }

    /// A figure's value.
    public enum Value: Hashable, Sendable {
        case integer(Int64)
        case number(Double)
        case text(String)
    }
}
