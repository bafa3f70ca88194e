// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import TTNClient
import TestSupport
import Testing

/// The Swift library against the built bridge, a real broker and a simulated RAN.
@Suite struct TTNClientTests {
    private static func options(_ version: ConnectionOptions.ProtocolVersion) -> ConnectionOptions {
        var options = ConnectionOptions()
        options.protocolVersion = version
        options.requestTimeout = .seconds(60)
        options.connectTimeout = .seconds(30)
        return options
    }

    @Test(
        "an application registered over MQTT hears its device, answers it and manages it",
        arguments: [ConnectionOptions.ProtocolVersion.v5, .v311],
    )
    func wholeLife(version: ConnectionOptions.ProtocolVersion) async throws {
        let known = try SceneDevice.abp("known", 60)
        let own = try SceneDevice.abp("m1", 61)
        let options = Self.options(version)
        try await Scene.with([known], simulator: { $0.devices.append(own.virtual) }) { scene, _ in
            let address = scene.broker.url
            let operatorChannel = try RequestChannel(
                address: address,
                username: "",
                accessKey: "",
                options: options,
            )
            _ = try await operatorChannel.request("register", ["app_id": "meters"], of: .administration)

            let handler = HandlerClient(appID: "meters", accessKey: "", address: address, options: options)
            let application = try handler.application()
            #expect(try await application.get().payloadFormat == "none")
            #expect(try await application.setPayloadFormat("cayennelpp").payloadFormat == "cayennelpp")
            try await application.setCustomPayloadFunctions(decoder: "function Decoder(b) { return {}; }")
            #expect(try await application.get().payloadFormat == "cayennelpp")

            let registered = try await application.registerDevice(
                "m1",
                DeviceAttributes(latitude: 52.5, attributes: ["site": "roof"], lorawanDevice: own.radio),
            )
            #expect(registered.appID == "meters")
            #expect(registered.latitude == 52.5)
            #expect(registered.lorawanDevice.nwkSKey == nil)
            let shown = try await application.device("m1", withKeys: true)
            #expect(shown.lorawanDevice.nwkSKey == own.radio.nwkSKey?.uppercased())
            try await eventually("the device is in the RAN's table") {
                try await application.device("m1").ran?.state == .inEffect
            }

            let data = try handler.data()
            var uplinks = try await data.uplinks().makeAsyncIterator()
            var downlinks = try await data.downlinkEvents().makeAsyncIterator()
            try await data.connect()
            try await scene.simulator.sendUplink(devEUI: own.virtual.devEUI, port: 1, payload: [3, 103, 1, 16])
            let uplink = try #require(await uplinks.next())
            #expect(uplink.devID == "m1")
            #expect(uplink.payload == [3, 103, 1, 16])
            #expect(uplink.payloadFields?["temperature_3"] == 27.2)
            #expect(uplink.attributes == ["site": "roof"])
            #expect(uplink.metadata.gateways.first?.id == "eu")

            let id = try await data.send("m1", .hexadecimal("01AB"), port: 10, schedule: .last)
            #expect(await downlinks.next()?.stage == .scheduled)
            #expect(try await application.downlinkQueue("m1")["downlinks"]?.elements?.first?["payload_raw"] == "Aas=")
            try await scene.simulator.sendUplink(devEUI: own.virtual.devEUI, port: 1, payload: [1, 0, 1])
            let sent = try #require(await downlinks.next())
            #expect(sent.stage == .sent)
            #expect(sent.id == id)
            #expect(sent.port == 10)
            let report = try await scene.report("the downlink") { $0.device("m1")?.downlinks.isEmpty == false }
            #expect(report.device("m1")?.downlinks.first?.payload == [1, 0xAB])

            let updated = try await application.updateDevice("m1", DeviceAttributes(description: "north"))
            #expect(updated.description == "north")
            #expect(updated.latitude == 52.5)
            #expect(try await application.devices(attributes: ["site": "roof"]).map(\.devID) == ["m1"])
            #expect(try await application.devices(attributes: ["site": "cellar"]).isEmpty)
            try await application.simulateUplink("m1", [1, 103, 0, 10], port: 2)
            // The uplink that fetched the downlink came before.
            #expect(await uplinks.next()?.payloadFields?["digital_in_1"] == 1)
            #expect(await uplinks.next()?.payloadFields?["temperature_1"] == 1)

            try await application.deleteDevice("m1")
            let gone = await #expect(throws: TTNClientError.self) { try await application.device("m1") }
            #expect(gone?.reason == "not_found")
            try await application.unregister()
            let unknown = await #expect(throws: TTNClientError.self) { try await application.get() }
            #expect(unknown?.reason == "not_found")
            await data.close()
            await application.close()
            await operatorChannel.close()
        }
    }

    @Test("a refusal of the bridge arrives with its code and the member that is wrong")
    func refusals() async throws {
        let known = try SceneDevice.abp("known", 62)
        try await Scene.with([known]) { scene, _ in
            let application = try ApplicationClient(
                appID: "app",
                accessKey: "",
                address: scene.broker.url,
                options: Self.options(.automatic),
            )
            func refusal(_ body: () async throws -> Void) async throws -> RequestRefusal {
                let error = await #expect(throws: TTNClientError.self) { try await body() }
                guard case .refused(let refusal) = error else { throw try #require(error) }
                return refusal
            }
            let wrong = try await refusal {
                _ = try await application.registerDevice(
                    "new",
                    DeviceAttributes(lorawanDevice: LoRaWANDevice(devEUI: "70B3")),
                )
            }
            #expect(wrong.code == .invalidArgument)
            #expect(wrong.field == "device.lorawan_device.dev_eui")
            let unknown = try await refusal {
                try await application.updateDevice("known", DeviceAttributes(additional: ["colour": "red"]))
            }
            #expect(unknown.code == .invalidArgument)
            #expect(unknown.field?.hasSuffix("colour") == true)
            let taken = try await refusal {
                try await application.registerDevice(
                    "known",
                    DeviceAttributes(
                        lorawanDevice: known.radio,
                        additional: [
                            "class": "C"
                        ]
                    )
                )
            }
            #expect(taken.code == .alreadyExists)
            let method = try await refusal {
                _ = try await application.channel.request("gett", of: .application("app"))
            }
            #expect(method.code == .unimplemented)
            #expect(try await application.devices().map(\.devID) == ["known"])
            await application.close()
        }
    }
}

extension SceneDevice {
    /// A personalised device as a registration says it.
    var radio: LoRaWANDevice {
        guard case .abp(let address, let keys) = virtual.activation else { return LoRaWANDevice() }
        return LoRaWANDevice(
            devEUI: virtual.devEUI.hex,
            devAddr: address.hex,
            nwkSKey: keys.fNwkSIntKey.hex,
            appSKey: keys.appSKey.hex,
        )
    }
}
