// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Store
import Testing

@Suite struct GrowthTests {
    @Test("100,000 devices are put in groups, paged in order, and found by DevEUI")
    func manyDevices() throws {
        let place = try TemporaryStore()
        let store = try place.open()
        try store.commit([.putApplication(ApplicationRecord(id: "meters"))])
        let total = 100_000
        for group in 0..<100 {
            var mutations: [StoreMutation] = []
            for number in group * 1000..<(group + 1) * 1000 {
                let spread = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
                var record = try device(UInt64(number), id: "d\(1_000_000 + number)")
                record.devEUI = EUI64(rawValue: spread)
                mutations.append(.putDevice(record))
                mutations.append(.putSession(record.devEUI, [1]))
            }
            try store.commit(mutations)
        }
        #expect(try store.deviceCount() == total)
        var last: DeviceRecord.Key?
        var seen = 0
        while true {
            let page = try store.devices(after: last, limit: 5000)
            for record in page {
                #expect(record.deviceID == "d\(1_000_000 + seen)")
                seen += 1
            }
            guard let end = page.last else { break }
            last = end.key
        }
        #expect(seen == total)
        var walked = 0
        try store.forEachStoredDevice(in: .all) { walked += $0.devices.count { $0.session == [1] } }
        #expect(walked == total)
        #expect(try store.device(EUI64(rawValue: 77_777 &* 0x9E37_79B9_7F4A_7C15))?.deviceID == "d1077777")
    }
}
