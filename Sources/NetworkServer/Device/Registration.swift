// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What a device is registered as, in a form that takes little room: the keys of a personalised one are in its session.
struct Registration: Sendable {
    let devEUI: EUI64
    let region: Region
    private let joinEUIOrZero: EUI64
    private let appKey: AES128Key
    private let nwkKey: AES128Key
    private let coverageIndex: UInt16
    let version: LoRaWANVersion
    let deviceClass: DeviceClass
    private let marks: Marks

    private struct Marks: OptionSet {
        let rawValue: UInt8
        static let hasJoinEUI = Marks(rawValue: 1)
        static let isPersonalised = Marks(rawValue: 2)
        static let hasNwkKey = Marks(rawValue: 4)
        static let checksFrameCounter = Marks(rawValue: 8)
        static let uses32BitCounter = Marks(rawValue: 16)
        static let allowsCounterReset = Marks(rawValue: 32)
        static let usesADR = Marks(rawValue: 64)
    }

    init(_ profile: DeviceProfile) {
        devEUI = profile.devEUI
        region = profile.region
        coverageIndex = UInt16(clamping: profile.coverage)
        version = profile.version
        deviceClass = profile.deviceClass
        joinEUIOrZero = profile.joinEUI ?? EUI64(rawValue: 0)
        var marks: Marks = []
        if profile.joinEUI != nil { marks.insert(.hasJoinEUI) }
        if profile.checksFrameCounter { marks.insert(.checksFrameCounter) }
        if profile.uses32BitCounter { marks.insert(.uses32BitCounter) }
        if profile.allowsCounterReset { marks.insert(.allowsCounterReset) }
        if profile.usesADR { marks.insert(.usesADR) }
        let none = AES128Key(storedAs: AESBlock())
        switch profile.activation {
        case .overTheAir(let appKey, let nwkKey):
            self.appKey = appKey
            self.nwkKey = nwkKey ?? none
            if nwkKey != nil { marks.insert(.hasNwkKey) }
        case .personalised:
            appKey = none
            nwkKey = none
            marks.insert(.isPersonalised)
        }
        self.marks = marks
    }

    /// nil where any JoinEUI will do.
    var joinEUI: EUI64? { marks.contains(.hasJoinEUI) ? joinEUIOrZero : nil }
    /// Index of the coverage that carries what answers no uplink, until an uplink told better.
    var coverage: Int { Int(coverageIndex) }
    var isPersonalised: Bool { marks.contains(.isPersonalised) }
    var checksFrameCounter: Bool { marks.contains(.checksFrameCounter) }
    var uses32BitCounter: Bool { marks.contains(.uses32BitCounter) }
    /// Only personalised devices restart their counters.
    var allowsCounterReset: Bool { marks.isSuperset(of: [.allowsCounterReset, .isPersonalised]) }
    var usesADR: Bool { marks.contains(.usesADR) }

    /// AppKey and NwkKey, which are one where LoRaWAN 1.1 has none of its own; nil for personalised devices.
    var rootKeys: (appKey: AES128Key, nwkKey: AES128Key)? {
        isPersonalised ? nil : (appKey, marks.contains(.hasNwkKey) ? nwkKey : appKey)
    }

    /// The key that join-requests are signed with; nil for personalised devices.
    var rootKey: AES128Key? { rootKeys.map { version.is11 ? $0.nwkKey : $0.appKey } }
}
