// SPDX-License-Identifier: Apache-2.0

/// The keys under which a device is given group keys (TS005-1.0.0 section 4.1).
public struct MulticastRootKeys: Hashable, Sendable {
    /// The root of the device's multicast keys.
    public let mcRootKey: AES128Key
    /// Encrypts group keys on their way to the device.
    public let mcKEKey: AES128Key

    /// For a LoRaWAN 1.0.x device, from its GenAppKey.
    public init(genAppKey: AES128Key) {
        self.init(deriving: AESBlock(), from: genAppKey)
    }

    /// For a LoRaWAN 1.1 device, from its AppKey.
    public init(appKey11 appKey: AES128Key) {
        self.init(deriving: AESBlock(high: 0x20 << 56), from: appKey)
    }

    private init(deriving block: AESBlock, from key: AES128Key) {
        mcRootKey = AES128Key(AES128(key).encrypt(block))
        mcKEKey = AES128Key(AES128(mcRootKey).encrypt(AESBlock()))
    }

    /// McKey_encrypted of McGroupSetupReq: the network deciphers so that a device only encrypts.
    public func encrypted(mcKey: AES128Key) -> [UInt8] {
        AES128.decrypt([AESBlock(mcKey.octets)], with: mcKEKey).flatMap(\.octets)
    }

    /// The device's side: the group key in McKey_encrypted; nil unless it has 16 octets.
    public func decrypted(_ octets: [UInt8]) -> AES128Key? {
        guard octets.count == 16 else { return nil }
        return AES128Key(AES128(mcKEKey).encrypt(AESBlock(octets)))
    }
}
