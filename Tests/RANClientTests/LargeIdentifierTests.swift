// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import RANClient
import RANSimulator
import Testing

/// One device whose DevEUI no signed number and no double holds, from its row to its downlink.
@Suite(.timeLimit(.minutes(5)))
struct LargeIdentifierTests {
    private let devEUI = EUI64(rawValue: 0xFEDC_BA98_7654_3210)
    private let devAddr = DevAddr(rawValue: 0xFF00_0001)
    private let group = DevAddr(rawValue: 0xFFED_8719)

    private func device() throws -> (VirtualDeviceConfiguration, AES128Key) {
        let key = try #require(AES128Key(hex: "2b7e151628aed2a6abf7158809cf4f3c"))
        var device = VirtualDeviceConfiguration(
            name: "large",
            devEUI: devEUI,
            activation: .abp(devAddr: devAddr, keys: SessionKeys(nwkSKey: key, appSKey: key)),
        )
        device.deviceClass = .c
        return (device, key)
    }

    @Test("DevEUI fedcba9876543210 is the same on every path: HTTP, upstream, ack, downstream, result, group")
    func everyPath() async throws {
        let (device, key) = try device()
        try await Simulated.with {
            $0.devices = [device]
            $0.reportsMulticastByDevice = true
        } _: { ran async throws in
            // Select, insert, update, drop and insert again.
            let table = ran.client.routingTable
            let joinEUI = EUI64(rawValue: .max)
            #expect(try await table.insert(devEUI: devEUI, joinEUI: joinEUI).devEUI == devEUI)
            let updated = try await table.update(devEUI: devEUI, joinEUI: joinEUI, activeDevAddr: devAddr)
            #expect((updated.devEUI, updated.joinEUI, updated.activeDevAddr) == (devEUI, joinEUI, devAddr))
            #expect(try await table.select(devEUIs: [devEUI]) == [updated])
            #expect(try await table.delete(devEUIs: [devEUI]) == 1)
            try await table.insert(devEUI: devEUI, devAddr: devAddr)
            let groups = ran.client.multicastGroups
            try await groups.create(name: "large", address: group)
            #expect(try await groups.addDevice(devEUI, to: group))
            #expect(try await groups.get(addresses: [group]).first?.devices == [devEUI])

            try await ran.client.withUpstream { upstream in
                try await upstream.waitUntilConnected()
                try await ran.simulator.sendUplink(devEUI: devEUI, port: 1, payload: [1])
                let deliveries = upstream.makeAsyncIterator()
                let delivery = try #require(await deliveries.next())
                #expect(delivery.message.devEUIs == [devEUI])
                let mic = MIC.dataUplink10(key: key, devAddr: devAddr, counter: 0, octets: delivery.message.payload)
                delivery.ack(devEUI: devEUI, mic: mic.rawValue)
                #expect(await ran.simulator.waitForReport(timeout: .seconds(30)) { $0.acks == 1 })
            }

            // Transaction numbers above 2^63 too.
            let downstream = DownstreamStream(
                endpoint: ran.endpoint,
                name: "large",
                transactions: TransactionCounter(after: 0xFFFF_FFFF_0000_0000),
            )
            try await downstream.waitUntilConnected()
            let window = TransmissionWindow(
                frequency: 869_525_000,
                modulation: .lora(spreading: 12, bandwidth: 125_000),
                timing: .now,
            )
            let frame: [UInt8] = [0x60, 1, 0, 0, 0xFF, 0, 0, 0, 1, 2, 3, 4]
            let sent = try await downstream.sendAndWait(to: .device(devEUI), window: window, payload: frame)
            #expect(sent.isSuccess)
            #expect(sent.transactionID == 0xFFFF_FFFF_0000_0001)
            let multicast = try await downstream.sendAndWait(to: .multicast(group), window: window, payload: frame)
            #expect(
                multicast.result
                    == .multicast([MulticastDeviceResult(devEUI: devEUI, code: .success, message: "Success")])
            )
            downstream.stop()
            await downstream.waitUntilStopped()

            #expect(try await groups.removeDevice(devEUI, from: group))
            let report = await ran.simulator.snapshot()
            #expect(report.wrongAcks == 0)
            #expect(report.malformedReplies == 0)
            #expect(report.downstreamInvalid == 0)
            #expect(report.device(devEUI)?.acks == 1)
        }
    }
}
