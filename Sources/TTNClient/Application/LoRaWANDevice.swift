// SPDX-License-Identifier: Apache-2.0
public import JSON

/// The radio side of a device. nil means "not said": in an answer not known or not shown, in a request left as it is.
///
/// Identifiers and keys are hexadecimal text in either case; the bridge checks them and names the one that is wrong.
/// Keys are shown only to those who asked with keys, and never by `description`.
public struct LoRaWANDevice: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// AppEUI or JoinEUI: 8 octets.
    public var appEUI: String?
    /// DevEUI: 8 octets, unique over all applications.
    public var devEUI: String?
    /// The address of the session: 4 octets.
    public var devAddr: String?
    /// The network session key: 16 octets.
    public var nwkSKey: String?
    /// The application session key: 16 octets.
    public var appSKey: String?
    /// The root key of a device that joins: 16 octets.
    public var appKey: String?
    /// The last uplink counter accepted.
    public var fCntUp: UInt32?
    /// The next downlink counter.
    public var fCntDown: UInt32?
    /// Takes uplinks whose counter went back: for tests, as it takes recorded frames too.
    public var disableFCntCheck: Bool?
    /// Whether counters have 32 bits on the air's two ends, as all but very old devices have.
    public var uses32BitFCnt: Bool?
    /// Further members under the bridge's own names, such as `nwk_key`.
    public var additional: JSONObject

    /// A device of which nothing is said.
    public init(
        appEUI: String? = nil,
        devEUI: String? = nil,
        devAddr: String? = nil,
        nwkSKey: String? = nil,
        appSKey: String? = nil,
        appKey: String? = nil,
        fCntUp: UInt32? = nil,
        fCntDown: UInt32? = nil,
        disableFCntCheck: Bool? = nil,
        uses32BitFCnt: Bool? = nil,
        additional: JSONObject = [:],
    ) {
        self.appEUI = appEUI
        self.devEUI = devEUI
        self.devAddr = devAddr
        self.nwkSKey = nwkSKey
        self.appSKey = appSKey
        self.appKey = appKey
        self.fCntUp = fCntUp
        self.fCntDown = fCntDown
        self.disableFCntCheck = disableFCntCheck
        self.uses32BitFCnt = uses32BitFCnt
        self.additional = additional
    }

    /// Reads the bridge's form.
    init(_ json: JSONObject) {
        var rest = json
        appEUI = rest.take("app_eui")?.text
        devEUI = rest.take("dev_eui")?.text
        devAddr = rest.take("dev_addr")?.text
        nwkSKey = rest.take("nwk_s_key")?.text
        appSKey = rest.take("app_s_key")?.text
        appKey = rest.take("app_key")?.text
        fCntUp = rest.take("f_cnt_up")?.counter
        fCntDown = rest.take("f_cnt_down")?.counter
        disableFCntCheck = rest.take("disable_f_cnt_check")?.boolean
        uses32BitFCnt = rest.take("uses32_bit_f_cnt")?.boolean
        additional = rest
    }

    /// The bridge's form, without what is not said.
    var json: JSONObject {
        var json = JSONObject()
        json["app_eui"] = appEUI.map { .string($0) }
        json["dev_eui"] = devEUI.map { .string($0) }
        json["dev_addr"] = devAddr.map { .string($0) }
        json["nwk_s_key"] = nwkSKey.map { .string($0) }
        json["app_s_key"] = appSKey.map { .string($0) }
        json["app_key"] = appKey.map { .string($0) }
        json["f_cnt_up"] = fCntUp.map { .integer(Int64($0)) }
        json["f_cnt_down"] = fCntDown.map { .integer(Int64($0)) }
        json["disable_f_cnt_check"] = disableFCntCheck.map { .bool($0) }
        json["uses32_bit_f_cnt"] = uses32BitFCnt.map { .bool($0) }
        for member in additional.members { json[member.name] = member.value }
        return json
    }

    /// The members said, keys as `***`.
    public var description: String {
        let shown = json.members.map { member in
            "\(member.name): \(member.name.hasSuffix("_key") ? "***" : member.value.jsonText)"
        }
        return "{\(shown.joined(separator: ", "))}"
    }

    public var customMirror: Mirror { Mirror(self, children: ["members": description]) }
}

extension JSONObject {
    /// Removes a member and returns it.
    mutating func take(_ name: String) -> JSONValue? {
        defer { self[name] = nil }
        return self[name]
    }
}

extension JSONValue {
    fileprivate var counter: UInt32? { unsignedNumber.flatMap { UInt32(exactly: $0) } }
}
