// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// One attribute of a device: its names, how it is read, and how it is written.
struct DeviceField: Sendable {
    /// Where it stands in a device that is written.
    enum Place: Sendable {
        case device
        /// Inside `lorawan_device`.
        case lorawan
    }

    /// The documented name.
    let name: String
    /// Other names that are understood: the SDK's, and those of The Things Stack.
    let aliases: [String]
    let place: Place
    let isKey: Bool
    /// Takes a value that is not null; gives back what would have been right when it is wrong.
    let read: @Sendable (JSONValue, inout DeviceDescription) -> String?
    let clear: @Sendable (inout DeviceDescription) -> Void
    /// nil for an attribute that is not set.
    let write: @Sendable (DeviceDescription) -> JSONValue?

    private init<Value>(
        _ name: String,
        _ aliases: [String],
        _ place: Place,
        isKey: Bool = false,
        _ path: any WritableKeyPath<DeviceDescription, Value?> & Sendable,
        expected: String,
        read: @escaping @Sendable (JSONValue) -> Value?,
        write: @escaping @Sendable (Value) -> JSONValue,
    ) {
        self.name = name
        self.aliases = aliases
        self.place = place
        self.isKey = isKey
        self.read = { json, device in
            guard let value = read(json) else { return expected }
            device[keyPath: path] = value
            return nil
        }
        clear = { $0[keyPath: path] = nil }
        self.write = { device in device[keyPath: path].map(write) }
    }

    private typealias Path<Value> = any WritableKeyPath<DeviceDescription, Value?> & Sendable

    private static func eui(_ name: String, _ aliases: [String], _ path: Path<EUI64>) -> DeviceField {
        DeviceField(
            name,
            aliases,
            .lorawan,
            path,
            expected: "must be 16 hexadecimal digits",
            read: { $0.text.flatMap { EUI64(hex: $0) } },
            write: { .string($0.upperHex) },
        )
    }

    private static func key(_ name: String, _ aliases: [String], _ path: Path<AES128Key>) -> DeviceField {
        DeviceField(
            name,
            aliases,
            .lorawan,
            isKey: true,
            path,
            expected: "must be 32 hexadecimal digits",
            read: { $0.text.flatMap { AES128Key(hex: $0) } },
            write: { .string(Hex.text($0.octets, uppercase: true)) },
        )
    }

    private static func flag(_ name: String, _ aliases: [String], _ path: Path<Bool>) -> DeviceField {
        DeviceField(
            name,
            aliases,
            .lorawan,
            path,
            expected: "must be true or false",
            read: \.boolean,
            write: { .bool($0) },
        )
    }

    private static func counter(_ name: String, _ aliases: [String], _ path: Path<UInt32>) -> DeviceField {
        DeviceField(
            name,
            aliases,
            .lorawan,
            path,
            expected: "must be a whole number from 0 to 4294967295",
            read: { $0.unsignedNumber.flatMap { UInt32(exactly: $0) } },
            write: { .integer(Int64($0)) },
        )
    }

    private static func word(
        _ name: String,
        _ aliases: [String],
        _ place: Place,
        _ path: Path<String>,
        expected: String,
        _ allows: @escaping @Sendable (String) -> String?,
    ) -> DeviceField {
        DeviceField(
            name,
            aliases,
            place,
            path,
            expected: expected,
            read: { $0.text.flatMap(allows) },
            write: { .string($0) },
        )
    }

    private static func degrees(
        _ name: String,
        _ range: ClosedRange<Double>,
        _ path: Path<Double>,
    ) -> DeviceField {
        DeviceField(
            name,
            [],
            .device,
            path,
            expected: "must be a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))",
            read: { json in json.double.flatMap { range.contains($0) ? $0 : nil } },
            write: { .number($0) },
        )
    }

    /// Every attribute but `attributes`, in the order in which they are written.
    static let all: [DeviceField] = [
        word("description", [], .device, \.text, expected: "must be a text of at most 2000 characters") {
            $0.utf8.count <= 8000 && $0.count <= 2000 ? $0 : nil
        },
        degrees("latitude", -90...90, \.latitude),
        degrees("longitude", -180...180, \.longitude),
        degrees("altitude", -1000...100_000, \.altitude),
        word("coverage", [], .device, \.coverage, expected: "must be the name of a coverage") { $0 },
        word(
            "payload_format",
            ["payloadFormat"],
            .device,
            \.payloadFormat,
            expected: "must be none, custom or cayennelpp",
        ) { ["none", "custom", "cayennelpp"].contains($0) ? $0 : nil },
        word("codec", [], .device, \.codec, expected: "must be the name of a formatter of at most 100 characters") {
            (1...100).contains($0.utf8.count) ? $0 : nil
        },
        eui("app_eui", ["appEui", "appEUI", "join_eui", "joinEui", "joinEUI"], \.joinEUI),
        eui("dev_eui", ["devEui", "devEUI"], \.devEUI),
        DeviceField(
            "dev_addr",
            ["devAddr"],
            .lorawan,
            \.devAddr,
            expected: "must be 8 hexadecimal digits",
            read: { $0.text.flatMap { DevAddr(hex: $0) } },
            write: { .string($0.hex.uppercased()) },
        ),
        key("nwk_s_key", ["nwkSKey"], \.nwkSKey),
        key("app_s_key", ["appSKey"], \.appSKey),
        key("app_key", ["appKey"], \.appKey),
        key("nwk_key", ["nwkKey"], \.nwkKey),
        key("f_nwk_s_int_key", ["fNwkSIntKey"], \.fNwkSIntKey),
        key("s_nwk_s_int_key", ["sNwkSIntKey"], \.sNwkSIntKey),
        key("nwk_s_enc_key", ["nwkSEncKey"], \.nwkSEncKey),
        counter("f_cnt_up", ["fCntUp"], \.fCntUp),
        counter("f_cnt_down", ["fCntDown"], \.fCntDown),
        flag("disable_f_cnt_check", ["disableFCntCheck"], \.disablesFCntCheck),
        flag("uses32_bit_f_cnt", ["uses32BitFCnt"], \.uses32BitFCnt),
        flag("resets_f_cnt", ["resetsFCnt"], \.resetsFCnt),
        flag("adr", ["use_adr", "useAdr"], \.usesADR),
        DeviceField(
            "lorawan_version",
            ["lorawanVersion"],
            .lorawan,
            \.version,
            expected: "must be one of \(LoRaWANVersion.allCases.map(\.rawValue).joined(separator: ", "))",
            read: { $0.text.flatMap { LoRaWANVersion(text: $0) } },
            write: { .string($0.rawValue) },
        ),
        DeviceField(
            "class",
            ["device_class", "deviceClass"],
            .lorawan,
            \.deviceClass,
            expected: "must be A, B or C",
            read: { $0.text.flatMap { DeviceClass(text: $0) } },
            write: { .string($0.rawValue) },
        ),
        word(
            "region",
            [],
            .lorawan,
            \.region,
            expected: "must be one of \(Region.names.joined(separator: ", "))",
        ) { Region.named($0)?.name },
    ]

    /// Every name, documented or understood.
    static let byName: [String: DeviceField] = {
        var fields: [String: DeviceField] = [:]
        for field in all {
            for name in [field.name] + field.aliases { fields[name] = field }
        }
        return fields
    }()

    /// What the service tells of a device and nobody can set: taken in and left aside, so that a device that was read can
    /// be sent back.
    static let readOnly: Set<String> = [
        "ran", "created_at", "updated_at", "last_seen", "multicast_groups", "activation_constraints",
    ]
}
