// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// How a device comes to its session, complete.
public enum DeviceActivation: Hashable, Sendable {
    /// Over the air; `nwkKey` for LoRaWAN 1.1 alone.
    case overTheAir(joinEUI: EUI64, appKey: AES128Key, nwkKey: AES128Key?)
    /// By personalisation.
    case personalised(DevAddr, SessionKeys)
}

extension DeviceDescription {
    /// What the keys and identifiers make of the device.
    ///
    /// - Throws: naming the member that is missing, or that contradicts another.
    public func activation() throws(ManagementFault) -> DeviceActivation {
        let joins = appKey != nil || nwkKey != nil
        let session = [
            ("dev_addr", devAddr != nil), ("nwk_s_key", nwkSKey != nil), ("app_s_key", appSKey != nil),
            ("f_nwk_s_int_key", fNwkSIntKey != nil), ("s_nwk_s_int_key", sNwkSIntKey != nil),
            ("nwk_s_enc_key", nwkSEncKey != nil),
        ].first { $0.1 }?.0
        switch (joins, session) {
        // Beside the key of a join, the session is what the join made of it: read, and sent back.
        case (true, _): return try overTheAir()
        case (false, .some): return try personalised()
        case (false, nil):
            throw .invalid(
                "app_key",
                "is missing: give app_key for a device that joins, or dev_addr, nwk_s_key and app_s_key",
            )
        }
    }

    private func overTheAir() throws(ManagementFault) -> DeviceActivation {
        guard let joinEUI else { throw .invalid("app_eui", "is missing: the device joins with it") }
        guard let appKey else { throw .invalid("app_key", "is missing") }
        guard effectiveVersion.is11 else {
            if nwkKey != nil {
                throw .invalid("nwk_key", "is a key of LoRaWAN 1.1; lorawan_version is \(effectiveVersion)")
            }
            return .overTheAir(joinEUI: joinEUI, appKey: appKey, nwkKey: nil)
        }
        guard let nwkKey else { throw .invalid("nwk_key", "is missing: LoRaWAN 1.1 joins with it") }
        return .overTheAir(joinEUI: joinEUI, appKey: appKey, nwkKey: nwkKey)
    }

    private func personalised() throws(ManagementFault) -> DeviceActivation {
        guard let devAddr else { throw .invalid("dev_addr", "is missing") }
        guard let appSKey else { throw .invalid("app_s_key", "is missing") }
        guard effectiveVersion.is11 else {
            if sNwkSIntKey != nil { throw .invalid("s_nwk_s_int_key", Self.only11(effectiveVersion)) }
            if nwkSEncKey != nil { throw .invalid("nwk_s_enc_key", Self.only11(effectiveVersion)) }
            // The Things Stack calls the NwkSKey of 1.0 by its later name.
            if let nwkSKey, let fNwkSIntKey, nwkSKey != fNwkSIntKey {
                throw .invalid("f_nwk_s_int_key", "differs from nwk_s_key, which is its name in LoRaWAN 1.0")
            }
            guard let key = nwkSKey ?? fNwkSIntKey else { throw .invalid("nwk_s_key", "is missing") }
            return .personalised(devAddr, SessionKeys(nwkSKey: key, appSKey: appSKey))
        }
        if nwkSKey != nil { throw .invalid("nwk_s_key", "is a key of LoRaWAN 1.0; lorawan_version is 1.1") }
        guard let fNwkSIntKey else { throw .invalid("f_nwk_s_int_key", "is missing: LoRaWAN 1.1 has three") }
        guard let sNwkSIntKey else { throw .invalid("s_nwk_s_int_key", "is missing: LoRaWAN 1.1 has three") }
        guard let nwkSEncKey else { throw .invalid("nwk_s_enc_key", "is missing: LoRaWAN 1.1 has three") }
        return .personalised(
            devAddr,
            SessionKeys(
                fNwkSIntKey: fNwkSIntKey,
                sNwkSIntKey: sNwkSIntKey,
                nwkSEncKey: nwkSEncKey,
                appSKey: appSKey,
            ),
        )
    }

    private static func only11(_ version: LoRaWANVersion) -> String {
        "is a key of LoRaWAN 1.1; lorawan_version is \(version), whose key is nwk_s_key"
    }

    /// Writes keys and identifiers so that `activation()` gives this.
    public mutating func set(_ activation: DeviceActivation, version: LoRaWANVersion) {
        self.version = version
        (appKey, nwkKey, devAddr, appSKey) = (nil, nil, nil, nil)
        (nwkSKey, fNwkSIntKey, sNwkSIntKey, nwkSEncKey) = (nil, nil, nil, nil)
        switch activation {
        case .overTheAir(let joinEUI, let appKey, let nwkKey):
            self.joinEUI = joinEUI
            self.appKey = appKey
            self.nwkKey = nwkKey
        case .personalised(let devAddr, let keys):
            self.devAddr = devAddr
            appSKey = keys.appSKey
            if version.is11 {
                fNwkSIntKey = keys.fNwkSIntKey
                sNwkSIntKey = keys.sNwkSIntKey
                nwkSEncKey = keys.nwkSEncKey
            } else {
                nwkSKey = keys.fNwkSIntKey
            }
        }
    }
}
