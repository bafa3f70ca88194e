// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// How a device comes to its session.
public enum ActivationRecord: Hashable, Sendable {
    /// Over the air. `nwkKey` is present for LoRaWAN 1.1 alone.
    case otaa(appKey: AES128Key, nwkKey: AES128Key? = nil)
    /// By personalisation: address and session keys are fixed.
    case abp(devAddr: DevAddr, keys: SessionKeys)
}
