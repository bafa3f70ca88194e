// SPDX-License-Identifier: Apache-2.0

/// The keys of a multicast group (TS005-1.0.0 section 4.1).
public struct MulticastKeys: Hashable, Sendable {
    /// Encrypts payloads to the group.
    public let mcAppSKey: AES128Key
    /// Signs frames to the group.
    public let mcNwkSKey: AES128Key

    /// Derived from the group's key and address.
    public init(mcKey: AES128Key, mcAddr: DevAddr) {
        let cipher = AES128(mcKey)
        func derived(_ type: UInt8) -> AES128Key {
            var octets = [type]
            octets.append(mcAddr)
            return AES128Key(cipher.encrypt(AESBlock(octets)))
        }
        mcAppSKey = derived(1)
        mcNwkSKey = derived(2)
    }
}
