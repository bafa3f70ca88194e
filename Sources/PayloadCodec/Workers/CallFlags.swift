// SPDX-License-Identifier: Apache-2.0

/// How a call is to be done, in the octet that a worker reads.
struct CallFlags: Hashable, Sendable {
    let rawValue: UInt8

    init(_ call: DecodeCall) {
        rawValue = call.flavours.rawValue & 3 | (call.isDryRun ? 4 : 0) | (call.isDownlink ? 8 : 0)
    }

    init(_ call: EncodeCall) {
        rawValue = call.flavour.rawValue & 3 | (call.isDryRun ? 4 : 0)
    }

    var flavours: CodecFlavours { CodecFlavours(rawValue: rawValue & 3) }
    var isDownlink: Bool { rawValue & 8 != 0 }
}
