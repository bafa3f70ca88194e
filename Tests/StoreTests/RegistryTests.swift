// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Store
import Testing

@Suite struct RegistryTests {
    let place: TemporaryStore
    let store: SQLiteStore

    init() throws {
        place = try TemporaryStore()
        store = try place.open()
    }

    @Test("an application comes back as it was put, in the order of ids, after a reopen too")
    func applications() throws {
        let meters = ApplicationRecord(
            id: "meters",
            payloadFormat: .custom,
            decoder: "function Decoder(b, p) { return {é: '\u{0}'} }",
            converter: "c",
            validator: "v",
            encoder: "e",
            registerOnJoinAccessKey: "ttn-account.k",
        )
        let alarms = ApplicationRecord(id: "alarms", payloadFormat: .cayennelpp)
        try store.commit([.putApplication(meters), .putApplication(alarms)])
        #expect(try store.applications() == [alarms, meters])
        let reopened = try place.reopen(store)
        #expect(try reopened.applications() == [alarms, meters])
        #expect(try reopened.application("meters") == meters)
        #expect(try reopened.application("none") == nil)
    }

    @Test("every field of a device comes back, over the air and personalised")
    func devices() throws {
        var full = try device(1)
        full.activation = .otaa(appKey: try key(1), nwkKey: try key(2))
        full.lorawanVersion = .v1_1
        full.deviceClass = .c
        full.region = "US915"
        full.coverage = "us"
        full.payloadFormat = .cayennelpp
        full.codec = "acme/probe"
        full.description = "by the door, \"left\""
        full.latitude = -33.856_784
        full.longitude = 151.215_297
        full.altitude = 0.1
        full.attributes = ["room": "2 ☂", "": "empty", "a": "b"]
        full.checksFrameCounter = false
        full.uses32BitCounter = false
        full.allowsCounterReset = true
        full.adrEnabled = false
        full.initialFCntUp = .max
        full.initialFCntDown = 0x8000_0000
        full.updatedAt = UnixTime(nanoseconds: -1)
        var personalised = try device(2)
        personalised.joinEUI = nil
        personalised.activation = .abp(
            devAddr: DevAddr(rawValue: 0xFFFF_FFFF),
            keys: SessionKeys(nwkSKey: try key(3), appSKey: try key(4)),
        )
        var personalised11 = try device(3)
        personalised11.activation = .abp(
            devAddr: DevAddr(rawValue: 0),
            keys: SessionKeys(
                fNwkSIntKey: try key(5),
                sNwkSIntKey: try key(6),
                nwkSEncKey: try key(7),
                appSKey: try key(8),
            ),
        )
        let devices = [full, personalised, personalised11]
        try store.commit([.putApplication(ApplicationRecord(id: "meters"))] + devices.map { .putDevice($0) })
        let reopened = try place.reopen(store)
        for device in devices {
            #expect(try reopened.device("meters", device.deviceID) == device)
            #expect(try reopened.device(device.devEUI) == device)
        }
        #expect(try reopened.deviceCount() == 3)
        #expect(try reopened.device("meters", "other") == nil)
        #expect(try reopened.device(EUI64(rawValue: 0)) == nil)
    }

    @Test("a page of devices begins after the last key of the page before")
    func pages() throws {
        var mutations: [StoreMutation] = ["b", "a", "c"].map { .putApplication(ApplicationRecord(id: $0)) }
        var expected: [DeviceRecord.Key] = []
        for (index, application) in ["c", "a", "b"].enumerated() {
            for number in 0..<7 {
                let record = try device(UInt64(index * 7 + number), application: application, id: "d\(6 - number)")
                mutations.append(.putDevice(record))
                expected.append(record.key)
            }
        }
        try store.commit(mutations)
        var seen: [DeviceRecord.Key] = []
        while true {
            let page = try store.devices(after: seen.last, limit: 4)
            seen += page.map(\.key)
            if page.count < 4 { break }
        }
        #expect(seen == expected.sorted())
        #expect(try store.devices(of: "b", after: nil, limit: 100).map(\.deviceID) == (0..<7).map { "d\($0)" })
        #expect(try store.devices(of: "b", after: "d4", limit: 100).map(\.deviceID) == ["d5", "d6"])
    }

