// SPDX-License-Identifier: Apache-2.0
import LoRaWAN

/// The keys of a device as they are written, before they are an activation.
struct DeviceKeys {
    let version: LoRaWANVersion
    private let devAddr: DevAddr?
    private let appKey: AES128Key?
    private let nwkKey: AES128Key?
    private let nwkSKey: AES128Key?
    private let appSKey: AES128Key?
    private let fNwkSIntKey: AES128Key?
    private let sNwkSIntKey: AES128Key?
    private let nwkSEncKey: AES128Key?

    private static let personalised = [
        "dev_addr", "nwk_s_key", "app_s_key", "f_nwk_s_int_key", "s_nwk_s_int_key", "nwk_s_enc_key",
    ]

    init(_ section: Section) {
        devAddr = section.value("dev_addr", expected: "8 hexadecimal digits", { DevAddr(hex: $0) })
        appKey = section.key("app_key")
        nwkKey = section.key("nwk_key")
        nwkSKey = section.key("nwk_s_key")
        appSKey = section.key("app_s_key")
        fNwkSIntKey = section.key("f_nwk_s_int_key")
        sNwkSIntKey = section.key("s_nwk_s_int_key")
        nwkSEncKey = section.key("nwk_s_enc_key")
        let is11 = ["nwk_key", "s_nwk_s_int_key", "nwk_s_enc_key"].contains(where: section.has)
        version =
            section.value(
                "lorawan_version",
                expected: LoRaWANVersion.allCases.map(\.rawValue).joined(separator: ", "),
                { LoRaWANVersion(text: $0) },
            ) ?? (is11 ? .v1_1 : .v1_0_3)
    }

    /// The activation, or nil once it is said what it lacks.
    func activation(in section: Section, hasJoinEUI: Bool) -> DeviceConfiguration.Activation? {
        let joins = section.has("app_key") || section.has("nwk_key")
        let given = Self.personalised.filter(section.has)
        switch (joins, given.isEmpty) {
        case (true, true): return overTheAir(in: section, hasJoinEUI: hasJoinEUI)
        case (false, false): return personalised(in: section)
        case (true, false):
            section.refuse(
                given[0],
                "given beside \(section.has("app_key") ? "app_key" : "nwk_key"); expected either the keys of a join "
                    + "(app_key) or those of a session (dev_addr, nwk_s_key, app_s_key)",
            )
        case (false, true):
            section.require(
                "app_key",
                expected: "app_key for a device that joins, or dev_addr, nwk_s_key and app_s_key"
            )
        }
        return nil
    }

    private func overTheAir(in section: Section, hasJoinEUI: Bool) -> DeviceConfiguration.Activation? {
        if !hasJoinEUI, !section.has("join_eui"), !section.has("app_eui") {
            section.require("join_eui", expected: "16 hexadecimal digits, here or as app_eui: the device joins with it")
        }
        if appKey == nil { section.require("app_key", expected: "32 hexadecimal digits") }
        if version.is11, nwkKey == nil {
            section.require("nwk_key", expected: "32 hexadecimal digits, for version 1.1")
        }
        if !version.is11, section.has("nwk_key") {
            section.refuse("nwk_key", "a key of LoRaWAN 1.1; the device's lorawan_version is \(version)")
        }
        guard let appKey else { return nil }
        return .otaa(appKey: appKey, nwkKey: version.is11 ? nwkKey : nil)
    }

    private func personalised(in section: Section) -> DeviceConfiguration.Activation? {
        if devAddr == nil { section.require("dev_addr", expected: "8 hexadecimal digits") }
        if appSKey == nil { section.require("app_s_key", expected: "32 hexadecimal digits") }
        return version.is11 ? personalised11(in: section) : personalised10(in: section)
    }

    private func personalised10(in section: Section) -> DeviceConfiguration.Activation? {
        for key in ["f_nwk_s_int_key", "s_nwk_s_int_key", "nwk_s_enc_key"] where section.has(key) {
            section.refuse(key, "a key of LoRaWAN 1.1; the device's lorawan_version is \(version), its key nwk_s_key")
        }
        if nwkSKey == nil { section.require("nwk_s_key", expected: "32 hexadecimal digits") }
        guard let devAddr, let nwkSKey, let appSKey else { return nil }
        return .abp(devAddr: devAddr, keys: SessionKeys(nwkSKey: nwkSKey, appSKey: appSKey))
    }

    private func personalised11(in section: Section) -> DeviceConfiguration.Activation? {
        if section.has("nwk_s_key") {
            section.refuse("nwk_s_key", "a key of LoRaWAN 1.0; the device's lorawan_version is 1.1")
        }
        for (key, value) in [
            ("f_nwk_s_int_key", fNwkSIntKey), ("s_nwk_s_int_key", sNwkSIntKey), ("nwk_s_enc_key", nwkSEncKey),
        ] where value == nil {
            section.require(key, expected: "32 hexadecimal digits, for version 1.1")
        }
        guard let devAddr, let fNwkSIntKey, let sNwkSIntKey, let nwkSEncKey, let appSKey else { return nil }
        let keys = SessionKeys(
            fNwkSIntKey: fNwkSIntKey,
            sNwkSIntKey: sNwkSIntKey,
            nwkSEncKey: nwkSEncKey,
            appSKey: appSKey,
        )
        return .abp(devAddr: devAddr, keys: keys)
    }
}

extension Section {
    /// An AES key; errors do not show it.
    fileprivate func key(_ key: String) -> AES128Key? {
        value(
            key,
            expected: "32 hexadecimal digits",
            isSecret: true,
            hint: { text in
                let digits = text.filter { !"-: ".contains($0) }
                return digits.count < text.count && AES128Key(hex: digits) != nil ? "write it without separators" : nil
            },
            { AES128Key(hex: $0) },
        )
    }
}
