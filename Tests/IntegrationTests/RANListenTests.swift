// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSON
import LoRaWAN
import RANSimulator
import TestSupport
import Testing

/// `ran listen` and `ran send` as programs against a simulated RAN.
@Suite(.timeLimit(.minutes(5)))
struct RANListenTests {
    private let devEUI = EUI64(rawValue: 0xFEDC_BA98_7654_3210)
    private let devAddr = DevAddr(rawValue: 0xFF00_0001)

    /// A confirmed data frame with ADR set and its MIC, FCnt 65,539 of which the air carries 3.
    private func frame(_ key: AES128Key) -> [UInt8] {
        let frame = DataFrame(
            direction: .up,
            isConfirmed: true,
            devAddr: devAddr,
            control: FrameControl(adr: true),
            counter: 3,
            port: 2,
            payload: [1, 2, 3],
        )
        let octets = frame.encodedWithoutMIC()
        let mic = MIC.dataUplink10(key: key, devAddr: devAddr, counter: 65_539, octets: octets)
        return octets + mic.octets
    }

    /// Lets the RAN send a message as soon as somebody listens.
    private func deliver(_ message: RawUpstream, _ ran: RANProgram) async throws -> UpstreamReply {
        try #require(await ran.simulator.waitForReport(timeout: .seconds(30)) { $0.upstreamSockets > 0 })
        return try await ran.simulator.inject(message)
    }

