// SPDX-License-Identifier: Apache-2.0
import JSON
import LoRaWAN
import RANSimulator
import TestSupport
import Testing

@Suite struct CrashTests {
    @Test("kill -9 twenty times: every acked uplink is published, no FCntDown is used twice")
    func killed() async throws {
        let devices = try (1...6).map { number in
            try SceneDevice.abp("k\(number)", UInt8(50 + number), extra: "class: C") {
                $0.deviceClass = .c
                $0.interval = .milliseconds(60)
                $0.isConfirmed = number.isMultiple(of: 2)
                $0.overlapsWindows = true
            }
        }
        try await Scene.with(devices) { scene, first in
            var bridge = first
            for round in 1...20 {
                for device in devices {
                    let body = #"{"port":9,"payload_raw":"AQID","schedule":"last"}"#
                    try await scene.publish("app/devices/\(device.virtual.name)/down", body)
                }
                let acks = await scene.simulator.snapshot().acks
                _ = try await scene.report("traffic in round \(round)") { $0.acks > acks + 20 + round }
                try await bridge.kill9()
                bridge = try scene.startBridge()
                try await scene.ready(bridge)
            }
            let acks = await scene.simulator.snapshot().acks
            let report = try await scene.report("downlinks of every device", within: .seconds(90)) { report in
                report.acks > acks + 20 && report.devices.allSatisfy { $0.downlinkCount > 5 }
            }
            for device in report.devices {
                #expect(device.fCntDownReused == 0, "\(device.name) heard an FCntDown twice")
            }
            #expect(report.wrongAcks == 0)
            #expect(try await bridge.terminate(within: .seconds(10)) == .code(0))
            try await expectAllAckedPublished(scene, devices)
        }
    }
}
