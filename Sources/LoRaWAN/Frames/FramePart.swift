// SPDX-License-Identifier: Apache-2.0

/// The part of a frame that was being read.
public enum FramePart: String, Hashable, Sendable {
    case header
    case frameHeader = "frame header"
    case options = "frame options"
    case messageIntegrityCode = "message integrity code"
}
