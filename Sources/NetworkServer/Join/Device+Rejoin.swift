// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// LoRaWAN 1.1: a device that asks for a new session while it has one (section 6.2.4).
extension Device {
    /// The MICs that a rejoin-request of this device may have: a session that waits for its first uplink may be in use as well.
    func rejoinMICs(_ request: RejoinRequestFrame, octets: [UInt8]) -> [(mic: MIC, isPending: Bool)] {
        guard profile.version.is11, let (_, nwkKey) = profile.rootKeys else { return [] }
        if case .restore = request {
            let keys = JoinServerKeys(nwkKey: nwkKey, devEUI: devEUI)
            return [(MIC.rejoinRequest(key: keys.jsIntKey, octets: octets), false)]
        }
        return [(current, false), (pending, true)].compactMap { session, isPending in
            let key = session.read { $0.is11 ? $0.keys.sNwkSIntKey : nil } ?? nil
            return key.map { (MIC.rejoinRequest(key: $0, octets: octets), isPending) }
        }
    }

    /// Judges a rejoin-request whose MIC fits and answers it or tells why not.
    mutating func rejoin(
        _ request: RejoinRequestFrame,
        mic: MIC,
        isPending: Bool,
        in upstream: UpstreamFrame,
        _ desk: inout Desk,
        random: inout some RandomNumberGenerator,
    ) {
        if isPending { promotePending(&desk) }
        if let refusal = refusal(of: request, desk) {
            desk.effects.append(.reject(upstream.id, refusal))
            return
        }
        guard let joinNonce = joins.answer(request) else {
            desk.effects.append(.reject(upstream.id, .joinNoncesUsedUp(devEUI)))
            return
        }
        remember(mic, upstream, &desk)
        guard !upstream.isOutdated else {
            desk.effects.append(.notice(.activationTooLate(devEUI)))
            return
        }
        let accept = makeAccept(joinNonce: joinNonce, desk, random: &random)
        let joinEUI = profile.joinEUI ?? EUI64(rawValue: 0)
        let context = JoinAcceptContext(answering: request.requestType, joinEUI: joinEUI, devNonce: request.count)
        // The device listens by the parameters of the session it is in, but as late as for a join-accept.
        var parameters = session?.parameters ?? DeviceParameters(region: region, rx1Delay: 1)
        parameters.rx1Delay = ReceiveTiming.joinAcceptDelay
        activate(accept, context: context, listening: parameters, upstream, &desk)
    }

    private func refusal(of request: RejoinRequestFrame, _ desk: borrowing Desk) -> Refusal? {
        switch request {
        case .announce(let netID, _, _), .rekey(let netID, _, _):
            let ours = desk.configuration.netID
            if netID != ours { return .netIDMismatch(devEUI, ours: ours, received: netID) }
        case .restore(let received, _, _):
            if let joinEUI = profile.joinEUI, joinEUI != received {
                return .joinEUIMismatch(devEUI, registered: joinEUI, received: received)
            }
        }
        if let last = joins.lastCount(of: request), request.count <= last {
            return .rejoinCountReused(devEUI, count: request.count, last: last)
        }
        return nil
    }
}
