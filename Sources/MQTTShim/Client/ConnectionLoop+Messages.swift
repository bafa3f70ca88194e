// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Glibc
internal import Observability

/// What goes through a connection: publications out, subscriptions, messages in.
extension ConnectionLoop {
    // MARK: Publications

    /// Whether something waits that the library may have now.
    var canFeed: Bool { !queue.isEmpty && inflight.count < configuration.maxInflight && inflight.nextIsFree }

    /// Hands the library as many publications as it may hold.
    func feed(_ now: MonotonicTime) {
        let isBatch = canFeed && queue.count > 1
        if isBatch { handle.hold(true) }
        defer { if isBatch { handle.hold(false) } }
        while canFeed, handle.socket >= 0, let queued = queue.popFirst() {
            hand(queued, now)
        }
    }

    /// Hands over one more, however full the library is: the last word before DISCONNECT.
    func feedLast() {
        if let queued = queue.popFirst() { hand(queued, .now) }
    }

    private func hand(_ queued: QueuedPublication, _ now: MonotonicTime) {
        if let problem = problem(with: queued.publication) { return complete(queued, .failed(problem)) }
        let (code, messageID) = handle.publish(queued.publication, version: version)
        // The library keeps what it cannot send at once, and says NO_CONN: it is in flight all the same.
        if code.isSuccess || code == .noConnection && queued.publication.qos != .atMostOnce {
            inflight.insert(queued, as: messageID, at: now)
        } else if code == .noConnection {
            queue.putBack([queued])
        } else {
            complete(
                queued,
                .failed(.invalidPublication(topic: queued.publication.topic, problem: code.description)),
            )
        }
    }

    /// Why a publication must not reach the library, which would refuse it too late or not at all.
    private func problem(with publication: MQTTPublication) -> MQTTError? {
        guard isPublishable(topic: publication.topic) else {
            return .invalidPublication(
                topic: publication.topic,
                problem: "the topic is empty, too long, or holds +, # or a NUL",
            )
        }
        let bytes = publication.packetByteCount(version)
        if bytes > limits.maximumPacketBytes {
            return .packetTooLarge(topic: publication.topic, bytes: bytes, limit: limits.maximumPacketBytes)
        }
        if publication.qos > limits.highestQoS {
            return .qosNotSupported(publication.qos, highest: limits.highestQoS)
        }
        if publication.isRetained, !limits.isRetainAvailable {
            logger.warning("retain_not_available", ["broker": brokerName, "topic": publication.topic])
        }
        return nil
    }

    func complete(_ published: MosquittoEvents.Published) {
        // Not ours, or completed before: the broker may acknowledge a message again that was sent again.
        guard let queued = inflight.remove(published.messageID) else { return }
        let outcome: MQTTPublishOutcome =
            switch published.reason {
            case .noMatchingSubscribers: .noSubscribers
            // QoS 2, at PUBREL: the broker took the message at PUBREC and has forgotten the exchange since.
            case .packetIdentifierNotFound: .acknowledged
            case let reason where reason.isFailure: .refused(reason, text: published.reasonText)
            default: .acknowledged
            }
        complete(queued, outcome)
    }

    func complete(_ queued: QueuedPublication, _ outcome: MQTTPublishOutcome) {
        metrics.count(outcome)
        if !outcome.isAccepted {
            logger.warning(
                "publish_failed",
                ["topic": queued.publication.topic, "reason": outcome.word, "error": "\(outcome)"],
            )
        }
        switch queued.destination {
        case .delegate: completions.append(MQTTCompletion(token: queued.publication.token, outcome: outcome))
        case .waiter(let continuation): continuation.resume(returning: outcome)
        case .announcement: break
        }
    }

    /// Hands completions over when there are many, or when the first of them has waited long enough.
    func flushCompletions(_ now: MonotonicTime) {
        guard !completions.isEmpty else { return }
        let since = completionsSince ?? now
        completionsSince = since
        guard completions.count >= 256 || now.since(since) >= Self.completionDelay else { return }
        flushCompletions()
    }

