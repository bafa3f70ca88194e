// SPDX-License-Identifier: Apache-2.0

/// Why stored octets cannot be read back.
public enum RecordError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Written by a version of this program that this one does not know.
    case unknownVersion(UInt8)
    /// Not what was written.
    case damaged(offset: Int)

    public var description: String {
        switch self {
        case .unknownVersion(let version): "the stored message has version \(version), which this program cannot read"
        case .damaged(let offset): "the stored message is damaged at octet \(offset)"
        }
    }
}
