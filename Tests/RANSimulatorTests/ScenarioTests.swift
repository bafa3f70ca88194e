// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import RANSimulator
import Testing

@Suite struct ScenarioTests {
    @Test("every key of a scenario is read")
    func everyKey() throws {
        let text = """
            token: t
            port: 8070
            address: 127.0.0.1
            tls_certificate: c.pem
            tls_key: k.pem
            challenge_size: 128
            smallest_challenge_size: 4
            ack_timeout_s: 2.5
            unsubscribe_after: 3
            subscription_limit: 10
            gateway_lead_ms: 5
            time_scale: 0.5
            history_limit: 7
            binary_frames: true
            fragment_size: 100
            multicast_by_device: true
            seed: 9
            faults:
              - { slow_ms: 5, refuse_tokens: true }
            defaults: { interval_s: 0.5, region: US915, channels: [8, 9, 65] }
            devices:
              - name: a
                dev_eui: "fedcba9876543210"
                dev_addr: "26011a01"
                nwk_s_key: "00000000000000000000000000000001"
                app_s_key: "00000000000000000000000000000002"
                count: 3
                gateways: [{ rssi: -90.5, snr: -1, latitude: 1.5, longitude: 2, delay_ms: 3 }]
              - dev_eui: "0000000000000001"
                app_eui: "0000000000000002"
                app_key: "00000000000000000000000000000003"
                nwk_key: "00000000000000000000000000000004"
                lorawan_version: "1.1"
                class: C
                region: EU868
                data_rate: 3
                arrival: poisson
                port: 7
                payload: counter:2
                confirmed: true
                confirmed_attempts: 2
                join_interval_s: 3
                outdated: true
                adr: true
                rx1_delay_s: 5
                first_fcnt_up: 9
                first_dev_nonce: 4
                first_uplink_s: 2
                battery: 12
                ping_periodicity: 2
                overlap_windows: true
                multicast:
                  - addr: "ef046a1e"
                    nwk_s_key: "00000000000000000000000000000005"
                    app_s_key: "00000000000000000000000000000006"
            """
        let scenario = try Scenario(parsing: Array(text.utf8), file: "s.yaml")
        let configuration = scenario.configuration
        #expect(configuration.token == "t" && configuration.port == 8070 && configuration.challengeSize == 128)
        #expect(configuration.tls == TLSFiles(certificate: "c.pem", key: "k.pem"))
        #expect(configuration.ackTimeout == .milliseconds(2500) && configuration.unsubscribeAfter == 3)
        #expect(configuration.fragmentSize == 100 && configuration.reportsMulticastByDevice)
        #expect(scenario.faults == [.slow(.milliseconds(5)), .refuseTokens(true)])
        #expect(configuration.devices.map(\.name) == ["a-0", "a-1", "a-2", "0000000000000001"])
        #expect(configuration.devices[2].devEUI == EUI64(rawValue: 0xFEDC_BA98_7654_3212))
        #expect(configuration.devices[2].channels == [8, 9, 65] && configuration.devices[2].region == "US915")
        #expect(configuration.devices[0].gateways.first?.delay == .milliseconds(3))
        let last = configuration.devices[3]
        #expect(last.version == .v1_1 && last.deviceClass == .c && last.region == "EU868" && last.isPoisson)
        #expect(last.payload == .counter(count: 2) && last.interval == .milliseconds(500) && last.multicast.count == 1)
    }

    @Test(
        "a mistake is told with its line",
        arguments: [
            ("token: t\nports: 1", 2, "ports"), ("token: t\nport: 70000", 2, "port"), ("port: 1", 1, "token"),
            ("token: t\ndevices:\n  - name: x", 3, "dev_eui"),
            ("token: t\ndevices:\n  - dev_eui: \"0000000000000001\"", 3, "OTAA"),
            ("token: t\nfaults:\n  - { burn: 1 }", 3, "burn"), ("token: t\ntoken: u", 2, "twice"),
            ("token: [", 1, ""), ("token: t\nchallenge_size: 1", 2, "challenge_size"), ("- 1", 1, "mapping"),
            ("token: t\ntls_key: k.pem", 1, "tls_certificate"),
        ] as [(String, Int, String)],
    )
    func mistakes(text: String, line: Int, word: String) {
        do throws(SimulatorError) {
            _ = try Scenario(parsing: Array(text.utf8), file: "s.yaml")
            Issue.record("accepted")
        } catch {
            guard case .badScenario("s.yaml", let told, let message) = error else {
                Issue.record("another error: \(error)")
                return
            }
            #expect(told == line || word.isEmpty)
            #expect(message.contains(word) || word.isEmpty)
        }
    }
}
