// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// A device that is registered at start when the store does not hold it.
public struct DeviceConfiguration: Hashable, Sendable {
    /// How the device comes to its session.
    public enum Activation: Hashable, Sendable {
        /// Over the air; `nwkKey` for LoRaWAN 1.1 alone.
        case otaa(appKey: AES128Key, nwkKey: AES128Key?)
        /// By personalisation.
        case abp(devAddr: DevAddr, keys: SessionKeys)
    }

    public var id: String
    public var devEUI: EUI64
    /// JoinEUI, once AppEUI.
    public var joinEUI: EUI64?
    public var activation: Activation
    public var lorawanVersion: LoRaWANVersion
    public var deviceClass: DeviceClass
    /// In place of its coverage's region.
    public var region: Region?
    /// The name of the coverage that holds it; nil for the first.
    public var coverage: String?
    /// In place of its application's format.
    public var payloadFormat: ApplicationConfiguration.PayloadFormat?
    /// A formatter of the repository, in place of a format.
    public var formatter: String?
    public var description: String
    /// Degrees north.
    public var latitude: Double?
    /// Degrees east.
    public var longitude: Double?
    /// Metres above sea level.
    public var altitude: Double?
    public var attributes: [String: String]
    /// Whether a replayed or older frame counter is refused.
    public var checksFrameCounter: Bool
    public var uses32BitCounter: Bool
    /// Whether a personalised device may begin at 0 again.
    public var allowsCounterReset: Bool
    public var adrEnabled: Bool
    /// The counter of its last uplink elsewhere.
    public var initialFCntUp: UInt32
    /// The counter of its next downlink.
    public var initialFCntDown: UInt32

    init?(_ section: Section, _ context: DeviceContext) {
        defer { section.finish() }
        let id = section.value(
            "id",
            expected: IdentifierForm.expected,
            hint: IdentifierForm.hint,
            { IdentifierForm.allows($0) ? $0 : nil },
        )
        let devEUI = section.eui("dev_eui")
        joinEUI = Self.joinEUI(section)
        deviceClass =
            section.value("class", expected: "A, B or C", { DeviceClass(text: $0) }) ?? .a
        let keys = DeviceKeys(section)
        lorawanVersion = keys.version
        let activation = keys.activation(in: section, hasJoinEUI: joinEUI != nil)
        region = section.value(
            "region",
            expected: "one of \(Region.names.joined(separator: ", "))",
            hint: { Spelling.hint(for: $0.uppercased(), among: Region.names) },
            { Region.named($0) },
        )
        coverage = section.value(
            "coverage",
            expected: "the name of one of the coverages: \(context.coverages?.joined(separator: ", ") ?? "")",
            hint: { Spelling.hint(for: $0, among: context.coverages ?? []) },
            { context.coverages?.contains($0) == false ? nil : $0 },
        )
        payloadFormat = section.choice("payload_format", among: ApplicationConfiguration.PayloadFormat.words)
        formatter = section.value(
            "formatter",
            expected: "vendor/model or vendor/model@firmware, as in the directory of codec.formatters",
            { $0.split(separator: "/", omittingEmptySubsequences: false).count == 2 ? $0 : nil },
        )
        if formatter != nil, section.has("payload_format") {
            section.refuse("formatter", "stands beside payload_format; expected one of them")
        }
        description = section.text("description") ?? ""
        latitude = section.double("latitude", in: -90...90)
        longitude = section.double("longitude", in: -180...180)
        altitude = section.double("altitude", in: -1000...100_000)
        attributes = section.texts("attributes")
        checksFrameCounter = !(section.boolean("disable_f_cnt_check") ?? false)
        uses32BitCounter = section.boolean("uses32_bit_f_cnt") ?? true
        allowsCounterReset = section.boolean("resets_f_cnt") ?? false
        adrEnabled = section.boolean("adr") ?? true
        initialFCntUp = UInt32(section.integer("f_cnt_up", in: 0...Int(UInt32.max)) ?? 0)
        initialFCntDown = UInt32(section.integer("f_cnt_down", in: 0...Int(UInt32.max)) ?? 0)
        if section.has("latitude") != section.has("longitude") {
            section.require(
                section.has("latitude") ? "longitude" : "latitude",
                expected: "both of a position or neither"
            )
        }
        if let devEUI { context.use(devEUI, in: section) }
        if id == nil { section.require("id", expected: IdentifierForm.expected) }
        if devEUI == nil { section.require("dev_eui", expected: "16 hexadecimal digits") }
        guard let id, let devEUI, let activation else { return nil }
        self.id = id
        self.devEUI = devEUI
        self.activation = activation
    }

    /// Under either of its names.
    private static func joinEUI(_ section: Section) -> EUI64? {
        let joinEUI = section.eui("join_eui")
        let appEUI = section.eui("app_eui")
        if let joinEUI, let appEUI, joinEUI != appEUI {
            section.refuse("app_eui", "differs from join_eui, which is its other name; expected one of them")
        }
        return joinEUI ?? appEUI
    }
}

/// What devices are checked against.
final class DeviceContext {
    /// Nil when they are not all known.
    let coverages: [String]?
    private var places: [EUI64: ConfigurationProblem.Place] = [:]

    init(coverages: [String]?) {
        self.coverages = coverages
    }

    /// Refuses a DevEUI that another device has.
    func use(_ devEUI: EUI64, in section: Section) {
        if let first = places[devEUI] {
            section.refuse("dev_eui", "\(devEUI) is another device's\(first.asReference); expected one of its own")
        } else {
            places[devEUI] = section.place(of: "dev_eui")
        }
    }
}

extension Section {
    /// An identifier of 64 bits.
    func eui(_ key: String) -> EUI64? {
        value(
            key,
            expected: "16 hexadecimal digits",
            hint: { text in
                let digits = text.filter { !"-: ".contains($0) }
                return digits.count < text.count && EUI64(hex: digits) != nil ? "write it as \(digits)" : nil
            },
            { EUI64(hex: $0) },
        )
    }
}

extension ConfigurationProblem.Place {
    /// As in "… (first on line 7)".
    fileprivate var asReference: String {
        switch self {
        case .file(_, let line, _): " (first on line \(line))"
        case .environment(let name): " (first in \(name))"
        case .wholeFile: ""
        }
    }
}