    func flushCompletions() {
        completionsSince = nil
        guard !completions.isEmpty else { return }
        delegate.didComplete(completions)
        completions.removeAll(keepingCapacity: true)
    }

    func announcement(_ announcement: MQTTAnnouncement) -> QueuedPublication {
        QueuedPublication(
            publication: MQTTPublication(
                token: 0,
                topic: announcement.topic,
                payload: announcement.payload,
                qos: announcement.qos,
                isRetained: announcement.isRetained,
            ),
            destination: .announcement,
        )
    }

    // MARK: Subscriptions

    /// Keeps subscriptions for every connection to come, and makes them on this one.
    func remember(_ wanted: [MQTTSubscription]) {
        for subscription in wanted {
            if let index = subscriptions.firstIndex(where: { $0.filter == subscription.filter }) {
                subscriptions[index] = subscription
            } else {
                subscriptions.append(subscription)
            }
            if case .connected = phase { subscribe(subscription) }
        }
    }

    func subscribe(_ subscription: MQTTSubscription) {
        let (code, messageID) = handle.subscribe(subscription)
        inflight.noteUse(of: messageID)
        if code.isSuccess {
            pendingSubscriptions[messageID] = PendingSubscription(subscription: subscription, since: .now)
        } else {
            // The connection ends with the next call that touches the socket, and the next one subscribes again.
            logger.error("subscribe_failed", ["topic": subscription.filter, "error": code])
        }
    }

    func subscriptionsAnswered(_ answers: [MosquittoEvents.Subscribed]) {
        var told: [MQTTSubscriptionAnswer] = []
        for answer in answers {
            guard let pending = pendingSubscriptions.removeValue(forKey: answer.messageID),
                let code = answer.granted.first
            else { continue }
            let filter = pending.subscription.filter
            guard let granted = MQTTQoS(rawValue: UInt8(truncatingIfNeeded: code)) else {
                let reason = MQTTReasonCode(rawValue: UInt8(truncatingIfNeeded: code))
                let error = MQTTError.subscriptionRefused(filter: filter, reason: reason)
                metrics.refusedSubscriptions.add()
                logger.error("subscription_refused", ["topic": filter, "reason": error.reason, "error": error])
                told.append(MQTTSubscriptionAnswer(subscription: pending.subscription, result: .failure(error)))
                continue
            }
            if granted < pending.subscription.qos {
                logger.warning(
                    "subscription_degraded",
                    ["topic": filter, "qos": granted.rawValue, "wanted_qos": pending.subscription.qos.rawValue],
                )
            } else {
                logger.debug("subscribed", ["topic": filter, "qos": granted.rawValue])
            }
            told.append(MQTTSubscriptionAnswer(subscription: pending.subscription, result: .success(granted)))
        }
        if !told.isEmpty { delegate.didSubscribe(told) }
    }

    // MARK: Received messages

    func receive(_ messages: [MQTTInboundMessage]) {
        metrics.received.add(messages.count)
        guard let gate = delegate.didReceive(messages) else { return }
        waitForDurability(gate)
    }

    /// The acknowledgements of what was just read are queued inside the library and leave with the next `loopWrite`:
    /// no such call happens before this returns.
    private func waitForDurability(_ gate: DurabilityGate) {
        gate.onSettled(wake: inbox.wakeup)
        let deadline = MonotonicTime.now.advanced(by: configuration.durabilityTimeout)
        while gate.verdict == .waiting {
            let now = MonotonicTime.now
            pulse.beat(now)
            guard now < deadline else {
                metrics.durabilityTimeouts.add()
                logger.warning("durability_timeout", ["broker": brokerName])
                return
            }
            var descriptor = pollfd(fd: inbox.wakeup.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&descriptor, 1, milliseconds(from: now, to: deadline))
            inbox.wakeup.clear()
        }
        if gate.verdict == .lost {
            handle.abandon()
            connectionEnded(.notDurable(broker: brokerName))
        }
    }
}
