// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import Observability
internal import PayloadCodec
internal import Store
internal import TTNMessages

/// Takes downlink requests: reads and checks them, encodes fields, and hands them to the device's shard. Every request
/// ends in an event: what the network server says of it, or here why it is wrong.
struct DownlinkDesk: Sendable {
    let registry: Registry
    let groups: GroupDesk
    let codec: PayloadCodec
    let ids: OutboxRows
    let parser = DownlinkRequestParser()
    let logger: Logger
    let metrics: RequestMetrics
    let refusals: RefusalRate
    let now: @Sendable () -> UnixTime
    /// Hands items to the shard that owns the device; the callback follows their commit.
    let enqueue: @Sendable (EUI64, [DownlinkItem], DownlinkSchedule, @escaping @Sendable () -> Void) -> Void
    /// Publishes an event that need not survive a crash.
    let announce: @Sendable (ApplicationMessage) -> Void

    /// Works on one request; `done` is called when it is durable or answered.
    func handle(
        _ topic: RequestTopic,
        body: [UInt8],
        expiry: UInt32?,
        done: @escaping @Sendable () -> Void,
    ) async {
        if case .foreign = topic.tenant { return done() }
        let command: DownlinkCommand
        do throws(RequestError) {
            command = try parser.command(topic: topic, body: body)
        } catch {
            refuse(topic, error.report, error.requests)
            return done()
        }
        let key = GroupKey(applicationID: topic.applicationID, groupID: topic.deviceID)
        if let entry = registry.device(topic.applicationID, topic.deviceID) {
            guard let encoded = await encoded(command, topic, entry.formatter, expiry, entry) else { return done() }
            enqueue(
                entry.devEUI,
                encoded.requests.map { item(for: $0, entry) },
                DownlinkSchedule(encoded.schedule),
                done
            )
        } else if groups.book.group(key) != nil, let application = registry.application(topic.applicationID) {
            guard let encoded = await encoded(command, topic, application.formatter, expiry, nil) else { return done() }
            do throws(MulticastRefusal) {
                try groups.send(encoded, to: key, ids: ids, now: now(), done: done)
            } catch {
                refuse(topic, error.report, encoded.requests)
                done()
            }
        } else {
            refuse(topic, unknown(topic), command.requests)
            done()
        }
    }

    /// The command with octets for all fields and a time to live for all; nil when it asks for nothing, or was refused.
    ///
    /// - Parameter device: nil for a group.
    private func encoded(
        _ command: DownlinkCommand,
        _ topic: RequestTopic,
        _ formatter: Formatter,
        _ expiry: UInt32?,
        _ device: DeviceEntry?,
    ) async -> DownlinkCommand? {
        var command = command
        for index in command.requests.indices {
            if command.requests[index].ttl == nil { command.requests[index].ttl = expiry }
            let path = topic.format == .v3 ? "downlinks[\(index)]." : ""
            do throws(DeskRefusal) {
                try checkClass(command.requests[index], device, at: path)
                try await encode(&command.requests[index], topic.applicationID, formatter, at: path)
            } catch {
                // All or nothing: one request that cannot be served fails its siblings.
                refuse(topic, error.report, command.requests)
                return nil
            }
        }
        guard !command.requests.isEmpty || command.schedule == .replace else { return nil }
        metrics.accepted.add()
        return command
    }

    /// Refuses what no window of the device's class will ever serve.
    private func checkClass(
        _ request: DownlinkRequest,
        _ device: DeviceEntry?,
        at path: String,
    ) throws(DeskRefusal) {
        guard request.forbidsClassA else { return }
        // A LoRaWAN 1.1 device tells its class itself.
        if let device, device.deviceClass == .a, device.version != .v1_1 {
            throw DeskRefusal(
                .classMismatch,
                "Downlink \(path)class_b_c not valid: the device is class A and listens after its uplinks alone",
                field: path + "class_b_c",
            )
        }
        if let time = request.absoluteTime, time <= now() {
            throw DeskRefusal(
                .invalidTime,
                "Downlink \(path)class_b_c.absolute_time not valid: it lies in the past",
                field: path + "class_b_c.absolute_time",
            )
        }
    }

