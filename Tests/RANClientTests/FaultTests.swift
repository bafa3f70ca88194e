// SPDX-License-Identifier: Apache-2.0
import LoRaWAN
import Observability
import RANClient
import RANSimulator
import Synchronization
import TestSupport
import Testing

/// What goes wrong between a client and a RAN, and costs only time.
@Suite(.timeLimit(.minutes(5)))
struct FaultTests {
    private let devEUI = EUI64(rawValue: 0xFEDC_BA98_7654_3210)
    private let address = DevAddr(rawValue: 0xFFED_8719)
    private let window = TransmissionWindow(
        frequency: 869_525_000,
        modulation: .lora(spreading: 12, bandwidth: 125_000),
        timing: .now,
    )

    /// Makes a call whose first answer is lost on the way although the call was carried out.
    private func losingTheAnswer<Value: Sendable>(
        _ ran: Simulated,
        carriedOut: String,
        _ call: @escaping @Sendable (RANClient) async throws(RANError) -> Value,
    ) async throws -> Value {
        let client = RANClient(
            endpoint: try RANEndpoint(
                url: ran.endpoint.url,
                token: RANToken(Simulated.token),
                requestTimeout: .seconds(1),
            ),
            retries: RetryOptions(attempts: 20),
        )
        try await ran.simulator.inject(.slow(.seconds(600)))
        async let value = call(client)
        #expect(await ran.simulator.waitForReport(timeout: .seconds(60)) { ($0.calls[carriedOut] ?? 0) > 0 })
        try await ran.simulator.inject(.slow(.zero))
        return try await value
    }

