// SPDX-License-Identifier: Apache-2.0

/// The lifetime keys a LoRaWAN 1.1 device derives from NwkKey for join-accepts and rejoins (section 6.1.1.4).
public struct JoinServerKeys: Hashable, Sendable {
    /// Signs join-accepts and rejoin-requests of type 1.
    public let jsIntKey: AES128Key
    /// Encrypts join-accepts that answer a rejoin-request.
    public let jsEncKey: AES128Key

    /// Derived from NwkKey and the device's EUI.
    public init(nwkKey: AES128Key, devEUI: EUI64) {
        let cipher = AES128(nwkKey)
        func derived(_ type: UInt8) -> AES128Key {
            var octets = [type]
            octets.append(devEUI)
            return AES128Key(cipher.encrypt(AESBlock(octets)))
        }
        jsIntKey = derived(6)
        jsEncKey = derived(5)
    }
}
