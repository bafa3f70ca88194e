// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import NetworkServer
internal import Store

extension GroupDefinition {
    private static let version: Int64 = 1

    /// The stored form.
    var record: MulticastGroupRecord {
        var state: JSONObject = [
            "version": .integer(Self.version),
            "name": .string(name),
            "app_s_key": .string(applicationKey.hex),
            "nwk_s_key": .string(networkKey.hex),
            "members": .array(members.map { .string($0) }),
            "first_counter": .integer(Int64(firstCounter)),
            "created_at": .integer(createdAt.nanoseconds),
        ]
        if let region { state["region"] = .string(region) }
        let window: ReceiveWindow?
        switch listening {
        case .classC(let own): window = own
        case .classB(let periodicity, let own):
            window = own
            state["ping_periodicity"] = .integer(Int64(periodicity))
        }
        if let window {
            state["frequency"] = .integer(Int64(window.frequency))
            state["data_rate"] = .integer(Int64(window.dataRate))
        }
        return MulticastGroupRecord(
            applicationID: applicationID,
            groupID: groupID,
            address: address,
            state: Array(JSONValue.object(state).jsonText.utf8),
        )
    }

    /// Reads the stored form; nil when it is of no known version.
    init?(_ record: MulticastGroupRecord) {
        let state: JSONValue
        do throws(JSONSyntaxError) { state = try JSONValue(parsing: record.state) } catch { return nil }
        guard state["version"]?.wholeNumber == Self.version,
            let applicationKey = state["app_s_key"]?.text.flatMap({ AES128Key(hex: $0) }),
            let networkKey = state["nwk_s_key"]?.text.flatMap({ AES128Key(hex: $0) }),
            let name = state["name"]?.text,
            let createdAt = state["created_at"]?.wholeNumber
        else { return nil }
        var window: ReceiveWindow?
        if let frequency = state["frequency"]?.wholeNumber.flatMap({ UInt32(exactly: $0) }),
            let dataRate = state["data_rate"]?.wholeNumber.flatMap({ UInt8(exactly: $0) })
        {
            window = ReceiveWindow(frequency: frequency, dataRate: dataRate)
        }
        let periodicity = state["ping_periodicity"]?.wholeNumber.flatMap { UInt8(exactly: $0) }
        self.init(
            applicationID: record.applicationID,
            groupID: record.groupID,
            name: name,
            address: record.address,
            applicationKey: applicationKey,
            networkKey: networkKey,
            listening: periodicity.map { .classB(periodicity: $0, window) } ?? .classC(window),
            region: state["region"]?.text,
            members: (state["members"]?.elements ?? []).compactMap(\.text),
            firstCounter: state["first_counter"]?.wholeNumber.flatMap { UInt32(exactly: $0) } ?? 0,
            createdAt: UnixTime(nanoseconds: createdAt),
        )
    }
}