    @Test("a DevEUI of another device is refused with its owner's name, and nothing of the commit stays")
    func takenDevEUI() throws {
        try store.commit([.putApplication(ApplicationRecord(id: "meters")), .putDevice(try device(1))])
        let rival = try device(1, id: "rival")
        let error = failure { () throws(StoreError) in
            try store.commit([.putSetting("x", [1]), .putDevice(rival), .putSetting("y", [1])])
        }
        let owner = DeviceRecord.Key(applicationID: "meters", deviceID: "device-1")
        #expect(error?.kind == .devEUITaken(rival.devEUI, by: owner))
        #expect(error?.mutation == 1)
        #expect(error?.reason == "dev_eui_taken")
        #expect(error?.isTransient == false)
        #expect(error?.description.contains("belongs to device device-1 of application meters") == true)
        #expect(try store.setting("x") == nil)
        #expect(try store.device("meters", "rival") == nil)
    }

    @Test("a device of an unknown application is refused")
    func unknownApplication() throws {
        let orphan = try device(1)
        #expect(
            failure { () throws(StoreError) in try store.commit([.putDevice(orphan)]) }?.kind
                == .unknownApplication("meters")
        )
    }

    @Test("a device that changes its DevEUI loses session and queue; one that keeps it keeps them")
    func changedDevEUI() throws {
        let old = try device(1)
        let entry = DownlinkEntry(devEUI: old.devEUI, id: 1, position: 0, payload: [1])
        try store.commit([
            .putApplication(ApplicationRecord(id: "meters")), .putDevice(old), .putSession(old.devEUI, [1]),
            .putJoinState(old.devEUI, [2]), .putDownlink(entry),
        ])
        var renamed = old
        renamed.description = "moved"
        try store.commit([.putDevice(renamed)])
        #expect(try store.device(old.devEUI) == renamed)
        #expect(try store.session(old.devEUI) == [1])
        #expect(try store.downlinks(old.devEUI) == [entry])
        var changed = old
        changed.devEUI = EUI64(rawValue: 99)
        try store.commit([.putDevice(changed)])
        #expect(try store.device(old.devEUI) == nil)
        #expect(try store.device("meters", "device-1") == changed)
        #expect(try store.session(old.devEUI) == nil)
        #expect(try store.downlinks(old.devEUI) == [])
        #expect(try store.joinState(old.devEUI) == [2])
    }

    @Test("deleting a device or an application takes sessions and queues along, but no join state and no outbox")
    func deletion() throws {
        var mutations: [StoreMutation] = [
            .putApplication(ApplicationRecord(id: "meters")), .putApplication(ApplicationRecord(id: "alarms")),
            .putAccessKey(AccessKeyRecord(applicationID: "meters", name: "k", rights: ["settings"])),
        ]
        let devices = [try device(1), try device(2), try device(3, application: "alarms")]
        for device in devices {
            mutations += [
                .putDevice(device), .putSession(device.devEUI, [1]), .putJoinState(device.devEUI, [1]),
                .putDownlink(DownlinkEntry(devEUI: device.devEUI, id: 1, position: 0, payload: [])),
                .putOutbox(
                    OutboxEntry(
                        id: Int64(device.devEUI.rawValue & 0xFF),
                        devEUI: device.devEUI,
                        kind: 0,
                        payload: []
                    )
                ),
            ]
        }
        try store.commit(mutations)
        try store.commit([.deleteDevice(applicationID: "meters", deviceID: "device-1")])
        #expect(try store.deviceCount() == 2)
        #expect(try store.session(devices[0].devEUI) == nil)
        #expect(try store.downlinks(devices[0].devEUI) == [])
        #expect(try store.joinState(devices[0].devEUI) == [1])
        try store.commit([.deleteApplication("meters"), .deleteDevice(applicationID: "no", deviceID: "no")])
        #expect(try store.applications().map(\.id) == ["alarms"])
        #expect(try store.devices(after: nil, limit: 9) == [devices[2]])
        #expect(try store.session(devices[1].devEUI) == nil)
        #expect(try store.session(devices[2].devEUI) == [1])
        #expect(try store.accessKeys(of: "meters") == [])
        #expect(store.outboxCount == 3)
    }
}
