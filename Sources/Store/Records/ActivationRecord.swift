// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// How a device comes to its session.
public enum ActivationRecord: Hashable, Sendable {
    /// Over the air. `nwkKey` is present for LoRaWAN 1.1 alone.
    case otaa(appKey: AES128Key, nwkKey: AES128Key? = nil)
    /// By personalisation: address and session keys are fixed.
    case abp(devAddr: DevAddr, keys: Keys)

    /// The session keys of a personalised device.
    public struct Keys: Hashable, Sendable {
        /// Forwarding network session integrity key; in LoRaWAN 1.0 this is the NwkSKey.
        public var fNwkSIntKey: AES128Key
        /// Serving network session integrity key of LoRaWAN 1.1; nil in 1.0, where the NwkSKey serves.
        public var sNwkSIntKey: AES128Key?
        /// Network session encryption key of LoRaWAN 1.1; nil in 1.0, where the NwkSKey serves.
        public var nwkSEncKey: AES128Key?
        /// Application session key.
        public var appSKey: AES128Key

        /// The two keys of LoRaWAN 1.0.
        public init(nwkSKey: AES128Key, appSKey: AES128Key) {
            fNwkSIntKey = nwkSKey
            self.appSKey = appSKey
        }

        /// The four keys of LoRaWAN 1.1.
        public init(fNwkSIntKey: AES128Key, sNwkSIntKey: AES128Key, nwkSEncKey: AES128Key, appSKey: AES128Key) {
            self.fNwkSIntKey = fNwkSIntKey
            self.sNwkSIntKey = sNwkSIntKey
            self.nwkSEncKey = nwkSEncKey
            self.appSKey = appSKey
        }
    }
}
