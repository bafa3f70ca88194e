// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import Testing

@Suite(.timeLimit(.minutes(5))) struct MulticastTests {
    private let group = DevAddr(rawValue: 0xEF04_6A1E)
    private let keys = SessionKeys(nwkSKey: TestNetwork.key(200), appSKey: TestNetwork.key(201))

    @Test("a multicast reaches every class C member that has the keys", arguments: [false, true])
    func members(byDevice: Bool) async throws {
        var devices = [TestNetwork.abp("c1", 1, address: 1), TestNetwork.abp("c2", 2, address: 2)]
        for index in devices.indices { devices[index].deviceClass = .c }
        devices[0].multicast = [MulticastSession(address: group, nwkSKey: keys.fNwkSIntKey, appSKey: keys.appSKey)]
        try await RunningSimulator.with(devices) {
            $0.reportsMulticastByDevice = byDevice
        } _: { running async throws in
            let upstream = try await running.open("upstream")
            let downstream = try await running.open("downstream")
            let path = "multicast/multicast-groups/"
            _ = try await running.call("POST", path + "create", ["name": "g", "addr": .string(group.hex)])
            for device in devices {
                try await running.subscribe(device)
                let member: JSONValue = ["addr": .string(group.hex), "dev_eui": .string(device.devEUI.hex)]
                #expect(try await running.call("POST", path + "add-device", member).body == ["is_added": true])
                try await running.simulator.sendUplink(devEUI: device.devEUI, port: 1, payload: [1])
                let uplink = try TestNetwork.Upstream(try await upstream.receiveJSON())
                let mic = try uplink.mic(TestNetwork.keys(device.devEUI.rawValue))
                try await upstream.send(TestNetwork.ack(uplink, device.devEUI, mic))
            }
            await running.expect { $0.acks == 2 }
            let frame = TestNetwork.downlink(keys, group, counter: 3, payload: [5])
            let octets = frame.map(\.description).joined(separator: ",")
            try await downstream.send(
                #"{"ProtocolVersion":1,"TransactionID":8,"Addr":\#(group.rawValue),"TxWindow":{"Radio":"#
                    + #"{"Frequency":869525000,"LoRa":{"Spreading":12,"Bandwidth":125000}},"Deadline":1},"#
                    + #""PHYPayload":[\#(octets)]}"#,
            )
            #expect(try await downstream.receiveJSON()["MailboxID"] != nil)
            let result = try await downstream.receiveJSON()
            if byDevice {
                let results = try #require(result["Results"]?.elements)
                #expect(results.compactMap { $0["DevEUI"]?.unsignedNumber } == [1, 2])
                #expect(results.allSatisfy { $0["ResultCode"] == "Success" })
            } else {
                #expect(result["ResultCode"] == "Success")
            }
            await running.expect { $0.devices[0].downlinkCount == 1 && $0.devices[1].missedDownlinks.count == 1 }
            #expect(await running.simulator.snapshot().devices[0].downlinks.first?.payload == [5])
        }
    }
}