    private func encode(
        _ request: inout DownlinkRequest,
        _ applicationID: String,
        _ formatter: Formatter,
        at path: String,
    ) async throws(DeskRefusal) {
        guard request.payload == nil, let fields = request.fields else { return }
        let member = path + (request.origin == .v3 ? "decoded_payload" : "payload_fields")
        guard formatter != .none else {
            throw DeskRefusal(
                report: FailureReport(
                    "Downlink Payload not valid: fields supplied, but no Encoder function set",
                    reason: "encoder_failed",
                    field: member,
                )
            )
        }
        let outcome = await codec.encode(
            EncodeCall(
                applicationID: applicationID,
                formatter: formatter,
                fieldsJSON: fields,
                port: request.port ?? 0,
                flavour: request.origin == .v3 ? .v3 : .v2,
            )
        )
        if let failure = outcome.failure {
            throw DeskRefusal(report: FailureReport(failure.message, reason: "encoder_failed", field: member))
        }
        // v2 sends nothing then; a script of v3 may want a frame without payload.
        if request.origin == .v2, outcome.bytes.isEmpty {
            throw DeskRefusal(.payloadEmpty, "Downlink Payload not valid: empty, as the encoder made it", field: member)
        }
        request.payload = outcome.bytes
        if let port = outcome.port { request.port = port }
    }

    private func item(for request: DownlinkRequest, _ entry: DeviceEntry) -> DownlinkItem {
        let expiresAt = request.ttl.map { UnixTime(nanoseconds: now().nanoseconds + Int64($0) * 1_000_000_000) }
        return DownlinkItem(
            id: UInt64(bitPattern: ids.next()),
            devEUI: entry.devEUI,
            port: request.port,
            payload: request.payload ?? [],
            isConfirmed: request.isConfirmed,
            maximumAttempts: request.maximumAttempts.map(Int.init),
            expiresAt: expiresAt,
            notBefore: request.absoluteTime,
            requiresSession: request.origin == .v3,
            context: DownlinkContext(device: entry.identity(devAddr: nil), request: request).octets,
        )
    }

    private func unknown(_ topic: RequestTopic) -> FailureReport {
        if registry.application(topic.applicationID) == nil {
            return FailureReport(
                "Application \(topic.applicationID) not found",
                reason: "unknown_application",
            )
        }
        return FailureReport(
            "Device \(topic.deviceID) not found in application \(topic.applicationID)",
            reason: "unknown_device",
        )
    }

    private func refuse(_ topic: RequestTopic, _ report: FailureReport, _ requests: [DownlinkRequest]) {
        metrics.refused.add()
        logger.warning(
            "downlink_refused",
            [
                "app_id": topic.applicationID,
                "dev_id": topic.deviceID,
                "reason": report.reason,
                "error": report.sentence,
            ],
        )
        guard let heldBack = refusals.admit(topic) else { return metrics.heldBack.add() }
        var report = report
        report.note(heldBack: heldBack)
        let device = registry.device(topic.applicationID, topic.deviceID)?.identity(devAddr: nil) ?? topic.device
        for request in requests {
            announce(
                .downlink(DownlinkEvent(device: device, time: now(), request: request, stage: .failed(report)))
            )
        }
    }
}

/// Why a request that is right in itself does not suit the device.
private struct DeskRefusal: Error {
    let report: FailureReport

    init(report: FailureReport) { self.report = report }

    init(_ reason: RequestReason, _ sentence: String, field: String) {
        report = FailureReport(sentence, reason: reason.rawValue, field: field)
    }
}

/// Counters of requests.
struct RequestMetrics: Sendable {
    let accepted: Counter
    let refused: Counter
    let heldBack: Counter

    init(_ registry: MetricRegistry) {
        accepted = registry.counter("bridge_downlink_requests_accepted_total")
        heldBack = registry.counter("bridge_events_held_back_total")
        refused = registry.counter("bridge_downlink_requests_refused_total")
    }
}

extension DownlinkSchedule {
    init(_ schedule: DownlinkCommand.Schedule) {
        switch schedule {
        case .replace: self = .replace
        case .first: self = .first
        case .last: self = .last
        }
    }
}
