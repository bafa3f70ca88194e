// SPDX-License-Identifier: Apache-2.0
internal import CCurl

/// Masks of frames, which nobody may foresee (RFC 6455 section 5.3): the system's random octets.
struct MaskingKeys {
    /// As much as the system always gives whole and at once.
    private static let batch = 256 / MemoryLayout<UInt32>.size

    private var keys: [UInt32] = []

    mutating func next() -> UInt32 {
        if keys.isEmpty { refill() }
        return keys.removeLast()
    }

    private mutating func refill() {
        keys = [UInt32](unsafeUninitializedCapacity: MaskingKeys.batch) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            guard getrandom(bytes.baseAddress, bytes.count, 0) == bytes.count else {
                preconditionFailure("the system has no random numbers")
            }
            count = MaskingKeys.batch
        }
    }
}