    @Test("every kind of frame is shown decoded, and rejected as Other when no key proves it")
    func shown() async throws {
        try await RANProgram.with { ran async throws in
            let listener = try ran.start("listen", "--count", "4")
            let key = try #require(AES128Key(hex: "11000000000000000000000000000001"))
            var message = RawUpstream(devEUIs: [devEUI, EUI64(rawValue: 1)], phyPayload: frame(key))
            message.rssi = -117.25
            message.snr = -7.5
            message.isOutdated = true
            let expected = UpstreamReply.reject(code: "Other", message: "shown by ran listen, not processed")
            #expect(try await deliver(message, ran) == expected)
            let join = JoinRequestFrame(joinEUI: EUI64(rawValue: 0x8000_0000_0000_0001), devEUI: devEUI, devNonce: 77)
            var second = RawUpstream(devEUIs: [devEUI], octets: join.encodedWithoutMIC(), mic: 9)
            second.modulation = .fsk(deviation: 25_000, bitRate: 50_000)
            #expect(try await deliver(second, ran) == expected)
            var third = RawUpstream(devEUIs: [devEUI], octets: [0xE0, 1, 2], mic: 9)
            third.modulation = .fhss(occupiedWidth: 137_000, codingRate: "1/3")
            third.frequency = 868_487_500
            #expect(try await deliver(third, ran) == expected)
            #expect(try await deliver(RawUpstream(devEUIs: [devEUI], octets: [0x40, 1], mic: 9), ran) == expected)

            #expect(try await listener.exit() == .code(0))
            let lines = listener.record.value.lines.filter { $0.stream == .output }.map(\.text)
            try #require(lines.count == 5)
            let words = lines.map { $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init) }
            #expect(words[0].prefix(4) == ["TIME", "(UTC)", "DEVEUI", "DEVADDR"])
            #expect(words[1][1] == "fedcba9876543210|0000000000000001")
            #expect(words[1][2...9] == ["ff000001", "3", "SF7BW125", "868.100", "-117.3", "-7.5", "no", "confirmed,"])
            #expect(lines[1].hasSuffix("confirmed, port 2, 3 octets, ADR, outdated"))
            #expect(words[2][2...4] == ["-", "-", "FSK50000"])
            #expect(lines[2].hasSuffix("join of JoinEUI 8000000000000001, DevNonce 77"))
            #expect(words[3][4...5] == ["FHSS137000CR1/3", "868.487500"])
            #expect(lines[3].hasSuffix("proprietary, 3 octets"))
            #expect(lines[4].contains("unreadable: The frame ends inside"))
            let report = await ran.simulator.snapshot()
            #expect(report.acks == 0)
            #expect(report.wrongAcks == 0)
        }
    }

    @Test("a frame that a key of the file proves is acked; with another device's key, or a wrong one, it is not")
    func proved() async throws {
        try await RANProgram.with { ran async throws in
            let directory = try TemporaryDirectory("ran-listen")
            let keys = try directory.write(
                """
                # the meter on the roof
                fedcba9876543210 22000000000000000000000000000002

                fedcba9876543210 11000000000000000000000000000001
                """,
                to: "keys",
            )
            let listener = try ran.start("listen", "--count", "3", "--json", "--keys", keys)
            let key = try #require(AES128Key(hex: "11000000000000000000000000000001"))
            let message = RawUpstream(devEUIs: [EUI64(rawValue: 1), devEUI], phyPayload: frame(key))
            guard case .ack(devEUI, _, isRight: true) = try await deliver(message, ran) else {
                Issue.record("the frame was not acked")
                return
            }
            let stranger = RawUpstream(devEUIs: [EUI64(rawValue: 1)], phyPayload: frame(key))
            guard case .reject(code: "Other", _) = try await deliver(stranger, ran) else {
                Issue.record("a device without a key was acked")
                return
            }
            let other = try #require(AES128Key(hex: "33000000000000000000000000000003"))
            let forged = RawUpstream(devEUIs: [devEUI], phyPayload: frame(other))
            guard case .reject(code: "Other", _) = try await deliver(forged, ran) else {
                Issue.record("a frame with a wrong MIC was acked")
                return
            }
            #expect(try await listener.exit() == .code(0))
            let frames = try listener.record.value.lines.filter { $0.stream == .output }
                .map { try JSONValue(parsing: $0.text) }
            try #require(frames.count == 3)
            #expect(frames[0]["acked_dev_eui"] == .string(devEUI.hex))
            #expect(frames[0]["dev_euis"] == ["0000000000000001", .string(devEUI.hex)])
            #expect(frames[0]["dev_addr"] == "ff000001")
            #expect(frames[0]["f_cnt"] == 3)
            #expect(frames[0]["f_port"] == 2)
            #expect(frames[0]["type"] == "confirmed")
            #expect(frames[0]["data_rate"] == "SF7BW125")
            #expect(frames[0]["frequency"] == 868_100_000)
            #expect(frames[1]["acked_dev_eui"] == .null)
            #expect(frames[2]["acked_dev_eui"] == .null)
            let wrong = try directory.write("fedcba9876543210 1100", to: "wrong")
            let refused = try await ran("listen", "--keys", wrong)
            #expect(refused.code == .code(2))
            #expect(refused.complaint.contains("wrong:1: expected a DevEUI of 16 and a key of 32"))
            #expect(!refused.complaint.contains("1100"))
        }
    }

    @Test("a broken socket is replaced and said; a signal ends the listening with code 0")
    func reconnects() async throws {
        try await RANProgram.with { ran async throws in
            let listener = try ran.start("listen", "--connections", "2")
            try #require(await ran.simulator.waitForReport(timeout: .seconds(30)) { $0.upstreamSockets == 2 })
            try await listener.line(containing: "socket 2 is open")
            try await ran.simulator.inject(.dropSockets(.upstream))
            try await listener.line(containing: "trying again in")
            try await listener.line(containing: "is open again")
            #expect(try await deliver(RawUpstream(devEUIs: [devEUI], octets: [0xE0], mic: 9), ran) != .missing)
            try await listener.line(containing: "proprietary")
            listener.send(SIGINT)
            #expect(try await listener.exit() == .code(0))
            let ended = try await ran("listen", "--seconds", "1")
            #expect(ended.code == .code(0))
        }
    }

    @Test("a frame is sent and its result shown; what the RAN could not send ends with code 5")
    func send() async throws {
        let device = try SceneDevice.abp("lamp", 90) { $0.deviceClass = .c }
        try await RANProgram.with {
            $0.devices = [device.virtual]
        } _: { ran async throws in
            let name = device.virtual.devEUI.hex
            let radio = ["--frequency", "869.525", "--rate", "SF12BW125"]
            func send(_ words: [String]) async throws -> RANProgram.Outcome {
                let child = try ChildProcess.built(
                    "ran-mqtt-bridge",
                    ["ran", "send"] + words,
                    environment: ran.environment
                )
                try await child.exit(within: .seconds(60))
                return RANProgram.Outcome(child.record.value)
            }
            let frame = "60011a012600000001d5ab9d2f"
            let unknown = try await send([devEUI.hex, "--payload", frame, "--deadline", "now", "--json"] + radio)
            #expect(unknown.code == .code(5))
            #expect(try unknown.json()["result"] == "GatewayNotFound")
            #expect(try unknown.json()["message"]?.text?.contains(devEUI.hex) == true)

            // The RAN has heard the device once somebody acked it.
            let keys = try TemporaryDirectory("ran-send")
            let file = try keys.write("\(name) \(nwkSKey(of: device))", to: "keys")
            try #require(try await ran("devices", "add", name, "--dev-addr", devAddr(of: device)).code == .code(0))
            let listener = try ran.start("listen", "--count", "1", "--keys", file)
            try #require(await ran.simulator.waitForReport(timeout: .seconds(30)) { $0.upstreamSockets > 0 })
            try await ran.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1])
            #expect(try await listener.exit() == .code(0))
            #expect(await ran.simulator.snapshot().acks == 1)

            let sent = try await send([name, "--payload", frame, "--deadline", "now"] + radio)
            #expect(sent.code == .code(0))
            #expect(sent.output.contains("Success"))
            let past = try await send([name, "--payload", frame, "--deadline", "2020-01-01T00:00:00Z"] + radio)
            #expect(past.code == .code(5))
            let late = try await send([name, "--payload", frame, "--gps-ms", "1,2"] + radio)
            #expect(late.code == .code(5))
            #expect(late.output.contains("TooLate"))
            #expect(await ran.simulator.snapshot().problems.allSatisfy { !$0.contains("TransactionID") })

            try #require(try await ran("groups", "create", "00000009", "--name", "lamps").code == .code(0))
            try #require(try await ran("groups", "add-device", "00000009", name).code == .code(0))
            let group = try await send(
                ["--group", "00000009", "--payload", frame, "--deadline", "now", "--json"] + radio
            )
            #expect(try group.json()["result"] == "Success")
        }
    }

    @Test(
        "a frame that cannot be sent is refused before anything is",
        arguments: [
            ("--deadline now", "--payload is missing"), ("--payload 6g --deadline now", "hexadecimal digits"),
            ("--payload 60 --deadline now --rate SF13BW125", "--rate is"),
            ("--payload 60 --deadline soon", "--deadline"),
            ("--payload 60", "when?"), ("--payload 60 --deadline now --delay 1", "when?"),
            ("--payload 60 --delay 16", "1 to 15"), ("--payload 60 --gps-ms 1,x", "1 to 8 times"),
            ("--payload 60 --group 00000009 --deadline now", "one word too many"),
            ("--payload 20 --deadline now", "join accept needs --target-dev-addr"),
            ("--payload 60 --deadline now --deadline-form iso", "now_as_1, unix_ms, unix_s"),
            ("--payload 60 --deadline now --frequency 869", "--frequency"),
        ],
    )
    func sendUsage(words: String, reason: String) async throws {
        var words = words.split(separator: " ").map(String.init)
        if !words.contains("--rate") { words += ["--rate", "SF12BW125"] }
        if !words.contains("--frequency") { words += ["--frequency", "869525000"] }
        let child = try ChildProcess.built(
            "ran-mqtt-bridge",
            ["ran", "send", "fedcba9876543210"] + words,
            environment: ["RAN_API_URL": "http://127.0.0.1:1", "RAN_API_TOKEN": "token"],
        )
        #expect(try await child.exit() == .code(2))
        #expect(child.record.value.text.contains(reason), "\(child.record.value.text)")
    }

    @Test("the library's example subscribes its device, acks its frames and rejects what its key does not prove")
    func example() async throws {
        let device = try SceneDevice.abp("meter", 91)
        try await RANProgram.with {
            $0.devices = [device.virtual]
        } _: { ran async throws in
            let name = device.virtual.devEUI.hex
            let example = try ChildProcess.built(
                "ran-client-example",
                [name, devAddr(of: device), nwkSKey(of: device)],
                environment: ran.environment,
            )
            #expect(await ran.simulator.waitForReport(timeout: .seconds(30)) { $0.upstreamSockets == 1 })
            try await ran.simulator.sendUplink(devEUI: device.virtual.devEUI, port: 1, payload: [1])
            #expect(await ran.simulator.waitForReport(timeout: .seconds(30)) { $0.acks == 1 })
            let forged = RawUpstream(devEUIs: [device.virtual.devEUI], octets: [0x40, 1, 2, 3, 4, 0, 9, 0], mic: 9)
            #expect(try await ran.simulator.inject(forged) == .reject(code: "MICFailed", message: nil))
            #expect(await ran.simulator.snapshot().wrongAcks == 0)
            try await example.kill9()
        }
    }

    private func nwkSKey(of device: SceneDevice) -> String {
        guard case .abp(_, let keys) = device.virtual.activation else { return "" }
        return keys.fNwkSIntKey.hex
    }

    private func devAddr(of device: SceneDevice) -> String {
        guard case .abp(let devAddr, _) = device.virtual.activation else { return "" }
        return devAddr.hex
    }
}