    @Test("an insert, a group and its device whose answers were lost are there once, and the calls succeed")
    func lostAnswers() async throws {
        try await Simulated.with { ran async throws in
            let (devEUI, address) = (devEUI, address)
            let entry = try await losingTheAnswer(ran, carriedOut: "devices/insert 201") { client throws(RANError) in
                try await client.routingTable.insert(devEUI: devEUI, devAddr: address, details: "roof")
            }
            #expect(entry.details == "roof")
            #expect(try await ran.client.routingTable.select() == [entry])
            let path = "multicast/multicast-groups"
            let group = try await losingTheAnswer(ran, carriedOut: "\(path)/create 201") { client throws(RANError) in
                try await client.multicastGroups.create(name: "lamps", address: address)
            }
            #expect(group.name == "lamps")
            let isAdded = try await losingTheAnswer(ran, carriedOut: "\(path)/add-device 201") {
                client throws(RANError) in
                try await client.multicastGroups.addDevice(devEUI, to: address)
            }
            #expect(isAdded)
            #expect(try await ran.client.multicastGroups.get().map(\.devices) == [[devEUI]])
            // Who did not lose an answer is told that it is there.
            await #expect {
                try await ran.client.routingTable.insert(devEUI: devEUI, devAddr: address, details: "roof")
            } throws: {
                ($0 as? RANError)?.reason == "device_already_exists"
            }
        }
    }

    @Test("a cancellation ends the pause between two attempts, the wait for a connection, and the loop")
    func cancellation() async throws {
        let broken = Peer { connection, _ in
            _ = try connection.request()
            try connection.respond(503, "")
        }
        let tried = Events<Void>()
        let client = RANClient(
            endpoint: try endpoint(broken),
            retries: RetryOptions(
                attempts: 2,
                pauses: ReconnectPolicy(minimum: .seconds(3600), maximum: .seconds(3600)),
            ),
            logger: nil,
        )
        let call = Task { await APICall.all[0].error(client) }
        let upstream = client.openUpstream { _, state in if state.isDisconnected { tried.add(()) } }
        await tried.next()
        let connecting = Task {
            do throws(RANError) {
                try await upstream.waitUntilConnected()
                return nil as RANError?
            } catch {
                return error
            }
        }
        let loop = Task { for await _ in upstream {} }
        call.cancel()
        connecting.cancel()
        loop.cancel()
        #expect(await call.value == .cancelled)
        #expect(await connecting.value == .cancelled)
        await loop.value
        upstream.stop()
        await upstream.waitUntilStopped()
    }

    @Test("a wait that is not patient ends with the first failure, whatever it is")
    func impatience() async throws {
        let broken = Peer { connection, _ in
            _ = try connection.request()
            try connection.respond(503, "")
        }
        let client = RANClient(endpoint: try endpoint(broken))
        await client.withDownstream { downstream in
            do throws(RANError) {
                try await downstream.waitUntilConnected(isPatient: false)
                Issue.record("a 503 is no connection")
            } catch {
                #expect(error.reason == "handshake_refused")
                #expect(error.isTransient)
            }
        }
    }

    @Test("an ack and a result that come after their time-out are counted, and nobody gets them")
    func lateAnswers() async throws {
        try await Simulated.with { ran async throws in
            var options = DownstreamOptions()
            options.ackTimeout = .milliseconds(50)
            let downstream = ran.client.openDownstream(options: options)
            try await downstream.waitUntilConnected()
            try await ran.simulator.inject(.slow(.seconds(1)))
            await #expect {
                try await downstream.sendAndWait(to: .device(devEUI), window: window, payload: [0x60])
            } throws: {
                ($0 as? RANError)?.reason == "timed_out"
            }
            let unexpected = ran.metrics.counter("ran_downstream_unexpected_total", ("coverage", "test"))
            try await eventually("ack and result have come late") { unexpected.value == 2 }
            #expect(ran.metrics.counter("ran_downstream_unanswered_total", ("coverage", "test")).value == 1)
            downstream.stop()
            await downstream.waitUntilStopped()
            #expect(await downstream.makeAsyncIterator().next() == nil)
        }
    }

    @Test("a stop ends sockets whose RAN has frozen within the close time-out, and fails what waits")
    func stopFrozen() async throws {
        try await Simulated.with { ran async throws in
            var options = DownstreamOptions()
            options.stream.closeTimeout = .milliseconds(100)
            let downstream = ran.client.openDownstream(options: options)
            let upstream = ran.client.openUpstream(connections: 2, options: options.stream)
            try await downstream.waitUntilConnected()
            try await upstream.waitUntilConnected()
            try await ran.simulator.inject(.freezeSockets(true))
            let (devEUI, window) = (devEUI, window)
            let waiting = Task {
                do throws(RANError) {
                    _ = try await downstream.sendAndWait(to: .device(devEUI), window: window, payload: [0x60])
                    return nil as RANError?
                } catch {
                    return error
                }
            }
            // The request has left, or waits: both end.
            downstream.stop()
            upstream.stop()
            await downstream.waitUntilStopped()
            await upstream.waitUntilStopped()
            #expect(await waiting.value == .closed)
            #expect(throws: RANError.closed) { try downstream.send([]) }
        }
    }

    @Test("closing a client stops the streams that were opened from it, and lets none open after")
    func closeStopsStreams() async throws {
        try await Simulated.with { ran async throws in
            let client = RANClient(endpoint: ran.endpoint)
            let upstream = client.openUpstream(connections: 2)
            let downstream = client.openDownstream()
            try await upstream.waitUntilConnected()
            try await downstream.waitUntilConnected()
            let loop = Task { for await _ in upstream {} }
            client.close()
            await loop.value
            await upstream.waitUntilStopped()
            await downstream.waitUntilStopped()
            let late = client.openUpstream()
            await #expect(throws: RANError.closed) { try await late.waitUntilConnected() }
            await late.waitUntilStopped()
            #expect(
                await ran.simulator.waitForReport(timeout: .seconds(30)) {
                    $0.upstreamSockets == 0 && $0.downstreamSockets == 0
                }
            )
        }
    }

    @Test("two coverages live side by side: what befalls one does not touch the other")
    func coverages() async throws {
        try await Simulated.with { europe async throws in
            try await Simulated.with { america async throws in
                let metrics = MetricRegistry()
                let clients = [("eu", europe), ("us", america)].map { name, ran in
                    RANClient(endpoint: ran.endpoint, name: name, metrics: metrics)
                }
                try await clients[0].routingTable.insert(devEUI: devEUI, devAddr: address)
                #expect(try await clients[1].routingTable.select().isEmpty)
                try await clients[1].routingTable.insert(devEUI: devEUI, joinEUI: devEUI)
                let streams = clients.map { $0.openUpstream() }
                for stream in streams { try await stream.waitUntilConnected() }
                europe.simulator.stop()
                let message = RawUpstream(devEUIs: [devEUI], octets: [0x40, 1], mic: 5)
                async let reply = america.simulator.inject(message)
                let deliveries = streams[1].makeAsyncIterator()
                try #require(await deliveries.next()).ack(devEUI: devEUI, mic: 5)
                #expect(try await reply == .ack(devEUI: devEUI, mic: 5, isRight: true))
                clients[0].close()
                await streams[0].waitUntilStopped()
                #expect(try await clients[1].routingTable.select().count == 1)
                #expect(metrics.counter("ran_upstream_acks_total", ("coverage", "us")).value == 1)
                #expect(metrics.counter("ran_upstream_acks_total", ("coverage", "eu")).value == 0)
                clients[1].close()
                await streams[1].waitUntilStopped()
            }
        }
    }
}
