// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// A column of the table of The Things Stack, or one of ours beside them, which that stack passes over.
struct DeviceColumn: Sendable {
    /// Its heading.
    let name: String
    let aliases: [String]
    let isKey: Bool
    /// Takes a field that is not empty; gives back what would have been right when it is wrong.
    let read: @Sendable (String, inout DeviceDescription) -> String?
    /// Empty for what is not set.
    let write: @Sendable (DeviceDescription) -> String

    private init(
        _ name: String,
        aliases: [String] = [],
        isKey: Bool = false,
        read: @escaping @Sendable (String, inout DeviceDescription) -> String?,
        write: @escaping @Sendable (DeviceDescription) -> String,
    ) {
        self.name = name
        self.aliases = aliases
        self.isKey = isKey
        self.read = read
        self.write = write
    }

    /// A column that is an attribute as JSON has it.
    private static func field(
        _ name: String,
        aliases: [String] = [],
        is fieldName: String,
        _ value: @escaping @Sendable (String) -> JSONValue? = { .string($0) },
    ) -> DeviceColumn {
        guard let field = DeviceField.byName[fieldName] else { preconditionFailure("\(fieldName) is an attribute") }
        return DeviceColumn(
            name,
            aliases: aliases,
            isKey: field.isKey,
            read: { text, device in
                guard let value = value(text) else { return "must be true or false" }
                return field.read(value, &device)
            },
            write: { device in
                switch field.write(device) {
                case .string(let text): text
                case .some(let value): value.jsonText
                case nil: ""
                }
            },
        )
    }

    private static let number: @Sendable (String) -> JSONValue? = { text in
        UInt64(text).map { JSONValue.integer(Int64(clamping: $0)) } ?? Double(text).map { .number($0) } ?? .string(text)
    }

    private static let flag: @Sendable (String) -> JSONValue? = { text in
        switch text.lowercased() {
        case "true", "1", "yes": .bool(true)
        case "false", "0", "no": .bool(false)
        default: nil
        }
    }

    /// A column of The Things Stack that means nothing here.
    private static func idle(_ name: String) -> DeviceColumn {
        DeviceColumn(name, read: { _, _ in nil }, write: { _ in "" })
    }

    /// The columns but `id`, in the order in which they are written.
    static let all: [DeviceColumn] = [
        field("dev_eui", is: "dev_eui"),
        field("join_eui", aliases: ["app_eui"], is: "app_eui"),
        DeviceColumn(
            "name",
            read: { text, device in
                if device.text == nil { device.text = text }
                return nil
            },
            write: { _ in "" },
        ),
        field("description", is: "description"),
        DeviceColumn(
            "frequency_plan_id",
            read: { text, device in
                guard let region = FrequencyPlan.region(of: text) else {
                    return "must be a frequency plan that begins with a band, such as EU_863_870_TTN"
                }
                if device.region == nil { device.region = region }
                return nil
            },
            write: { device in device.region.map { FrequencyPlan.name(of: $0) } ?? "" },
        ),
        DeviceColumn(
            "lorawan_version",
            read: { text, device in
                let digits = text.hasPrefix("MAC_V") ? String(text.dropFirst(5)).replacing("_", with: ".") : text
                guard let version = LoRaWANVersion(text: digits) else {
                    return "must be MAC_V1_0, MAC_V1_0_1 to MAC_V1_0_4 or MAC_V1_1"
                }
                device.version = version
                return nil
            },
            write: { device in
                device.version.map { "MAC_V" + ($0 == .v1_0_0 ? "1_0" : $0.rawValue.replacing(".", with: "_")) } ?? ""
            },
        ),
        idle("lorawan_phy_version"), idle("brand_id"), idle("model_id"), idle("firmware_version"),
        idle("hardware_version"), idle("band_id"), idle("rx1_delay"), idle("supports_join"),
        field("app_key", is: "app_key"),
        field("nwk_key", is: "nwk_key"),
        field("dev_addr", is: "dev_addr"),
        field("app_s_key", is: "app_s_key"),
        DeviceColumn(
            "f_nwk_s_int_key",
            aliases: ["nwk_s_key"],
            isKey: true,
            read: { text, device in
                guard let key = AES128Key(hex: text) else { return "must be 32 hexadecimal digits" }
                device.fNwkSIntKey = key
                return nil
            },
            write: { device in
                (device.fNwkSIntKey ?? device.nwkSKey).map { Hex.text($0.octets, uppercase: true) } ?? ""
            },
        ),
        field("s_nwk_s_int_key", is: "s_nwk_s_int_key"),
        field("nwk_s_enc_key", is: "nwk_s_enc_key"),
        field("last_f_cnt_up", is: "f_cnt_up", number),
        DeviceColumn(
            "last_n_f_cnt_down",
            read: { text, device in
                guard let last = UInt32(text), last < UInt32.max else { return "must be a whole number" }
                device.fCntDown = last + 1
                return nil
            },
            write: { device in
                device.fCntDown.map { $0 == 0 ? "" : String($0 - 1) } ?? ""
            },
        ),
        field("supports_32_bit_f_cnt", is: "uses32_bit_f_cnt", flag),
        DeviceColumn(
            "supports_class_b",
            read: { text, device in
                if flag(text) == true, device.deviceClass == nil { device.deviceClass = .b }
                return flag(text) == nil ? "must be true or false" : nil
            },
            write: { $0.deviceClass == .b ? "true" : "false" },
        ),
        DeviceColumn(
            "supports_class_c",
            read: { text, device in
                if flag(text) == true { device.deviceClass = .c }
                return flag(text) == nil ? "must be true or false" : nil
            },
            write: { $0.deviceClass == .c ? "true" : "false" },
        ),
        field("region", is: "region"),
        field("coverage", is: "coverage"),
        field("payload_format", is: "payload_format"),
        field("codec", is: "codec"),
        field("latitude", is: "latitude", number),
        field("longitude", is: "longitude") { Double($0).map { .number($0) } ?? .string($0) },
        field("altitude", is: "altitude") { Double($0).map { .number($0) } ?? .string($0) },
        field("disable_f_cnt_check", is: "disable_f_cnt_check", flag),
        field("resets_f_cnt", is: "resets_f_cnt", flag),
        field("adr", is: "adr", flag),
        DeviceColumn(
            "attributes",
            read: { text, device in
                guard let object = (try? JSONValue(parsing: text))?.object else {
                    return "must be a JSON object of texts"
                }
                do throws(ManagementFault) {
                    try device.apply(
                        ["attributes": .object(object)],
                        owner: DeviceDescription.Owner(applicationID: "", deviceID: ""),
                    )
                    return nil
                } catch {
                    return error.message
                }
            },
            write: { device in
                guard !device.attributes.isEmpty else { return "" }
                var texts = JSONObject()
                for (name, text) in device.attributes.sorted(by: { $0.key < $1.key }) { texts[name] = .string(text) }
                return JSONValue.object(texts).jsonText
            },
        ),
    ]

    static let byName: [String: DeviceColumn] = {
        var columns: [String: DeviceColumn] = [:]
        for column in all {
            for name in [column.name] + column.aliases { columns[name] = column }
        }
        return columns
    }()
}
