// SPDX-License-Identifier: Apache-2.0

/// Why octets are not Cayenne LPP, or fields cannot become it.
public enum CayenneLPPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The type number is not in the table.
    case unknownType(UInt8, offset: Int)
    /// The payload ends inside the value that begins at `offset`.
    case truncated(offset: Int)
    /// The fields are not a JSON object.
    case notAnObject(String)

    /// A stable word.
    public var reason: String {
        switch self {
        case .unknownType: "unknown_type"
        case .truncated: "truncated"
        case .notAnObject: "not_an_object"
        }
    }

    public var description: String {
        switch self {
        case .unknownType(let number, let offset): "Cayenne LPP has no data type \(number) (octet \(offset))"
        case .truncated(let offset): "the Cayenne LPP value that begins at octet \(offset) is cut short"
        case .notAnObject(let detail): "the fields are not a JSON object: \(detail)"
        }
    }
}
