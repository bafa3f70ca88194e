// SPDX-License-Identifier: Apache-2.0

/// One call of `console.log` in a formatter.
public struct CodecLog: Hashable, Sendable {
    /// The function that wrote it, such as `Decoder`.
    public let function: String
    /// The JSON text of each argument.
    public let fields: [String]

    public init(function: String, fields: [String]) {
        self.function = function
        self.fields = fields
    }
}

/// The result of one function of a formatter.
public struct CodecStep: Hashable, Sendable {
    /// The function's name.
    public let function: String
    /// Its result as JSON text.
    public let resultJSON: [UInt8]

    public init(function: String, resultJSON: [UInt8]) {
        self.function = function
        self.resultJSON = resultJSON
    }
}
