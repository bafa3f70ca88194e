// SPDX-License-Identifier: Apache-2.0

/// The keys of one session, in the terms of LoRaWAN 1.1.
///
/// In a 1.0.x session the three network keys are one, NwkSKey.
public struct SessionKeys: Hashable, Sendable {
    /// Signs uplinks (1.1: half of the MIC); NwkSKey in 1.0.x.
    public var fNwkSIntKey: AES128Key
    /// Signs downlinks and the other half of 1.1 uplinks; NwkSKey in 1.0.x.
    public var sNwkSIntKey: AES128Key
    /// Encrypts MAC commands; NwkSKey in 1.0.x.
    public var nwkSEncKey: AES128Key
    /// Encrypts application payloads.
    public var appSKey: AES128Key

    /// Keys of a LoRaWAN 1.1 session.
    public init(fNwkSIntKey: AES128Key, sNwkSIntKey: AES128Key, nwkSEncKey: AES128Key, appSKey: AES128Key) {
        self.fNwkSIntKey = fNwkSIntKey
        self.sNwkSIntKey = sNwkSIntKey
        self.nwkSEncKey = nwkSEncKey
        self.appSKey = appSKey
    }

    /// Keys of a LoRaWAN 1.0.x session.
    public init(nwkSKey: AES128Key, appSKey: AES128Key) {
        self.init(fNwkSIntKey: nwkSKey, sNwkSIntKey: nwkSKey, nwkSEncKey: nwkSKey, appSKey: appSKey)
    }

    /// The keys a join gives in LoRaWAN 1.0.x (1.0.4 section 6.2.6), and with NwkKey as `appKey` those of a 1.1 device on a 1.0 server.
    public static func derive10(appKey: AES128Key, joinNonce: UInt32, netID: NetID, devNonce: UInt16) -> SessionKeys {
        let cipher = AES128(appKey)
        func derived(_ type: UInt8) -> AES128Key {
            var octets = [type]
            octets.appendLittleEndian(joinNonce, count: 3)
            octets.append(netID)
            octets.appendLittleEndian(devNonce, count: 2)
            return AES128Key(cipher.encrypt(AESBlock(octets)))
        }
        return SessionKeys(nwkSKey: derived(1), appSKey: derived(2))
    }

    /// The keys a join or rejoin gives in LoRaWAN 1.1 (section 6.2.3); `devNonce` is RJcount after a rejoin.
    public static func derive11(
        nwkKey: AES128Key,
        appKey: AES128Key,
        joinEUI: EUI64,
        joinNonce: UInt32,
        devNonce: UInt16,
    ) -> SessionKeys {
        func derived(_ type: UInt8, _ cipher: borrowing AES128) -> AES128Key {
            var octets = [type]
            octets.appendLittleEndian(joinNonce, count: 3)
            octets.append(joinEUI)
            octets.appendLittleEndian(devNonce, count: 2)
            return AES128Key(cipher.encrypt(AESBlock(octets)))
        }
        let network = AES128(nwkKey)
        return SessionKeys(
            fNwkSIntKey: derived(1, network),
            sNwkSIntKey: derived(3, network),
            nwkSEncKey: derived(4, network),
            appSKey: derived(2, AES128(appKey)),
        )
    }
}
